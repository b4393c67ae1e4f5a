"""The verbs that look at items: why, preview. They read the store, beside a daemon or without, and change nothing."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli import show
from aggregator.cli.ground import FAILED, AsJson, app, fail, read_config, reading

if TYPE_CHECKING:
    from aggregator.config import Config
    from aggregator.model import Delivery, MembershipKind, StoredItem
    from aggregator.store import Store
    from aggregator.store.topics import Standing

ASKED = 1000  # so many of the latest items are asked why they stayed out
EXAMPLES = 3  # of them are shown for each reason
LATER = "it matches the query as it is now, and came before"
STAYED_OUT = {
    "after": "that a topic of `after` delivered",
    "muted": "muted",
    "old": "that were no news when they came (`backfill: N` lets N in)",
    "outlets": "that too few `outlets` told",
    "private": "of private sources",
    "withdrawn": "withdrawn",
}


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
        found = find(store, item)
        if not found:
            raise fail(_missing(store, item), FAILED)
        stories = [_why(store, config, stored) for stored in found]
    if as_json:
        show.json_out(stories)
        return
    for number, told in enumerate(stories):
        if number:
            show.line()
        _tell_why(told)


def _key(asked: str) -> str:
    """Return the key in the tag: id of an entry; of anything else that itself."""
    return asked.rsplit(":", 1)[-1] if asked.startswith("tag:") else asked


def _missing(store: Store, asked: str) -> str:
    from aggregator.store import retention

    if source := store.read_now(retention.source_of, _key(asked)):
        return f"{asked} was an item of {source} and was pruned (`retention`); shown again, it is known, and no news"
    return f"nothing is stored under {asked}; its source may not have shown it yet (aggregator status)"


def find(store: Store, asked: str) -> list[StoredItem]:
    """Return the items meant by a key, by the tag: id of an entry, or by an address in any of its forms."""
    from aggregator.store import items
    from aggregator.urls import canonical

    if one := store.read_now(items.by_key, _key(asked)):
        return [one]
    found = store.read_now(items.by_url, asked)
    if not found and (address := canonical(asked)):
        found = store.read_now(items.by_url, address)
    return found


def _why(store: Store, config: Config, stored: StoredItem) -> dict[str, Any]:
    from aggregator.model import HELD, WAITED, chain, longest
    from aggregator.store import credits as cited_in
    from aggregator.store import deliveries, identity, items, topics, withdrawal

    cited = store.read_now(cited_in.credits_of, [stored.key])
    standings = store.read_now(topics.verdicts_of, stored.key)
    sections = store.read_now(items.sections_of, stored.key)
    entries = {row.topic: row for row in store.read_now(deliveries.of_item, stored.key)}
    entered = min((row.entered_at for row in entries.values() if row.entered_at >= stored.first_seen_at), default=None)
    steps = chain(stored, entered)
    slowest = longest(steps)
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
        "held": {"why": HELD[stored.held], "until": stored.held_until} if stored.held else None,
        "withdrawn": gone._asdict() if (gone := store.read_now(withdrawal.withdrawn, stored.key)) else None,
        "aliases": [
            {"id": one.id, "since": since, "why": one.why}
            for one, since in store.read_now(identity.aliases_of, stored.key)
        ],
        "way": [asdict(step) for step in steps],
        "longest": {"step": slowest.name, "took": slowest.after, "why": WAITED[slowest.name]} if slowest else None,
        "sections": [asdict(section) for section in sections],
        "copies": _group(store, "copy", stored.key),
        "story": _group(store, "story", stored.key),
        "credits": [asdict(credit) for credit in cited.get(stored.key, ())],
        **_tellers(store, config, stored.key),
        "in": [
            {
                "topic": one.verdict.topic,
                "why": one.verdict.why,
                "entry": one.entry_id,
                "state": entries[one.verdict.topic].state if one.verdict.topic in entries else "waiting",
                "history": _history(store, entries.get(one.verdict.topic)),
            }
            for one in standings
            if one.verdict.admitted
        ],
        "not_in": _not_in(store, config, stored, standings),
    }


def _history(store: Store, row: Delivery | None) -> list[dict[str, Any]]:
    """Return what readers were shown of an entry and why, the first row first."""
    from aggregator.store import deliveries

    rows = store.read_now(deliveries.history, row.topic, row.entry_id) if row else []
    return [{"at": one.at, "state": one.state, "outlets": 1 + one.listed, "why": one.why} for one in rows]


def _group(store: Store, kind: MembershipKind, key: str) -> list[dict[str, Any]]:
    """Return the members of the group of this kind that an item is in, none if it is alone."""
    from aggregator.store import items, stories

    group = store.read_now(stories.group_of, kind, key)
    members = store.read_now(stories.members, kind, group) if group else []
    there = {member.item: store.read_now(items.by_key, member.item) for member in members}
    titles = {item: stored.item.title for item, stored in there.items() if stored}
    return [{**asdict(member), "title": titles.get(member.item, "")} for member in members]


def _tellers(store: Store, config: Config, key: str) -> dict[str, Any]:
    """Return who told the story of an item first, and how many tell it independently; nothing if it is alone."""
    from aggregator.dedup import Tellers
    from aggregator.store import credits as cited_in
    from aggregator.store import stories

    story = store.read_now(stories.group_of, "story", key)
    if story is None:
        return {"first_teller": None, "independent": None}
    tellers = Tellers(store.read_now(cited_in.tellings, story), config.sources, config.owners)
    first = tellers.first_teller()
    return {"first_teller": asdict(first) if first else None, "independent": asdict(tellers.independent())}


def _not_in(store: Store, config: Config, stored: StoredItem, standings: list[Standing]) -> list[dict[str, str]]:
    """Return the topics it is not in: kept out by a rule of publication, or not matched by the query as it is now."""
    from aggregator import clock
    from aggregator.dedup import Ours
    from aggregator.pipeline.searching import facts_at, kept
    from aggregator.tag import Matcher

    matcher = Matcher(config.topics, config.rules)
    (one,) = kept(store, config, Ours(config.sources.values()), [stored])
    facts = facts_at(config, one, clock.now())
    kept_out = [one.verdict for one in standings if not one.verdict.admitted]
    unnamed = config.topics.keys() - {one.verdict.topic for one in standings}
    return [
        *({"topic": verdict.topic, "why": verdict.why} for verdict in kept_out),
        *({"topic": topic, "why": matcher.explain(facts, topic).removeprefix("no: ")} for topic in sorted(unnamed)),
    ]


def evidence(member: dict[str, Any]) -> str:
    """Return why an item is in a group: what it was compared with, how, how sure that was, and what they share."""
    if member["method"] == "first":
        return "the first"
    if member["method"] == "person":
        return f"with {member['of']}, because {member['evidence']}"
    how = f"{member['method']}, {member['score']:.2f}, rule {member['rule']}"
    return f"{'like' if member['method'] == 'alike' else 'copy of'} {member['of']} ({how}): {member['evidence']}"


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
    _tell_way(told)
    show.line(f"  language  {told['language'] or 'unknown'}")
    for section in told["sections"]:
        show.line(f"  section   {section['section']} {section['confidence']:.2f}: {section['why']}")
    for kind, group in (("copies", told["copies"]), ("story", told["story"])):
        for member in group:
            show.line(f"  {kind:9} {member['item']} «{member['title']}»: {evidence(member)}")
    _tell_credits(told)
    for topic in told["in"]:
        show.line(f"  in        {topic['topic']} ({topic['state']}): {topic['why']}", "green")
        for row in topic["history"]:
            show.line(f"            {row['at']:%Y-%m-%d %H:%M} {row['state']}: {row['why']}")
    for topic in told["not_in"]:
        show.line(f"  not in    {topic['topic']}: {topic['why']}")
    for one in told["aliases"]:
        show.line(f"  also      {one['id']} since {one['since']:%Y-%m-%d %H:%M} UTC: {one['why']}")
    _tell_what_keeps_it(told)


def _tell_what_keeps_it(told: dict[str, Any]) -> None:
    """Print what keeps it out of topics, whatever their rules say."""
    if gone := told["withdrawn"]:
        show.line(f"  withdrawn {gone['at']:%Y-%m-%d %H:%M} UTC, for ever: {gone['why']}", "yellow")
    if held := told["held"]:
        until = f", until {held['until']:%Y-%m-%d %H:%M} UTC at the latest" if held["until"] else ""
        show.line(f"  held      {held['why']}{until}", "yellow")
    elif not told["curated"]:
        show.line("  It has not been curated yet; a running daemon does so within seconds.", "yellow")


def _tell_credits(told: dict[str, Any]) -> None:
    """Print whom it cites, and who told its story."""
    for credit in told["credits"]:
        words = any(map(str.isalnum, credit["phrase"]))  # else a mark: KYIV (Reuters) -
        how = f"«{credit['phrase']}»" if words else "in the dateline or the headline"
        via = f", by {credit['via']}" if credit["via"] else ""
        what = ", a body" if credit["body"] else ""
        show.line(f"  credit    {credit['outlet']} ({how}{via}{what})")
    if first := told["first_teller"]:
        ours = f" ({first['source']})" if first["source"] else " (none of our sources)"
        show.line(f"  told by   {first['outlet']}{ours} first: {first['why']}")
    if told["independent"]:
        show.line(f"  outlets   {told['independent']['why']}")


def _tell_way(told: dict[str, Any]) -> None:
    """Print the stations of an item and what took longest."""
    from aggregator.schedule import spoken

    stations = []
    for step in told["way"]:
        about = f" ± {spoken(step['about'])}" if step["about"] else ""
        after = "" if step["after"] is None else f" +{spoken(step['after'])}{about}"
        stations.append(f"{step['name']} {step['at']:%H:%M:%S}{after}")
    show.line(f"  way       {' → '.join(stations)}")
    if slowest := told["longest"]:
        show.line(f"  longest   {spoken(slowest['took'])} until {slowest['step']}: {slowest['why']}")


@app.command()
def preview(
    topic: Annotated[str, typer.Argument(help="A topic of topics.yaml.")],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="So many entries at most.")] = 20,
    out: Annotated[bool, typer.Option("--out", help="What stayed out, by the part of the query that did it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what a topic holds now, newest first; or which part of its query keeps out what else is stored.

    Example: aggregator preview donbas -n 50
    """
    from aggregator import clock
    from aggregator.store import deliveries, topics

    config = read_config()
    if topic not in config.topics:
        raise fail(show.unknown("topic", topic, config.topics))
    if out:
        found, looked = _stayed_out(config, topic)
        _tell_out(found, looked, limit, as_json=as_json)
        return
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
        reasons = ", ".join(f"{number} {STAYED_OUT[why]}" for why, number in sorted(kept_out.items()))
        show.line(f"{show.count(sum(kept_out.values()), 'item')} matched and stayed out: {reasons}.")
    if state and state.flaw:
        show.line(state.flaw, "yellow")


def _stayed_out(config: Config, topic: str) -> tuple[dict[str, list[StoredItem]], int]:
    """Return the latest items that a topic does not have, by the part of its query that keeps them out.

    The second is how many items were asked.
    """
    from aggregator import clock
    from aggregator.pipeline.searching import facts_at, stored_items
    from aggregator.store import topics
    from aggregator.tag import Matcher

    matcher, now = Matcher(config.topics, config.rules), clock.now()
    found: dict[str, list[StoredItem]] = {}
    looked = 0
    with reading(config) as store, show.progress("asking", ASKED) as asked:
        for looked, one in enumerate(stored_items(store, config, ASKED), 1):  # noqa: B007 - it is returned
            stored = one.stored
            asked()
            standings = store.read_now(topics.verdicts_of, stored.key)
            here = [standing.verdict for standing in standings if standing.verdict.topic == topic]
            if not any(verdict.admitted for verdict in here):
                part = matcher.refusal(facts_at(config, one, now), topic)
                reason = part or "; ".join(verdict.why.rpartition("; ")[2] for verdict in here) or LATER
                found.setdefault(reason, []).append(stored)
    return dict(sorted(found.items(), key=lambda pair: -len(pair[1]))), looked


def _tell_out(found: dict[str, list[StoredItem]], looked: int, limit: int, *, as_json: bool) -> None:
    if as_json:
        show.json_out(
            [
                {"because": why, "items": len(some), "latest": [[one.key, one.item.title] for one in some[:limit]]}
                for why, some in found.items()
            ]
        )
        return
    for why, some in found.items():
        show.line(f"{len(some):6} {why}", "bold")
        for one in some[: min(limit, EXAMPLES)]:
            show.line(f"       {one.key} {one.item.title}")
    show.line(f"{show.count(sum(map(len, found.values())), 'item')} of the {looked} that arrived last stayed out.")


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
