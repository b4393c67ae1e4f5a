"""The recipe that makes one feed of many, on the whole way from publishers to readers."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from test_story_feeds import COUNCIL, FIRE, RETOLD
from test_topic_keys import Press

from aggregator import pipeline
from aggregator.config import load

GUIDE = Path(__file__).parents[2] / "docs/guide/writing-topics.md"
SPORT = ("Озёрск выиграл кубок", "Команда Озёрска по хоккею выиграла кубок области, счёт матча пять два.")


async def test_many_feeds_are_one_with_each_event_once(world, tmp_path):
    head, _, rest = GUIDE.read_text("utf-8").partition("\n## ")
    recipe = rest.partition("Many feeds in one, each event once\n")[2]
    for name, part in (("sources", head), ("topics", recipe)):
        block = re.search(rf"```yaml\n# {name}.yaml\n(.*?)```", part, re.DOTALL)
        (tmp_path / f"{name}.yaml").write_text(block[1], "utf-8")
    config = load(tmp_path, env={})
    press = Press(world)
    await press.opens(*config.topics.values(), outlets=(4.0, 3.0, 2.0, 1.0))
    press.sources = [
        replace(here, id=name, groups=config.sources[name].groups)
        for here, name in zip(press.sources, ("bereg", "mayak", "ozero", "ozero-sport"), strict=True)
    ]
    await world.configure(*press.sources, topics=press.topics)
    await pipeline.reload(world.room, replace(world.config, owners=config.owners))
    for number, what in enumerate((FIRE, RETOLD, COUNCIL, SPORT)):
        await press.tells(number, what)
    await press.publishes()
    assert await press.entries("region") == {FIRE[0]: 1, COUNCIL[0]: 0}
    assert await press.entries("talk-of-the-day") == {FIRE[0]: 1}
