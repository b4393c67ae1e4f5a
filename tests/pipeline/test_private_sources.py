"""Items of private sources: they fold with what all may read, and nobody else can tell that they are there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select
from test_story_feeds import COUNCIL, FIRE, MINUTE, REPRINT, RETOLD, feed

from aggregator.model import Topic, key_of
from aggregator.store import artefacts, deliveries, stories, topics
from aggregator.store.schema import background, story_item

OPEN = Topic(id="open", title="Для всех", match="not category:x", fold="story")
OWN = Topic(id="own", title="Для своих", match="not category:x", fold="story", private=True)


class Newsroom:
    """Outlets that tell one after the other, some of them for the family alone."""

    def __init__(self, world):
        self.world, self.sources, self.publishers = world, [], []

    async def told(self, *what):
        """Let each outlet tell something; what begins with "private" comes from a private one. Returns the keys."""
        keys = []
        for one in what:
            private, (title, text) = (True, one[1:]) if one[0] == "private" else (False, one)
            publisher = self.world.publisher()
            source = self.world.source(publisher, private=private)
            self.sources.append(source)
            self.publishers.append(publisher)
            await self.configured()
            publisher.serves(feed(self.world.now, title, text))
            await self.world.poll(source)
            await self.published()
            self.world.now += MINUTE
            keys.append(key_of(source.id, "1"))
        return keys

    async def configured(self, *known):
        await self.world.configure(*self.sources, topics=known or (OPEN, OWN))

    async def published(self):
        for topic in await self.world.read(topics.dirty, self.world.now):
            await self.world.publish(topic)

    async def shown(self, topic):
        """The entries of a topic: for each the items in it, by their sources."""
        rows = await self.world.read(deliveries.live, topic)
        return {(row.face.origin.source, *(outlet.source for outlet in row.outlets)) for row in rows}

    async def places(self, *keys):
        """The story of each item; its own key where it is alone."""
        return [await self.world.read(stories.group_of, "story", key) or key for key in keys]


@pytest.fixture
async def newsroom(world):
    return Newsroom(world)


def secret(what):
    return ("private", *what)


def ids(newsroom):
    return [source.id for source in newsroom.sources]


async def test_a_private_item_enters_private_topics_only_and_why_says_so(newsroom):
    (key,) = await newsroom.told(secret(FIRE))
    assert await newsroom.shown("open") == set()
    assert await newsroom.shown("own") == {tuple(ids(newsroom))}
    said = {one.verdict.topic: one.verdict for one in await newsroom.world.read(topics.verdicts_of, key)}
    assert (said["open"].admitted, said["own"].admitted) == (False, True)
    assert said["open"].why.endswith("; kept out: its source is private")


async def test_a_private_topic_folds_a_private_item_with_what_others_told_before(newsroom):
    keys = await newsroom.told(FIRE, secret(RETOLD))
    one, two = ids(newsroom)
    assert await newsroom.shown("own") == {(one, two)}
    assert await newsroom.shown("open") == {(one,)}
    assert await newsroom.places(*keys) == [keys[0]] * 2


@pytest.mark.parametrize("what", [RETOLD, REPRINT], ids=["retold", "the same text"])
async def test_nothing_joins_a_private_item_and_it_founds_no_story(newsroom, what):
    keys = await newsroom.told(secret(FIRE), what)
    assert await newsroom.places(*keys) == keys
    assert await newsroom.shown("open") == {(ids(newsroom)[1],)}


async def test_public_items_are_grouped_as_if_the_private_ones_were_not_there(newsroom):
    keys = await newsroom.told(secret(FIRE), FIRE, secret(REPRINT), RETOLD, COUNCIL, REPRINT)
    public = [keys[1], keys[3], keys[4], keys[5]]
    assert await newsroom.places(*public) == [keys[1], keys[1], keys[4], keys[1]]
    rows = await newsroom.world.read(lambda conn: conn.execute(select(story_item)).mappings().all())
    hidden = {keys[0], keys[2]}
    assert not any({row["story"], row["of"]} & hidden for row in rows if row["item"] not in hidden)
    assert {row["item"] for row in rows} & hidden == {keys[2]}


async def test_after_a_restart_and_a_rebuild_all_is_as_it_was(newsroom):
    keys = await newsroom.told(secret(COUNCIL), FIRE, secret(RETOLD))
    before = await newsroom.places(*keys)
    await newsroom.world.restart()
    assert before == [keys[0], keys[1], keys[1]]
    (counts,) = [one for one in await newsroom.world.story("rebuild") if one["event"] == "rebuilt"]
    assert (counts["items"], counts["moved"]) == (3, 0)
    assert await newsroom.places(*keys) == before
    (late,) = await newsroom.told(REPRINT)
    assert await newsroom.places(late) == [keys[1]]


async def test_an_edited_private_item_stays_where_it_is(newsroom):
    keys = await newsroom.told(FIRE, secret(RETOLD), secret(COUNCIL))
    for number, what in ((1, COUNCIL), (2, RETOLD)):
        newsroom.publishers[number].serves(feed(newsroom.world.now, *what))
        outcome = await newsroom.world.poll(newsroom.sources[number])
        assert [change.kind for change in outcome.changes] == ["changed"]
        await newsroom.published()
    assert await newsroom.places(*keys) == [keys[0], keys[0], keys[2]]


async def test_words_of_private_items_are_not_counted(newsroom):
    await newsroom.told(secret(FIRE), secret(RETOLD))
    room = newsroom.world.room
    assert room.desk is not None
    counted = room.desk.stories.background.articles
    await newsroom.told(COUNCIL)
    assert room.desk.stories.background.articles == counted + 1
    assert await newsroom.world.read(lambda conn: conn.execute(select(background)).all()) == []


async def test_nobody_merges_what_all_may_read_with_what_they_may_not(newsroom):
    keys = await newsroom.told(FIRE, secret(COUNCIL))
    (said,) = await newsroom.world.story("merge", *keys)
    assert "is of a private source" in said["error"]


async def test_the_public_part_of_a_split_story_is_not_named_after_a_private_item(newsroom):
    keys = await newsroom.told(FIRE, secret(REPRINT), RETOLD)
    assert await newsroom.places(*keys) == [keys[0]] * 3
    await newsroom.world.story("split", keys[0])
    assert await newsroom.places(*keys) == [keys[0], keys[2], keys[2]]


async def test_a_source_that_becomes_private_takes_its_name_off_the_story(newsroom):
    keys = await newsroom.told(FIRE, RETOLD, REPRINT)
    assert await newsroom.places(*keys) == [keys[0]] * 3
    newsroom.sources[0] = replace(newsroom.sources[0], private=True)
    await newsroom.configured()
    assert await newsroom.places(*keys) == [keys[1]] * 3
    (late,) = await newsroom.told(FIRE)
    assert await newsroom.places(late) == [keys[1]]
    why = [one.evidence for one in await newsroom.world.read(stories.members, "story", keys[1])]
    assert why[1] == ""


async def test_a_source_that_becomes_public_again_is_told_of_from_then_on(newsroom):
    keys = await newsroom.told(FIRE, secret(RETOLD))
    newsroom.sources[1] = replace(newsroom.sources[1], private=False)
    await newsroom.configured()
    (late,) = await newsroom.told(REPRINT)
    assert await newsroom.places(*keys, late) == [keys[0]] * 3
    assert await newsroom.shown("open") == {(ids(newsroom)[0], ids(newsroom)[2])}  # R11: rules change forward


async def test_the_documents_of_a_topic_that_showed_a_private_item_go_at_once(newsroom):
    await newsroom.told(FIRE)
    newsroom.sources[0] = replace(newsroom.sources[0], private=True)
    await newsroom.configured()
    assert await newsroom.world.read(artefacts.load, "open", "atom", "identity") is None
    assert await newsroom.world.read(artefacts.load, "own", "atom", "identity") is not None
    assert "open" in await newsroom.world.read(topics.dirty, newsroom.world.now)


async def test_a_topic_that_becomes_public_takes_no_private_item_along(newsroom):
    await newsroom.told(secret(FIRE), COUNCIL)
    await newsroom.configured(OPEN, replace(OWN, private=False))
    assert await newsroom.world.read(artefacts.load, "own", "atom", "identity") is None
    said = {
        one.verdict.topic: one for one in await newsroom.world.read(topics.verdicts_of, key_of(ids(newsroom)[0], "1"))
    }
    assert not said["own"].verdict.admitted


@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
async def test_the_past_that_an_edited_topic_takes_in_is_what_it_may_show(newsroom, private):
    await newsroom.told(secret(FIRE), COUNCIL)
    await newsroom.configured(OPEN, OWN, replace(OWN, id="new", private=private, backfill=9))
    await newsroom.published()
    one, two = ids(newsroom)
    assert await newsroom.shown("new") == ({(one,), (two,)} if private else {(two,)})


async def test_a_private_source_that_left_the_configuration_is_private_still(newsroom):
    await newsroom.told(secret(FIRE), COUNCIL)
    newsroom.sources = newsroom.sources[1:]
    await newsroom.configured(OPEN, replace(OPEN, id="new", backfill=9))
    await newsroom.published()
    assert await newsroom.shown("new") == {(ids(newsroom)[0],)}
