"""What hubs have sent and nobody has read yet.

In:    deliveries, answered only after they stand here.
Out:   claims on their sources; then their items, or a poll that is due at once.
Never: reads a document, or lets a hub fill the disk.

The claim on the source is the right to read what was sent for it, so that a poll and a delivery never write at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, case, delete, exists, func, or_, select, update
from sqlalchemy import insert as plain_insert

from aggregator.errors import LeaseLost
from aggregator.model import Claim, PollOutcome, Pushed, Subscription
from aggregator.store import line, polls, subscriptions
from aggregator.store.dialect import clock
from aggregator.store.items import take_in
from aggregator.store.rows import state_row
from aggregator.store.schema import inbox, source_state
from aggregator.store.sources import log

KEPT = 20  # documents of one source that wait; of more, only the fact is kept, and the source is polled
LEARNED = ("rhythm", "rate_per_day", "quiet_at", "lags")  # what a delivery teaches of a source, as a poll does
PING_GAP = timedelta(minutes=1)  # between a poll and the next one that a hub may cause, however often it calls


def receive(conn: Connection, held: Subscription, *, content_type: str, body: bytes | None, now: datetime) -> None:
    """Keep a delivery until it is read. body: None, if only that there is something new."""
    subscriptions.delivered(conn, held, now)
    c = inbox.c
    documents, pings = conn.execute(
        select(func.count(c.body), func.count() - func.count(c.body)).where(c.source == held.source)
    ).one()
    if body is not None and documents >= KEPT:
        body = None
    if body is None and pings:
        return
    row = {"source": held.source, "topic": held.topic, "at": now, "content_type": content_type, "body": body}
    conn.execute(plain_insert(inbox), row)
    line.call(conn, "deliver")


def claim_pushed(
    conn: Connection, *, limit: int, lease: timedelta, owner: str, now: datetime
) -> list[tuple[Claim, Pushed]]:
    """Take up to `limit` sources that documents wait for and that nobody holds, each with its oldest document."""
    moment = clock(conn, now)
    waiting = select(inbox.c.source).where(inbox.c.body.is_not(None))
    s = source_state.c
    free = select(s.id).where(s.enabled, or_(s.lease_until.is_(None), s.lease_until <= moment), s.id.in_(waiting))
    chosen = list(conn.scalars(free.order_by(s.id).limit(limit).with_for_update(skip_locked=True)))
    if not chosen:
        return []
    return [(claim, _oldest(conn, claim.source)) for claim in polls.hold(conn, chosen, owner, moment + lease)]


def _oldest(conn: Connection, source: str) -> Pushed:
    c = inbox.c
    mine = select(inbox).where(c.source == source, c.body.is_not(None)).order_by(c.seq).limit(1)
    row = conn.execute(mine).mappings().one()
    return Pushed(**{name: row[c[name]] for name in Pushed.__slots__})


def commit_pushed(conn: Connection, outcome: PollOutcome, claim: Claim, seq: int) -> None:
    """Store what a delivered document brought, or raise LeaseLost and store nothing of it.

    When the source is polled next, and how its last poll ended, stays as it is.
    """
    _hand_back(conn, claim)
    learned = {name: value for name, value in state_row(outcome.state).items() if name in LEARNED}
    conn.execute(update(source_state).where(source_state.c.id == outcome.source).values(learned))
    take_in(conn, outcome)
    log(conn, outcome)
    conn.execute(delete(inbox).where(inbox.c.seq == seq))
    line.call(conn, "curate")


def ask_instead(conn: Connection, claim: Claim, seq: int) -> None:
    """A document could not be read: only that there is something new is kept."""
    _hand_back(conn, claim)
    conn.execute(update(inbox).where(inbox.c.seq == seq).values(body=None))


def _hand_back(conn: Connection, claim: Claim) -> None:
    if not polls.release(conn, claim):
        raise LeaseLost(f"{claim.source}: somebody else took over; what its hub has sent is left to them")


def call(conn: Connection, now: datetime) -> int:
    """Make the sources due of which hubs say that there is something new; return how many.

    Not those that are being polled: that poll may have come too early, so the hub's word waits for its end. And not
    those that fail: how long a publisher wants to be left alone is not for a hub to say.
    """
    s, moment = source_state.c, clock(conn, now)
    pinged = s.id.in_(select(inbox.c.source).where(inbox.c.body.is_(None)))  # few: from them, not from all sources
    free = or_(s.lease_until.is_(None), s.lease_until <= moment)
    soonest = case((s.last_poll_at > moment - PING_GAP, moment + PING_GAP), else_=moment)
    values = {"next_poll_at": soonest, "due_why": "its hub says that there is something new", "due_terms": "{}"}
    due = update(source_state).where(pinged, free, s.enabled, s.failures == 0, s.next_poll_at > soonest)
    called = conn.execute(due.values(values)).rowcount
    mine = s.id == inbox.c.source
    heard = inbox.c.body.is_(None) & exists().where(mine, free)
    conn.execute(delete(inbox).where(or_(heard, exists().where(mine, ~s.enabled))))
    return called
