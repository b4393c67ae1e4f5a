"""status: how the sources stand, when each is polled next, and why then. It reads the store and changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli import show
from aggregator.cli.ground import AsJson, app, fail, read_config, reading

if TYPE_CHECKING:
    from aggregator.model import Source, Subscription
    from aggregator.store import Store
    from aggregator.store.outbox import Waiting
    from aggregator.store.sources import SourceRow

MOST = 1000  # sources in the table
OFFLINE = {"dns", "connect", "timeout"}  # kinds of failure that come before any answer
Told = tuple[str, str, str | None]  # label, text, style


@app.command()
def status(
    source: Annotated[str | None, typer.Argument(help="Everything about this one.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show each source: state, last poll, next poll and why then, failures.

    Example: aggregator status interfax
    """
    from aggregator import clock
    from aggregator.store import outbox, retention, sources, subscribers, topics, words

    config = read_config()
    if source is not None and source not in config.sources:
        raise fail(show.unknown("source", source, config.sources))
    with reading(config) as store:
        if source is not None:
            _status_of(store, config.sources[source], clock.now(), as_json=as_json)
            return
        rows = [row for row in store.read_now(sources.every) if row.enabled]
        blind = [row.id for row in rows if row.id in config.sources and not config.sources[row.id].access.verify]
        flawed = [state for state in store.read_now(topics.states) if state.flaw]
        read_by, pings = store.read_now(subscribers.by_topic, clock.now()), store.read_now(outbox.pings)
        unindexed, oversize = store.read_now(words.waiting), store.read_now(retention.oversize)
    if as_json:
        show.json_out([_as_dict(row, verify=row.id not in blind) for row in rows])
        return
    _status_table(rows, clock.now())
    if unindexed:
        show.line(f"{show.count(unindexed, 'item')} not in the index of words yet: searches take longer.", "yellow")
    if oversize:
        show.line(f"{oversize[0].upper()}{oversize[1:]}.", "yellow")
    if blind:
        show.line(f"Certificates are not checked (`verify: false`): {', '.join(blind)}.", "yellow")
    for topic in flawed:
        show.line(f"topic {topic.topic}: {topic.flaw}", "yellow")
    for text, style in _told(read_by, pings):
        show.line(text, style)


def _told(read_by: Mapping[str, int], pings: Iterable[Waiting]) -> Iterator[tuple[str, str | None]]:
    """Yield who hears of our topics, and what hubs have not been told yet."""
    if read_by:
        topics = ", ".join(f"{topic} {number}" for topic, number in read_by.items())
        yield f"Our hub: {show.count(sum(read_by.values()), 'subscription')} ({topics}).", None
    for hub in pings:
        told = f"{show.count(hub.pings, 'ping')} not arrived" + (f", {hub.given_up} given up" if hub.given_up else "")
        yield f"hub {hub.hub}: {told}" + (f": {hub.problem}" if hub.problem else ""), "yellow" if hub.problem else None


def _status_table(rows: list[SourceRow], now: datetime) -> None:
    from aggregator.model import STATES
    from aggregator.schedule import spoken

    order = {word: place for place, word in enumerate(STATES)}
    rows = sorted(rows, key=lambda row: (order[row.standing], row.id))
    style = {"new": "yellow", "quiet": "yellow", "well": None}
    show.table(
        ["source", "state", "polled", "next", "items", "lag", "why"],
        [
            [
                row.id,
                row.standing,
                show.ago(row.state.last_poll_at, now).removesuffix(" ago"),
                _next(row, now).removeprefix("in "),
                str(row.items),
                " / ".join(spoken(lag) for lag in _lag(row) if lag is not None),
                _reason(row),
            ]
            for row in rows[:MOST]
        ],
        styles=[style.get(row.standing, "red") for row in rows[:MOST]],
    )
    if len(rows) > MOST:
        show.line(f"{len(rows) - MOST} more are not listed, none of them worse than the last one here; --json has all.")
    words = [row.standing for row in rows]
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
    said = [*(f"{text}: {why}" for text, why in _held(row)), *([_silence(row)] if row.state.quiet else [])]
    return "; ".join([*said, row.why])


def _held(row: SourceRow) -> Iterator[tuple[str, str]]:
    """Yield how many of its items are held, and why."""
    from aggregator.model import HELD

    for why, many in row.held.items():
        yield f"{show.count(many, 'item')} held", HELD[why]


def _silence(row: SourceRow) -> str:
    newest = row.state.rhythm.last_item_at
    since = f"nothing new since {newest:%Y-%m-%d %H:%M} UTC" if newest else "nothing new for long"
    return f"{since}, longer than chance explains"


def _lag(row: SourceRow) -> tuple[timedelta | None, timedelta | None]:
    """Return within what time half and nine tenths of its newest items came to us after they were published."""
    from aggregator.model import percentile

    return percentile(row.state.lags, 0.5), percentile(row.state.lags, 0.9)


def _status_of(store: Store, source: Source, now: datetime, *, as_json: bool) -> None:
    from aggregator.store import sources, subscriptions, withdrawal

    found = store.read_now(sources.closely, source.id, 10)
    if found is None:
        raise fail(f'"{source.id}" has never been polled; start the daemon or run: aggregator poll {source.id}', 1)
    row, flaws, log = found.row, found.flaws, found.log
    hubs = store.read_now(subscriptions.of_source, source.id)
    withdrawn = store.read_now(withdrawal.count, source.id)
    if as_json:
        facts = _as_dict(row, verify=source.access.verify)
        facts |= {"hubs": [_hub_as_dict(one) for one in hubs], "withdrawn": withdrawn}
        show.json_out({**facts, "flaws": [asdict(f) for f in flaws], "log": [asdict(one) for one in log]})
        return
    show.line(f"{row.id}: {row.feed.title if row.feed else ''}", "bold")
    for label, text, style in (*_place(row, source), *_health(row, now), *_rhythm(row, now)):
        show.line(f"  {label:<9} {text}", style)
    if withdrawn:
        show.line(f"  withdrawn {show.count(withdrawn, 'item')}: shown no more (aggregator why ITEM says why)")
    for one in hubs:
        show.line(f"  hub       {one.hub} {_hub_standing(one, now)}")
    for flaw in flaws:
        show.line(f"  flaw      {flaw.code} ({flaw.where})" + (f": {flaw.detail}" if flaw.detail else ""))
    if log:
        show.line()
        rows = [[show.ago(p.at, now), p.ended, str(p.status or ""), str(p.new), str(p.changed), p.problem] for p in log]
        show.table(["poll", "ended", "status", "new", "changed", "problem"], rows)


def _place(row: SourceRow, source: Source) -> Iterator[Told]:
    from aggregator.urls import public

    yield "address", public(row.url), None
    if not source.access.verify:
        yield "trusts", "whoever answers: its certificate is not checked (`verify: false`)", "yellow"
    if adopted := row.state.adopted_url:
        yield "moved", f"{public(adopted)} is polled instead: it has moved for good; write that address", "yellow"


def _health(row: SourceRow, now: datetime) -> Iterator[Told]:
    state = row.state
    in_a_row = f", {show.count(state.failures, 'failure')} in a row" if state.failures else ""
    yield "state", f"{row.standing}{in_a_row}", None
    if row.problem:
        yield "problem", f"{row.problem} (since {show.ago(state.problem_since, now)})", "red"
    if state.quiet:
        yield "quiet", f"{_silence(row)}: is it still kept up?", "yellow"
    if row.hint:
        yield "do", row.hint, None
    well = f"answered well {show.ago(state.last_success_at, now)}" if state.last_success_at else "never answered well"
    yield "polled", f"{show.ago(state.last_poll_at, now)}; {well}", None
    yield "next", f"{_next(row, now)}: {row.why}", None
    if row.host_paused_until and row.host_paused_until > now:
        yield "host", f"{row.host_word}, until {show.ago(row.host_paused_until, now)}", None


def _rhythm(row: SourceRow, now: datetime) -> Iterator[Told]:
    from aggregator.schedule import spoken

    if row.state.rate_per_day is not None:
        yield "rhythm", f"about {row.state.rate_per_day:.2g} items a day", None
    half, most = _lag(row)
    if half is not None and most is not None:
        yield "lag", f"{spoken(half)} for half of its items, {spoken(most)} for nine of ten, since published", None
    newest = f", the newest came {show.ago(row.last_new_at, now)}" if row.last_new_at else ""
    yield "items", f"{row.items}{newest}", None
    for text, why in _held(row):
        yield "held", f"{text}: {why}", "yellow"


def _as_dict(row: SourceRow, *, verify: bool) -> dict[str, Any]:
    """Return a source for --json: what the table shows, and the numbers behind it."""
    from aggregator.urls import public

    return {
        "source": row.id,
        "url": public(row.url),
        "adopted_url": row.state.adopted_url and public(row.state.adopted_url),
        "verify": verify,
        "state": row.standing,
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
        "rate_per_day": row.state.rate_per_day,
        "quiet_at": row.state.quiet_at,
        "lag_p50": _lag(row)[0],
        "lag_p90": _lag(row)[1],
        "items": row.items,
        "held": dict(row.held),
        "last_new_at": row.last_new_at,
        "flaw_count": row.flaws,
        "feed_title": row.feed.title if row.feed else "",
    }


def _hub_standing(one: Subscription, now: datetime) -> str:
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
