"""What private sources say is in no words that sections are learned by."""

from __future__ import annotations

from dataclasses import replace

import pytest
from test_story_feeds import FIRE, MINUTE, feed

from aggregator.lab.origin import Origin
from aggregator.lab.score.world import World
from aggregator.model import Section, Topic
from aggregator.store import learned
from aggregator.tag import READING, Tagger

TOPIC = Topic(id="all", title="Всё", match="not category:x", private=True)
CITY = Section(id="city", title="Город", learned="words")


@pytest.mark.parametrize(("private", "examples"), [(True, 0), (False, 1)], ids=["private", "public"])
async def test_a_private_source_gives_no_examples(tmp_path, private, examples):
    with Origin() as origin:
        async with World(origin, tmp_path) as world:
            await world.begin("private-lessons")
            publisher = world.publisher()
            source = world.source(publisher, private=private, section="city")
            await world.configure(source, topics=(TOPIC,))
            room = world._newsroom
            room.config = replace(room.config, sections={"city": CITY})
            room.tagger = Tagger(room.config.sections)
            publisher.serves(feed(world.now, *FIRE))
            await world.poll(source)
            await world.curate()
            world.now += MINUTE
            assert len(await world.read(learned.examples, READING)) == examples
