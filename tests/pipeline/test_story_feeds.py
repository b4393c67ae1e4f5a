"""One event told by several outlets, on its way from their feeds to an entry: one a story, one a text, or one each."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import pytest

from aggregator.lab.origin import Document, Origin
from aggregator.lab.score.world import World
from aggregator.model import Topic, key_of
from aggregator.store import deliveries, members, stories

MINUTE = timedelta(minutes=1)
STEM = "Пожар на складе компании «Спица» в Озёрске начался ночью с субботы на воскресенье."
FIRE = (
    "На складе в Озёрске сгорели двести велосипедов",
    (
        f"{STEM} Огонь уничтожил двести велосипедов, пострадавших нет, сообщил начальник пожарной части Роман Чубенко. "
        "Причину выясняют, склад восстановят к лету, а велосипеды привезут новые и раздадут школьникам города. "
        "До пожара их собирали на лето для лагеря у озера, куда каждый год приезжают дети из трёх соседних районов."
    ),
)
RETOLD = (
    "Пожарные Озёрска: «Спица» лишилась двухсот велосипедов",
    (
        "Склад «Спицы» вспыхнул в ночь на воскресенье. Двести велосипедов сгорели, никто не пострадал, рассказал Роман "
        "Чубенко, начальник озёрской пожарной части."
    ),
)
IN_UKRAINIAN = (
    "В Озерську згоріли двісті велосипедів",
    (
        "Пожежа на складі компанії «Спиця» в Озерську почалася в ніч на неділю. Вогонь знищив двісті велосипедів, "
        "постраждалих немає, повідомив начальник пожежної частини Роман Чубенко."
    ),
)
REPRINT = ("Огонь оставил школьников Озёрска без велосипедов", FIRE[1])
COUNCIL = (
    "Совет Озёрска утвердил бюджет",
    (
        "Депутаты городского совета Озёрска утвердили бюджет на следующий год: больше всего получат школы и дороги. "
        "За проголосовали двадцать два депутата из тридцати."
    ),
)


@pytest.fixture
async def world(tmp_path):
    with Origin() as origin:
        async with World(origin, tmp_path) as world:
            await world.begin("stories")
            yield world


def feed(now, title, text):
    return Document(
        body=f'<rss version="2.0"><channel><title>Вестник</title><item><guid>1</guid><title>{title}</title>'
        f"<pubDate>{format_datetime(now - MINUTE, usegmt=True)}</pubDate><description>{text}</description>"
        "</item></channel></rss>".encode()
    )


async def tell(world, fold, *told):
    """Let each outlet tell something, one after the other; return the sources."""
    publishers = [world.publisher() for _ in told]
    sources = [world.source(publisher) for publisher in publishers]
    await world.configure(*sources, topics=(Topic(id="all", title="Всё", match="not category:x", fold=fold),))
    for publisher, source, (title, text) in zip(publishers, sources, told, strict=True):
        publisher.serves(feed(world.now, title, text))
        await world.poll(source)
        await world.publish("all")
        world.now += MINUTE
    return sources


@pytest.mark.parametrize(
    ("fold", "entries"),
    [
        pytest.param("story", [FIRE[0], COUNCIL[0]], id="story: one of the fire"),
        pytest.param("copy", [FIRE[0], RETOLD[0], IN_UKRAINIAN[0], COUNCIL[0]], id="copy: the reprint is"),
        pytest.param("none", [FIRE[0], RETOLD[0], IN_UKRAINIAN[0], REPRINT[0], COUNCIL[0]], id="none: each by itself"),
    ],
)
async def test_a_topic_shows_an_event_as_it_wants_to(world, fold, entries):
    sources = await tell(world, fold, FIRE, RETOLD, IN_UKRAINIAN, REPRINT, COUNCIL)
    rows = await world.read(deliveries.live, "all")
    assert sorted(row.face.title for row in rows) == sorted(entries)
    fire = next(row for row in rows if row.face.title == FIRE[0])
    others = {"story": sources[1:4], "copy": sources[3:4], "none": []}[fold]
    assert [outlet.source for outlet in fire.outlets] == [source.id for source in others]


@pytest.mark.parametrize("fold", ["story", "copy"])
async def test_an_entry_leads_to_all_who_tell_its_story(world, fold):
    sources = await tell(world, fold, FIRE, RETOLD, REPRINT, COUNCIL)
    [row] = [one for one in await world.read(deliveries.live, "all") if one.outlets]
    story = await world.read(members.closely, row.story, 10)
    assert [one.stored.source for one in story.members] == [source.id for source in sources[:3]]


async def test_an_entry_keeps_its_id_while_its_story_grows(world):
    first, *_ = await tell(world, "story", FIRE, RETOLD, IN_UKRAINIAN)
    (row,) = await world.read(deliveries.live, "all")
    assert row.anchor == key_of(first.id, "1")
    assert (row.rev, row.updated) == (3, row.face.published)


async def test_a_story_goes_on_after_a_restart(world):
    publishers = [world.publisher() for _ in range(3)]
    sources = [world.source(publisher) for publisher in publishers]
    topic = Topic(id="all", title="Всё", match="not category:x", fold="story")
    await world.configure(*sources, topics=(topic,))
    for publisher, source, told in zip(publishers, sources, (FIRE, RETOLD, IN_UKRAINIAN), strict=True):
        publisher.serves(feed(world.now, *told))
        await world.poll(source)
        await world.publish("all")
        await world.restart()
    (row,) = await world.read(deliveries.live, "all")
    assert [outlet.source for outlet in row.outlets] == [source.id for source in sources[1:]]


async def test_the_store_holds_why_an_item_is_in_its_story(world):
    sources = await tell(world, "story", FIRE, RETOLD, REPRINT)
    keys = [key_of(source.id, "1") for source in sources]
    story = await world.read(stories.members, "story", keys[0])
    assert [(one.item, one.of, one.method) for one in story] == [
        (keys[0], keys[0], "first"),
        (keys[1], keys[0], "alike"),
        (keys[2], keys[0], "same-text"),
    ]
    assert "чубенко" in story[1].evidence
    assert [one.item for one in await world.read(stories.members, "copy", keys[0])] == [keys[0], keys[2]]


@pytest.mark.parametrize("later", [timedelta(0), timedelta(days=5)], ids=["at once", "after the window"])
async def test_an_edited_item_stays_where_it_is_also_when_another_tells_what_it_tells_now(world, later):
    publishers = [world.publisher() for _ in range(3)]
    one, other, third = (world.source(publisher) for publisher in publishers)
    everything = Topic(id="all", title="Всё", match="not category:x", fold="story")
    await world.configure(one, other, third, topics=(everything,))
    for publisher, source, told in zip(publishers, (one, other), (FIRE, RETOLD), strict=False):
        publisher.serves(feed(world.now, *told))
        await world.poll(source)
        await world.curate()
    story = key_of(one.id, "1")
    assert await world.read(stories.group_of, "story", key_of(other.id, "1")) == story
    published, world.now = world.now, world.now + later
    publishers[2].serves(feed(world.now, *COUNCIL))
    await world.poll(third)
    await world.curate()
    publishers[1].serves(feed(published, *COUNCIL))
    assert [change.kind for change in (await world.poll(other)).changes] == ["changed"]
    await world.curate()
    assert await world.read(stories.group_of, "story", key_of(other.id, "1")) == story
