"""The tables of what happened to ourselves."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from aggregator.store.columns import Moment, Seq, Words
from aggregator.store.schema import metadata

# What whoever looks after this place should hear of: model.Incident. Bounded; `name` is of a source, a topic, or empty.
incident = Table(
    "incident",
    metadata,
    Column("seq", Seq, primary_key=True),
    Column("about", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("problem", Words, nullable=False),
    Index(None, "about", "name"),
    sqlite_autoincrement=True,
)
