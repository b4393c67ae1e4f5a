"""The spine: the only file that sees all the stages and the store. The order of the lines is the order of the work.

    poll(room, claim)      one source: fetch, parse, decide what is new, commit; then when to come back, and why
    curate(room)           the items not yet curated: language, sections, copies, topics
    publish(room, topic)   a topic that changed: ledger, documents in every format, commit

Each ends in one transaction; each can be killed at any instant and is simply done again.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from aggregator import __version__, dedup, schedule
from aggregator import publish as publishing
from aggregator.clock import Clock
from aggregator.config import Config
from aggregator.dedup import Place
from aggregator.errors import FetchError, LeaseLost, SourceError
from aggregator.fetch import Client
from aggregator.log import tell
from aggregator.model import (
    Authority,
    Candidate,
    Change,
    Claim,
    Curated,
    Ended,
    Facts,
    Fetched,
    Membership,
    Origin,
    Parsed,
    PollOutcome,
    PollState,
    Site,
    Source,
    StoredItem,
    Tagged,
    Topic,
    Verdict,
    key_of,
)
from aggregator.model.item import LATER
from aggregator.parse import Workers
from aggregator.store import Store, artefacts, items, meta, polls, topics, work
from aggregator.tag import Matcher, Tagger, language_of
from aggregator.urls import canonical

FETCH_DEADLINE = timedelta(seconds=60)
LEASE = 2 * FETCH_DEADLINE + timedelta(seconds=60)  # a poll that takes longer is held to be dead (reliability.md)
BATCH = 200  # items curated in one transaction: large enough to be quick, small enough to be soon done again
PAST = 20_000  # how far back an edited rule may look for its backfill
DEAD_AFTER = timedelta(days=30)  # of 404 without a break (P15)


@dataclass(slots=True, kw_only=True)
class Newsroom:
    """Everything the verbs work with. `config` and what is built from it change together, in `reload`."""

    config: Config
    store: Store
    client: Client
    workers: Workers
    clock: Clock
    rng: random.Random
    authority: Authority
    site: Site
    matcher: Matcher
    tagger: Tagger
    fragments: publishing.Fragments = field(default_factory=publishing.Fragments)
    curating: asyncio.Lock = field(default_factory=asyncio.Lock)  # one curator at a time, one publisher at a time:
    publishing: asyncio.Lock = field(default_factory=asyncio.Lock)  # a person's `poll` works beside the daemon's loops


@asynccontextmanager
async def open_newsroom(config: Config, store: Store, *, clock: Clock, rng: random.Random) -> AsyncIterator[Newsroom]:
    """Make all parts ready to work on this store, and bring the store in line with the configuration."""
    host = urlsplit(config.public_url).hostname or "localhost"
    authority = await store.write(meta.authority, config.authority or host, clock())
    client = Client(
        contact=config.contact, version=__version__, allow_private=config.allow_private, deadline=FETCH_DEADLINE
    )
    async with client, Workers() as workers:
        room = Newsroom(
            config=config,
            store=store,
            client=client,
            workers=workers,
            clock=clock,
            rng=rng,
            authority=authority,
            site=Site(public_url=config.public_url, version=__version__),
            matcher=Matcher(config.topics, config.rules),
            tagger=Tagger(config.sections),
        )
        await _sync(room)
        yield room


async def reload(room: Newsroom, config: Config) -> None:
    """Work by another configuration from now on. Polls in flight end by the old one; what is stale is refused."""
    async with room.curating, room.publishing:
        room.config = config
        room.matcher, room.tagger = Matcher(config.topics, config.rules), Tagger(config.sections)
        room.site = replace(room.site, public_url=config.public_url)
        await _sync(room)


async def _sync(room: Newsroom) -> None:
    """Tell the store what is configured; admit the past that an edited topic asks for (R11)."""
    now = room.clock()
    config = room.config
    await room.store.write(polls.sync_sources, config.sources.values(), now)
    rules = {topic.id: _rules_sha256(topic, config) for topic in config.topics.values()}
    added, edited = await room.store.write(topics.sync_topics, rules, now)
    for topic_id in (*added, *edited):
        if config.topics[topic_id].backfill:
            await _admit_past(room, config.topics[topic_id])
    await room.store.write(topics.touch, list(config.topics))  # a new title or format shows without a new entry


def _rules_sha256(topic: Topic, config: Config) -> bytes:
    """Return the fingerprint of all that decides what is in a topic: a change of it is an edited rule (R11)."""
    sections = sorted((s.id, s.parent or "", s.words, s.not_words) for s in config.sections.values())
    decides = (topic.match, topic.not_, topic.fold, sorted(config.rules.items()), sections)
    return hashlib.sha256(repr(decides).encode()).digest()


# --- poll ---------------------------------------------------------------------------------------------------------


async def poll(room: Newsroom, claim: Claim) -> PollOutcome | None:
    """Take one source through the whole way once; return what was committed, None if the claim had run out."""
    source = room.config.sources[claim.source]
    state = await room.store.read(polls.state_of, source.id)
    began = room.clock()
    try:
        fetched = await room.client.fetch(source, state)
        outcome = await _answered(room, source, state, fetched, began)
    except SourceError as error:
        outcome = _failed(room, source, state, error, began)
    except Exception as error:  # noqa: BLE001 - a fault of ours must cost one poll, never the daemon
        tell("error", "work.crashed", work="poll", source=source.id, exc_info=error)
        outcome = _failed(room, source, state, SourceError("internal", f"a fault of ours: {error!r}"), began)
    try:
        await room.store.write(polls.commit, outcome, claim.fence, gap=room.config.pause.gap)
    except LeaseLost:
        tell("warning", "source.discarded", source=source.id)
        return None
    _tell_polled(outcome)
    return outcome


async def _answered(room: Newsroom, source: Source, state: PollState, fetched: Fetched, began: datetime) -> PollOutcome:
    """Return the outcome of an answer, by the cheapest way that is enough: 304, the same body, a document."""
    if fetched.body is None:
        return _succeeded(room, source, state, fetched, began, ended="not-modified")
    digest = await asyncio.to_thread(_sha256, fetched.body)
    if digest == state.body_sha256:
        return _succeeded(room, source, state, fetched, began, ended="unchanged")
    parsed = await room.workers.parse(
        fetched.body, url=fetched.url, content_type=fetched.content_type, zone=source.zone, now=room.clock()
    )
    known = await room.store.read(items.known, source.id, [item.id for item in parsed.items])
    changes = _stamped(source, state, parsed, dedup.changes(source.id, parsed.items, known), room.clock())
    outcome = _succeeded(
        room,
        source,
        state,
        fetched,
        began,
        ended="changed",
        new=any(change.kind == "new" for change in changes),
        ttl=parsed.feed.ttl,
    )
    remembered = replace(outcome.state, body_sha256=digest, document=state.document + 1)
    if any(flaw.code == "truncated" for flaw in parsed.flaws):
        # The validators may belong to the whole document, and a 304 would hide its lost half for ever. Without them the
        # next poll shows: the same bytes again are the document, and then its validators are kept.
        remembered = replace(remembered, etag=None, last_modified=None)
    return replace(
        outcome,
        state=remembered,
        changes=changes,
        present=tuple(key_of(source.id, item.id) for item in parsed.items),
        flaws=parsed.flaws,
        feed=parsed.feed,
    )


def _stamped(
    source: Source, state: PollState, parsed: Parsed, changes: Sequence[Change], now: datetime
) -> tuple[Change, ...]:
    """Return the changes, each new item with the word whether it may enter topics by itself (R12)."""
    ranks = dedup.ranks(parsed.items)
    first_contact = state.document == 0
    stamped = []
    for change in changes:
        rank = ranks[change.item.id]
        arrival, why = publishing.arrival(
            published=change.item.published,
            now=now,
            first_contact=first_contact,
            previous_success=state.last_success_at,
            rank=rank,
            first=source.first,
        )
        stamped.append(replace(change, arrival=arrival, arrival_why=why, rank=rank if first_contact else LATER))
    return tuple(stamped)


def _succeeded(
    room: Newsroom,
    source: Source,
    state: PollState,
    fetched: Fetched,
    began: datetime,
    *,
    ended: Ended,
    new: bool = False,
    ttl: timedelta | None = None,
) -> PollOutcome:
    now = room.clock()
    due = schedule.after_success(state, source.poll, new=new, now=now, rng=room.rng, ttl=ttl)
    return PollOutcome(
        source=source.id,
        at=now,
        ended=ended,
        state=replace(
            state,
            etag=fetched.etag,
            last_modified=fetched.last_modified,
            interval=due.interval,
            failures=0,
            problem_since=None,
            last_poll_at=now,
            last_success_at=now,
            next_poll_at=due.at,
        ),
        due=due,
        took=now - began,
        status=fetched.status,
        bytes_read=fetched.bytes_read,
    )


def _failed(room: Newsroom, source: Source, state: PollState, error: SourceError, began: datetime) -> PollOutcome:
    """Return the outcome of a failure: what is remembered stays, validators above all (P05)."""
    now = room.clock()
    answer = error if isinstance(error, FetchError) else None
    status, retry_after = (answer.status, answer.retry_after) if answer else (None, None)
    since = state.problem_since or now
    due = schedule.after_failure(state, source.poll, status=status, retry_after=retry_after, now=now, rng=room.rng)
    return PollOutcome(
        source=source.id,
        at=now,
        ended="failed",
        state=replace(state, failures=state.failures + 1, problem_since=since, last_poll_at=now, next_poll_at=due.at),
        due=due,
        took=now - began,
        status=status,
        kind=error.kind,
        problem=error.problem,
        hint=error.hint or _dead_hint(status, now - since),
        host_pause=schedule.host_pause(status, retry_after),
    )


def _dead_hint(status: int | None, lasting: timedelta) -> str:
    if status == 404 and lasting >= DEAD_AFTER:  # noqa: PLR2004 - Not Found
        return "not found for thirty days: it is probably dead, look for its new address"
    return ""


def _tell_polled(outcome: PollOutcome) -> None:
    facts = {
        "source": outcome.source,
        "status": outcome.status,
        "took_ms": round(outcome.took.total_seconds() * 1000),
        "next_in_s": round((outcome.due.at - outcome.at).total_seconds()),
    }
    if outcome.ended == "failed":
        gone = outcome.status == 410  # noqa: PLR2004 - Gone
        level, event = ("error", "source.gone") if gone else ("warning", "source.failed")
        tell(level, event, kind=outcome.kind, problem=outcome.problem, failures=outcome.state.failures, **facts)
        return
    new = sum(change.kind == "new" for change in outcome.changes)
    tell(
        "info",
        "source.polled",
        ended=outcome.ended,
        bytes=outcome.bytes_read,
        items=len(outcome.present),
        new=new,
        changed=len(outcome.changes) - new,
        **facts,
    )


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


# --- curate -------------------------------------------------------------------------------------------------------


async def curate(room: Newsroom) -> int:
    """Tag the oldest items not yet curated, find their copies and their topics; return how many there were."""
    async with room.curating:
        return await _curate(room)


async def _curate(room: Newsroom) -> int:
    batch = await room.store.read(items.uncurated, BATCH)
    if not batch:
        return 0
    urls = {item.key: canonical(item.item.link) if item.item.link else None for item in batch}
    since = room.clock() - dedup.WITHIN
    articles = {url for url in urls.values() if url and dedup.shares_article(url)}
    shared = await room.store.read(items.same_url, articles, since)
    decided = await asyncio.to_thread(_decide, room, batch, urls, shared, room.clock())
    seen = {stored.key: stored.item.sha256 for stored in batch}
    await room.store.write(items.commit_curated, decided, seen=seen, now=room.clock())
    copies = sum(bool(curated.memberships) for curated in decided)
    tell("info", "items.curated", items=len(decided), copies=copies)
    return len(decided)


def _decide(
    room: Newsroom,
    batch: Sequence[StoredItem],
    urls: Mapping[str, str | None],
    shared: Mapping[str, Sequence[items.Twin]],
    now: datetime,
) -> list[Curated]:
    places = {url: [Place(key=t.key, source=t.source, story=t.story) for t in twins] for url, twins in shared.items()}
    return [_curated(room, stored, urls[stored.key], places, now) for stored in batch]


def _curated(
    room: Newsroom, stored: StoredItem, url: str | None, places: dict[str, list[Place]], now: datetime
) -> Curated:
    facts = _facts(room, stored, now)
    verdicts = [publishing.admit(room.config.topics[hit.topic], stored, hit.why) for hit in room.matcher.match(facts)]
    return Curated(
        key=stored.key,
        language=facts.language,
        canonical_url=url,
        sections=facts.sections,
        memberships=_copies(stored, url, places),
        verdicts=tuple(verdicts),
    )


def _facts(room: Newsroom, stored: StoredItem, now: datetime) -> Facts:
    """Return everything that queries may ask of an item, by the present configuration."""
    source = room.config.sources.get(stored.source) or Source(id=stored.source, url="")
    sections = room.tagger.tag(stored.item, source)
    language = language_of(stored.item, declared=source.language)
    return facts_of(stored, source, sections=sections, language=language, now=now)


def facts_of(
    stored: StoredItem, source: Source, *, sections: tuple[Tagged, ...], language: str | None, now: datetime
) -> Facts:
    """Return an item as queries see it."""
    return Facts(
        item=stored.item,
        source=source.id,
        groups=source.groups,
        sections=sections,
        language=language,
        age=now - stored.sort_at,
    )


def _copies(stored: StoredItem, url: str | None, places: dict[str, list[Place]]) -> tuple[Membership, ...]:
    """Return the memberships this item brings; later items of the same batch see them in `places`."""
    if url is None or not dedup.shares_article(url):
        return ()
    there = places.setdefault(url, [])
    if any(place.key == stored.key for place in there):  # curated before, and edited since: it has its place
        return ()
    found = dedup.join(Place(key=stored.key, source=stored.source, story=None), there, url)
    stories = {member.item: member.story for member in found}
    there[:] = [replace(place, story=stories.get(place.key, place.story)) for place in there]
    there.append(Place(key=stored.key, source=stored.source, story=stories.get(stored.key)))
    return found


async def _admit_past(room: Newsroom, topic: Topic) -> None:
    """Let the newest stored items that match into a topic that is new or was edited: `backfill` many (R11)."""
    before, left = None, topic.backfill
    for _ in range(PAST // BATCH):
        batch = await room.store.read(items.newest, BATCH, before)
        hits = await asyncio.to_thread(_matching, room, batch, topic.id)
        if hits:
            await room.store.write(topics.admit, hits[:left], room.clock())
        left, before = left - len(hits), batch[-1].seq if batch else None
        if left <= 0 or before is None:
            return


def _matching(room: Newsroom, batch: Sequence[StoredItem], topic: str) -> list[tuple[str, Verdict]]:
    """Return the items (by key) that match a topic by the present rules."""
    now = room.clock()
    return [
        (stored.key, Verdict(topic=topic, admitted=True, why=f"backfill after a change of rules: {hit.why}"))
        for stored in batch
        for hit in room.matcher.match(_facts(room, stored, now))
        if hit.topic == topic
    ]


# --- publish ------------------------------------------------------------------------------------------------------


async def publish(room: Newsroom, topic_id: str) -> publishing.Publication:
    """Bring one configured topic's ledger and documents up to date; return what was committed."""
    async with room.publishing:
        return await _publish(room, room.config.topics[topic_id])


async def _publish(room: Newsroom, topic: Topic) -> publishing.Publication:
    todo = await room.store.read(work.of, topic.id)
    made = await asyncio.to_thread(_make, room, topic, todo)
    await room.store.write(
        artefacts.publish,
        topic=topic.id,
        dirty=todo.dirty,
        rows=made.rows,
        entered=made.entered,
        artefacts=made.artefacts,
        flaw="; ".join(_flaws(made)),
        now=room.clock(),
    )
    _tell_published(topic, made)
    return made


def _flaws(made: publishing.Publication) -> Iterator[str]:
    """What a person should know of a topic's documents."""
    if made.flaw:
        yield made.flaw
    if made.skipped:
        entry_id, why = made.skipped[0]
        yield f"entries that cannot be rendered are left out: {len(made.skipped)}, the first is {entry_id} ({why})"


def _make(room: Newsroom, topic: Topic, todo: work.Work) -> publishing.Publication:
    return publishing.make(
        topic,
        pending=[_candidate(room, one, todo.homes) for one in todo.pending],
        live=todo.ledger,
        edited=[(row, _candidate(room, anchor, todo.homes)) for row, anchor in todo.edited],
        sections=room.config.sections,
        site=room.site,
        authority=room.authority,
        created_at=todo.created_at,
        fragments=room.fragments,
        now=room.clock(),
    )


def _candidate(room: Newsroom, one: work.Pending, homes: Mapping[str, work.Home]) -> Candidate:
    home = homes[one.stored.source]
    source = room.config.sources.get(one.stored.source) or Source(id=one.stored.source, url=home.url)
    return Candidate(
        stored=one.stored,
        origin=Origin(
            source=source.id,
            title=source.title or home.feed.title or source.id,
            url=source.url,
            home=home.feed.link,
            updated=home.feed.updated,
        ),
        priority=source.priority,
        story=one.story,
        sections=one.sections,
    )


def _tell_published(topic: Topic, made: publishing.Publication) -> None:
    for entry_id, why in made.skipped:
        tell("error", "entry.skipped", topic=topic.id, entry=entry_id, problem=why)
    atom = made.artefacts[0]
    rows = len(made.rows)
    tell(
        "info", "topic.published", topic=topic.id, entries=atom.entries, rows=rows, bytes=len(atom.body), etag=atom.etag
    )
