"""The command line: small modules, one per group of verbs.

run.py      verbs that work: run, poll, check
inspect.py  verbs that look: status, why, preview
show.py     tables, sentences and JSON on stdout; talk on stderr
ground.py   what every verb stands on: the configuration, the store, errors as sentences

Each verb imports what it needs when it runs, so that `--help` answers at once.
"""

from aggregator.cli import inspect, run
from aggregator.cli.ground import app, main

__all__ = ["app", "inspect", "main", "run"]
