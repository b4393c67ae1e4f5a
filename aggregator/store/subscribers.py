"""Who hears from our own hub, of which feed, and until when.

In:    what was asked of the hub; what callbacks said when they were asked back.
Out:   Subscribers; letters to them in the outbox.
Never: takes anybody in who has not said himself that he wants it, or lets one host, or one feed, fill the store.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, func, or_, select, update

from aggregator.model import Artefact, Format, Letter, Subscriber, Wish
from aggregator.store import artefacts, outbox
from aggregator.store.dialect import clock, insert
from aggregator.store.outbox import Addressed
from aggregator.store.schema_hub import outbox as letters
from aggregator.store.schema_hub import subscriber

Full = Literal["feed", "host", "wishes", "unknown"]  # why a wish is not taken

# Room for a service that reads for many, with a callback for each feed; a few hundred bytes each.
MOST_OF_A_FEED = 1000
MOST_OF_A_HOST = 500
# Each wish makes us ask somebody: whoever sends us after others gets no further than this. Of those alone who have not
# said yes yet: a service that subscribes to everything has said so to the first before it comes with the last.
MOST_WISHES = 100
MOST_WISHES_OF_A_HOST = 20
QUIET = timedelta(minutes=1)  # between two questions to a callback that has never said yes


class _Place(NamedTuple):
    """Whom a wish concerns."""

    id: str
    host: str


def id_of(callback: str, address: str) -> str:
    """Return what the subscription of a callback to a feed is called."""
    return sha256(f"{callback}\0{address}".encode("utf-8", "replace")).hexdigest()[:32]


def wish(conn: Connection, wanted: Wish, now: datetime) -> Full | None:
    """Have a callback asked whether it means this; or say what there is too much of. The newest wish counts."""
    moment, s = clock(conn, now), subscriber.c
    place = _Place(id_of(wanted.callback, wanted.address), outbox.host_of(wanted.callback))
    held = one(conn, place.id)
    active = held is not None and held.until is not None and held.until > moment
    if wanted.mode == "unsubscribe" and not active:
        return "unknown"
    if not active and (full := _full(conn, wanted, place, moment)):
        return full
    asked_at = conn.scalar(select(s.wished_at).where(s.id == place.id))
    row = {
        "id": place.id,
        "callback": wanted.callback,
        "host": place.host,
        "address": wanted.address,
        "topic": wanted.topic,
        "format": wanted.format,
        "wish": wanted.mode,
        "wish_secret": wanted.secret,
        "wish_lease_us": wanted.lease,
        "wished_at": moment,
    }
    put = insert(conn, subscriber)
    anew = {name: put.excluded[name] for name in ("wish", "wish_secret", "wish_lease_us", "wished_at")}
    conn.execute(put.on_conflict_do_update(index_elements=["id"], set_=anew), row)
    question = _letter("question", place, wanted.topic, wanted.format)
    outbox.put(conn, [question], now, None if active or asked_at is None else max(moment, asked_at + QUIET))
    return None


def _full(conn: Connection, wanted: Wish, place: _Place, moment: datetime) -> Full | None:
    s = subscriber.c
    others = s.id != place.id
    of_host, nobody = and_(others, s.host == place.host), s.until.is_(None)
    lately = or_(s.wish.is_not(None), s.wished_at > moment - QUIET)
    bounds: list[tuple[Full, ColumnElement[bool], int]] = [
        ("wishes", and_(others, nobody, lately), MOST_WISHES),
        ("host", and_(of_host, nobody, lately), MOST_WISHES_OF_A_HOST),
        ("host", of_host, MOST_OF_A_HOST),
        ("feed", and_(others, s.topic == wanted.topic, s.format == wanted.format), MOST_OF_A_FEED),
    ]
    return next((name for name, which, most in bounds if _count(conn, which) >= most), None)


def _count(conn: Connection, which: ColumnElement[bool]) -> int:
    return conn.scalar(select(func.count()).select_from(subscriber).where(which)) or 0


def one(conn: Connection, name: str) -> Subscriber | None:
    """The subscriber of this id, active or not."""
    row = conn.execute(select(subscriber).where(subscriber.c.id == name)).mappings().one_or_none()
    return _read(row) if row else None


class Due(NamedTuple):
    """What a delivery is made of."""

    to: Subscriber | None  # None: he is to hear nothing more
    feed: Artefact | None
    news: int  # reasons to write it, by now


def due(conn: Connection, letter: Letter, now: datetime) -> Due:
    """Read all that a delivery is made of at one moment: what came meanwhile is sent, and sent once."""
    held = one(conn, letter.receiver)
    active = held is not None and held.until is not None and held.until > clock(conn, now)
    feed = artefacts.load(conn, letter.topic, letter.format, "identity") if active else None
    return Due(held if active else None, feed, outbox.news_of(conn, letter))


def meant(conn: Connection, letter: Letter, said: Wish, *, until: datetime, now: datetime) -> bool:
    """A callback has said that it means what it was asked; False if it has wished for something else meanwhile."""
    if not outbox.sent(conn, letter, now):
        return False
    if said.mode == "unsubscribe":
        end(conn, letter.receiver)
        return True
    values = {"secret": said.secret, "until": until, **_NO_WISH}
    conn.execute(update(subscriber).where(subscriber.c.id == letter.receiver).values(values))
    return True


def not_meant(conn: Connection, letter: Letter, now: datetime) -> None:
    """A callback has not said so: all stays as it was (section 5.1). Who was nobody is forgotten by `prune`."""
    if outbox.sent(conn, letter, now):
        conn.execute(update(subscriber).where(subscriber.c.id == letter.receiver).values(_NO_WISH))


def end(conn: Connection, name: str) -> None:
    """Forget a subscriber, and what was to be sent to him."""
    outbox.drop(conn, [name])
    conn.execute(delete(subscriber).where(subscriber.c.id == name))


def keep_only(conn: Connection, addresses: Mapping[str, tuple[str, Format]], now: datetime) -> None:
    """End what is subscribed to or wished for at other addresses than these, and have that said to whom it concerns."""
    s = subscriber.c
    over = and_(s.address.not_in(list(addresses)), or_(s.until.is_not(None), s.wish.is_not(None)))
    ended = update(subscriber).where(over).values(until=None, **_NO_WISH)
    rows = conn.execute(ended.returning(s.id, s.host, s.topic, s.format)).all()
    outbox.drop(conn, [row.id for row in rows])
    said = [_letter("denial", _Place(row.id, row.host), row.topic, row.format) for row in rows]
    outbox.put(conn, said, now)


def prune(conn: Connection, now: datetime) -> int:
    """Forget those whose lease has run out, and those who never said yes; return how many leases that were."""
    s, moment = subscriber.c, clock(conn, now)
    unheard = s.id.not_in(select(letters.c.receiver))  # else he is still to be told that it is over
    nobody = and_(s.until.is_(None), s.wished_at <= moment - QUIET, unheard)
    silent = select(s.id, s.until).where(s.wish.is_(None), or_(s.until <= moment, nobody))
    gone = [(row.id, row.until) for row in conn.execute(silent)]
    for name, _ in gone:
        end(conn, name)
    return sum(until is not None for _, until in gone)


def by_topic(conn: Connection, now: datetime) -> dict[str, int]:
    """How many subscribers each topic has, in all its formats."""
    s = subscriber.c
    counted = select(s.topic, func.count()).where(s.until > clock(conn, now)).group_by(s.topic).order_by(s.topic)
    return {topic: number for topic, number in conn.execute(counted)}  # noqa: C416 - rows are no pairs to a type checker


_NO_WISH: dict[str, Any] = {"wish": None, "wish_secret": None, "wish_lease_us": None}


def _letter(kind: Literal["question", "denial"], place: _Place, topic: str, format_: Format) -> Addressed:
    return Addressed(kind=kind, receiver=place.id, host=place.host, topic=topic, format=format_)


def _read(row: RowMapping) -> Subscriber:
    s = subscriber.c
    where = {name: row[s[name]] for name in ("callback", "address", "topic", "format")}
    wanted = None
    if row[s.wish]:
        wanted = Wish(mode=row[s.wish], secret=row[s.wish_secret], lease=row[s.wish_lease_us], **where)
    return Subscriber(id=row[s.id], host=row[s.host], secret=row[s.secret], until=row[s.until], wish=wanted, **where)
