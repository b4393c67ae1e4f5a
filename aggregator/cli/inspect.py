"""The verbs that look: status, why, preview. They read the store beside a daemon or without one, and change nothing."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli import show
from aggregator.cli.ground import app, fail, read_config, reading

if TYPE_CHECKING:
    from aggregator.config import Config
    from aggregator.model import Delivery, StoredItem, Subscription, Tagged
    from aggregator.store import Store
    from aggregator.store.sources import SourceRow
    from aggregator.store.topics import Standing

AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]
NOT_FOUND, GONE = 404, 410
DEAD_AFTER = timedelta(days=30)  # of 404 (P15)
STATES = ("gone", "dead", "challenged", "failing", "new", "well")  # the worst first
OFFLINE = {"dns", "connect", "timeout"}  # kinds of failure that come before any answer


@app.command()
def status(
    source: Annotated[str | None, typer.Argument(help="Everything about this one.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show each source: state, last poll, next poll and why then, failures.

    Example: aggregator status interfax
    """
    from aggregator import clock
    from aggregator.store import sources, topics

    config = read_config()
    if source is not None and source not in config.sources:
        raise fail(show.unknown("source", source, config.sources))
    with reading(config) as store:
        if source is not None:
            _status_of(store, source, clock.now(), as_json=as_json)
            return
        rows = [row for row in store.read_now(sources.every) if row.enabled]
        flawed = [state for state in store.read_now(topics.states) if state.flaw]
    if as_json:
        show.json_out([_as_dict(row) for row in rows])
        return
    _status_table(rows, clock.now())
    for topic in flawed:
        show.line(f"topic {topic.topic}: {topic.flaw}", "yellow")


def state_word(row: SourceRow) -> str:
    """Return a source's state in one word."""
    if row.state.last_poll_at is None:
        return "new"
    if row.ended != "failed":
        return "well"
    if row.status == GONE:
        return "gone"
    if row.kind == "challenged":
        return "challenged"
    lasting = row.state.last_poll_at - (row.state.problem_since or row.state.last_poll_at)
    return "dead" if row.status == NOT_FOUND and lasting >= DEAD_AFTER else "failing"


def _status_table(rows: list[SourceRow], now: datetime) -> None:
    order = {word: place for place, word in enumerate(STATES)}
    rows = sorted(rows, key=lambda row: (order[state_word(row)], row.id))
    style = {"new": "yellow", "well": None}
    show.table(
        ["source", "state", "polled", "next", "items", "why"],
        [
            [
                row.id,
                state_word(row),
                show.ago(row.state.last_poll_at, now).removesuffix(" ago"),
                _next(row, now).removeprefix("in "),
                str(row.items),
                _reason(row),
            ]
            for row in rows
        ],
        styles=[style.get(state_word(row), "red") for row in rows],
    )
    words = [state_word(row) for row in rows]
    parts = [f"{words.count(word)} {word}" for word in reversed(STATES) if word in words]
    items = show.count(sum(row.items for row in rows), "item")
    show.line(f"{show.count(len(rows), 'source')}: {', '.join(parts) or 'none'}. {items}.")
    if rows and all(row.kind in OFFLINE for row in rows):
        show.line("No source could be reached at all: is this machine offline?", "yellow")


def _next(row: SourceRow, now: datetime) -> str:
    due = row.state.next_poll_at
    return "now" if due is None or due <= now else show.ago(due, now)


def _reason(row: SourceRow) -> str:
    if row.problem:
        return row.problem + (f" ({row.hint})" if row.hint else "")
    return row.why


def _status_of(store: Store, source: str, now: datetime, *, as_json: bool) -> None:
    from aggregator.store import sources, subscriptions

    row = store.read_now(sources.one, source)
    if row is None:
        raise fail(f'"{source}" has never been polled; start the daemon or run: aggregator poll {source}', 1)
    flaws = store.read_now(sources.flaws_of, source)
    log = store.read_now(sources.log_of, source, 10)
    pushed = store.read_now(subscriptions.of_source, source)
    if as_json:
        told = {"hubs": [_hub_as_dict(one) for one in pushed], "flaws": [asdict(flaw) for flaw in flaws]}
        show.json_out({**_as_dict(row), **told, "log": [asdict(one) for one in log]})
        return
    state = row.state
    title = f" {row.feed.title}" if row.feed and row.feed.title else ""
    show.line(f"{row.id}:{title}", "bold")
    show.line(f"  address   {row.url}")
    if state.adopted_url:
        show.line(
            f"  moved     {state.adopted_url} is polled instead: it has moved for good; write that address", "yellow"
        )
    in_a_row = f", {show.count(state.failures, 'failure')} in a row" if state.failures else ""
    show.line(f"  state     {state_word(row)}{in_a_row}")
    if row.problem:
        since = show.ago(state.problem_since, now)
        show.line(f"  problem   {row.problem} (since {since})", "red")
    if row.hint:
        show.line(f"  do        {row.hint}")
    answered = (
        f"answered well {show.ago(state.last_success_at, now)}" if state.last_success_at else "never answered well"
    )
    show.line(f"  polled    {show.ago(state.last_poll_at, now)}; {answered}")
    show.line(f"  next      {_next(row, now)}: {row.why}")
    if row.host_paused_until and row.host_paused_until > now:
        show.line(f"  host      wants to be left alone, until {show.ago(row.host_paused_until, now)}")
    newest = f", the newest came {show.ago(row.last_new_at, now)}" if row.last_new_at else ""
    show.line(f"  items     {row.items}{newest}")
    for one in pushed:
        show.line(f"  hub       {one.hub} {_standing(one, now)}")
    for flaw in flaws:
        show.line(f"  flaw      {flaw.code} ({flaw.where})" + (f": {flaw.detail}" if flaw.detail else ""))
    if log:
        show.line()
        rows = [[show.ago(p.at, now), p.ended, str(p.status or ""), str(p.new), str(p.changed), p.problem] for p in log]
        show.table(["poll", "ended", "status", "new", "changed", "problem"], rows)


def _as_dict(row: SourceRow) -> dict[str, Any]:
    """Return a source for --json: what the table shows, and the numbers behind it."""
    return {
        "source": row.id,
        "url": row.url,
        "adopted_url": row.state.adopted_url,
        "state": state_word(row),
        "status": row.status,
        "kind": row.kind,
        "problem": row.problem,
        "hint": row.hint,
        "failures": row.state.failures,
        "problem_since": row.state.problem_since,
        "last_poll_at": row.state.last_poll_at,
        "last_success_at": row.state.last_success_at,
        "next_poll_at": row.state.next_poll_at,
        "why": row.why,
        "terms": dict(row.terms),
        "items": row.items,
        "last_new_at": row.last_new_at,
        "flaw_count": row.flaws,
        "feed_title": row.feed.title if row.feed else "",
    }


def _standing(one: Subscription, now: datetime) -> str:
    """Say how things stand with a hub."""
    problem = f": {one.problem}" if one.problem else ""
    if one.state == "active" and one.granted_until and one.granted_until > now:
        last = f", the last {show.ago(one.last_delivery_at, now)}" if one.last_delivery_at else ""
        deliveries = show.count(one.deliveries, "delivery", "deliveries")
        return f"tells of its news until {one.granted_until:%Y-%m-%d}; {deliveries}{last}{problem}"
    if one.state == "leaving":
        return f"is told that it is over{problem}"
    if one.asked_at is None:
        return "is to be asked to tell of its news"
    refuses = "does not want to tell of its news" if one.state == "denied" else "has not confirmed"
    return f"{refuses}{problem}; it is asked again {show.ago(max(one.due_at, now), now)}"


def _hub_as_dict(one: Subscription) -> dict[str, Any]:
    """Return a subscription for --json, without what only its hub may know."""
    return {name: getattr(one, name) for name in one.__slots__ if name not in {"id", "secret", "callback", "fence"}}


@app.command()
def why(
    item: Annotated[str, typer.Argument(metavar="ITEM_ID|URL", help="16 hex digits, or an article's address.")],
    as_json: AsJson = False,
) -> None:
    """Tell why an item is here: its source, sections, copies, the topics it is in and not in, and the reasons.

    Example: aggregator why https://ostrov.example/news/1234
    """
    config = read_config()
    with reading(config) as store:
        found = _find(store, item)
        if not found:
            raise fail(f"nothing is stored under {item}; its source may not have shown it yet (aggregator status)", 1)
        stories = [_why(store, config, stored) for stored in found]
    if as_json:
        show.json_out(stories)
        return
    for number, told in enumerate(stories):
        if number:
            show.line()
        _tell_why(told)


def _find(store: Store, asked: str) -> list[StoredItem]:
    """Return the items meant by a key, by the tag: id of an entry, or by an address in any of its forms."""
    from aggregator.store import items
    from aggregator.urls import canonical

    key = asked.rsplit(":", 1)[-1] if asked.startswith("tag:") else asked
    if one := store.read_now(items.by_key, key):
        return [one]
    found = store.read_now(items.by_url, asked)
    if not found and (address := canonical(asked)):
        found = store.read_now(items.by_url, address)
    return found


def _why(store: Store, config: Config, stored: StoredItem) -> dict[str, Any]:
    from aggregator.store import deliveries, items, stories, topics

    story = store.read_now(stories.story_of, stored.key)
    standings = store.read_now(topics.verdicts_of, stored.key)
    sections = store.read_now(items.sections_of, stored.key)
    entries = {row.topic: row for row in store.read_now(deliveries.of_item, stored.key)}
    return {
        "item": stored.key,
        "title": stored.item.title,
        "link": stored.item.link,
        "source": stored.source,
        "published": stored.item.published,
        "first_seen_at": stored.first_seen_at,
        "language": stored.language,
        "arrival": {"as": stored.arrival, "why": stored.arrival_why},
        "curated": stored.curated_at is not None,
        "sections": [asdict(section) for section in sections],
        "copies": [asdict(member) for member in store.read_now(stories.members, story)] if story else [],
        "in": [
            {
                "topic": one.verdict.topic,
                "why": one.verdict.why,
                "entry": one.entry_id,
                "state": entries[one.verdict.topic].state if one.verdict.topic in entries else "waiting",
                "history": entries[one.verdict.topic].why if one.verdict.topic in entries else "",
            }
            for one in standings
            if one.verdict.admitted
        ],
        "not_in": _not_in(config, stored, sections, standings),
    }


def _not_in(
    config: Config, stored: StoredItem, sections: tuple[Tagged, ...], standings: list[Standing]
) -> list[dict[str, str]]:
    """Return the topics it is not in: kept out by a rule of publication, or not matched by the query as it is now."""
    from aggregator import clock
    from aggregator.model import Source
    from aggregator.pipeline import facts_of
    from aggregator.tag import Matcher

    matcher = Matcher(config.topics, config.rules)
    source = config.sources.get(stored.source) or Source(id=stored.source, url="")
    facts = facts_of(stored, source, sections=sections, language=stored.language, now=clock.now())
    kept_out = [one.verdict for one in standings if not one.verdict.admitted]
    unnamed = config.topics.keys() - {one.verdict.topic for one in standings}
    return [
        *({"topic": verdict.topic, "why": verdict.why} for verdict in kept_out),
        *({"topic": topic, "why": matcher.explain(facts, topic).removeprefix("no: ")} for topic in sorted(unnamed)),
    ]


def _tell_why(told: dict[str, Any]) -> None:
    show.line(told["title"] or "(without a title)", "bold")
    show.line(f"  item      {told['item']}")
    show.line(f"  link      {told['link'] or 'none'}")
    show.line(f"  source    {told['source']}")
    published = told["published"]
    show.line(f"  published {f'{published:%Y-%m-%d %H:%M} UTC' if published else 'no date'}")
    show.line(
        f"  came      {told['first_seen_at']:%Y-%m-%d %H:%M} UTC, {told['arrival']['as']}: {told['arrival']['why']}"
    )
    show.line(f"  language  {told['language'] or 'unknown'}")
    for section in told["sections"]:
        show.line(f"  section   {section['section']} {section['confidence']:.2f}: {section['why']}")
    for copy in told["copies"]:
        what = "first of its story" if copy["method"] == "first" else f"copy of {copy['of']} ({copy['method']})"
        show.line(f"  story     {copy['item']}: {what}, {copy['evidence']}")
    for topic in told["in"]:
        show.line(f"  in        {topic['topic']} ({topic['state']}): {topic['why']}", "green")
        if topic["history"]:
            show.line(f"            {topic['history']}")
    for topic in told["not_in"]:
        show.line(f"  not in    {topic['topic']}: {topic['why']}")
    if not told["curated"]:
        show.line("  It has not been curated yet; a running daemon does so within seconds.", "yellow")


@app.command()
def preview(
    topic: Annotated[str, typer.Argument(help="A topic of topics.yaml.")],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="So many entries at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show what a topic holds now, newest first.

    Example: aggregator preview donbas -n 50
    """
    from aggregator import clock
    from aggregator.store import deliveries, topics

    config = read_config()
    if topic not in config.topics:
        raise fail(show.unknown("topic", topic, config.topics))
    with reading(config) as store:
        rows = store.read_now(deliveries.live, topic)
        waiting = len(store.read_now(topics.pending, topic))
        kept_out = store.read_now(topics.kept_out, topic)
        state = store.read_now(topics.state_of, topic)
    rows = sorted(rows, key=lambda row: (row.face.published, row.entry_id), reverse=True)[:limit]
    if as_json:
        show.json_out(
            {
                "topic": topic,
                "entries": state.entries if state else 0,
                "waiting": waiting,
                "kept_out": kept_out,
                "flaw": state.flaw if state else "",
                "shown": [_entry(row) for row in rows],
            }
        )
        return
    now = clock.now()
    show.line(f"{config.topics[topic].title} ({config.public_url}/feeds/{topic}.atom)", "bold")
    if rows:
        show.table(["when", "outlet", "title"], [_entry_row(row, now) for row in rows])
    entries = show.count(state.entries if state else 0, "entry", "entries")
    show.line(f"{entries} in the feed, {len(rows)} shown, {waiting} waiting to be published.")
    if kept_out:
        what = show.count(kept_out, "item")
        show.line(f"{what} matched and stayed out, being from before the first contact; `backfill: N` lets N in.")
    if state and state.flaw:
        show.line(state.flaw, "yellow")


def _entry_row(row: Delivery, now: datetime) -> list[str]:
    others = f" +{len(row.outlets)}" if row.outlets else ""
    return [show.ago(row.face.published, now), row.face.origin.title + others, row.face.title]


def _entry(row: Delivery) -> dict[str, Any]:
    face = row.face
    return {
        "id": row.entry_id,
        "item": row.anchor,
        "title": face.title,
        "link": face.link,
        "outlet": face.origin.title,
        "source": face.origin.source,
        "published": face.published,
        "updated": row.updated,
        "entered_at": row.entered_at,
        "language": face.language,
        "categories": [category.label or category.term for category in face.categories],
        "outlets": [{"outlet": one.outlet, "title": one.title, "link": one.link} for one in row.outlets],
        "why": row.why,
    }
