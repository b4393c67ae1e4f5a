"""Whom an entry is taken from, from the feeds of outlets to the links of what readers get."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import pytest
from lxml import etree

from aggregator.lab.origin import Document
from aggregator.model import Topic
from aggregator.store import artefacts

MINUTE = timedelta(minutes=1)
ATOM = "{http://www.w3.org/2005/Atom}"
OWN = (
    "На складе в Озёрске сгорели двести велосипедов",
    (
        "Пожар на складе компании «Спица» в Озёрске начался ночью. Огонь уничтожил двести велосипедов, "
        "пострадавших нет, сообщил начальник пожарной части Роман Чубенко. Причину выясняют, склад восстановят к лету."
    ),
)
CITING = (
    "Пожарные Озёрска: «Спица» лишилась двухсот велосипедов",
    (
        "Склад «Спицы» в Озёрске вспыхнул ночью. Двести велосипедов сгорели, никто не пострадал, пишет издание «Берег» "
        "со ссылкой на МВД Озёрска. Роман Чубенко, начальник пожарной части, подтвердил."
    ),
)


def feed(world, source, title, text, category="news"):
    return Document(
        body=f'<rss version="2.0"><channel><title>Лента</title><item><guid>1</guid><title>{title}</title>'
        f"<link>https://{source.id}.example/1</link><category>{category}</category>"
        f"<pubDate>{format_datetime(world.now - MINUTE, usegmt=True)}</pubDate><description>{text}</description>"
        "</item></channel></rss>".encode()
    )


async def tell(world, topic, *told):
    """Let each outlet (title, its words, a category if any) tell something in turn; return sources and publishers."""
    publishers = [world.publisher() for _ in told]
    sources = [world.source(at, title=title) for at, (title, *_) in zip(publishers, told, strict=True)]
    await world.configure(*sources, topics=(topic,))
    for publisher, source, (_, words, *category) in zip(publishers, sources, told, strict=True):
        publisher.serves(feed(world, source, *words, *category))
        await world.poll(source)
        await world.publish(topic.id)
        world.now += MINUTE
    return sources, publishers


async def links(world, topic):
    """Return (rel, address) of what else the entries of the topic's document link to."""
    document = await world.read(artefacts.load, topic.id, "atom", "identity")
    found = etree.fromstring(document.body).iterfind(f"{ATOM}entry/{ATOM}link")
    said = [(one.get("rel"), one.get("href")) for one in found if one.get("rel") != "alternate"]
    return [one for one in said if "/stories/" not in one[1]]


STORY, COPY = (Topic(id="all", title="Всё", match="not category:x", fold=fold) for fold in ("story", "copy"))
SHORE, STEPPE = ("Берег", OWN), ("Степь", CITING)


@pytest.mark.parametrize(
    ("topic", "told", "linked"),
    [
        pytest.param(COPY, [SHORE, STEPPE], [("via", 0)], id="an entry of its own"),
        pytest.param(STORY, [STEPPE, SHORE], [("via", 1)], id="it is listed in the entry that cites it"),
        pytest.param(STORY, [SHORE, STEPPE], [("related", 1)], id="it is the entry, and who cites it is listed"),
        pytest.param(COPY, [STEPPE, SHORE], [], id="it was not there when the entry was first delivered"),
        pytest.param(COPY, [("Волна", OWN), STEPPE], [], id="another told it"),
        pytest.param(COPY, [(*SHORE, "x"), STEPPE], [], id="the topic does not have it"),
    ],
)
async def test_an_entry_is_linked_to_what_it_is_taken_from(world, topic, told, linked):
    sources, _ = await tell(world, topic, *told)
    assert await links(world, topic) == [(rel, f"https://{sources[of].id}.example/1") for rel, of in linked]


async def test_it_goes_with_the_words_of_its_publisher(world):
    (shore, steppe), (_, publisher) = await tell(world, COPY, SHORE, STEPPE)
    via = [("via", f"https://{shore.id}.example/1")]
    await world.restart()
    for title, text, linked in (
        ("Озёрск: сгорели велосипеды", CITING[1], via),
        ("Озёрск: велосипеды", CITING[1].replace("пишет издание «Берег» со ссылкой на", "сообщает"), []),
    ):
        publisher.serves(feed(world, steppe, title, text))
        assert [change.kind for change in (await world.poll(steppe)).changes] == ["changed"]
        await world.publish("all")
        assert await links(world, COPY) == linked
