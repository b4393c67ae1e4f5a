"""A thousand sources, well and ill, polled through a virtual week by the product's own claim, poll and commit."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from email.utils import format_datetime
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import pytest

from aggregator.lab.origin import Document, Origin, Response, answer
from aggregator.lab.score import World
from aggregator.lab.score.feeds import rss
from aggregator.lab.score.world import PATH, START
from aggregator.model import CEILING, FLOOR, Pause, PollRule

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TICK = timedelta(minutes=1)  # what falls due within it is polled together
PAUSE = Pause()  # as configured where nothing is said
CROWD = 20  # feeds on one host; elsewhere there are four
NIGHT = range(1, 7)
AWAY = 2 * HOUR
KINDS = ("alive", "alive", "alive", "alive", "cached", "asleep", "broken", "lost", "overloaded", "shy")


def kind_of(number):
    return KINDS[number % len(KINDS)]


def host_of(number):
    return "crowd.example" if number < CROWD else f"h{number // 4}.example"


def feed(request, number):
    """Answer with the document of this moment: something new every three to nine hours; conditional."""
    newest = 10 + (request.at - START) // (HOUR * (3 + number % 7))
    hours = "".join(f"<hour>{hour}</hour>" for hour in NIGHT)
    inside = f"<skipHours>{hours}</skipHours>" if kind_of(number) == "asleep" else ""
    response = answer(Document(body=rss(*range(newest - 5, newest), inside=inside), etag=b'"%d"' % newest), request)
    if kind_of(number) == "cached":
        response.headers.append((b"Cache-Control", b"max-age=10800"))
    return response


class Press:
    """Answers for all of them, and notes who asked for what, and until when a host wanted to be left alone."""

    def __init__(self):
        self.asked = defaultdict(list)  # source -> moments
        self.at_host = defaultdict(list)  # host -> moments
        self.away_until = {}  # host -> moment
        self.disturbed = []
        self.refusals = 0

    def __call__(self, request):
        number = int(parse_qs(urlsplit(request.target.decode()).query)["feed"][0])
        host, at = host_of(number), request.at
        self.asked[number].append(at)
        self.at_host[host].append(at)
        if at < self.away_until.get(host, at):
            self.disturbed.append((host, at))
        return self.answer(request, number)

    def answer(self, request, number):
        match kind_of(number):
            case "broken" if len(self.asked[number]) % 20 > 1:
                return Response(status=500)
            case "lost":
                return Response(status=404)
            case "overloaded" if request.at.hour in {9, 10}:
                return self.refuses(503, b"%d" % AWAY.total_seconds(), request, number)
            case "shy" if len(self.asked[number]) % 5 == 4:
                until = format_datetime(request.at + AWAY + timedelta(seconds=1), usegmt=True)
                return self.refuses(429, until.encode(), request, number)
        return feed(request, number)

    def refuses(self, status, retry_after, request, number):
        self.refusals += 1
        host = host_of(number)
        self.away_until[host] = max(request.at + AWAY, self.away_until.get(host, START))
        return Response(status=status, headers=[(b"Retry-After", retry_after)])


async def lived(folder, *, sources, days):
    """Let so many sources live through so many days; return what their publishers saw, and how each poll ended."""
    press = Press()
    with Origin() as origin:
        async with World(origin, folder) as world:
            await world.begin("a virtual week")
            publisher = world.publisher()
            origin.script(PATH, press, host=publisher.host)
            url = f"http://{{}}:{origin.port}{PATH}?feed={{}}".format
            configured = [
                world.source(publisher, id=f"s{n}", url=url(host_of(n), n), poll=PollRule(eager=0.25))
                for n in range(sources)
            ]
            await world.configure(*configured, pause=PAUSE)
            async with world.named(publisher):
                outcomes = await world.work(days * DAY, tick=TICK)
    return press, outcomes


@pytest.mark.parametrize(
    ("sources", "days"),
    [
        pytest.param(100, 1, id="a hundred sources, a day", marks=pytest.mark.timeout(300)),
        pytest.param(1000, 7, id="a thousand sources, a week", marks=[pytest.mark.slow, pytest.mark.timeout(3000)]),
    ],
)
async def test_no_promise_is_broken_and_no_source_starved(tmp_path, sources, days):
    press, outcomes = await lived(tmp_path, sources=sources, days=days)
    end = START + days * DAY
    pauses = {number: [b - a for a, b in pairwise(moments)] for number, moments in press.asked.items()}

    assert len(press.asked) == sources
    assert {outcome.ended for outcome in outcomes} == {"changed", "not-modified", "failed"}
    assert press.refusals > sources // 20
    assert not press.disturbed, "Retry-After is kept, for the whole host"
    assert min(min(each) for each in pauses.values() if each) >= FLOOR
    assert min(b - a for moments in press.at_host.values() for a, b in pairwise(moments)) >= PAUSE.gap

    for number, moments in press.asked.items():
        waits = [*pauses[number], end - moments[-1]]
        assert max(waits) <= CEILING * 1.1 + 2 * AWAY, f"{kind_of(number)} {number} starves"
        if kind_of(number) == "cached" and pauses[number]:
            assert min(pauses[number]) >= 3 * HOUR
        if (
            kind_of(number) == "asleep"
        ):  # the first answer tells; what falls due before the hour may come in its beginning
            assert not [at for at in moments[1:] if (at - MINUTE).hour in NIGHT and at.hour in NIGHT]
