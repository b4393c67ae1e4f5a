"""The verbs that ask with a query: search, mute."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli import show
from aggregator.cli.asking import here_or_there, or_fail
from aggregator.cli.ground import AsJson, app, fail, read_config, reading

if TYPE_CHECKING:
    from aggregator.config import Config
    from aggregator.model import Mute, StoredItem


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="Words, or any query as topics have them.")],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="So many items at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show the stored items that a query finds, the last that came first, and what it found in each.

    Example: aggregator search 'words:Донецк lang:uk age:<7d'
    """
    from aggregator import clock
    from aggregator.pipeline.searching import Archive

    config, now = read_config(), clock.now()
    with reading(config) as store:
        archive = Archive(store, config, public=False)
        wanted = archive.asked(query)
        results = archive.search(wanted, limit, now=now)
    found = [_found(hit.kept.stored, hit.why) for hit in results.hits]
    if as_json:
        show.json_out({"query": wanted.text, "looked_at": results.looked, "items": found})
        return
    for one in found:
        show.line(f"{one['title'] or '(without a title)'}", "bold")
        show.line(f"  {one['item']}  {one['source']}, {show.ago(one['published'], now)}  {one['link'] or ''}".rstrip())
        show.line(f"  {one['why']}")
    more = "; there may be more: --limit" if results.ended == "enough" else ""
    show.line(f"{show.count(len(found), 'item')}, of {results.looked} that were read{more}.")


def _found(stored: StoredItem, why: str) -> dict[str, Any]:
    return {
        "item": stored.key,
        "source": stored.source,
        "title": stored.item.title,
        "link": stored.item.link,
        "published": stored.sort_at,
        "why": why,
    }


@app.command()
def mute(
    query: Annotated[
        str | None, typer.Argument(help="What is kept out of all topics; without it, what is muted.")
    ] = None,
    lasting: Annotated[str | None, typer.Option("--for", help="How long: 7d, 12h; for ever if not said.")] = None,
    drop: Annotated[bool, typer.Option("--drop", help="End this mute.")] = False,
    as_json: AsJson = False,
) -> None:
    """Keep items out of all topics from now on, or show what is muted, until when, and how many items that kept out.

    What stands in a topic stays there. `mute:` in topics.yaml does the same.

    Example: aggregator mute 'words:гороскоп' --for 7d
    """
    config = read_config()
    if query is None:
        _list_mutes(config, as_json=as_json)
        return
    said = _said(query, lasting, config)
    request = {"verb": "mute", "match": said.match, "until": said.until.isoformat() if said.until else None}
    messages: list[dict[str, Any]] = []
    here_or_there(config, request | {"do": "drop" if drop else "add"}, messages.append)
    or_fail(messages)
    if as_json:
        show.json_out({name: messages[0][name] for name in ("match", "until", "done")})
    elif drop:
        show.line(f"Not muted any more: {said.match}" if messages[0]["done"] else f"It was not muted: {said.match}")
    else:
        until = f"until {said.until:%Y-%m-%d %H:%M} UTC" if said.until else "for ever"
        show.line(f"Muted {until}: {said.match}")


def _said(query: str, lasting: str | None, config: Config) -> Mute:
    from aggregator import clock
    from aggregator.config.queries import asked
    from aggregator.config.values import WrongError, duration
    from aggregator.model import Mute

    try:
        until = clock.now() + duration(lasting) if lasting else None
    except WrongError as error:
        raise fail(f"{error.problem.replace('{here}', f'«{lasting}»')} {error.hint}") from None
    return Mute(match=asked(query, config).text, until=until)


def _list_mutes(config: Config, *, as_json: bool) -> None:
    from aggregator import clock
    from aggregator.store import mutes

    now = clock.now()
    with reading(config) as store:
        every = [
            *(("topics.yaml", one) for one in config.mutes),
            *(("by hand", one) for one in store.read_now(mutes.in_force, now)),
        ]
        counts = [store.read_now(mutes.kept_out, one) for _, one in every]
    if as_json:
        show.json_out(
            [
                {"match": one.match, "until": one.until, "from": where, "kept_out": number}
                for (where, one), number in zip(every, counts, strict=True)
            ]
        )
        return
    if not every:
        show.line("Nothing is muted.")
        return
    rows = [
        [_until(one.until, now), where, str(number), one.match]
        for (where, one), number in zip(every, counts, strict=True)
    ]
    show.table(["until", "from", "kept out", "query"], rows)


def _until(until: datetime | None, now: datetime) -> str:
    if until is None:
        return "for ever"
    return f"{until:%Y-%m-%d %H:%M}" if until > now else "over"
