"""`outlets:` and `credit:` in the query of a topic: what others tell of decides, whenever they tell it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from test_story_feeds import COUNCIL, FIRE, IN_UKRAINIAN, REPRINT, RETOLD
from test_told_by import CITING
from test_topic_keys import Press, topic

from aggregator import pipeline
from aggregator.lab.score.world import START
from aggregator.model import Mute, key_of
from aggregator.store import credits as cited_in

MINUTE = timedelta(minutes=1)
FALLING = (4.0, 3.0, 2.0, 1.0)  # priorities: the first is the face


@pytest.fixture
def press(world):
    return Press(world)


async def test_what_enough_outlets_tell_enters_with_all_who_told_it_before(press, world):
    await press.opens(topic(match="outlets:>=3"), outlets=FALLING)
    first = await press.tells(0, FIRE)
    await press.tells(1, RETOLD)
    await press.tells(3, COUNCIL)
    await press.publishes()
    assert await press.entries() == {}
    world.now += MINUTE
    third = await press.tells(2, IN_UKRAINIAN)
    await press.publishes()
    assert await press.entries() == {FIRE[0]: 2}
    assert await press.said(first) == await press.said(third) == (True, "outlets 3 >= 3")


async def test_it_is_the_same_when_all_are_curated_at_once(press, world):
    await press.opens(topic(match="outlets:>=3"), outlets=FALLING[:3])
    for number, what in enumerate((FIRE, RETOLD, IN_UKRAINIAN)):
        await press.comes(number, what)
    await world.curate()
    await press.publishes()
    assert await press.entries() == {FIRE[0]: 2}


async def test_a_copy_is_no_voice_of_its_own(press):
    await press.opens(topic(match="outlets:>=2"), outlets=FALLING[:3])
    await press.tells(0, FIRE)
    await press.tells(1, REPRINT)
    await press.publishes()
    assert await press.entries() == {}
    await press.tells(2, RETOLD)
    await press.publishes()
    assert await press.entries() == {FIRE[0]: 2}


async def test_what_was_let_in_stays_and_who_tells_it_later_stays_out(press):
    await press.opens(topic(match="outlets:<2"), outlets=FALLING[:2])
    await press.tells(0, FIRE)
    await press.publishes()
    await press.tells(1, RETOLD)
    await press.publishes()
    assert await press.entries() == {FIRE[0]: 0}


async def test_growth_lets_nothing_in_that_an_edited_rule_alone_would(press, world):
    """R11: two outlets were enough for the new rule before the third came."""
    await press.opens(topic(match="category:x"), outlets=FALLING[:3])
    await press.tells(0, FIRE)
    await press.tells(1, RETOLD)
    await world.configure(*press.sources, topics=(topic(match="outlets:>=2"),))
    await press.tells(2, IN_UKRAINIAN)
    await press.publishes()
    assert await press.entries() == {IN_UKRAINIAN[0]: 0}


async def test_private_sources_do_not_count(press, world):
    await press.opens(topic(match="outlets:>=2"), topic("own", match="outlets:>=2", private=True), outlets=FALLING[:3])
    press.sources[1] = replace(press.sources[1], private=True)
    await world.configure(*press.sources, topics=press.topics)
    await press.tells(0, FIRE)
    await press.tells(1, RETOLD)
    await press.publishes()
    assert (await press.entries(), await press.entries("own")) == ({}, {})
    await press.tells(2, IN_UKRAINIAN)
    await press.publishes()
    assert (await press.entries(), await press.entries("own")) == ({FIRE[0]: 1}, {FIRE[0]: 2})


async def test_what_is_muted_until_others_tell_it_enters_when_they_do(press, world):
    await press.opens(topic(), outlets=FALLING[:2])
    await pipeline.reload(world.room, replace(world.config, mutes=(Mute(match="outlets:<2", until=None),)))
    first = await press.tells(0, FIRE)
    assert (await press.said(first))[1].endswith("outlets 1 < 2")
    await press.tells(1, RETOLD)
    await press.publishes()
    assert await press.entries() == {FIRE[0]: 1}


async def test_an_item_is_found_by_whom_it_cites_and_by_who_else_tells_its_story(press, world):
    await press.opens(topic("name", match="credit:Берега"), topic("body", match="credit:МВД"), outlets=FALLING[:2])
    by_id = topic("id", match=f"credit:{press.sources[0].id}")
    shore = replace(press.sources[0], title="Берег")
    await world.configure(shore, press.sources[1], topics=(*press.topics, by_id))
    await press.tells(0, FIRE)
    citing = await press.tells(1, CITING)
    await press.publishes()
    for name in ("name", "body", "id"):
        assert list(await press.entries(name)) == [CITING[0]]
    assert await press.said(citing, "id") == (True, "credit «Берег»")
    keys = [key_of(one.id, "1") for one in press.sources]
    known = pipeline.beside(world.config, world.room.ours, keys, await world.read(cited_in.around, keys))
    assert [known[key].outlets for key in keys] == [1, 1]  # who cites the other is no voice of his own
    assert [[cited.outlet for cited in known[key].credits] for key in keys] == [[], ["Берег", "МВД Озёрска"]]


async def test_an_edit_is_asked_with_the_outlets_of_its_story(press, world):
    await press.opens(topic(match="outlets:>=2 words:лодка"), outlets=FALLING[:2])
    await press.tells(0, FIRE)
    await press.tells(1, RETOLD)
    await press.publishes()
    assert await press.entries() == {}
    world.now = max(world.now, START) + 30 * MINUTE
    await press.tells(0, (FIRE[0], f"{FIRE[1]} Сгорела и лодка."))
    await press.publishes()
    assert await press.entries() == {FIRE[0]: 0}
