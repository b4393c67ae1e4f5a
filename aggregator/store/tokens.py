"""The addresses of private topics: whose token is whose.

In:    the sha256 of a token.
Out:   the topic that it opens; what was given out.
Never: holds a token: whoever reads the store opens nothing with it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Connection, delete, select
from sqlalchemy import insert as plain_insert

from aggregator.store.schema import topic_token

MARK = 8  # hex digits of its hash by which a token is told from others


class Given(NamedTuple):
    """A token that opens a topic."""

    topic: str
    sha256: bytes
    at: datetime

    @property
    def mark(self) -> str:
        """What it is called where people read."""
        return self.sha256.hex()[:MARK]


def hash_of(token: str) -> bytes:
    """Return what is kept of a token. It is 256 bits of chance, so no salt and no slow hash makes it safer."""
    return sha256(token.encode()).digest()


def add(conn: Connection, topic: str, hashes: Collection[bytes], now: datetime) -> None:
    """Let these tokens open a topic."""
    conn.execute(plain_insert(topic_token), [{"sha256": one, "topic": topic, "at": now} for one in hashes])


def topic_of(conn: Connection, hashed: bytes) -> str | None:
    """Return the topic that a token opens, None if it opens none."""
    return conn.scalar(select(topic_token.c.topic).where(topic_token.c.sha256 == hashed))


def given(conn: Connection, topic: str | None = None) -> list[Given]:
    """Return the tokens of a topic, or all, the oldest first."""
    c = topic_token.c
    every = select(c.topic, c.sha256, c.at).order_by(c.topic, c.at, c.sha256)
    found = conn.execute(every if topic is None else every.where(c.topic == topic))
    return [Given(row.topic, row.sha256, row.at) for row in found]


def revoke(conn: Connection, topic: str, hashes: Collection[bytes]) -> int:
    """Let these tokens open the topic no more; return how many did."""
    c = topic_token.c
    return conn.execute(delete(topic_token).where(c.topic == topic, c.sha256.in_(hashes))).rowcount
