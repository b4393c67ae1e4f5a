"""What is to be sent to hubs and subscribers, until it is: written in the commit that is the reason, sent after it.

In:    reasons to write; what came of sending.
Out:   Letters.
Never: sends anything, or keeps two letters of one kind about one feed to one receiver.

Who claims a letter moves its `due_at` into the future, so that of several daemons one sends it, and somebody else does
if that one dies. A reason that comes while it is on its way counts `news` up, and then it is sent once more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Connection, and_, case, delete, func, or_, select, update

from aggregator.model import Format, Letter, LetterKind
from aggregator.store import line
from aggregator.store.dialect import chunks, clock, insert
from aggregator.store.schema_hub import outbox, subscriber

PER_HOST = 4  # letters to one host at a time: one that never answers must not take the places of all the others


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """A reason to write."""

    kind: LetterKind
    receiver: str
    host: str
    topic: str
    format: Format

    @property
    def id(self) -> str:
        """The name of its letter."""
        said = f"{self.kind}\0{self.receiver}\0{self.topic}\0{self.format}"
        return sha256(said.encode("utf-8", "replace")).hexdigest()[:32]


def changed(conn: Connection, topic: str, formats: Collection[Format], hubs: Collection[str], now: datetime) -> None:
    """A public topic's feeds have changed: have its subscribers and these hubs told. Part of artefacts.publish."""
    s = subscriber.c
    mine = select(s.id, s.host, s.format).where(s.topic == topic, s.format.in_(formats), s.until > clock(conn, now))
    deliveries = [
        Addressed(kind="delivery", receiver=row.id, host=row.host, topic=topic, format=row.format)
        for row in conn.execute(mine)
    ]
    pings = [
        Addressed(kind="ping", receiver=hub, host=host_of(hub), topic=topic, format=one)
        for hub in hubs
        for one in formats
    ]
    put(conn, [*deliveries, *pings], now)


def put(conn: Connection, reasons: Iterable[Addressed], now: datetime, due_at: datetime | None = None) -> None:
    """Write these letters, where they are not waiting already. due_at: not before; what waits keeps its own time."""
    moment = clock(conn, now)
    first = {"at": moment, "due_at": due_at or moment, "news": 1, "failures": 0, "problem": "", "fence": 0}
    rows = [{"id": one.id, **{name: getattr(one, name) for name in Addressed.__slots__}, **first} for one in reasons]
    if not rows:
        return
    more = insert(conn, outbox)
    given_up = outbox.c.due_at.is_(None)
    anew = {
        name: case((given_up, more.excluded[name]), else_=outbox.c[name])
        for name in ("at", "due_at", "failures", "problem")
    }
    conn.execute(more.on_conflict_do_update(index_elements=["id"], set_={**anew, "news": outbox.c.news + 1}), rows)
    line.call(conn, "tell")


def host_of(address: str) -> str:
    """Return whose address it is; "" where none can be read in it."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def claim(
    conn: Connection, limit: int, lease: timedelta, now: datetime, *, busy: Mapping[str, int] | None = None
) -> list[Letter]:
    """Take up to `limit` letters that are due; nobody else sends them for `lease`. What has not failed goes first.

    busy  host -> letters that are on their way to it; more than PER_HOST are not claimed
    """
    c, moment, busy = outbox.c, clock(conn, now), busy or {}
    full = [host for host, letters in busy.items() if letters >= PER_HOST]
    order = (c.failures, c.due_at, c.id)
    place = func.row_number().over(partition_by=c.host, order_by=order).label("place")
    placed = select(c.id, place).where(c.due_at <= moment, c.host.not_in(full)).subquery()
    front = select(placed.c.id).where(placed.c.place <= PER_HOST)
    due = select(c.id, c.host).where(c.due_at <= moment, c.id.in_(front)).order_by(*order).limit(limit)
    taken, chosen = Counter(busy), list[str]()
    for row in conn.execute(due.with_for_update(skip_locked=True)):
        if taken[row.host] < PER_HOST:
            taken[row.host] += 1
            chosen.append(row.id)
    if not chosen:
        return []
    held = update(outbox).where(c.id.in_(chosen)).values(due_at=moment + lease, fence=c.fence + 1)
    names = Letter.__slots__
    rows = conn.execute(held.returning(*(c[name] for name in names))).mappings()
    return [Letter(**{name: row[name] for name in names}) for row in rows]


def news_of(conn: Connection, letter: Letter) -> int:
    """How many reasons there were to write it, until now."""
    return conn.scalar(select(outbox.c.news).where(*_stands(letter))) or letter.news


def sent(conn: Connection, letter: Letter, now: datetime) -> bool:
    """It has arrived. False: there was another reason to write it meanwhile, or somebody else has it in hand."""
    c = outbox.c
    if conn.execute(delete(outbox).where(*_stands(letter), c.news == letter.news)).rowcount:
        return True
    moment = clock(conn, now)
    anew = {"at": moment, "due_at": moment, "failures": 0, "problem": ""}
    conn.execute(update(outbox).where(*_stands(letter)).values(anew))
    return False


def failed(conn: Connection, letter: Letter, *, problem: str, due_at: datetime | None) -> None:
    """It has not arrived. due_at: when it is tried again; None: not any more, but for another reason to write."""
    values = {"problem": problem, "due_at": due_at, "failures": letter.failures + 1}
    conn.execute(update(outbox).where(*_stands(letter)).values(values))


def put_back(conn: Connection, letters: Iterable[Letter], now: datetime) -> None:
    """Give back what was claimed and not sent: the next one need not wait until the claims run out."""
    for letter in letters:
        conn.execute(update(outbox).where(*_stands(letter)).values(due_at=clock(conn, now)))


def drop(conn: Connection, receivers: Collection[str]) -> None:
    """Write to these no more."""
    for some in chunks(receivers):
        conn.execute(delete(outbox).where(outbox.c.receiver.in_(some)))


def keep_only(conn: Connection, hubs: Collection[str], topics: Collection[str]) -> None:
    """Ping these hubs only, and only about these topics."""
    c = outbox.c
    others = or_(c.receiver.not_in(hubs), c.topic.not_in(topics))
    conn.execute(delete(outbox).where(and_(c.kind == "ping", others)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What has not arrived, to one hub."""

    hub: str
    pings: int
    given_up: int  # of them: they are sent when their feed changes again
    problem: str  # of one of them; "": none has failed


def pings(conn: Connection) -> list[Waiting]:
    """What waits to be told to hubs, by hub."""
    c = outbox.c
    lost = func.sum(case((c.due_at.is_(None), 1), else_=0))
    every = select(c.receiver, func.count(), lost, func.max(c.problem)).where(c.kind == "ping").group_by(c.receiver)
    return [
        Waiting(hub=hub, pings=number, given_up=given_up, problem=problem)
        for hub, number, given_up, problem in conn.execute(every.order_by(c.receiver))
    ]


def count(conn: Connection) -> int:
    """How many letters wait, without those that were given up."""
    return conn.scalar(select(func.count()).select_from(outbox).where(outbox.c.due_at.is_not(None))) or 0


def _stands(letter: Letter) -> list[ColumnElement[bool]]:
    return [outbox.c.id == letter.id, outbox.c.fence == letter.fence]
