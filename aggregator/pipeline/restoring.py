"""restore: a backup in the place of the store, told by the record what readers were shown since.

In:    a backup, the store's file, the folder of our state; on PostgreSQL a store that pg_restore has filled.
Out:   the store, and what was done, counted; the former one beside it.
Never: touches the present store before the other one is whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from itertools import chain, count
from pathlib import Path
from typing import Any

from aggregator.model import Recorded, Withdrawal
from aggregator.pipeline import record
from aggregator.store import Store, meta, renaming, restored
from aggregator.store.backup import Progress, counted, discard, held, prepare, put_in_place


def put_back(
    backup: Path,
    database: Path,
    state: Path,
    now: datetime,
    *,
    was: Mapping[str, Sequence[str]],
    chosen: Sequence[Path] = (),
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Do everything to a copy, and only then put it in place: whatever fails, the present store is as it was.

    Raises StoreHeld, BackupError; OSError where the record cannot be read.
    """
    with held(database):
        part = prepare(backup, database, progress)
        try:
            store = Store.open(f"sqlite:///{part}")
            try:
                said = recall(store, state, now, was=was, chosen=chosen)
            finally:
                store.close()
            found = counted(part)
            former = _free(database.with_name(f"{database.name}.before-{now:%Y%m%d-%H%M%S}"))
            kept = put_in_place(part, database, former)
        finally:
            discard(part)
    return {"database": str(database), "former": str(former) if kept else None, **found, **said}


def recall(
    store: Store, state: Path, now: datetime, *, was: Mapping[str, Sequence[str]], chosen: Sequence[Path] = ()
) -> dict[str, Any]:
    """Tell the store what the record knows; a store from before records had names takes all that are there.

    was  the ids that topics had before: the backup, or a line of the record, may know them by those
    Raises OSError where the record cannot be read.
    """
    store.write_now(renaming.rename, was)
    named = {former: topic for topic, formers in was.items() for former in formers}
    paths = list(chosen) or record.files(state, store.read_now(meta.get, "store"))
    tally = record.Tally()
    applied = store.write_now(restored.apply, _named(record.read(paths, tally), named), now)
    lines = {"files": [str(path) for path in paths], "lines": tally.lines, "unread": tally.unread}
    return {"record": lines, "applied": asdict(applied)}


def _free(path: Path) -> Path:
    """Return a name that nothing has yet: two restores may come within one second."""
    numbered = (path.with_name(f"{path.name}-{number}") for number in count(2))
    return next(name for name in chain([path], numbered) if not name.exists())


def _named(lines: Iterable[Recorded | Withdrawal], named: Mapping[str, str]) -> Iterator[Recorded | Withdrawal]:
    """Yield the lines with the names that their topics have now."""
    for line in lines:
        if isinstance(line, Recorded) and line.topic in named:
            yield replace(line, topic=named[line.topic])
        else:
            yield line
