"""The verb that makes an address a source: add."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli import show
from aggregator.cli.ground import FAILED, AsJson, app, fail, read_config
from aggregator.cli.tryout import asked_of, checked, place_of, say, way_out
from aggregator.cli.writing import write_config

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.config import Config
    from aggregator.trial import Prospect, Suggestion, Trial


@app.command()
def add(
    url: Annotated[
        str, typer.Argument(metavar="URL", help="A feed, a sitemap, a page; or telegram:NAME and its like.")
    ],
    topic: Annotated[
        str | None, typer.Option("--topic", metavar="TOPIC", help="Let all that it brings into this topic, too.")
    ] = None,
    as_id: Annotated[str | None, typer.Option("--as", metavar="ID", help="The source's id.")] = None,
    allow_private: Annotated[
        list[str] | None,
        typer.Option("--allow-private", metavar="CIDR", help="A network that is not public and may be asked."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Look at an address, find its feed, and write it into sources.d as a source. A running daemon polls it at once.

    What it writes is what `aggregator try` suggests. With --topic the `match` of that topic is widened in topics.yaml;
    comments and all else there stay as they are.

    Example: aggregator add https://www.example.org/ --topic world
    """
    from aggregator import clock, log, trial

    config = read_config()
    if topic is not None and topic not in config.topics:
        raise fail(show.unknown("topic", topic, config.topics))
    if as_id is not None and as_id in config.sources:
        raise fail(f'there is a source "{as_id}" already: {config.sources[as_id].url}')
    url, select = place_of(url)
    networks = checked(url, as_id, allow_private or [])
    log.set_up(level="error")  # what happens is told here
    asked = asked_of(url, select, as_id, config)
    found = asyncio.run(trial.look(asked, config=config, allow_private=networks, guess=False, clock=clock.now, say=say))
    chosen, *others = trial.suggestions(found, config=config, name=as_id, allow_private=networks) or (None,)
    if chosen is None:
        _tell_nothing(found, config)
        raise typer.Exit(FAILED)
    target = config.root / "sources.d" / f"{chosen.id}.yaml"
    if target.exists():
        raise fail(f"{target} is there already; --as ID names another one.")
    write_config({target: trial.yaml([chosen]), **(_with_topic(config, topic, chosen.id) if topic else {})})
    feed = next(one for one in found.feeds if trial.address_of(one) == chosen.url)
    items = trial.prospects(feed, config=config, now=clock.now())
    if as_json:
        show.json_out(
            {"source": asdict(chosen), "file": str(target), "topic": topic, "others": list(map(asdict, others))}
        )
    else:
        _tell(chosen, target, topic, items, others)


def _with_topic(config: Config, topic: str, source: str) -> dict[Path, str]:
    """Return topics.yaml with the source in a topic; end with a sentence where a person must write it."""
    from aggregator.config.read import read
    from aggregator.config.values import WrongError
    from aggregator.config.widen import widened

    path = config.root / "topics.yaml"
    with path.open(encoding="utf-8", newline="") as file:
        text = file.read()
    try:
        return {path: widened(text, read(path), topic, source)}
    except WrongError as error:
        raise fail(f"{path}: topic {topic}: {error.problem} {error.hint} Nothing was changed.") from None


def _tell_nothing(found: Trial, config: Config) -> None:
    from aggregator.trial import address_of

    names = {source.url: source.id for source in config.sources.values()}
    there = [names[address] for address in map(address_of, found.feeds) if address in names]
    for name in there:
        show.line(f"{config.sources[name].url} is configured already, as {name}.", "green")
    if not there:
        for asked in found.asked:
            show.line(f"{asked.source.url}: {asked.error.problem if asked.error else 'no feed'}", "red")
        way_out(found, guess=False)


def _tell(
    chosen: Suggestion, target: Path, topic: str | None, items: Sequence[Prospect], others: Sequence[Suggestion]
) -> None:
    show.line(f"{chosen.id}: {chosen.url}" + (f", «{chosen.title}»" if chosen.title else ""), "bold")
    show.line(f"  written  {target}" + (f"; topic {topic} takes it" if topic else ""))
    entered = Counter(verdict.topic for one in items for verdict in one.verdicts if verdict.admitted)
    said = ", ".join(f"{name} ({times})" for name, times in entered.most_common()) or "none"
    if not topic:
        show.line(f"  topics   its newest {show.count(len(items), 'item')} would enter: {said}")
    if chosen.zoneless and not chosen.zone:
        show.line(f"  do       its dates name no zone: say which it is in {target.name}", "yellow")
    for other in others:
        show.line(f"  also     {other.url}" + (f", «{other.title}»" if other.title else ""))
    show.line(
        "A running daemon polls it within seconds, if it watches its files (`watch: on`); else: aggregator poll "
        + chosen.id
    )
