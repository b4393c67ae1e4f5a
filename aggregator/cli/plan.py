"""plan: what a changed configuration would do, before a daemon reads it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli import show
from aggregator.cli.ground import AsJson, app, read_config, reading

if TYPE_CHECKING:
    from aggregator.config import Config
    from aggregator.store import Store

EXAMPLES = 5  # titles that are shown of a change


@dataclass(slots=True)
class _Change:
    """What becomes of a topic by the configuration as it is on disk."""

    same: int = 0
    more: list[str] = field(default_factory=list)  # titles, the latest first
    fewer: list[tuple[str, str]] = field(default_factory=list)  # titles, and why they would not enter


@app.command()
def plan(
    most: Annotated[int, typer.Option("--items", "-n", min=1, help="So many of the latest items are asked.")] = 2000,
    as_json: AsJson = False,
) -> None:
    """Show what the configuration on disk would do otherwise, before a daemon reads it.

    Sources that come, go or move; and for each topic how many of the latest stored items match as before, how many
    more would and how many would not. What readers have stays; rules act on what comes (`backfill` lets some in).

    Example: aggregator plan
    """
    from aggregator import clock
    from aggregator.store import sources, topics

    config = read_config()
    with reading(config) as store:
        rows = {row.id: row.url for row in store.read_now(sources.every) if row.enabled}
        known = {state.topic for state in store.read_now(topics.states) if state.configured}
        changes, looked = _changes(store, config, most, clock.now())
    moved = [name for name, source in config.sources.items() if rows.get(name, source.url) != source.url]
    told = {
        "sources": _differing(rows, config.sources) | {"moved": moved},
        "topics": _differing(known, config.topics),
        "looked_at": looked,
    }
    if as_json:
        show.json_out(told | {"changes": {topic: asdict(change) for topic, change in changes.items()}})
    else:
        _tell(told, changes, config)


def _differing(before: Iterable[str], now: Iterable[str]) -> dict[str, list[str]]:
    return {"added": sorted(set(now) - set(before)), "removed": sorted(set(before) - set(now))}


def _changes(store: Store, config: Config, most: int, now: datetime) -> tuple[dict[str, _Change], int]:
    """Return what becomes of each topic, and how many items were asked."""
    from aggregator.model import Source
    from aggregator.pipeline import recalled_now
    from aggregator.pipeline.searching import facts_at, stored_items
    from aggregator.publish import whole
    from aggregator.store import learned, topics
    from aggregator.tag import READING, Matcher

    matcher = Matcher(config.topics, config.rules)
    known = recalled_now(config.sections, store.read_now(learned.examples, READING), store.read_now(learned.every))
    changes = {topic: _Change() for topic in config.topics}
    with show.progress("asking", most) as asked:
        looked = 0
        for one in stored_items(store, config, most):
            looked, stored = looked + 1, one.stored
            source = config.sources.get(stored.source) or Source(id=stored.source, url="")
            sections = known.sections(stored.key, whole(stored), source, stored.language)
            facts = facts_at(config, one._replace(sections=sections), now)
            before = {one.verdict.topic for one in store.read_now(topics.verdicts_of, stored.key)}
            after = {hit.topic for hit in matcher.match(facts)}
            for topic in (before | after) & changes.keys():
                change, title = changes[topic], stored.item.title
                if topic not in before:
                    change.more.append(title)
                elif topic in after:
                    change.same += 1
                else:
                    change.fewer.append((title, matcher.explain(facts, topic).removeprefix("no: ")))
            asked()
    return changes, looked


def _tell(told: dict[str, Any], changes: dict[str, _Change], config: Config) -> None:
    for kind, differing in (("source", told["sources"]), ("topic", told["topics"])):
        for what, names in differing.items():
            if names:
                show.line(f"{show.count(len(names), kind)} {what}: {', '.join(names)}")
    looked = show.count(told["looked_at"], "item")
    quiet = [topic for topic, change in changes.items() if not (change.more or change.fewer)]
    for topic, change in changes.items():
        if topic not in quiet:
            _tell_change(topic, change, config.topics[topic].backfill)
    if quiet:
        show.line(f"As before, of the {looked} that arrived last: {', '.join(quiet)}.")


def _tell_change(topic: str, change: _Change, backfill: int) -> None:
    show.line(f"{topic}: {change.same} match as before, {len(change.more)} more, {len(change.fewer)} no longer", "bold")
    for title in change.more[:EXAMPLES]:
        show.line(f"  + {title}", "green")
    for title, why in change.fewer[:EXAMPLES]:
        show.line(f"  - {title}  ({why})", "red")
    if change.more:
        entering = min(backfill, len(change.more))
        show.line(
            f"  Of those that are stored, {entering} would enter (`backfill: {backfill}`); what comes from now on, all."
        )
