"""The tables of what we tell: who hears from our own hub, and what is to be sent. More of schema.py.

In:    nothing.
Out:   the tables.
Never: is left out: artefacts.py, without which nothing is published, writes into them.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from aggregator.store.columns import Moment, Span, Words
from aggregator.store.schema import metadata


def _must(name: str, kind: Any) -> Column[Any]:
    return Column(name, kind, nullable=False)


# Who hears from our own hub of which feed: model.Subscriber, with the wish that is still to be confirmed.
subscriber = Table(
    "subscriber",
    metadata,
    Column("id", Text, primary_key=True),  # the hash of callback and address: an index over them would be too long
    _must("callback", Words),
    _must("host", Words),
    _must("address", Words),
    _must("topic", Text),
    _must("format", Text),
    Column("secret", Words),
    Column("until", Moment),
    Column("wish", Text),  # its mode; empty: there is none
    Column("wish_secret", Words),
    Column("wish_lease_us", Span),
    _must("wished_at", Moment),
    Index(None, "topic", "format"),
    Index(None, "host"),
)

# What is to be sent: model.Letter. Who claims one moves its `due_at` and counts its fence up.
outbox = Table(
    "outbox",
    metadata,
    Column("id", Text, primary_key=True),  # the hash of kind, receiver, topic and format
    _must("kind", Text),
    _must("receiver", Words),
    _must("host", Words),
    _must("topic", Text),
    _must("format", Text),
    _must("at", Moment),
    Column("due_at", Moment),  # empty: given up, until there is another reason to write it
    _must("news", BigInteger),
    _must("failures", Integer),
    _must("problem", Words),
    _must("fence", BigInteger),
    Index(None, "due_at"),
    Index(None, "receiver", postgresql_using="hash"),
)
