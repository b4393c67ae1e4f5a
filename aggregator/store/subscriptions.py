"""What we and hubs agreed on (WebSub): who is to be asked, what came of it, and how well they keep their word.

In:    what documents ask for; what hubs said and sent.
Out:   Subscription, PushState.
Never: talks to a hub, or decides when.

Who claims a subscription moves its `due_at` into the future, so that of several daemons one talks to the hub, and
somebody else does if that one dies. The hub's own word counts the fence up too: a request whose answer comes after the
hub has confirmed changes nothing any more.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, case, delete, func, literal, or_, select, update
from sqlalchemy import insert as plain_insert

from aggregator.model import PollOutcome, PushState, Subscription
from aggregator.model.push import SILENCE
from aggregator.store.dialect import clock
from aggregator.store.schema import source_state, subscription

_FIELDS = Subscription.__slots__
_ACTIVE = subscription.c.state == "active"


def of_source(conn: Connection, source: str) -> list[Subscription]:
    """A source's subscriptions, in the order of their hubs."""
    mine = select(subscription).where(subscription.c.source == source).order_by(subscription.c.hub)
    return [_read(row) for row in conn.execute(mine).mappings()]


def one(conn: Connection, name: str) -> Subscription | None:
    """The subscription whose callback's address ends so."""
    row = conn.execute(select(subscription).where(subscription.c.id == name)).mappings().one_or_none()
    return _read(row) if row else None


def push_state(conn: Connection, source: str) -> PushState:
    """How well a source's hubs tell of its news: of several, the best one counts."""
    s = subscription.c
    mine = select(func.max(s.granted_until), func.max(s.in_a_row), func.max(s.last_delivery_at))
    until, in_a_row, last_at = conn.execute(mine.where(s.source == source, _ACTIVE)).one()
    return PushState(until=until, in_a_row=in_a_row or 0, last_at=last_at)


# --- what documents ask for ---------------------------------------------------------------------------------------


def settle(conn: Connection, outcome: PollOutcome) -> None:
    """Take over what a poll found out. Only polls.commit calls it, after it has checked the claim."""
    if outcome.hubs is not None:
        _want(conn, outcome.source, outcome.hubs, outcome.at)
    if any(change.kind == "new" and change.arrival == "live" for change in outcome.changes):
        _note_untold(conn, outcome.source, outcome.at)


def _want(conn: Connection, source: str, wanted: Sequence[Subscription], now: datetime) -> None:
    """Make a source's subscriptions those that its newest document asks for."""
    held = {(one.hub, one.topic): one for one in of_source(conn, source)}
    named = {(one.hub, one.topic) for one in wanted}
    rows = [_row(one) for one in wanted if (one.hub, one.topic) not in held]
    if rows:
        conn.execute(plain_insert(subscription), rows)
    again = [one.id for pair, one in held.items() if pair in named and one.state == "leaving"]
    if again:
        anew = {"state": "asking", "due_at": now, "failures": 0, "fence": subscription.c.fence + 1}
        conn.execute(update(subscription).where(subscription.c.id.in_(again)).values(anew))
    _leave(conn, [one for pair, one in held.items() if pair not in named], now)


def keep_only(conn: Connection, sources: Collection[str], callbacks: str, now: datetime) -> None:
    """Leave the hubs of all other sources; tell those of these where we are now.

    callbacks  what the addresses of callbacks begin with
    """
    s = subscription.c
    held = [_read(row) for row in conn.execute(select(subscription).where(s.state != "leaving")).mappings()]
    _leave(conn, [one for one in held if one.source not in sources], now)
    elsewhere = and_(s.state != "leaving", s.callback.is_not(None), s.callback != literal(callbacks) + s.id)
    conn.execute(update(subscription).where(elsewhere).values(due_at=now, failures=0))


def _leave(conn: Connection, some: Collection[Subscription], now: datetime) -> None:
    """Have these ended at their hubs; what no hub knows of is forgotten at once."""
    never = [one.id for one in some if one.callback is None]
    known = [one.id for one in some if one.callback is not None and one.state != "leaving"]
    conn.execute(delete(subscription).where(subscription.c.id.in_(never)))
    end = {"state": "leaving", "due_at": now, "failures": 0, "in_a_row": 0, "fence": subscription.c.fence + 1}
    conn.execute(update(subscription).where(subscription.c.id.in_(known)).values(end))


# --- talking to hubs ----------------------------------------------------------------------------------------------


def claim_asking(
    conn: Connection, limit: int, lease: timedelta, now: datetime, *, callbacks: str
) -> list[Subscription]:
    """Take up to `limit` subscriptions that something is to be done for; nobody else does it for `lease`.

    callbacks  what the addresses begin with that hubs will be told. Noted before they are: a hub may confirm, and a
               source be removed, before the answer to our request has come; and then the hub must be told.
    """
    s, moment = subscription.c, clock(conn, now)
    due = select(s.id).where(s.due_at <= moment).order_by(s.due_at, s.id).limit(limit)
    chosen = list(conn.scalars(due.with_for_update(skip_locked=True)))
    if not chosen:
        return []
    told = case((s.state == "leaving", s.callback), else_=literal(callbacks) + s.id)
    values = {"due_at": moment + lease, "fence": s.fence + 1, "callback": told}
    held = update(subscription).where(s.id.in_(chosen)).values(values)
    return [_read(row) for row in conn.execute(held.returning(subscription)).mappings()]


def asked(conn: Connection, held: Subscription, *, problem: str, due_at: datetime, now: datetime) -> None:
    """Note that a hub was asked under this claim. problem: what was wrong with its answer; "": it will come back."""
    values: dict[str, Any] = {"asked_at": now, "problem": problem, "failures": held.failures + 1, "due_at": due_at}
    conn.execute(update(subscription).where(*_stands(held)).values(values))


def forget(conn: Connection, held: Subscription) -> None:
    """End it, whatever the hub says, if it is still as it was claimed."""
    conn.execute(delete(subscription).where(*_stands(held)))


def _stands(held: Subscription) -> list[ColumnElement[bool]]:
    return [subscription.c.id == held.id, subscription.c.fence == held.fence]


def confirmed(conn: Connection, name: str, *, until: datetime, due_at: datetime) -> None:
    """A hub has confirmed it, for the first time or again."""
    values = {"state": "active", "granted_until": until, "due_at": due_at, "failures": 0, "problem": ""}
    _hub_said(conn, name, subscription.c.state != "leaving", values)


def denied(conn: Connection, name: str, *, why: str, due_at: datetime) -> None:
    """A hub does not want to, or does not want to any more."""
    values = {"state": "denied", "problem": why, "in_a_row": 0, "due_at": due_at, "granted_until": None}
    _hub_said(conn, name, subscription.c.state != "leaving", {**values, "failures": subscription.c.failures + 1})


def left(conn: Connection, name: str) -> None:
    """A hub has confirmed that it is over."""
    conn.execute(delete(subscription).where(subscription.c.id == name, subscription.c.state == "leaving"))


def _hub_said(conn: Connection, name: str, still: ColumnElement[bool], values: Mapping[str, Any]) -> None:
    s = subscription.c
    conn.execute(update(subscription).where(s.id == name, still).values({**values, "fence": s.fence + 1}))


# --- do they keep their word? -------------------------------------------------------------------------------------


def delivered(conn: Connection, held: Subscription, now: datetime) -> None:
    """Count a delivery; whatever polls found until now has been told."""
    s = subscription.c
    more = {"deliveries": s.deliveries + 1, "in_a_row": s.in_a_row + 1, "last_delivery_at": now}
    conn.execute(update(subscription).where(s.id == held.id).values(more))
    conn.execute(update(subscription).where(s.source == held.source).values(untold_since=None))


def _note_untold(conn: Connection, source: str, now: datetime) -> None:
    """A poll found news. Unless a hub has told just before, it has to tell soon."""
    s = subscription.c
    before = or_(s.last_delivery_at.is_(None), s.last_delivery_at < now - SILENCE)
    mine = update(subscription).where(s.source == source, _ACTIVE, s.untold_since.is_(None), before)
    conn.execute(mine.values(untold_since=now))


def doubt_silent(conn: Connection, now: datetime) -> list[str]:
    """Have those renewed at once whose hubs have not told of what a poll found; return their sources.

    Until the hub has told three times again, polls follow the source's own rhythm, and begin with one at once: the last
    decision still trusted the hub.
    """
    s = subscription.c
    problem = f"a poll found news, and the hub did not tell of it within {SILENCE // timedelta(minutes=1)} minutes"
    values = {"in_a_row": 0, "untold_since": None, "due_at": now, "problem": problem}
    silent = update(subscription).where(_ACTIVE, s.untold_since <= now - SILENCE).values(values)
    found = sorted(set(conn.scalars(silent.returning(s.source))))
    c = source_state.c
    late = update(source_state).where(c.id.in_(found), c.next_poll_at > now)
    conn.execute(late.values(next_poll_at=now, due_why="its hub has not told of its news, so it is polled as before"))
    return found


def _row(value: Subscription) -> dict[str, Any]:
    return {name: getattr(value, name) for name in _FIELDS}


def _read(row: RowMapping) -> Subscription:
    return Subscription(**{name: row[subscription.c[name]] for name in _FIELDS})
