"""db check|stats|upgrade: is the store whole, how large is it, of which version. They tell, and only upgrade writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from aggregator.cli import show
from aggregator.cli.db import db
from aggregator.cli.ground import FAILED, AsJson, database_file, fail, read_config, reading
from aggregator.errors import StoreError, StoreHeld

if TYPE_CHECKING:
    from aggregator.config import Config
    from aggregator.store import Store
    from aggregator.store.extent import Extent


@db.command()
def check(as_json: AsJson = False) -> None:
    """Look whether the store is whole: its pages and indexes, and what must hold of its rows. Exit 1: it is not.

    It only reads, all of it, and may take minutes; a daemon beside it goes on.

    Example: aggregator db check
    """
    from aggregator.store.checking import CHECKS
    from aggregator.store.checking import check as look

    config = read_config()
    with show.progress("checking", len(CHECKS), quiet=as_json) as step:
        found = _read(config, lambda store: store.read_now(look, lambda _name: step()))
    if as_json:
        show.json_out({"whole": not found, "checked": list(CHECKS), "problems": found})
    for problem in () if as_json else found:
        show.line(problem, "red")
    if not found:
        if not as_json:
            show.line(f"The store is whole ({', '.join(CHECKS)}).")
        return
    raise fail(f"{show.count(len(found), 'problem')}. {_way_back(config)}", FAILED)


def _read(config: Config, look: Callable[[Store], list[str]]) -> list[str]:
    """Return what is found; a store that cannot even be read is what there is to tell."""
    try:
        with reading(config) as store:
            return look(store)
    except StoreError as error:
        damaged = ("malformed", "not a database", "disk I/O", "invalid page")
        if not any(word in str(error) for word in damaged):
            raise
        return [str(error)]


def _way_back(config: Config) -> str:
    if database_file(config) is None:
        return "PostgreSQL: restore a dump with pg_restore, then: aggregator db restore"
    return "To get a backup back: aggregator db restore FILE"


@db.command()
def stats(as_json: AsJson = False) -> None:
    """Show how large the store is, table by table, how fast it grows, and what retention would take now.

    Example: aggregator db stats
    """
    from aggregator import clock
    from aggregator.store import retention
    from aggregator.store.extent import extent

    config = read_config()
    now, kept = clock.now(), config.retention
    with reading(config) as store:
        found = store.read_now(extent, now, now - max(kept.items, retention.LEAST))
        oversize = store.read_now(retention.oversize)
    if as_json:
        show.json_out({**asdict(found), "retention": asdict(kept), "problem": oversize})
        return
    about = "about " if database_file(config) else ""
    show.table(
        ["table", "rows", "size"],
        [[part.table, f"{part.rows:,}", f"{about}{_size(part.bytes)}"] for part in found.parts if part.rows],
    )
    for line in _told(found, kept.items.days):
        show.line(line)
    if oversize:
        show.line(f"{oversize[0].upper()}{oversize[1:]}.", "yellow")


def _told(found: Extent, days: int) -> list[str]:
    free = f", {_size(found.free)} of it free: filled before it grows" if found.free else ""
    span = f", seen first from {found.oldest:%Y-%m-%d} to {found.newest:%Y-%m-%d}" if found.oldest else ""
    growth = _size(found.bytes_per_day)
    rows = sum(part.rows for part in found.parts if part.table == "item")
    return [
        f"{_size(found.size)}{free}. {show.count(rows, 'item')}{span}.",
        f"A day brings {found.items_per_day:.0f} items, {found.entries_per_day:.0f} entries: {growth} or so.",
        f"Retention ({days}d) would take {show.count(found.prunable, 'item')} now: aggregator db prune",
    ]


def _size(number: int) -> str:
    return f"{number / 1e6:.1f} MB"


@db.command()
def upgrade(as_json: AsJson = False) -> None:
    """Bring the store to the schema of this program, as the daemon does when it starts.

    All of it in one transaction: whatever happens meanwhile, the store has its former schema or the new one. There is
    no way back to an older program but a backup from before.

    Example: aggregator db upgrade
    """
    from aggregator.store import Store
    from aggregator.store.schema import HEAD, REVISIONS

    config = read_config()
    gone: list[str] = []
    with show.progress("upgrading", quiet=as_json) as step:

        def told(revision: str) -> None:
            gone.append(revision)
            step()

        try:
            Store.open(config.database, exclusive=True, told=told).close()
        except StoreHeld:
            with reading(config):
                pass  # whoever holds it has brought it there
    before = HEAD if not gone else REVISIONS[REVISIONS.index(gone[0]) - 1] if gone[0] != REVISIONS[0] else None
    if as_json:
        show.json_out({"before": before, "now": HEAD, "steps": gone})
    elif gone:
        was = f"had schema {before}" if before else "was empty"
        show.line(f"The store {was} and has {HEAD} now ({show.count(len(gone), 'step')}).")
    else:
        show.line(f"The store has schema {HEAD}, as this program wants it.")
