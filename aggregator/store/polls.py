"""Who is due, who polls it, and what came of it.

In:    configured sources; claims; the outcome of one poll.
Out:   claims with a fence; one commit of everything that a poll found out.
Never: fetches, decides when to poll next, or lets two hold one source.

A claim is a lease: it runs out by itself. Its fence number is checked by the commit, so whoever slept through his lease
and comes back writes nothing. Hosts are locked before their sources, so two daemons never both turn to one host.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, case, func, literal, or_, select, update

from aggregator.errors import LeaseLost
from aggregator.model import Burden, Claim, Pause, PollOutcome, PollState, Source
from aggregator.store import incidents, line
from aggregator.store.columns import Moment
from aggregator.store.dialect import among, clock, insert, latest, on_postgresql
from aggregator.store.held import let_go
from aggregator.store.items import take_in
from aggregator.store.rows import dumps, poll_state, state_row
from aggregator.store.schema import host_state, item, source_state
from aggregator.store.sources import log
from aggregator.store.subscriptions import push_state, settle
from aggregator.store.visibility import flip

_READ = ("select", "zone", "zone_labels", "future", "strip")  # keys of a source that change what its document says
FLAWS_KEPT = 100  # of one document: who wants more than a hundred examples reads the document

# So many of the longest due, times the claims wanted, are looked at first: a claim must not cost more the more is due.
WINDOW = 8

_FORGOTTEN = {**state_row(PollState()), "kind": "", "problem": "", "hint": "", "ended": None, "status": None}
_UNHELD: dict[str, Any] = {"lease_until": None, "lease_owner": None}


def sync_sources(conn: Connection, configured: Iterable[Source], now: datetime) -> None:
    """Make the table say what the configuration says. A source that left it is disabled and kept, private if it was.

    New, enabled again, or at another URL is first contact (P06, R12): due now, nothing remembered, and a poll that is
    under way for the old one is refused. Asked or read in another way (a login, a zone), its validators are forgotten
    only.
    """
    line.one_at_a_time(conn)
    s = source_state.c
    wanted = {source.id: source for source in configured}
    rows = conn.execute(select(s.id, s.url, s.enabled, s.variant, s.private)).all()
    held = {row.id: row for row in rows}
    gone = [{"which": row.id} for row in rows if row.enabled and row.id not in wanted]
    new = [source for source in wanted.values() if source.id not in held]
    other = [s for s in wanted.values() if s.id in held and (s.url != held[s.id].url or not held[s.id].enabled)]
    _add_hosts(conn, [*new, *other])
    if new:
        conn.execute(insert(conn, source_state), [_first_row(source, now) for source in new])
    which = source_state.c.id == bindparam("which")
    if other:
        again = [{"which": s.id, "to_url": s.url, "to_host": host_of(s.url)} for s in other]
        values = {"url": bindparam("to_url"), "host": bindparam("to_host"), **_first_contact(now)}
        conn.execute(update(source_state).where(which).values(values), again)
    if gone:
        conn.execute(update(source_state).where(which).values(enabled=False, **_UNHELD), gone)
        left = update(item).where(item.c.source == bindparam("which"), item.c.left_at.is_(None))
        conn.execute(left.values(left_at=now), gone)
    _ask_anew(conn, wanted.values(), {row.id: row.variant for row in rows})
    hides = {id_: source.private for id_, source in wanted.items() if id_ in held}
    flip(conn, {id_: private for id_, private in hides.items() if private != held[id_].private}, now)


def _ask_anew(conn: Connection, wanted: Iterable[Source], before: Mapping[str, bytes | None]) -> None:
    """Forget the validators of sources that are asked or read otherwise than before; note how each is.

    A store from before this was noted knows of no way: nothing is forgotten, or an upgrade would cost every publisher a
    whole document (P01).
    """
    anew = [
        {"which": source.id, "asked": asked, "forget": before.get(source.id) is not None}
        for source in wanted
        if (asked := variant_of(source)) != before.get(source.id)
    ]
    for forget in (False, True):
        some = [{"which": one["which"], "asked": one["asked"]} for one in anew if one["forget"] is forget]
        values: dict[str, Any] = {"variant": bindparam("asked")}
        if forget:
            values |= {"etag": None, "last_modified": None, "body_sha256": None}
        if some:
            conn.execute(update(source_state).where(source_state.c.id == bindparam("which")).values(values), some)


def variant_of(source: Source) -> bytes:
    """Return the fingerprint of how a source is asked and read: what changes it may change the items (P06).

    Of a source that is read as any other it is that of the asking alone. Language, section and the like are no part of
    it: they are looked at when items are curated, and rules change forward (R11).
    """
    access = source.access
    asked = (access.via, access.user_agent, access.headers, access.cookies, access.basic)
    usual = Source(id="", url="")
    read = {name: told for name in _READ if (told := getattr(source, name)) != getattr(usual, name)}
    said = (asked, {name: _told(value) for name, value in read.items()}) if read else asked
    return sha256(repr(said).encode()).digest()


def _told(value: Any) -> Any:
    """Return what a person said; a key that a later version adds is no change."""
    return value if isinstance(value, str) else {name: said for name, said in asdict(value).items() if said}


def host_of(url: str) -> str:
    """What politeness is counted by: host and port, without a login, in small letters."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()


def _add_hosts(conn: Connection, new: Iterable[Source]) -> None:
    rows = [{"host": host} for host in sorted({host_of(source.url) for source in new})]
    if rows:
        conn.execute(insert(conn, host_state).on_conflict_do_nothing(), rows)


def _first_row(source: Source, now: datetime) -> dict[str, Any]:
    row = {"id": source.id, "url": source.url, "host": host_of(source.url), "added_at": now, "fence": 0}
    return {**row, "private": source.private, **_first_contact(now)}


def _first_contact(now: datetime) -> dict[str, Any]:
    due = {"next_poll_at": now, "due_why": "first contact", "due_terms": "{}"}
    told = {"enabled": True, "feed": None, "flaws": "[]", "flaw_count": 0}
    return {**_FORGOTTEN, **_UNHELD, **due, **told}


def claim_due(
    conn: Connection,
    *,
    limit: int,
    lease: timedelta,
    owner: str,
    now: datetime,
    pause: Pause,
    only: Collection[str] | None = None,
    ignore_schedule: bool = False,
    force: bool = False,
) -> list[Claim]:
    """Take up to `limit` sources that are due and that nobody holds; hold them for `lease`. The longest due first.

    now    SQLite goes by it; PostgreSQL by its own clock
    only   no others than these
    force  also hosts that asked us to stay away (Retry-After); a live lease and the gap between requests always hold
    """
    moment = clock(conn, now)
    wishes = _due(conn, moment, only=only, ignore_schedule=ignore_schedule, force=force)
    first = limit * WINDOW
    chosen = _chosen(conn, moment, pause, wishes, limit=limit, first=first)
    while len(chosen) < limit and _are_more(conn, wishes, first):  # hosts of many sources are in the way
        first *= WINDOW
        chosen = _chosen(conn, moment, pause, wishes, limit=limit, first=first)
    if not chosen:
        return []
    conn.execute(
        update(host_state)
        .where(host_state.c.host.in_(select(source_state.c.host).where(source_state.c.id.in_(chosen))))
        .values(next_allowed_at=_after_gap(moment, pause))
    )
    return hold(conn, chosen, owner, moment + lease)


def _due(
    conn: Connection, moment: datetime, *, only: Collection[str] | None, ignore_schedule: bool, force: bool
) -> list[ColumnElement[bool]]:
    """What a source and its host must fulfil to be claimed at this moment."""
    s, h = source_state.c, host_state.c
    wishes = [s.enabled, or_(s.lease_until.is_(None), s.lease_until <= moment)]
    wishes.append(or_(h.next_allowed_at.is_(None), h.next_allowed_at <= moment))
    if not force:
        wishes.append(or_(h.paused_until.is_(None), h.paused_until <= moment))
    if not ignore_schedule:
        wishes.append(s.next_poll_at <= moment)
    if only is not None:
        wishes.append(among(conn, s.id, only))
    return wishes


def _longest_due(wishes: list[ColumnElement[bool]], *columns: ColumnElement[Any]) -> Select[Any]:
    """Who fulfils these wishes, the longest due first."""
    s, h = source_state.c, host_state.c
    return select(*columns).join(host_state, h.host == s.host).where(*wishes).order_by(s.next_poll_at, s.id)


def _are_more(conn: Connection, wishes: list[ColumnElement[bool]], first: int) -> bool:
    behind = _longest_due(wishes, source_state.c.id).offset(first).limit(1)
    return conn.scalar(behind) is not None


def _chosen(
    conn: Connection, moment: datetime, pause: Pause, wishes: list[ColumnElement[bool]], *, limit: int, first: int
) -> list[str]:
    """Lock up to `limit` sources that may be claimed, of the `first` longest due. Those behind them take no place."""
    ready = _ready(moment, pause, wishes, first)
    if on_postgresql(conn):
        # with the host rows in our hands, the second look below sees every lease that others took on these hosts
        ready = _ready(moment, pause, [*wishes, source_state.c.host.in_(_lock_hosts(conn, ready, limit))], first)
    return _lock_sources(conn, ready, limit, moment)


def _after_gap(moment: datetime, pause: Pause) -> ColumnElement[datetime]:
    """When a host may be asked again."""
    own = {host: literal(moment + pause.gap_of(host), Moment) for host in pause.gaps}
    usual = literal(moment + pause.gap, Moment)
    return case(own, value=host_state.c.host, else_=usual) if own else usual


def _ready(moment: datetime, pause: Pause, wishes: list[ColumnElement[bool]], first: int) -> Select[Any]:
    """Who may be claimed (id, host, next_poll_at): per host no more than it lets in beside those under way."""
    s = source_state.c
    # no bare column: SQLite would walk through all hosts in their order, for want of a look at how few are under way
    host = s.host.concat("").label("host")
    busy = select(host, func.count().label("n")).where(s.enabled, s.lease_until > moment).group_by(host).subquery()
    due = _longest_due(wishes, s.id, s.host, s.next_poll_at).limit(first).subquery()
    place = func.row_number().over(partition_by=due.c.host, order_by=(due.c.next_poll_at, due.c.id))
    ranked = (
        select(due.c.id, due.c.host, due.c.next_poll_at, (place + func.coalesce(busy.c.n, 0)).label("place"))
        .outerjoin_from(due, busy, busy.c.host == due.c.host)
        .subquery()
    )
    return select(ranked).where(
        ranked.c.place <= pause.at_once, or_(ranked.c.place <= 1, ranked.c.host.not_in(pause.gaps))
    )


def _lock_hosts(conn: Connection, ready: Select[Any], limit: int) -> list[str]:
    due = ready.subquery()
    first = select(due.c.host, func.min(due.c.next_poll_at).label("at")).group_by(due.c.host).subquery()
    hosts = select(host_state.c.host).join(first, first.c.host == host_state.c.host).order_by(first.c.at).limit(limit)
    return list(conn.scalars(hosts.with_for_update(of=host_state, skip_locked=True)))


def _lock_sources(conn: Connection, ready: Select[Any], limit: int, moment: datetime) -> list[str]:
    """The ids, longest due first. SQLite has one writer anyway and says no FOR UPDATE.

    Who takes in what a hub sent holds a source without its host. PostgreSQL looks at a row once more when it has the
    lock, but only at what is asked of that row itself.
    """
    s = source_state.c
    free = or_(s.lease_until.is_(None), s.lease_until <= moment)
    ids = select(s.id).where(s.id.in_(select(ready.subquery().c.id)), free)
    first = ids.order_by(s.next_poll_at, s.id).limit(limit)
    return list(conn.scalars(first.with_for_update(skip_locked=True)))


def hold(conn: Connection, chosen: list[str], owner: str, until: datetime) -> list[Claim]:
    """Lease these sources, which nobody holds and whose rows are locked."""
    s = source_state.c
    taken = conn.execute(
        update(source_state)
        .where(s.id.in_(chosen))
        .values(lease_until=until, lease_owner=owner, fence=s.fence + 1)
        .returning(s.id, s.fence)
    )
    fences = {row.id: row.fence for row in taken}
    return [Claim(source=one, fence=fences[one], until=until) for one in chosen]


def next_due_at(
    conn: Connection,
    now: datetime,
    *,
    only: Collection[str] | None = None,
    ignore_schedule: bool = False,
    force: bool = False,
) -> datetime | None:
    """When the next source may be claimed, `now` at the earliest; None without sources. Arguments as of claim_due."""
    s, h = source_state.c, host_state.c
    moment = clock(conn, now)
    due = literal(moment, Moment) if ignore_schedule else s.next_poll_at
    start = func.coalesce(s.lease_until, due)
    waits: list[ColumnElement[datetime]] = [start, due, func.coalesce(h.next_allowed_at, start)]
    if not force:
        waits.append(func.coalesce(h.paused_until, start))
    wishes = [s.enabled] if only is None else [s.enabled, among(conn, s.id, only)]
    first = select(func.min(latest(conn, *waits), type_=Moment)).select_from(source_state)
    found = conn.scalar(first.join(host_state, h.host == s.host).where(*wishes))
    return None if found is None else max(found, moment)


def due(conn: Connection, now: datetime) -> set[str]:
    """The sources whose next poll is due, whether they can be claimed or not."""
    s = source_state.c
    return set(conn.scalars(select(s.id).where(s.enabled, s.next_poll_at <= clock(conn, now))))


def overdue(conn: Connection, since: datetime) -> list[str]:
    """The sources that were due before that moment and that nobody polls now; first polls wait for nobody."""
    s = source_state.c
    waiting = select(s.id).where(
        s.enabled, s.lease_until.is_(None), s.last_poll_at.is_not(None), s.next_poll_at < since
    )
    return list(conn.scalars(waiting.order_by(s.id)))


def put_off(conn: Connection, moments: Mapping[str, datetime], why: str) -> None:
    """Poll these sources later than they are due, each at its moment; why: told in their status."""
    s = source_state.c
    rows = [{"which": source, "moment": moment} for source, moment in moments.items()]
    later = update(source_state).where(s.id == bindparam("which"), s.next_poll_at < bindparam("moment"))
    if rows:
        conn.execute(later.values(next_poll_at=bindparam("moment"), due_why=why), rows)


def rates(conn: Connection) -> list[float]:
    """How many items a day each source brings that we know well enough to say."""
    s = source_state.c
    return list(conn.scalars(select(s.rate_per_day).where(s.enabled, s.document > 0, s.rate_per_day.is_not(None))))


def release(conn: Connection, claim: Claim) -> bool:
    """Give a source back, and tell whether it was ours still. A commit under this claim is refused from now on."""
    stands = _stands(claim.source, claim.fence)
    return conn.execute(update(source_state).where(*stands).values(_UNHELD)).rowcount > 0


def give_back(conn: Connection, claim: Claim, until: datetime, why: str) -> bool:
    """Give a source back unpolled, to be polled at `until` and not before; as `release` otherwise."""
    values = {**_UNHELD, "next_poll_at": until, "due_why": why}
    return conn.execute(update(source_state).where(*_stands(claim.source, claim.fence)).values(values)).rowcount > 0


def state_of(conn: Connection, source: str) -> PollState:
    """What we remember of a source; nothing, if we never heard of it."""
    row = conn.execute(select(source_state).where(source_state.c.id == source)).mappings().one_or_none()
    return replace(poll_state(row), push=push_state(conn, source)) if row else PollState()


def burden_of(conn: Connection, source: str) -> Burden:
    """What the host of a source bears of us."""
    s, h = source_state.c, host_state.c
    host = select(s.host).where(s.id == source).scalar_subquery()
    row = conn.execute(select(h.price, h.penalty, h.penalty_at, h.silences).where(h.host == host)).one_or_none()
    if row is None:
        return Burden()
    intervals = conn.scalars(select(s.interval_us).where(s.host == host, s.enabled)).all()
    return Burden(
        price=row.price,
        penalty=row.penalty,
        penalty_at=row.penalty_at,
        silences=row.silences,
        sources=len(intervals),
        intervals=tuple(interval for interval in intervals if interval is not None),
    )


def remembered(conn: Connection, source: str) -> tuple[PollState, Burden]:
    """All that a poll begins with."""
    return state_of(conn, source), burden_of(conn, source)


def commit(conn: Connection, outcome: PollOutcome, fence: int, *, gap: timedelta) -> None:
    """Store all effects of one poll, or raise LeaseLost and store none of them.

    The first statement checks and holds the claim, so that nobody can take the source over while the rest is written.
    gap  how long the host is left alone after this request
    """
    mine = update(source_state).where(*_stands(outcome.source, fence)).values(_outcome_row(outcome))
    if conn.execute(mine).rowcount == 0:
        raise LeaseLost(f"{outcome.source}: somebody else took over; what this poll found is left to them")
    if outcome.state.adopted_url:
        _move_host(conn, outcome.source, outcome.state.adopted_url)
    if outcome.ended != "failed":
        let_go(conn, outcome.source, outcome.at, confirmed=outcome.confirmed)
    take_in(conn, outcome)
    settle(conn, outcome)
    _leave_host(conn, outcome, gap)
    log(conn, outcome)
    if outcome.changes:
        line.call(conn, "curate")
    incidents.note(conn, outcome.incidents)


def _move_host(conn: Connection, source: str, url: str) -> None:
    """From now on the politeness is owed to the host of the address that was adopted."""
    host = host_of(url)
    conn.execute(insert(conn, host_state).values(host=host).on_conflict_do_nothing())
    conn.execute(update(source_state).where(source_state.c.id == source).values(host=host))


def _stands(source: str, fence: int) -> list[ColumnElement[bool]]:
    """Whether a claim still stands: it may have run out as long as nobody else took the source or gave it up."""
    s = source_state.c
    return [s.id == source, s.fence == fence, s.lease_until.is_not(None)]


def _outcome_row(outcome: PollOutcome) -> Mapping[str, Any]:
    row: dict[str, Any] = {
        **state_row(outcome.state),
        **_UNHELD,
        "next_poll_at": outcome.due.at,
        "due_why": outcome.due.why,
        "due_terms": dumps(dict(outcome.due.terms)),
        "ended": outcome.ended,
        "status": outcome.status,
        "kind": outcome.kind,
        "problem": outcome.problem,
        "hint": outcome.hint,
    }
    if outcome.flaws is not None:
        row |= {"flaws": dumps(outcome.flaws[:FLAWS_KEPT]), "flaw_count": len(outcome.flaws)}
    if outcome.feed is not None:
        row["feed"] = dumps(outcome.feed)
    return row


def _leave_host(conn: Connection, outcome: PollOutcome, gap: timedelta) -> None:
    """Leave the host alone for the gap, and for the pause it asked for; never shorten what another source was told."""
    moment = clock(conn, outcome.at)
    values: dict[str, Any] = {"next_allowed_at": _not_before(host_state.c.next_allowed_at, moment + gap)}
    if outcome.host_pause:
        values["paused_until"] = _not_before(host_state.c.paused_until, moment + outcome.host_pause)
    if outcome.burden:
        values |= {name: getattr(outcome.burden, name) for name in ("price", "penalty", "penalty_at", "silences")}
    mine = select(source_state.c.host).where(source_state.c.id == outcome.source).scalar_subquery()
    conn.execute(update(host_state).where(host_state.c.host == mine).values(values))


def _not_before(column: ColumnElement[datetime], moment: datetime) -> ColumnElement[datetime]:
    return case((and_(column.is_not(None), column > moment), column), else_=moment)
