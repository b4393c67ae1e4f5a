"""Set up structured logs, and name every event that exists.

One unit of work, one line: the event is a noun and what happened to it, the facts are fields with fixed names, and no
sentence is built from data. Levels: debug = one item; info = a unit of work ended; warning = we will try again;
error = a person is needed.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog

EVENTS = {
    "daemon.started": "the daemon is ready: address, sources, topics",
    "daemon.stopping": "a signal came; work in hand is being finished",
    "daemon.stopped": "everything is committed and closed",
    "config.reloaded": "the configuration was read anew and is in force",
    "config.refused": "the configuration on disk has mistakes; the last good one stays in force",
    "config.needs_restart": "keys that are read at start only have changed",
    "store.warning": "the store works, but something about it should be looked at",
    "source.polled": "a poll ended well: status, items, new, changed, next_in_s",
    "source.failed": "a poll failed and will be tried again: kind, problem, failures, next_in_s",
    "items.held": "what is new in a document waits, it looks wrong: source, held, why (flood, drift)",
    "items.withdrawn": "items are shown no more, for ever: source, withdrawn, why",
    "source.quiet": "it answers well, and has brought nothing for longer than chance explains: newest, rate_per_day",
    "source.gone": "410: the publisher has taken the feed away; a person should remove it",
    "source.discarded": "the claim ran out during the poll; somebody else has the source, nothing was written",
    "polls.spread": "after a downtime: what fell due meanwhile comes one by one: sources, until",
    "source.pushed": "a hub brought a document (WebSub): items, new, changed, took_ms since it came",
    "push.refused": "a delivery of a hub was not believed and is thrown away: was (unsigned, forged ...)",
    "push.unreadable": "a delivery of a hub could not be read; its source is polled instead",
    "hub.asked": "a hub was asked to tell of a source's news, or to end that; it will come back to us",
    "hub.failed": "a hub did not take our request; it is asked again: problem, next_in_s",
    "hub.confirmed": "a hub has confirmed a subscription: until",
    "hub.denied": "a hub does not want to tell of a source's news: reason; it is polled, and the hub asked again",
    "hub.left": "a subscription is over",
    "hub.silent": "a poll found news of which the hub has not told; it is asked anew, and the source polled as before",
    "hub.pinged": "a hub of others was told that a feed of ours has changed: topic, format, hub",
    "subscriber.wished": "something is asked of our own hub; the callback is asked whether it means that: mode, host",
    "subscriber.confirmed": "a callback has confirmed its subscription to a feed of ours: topic, format, host, until",
    "subscriber.unconfirmed": "a callback has not confirmed what was asked in its name; all stays as it was: problem",
    "subscriber.told": "a subscriber was sent a feed that has changed: topic, format, host, bytes",
    "subscriber.left": "a subscription to a feed of ours is over: topic, format, host, why",
    "subscribers.expired": "subscriptions to feeds of ours have run out and were not renewed: subscribers",
    "letter.failed": "what a hub or a subscriber was to be told did not arrive; it is tried again: kind, problem",
    "letter.given_up": "as above, for a day; it is told when its feed changes again: kind, host, problem",
    "items.curated": "a batch was tagged, compared and put into topics",
    "topic.published": "a topic's documents changed: entries, bytes, etag",
    "topic.renamed": "a topic has another id, and what readers were shown of it goes on: former",
    "topic.unrecorded": "what a topic would show cannot be written into the record, so it is not shown: problem",
    "topic.unexpected": "it has fewer or more entries than its `expect` says, a rule of it may be wrong: flaw",
    "topic.expected": "it has as many entries again as its `expect` says",
    "entry.skipped": "an entry could not be rendered and was left out; the rest of its topic is served",
    "work.crashed": "a fault of ours: please report it; the unit of work is tried again",
}


def set_up(*, level: str = "info", stream: TextIO | None = None) -> None:
    """Send logs to `stream` (stderr): readable lines on a terminal, JSON elsewhere."""
    stream = stream or sys.stderr
    human = stream.isatty()
    ending: list[structlog.typing.Processor] = (
        # the default would print the local variables of every frame, and logins stand in some
        [structlog.dev.ConsoleRenderer(colors=True, exception_formatter=structlog.dev.plain_traceback)]
        if human
        else [structlog.processors.format_exc_info, _event_first, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S" if human else "iso", utc=not human),
            *ending,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )


def _event_first(_logger: object, _method: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
    return {name: line.pop(name) for name in ("timestamp", "level", "event")} | dict(line)


def tell(level: str, event: str, /, **facts: object) -> None:
    """Write one line. event: a key of EVENTS."""
    assert event in EVENTS, f"{event} is not in EVENTS"
    getattr(structlog.get_logger(), level)(event, **facts)
