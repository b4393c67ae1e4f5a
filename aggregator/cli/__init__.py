"""The command line: small modules, one per group of verbs.

db.py       db: backup, restore
keep.py     db: check, stats, upgrade
prune.py    db: prune, copy
demo.py     demo
run.py      verbs that work: run, poll, check
status.py   status: the sources
inspect.py  verbs that look at items: why, preview
section.py  section: what a person says of an item's sections, and how right the learned ones are
story.py    story: which items tell of one event, and a person's word about it
opml.py     opml import|export: lists of feeds, from other readers and for them
add.py      add: an address that becomes a source
topic.py    topic token: the addresses of private topics
tryout.py   try: an address before it becomes a source
manage.py   verbs that take care: export, release
withdraw.py withdraw: what is shown no more, for ever
searching.py  search, mute: with a query
plan.py     plan: what a changed configuration would do
score.py    score: what publishers are promised, and whether it is kept
show.py     tables, sentences and JSON on stdout; talk on stderr
writing.py  files of the configuration that verbs write
asking.py   verbs that write, done here or by the daemon that holds the store
ground.py   what every verb stands on: the configuration, the store, errors as sentences

Each verb imports what it needs when it runs, so that `--help` answers at once.
"""

from aggregator.cli import (
    add,
    db,
    demo,
    inspect,
    keep,
    manage,
    opml,
    plan,
    prune,
    run,
    score,
    searching,
    section,
    status,
    story,
    topic,
    tryout,
    withdraw,
)
from aggregator.cli.ground import app, main

__all__ = [
    "add",
    "app",
    "db",
    "demo",
    "inspect",
    "keep",
    "main",
    "manage",
    "opml",
    "plan",
    "prune",
    "run",
    "score",
    "searching",
    "section",
    "status",
    "story",
    "topic",
    "tryout",
    "withdraw",
]
