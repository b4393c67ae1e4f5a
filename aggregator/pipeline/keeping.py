"""prune(room), trim(room): what is older than is kept goes, in small steps; the store stays as small as it may be.

In:    the retention that is configured, or another age that a person asks for.
Out:   what went, counted; a word in the log and in `status` where the store stays too large.
Never: holds the writer for long: a step is a transaction of some hundredths of a second, and between two of them the
       others have as long.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator import metrics
from aggregator.log import tell
from aggregator.pipeline.newsroom import Newsroom
from aggregator.store import retention

ITEMS = 20  # in one step: 16 ms of statements, as much again until it is on the disk (docs/decisions/0019)
WAL_MOST = 64_000_000  # bytes; some thousand polls between two checkpoints take a tenth of it
LINES = 500  # of former versions, or of the log of polls: rows of one table


@dataclass(slots=True)
class Pruned:
    """What went."""

    items: int = 0
    revisions: int = 0
    lines: int = 0  # of the log of polls
    excess: int = 0  # bytes that are still too many


async def trim(room: Newsroom, most: int = WAL_MOST) -> None:
    """Keep SQLite's WAL small, or say that a reader keeps it large: the disk fills, and the writer goes on."""
    if left := await room.store.trim(most):
        problem = f"the WAL has {left / 1e6:.0f} MB: some process reads in one transaction for long (a backup, a shell)"
        tell("warning", "store.warning", problem=problem)


def older_than(room: Newsroom, older: timedelta | None = None) -> datetime:
    """Return the moment before which items that may go have left. older: at this age, and not as configured."""
    return room.clock() - max(older or room.config.retention.items, retention.LEAST)


def _never() -> bool:
    return False


async def prune(
    room: Newsroom, gone: Pruned, *, older: timedelta | None = None, stopped: Callable[[], bool] = _never
) -> None:
    """Remove what may go, and count it in `gone`. stopped: whether to leave the rest to another time."""
    began, most = time.monotonic(), room.config.retention.max_size
    until = older_than(room, older)
    while not stopped() and (some := await _step(room, until)):
        gone.items += some
    await _drop_revisions(room, gone, stopped)
    while not stopped() and (lines := await room.store.write(retention.drop_log, until, LINES)):
        gone.lines += lines
    if most:
        await _fit(room, most, gone, stopped)
    elif await room.store.read(retention.oversize):
        await room.store.write(retention.say_oversize, "")
    metrics.pruned(gone.items)
    if gone.items or gone.revisions or gone.lines:
        took_ms = round((time.monotonic() - began) * 1000)
        tell("info", "store.pruned", items=gone.items, revisions=gone.revisions, lines=gone.lines, took_ms=took_ms)


async def _step(room: Newsroom, until: datetime) -> int:
    """Remove the next items, and leave the writer to others for as long as that took."""
    began = time.monotonic()
    some = await room.store.write(retention.prune, until, ITEMS)
    await asyncio.sleep(time.monotonic() - began)
    return some


async def _drop_revisions(room: Newsroom, gone: Pruned, stopped: Callable[[], bool]) -> None:
    until = room.clock() - room.config.retention.revisions
    after: int | None = 0
    while after is not None and not stopped():
        some, after = await room.store.write(retention.drop_revisions, until, after, LINES)
        gone.revisions += some


async def _fit(room: Newsroom, most: int, gone: Pruned, stopped: Callable[[], bool]) -> None:
    """Remove the oldest items until the store is as small as it may be, or say that it cannot be."""
    excess = await room.store.read(retention.excess, most)
    if excess > 0:
        excess = await _shrink(room, excess, most, gone, stopped)
    if excess > 0 and stopped():
        return  # it goes on next time
    gone.excess = max(0, excess)
    why = _too_large(most, gone.excess) if gone.excess else ""
    if why and not await room.store.read(retention.oversize):
        tell("warning", "store.oversize", excess_bytes=gone.excess, max_bytes=most)
    await room.store.write(retention.say_oversize, why)


async def _shrink(room: Newsroom, excess: int, most: int, gone: Pruned, stopped: Callable[[], bool]) -> int:
    """Remove the oldest items, and return how many bytes are still too many.

    PostgreSQL gives nothing back, so there it is counted by what an item takes.
    """
    until = room.clock() - retention.LEAST
    share = await room.store.read(retention.per_item)
    while excess > 0 and not stopped() and (some := await _step(room, until)):
        gone.items += some
        counted = excess - round(some * share)
        excess = counted if room.store.dialect == "postgresql" else await room.store.read(retention.excess, most)
    if excess <= 0:
        await room.store.write(retention.shrunk)
    return excess


def _too_large(most: int, excess: int) -> str:
    days = retention.LEAST.days
    return (
        f"the store takes {excess / 1e6:.0f} MB more than `retention.max_size` ({most / 1e6:.0f} MB); what is in it "
        f"is in use, or left its source's document in the last {days} days; raise max_size, or follow fewer sources"
    )
