"""The politeness scorecard: what publishers are promised, each shown by an exchange with a local origin.

rules.py        the table of rules
run.py          results, one after another
world.py        the product's newsroom in virtual time, and publishers
feeds.py        what they publish
hello.py        what a client offers a server of TLS
validators.py, failures.py, redirects.py, asking.py, reach.py   the exchanges, grouped: what is asked, and how
pacing.py, hints.py, hosts.py                                   when, and how often

Everything is the product's own: store, claims, client, parser, spine. Only the clock is ours, and the publishers are.
"""

from aggregator.lab.score.rules import RULES, Rule
from aggregator.lab.score.run import Result, score
from aggregator.lab.score.world import Broken, World, expect

__all__ = ["RULES", "Broken", "Result", "Rule", "World", "expect", "score"]
