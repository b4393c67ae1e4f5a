"""withdraw: what is to be shown no more, by a person's word."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli import show
from aggregator.cli.asking import here_or_there, or_fail
from aggregator.cli.ground import FAILED, AsJson, app, fail, read_config, reading
from aggregator.cli.inspect import find

if TYPE_CHECKING:
    from aggregator.model import StoredItem
    from aggregator.store import Store

SHOWN = 20  # titles that are listed before one is asked
NO_WAY_BACK = "There is no way back: they never enter a topic again, also if they are shown again."


@app.command()
def withdraw(
    what: Annotated[str, typer.Argument(metavar="ITEM|URL|SOURCE", help="An item, an address, or a source's id.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take an item, or all that is stored of a source, out of all topics, stories and pages, for ever.

    There is no way back: what is withdrawn never enters a topic again, also if its source shows it again. Of a source
    goes what is stored; what it shows from then on is taken as before, until you remove it from the configuration.

    Example: aggregator withdraw https://ostrov.example/news/1234
    """
    config = read_config()
    with reading(config) as store:
        request, count, some = _meant(store, what)
    said: list[dict[str, Any]] = []
    if count:
        if not yes:
            _ask(what, count, some)
        here_or_there(config, {"verb": "withdraw", **request}, said.append)
        or_fail(said)
    withdrawn = sum(message.get("withdrawn", 0) for message in said)
    topics: dict[str, int] = next((message["topics"] for message in said if message.get("event") == "left"), {})
    if as_json:
        show.json_out({"what": what, "withdrawn": withdrawn, "topics": topics})
        return
    if not withdrawn:
        show.line(f"Nothing of {what} is left to be withdrawn.")
        return
    show.line(f"{show.count(withdrawn, 'item')} withdrawn.")
    for topic, entries in topics.items():
        show.line(f"  {topic}: {show.count(entries, 'entry', 'entries')} went")
    if "source" in request and what in config.sources:
        show.line(f"What {what} shows from now on is taken as before; to end that, remove it from the configuration.")


def _meant(store: Store, what: str) -> tuple[dict[str, Any], int, list[str]]:
    """Return what to ask for, how many items that are, and some of them."""
    from aggregator.store import items, sources, withdrawal

    if store.read_now(sources.one, what):
        keys = store.read_now(withdrawal.standing, what)
        newest = [stored for key in keys[:SHOWN] if (stored := store.read_now(items.by_key, key))]
        return {"source": what}, len(keys), [_told(stored) for stored in newest]
    found = find(store, what)
    if not found:
        raise fail(f"nothing is stored under {what}; name an item's key, an address, or a source's id", FAILED)
    left = [stored for stored in found if not stored.withdrawn]
    return {"items": [stored.key for stored in left]}, len(left), [_told(stored) for stored in left[:SHOWN]]


def _told(stored: StoredItem) -> str:
    return f"{stored.source}: {stored.item.title or stored.item.link or stored.key}"


def _ask(what: str, count: int, some: list[str]) -> None:
    """Say what would go, and go on only if a person wants that."""
    for line in some:
        show.talk.print(f"  {line}", markup=False, soft_wrap=True)
    if more := count - len(some):
        show.talk.print(f"  and {more} more", markup=False)
    show.talk.print(f"{show.count(count, 'item')} would be withdrawn. {NO_WAY_BACK}", markup=False, soft_wrap=True)
    if not sys.stdin.isatty():
        raise fail(f"nothing was withdrawn; if it shall be: aggregator withdraw {what} --yes")
    if not typer.confirm("Withdraw?", err=True):
        raise fail("nothing was withdrawn", FAILED)
