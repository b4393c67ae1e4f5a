"""Telling hubs and subscribers (WebSub): what waits in the outbox is sent, one letter at a time to its receiver.

In:    letters that are due.
Out:   requests; what came of each, committed.
Never: sends a feed as it was: each letter is written when it is sent, from what is stored then.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus

from aggregator import metrics
from aggregator.errors import FetchError, passes
from aggregator.log import tell
from aggregator.model import Letter, LetterKind, Source
from aggregator.pipeline.hosting import hub_of
from aggregator.pipeline.newsroom import Newsroom
from aggregator.publish.artefact import MEDIA_TYPES
from aggregator.push import letters
from aggregator.store import outbox, subscribers

AT_ONCE = 32  # letters under way
LEASE = timedelta(minutes=3)  # of a claim: a ping has a minute to its deadline, the others ten seconds, and some air
AT_THE_DOOR = timedelta(seconds=10)
OVER = "This hub does not tell of this feed any more."
_CHALLENGE_BITS = 256
# On whose behalf we write: nobody's. Only "private" keeps the name of a source out of the User-Agent.
_OURSELVES = Source(id="hub", url="", private=True)


class Postman:
    """Sends what is due, many letters together.

    ring  is called when it is worth looking again
    """

    def __init__(self, room: Newsroom, ring: Callable[[], None]) -> None:
        self._room, self._ring = room, ring
        self._under_way: dict[asyncio.Task[None], Letter] = {}
        self._few = 0  # letters under way at which it is worth claiming more: each claim is a commit

    async def send_due(self) -> None:
        """Begin to send as much of what is due as may be under way."""
        free = AT_ONCE - len(self._under_way)
        if free <= 0:
            return
        busy = Counter(letter.host for letter in self._under_way.values())
        claimed = await self._room.store.write(outbox.claim, free, LEASE, self._room.clock(), busy=busy)
        for letter in claimed:
            task = asyncio.create_task(send(self._room, letter))
            self._under_way[task] = letter
            task.add_done_callback(self._sent)
        self._few = len(self._under_way) // 2

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._under_way.pop(task, None)
        if not task.cancelled() and (error := task.exception()) and not passes(error):
            tell("error", "work.crashed", work="send", exc_info=error)
        if len(self._under_way) <= self._few:
            self._ring()

    async def finish(self, grace: timedelta) -> None:
        """Let what is under way arrive within `grace`; give back the rest, which the next start sends."""
        if not self._under_way:
            return
        await asyncio.wait(self._under_way, timeout=grace.total_seconds())
        left = dict(self._under_way)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self._room.store.write(outbox.put_back, list(left.values()), self._room.clock())


async def send_waiting(room: Newsroom) -> None:
    """Send what is due, for who goes away then: each letter once, and waiting for nobody longer than AT_THE_DOOR."""
    postman = Postman(room, lambda: None)
    await postman.send_due()
    await postman.finish(AT_THE_DOOR)


async def send(room: Newsroom, letter: Letter) -> None:
    """Send one claimed letter; commit what came of it. Killed in between, it is sent again when the claim runs out."""
    try:
        await _WAYS[letter.kind](room, letter)
    except FetchError as error:
        await _not_arrived(room, letter, error)


async def _ping(room: Newsroom, letter: Letter) -> None:
    if letter.topic in room.config.public_topics and letter.receiver in room.config.hubs:
        form = letters.ping(room.site.feed(letter.topic, letter.format))
        await room.client.post(letter.receiver, form, _OURSELVES, secret=False)
        _arrived(letter, "hub.pinged", hub=letter.receiver)
    await room.store.write(outbox.sent, letter, room.clock())


async def _question(room: Newsroom, letter: Letter) -> None:
    """Ask a callback whether it means what was wished for in its name (section 5.3)."""
    held = await room.store.read(subscribers.one, letter.receiver)
    if held is None or held.wish is None:
        await room.store.write(outbox.sent, letter, room.clock())
        return
    wish, challenge = held.wish, f"{room.rng.getrandbits(_CHALLENGE_BITS):064x}"
    until = room.clock() + wish.lease  # measured from our question on
    answer = await room.client.call(letters.question(wish, challenge), _OURSELVES)
    if answer != challenge.encode():
        raise FetchError("status", "it was asked whether it means that, and has not said so", status=HTTPStatus.OK)
    if not await room.store.write(subscribers.meant, letter, wish, until=until, now=room.clock()):
        return
    if wish.mode == "subscribe":
        _arrived(letter, "subscriber.confirmed", until=until.isoformat(timespec="seconds"))
    else:
        _arrived(letter, "subscriber.left", why="it has asked to")


async def _delivery(room: Newsroom, letter: Letter) -> None:
    """Send a feed as it is now (section 7)."""
    due = await room.store.read(subscribers.due, letter, room.clock())
    if due.to and due.feed and letter.topic in room.config.public_topics:
        headers = letters.delivery(
            due.feed.body,
            media_type=MEDIA_TYPES[letter.format],
            address=room.site.feed(letter.topic, letter.format),
            hub=hub_of(room.site.public_url),
            secret=due.to.secret,
        )
        await room.client.call(due.to.callback, _OURSELVES, body=due.feed.body, headers=headers)
        _arrived(letter, "subscriber.told", level="debug", bytes=len(due.feed.body))
    await room.store.write(outbox.sent, replace(letter, news=due.news), room.clock())


async def _denial(room: Newsroom, letter: Letter) -> None:
    """Say that a subscription is over, by our decision (section 5.2)."""
    held = await room.store.read(subscribers.one, letter.receiver)
    if held is not None:
        await room.client.call(letters.denial(held.callback, held.address, OVER), _OURSELVES)
        _arrived(letter, "subscriber.left", why=OVER)
    await room.store.write(subscribers.end, letter.receiver)


_WAYS: Mapping[LetterKind, Callable[[Newsroom, Letter], Awaitable[None]]] = {
    "ping": _ping,
    "question": _question,
    "delivery": _delivery,
    "denial": _denial,
}


def _arrived(letter: Letter, event: str, *, level: str = "info", **facts: object) -> None:
    metrics.letter(letter.kind, "arrived")
    _tell(letter, level, event, **facts)


def _tell(letter: Letter, level: str, event: str, **facts: object) -> None:
    """Write a line. Of a callback only its host is named: whoever knows the rest can send there what he likes."""
    tell(level, event, topic=letter.topic, format=letter.format, host=letter.host, **facts)


async def _not_arrived(room: Newsroom, letter: Letter, error: FetchError) -> None:
    """Note that a letter did not arrive, and when it is tried again."""
    now, problem = room.clock(), error.problem
    if letter.kind == "delivery" and error.status == HTTPStatus.GONE:
        await room.store.write(subscribers.end, letter.receiver)
        _arrived(letter, "subscriber.left", why=problem)
        return
    if _is_over(letter, error, now):
        metrics.letter(letter.kind, "given-up")
        await _GIVING_UP[letter.kind](room, letter, problem)
        return
    metrics.letter(letter.kind, "failed")
    pause = max(error.retry_after or timedelta(0), letters.again(letter.failures, room.rng))
    await room.store.write(outbox.failed, letter, problem=problem, due_at=now + pause)
    wait_s = round(pause.total_seconds())
    _tell(letter, "warning", "letter.failed", kind=letter.kind, problem=problem, next_in_s=wait_s)


def _is_over(letter: Letter, error: FetchError, now: datetime) -> bool:
    """Whether it makes no sense to try again. A question that was answered is not put again until it says yes."""
    if letter.kind in ("ping", "delivery"):
        return now - letter.at >= letters.GIVEN_UP
    answered = error.status is not None and error.status < HTTPStatus.INTERNAL_SERVER_ERROR
    return answered or error.kind == "refused" or letter.failures + 1 >= letters.MOST_TRIES


async def _rest(room: Newsroom, letter: Letter, problem: str) -> None:
    """Let it wait for the next change of its feed; the subscription holds until its lease ends (section 7)."""
    await room.store.write(outbox.failed, letter, problem=problem, due_at=None)
    _tell(letter, "warning", "letter.given_up", kind=letter.kind, problem=problem)


async def _not_meant(room: Newsroom, letter: Letter, problem: str) -> None:
    await room.store.write(subscribers.not_meant, letter, room.clock())
    _tell(letter, "info", "subscriber.unconfirmed", problem=problem)


async def _unheard(room: Newsroom, letter: Letter, problem: str) -> None:
    await room.store.write(subscribers.end, letter.receiver)
    _tell(letter, "info", "subscriber.left", why=OVER, problem=problem)


_GIVING_UP: Mapping[LetterKind, Callable[[Newsroom, Letter, str], Awaitable[None]]] = {
    "ping": _rest,
    "question": _not_meant,
    "delivery": _rest,
    "denial": _unheard,
}
