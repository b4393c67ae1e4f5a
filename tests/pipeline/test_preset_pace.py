"""Presets in virtual time: many sources of one host keep its pace together, and an edited post stays one item."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from urllib.parse import urlsplit

import pytest

from aggregator.config.presets import BY_NAME
from aggregator.lab.origin import Document, Response, answer
from aggregator.lab.score.feeds import rss
from aggregator.model import Pause, PollRule
from aggregator.store import identity

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TEN = [f"r/ozero{n}" for n in range(10)]


def place(world, preset, word):
    """Where a source of a preset is, at a local port; the host is the live one's, and its name leads to us."""
    parts = urlsplit(BY_NAME[preset].read(word).url)
    host = f"{parts.netloc}:{world.origin.port}"
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    return f"http://{host}{target}", target, Pause(gaps={host: BY_NAME[preset].gap})


@pytest.mark.parametrize(
    ("rule", "most"),
    [
        pytest.param(PollRule(), 31, id="at their own rhythm"),
        pytest.param(PollRule(every=MINUTE, under_floor=True, floor=MINUTE), 60, id="as often as a person says"),
    ],
)
async def test_ten_sources_of_a_host_are_asked_no_faster_than_it_bears(world, rule, most):
    publisher = world.publisher()

    def busy(request):  # something new every three minutes in each
        newest = 10 + request.at.timestamp() // 180
        return answer(Document(body=rss(*range(int(newest) - 5, int(newest))), etag=b'"%d"' % newest), request)

    sources = []
    for word in TEN:
        url, target, pause = place(world, "reddit", word)
        world.origin.script(target, busy, host=publisher.host)
        sources.append(world.source(publisher, id=word.replace("/", "-"), url=url, poll=rule))
    await world.configure(*sources, pause=pause)
    async with world.named(publisher):
        await world.work(6 * HOUR)
    moments = [request.at for request in publisher.requests]
    assert min(later - earlier for earlier, later in pairwise(moments)) >= MINUTE
    asked = Counter(request.target for request in publisher.requests)
    assert len(asked) == len(TEN)
    assert max(asked.values()) <= 2 * min(asked.values())
    late = [at for at in moments if at > moments[0] + 3 * HOUR]  # by then their intervals have followed the price
    assert len(late) <= 3 * most


async def test_an_edited_post_of_a_channel_is_one_item_with_its_new_words(world):
    publisher = world.publisher()
    url, target, pause = place(world, "telegram", "ozero_news")
    shown = {"text": "Міст відкрито"}

    def page(_request):
        post = (
            '<div class="tgme_widget_message" data-post="ozero_news/7"><div class="tgme_widget_message_text">'
            f'{shown["text"]}</div><a class="tgme_widget_message_date" href="https://t.me/ozero_news/7">'
            '<time datetime="2026-03-01T11:50:00+00:00"></time></a></div>'
        )
        return Response(headers=[(b"Content-Type", b"text/html")], body=f"<html>{post}</html>".encode())

    world.origin.script(target, page, host=publisher.host)
    source = world.source(publisher, id="channel", url=url, select=BY_NAME["telegram"].select)
    await world.configure(source, pause=pause)
    async with world.named(publisher):
        first = await world.poll(source)
        shown["text"] = "Міст відкрито о 9:00"
        second = await world.poll(source)
        shown["text"] += "<!-- 3K views -->"
        third = await world.poll(source)
    assert [[change.kind for change in outcome.changes] for outcome in (first, second, third)] == [
        ["new"],
        ["changed"],
        [],
    ]
    known = await world.read(identity.known, "channel", ["ozero_news/7"])
    assert len(known) == 1


async def test_a_channel_without_a_public_page_fails_with_the_reason(world):
    publisher = world.publisher()
    url, target, pause = place(world, "telegram", "ozero_news")
    goal = target.replace("/s/", "/")
    body = "<html><title>Telegram: Contact @ozero_news</title><div class=tgme_page>Озеро</div></html>"
    html = Response(headers=[(b"Content-Type", b"text/html")], body=body.encode())
    world.origin.script(goal, lambda _: html, host=publisher.host)
    world.origin.script(
        target, lambda _: Response(status=302, headers=[(b"Location", goal.encode())]), host=publisher.host
    )
    source = world.source(publisher, id="channel", url=url, select=BY_NAME["telegram"].select)
    await world.configure(source, pause=pause)
    async with world.named(publisher):
        outcome = await world.poll(source)
    assert (outcome.ended, outcome.kind) == ("failed", "empty-page")
    assert "private, gone or empty" in outcome.problem
    assert outcome.hint.startswith("look at http://t.me")
