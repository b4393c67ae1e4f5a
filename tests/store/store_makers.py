"""Values to put into a store: small, fictional, in three languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256

from sqlalchemy import Interval, literal, update

from aggregator.model import (
    Artefact,
    Category,
    Change,
    Curated,
    Delivery,
    Due,
    Enclosure,
    Face,
    Feed,
    Item,
    Membership,
    Origin,
    Outlet,
    Pause,
    Person,
    PollOutcome,
    PollState,
    Source,
    Tagged,
    Verdict,
    key_of,
)
from aggregator.store import items, polls, topics
from aggregator.store.schema import host_state, item, source_state, subscription
from aggregator.store.schema_hub import outbox, subscriber

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MORNING = datetime(2026, 3, 1, 8, 30, 15, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)
LEASE = timedelta(minutes=2)
QUICK = Pause(at_once=1, gap=timedelta(0))

QUIET = {"kept_out": {}, "due_at": None}  # of a publication that nothing but its entries is told of


def a_source(name="ozero", url=None):
    return Source(id=name, url=url or f"https://{name}.example/rss")


def an_item(name="1", words="Паром снова ходит", **more):
    facts = {
        "link": f"https://ozero.example/news/{name}",
        "summary": "<p>Пором знову ходить щогодини.</p>",
        "content": "<p>The ferry runs every hour again.</p>",
        "authors": (Person(name="Вера Причал"), Person(name="Ivan", email="i@ozero.example", uri="https://i.example/")),
        "categories": (Category(term="Транспорт"), Category(term="lake", scheme="https://s.example/", label="Lake")),
        "enclosures": (Enclosure(href="https://ozero.example/1.mp3", type="audio/mpeg", length_bytes=1234567),),
        "published": MORNING,
        "updated": MORNING + HOUR,
        "language": "ru",
        "comments": f"https://ozero.example/news/{name}#talk",
        "raw_sha256": b"raw",
    } | more
    return Item(id=name, title=words, sha256=sha256(f"{name} {words}".encode()).digest(), **facts)


def a_change(item, source="ozero", kind="new", **more):
    return Change(kind=kind, key=key_of(source, item.id), item=item, **more)


def an_outcome(now, *changes, source="ozero", document=1, **more):
    state = PollState(
        etag=f'W/"{document}"'.encode(),
        last_modified=b"Sun, 01 Mar 2026 08:30:00 GMT",
        body_sha256=sha256(str(document).encode()).digest(),
        document=document,
        interval=timedelta(minutes=20, seconds=3.25),
        last_poll_at=now,
        last_success_at=now,
    )
    facts = {
        "source": source,
        "at": now,
        "ended": "changed",
        "state": state,
        "due": Due(at=now + HOUR, interval=HOUR, why="a quiet source", terms={"rhythm": 0.5, "floor": "15 min"}),
        "took": timedelta(milliseconds=412),
        "status": 200,
        "bytes_read": 41822,
        "changes": changes,
        "present": tuple(change.key for change in changes),
        "flaws": (),
        "feed": Feed(title="Озеро", link="https://ozero.example/", updated=MORNING, language="ru"),
    } | more
    return PollOutcome(**facts)


def claim(store, time, *, limit=10, pause=QUICK, owner="one", **more):
    now = time.now
    return store.write_now(polls.claim_due, limit=limit, lease=LEASE, owner=owner, now=now, pause=pause, **more)


def commit(store, time, outcome):
    """Claim the source whatever its schedule says, and commit."""
    (held,) = claim(store, time, only=[outcome.source], ignore_schedule=True)
    store.write_now(polls.commit, outcome, held.fence, gap=timedelta(0))


def stored(store, time, *some, source="ozero", **more):
    """Have these items in the store, each new; returns their keys."""
    if store.read_now(polls.state_of, source).next_poll_at is None:
        store.write_now(polls.sync_sources, [a_source(source)], time.now)
    changes = [a_change(item, source) for item in some]
    commit(store, time, an_outcome(time.now, *changes, source=source, **more))
    return [change.key for change in changes]


def a_curation(key, *, verdicts=(), memberships=(), sections=(), url=None, language="ru", cited=()):
    places = tuple(memberships)
    return Curated(
        key=key,
        language=language,
        canonical_url=url,
        sections=tuple(Tagged(section=s, confidence=c, why=f"because of {s}") for s, c in sections),
        memberships=places,
        verdicts=tuple(Verdict(topic=t, admitted=a, why="matched" if a else "kept out") for t, a in verdicts),
        credits=tuple(cited),
    )


def curate(store, time, *curated):
    """Commit these decisions about the items as they are now."""
    held = [store.read_now(items.by_key, one.key) for one in curated]
    seen = {stored.key: (stored.item.sha256, bool(stored.full_text)) for stored in held}
    store.write_now(items.commit_curated, curated, seen=seen, now=time.now)


def configured(store, time, *names):
    store.write_now(topics.sync_topics, dict.fromkeys(names, b"rules"), time.now)


def a_place(item, story="s1", of=None, *, kind="copy"):
    return Membership(
        kind=kind,
        story=story,
        item=item,
        of=of or item,
        method="same-url" if of else "first",
        score=1.0,
        evidence="https://ozero.example/1",
        rule=1,
    )


def a_face(title="Паром снова ходит"):
    origin = Origin(source="ozero", title="Озеро", url="https://ozero.example/rss", updated=MORNING)
    return Face(
        title=title,
        link=None,
        published=MORNING,
        authors=(Person(name="Вера Причал"),),
        categories=(Category(term="Транспорт"),),
        summary="",
        content="<p>Знову</p>",
        enclosures=(Enclosure(href="https://ozero.example/1.mp3"),),
        language="uk",
        comments=None,
        origin=origin,
        via=(an_outlet(),),
    )


def an_outlet(**more):
    facts = {"title": "Паром", "link": None, "published": MORNING + HOUR} | more
    return Outlet(key="k9", source="bereg", outlet="Берег", **facts)


def a_delivery(key="k1", *, topic="lake", rev=1, state="live", sha256=b"as shown", entered_at=MORNING, **more):
    return Delivery(
        topic=topic,
        entry_id=f"tag:feeds.example,2026-03-01:{key}",
        anchor=key,
        story=None,
        entered_at=entered_at,
        rev=rev,
        updated=entered_at,
        state=state,
        face=a_face(),
        sha256=sha256,
        outlets=(an_outlet(), an_outlet(link="https://bereg.example/1", via=True)),
        why="first of its copies",
        **more,
    )


def an_artefact(body=b"<feed/>", *, topic="lake", at=MORNING, **more):
    etag = f'"{sha256(body).hexdigest()[:8]}"'
    facts = {"format": "atom", "encoding": "identity", "entries": 1} | more
    return Artefact(topic=topic, body=body, etag=etag, last_modified=at, **facts)


class Time:
    """The moment, as the store's engine sees it, and a way to let it pass."""

    def __init__(self, store):
        self._store, self._passed = store, timedelta(0)

    @property
    def now(self):
        return NOON + self._passed if self._store.dialect == "sqlite" else datetime.now(UTC)

    def passes(self, delta):
        """PostgreSQL goes by its own clock: there everything that was agreed moves into the past instead."""
        self._passed += delta
        if self._store.dialect == "postgresql":
            self._store.write_now(_move, source_state, ("next_poll_at", "lease_until", "last_poll_at"), delta)
            self._store.write_now(_move, subscription, ("due_at",), delta)
            self._store.write_now(_move, item, ("held_until",), delta)
            self._store.write_now(_move, host_state, ("next_allowed_at", "paused_until"), delta)
            self._store.write_now(_move, outbox, ("at", "due_at"), delta)
            self._store.write_now(_move, subscriber, ("until", "wished_at"), delta)


def _move(conn, table, columns, delta):
    conn.execute(update(table).values({name: table.c[name] - literal(delta, Interval) for name in columns}))
