"""Numbers for whoever watches the service, in Prometheus' text format.

In:    what happened, one call per unit of work; what the store says of itself, at each scrape.
Out:   the text of /metrics.
Never: a label whose values are not known beforehand. No source, host, address or message is one: a thousand sources
       must not become a thousand time series, and a publisher's words none at all (content.md A59).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, get_args

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as MEDIA_TYPE

from aggregator import __version__

__all__ = ["MEDIA_TYPE"]

Ended = Literal["changed", "unchanged", "not-modified", "failed"]
Kind = Literal["feed", "page", "other"]
Received = Literal["document", "ping", "unsigned", "unknown-method", "forged", "too-large", "unknown"]

Asked = Literal["subscribe", "unsubscribe", "publish", "wrong", "full"]
Letter = Literal["ping", "question", "delivery", "denial"]
Work = Literal["poll", "push", "curator"]
Arrived = Literal["arrived", "failed", "given-up"]

ENDED: tuple[Ended, ...] = ("changed", "unchanged", "not-modified", "failed")
RECEIVED: tuple[Received, ...] = get_args(Received)
POLL_S = (0.1, 0.5, 2, 10, 60)  # a conditional request, a document, a slow server, the deadline
PUBLISH_S = (0.01, 0.05, 0.25, 1, 5)

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series beside each counter, which nobody draws
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)


def _counter(name: str, what: str, label: str = "", values: tuple[str, ...] = ()) -> Counter:
    """Return a counter whose series all stand at 0 from the first scrape on: a rate needs a beginning."""
    counter = Counter(f"aggregator_{name}", what, [label] if label else [], registry=REGISTRY)
    for value in values:
        counter.labels(value)
    return counter


def _gauge(name: str, what: str, label: str = "") -> Gauge:
    return Gauge(f"aggregator_{name}", what, [label] if label else [], registry=REGISTRY)


def _seconds(name: str, what: str, buckets: tuple[float, ...]) -> Histogram:
    return Histogram(f"aggregator_{name}_seconds", what, buckets=buckets, registry=REGISTRY)


Info("aggregator_build", "Which version runs.", registry=REGISTRY).info({"version": __version__})
_polls = _counter("polls", "Polls, by how they ended.", "ended", ENDED)
_poll_seconds = _seconds("poll", "How long a poll took, from the request to the decision.", POLL_S)
_fetched = _counter("fetched_bytes", "Bodies read from sources, as they came over the wire.")
_items = _counter("items", "Items stored, new ones and new versions of known ones.", "change", ("new", "changed"))
_curated = _counter("items_curated", "Items put into sections and topics.")
_copies = _counter("copies", "Items found to be copies of an article.")
_retold = _counter("retold", "Items found to tell of an event that another one told of, copies among them.")
_published = _counter("publications", "Topics brought up to date.")
_unpublished = _counter("publications_failed", "Topics that could not be; their readers keep the last documents.")
_publish_seconds = _seconds("publish", "How long a topic took, from its ledger to stored bytes.", PUBLISH_S)
_pruned = _counter("items_pruned", "Items removed because they were older than is kept, or the store too large.")
_skipped = _counter("entries_skipped", "Entries left out of a document because they could not be rendered.")
_answers = Counter(
    "aggregator_http_answers",
    "Answers to readers, by class of status.",
    ["kind", "status"],
    registry=REGISTRY,
)
_pushes = _counter("pushes", "Deliveries of hubs (WebSub), by what they were.", "was", RECEIVED)
_hub_requests = _counter("hub_requests", "What was asked of our own hub (WebSub).", "was", get_args(Asked))
_letters = Counter(
    "aggregator_letters",
    "What was sent to hubs and to subscribers of our own (WebSub), by whether it arrived.",
    ["letter", "result"],
    registry=REGISTRY,
)
for _kind in get_args(Letter):
    for _ended in get_args(Arrived):
        _letters.labels(_kind, _ended)
_discarded = _counter(
    "discarded", "Work refused because somebody else had taken over meanwhile, by what it was.", "work", get_args(Work)
)
_curator = _gauge("curator", "1: this daemon curates and publishes; 0: another one does, or it has another role.")
_subscribers = _gauge("subscribers", "Subscriptions at our own hub.")
_waiting = _gauge("letters_waiting", "What is to be sent to hubs and subscribers and has not arrived yet.")
_sources = _gauge("sources", "Configured sources, by the state that `aggregator status` shows.", "state")
_unverified = _gauge("sources_unverified", "Sources whose certificates are not checked (`verify: false`).")
_uncurated = _gauge("items_uncurated", "Items stored and not yet in sections and topics.")
_dirty = _gauge("topics_dirty", "Topics whose documents are out of date.")
_lateness = _gauge("due_lateness_seconds", "For how long the source that waits longest could have been polled.")
_store_bytes = _gauge("store_bytes", "Size of the database.")
_wal_bytes = _gauge("store_wal_bytes", "Size of SQLite's WAL, which a reader that never ends keeps growing.")
_store_ok = _gauge("store_ok", "1: the store answered this scrape; 0: its numbers are of an earlier one.")
_config_ok = _gauge("config_ok", "1: the configuration on disk is in force; 0: it was refused, the one before it is.")
_config_ok.set(1)
_blocked = _counter("loop_blocked_seconds", "For how long the event loop did not get its turn, half a second and more.")
_stuck = _gauge("loops_stuck", "Loops whose work does not come to its end.")
_jumps = _counter("clock_jumps", "How often the wall clock was set by half a minute or more, or the machine slept.")
_log_dropped = _counter("log_lines_dropped", "Lines of the log that nobody took in time.")


def polled(*, ended: Ended, new: int, changed: int, bytes_read: int, took_s: float) -> None:
    """Count a poll that was committed."""
    _polls.labels(ended).inc()
    _poll_seconds.observe(took_s)
    _fetched.inc(bytes_read)
    _items.labels("new").inc(new)
    _items.labels("changed").inc(changed)


def pruned(items: int) -> None:
    """Count what retention took."""
    _pruned.inc(items)


def received(was: Received) -> None:
    """Count a delivery of a hub, kept or refused."""
    _pushes.labels(was).inc()


def pushed(*, new: int, changed: int) -> None:
    """Count what a delivered document brought."""
    _items.labels("new").inc(new)
    _items.labels("changed").inc(changed)


def hub_asked(was: Asked) -> None:
    """Count a request to our own hub."""
    _hub_requests.labels(was).inc()


def letter(kind: Letter, ended: Arrived) -> None:
    """Count an attempt to send something to a hub or a subscriber."""
    _letters.labels(kind, ended).inc()


def curated(*, items: int, copies: int, retold: int) -> None:
    """Count a batch that was curated."""
    _curated.inc(items)
    _copies.inc(copies)
    _retold.inc(retold)


def discarded(work: Work) -> None:
    """Count work that the store refused, because whoever did it had been taken for dead."""
    _discarded.labels(work).inc()


def curator(here: bool) -> None:  # noqa: FBT001 - one fact, named by the function
    """Say whether this process is the one that curates and publishes."""
    _curator.set(here)


def published(*, skipped: int, took_s: float) -> None:
    """Count a topic that was published. skipped: entries that could not be rendered."""
    _published.inc()
    _publish_seconds.observe(took_s)
    _skipped.inc(skipped)


def unpublished() -> None:
    """Count a topic that could not be published this time."""
    _unpublished.inc()


def answered(kind: Kind, status: int) -> None:
    """Count an answer to a reader, by the class of its status: "2xx"."""
    _answers_of(kind, status // 100).inc()


@lru_cache(None)  # the client's own search for them costs more than the counting
def _answers_of(kind: Kind, hundreds: int) -> Counter:
    return _answers.labels(kind, f"{hundreds}xx")


def config_ok(right: bool) -> None:  # noqa: FBT001 - one fact, named by the function
    """Say whether the configuration on disk is the one in force."""
    _config_ok.set(right)


def blocked(seconds: float) -> None:
    """Count for how long the event loop did not get its turn."""
    _blocked.inc(seconds)


def stuck(loops: int) -> None:
    """Say how many loops do not go on."""
    _stuck.set(loops)


def clock_jumped() -> None:
    """Count a jump of the wall clock."""
    _jumps.inc()


def log_dropped(lines: int) -> None:
    """Count lines of the log that are lost."""
    _log_dropped.inc(lines)


def unverified(sources: int) -> None:
    """Say how many sources believe whoever answers."""
    _unverified.set(sources)


def store_silent() -> None:
    """Say that the store gave no numbers this time; those of the last time stand."""
    _store_ok.set(0)


def store_says(
    *,
    sources: Mapping[str, int],
    uncurated: int,
    dirty: int,
    late_s: float,
    store_bytes: int,
    wal_bytes: int,
    subscribers: int,
    letters: int,
) -> None:
    """Take over what the store says of itself. sources: how many are in each state, none left out."""
    for state, number in sources.items():
        _sources.labels(state).set(number)
    _uncurated.set(uncurated)
    _dirty.set(dirty)
    _lateness.set(late_s)
    _store_bytes.set(store_bytes)
    _wal_bytes.set(wal_bytes)
    _subscribers.set(subscribers)
    _waiting.set(letters)
    _store_ok.set(1)


def text() -> bytes:
    """Return all numbers as they stand, in the form that MEDIA_TYPE names."""
    return generate_latest(REGISTRY)
