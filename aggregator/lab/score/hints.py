"""What publishers ask for, and that it is kept: P08, P09, P10, P11, P31."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

from aggregator.lab.origin import Document, Headers
from aggregator.lab.score.feeds import rss
from aggregator.lab.score.world import Publisher, World, expect
from aggregator.model import FLOOR, HINTS_CAP, PollRule, Source
from aggregator.schedule.words import spoken

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEEK = 7 * DAY
SPREAD = 1.11  # what is put off is put off by chance a little longer, so that not all come back together
SYNDICATION = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
NIGHT, WEEKEND = range(7), (5, 6)
EVER, NEVER = b"Fri, 01 Jan 2038 00:00:00 GMT", b"Thu, 01 Jan 1970 00:00:00 GMT"


def _pauses(publisher: Publisher) -> list[timedelta]:
    """Return the time between the requests, by the publisher's clock."""
    return [later.at - earlier.at for earlier, later in pairwise(publisher.requests)]


async def _paused(world: World, headers: Headers, rule: PollRule | None = None) -> timedelta:
    """Return how long we stay away after an answer with these headers."""
    publisher = world.publisher()
    publisher.says(200, headers, rss(1))
    await world.polls(await world.subscribe(publisher, poll=rule or PollRule()), 2)
    return _pauses(publisher)[0]


def _holds(seen: timedelta, wanted: timedelta, what: str) -> None:
    """See that a pause is as long as it has to be, and not much longer."""
    expect(wanted <= seen <= wanted * SPREAD, f"{what}: asked again after {spoken(seen)}, not {spoken(wanted)}")


async def _own(world: World) -> timedelta:
    """Return the pause that we would take by ourselves, which chance makes a little longer."""
    return (await world.poll(await world.subscribe(world.publisher()))).due.interval


def _date(moment: datetime) -> bytes:
    return format_datetime(moment, usegmt=True).encode()


SPELLINGS: tuple[Callable[[datetime, timedelta], bytes], ...] = (  # RFC 9110, sections 5.6.7 and 10.2.3
    lambda _, wait: b"%d" % wait.total_seconds(),
    lambda now, wait: _date(now + wait),
    lambda now, wait: (now + wait).strftime("%A, %d-%b-%y %H:%M:%S GMT").encode(),
    lambda now, wait: (now + wait).strftime("%a %b %e %H:%M:%S %Y").encode(),
)


def _cached(value: bytes, *more: tuple[bytes, bytes]) -> Headers:
    return [(b"Cache-Control", value), *more]


async def freshness(world: World) -> str:
    """P08."""
    own = await _own(world)
    expires = (b"Expires", _date(world.now + 100 * DAY))
    table: list[tuple[Headers, timedelta]] = [
        (_cached(b"max-age=10800"), 3 * HOUR),
        (_cached(b"max-age=14400", (b"Age", b"3600")), 3 * HOUR),
        (_cached(b'public, Max-Age="10800", s-maxage=60'), 3 * HOUR),
        (_cached(b"max-age=10800", expires), 3 * HOUR),
        (_cached(b"s-maxage=18000"), own),
        (_cached(b"max-age=60"), own),
        (_cached(b"max-age=-5"), own),
        (_cached(b"max-age=soon"), own),
        ([(b"Expires", b"0")], own),
        ([(b"Expires", b"-1")], own),
        ([(b"Expires", b"tomorrow")], own),
        ([(b"Expires", NEVER)], own),
        (_cached(b"max-age=604800"), max(HINTS_CAP, own * 4)),
        ([(b"Expires", EVER)], max(HINTS_CAP, own * 4)),
    ]
    for headers, wanted in table:
        _holds(await _paused(world, headers), wanted, f"{headers}")
    _holds(await _paused(world, [(b"Expires", _date(world.now + 5 * HOUR))]), 5 * HOUR, "Expires in five hours")
    for seconds in (WEEK, 52 * WEEK):
        asked = _cached(b"max-age=%d" % seconds.total_seconds())
        _holds(await _paused(world, asked, PollRule(hints="obey")), WEEK, f"{asked} where hints are obeyed")
        _holds(await _paused(world, asked, PollRule(hints="ignore")), own, f"{asked} where hints are ignored")
    return (
        f"{len(table) + 5} answers: never sooner than by ourselves, up to {spoken(HINTS_CAP)}; a week if so configured"
    )


async def never_faster(world: World) -> str:
    """P09."""
    words = (b"no-cache", b"no-store", b"must-revalidate", b"max-age=0", b"private, no-cache, max-age=0", b"immutable")
    more: list[Headers] = [[(b"Pragma", b"no-cache")], [(b"Expires", b"0")], [(b"Refresh", b"60")]]
    table = [*map(_cached, words), *more]
    own = await _own(world)
    for headers in table:
        _holds(await _paused(world, headers), own, f"{headers}")
        seen = await _paused(world, headers, PollRule(eager=1000))
        expect(seen >= FLOOR, f"{headers}: an eager poller asks again after {spoken(seen)}")
    return f"{len(table)} ways to say that nothing stays fresh: no sooner for it, and never within {spoken(FLOOR)}"


async def feeds_own_wishes(world: World) -> str:
    """P10."""
    periods = {
        "<ttl>180</ttl>": 3 * HOUR,
        f"<sy:updatePeriod {SYNDICATION}>daily</sy:updatePeriod>"
        f"<sy:updateFrequency {SYNDICATION}>6</sy:updateFrequency>": 4 * HOUR,
        f"<sy:updatePeriod {SYNDICATION}>weekly</sy:updatePeriod>": HINTS_CAP,
    }
    for inside, wanted in periods.items():
        _, publisher = await _lived(world, inside)
        expect(min(_pauses(publisher)) >= wanted, f"{inside}: asked again after {spoken(min(_pauses(publisher)))}")
    _, control = await _lived(world, "")
    every_hour = "".join(f"<hour>{hour}</hour>" for hour in range(24))
    days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    every_day = "".join(f"<day>{day}</day>" for day in days)
    for inside in (f"<skipHours>{every_hour}</skipHours>", f"<skipDays>{every_day}</skipDays>", "<ttl>0</ttl>"):
        _, publisher = await _lived(world, inside)
        seen, usual = len(publisher.requests), len(control.requests)
        expect(seen >= usual * 0.9, f"{inside} is not ignored: {seen} requests, {usual} without it")
    skipped = await _skipped(world)
    return f"ttl and sy:* are kept; in virtual weeks {skipped}; a list of all hours or all days is ignored"


async def _lived(world: World, inside: str, *, span: timedelta = 2 * DAY, eager: float = 1) -> tuple[Source, Publisher]:
    """Poll a feed for so long that says this in its channel; only the first answer holds a document."""
    publisher = world.publisher()
    publisher.serves(Document(body=rss(1, inside=inside), etag=b'"1"'))
    source = await world.subscribe(publisher, poll=PollRule(eager=eager))
    await world.live(source, span)
    return source, publisher


async def _skipped(world: World) -> str:
    """See that nobody is asked at the hours and on the days that a feed names, while it is well and while it fails."""
    night = "".join(f"<hour>{hour or 24}</hour>" for hour in NIGHT)
    sleeps: dict[str, Callable[[datetime], bool]] = {
        f"<skipHours>{night}</skipHours>": lambda at: at.hour in NIGHT,
        "<skipDays><day>Saturday</day><day>sunday</day></skipDays>": lambda at: at.weekday() in WEEKEND,
    }
    asked = 0
    for inside, skips in sleeps.items():
        source, publisher = await _lived(world, inside, span=WEEK, eager=2)
        publisher.says(500)
        await world.live(source, WEEK)
        moments = [request.at for request in publisher.requests[1:]]  # the first one finds it out
        wrong = [at for at in moments if skips(at)]
        expect(not wrong, f"{inside}: asked {len(wrong)} times of {len(moments)}, at {wrong[:3]}")
        asked += len(moments)
    return f"skipHours (24 is midnight) and skipDays: {asked} requests, well or failing, none at those times"


async def retry_after(world: World) -> str:
    """P11."""
    kept = 0
    for status in (429, 503, 403, 302):
        own = await _put_off(world, status, None)
        least = 0.9 * own if status == 302 else FLOOR if status == 503 else 4 * HOUR  # noqa: PLR2004 - the table above
        for spelled in SPELLINGS:
            value = spelled(world.now, 30 * HOUR)
            seen = await _put_off(world, status, value)
            _holds(seen, 30 * HOUR - timedelta(seconds=1), f"{status} with Retry-After: {value.decode()}")
            kept += 1
        for useless in (b"0", b"-5", b"", b"soon", b"1.5", NEVER):
            seen = await _put_off(world, status, useless)
            expect(least <= seen <= DAY, f"{status} with Retry-After: {useless!r}: asked again after {spoken(seen)}")
        for endless in (b"31536000", b"99999999999999999999", EVER):
            _holds(await _put_off(world, status, endless), WEEK, f"{status} with Retry-After: {endless.decode()}")
    return f"{kept} pauses kept on 429, 503, 403 and redirects, in seconds or any form of date; a week at most"


async def _put_off(world: World, status: int, value: bytes | None) -> timedelta:
    """Return how long we stay away after an answer with this Retry-After. A redirect leads to a feed."""
    publisher, elsewhere = world.publisher(), world.publisher()
    headers = [(b"Retry-After", value)] if value is not None else []
    publisher.says(status, [*headers, (b"Location", elsewhere.url.encode())])
    await world.polls(await world.subscribe(publisher), 2)
    return _pauses(publisher)[0]


async def their_clock(world: World) -> str:
    """P31."""
    own = await _own(world)
    for age, wanted in ((b"3600", 3 * HOUR), (b"99999", own), (b"soon", 4 * HOUR), (b"-3600", 4 * HOUR)):
        seen = await _paused(world, _cached(b"max-age=14400", (b"Age", age)))
        _holds(seen, wanted, f"max-age of four hours, Age: {age.decode()}")
    skews = (timedelta(0), 2 * HOUR, -2 * HOUR, 23 * HOUR, -23 * HOUR)
    for skew in (*skews, 3 * DAY, -3 * DAY):
        theirs = world.now.replace(microsecond=0) + skew
        dates = [(b"Date", _date(theirs)), (b"Expires", _date(theirs + 5 * HOUR))]
        _holds(await _paused(world, dates), 5 * HOUR if skew in skews else own, f"a clock that is wrong by {skew}")
    _holds(await _paused(world, [(b"Date", b"now"), (b"Expires", EVER)]), own, "a Date that is none")
    return f"Age is taken off; Expires counts by the server's own clock, if that is within {spoken(max(skews))} of ours"
