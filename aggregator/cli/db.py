"""db backup|restore: a copy of the store while the daemon works, and the way back that shows nobody anything twice."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from aggregator.cli import show
from aggregator.cli.ground import FAILED, HELD, AsJson, app, database_file, fail, holding, read_config
from aggregator.errors import StoreHeld

if TYPE_CHECKING:
    from aggregator.config import Config

db = typer.Typer(
    name="db",
    help="The store: backups and the way back, what is kept, whether it is whole, and how it moves.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(db)


@db.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What to write; one file is the whole store.")],
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it exists.")] = False,
    as_json: AsJson = False,
) -> None:
    """Copy the store into a file, beside a running daemon or without one, and check the copy.

    FILE is there when it is whole, and not before. The record in `state_dir` is better kept beside it: see `restore`.

    Example: aggregator db backup /backup/news-2026-03-01.db
    """
    from aggregator.store.backup import BESIDE, back_up

    config = read_config()
    database = database_file(config)
    if database is None:
        raise fail(f"PostgreSQL makes its own backups: {_by_postgresql('pg_dump', config, '--file', str(file))}")
    if not database.exists():
        raise fail(f"there is no store at {database} yet; start the daemon first: aggregator run", FAILED)
    if file.resolve() in {database.resolve().with_name(database.name + beside) for beside in BESIDE}:
        raise fail(f"{file} is the store itself; name another file")
    if file.exists() and not force:
        raise fail(f"{file} exists; name another file, or say --force to replace it")
    with bar("copying", quiet=as_json) as moved:
        found = back_up(database, file, moved)
    size = file.stat().st_size
    if as_json:
        show.json_out({"file": str(file.resolve()), "bytes": size, **found})
    else:
        show.line(f"{file}: {size / 1e6:.1f} MB, checked. It holds {_counts(found)}.")


@db.command()
def restore(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="What `db backup` wrote. Without it only the record is applied."),
    ] = None,
    record: Annotated[
        list[Path] | None,
        typer.Option(exists=True, dir_okay=False, help="A file of the record. By default all of it in `state_dir`."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Put a backup in the place of the store; stop the daemon first. The former store stays beside it.

    What was delivered since the backup stands in the record: it comes back under the same ids and dates, and what had
    left stays out. On PostgreSQL: restore with pg_restore first, then give the records of all daemons here.

    Example: aggregator db restore /backup/news-2026-03-01.db
    """
    from aggregator import clock, log
    from aggregator.config import former_names
    from aggregator.pipeline.restoring import put_back, recall

    log.set_up(level="error")  # the verb itself tells what happens
    config = read_config()
    database, was = database_file(config), former_names(config)
    try:
        if file is None:
            with holding(config) as store:
                said = recall(store, config.state_dir, clock.now(), was=was, chosen=record or ())
        elif database is None:
            line = _by_postgresql("pg_restore", config, "--clean", "--if-exists", "--dbname", after=str(file))
            raise fail(f"PostgreSQL reads its own backups: {line}\nThen: aggregator db restore")
        else:
            with bar("copying", quiet=as_json) as moved:
                said = put_back(
                    file, database, config.state_dir, clock.now(), was=was, chosen=record or (), progress=moved
                )
    except StoreHeld as error:
        raise fail(
            f"a daemon{f' (process {error.pid})' if error.pid else ''} holds {database}; stop it, then restore", HELD
        ) from None
    except OSError as error:
        raise fail(f"the record cannot be read: {error.filename}: {error.strerror}", FAILED) from None
    if as_json:
        show.json_out(said)
    else:
        _tell(said)


def _tell(said: dict[str, Any]) -> None:
    record, applied = said["record"], said["applied"]
    if "database" in said:
        show.line(f"{said['database']} is the backup now, with {_counts(said)}.")
        if said["former"]:
            show.line(f"The former store is {said['former']}; remove it when all is well.")
    if not record["files"]:
        show.talk.print("There is no record: what was delivered since the backup may appear once more.", style="yellow")
        return
    show.line(
        f"Of {show.count(record['lines'], 'line')} in {show.count(len(record['files']), 'file')} of the record: "
        f"{show.count(applied['entries'], 'entry', 'entries')} delivered since the backup, to come back as they were "
        f"({show.count(applied['items'], 'item')} remembered); {applied['gone']} that had left, out again; "
        f"{applied['anew']} told anew; {show.count(applied['withdrawn'], 'item')} withdrawn again."
    )
    for number, what in ((record["unread"], "torn or not ours"), (applied["foreign"], "of another store's entries")):
        if number:
            show.talk.print(f"{show.count(number, 'line')} passed over: {what}.", style="yellow", markup=False)


def _counts(found: dict[str, Any]) -> str:
    return (
        f"{show.count(found['sources'], 'source')}, {show.count(found['items'], 'item')}, "
        f"{show.count(found['entries'], 'entry', 'entries')} in {show.count(found['topics'], 'topic')}"
    )


def _by_postgresql(program: str, config: Config, *options: str, after: str = "") -> str:
    """Return the command line that does it there; a password is for ~/.pgpass, not for a list of processes."""
    url = urlsplit(config.database)
    login, _, host = url.netloc.rpartition("@")
    user = login.partition(":")[0]
    shown = url._replace(scheme="postgresql", netloc=f"{user}@{host}" if user else host).geturl()
    return shlex.join([program, "--format=custom", *options, shown, *([after] if after else [])])


@contextmanager
def bar(what: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Show how far a copy is, on a terminal; give what is told of it (pages left, pages in all)."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=show.talk, transient=True, disable=quiet or not show.talk.is_terminal) as bar:
        task = bar.add_task(what, total=None)

        def moved(left: int, pages: int) -> None:
            bar.update(task, total=pages, completed=pages - left, description=what if left else "checking")

        yield moved
