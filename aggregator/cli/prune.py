"""db prune|copy: what is older than is kept goes; the store moves to another database."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import typer

from aggregator.cli import show
from aggregator.cli.asking import here_or_there, or_fail
from aggregator.cli.db import bar, db
from aggregator.cli.ground import AsJson, database_file, fail, holding, read_config, reading


@db.command()
def prune(
    older: Annotated[
        str | None, typer.Option(metavar="90d", help="Items of this age, and not as `retention.items` says.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how many items would go.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove what is older than is kept, as the daemon does by itself every ten minutes.

    An item's age counts from when it left its source's document. None goes that stands in a topic's document or that a
    person spoke of, and none before 30 days. Entries stay in the archives of topics, and what goes never comes back as
    news.

    Example: aggregator db prune --older 90d --dry-run
    """
    from aggregator import clock
    from aggregator.store import retention

    config = read_config()
    age = _age(older) or config.retention.items
    if dry_run:
        with reading(config) as store:
            items = store.read_now(retention.countable, clock.now() - age)
        if as_json:
            show.json_out({"items": items, "older_s": age.total_seconds()})
        else:
            show.line(f"{show.count(items, 'item')} would go; nothing was removed.")
        return
    said: list[dict[str, Any]] = []
    with bar("pruning", quiet=as_json) as moved:
        whole = 0

        def take(message: dict[str, Any]) -> None:
            nonlocal whole
            said.append(message)
            whole = message["items"] if message.get("event") == "started" else whole
            if message.get("event") == "pruning":
                moved(max(0, whole - message["items"]), max(whole, 1))

        here_or_there(config, {"verb": "prune", "older_s": age.total_seconds() if older else None}, take)
    or_fail(said)
    gone = next(message for message in said if message.get("event") == "pruned")
    if as_json:
        show.json_out({name: value for name, value in gone.items() if name != "event"})
        return
    show.line(
        f"{show.count(gone['items'], 'item')} gone, {show.count(gone['revisions'], 'former version')}, "
        f"{show.count(gone['lines'], 'line')} of the log of polls."
    )
    if gone["problem"]:
        show.line(f"{gone['problem'][0].upper()}{gone['problem'][1:]}.", "yellow")


def _age(older: str | None) -> timedelta | None:
    from aggregator.config.values import WrongError, duration
    from aggregator.store.retention import LEAST

    if older is None:
        return None
    try:
        age = duration(older)
    except WrongError as error:
        raise fail(f"--older: {error.problem.replace('{here}', older)} {error.hint}") from None
    if age < LEAST:
        raise fail(f"--older: at least {LEAST.days}d: so long an article told again is known as a copy")
    return age


@db.command(name="copy")
def copy_to(
    to: Annotated[
        str,
        typer.Option(metavar="URL", envvar="AGGREGATOR_COPY_TO", help="sqlite:///FILE or postgresql://..., empty."),
    ],
    as_json: AsJson = False,
) -> None:
    """Copy the whole store into another, empty database, of either engine; stop the daemons first.

    Ids, numbers, documents and addresses stay what they are, so whoever starts on the copy goes on where this store
    stopped, and readers see nothing twice. Afterwards write the URL into `database:`, and leave the record where it is
    (`state_dir`). A password is better in ~/.pgpass or in $AGGREGATOR_COPY_TO than in a list of processes.

    Example: aggregator db copy --to postgresql://news@db.example/news
    """
    from aggregator import log
    from aggregator.store import Store
    from aggregator.store.copying import copy

    log.set_up(level="error")  # the verb itself tells what happens
    config = read_config()
    with holding(config) as source:
        target = Store.open(to, exclusive=True)
        try:
            with bar("copying", quiet=as_json) as moved:
                rows = copy(source, target, moved)
        finally:
            target.close()
    if as_json:
        show.json_out({"rows": rows, "from": "sqlite" if database_file(config) else "postgresql"})
        return
    show.line(
        f"{show.count(sum(rows.values()), 'row')} copied, {rows['item']} items among them; counts and checksums agree."
    )
    show.line("Write the new address into `database:` of aggregator.yaml, with `state_dir` as it is, and start.")
