"""Set up structured logs, and name every event that exists.

One unit of work, one line: the event is a noun and what happened to it, the facts are fields with fixed names, and no
sentence is built from data. Levels: debug = one item; info = a unit of work ended; warning = we will try again;
error = a person is needed.
"""

from __future__ import annotations

import logging
import os
import select
import sys
from collections import deque
from collections.abc import Mapping, MutableMapping
from itertools import islice
from threading import Lock
from typing import Any, TextIO

import structlog

BACKLOG = 10_000  # lines that wait for a reader who is slower than we are: some megabytes
LONGEST = 300  # characters of what a library says
LINES = 16  # that are written together, of those that wait
AT_ONCE = 4096  # bytes that a pipe which can be written at all takes without waiting: PIPE_BUF of pipe(7)

EVENTS = {
    "daemon.started": "the daemon is ready: address, sources, topics, role",
    "daemon.stopping": "a signal came; work in hand is being finished",
    "daemon.stopped": "everything is committed and closed",
    "loop.blocked": "the event loop did not get its turn for a while: seconds",
    "loop.stuck": "work does not come to its end: work, seconds; the watchdog restarts us, where there is one",
    "clock.jumped": "the wall clock was set, or the machine slept: by_s (negative: back)",
    "clock.behind": "the store was last used at a later time than now; what is due was moved: sources, by_s",
    "log.dropped": "nobody took lines of this log in time, and there was no place to keep them: lines",
    "config.reloaded": "the configuration was read anew and is in force",
    "config.refused": "the configuration on disk has mistakes; the last good one stays in force",
    "config.needs_restart": "keys that are read at start only have changed",
    "store.pruned": "what is older than is kept has gone: items, revisions (what they said before), lines (of polls)",
    "store.oversize": "the store is larger than `retention.max_size`, and nothing more may go: excess_bytes, max_bytes",
    "store.warning": "the store works, but something about it should be looked at",
    "store.away": "the database does not answer: feeds are served from memory, everything else waits for it: problem",
    "store.back": "the database answers again: away_s",
    "line.cut": "the line to the other daemons is cut and opened again; until then this one does not curate: problem",
    "curator.seated": "this daemon is the one that curates and publishes from now on: number",
    "curator.left": "this daemon does not curate and publish any more; another one takes over: why",
    "work.discarded": "another daemon had taken over the curator's work, so nothing of this was written: work",
    "source.polled": "a poll ended well: status, items, new, changed, next_in_s",
    "source.failed": "a poll failed and will be tried again: kind, problem, failures, next_in_s",
    "items.held": "what is new in a document waits, it looks wrong: source, held, why (flood, drift)",
    "items.withdrawn": "items are shown no more, for ever: source, withdrawn, why",
    "withdrawal.unrecorded": "what was withdrawn cannot be written into the record, so nothing is: items, problem",
    "poll.waiting": "what a poll found cannot be stored now (a full disk, a locked file); it is kept, and tried again",
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
    "library.warned": "a library that we use says that something is wrong: library, problem",
    "work.crashed": "a fault of ours: please report it; the unit of work is tried again",
}


class Outlet:
    """A file for lines that never waits for whoever reads them, and never fails: what cannot be kept is counted.

    A pipe that nobody empties, a terminal that was stopped, a full disk must not stop the daemon (reliability.md F43).
    Without a thread: what was written before the process dies is out, and in its order.
    """

    def __init__(self, file: int) -> None:
        self._file, self._lock = file, Lock()
        self._waiting: deque[bytes] = deque()
        self._lost = 0  # lines, since `dropped` was asked last
        self._poll = select.poll()
        self._poll.register(file, select.POLLOUT)

    def write(self, text: str) -> None:
        """Take a text that ends a line."""
        with self._lock:
            if len(self._waiting) < BACKLOG:
                self._waiting.append(text.encode(errors="backslashreplace"))
            else:
                self._lost += 1
            self._drain()

    def flush(self) -> None:
        """Write what waits, as far as it is taken."""
        with self._lock:
            self._drain()

    def dropped(self) -> int:
        """Return how many lines were dropped since this was asked last."""
        with self._lock:
            lost, self._lost = self._lost, 0
            return lost

    def _drain(self) -> None:
        try:
            while self._waiting and self._takes():
                written = os.write(self._file, b"".join(islice(self._waiting, LINES))[:AT_ONCE])
                while written:
                    line = self._waiting.popleft()
                    if written < len(line):
                        self._waiting.appendleft(line[written:])
                    written -= min(written, len(line))
        except OSError:  # closed, broken, a full disk: waiting would not help these lines
            self._lost += len(self._waiting)
            self._waiting.clear()

    def _takes(self) -> bool:
        return bool(self._poll.poll(0))  # an error is told by writing


_outlets: list[Outlet] = []  # the one in use


def _outlet_of(stream: TextIO) -> Any:
    """Return where lines go. A stream without a file behind it, as tests have, is written to directly."""
    try:
        _outlets[:] = [Outlet(stream.fileno())]
    except (OSError, ValueError):
        _outlets.clear()
        return stream
    return _outlets[0]


def relieve() -> int:
    """Write what waits; return how many lines were lost since the last time, and tell it. To be called now and then."""
    for outlet in _outlets:
        outlet.flush()
        if lost := outlet.dropped():
            tell("warning", "log.dropped", lines=lost)
            return lost
    return 0


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
    handlers = logging.getLogger().handlers
    handlers[:] = [*(one for one in handlers if not isinstance(one, _Libraries)), _Libraries(logging.WARNING)]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S" if human else "iso", utc=not human),
            *ending,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(_outlet_of(stream)),
        cache_logger_on_first_use=False,
    )


class _Libraries(logging.Handler):
    """Has libraries say what they say as events; the values of an exception may be secret, so only its kind is told."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line."""
        said = record.getMessage().partition("\n")[0]
        kind = record.exc_info and record.exc_info[0]
        problem = f"{said[:LONGEST]} ({kind.__name__})" if kind else said[:LONGEST]
        level = "error" if record.levelno >= logging.ERROR else "warning"
        tell(level, "library.warned", library=record.name, problem=problem)


def _event_first(_logger: object, _method: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
    return {name: line.pop(name) for name in ("timestamp", "level", "event")} | dict(line)


def tell(level: str, event: str, /, **facts: object) -> None:
    """Write one line. event: a key of EVENTS."""
    assert event in EVENTS, f"{event} is not in EVENTS"
    getattr(structlog.get_logger(), level)(event, **facts)
