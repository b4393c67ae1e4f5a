"""restore: a backup in the place of the store, told by the record what readers were shown since.

In:    a backup, the store's file, the folder of our state; on PostgreSQL a store that pg_restore has filled.
Out:   the store, and what was done, counted; the former one beside it.
Never: touches the present store before the other one is whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from aggregator.pipeline import record
from aggregator.store import Store, meta, restored
from aggregator.store.backup import Progress, counted, discard, held, prepare, put_in_place


def put_back(
    backup: Path,
    database: Path,
    state: Path,
    now: datetime,
    *,
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
                said = recall(store, state, now, chosen=chosen)
            finally:
                store.close()
            found = counted(part)
            former = database.with_name(f"{database.name}.before-{now:%Y%m%d-%H%M%S}")
            kept = put_in_place(part, database, former)
        finally:
            discard(part)
    return {"database": str(database), "former": str(former) if kept else None, **found, **said}


def recall(store: Store, state: Path, now: datetime, *, chosen: Sequence[Path] = ()) -> dict[str, Any]:
    """Tell the store what the record knows; a store from before records had names takes all that are there.

    Raises OSError where the record cannot be read.
    """
    paths = list(chosen) or record.files(state, store.read_now(meta.get, "store"))
    tally = record.Tally()
    applied = store.write_now(restored.apply, record.read(paths, tally), now)
    lines = {"files": [str(path) for path in paths], "lines": tally.lines, "unread": tally.unread}
    return {"record": lines, "applied": asdict(applied)}
