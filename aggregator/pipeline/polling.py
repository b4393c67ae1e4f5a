"""poll(source): fetch, parse, decide what is new, commit; then when to come back, and why.

In:    a claim.
Out:   what was committed.
Never: lets the failure of one source, or a fault of ours, cost more than this poll.
"""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from aggregator import dedup, report, schedule
from aggregator.errors import FetchError, LeaseLost, SourceError, StoreError
from aggregator.fetch import trouble
from aggregator.fetch.guard import is_private_name
from aggregator.fetch.hints import http_date
from aggregator.fetch.moves import moved
from aggregator.fetch.share import Share
from aggregator.model import (
    Burden,
    Claim,
    Ended,
    Fetched,
    Flaw,
    Item,
    Look,
    Parsed,
    PollOutcome,
    PollState,
    Source,
    incidents_of,
    standing,
)
from aggregator.parse import labels
from aggregator.parse.hubs import announced
from aggregator.pipeline import articles
from aggregator.pipeline.newsroom import Newsroom
from aggregator.pipeline.reading import doubted, lags_after, news_of, parsed_of, recognised, taken_back, taught
from aggregator.pipeline.subscribing import wanted
from aggregator.pipeline.withdrawing import write_down
from aggregator.store import identity, items, polls, sources, withdrawal

FETCH_DEADLINE = timedelta(seconds=60)
# A poll that takes longer is held to be dead (reliability.md): its document, the archives, the articles, and parsing.
LEASE = 2 * FETCH_DEADLINE + articles.DEADLINE + timedelta(seconds=60)
STORE_AGAIN = timedelta(seconds=3)  # after a commit that the store could not take; then twice as long each time
UNWELCOME, TOO_MANY = {403, 429}, 429
UNANSWERED = {"dns", "connect", "tls", "timeout"}  # kinds of failure
ARCHIVES = 10  # documents that are followed back on first contact (P29)
FORGET_VALIDATORS_AFTER = timedelta(days=30)  # of 304 without a break (P01)
DEAD = "not found for thirty days: it is probably dead, look for its new address"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Errand:
    """One poll on its way."""

    source: Source
    state: PollState  # what was remembered when it began
    burden: Burden
    began: datetime

    @property
    def first_contact(self) -> bool:
        """Whether no document of this source was ever read."""
        return self.state.document == 0


async def poll(room: Newsroom, claim: Claim, *, by_hand: bool = False) -> PollOutcome | None:
    """Take one source through the whole way once; return what was committed, None if nothing was.

    by_hand  a person wants it now, at whatever hour
    """
    source = room.config.sources.get(claim.source)
    if source is None:  # it left the configuration between the claim and now
        await room.store.write(polls.release, claim)
        return None
    state, burden = await room.store.read(polls.remembered, source.id)
    errand = _Errand(source=source, state=state, burden=burden, began=room.clock())
    if not by_hand and await _sleeps(room, errand, claim):
        return None
    try:
        with room.client.share() as share:  # the body is counted until it is parsed
            outcome = await _with_articles(room, errand, share, await _asked(room, errand, share))
    except SourceError as error:
        outcome = _failed(room, errand, error)
    except Exception as error:  # noqa: BLE001 - a fault of ours must cost one poll, never the daemon
        report.of(source, "error", "work.crashed", work="poll", exc_info=error)
        fault = SourceError("internal", f"a fault of ours: {type(error).__name__}: {error}")
        outcome = _failed(room, errand, fault)
    outcome = replace(outcome, incidents=incidents_of(state, outcome))
    try:
        await write_down(room, outcome.withdrawn)
        await _commit(room, claim, outcome, _gap(room, errand))
    except LeaseLost:
        report.discarded(source, "poll")
        return None
    report.polled(source, outcome)
    if outcome.state.quiet and not state.quiet:
        report.fell_quiet(source, outcome)
    return outcome


async def _commit(room: Newsroom, claim: Claim, outcome: PollOutcome, gap: timedelta) -> None:
    """Commit an outcome; where the store cannot take it now, wait as long as the claim lasts.

    What was fetched is not asked for again because a disk is full or a file locked for a minute. Raises LeaseLost,
    StoreError.
    """
    pause = STORE_AGAIN
    while True:
        try:
            await room.store.write(polls.commit, outcome, claim.fence, gap=gap)
        except StoreError as error:
            if error.permanent or room.clock() + pause >= claim.until:
                raise
            report.of(room.source(claim.source), "warning", "poll.waiting", problem=str(error))
        else:
            return
        await asyncio.sleep(pause.total_seconds())
        pause = min(2 * pause, 10 * STORE_AGAIN)


async def _sleeps(room: Newsroom, errand: _Errand, claim: Claim) -> bool:
    """Return whether this is no hour for this source; it is put off then.

    It was due at another: its host wanted to be left alone meanwhile, or we were away.
    """
    source, now = errand.source, errand.began
    later, why = schedule.permitted(now, errand.state.rhythm.hints, source.poll, schedule.phase(source.id))
    if later == now:
        return False
    await room.store.write(polls.give_back, claim, later, f"it was its turn{why}")
    return True


def _asking(state: PollState, now: datetime) -> PollState:
    """Return the state to ask with: after thirty days of nothing but 304, once without validators (P01).

    Some servers answer 304 to any validator at all, and such a feed would stay frozen for ever.
    """
    if state.unmodified_since and now - state.unmodified_since >= FORGET_VALIDATORS_AFTER:
        return replace(state, etag=None, last_modified=None)
    return state


async def _asked(room: Newsroom, errand: _Errand, share: Share) -> PollOutcome:
    """Return the outcome of an answer, by the cheapest way that is enough: 304, the same body, a document."""
    source, state = errand.source, errand.state
    fetched = await room.client.fetch(source, _asking(state, errand.began), share)
    look = Look(bytes_read=fetched.bytes_read, hints=fetched.hints)
    if fetched.body is None:
        return replace(_succeeded(room, errand, fetched, look, ended="not-modified"), confirmed=state.document)
    digest = await asyncio.to_thread(_sha256, fetched.body)
    if digest == state.body_sha256:
        return replace(_succeeded(room, errand, fetched, look, ended="unchanged"), confirmed=state.document)
    parsed = await parsed_of(room, source, state, fetched)
    feed = announced(parsed.feed, fetched.links, fetched.url)
    found = await recognised(room, source, state, parsed.items)
    changes, drift = await doubted(room, source, state, parsed, found)
    withdrawn, emptied = ({}, ()) if drift else await taken_back(room, source, parsed, found)
    gap = bool(parsed.items) and not (found.met or drift or errand.first_contact or state.reread)
    if errand.first_contact or gap:
        older = await _archives(room, source, parsed, fetched.url, share)
        changes += (await recognised(room, source, state, older, archive=True)).changes
        gap = gap and not older
    # What other selectors found late is no news.
    news = [one for one in changes if one.kind == "new" and (one.arrival == "live" or not state.reread)]
    shown = replace(
        look,
        new=news_of(news),
        document=None if drift else tuple(item.published for item in parsed.items),
        first=errand.first_contact,
        gap=gap,
        hints=replace(parsed.hints, max_age=fetched.hints.max_age, expires_in=fetched.hints.expires_in),
    )
    outcome = _succeeded(room, errand, fetched, shown, ended="changed")
    remembered = replace(
        outcome.state,
        body_sha256=digest,
        document=state.document + 1,
        lags=() if errand.first_contact else lags_after(state, changes, outcome.at),
        aheads=labels.learned(source, state, changes, parsed.claimed, outcome.at),
    )
    if any(flaw.code == "truncated" for flaw in parsed.flaws):
        # The validators may belong to the whole document, and a 304 would hide its lost half for ever. Without them the
        # next poll shows: the same bytes again are the document, and then its validators are kept.
        remembered = replace(remembered, etag=None, last_modified=None)
    return replace(
        outcome,
        state=remembered,
        changes=changes,
        missing_at=state.last_success_at,
        listed_at=_listed_at(errand, fetched, parsed.feed.updated, outcome.at),
        aliases=found.aliases,
        confirmed=max((one.document for one in found.met if one.held == "flood"), default=None),
        present=found.keys,
        withdrawn=withdrawn,
        flaws=(
            *fetched.flaws,
            *schedule.flaws(outcome.state.rhythm, source.poll),
            *labels.flaws(remembered.aheads, url=source.url, language=source.language or feed.language, now=outcome.at),
            *dedup.flaws(changes, drift),
            *emptied,
            *parsed.flaws,
        ),
        feed=None if drift else feed,  # it is to be known again by what it was
        hubs=None if drift else wanted(room, source, feed, fetched.url),
    )


async def _with_articles(room: Newsroom, errand: _Errand, share: Share, outcome: PollOutcome) -> PollOutcome:
    """Return the outcome with full texts, where a person wants them, of new items and of those that earlier polls left.

    No history is fetched.
    """
    source, now = errand.source, room.clock()
    if not source.full_text or errand.first_contact:
        return outcome
    since = now - articles.YOUNG
    waiting = await room.store.read(items.without_article, source.id, since=since, now=now, limit=articles.MOST)
    wanted = [page for page in articles.pages(outcome, waiting) if page.url]
    if not wanted:
        return outcome
    reader = articles.Reader(
        client=room.client,
        workers=room.workers,
        known=room.robots,
        source=source,
        pause=room.config.pause,
        now=now,
        share=share,
    )
    came, unread = await reader.read(wanted)
    gone, doubt = dict[str, str](), tuple[Flaw, ...]()
    if any(article.gone for article in came):
        before = await room.store.read(withdrawal.pages_gone, source.id, articles.PAGE_GONE, articles.LAST)
        came, doubt = articles.believed(came, before, now)
        gone = {article.key: articles.PAGE_GONE for article in came if article.gone}
    flaws = await room.store.read(sources.flaws_of, source.id) if outcome.flaws is None else outcome.flaws
    others = (flaw for flaw in flaws if not flaw.code.startswith("full-text-"))
    # The host was asked until now, so it is from now on that it is left alone.
    at = room.clock()
    return replace(
        outcome,
        articles=came,
        withdrawn={**outcome.withdrawn, **gone},
        flaws=(*unread, *doubt, *others),
        at=at,
        took=at - errand.began,
    )


async def _archives(room: Newsroom, source: Source, first: Parsed, url: str, share: Share) -> tuple[Item, ...]:
    """Return what the archives of a feed hold beyond its document (RFC 5005, P29).

    Walked on first contact, and when nothing that we knew is left in the document; as far back as to what we know.
    Whatever goes wrong on the way ends the walk; what was found until then is kept, and the feed itself is not harmed.
    """
    met, seen = {item.id for item in first.items}, {url}
    found: list[Item] = []
    page = first
    with suppress(SourceError, TimeoutError):
        async with asyncio.timeout(FETCH_DEADLINE.total_seconds()):
            while (previous := page.feed.previous) and previous not in seen and len(seen) <= ARCHIVES:
                seen.add(previous)
                await asyncio.sleep(room.config.pause.gap_of(polls.host_of(previous)).total_seconds())
                fetched = await room.client.get(previous, source, share)
                page = await parsed_of(room, source, PollState(), fetched)
                found += [item for item in page.items if item.id not in met]
                met |= {item.id for item in page.items}
                if await room.store.read(identity.known, source.id, [item.id for item in page.items]):
                    break
    return tuple(found)


def _listed_at(errand: _Errand, fetched: Fetched, updated: datetime | None, now: datetime) -> datetime | None:
    """Return since when the document is as it is: as the server says, or the feed, if that is since the last poll."""
    before = errand.state.last_success_at
    said = (http_date((fetched.last_modified or b"").decode("latin-1")), updated)
    return next((moment for moment in said if moment and before and before < moment <= now), None)


def _succeeded(room: Newsroom, errand: _Errand, fetched: Fetched, look: Look, *, ended: Ended) -> PollOutcome:
    now, source = room.clock(), errand.source
    state = taught(room, source, errand.state, look, now)
    burden = _judged(room, errand, now)
    due = schedule.next_poll(
        source.id,
        state.rhythm,
        source.poll,
        last=now,
        now=now,
        rng=room.rng,
        zone=source.zone,
        fleet_rate=room.fleet_rate,
        mu=burden.price * burden.penalty,
        pushed=state.push.steady(now),
    )
    due = schedule.heeded(due, fetched.retry_after, state.rhythm.hints, source.poll, now=now, rng=room.rng)
    return PollOutcome(
        source=source.id,
        at=now,
        ended=ended,
        state=replace(
            moved(state, state.adopted_url or source.url, fetched.hops, now),
            # a 304 need not repeat them (RFC 9110, section 15.4.5); a 200 that stops sending one means it (P04)
            etag=fetched.etag or (state.etag if ended == "not-modified" else None),
            last_modified=fetched.last_modified or (state.last_modified if ended == "not-modified" else None),
            unmodified_since=(state.unmodified_since or now) if ended == "not-modified" else None,
            interval=due.interval,
            failures=0,
            problem_since=None,
            last_poll_at=now,
            last_success_at=now,
            next_poll_at=due.at,
        ),
        due=due,
        took=now - errand.began,
        status=fetched.status,
        bytes_read=fetched.bytes_read,
        burden=burden,
    )


def _judged(room: Newsroom, errand: _Errand, now: datetime) -> Burden:
    """Return what the host bears, by what our sources ask of it now and how long its last 429 is ago; it answered."""
    burden, budget = errand.burden, schedule.budget(_gap(room, errand))
    penalty = schedule.forgiven(burden.penalty, now - burden.penalty_at) if burden.penalty_at else burden.penalty
    price = schedule.host_price(burden.intervals, before=burden.price, budget_per_h=budget)
    return replace(burden, price=price, penalty=penalty, penalty_at=now if penalty > 1 else None, silences=0)


def _gap(room: Newsroom, errand: _Errand) -> timedelta:
    """Return how long the host of a source is left alone between two requests."""
    return room.config.pause.gap_of(polls.host_of(errand.state.adopted_url or errand.source.url))


def _failed(room: Newsroom, errand: _Errand, error: SourceError) -> PollOutcome:
    """Return the outcome of a failure: what is remembered stays, validators above all (P05)."""
    now, source, state = room.clock(), errand.source, errand.state
    answer = error if isinstance(error, FetchError) else None
    status, retry_after = (answer.status, answer.retry_after) if answer else (None, None)
    due = schedule.after_failure(
        state, source.poll, kind=error.kind, status=status, retry_after=retry_after, now=now, rng=room.rng
    )
    since = state.problem_since or now
    word = standing("failed", status=status, kind=error.kind, lasting=now - since)
    unwelcome = status in UNWELCOME or error.kind == "challenged"
    burden = _judged(room, errand, now)
    if status == TOO_MANY:
        burden = replace(burden, penalty=schedule.punished(burden.penalty), penalty_at=now)
    if error.kind in UNANSWERED:
        burden = replace(burden, silences=errand.burden.silences + 1)
    asked = None if _stands_alone(source.url) else schedule.host_pause(status, retry_after)
    return PollOutcome(
        source=source.id,
        at=now,
        ended="failed",
        state=replace(
            state,
            rhythm=schedule.refused(state.rhythm, due.at - now) if unwelcome else state.rhythm,
            failures=state.failures + 1,
            problem_since=since,
            last_poll_at=now,
            next_poll_at=due.at,
        ),
        due=due,
        took=now - errand.began,
        status=status,
        kind=error.kind,
        problem=error.problem + (trouble.way(answer.hops) if answer else ""),
        hint=DEAD if word == "dead" else error.hint,
        host_pause=asked or schedule.unheard(burden.silences, burden.sources, rng=room.rng),
        burden=burden,
    )


def _stands_alone(url: str) -> bool:
    """Whether an address is judged by itself: behind one private host there are often many publishers, as in RSSHub."""
    return is_private_name(urlsplit(url).hostname or "")


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
