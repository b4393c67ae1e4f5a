"""Who is cited, from the feeds of outlets to the answer who told it first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import pytest

from aggregator.dedup import Tellers
from aggregator.lab.origin import Document, Origin
from aggregator.lab.score.world import World
from aggregator.model import key_of
from aggregator.store import credits as cited_in
from aggregator.store import stories

HOUR = timedelta(hours=1)
FIRE = (
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
RETOLD = (
    "Двести велосипедов сгорели на складе «Спицы»",
    (
        "Ночью в Озёрске сгорел склад «Спицы», а с ним двести велосипедов. Начальник пожарной части Роман Чубенко: "
        "никто не пострадал, причину выясняют."
    ),
)


@pytest.fixture
async def world(tmp_path):
    with Origin() as origin:
        async with World(origin, tmp_path) as world:
            await world.begin("teller")
            yield world


def feed(at, title, text, name="Лента"):
    return Document(
        body=f'<rss version="2.0"><channel><title>{name}</title><item><guid>1</guid><title>{title}</title>'
        f"<pubDate>{format_datetime(at, usegmt=True)}</pubDate><description>{text}</description>"
        "</item></channel></rss>".encode()
    )


async def tell(world, *told):
    """Let each outlet (title, its date before now, its words) tell something in turn; return the sources."""
    publishers = [world.publisher() for _ in told]
    sources = [world.source(at, title=title) for at, (title, *_) in zip(publishers, told, strict=True)]
    await world.configure(*sources)
    for publisher, source, (_, before, words) in zip(publishers, sources, told, strict=True):
        publisher.serves(feed(world.now - before, *words))
        await world.poll(source)
        await world.curate()
        world.now += timedelta(minutes=1)
    return sources


async def tellers(world, source, **owners):
    story = await world.read(stories.group_of, "story", key_of(source.id, "1"))
    return Tellers(await world.read(cited_in.tellings, story), world.config.sources, owners)


async def test_the_store_holds_who_is_cited(world):
    *_, citing = await tell(world, ("Берег", HOUR, FIRE), ("Степь", HOUR, CITING))
    key = key_of(citing.id, "1")
    found = (await world.read(cited_in.credits_of, [key]))[key]
    shore, police = found
    assert [(one.outlet, one.phrase, one.body) for one in found] == [
        ("Берег", "пишет", False),
        ("МВД Озёрска", "со ссылкой на", True),
    ]
    assert police.via == shore.name
    assert "\n".join(CITING)[slice(*shore.place)].strip("«»") == "Берег"


async def test_an_outlet_does_not_cite_itself_under_the_name_that_its_feed_has(world):
    publisher = world.publisher()
    source = await world.subscribe(publisher)
    publisher.serves(feed(world.now, *CITING, name="Берег - новости Озёрска"))
    await world.poll(source)
    await world.curate()
    found = await world.read(cited_in.credits_of, [key_of(source.id, "1")])
    assert [one.outlet for one in found.get(key_of(source.id, "1"), ())] == ["МВД Озёрска"]


async def test_a_date_of_long_ago_makes_nobody_the_first_teller(world):
    told = ("Озеро", HOUR, RETOLD), ("Берег", HOUR, FIRE), ("Степь", HOUR, CITING)
    evil = "Первый", timedelta(days=1), (RETOLD[0] + "!", FIRE[1].partition(".")[2])
    sources = await tell(world, *told, evil)
    asked = await tellers(world, sources[1])
    assert (asked.first_teller().outlet, asked.first_teller().why) == ("Берег", "cited by Степь")
    assert asked.first_teller().item == key_of(sources[1].id, "1")


async def test_a_person_says_by_priority_who_is_believed(world):
    first, second = await tell(world, ("Озеро", HOUR, FIRE), ("Степь", HOUR, RETOLD))
    assert (await tellers(world, first)).first_teller().source == first.id
    await world.configure(first, replace(second, priority=2))
    assert (await tellers(world, first)).first_teller().source == second.id


async def test_outlets_that_cite_one_another_or_have_one_owner_are_one_voice(world):
    lake, shore, _ = await tell(world, ("Озеро", HOUR, RETOLD), ("Берег", HOUR, FIRE), ("Степь", HOUR, CITING))
    found = (await tellers(world, shore)).independent()
    assert found.why == "3 outlets, 2 independent: Берег, Степь (Берег is cited); Озеро"
    owned = await tellers(world, shore, **{lake.id: "group", shore.id: "group"})
    assert len(owned.independent().voices) == 1
