"""The record: what was delivered, in files, so that restoring an older backup repeats nothing (publication.md).

In:    the folder of our state, the store's name, the rows that are about to be delivered.
Out:   FOLDER/delivered-STORE-MONTH-HOST-N.jsonl, on the disk when `keep` returns; the lines of such files, in order.
Never: changes a line that was written, or gives two writers one file at a time.

A line is written before its delivery is committed. One that was never delivered is harmless: its entry comes back under
the same id with the same entered_at. One that was delivered and not written would be shown twice after a restore.
"""

from __future__ import annotations

import fcntl
import heapq
import json
import os
import platform
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from aggregator.model import Delivery, Recorded, Withdrawal

FORMAT = 1  # of a line; another one is read by another program
MONTHS = 13  # kept; a backup that is older than a year meets sources that list nothing of its time any more
MOST_WORDS = 500  # characters of a reason that are kept
LONGEST = 1 << 20  # bytes of a line that is ours: about 50,000 items in one publication of one entry
_STATES = ("live", "absorbed", "withdrawn", "aged")
_NAME = re.compile(r"delivered-(?P<store>\w+)-(?P<month>\d{4}-\d\d)-(?P<host>[\w.]+)-(?P<number>\d+)\.jsonl")
_TOPIC = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_KEY = re.compile(r"[0-9a-f]{16}")
_ENTRY = re.compile(r"tag:[^\s,]{1,253},\d{4}-\d\d-\d\d:[0-9a-f]{16}")


@dataclass(slots=True)
class Tally:
    """How far the reading of records has come."""

    bytes_read: int = 0
    lines: int = 0  # that are ours
    unread: int = 0  # lines that are not: torn when a process died, or of something else


def recorded(
    rows: Sequence[Delivery], entered: Mapping[str, str], ledger: Sequence[Delivery], now: datetime
) -> list[Recorded]:
    """Return what the record is told of a publication: its rows, and the entries that items enter without a row.

    entered  item key -> the entry it goes into
    ledger   rows that were there before
    """
    joining: dict[str, list[str]] = {}
    for key, entry_id in entered.items():
        joining.setdefault(entry_id, []).append(key)
    told = {row.entry_id for row in rows}
    silent = [row for row in ledger if row.entry_id in joining and row.entry_id not in told]
    return [_of_row(row, tuple(joining.get(row.entry_id, ())), now) for row in (*rows, *silent)]


def _of_row(row: Delivery, items: tuple[str, ...], now: datetime) -> Recorded:
    return Recorded(
        topic=row.topic,
        entry_id=row.entry_id,
        anchor=row.anchor,
        entered_at=row.entered_at,
        updated=row.updated,
        state=row.state,
        told=row.told,
        at=now,
        rev=row.rev,
        into=row.into,
        items=items,
    )


def keep(folder: Path, store: str, lines: Sequence[Recorded | Withdrawal]) -> None:
    """Bring these lines to the disk. Raises OSError: then what they tell of must not be delivered."""
    if not lines:
        return
    folder.mkdir(parents=True, exist_ok=True)
    with _own(folder, f"delivered-{store}-{lines[0].at:%Y-%m}-{_host()}") as file:
        size = os.fstat(file).st_size
        if size == 0:
            _begun(folder, store)
        torn = size and os.pread(file, 1, size - 1) != b"\n"
        _write(file, b"\n" * bool(torn) + b"".join(map(_line, lines)))
        os.fsync(file)


@contextmanager
def _own(folder: Path, name: str) -> Iterator[int]:
    """Open the first file of this name that no other process is writing; nobody waits for one that was stopped."""
    for number in count(1):
        file = os.open(folder / f"{name}-{number}.jsonl", os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield file
            return
        finally:
            os.close(file)


def _host() -> str:
    """Daemons on several machines may share a folder whose locks do not reach from one to the other."""
    return re.sub(r"[^\w.]", "_", platform.node(), flags=re.ASCII) or "host"


def _write(file: int, content: bytes) -> None:
    """A full disk takes a part of it and then refuses; the next line begins behind that, on a line of its own."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(file, rest) :]


def _begun(folder: Path, store: str) -> None:
    """A file was added: that survives a power cut, too; and the oldest month goes.

    Months are counted by the files that are there: a clock that jumps ahead by a year costs one of them, and not all.
    """
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    months: dict[str, list[Path]] = {}
    for path in files(folder, store):
        months.setdefault(_NAME.fullmatch(path.name)["month"], []).append(path)  # type: ignore[index]
    for month in sorted(months)[:-MONTHS]:
        for path in months[month]:
            path.unlink(missing_ok=True)


def files(folder: Path, store: str | None) -> list[Path]:
    """Return the files of a store's record. store: None for those of any store."""
    names = ((path, _NAME.fullmatch(path.name)) for path in folder.glob("delivered-*.jsonl"))
    return sorted(path for path, named in names if named and store in (None, named["store"]))


def _line(one: Recorded | Withdrawal) -> bytes:
    facts = {"v": FORMAT, "at": one.at.astimezone(UTC).isoformat(), **_facts(one)}
    return json.dumps(facts, separators=(",", ":")).encode() + b"\n"


def _facts(one: Recorded | Withdrawal) -> dict[str, Any]:
    if isinstance(one, Withdrawal):
        return {"withdrawn": one.item, "why": one.why[:MOST_WORDS]}
    return {
        "topic": one.topic,
        "entry": one.entry_id,
        "rev": one.rev,
        "anchor": one.anchor,
        "entered": one.entered_at.astimezone(UTC).isoformat(),
        "updated": one.updated.astimezone(UTC).isoformat(),
        "state": one.state,
        **({"told": one.told} if one.told > 1 else {}),
        **({"into": one.into} if one.into else {}),
        **({"items": one.items} if one.items else {}),
    }


def read(paths: Iterable[Path], tally: Tally) -> Iterator[Recorded | Withdrawal]:
    """Yield the lines of these files, the oldest first, while `tally` counts. Raises OSError."""
    return heapq.merge(*(_ordered(path, tally) for path in paths), key=lambda one: one.at)


def _ordered(path: Path, tally: Tally) -> Iterator[Recorded | Withdrawal]:
    """Yield a file's lines; where the clock went back between two of them, the later one still comes later."""
    latest: datetime | None = None
    for raw in _raw(path, tally):
        try:
            one = _parsed(raw)
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            tally.unread += 1
            continue
        tally.lines += 1
        latest = max(latest, one.at) if latest else one.at
        yield replace(one, at=latest)


def _raw(path: Path, tally: Tally) -> Iterator[bytes]:
    """Yield what stands between line ends; of a line without an end no more than LONGEST is held at a time."""
    with path.open("rb") as file:
        while raw := file.readline(LONGEST):
            tally.bytes_read += len(raw)
            if not raw.isspace():
                yield raw


def _parsed(raw: bytes) -> Recorded | Withdrawal:
    """Return what a line says. Raises for a line that we did not write."""
    facts = json.loads(raw)
    if facts["v"] != FORMAT:
        raise ValueError(f"format {facts['v']}")
    if "withdrawn" in facts:
        return Withdrawal(item=_spelled(_KEY, facts["withdrawn"]), why=str(facts["why"]), at=_moment(facts["at"]))
    if not (isinstance(facts["rev"], int) and 0 < facts["rev"] < 1 << 31):
        raise ValueError("rev")
    if not (isinstance(told := facts.get("told", 1), int) and 0 < told < 1 << 31):
        raise ValueError("told")
    if facts["state"] not in _STATES:
        raise ValueError("state")
    return Recorded(
        topic=_spelled(_TOPIC, facts["topic"]),
        entry_id=_spelled(_ENTRY, facts["entry"]),
        anchor=_spelled(_KEY, facts["anchor"]),
        entered_at=_moment(facts["entered"]),
        updated=_moment(facts["updated"]),
        state=facts["state"],
        told=told,
        at=_moment(facts["at"]),
        rev=facts["rev"],
        into=_spelled(_ENTRY, facts["into"]) if "into" in facts else None,
        items=tuple(_spelled(_KEY, key) for key in facts.get("items", ())),
    )


def _spelled(form: re.Pattern[str], value: Any) -> str:
    if not form.fullmatch(value):
        raise ValueError(value)
    return str(value)


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment.astimezone(UTC)
