"""Our own hub (WebSub): what can be subscribed to, and what is asked of it.

In:    the configuration; a form that somebody sent.
Out:   wishes in the store, and questions to those who are said to have them; what to answer at once.
Never: tells of a private topic, or of a feed of this machine alone to somebody outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from aggregator import metrics
from aggregator.config import Config
from aggregator.fetch import guard
from aggregator.log import tell
from aggregator.model import FEEDS, Format, Wish
from aggregator.pipeline.newsroom import Newsroom
from aggregator.push import asking, letters
from aggregator.push.asking import Unwanted
from aggregator.store import outbox, subscribers
from aggregator.store.subscribers import Full

PATH = "/hub"

_FULL: dict[Full, tuple[HTTPStatus, str]] = {
    "feed": (HTTPStatus.SERVICE_UNAVAILABLE, "This feed has as many subscribers as it may have."),
    "host": (HTTPStatus.TOO_MANY_REQUESTS, "This callback's host has as many subscriptions as it may have."),
    "wishes": (HTTPStatus.SERVICE_UNAVAILABLE, "Too many are asking just now; ask again in a minute."),
    "unknown": (HTTPStatus.NOT_FOUND, "This callback has no subscription to this feed."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What whoever asked our hub is told at once."""

    status: int
    sentence: str = ""


def hub_of(public_url: str) -> str:
    """Return the address of our own hub."""
    return public_url + PATH


def hubs_of(config: Config, public_url: str) -> tuple[str, ...]:
    """Return the hubs that our feeds name, our own first."""
    return (*([hub_of(public_url)] if config.hub == "on" else []), *config.hubs)


def addresses(room: Newsroom) -> dict[str, tuple[str, Format]]:
    """Return what can be subscribed to at our own hub: the feeds of public topics."""
    if room.config.hub == "off":
        return {}
    return {room.site.feed(topic, one): (topic, one) for topic in room.config.public_topics for one in FEEDS}


def announced(room: Newsroom, topic: str, format_: Format) -> str:
    """Return the Link header of a feed; "" where there is nothing to subscribe to."""
    if not room.site.hubs or format_ not in FEEDS or topic not in room.config.public_topics:
        return ""
    return letters.links(room.site.feed(topic, format_), room.site.hubs)


async def sync(room: Newsroom) -> None:
    """End what is subscribed to no feed of ours any more, and forget the hubs that are configured no more."""
    await room.store.decide(outbox.keep_only, room.config.hubs, list(room.config.public_topics))
    await room.store.decide(subscribers.keep_only, addresses(room), room.clock())


async def expire(room: Newsroom) -> None:
    """Forget the subscribers whose lease has run out (section 5.3.1: hubs MUST)."""
    if gone := await room.store.decide(subscribers.prune, room.clock()):
        tell("info", "subscribers.expired", subscribers=gone)


async def asked(room: Newsroom, form: bytes) -> Reply | None:
    """Return what to answer whoever has sent this form to our hub; None: we have none.

    202 says that its callback will be asked whether it is meant (section 5.1.2).
    """
    if room.config.hub == "off":
        return None
    try:
        wish = await _wished(room, form)
    except Unwanted as unwanted:
        full_up = unwanted.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
        metrics.hub_asked("full" if full_up else "wrong")
        return Reply(status=unwanted.status, sentence=unwanted.sentence)
    if wish is None:
        metrics.hub_asked("publish")
        return Reply(status=HTTPStatus.NO_CONTENT)
    metrics.hub_asked(wish.mode)
    host = urlsplit(wish.callback).hostname
    tell("info", "subscriber.wished", mode=wish.mode, topic=wish.topic, format=wish.format, host=host)
    return Reply(status=HTTPStatus.ACCEPTED)


async def _wished(room: Newsroom, form: bytes) -> Wish | None:
    """Return the wish that was taken; None: we were asked for news, and know of ours. Raises Unwanted."""
    wish = asking.read(form, addresses(room))
    if wish is None:
        return None
    _may_be_called(room, wish)
    if full := await room.store.write(subscribers.wish, wish, room.clock()):
        raise Unwanted(*_FULL[full])
    return wish


def _may_be_called(room: Newsroom, wish: Wish) -> None:
    """Raise Unwanted for a callback that we would not call: the same guard as of every request, before any look-up.

    Where only a private network reaches us, its feeds are for those who are in it; a page in somebody's browser could
    else subscribe the whole world to what he reads at home (a form may be sent to 127.0.0.1 from anywhere).
    """
    host = urlsplit(wish.callback).hostname or ""
    private = guard.is_private_name(host)
    if private and guard.is_address(host) and not guard.is_allowed(host, guard.networks(room.config.allow_private)):
        raise Unwanted(HTTPStatus.FORBIDDEN, "hub.callback is an address of a private network.")
    if not private and guard.is_private_name(urlsplit(room.site.public_url).hostname or ""):
        raise Unwanted(HTTPStatus.FORBIDDEN, "This hub is of a private network, and hub.callback is outside.")
