"""A15: a hundred sources on one host, and a host that does not answer: each waits for itself, the others for nobody."""

from __future__ import annotations

import asyncio
import signal
import time
from itertools import pairwise
from statistics import quantiles

import pytest
from sample import rss

from aggregator.lab.origin import Origin

CROWD, SILENT = "127.0.10.1", "127.0.10.2"
OTHERS = {f"other-{n}": f"127.0.11.{n}" for n in range(1, 11)}
WORK_S = 0.02  # that the crowded host takes for an answer


class Timeline:
    """When each request to a host began and ended, as the host saw it."""

    def __init__(self):
        self.spans = {}

    def answering(self, work_s):
        async def behaviour(request, _reader, writer):
            began = time.monotonic()
            body = rss([f"Новость {request.target.decode()}"], host="crowd.example")
            try:
                await asyncio.sleep(work_s)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)
                await writer.drain()
            finally:  # the client may have left
                self.spans.setdefault(request.address, []).append((began, time.monotonic()))

        return behaviour

    async def never(self, request, reader, _writer):
        began = time.monotonic()
        self.spans.setdefault(request.address, []).append((began, None))
        await reader.read()  # until the client leaves
        self.spans[request.address][-1] = (began, time.monotonic())


def crowded(origin, timeline, crowd):
    others = {
        name: {
            "url": origin.behave("/feed.xml", timeline.answering(0), host=host),
            "poll": {"every": "1s", "under_floor": True},
        }
        for name, host in OTHERS.items()
    }
    busy = {
        f"crowd-{n}": {"url": origin.behave(f"/{n}.xml", timeline.answering(WORK_S), host=CROWD)} for n in range(crowd)
    }
    silent = {f"silent-{n}": {"url": origin.behave(f"/{n}.xml", timeline.never, host=SILENT)} for n in range(5)}
    return others, busy, silent


def polls_of(daemon, names):
    return [event for event in daemon.told("source.polled") if event["source"] in names]


@pytest.mark.fault("F19")
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("crowd", "gap_s"), [pytest.param(100, 0, id="quick"), pytest.param(60, 1, id="gap", marks=pytest.mark.slow)]
)
def test_each_host_is_asked_one_thing_at_a_time_and_no_other_host_waits_for_it(place, crowd, gap_s):
    timeline = Timeline()
    place.process = {"hosts": {"default": {"at_once": 1, "gap": f"{gap_s}s"}}, "poll": {"at_once": 20}}
    topics = {"all": {"title": "Всё", "match": "title:/./"}}
    with Origin() as origin:
        others, busy, silent = crowded(origin, timeline, crowd)
        place.write(others, topics)
        with place.start() as daemon:
            daemon.wait_for(lambda: len(polls_of(daemon, OTHERS)) >= 50, "polls without a crowd")
            calm = len(polls_of(daemon, OTHERS))
            place.write({**others, **busy, **silent}, topics)
            daemon.process.send_signal(signal.SIGHUP)
            daemon.wait_for(lambda: len(polls_of(daemon, busy)) == crowd, "the crowd", patience_s=240)
            took_s = [event["took_ms"] / 1000 for event in polls_of(daemon, OTHERS)]
            if not gap_s:
                assert len(timeline.spans[SILENT]) == 1  # it has not answered yet, and is not asked a second thing
                assert not daemon.told("source.failed")
            assert daemon.stop() == 0
    for host in (CROWD, SILENT):
        for (_, ended), (began, _) in pairwise(timeline.spans[host]):
            assert began - ended >= 0.9 * gap_s, host
    assert len(timeline.spans[CROWD]) == crowd
    calm_s, busy_s = (quantiles(part, n=20)[-1] for part in (took_s[:calm], took_s[calm:]))
    assert busy_s < max(10 * calm_s, 2), (calm_s, busy_s)
    for host in OTHERS.values():  # due every second, and never forgotten for the crowd
        assert max(later[0] - earlier[0] for earlier, later in pairwise(timeline.spans[host])) < 10
