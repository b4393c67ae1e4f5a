"""settle, after, outlets and expect: what keeps an entry back, and when it comes, on the whole way to readers."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from test_story_feeds import COUNCIL, FIRE, IN_UKRAINIAN, REPRINT, RETOLD, feed

from aggregator import dedup, log
from aggregator.model import Expect, Outlets, Rate, Topic, key_of
from aggregator.pipeline import due, in_order
from aggregator.store import deliveries, topics

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def topic(name="all", **fields):
    return Topic(id=name, **({"title": name, "match": "not category:x", "fold": "story"} | fields))


class Press:
    """Publishers that tell things, and the topics they go into."""

    def __init__(self, world):
        self.world, self.publishers, self.sources, self.topics = world, [], [], ()

    async def opens(self, *topics_, outlets=(), **how):
        """Have these topics, and an outlet for each of these priorities."""
        self.topics = topics_
        self.publishers = [self.world.publisher() for _ in outlets]
        self.sources = [
            self.world.source(one, priority=priority, **how)
            for one, priority in zip(self.publishers, outlets, strict=True)
        ]
        await self.world.configure(*self.sources, topics=topics_)

    async def comes(self, number, what):
        """Let an outlet tell something; return the key of the item."""
        self.publishers[number].serves(feed(self.world.now, *what))
        await self.world.poll(self.sources[number])
        return key_of(self.sources[number].id, "1")

    async def tells(self, number, what):
        """Let an outlet tell something, and sort it."""
        key = await self.comes(number, what)
        await self.world.curate()
        return key

    async def publishes(self):
        """Publish what is due, in the order in which the daemon does; return the topics."""
        names = await due(self.world.room)
        for name in names:
            await self.world.publish(name)
        return names

    async def entries(self, name="all"):
        """The titles of a topic's entries, with how many outlets are in the list."""
        rows = await self.world.read(deliveries.live, name)
        return {row.face.title: len(row.outlets) for row in rows}

    async def said(self, key, name="all"):
        """Whether an item is admitted, and why."""
        (standing,) = [one for one in await self.world.read(topics.verdicts_of, key) if one.verdict.topic == name]
        return standing.verdict.admitted, standing.verdict.why


@pytest.fixture
def press(world):
    return Press(world)


async def test_within_settle_the_best_face_wins_and_enters_though_nothing_new_comes(press, world):
    await press.opens(topic(settle=10 * MINUTE), outlets=(1.0, 5.0))
    await press.publishes()
    await press.tells(0, RETOLD)
    began = world.now
    assert await press.publishes() == ["all"]
    world.now = began + 4 * MINUTE
    await press.tells(1, FIRE)
    await press.publishes()
    assert await press.entries() == {}
    assert await press.publishes() == [], "nothing is to be done until its time has come"
    world.now = began + 10 * MINUTE
    assert await press.publishes() == ["all"]
    assert await press.entries() == {FIRE[0]: 1}
    assert await press.publishes() == []


async def test_who_comes_after_a_story_has_settled_goes_into_its_list_at_once(press, world):
    await press.opens(topic(settle=10 * MINUTE), outlets=(1.0, 5.0))
    await press.tells(0, RETOLD)
    world.now += 10 * MINUTE
    await press.publishes()
    await press.tells(1, FIRE)
    await press.publishes()
    assert await press.entries() == {RETOLD[0]: 1}


async def test_what_one_topic_delivered_does_not_enter_the_one_after_it(press, world):
    await press.opens(topic("aaa", after=("zzz",)), topic("zzz", match="велосипедов"), outlets=(1.0, 1.0, 1.0))
    await press.tells(0, FIRE)
    await press.tells(2, COUNCIL)
    assert await press.publishes() == ["zzz", "aaa"]
    assert (await press.entries("zzz"), await press.entries("aaa")) == ({FIRE[0]: 0}, {COUNCIL[0]: 0})
    world.now += MINUTE
    retold = await press.tells(1, IN_UKRAINIAN)  # which does not match `zzz` by itself
    await press.publishes()
    assert await press.entries("aaa") == {COUNCIL[0]: 0}
    admitted, why = await press.said(retold, "aaa")
    assert (admitted, "after: the topic zzz has delivered it" in why) == (False, True)


@pytest.mark.parametrize(
    ("after", "names", "order"),
    [
        pytest.param({}, ["b", "a"], ["b", "a"], id="as they are"),
        pytest.param({"a": ["b"]}, ["a", "b", "c"], ["b", "c", "a"], id="one after another"),
        pytest.param({"a": ["b"], "b": ["c"]}, ["a", "b", "c"], ["c", "b", "a"], id="a chain"),
        pytest.param({"a": ["b"], "b": ["c"]}, ["a", "c"], ["c", "a"], id="a chain whose middle has nothing new"),
        pytest.param({"a": ["x"]}, ["a", "x", "b"], ["a", "b"], id="one that is configured no more"),
    ],
)
def test_topics_are_published_behind_those_that_they_come_after(after, names, order):
    configured = {name: topic(name, after=tuple(after.get(name, ()))) for name in "abc"}
    assert in_order(configured, names) == order


@pytest.mark.parametrize("fold", ["story", "copy", "none"])
async def test_two_reprints_of_one_wire_are_one_voice_and_a_second_lets_all_in(press, world, fold):
    await press.opens(topic(fold=fold, outlets=Outlets(at_least=2)), outlets=(2.0, 1.0, 1.0, 1.0))
    keys = [await press.tells(n, what) for n, what in enumerate((FIRE, REPRINT))]
    await press.publishes()
    assert await press.entries() == {}
    assert [(await press.said(key))[0] for key in keys] == [True, True]
    world.now += MINUTE
    await press.tells(2, IN_UKRAINIAN)
    await press.publishes()
    lists = {"story": {FIRE[0]: 2}, "copy": {FIRE[0]: 1, IN_UKRAINIAN[0]: 0}}
    alone = {FIRE[0]: 0, REPRINT[0]: 0, IN_UKRAINIAN[0]: 0}
    assert await press.entries() == lists.get(fold, alone)
    world.now += MINUTE
    await press.tells(3, RETOLD)
    await press.publishes()
    more = {"story": {FIRE[0]: 3}, "copy": lists["copy"] | {RETOLD[0]: 0}, "none": alone | {RETOLD[0]: 0}}
    assert await press.entries() == more[fold]


async def test_where_all_outlets_count_two_reprints_are_enough(press):
    await press.opens(topic(outlets=Outlets(at_least=2, count="all")), outlets=(2.0, 1.0))
    for n, what in enumerate((FIRE, REPRINT)):
        await press.tells(n, what)
    await press.publishes()
    assert await press.entries() == {FIRE[0]: 1}


@pytest.mark.parametrize("private", [False, True], ids=["a public topic", "a private one"])
async def test_a_private_source_counts_among_the_outlets_of_private_topics_only(press, private):
    await press.opens(topic(outlets=Outlets(at_least=2, count="all"), private=private), outlets=(2.0,))
    hidden = press.world.publisher()
    press.publishers.append(hidden)
    press.sources.append(press.world.source(hidden, private=True))
    await press.world.configure(*press.sources, topics=press.topics)
    await press.tells(0, FIRE)
    await press.tells(1, RETOLD)
    await press.publishes()
    assert await press.entries() == ({FIRE[0]: 1} if private else {})


async def test_who_waited_for_others_through_the_window_of_stories_is_given_up(press, world):
    await press.opens(topic(outlets=Outlets(at_least=2)), outlets=(1.0, 1.0))
    key = await press.tells(0, FIRE)
    await press.publishes()
    assert (await press.said(key))[0]
    world.now += dedup.SPAN + MINUTE
    await world.publish("all")
    admitted, why = await press.said(key)
    assert (admitted, "outlets: fewer than 2 told it within" in why) == (False, True)
    assert await press.entries() == {}


@pytest.fixture
def lines(logs):  # noqa: ARG001 - it ends what this begins
    """The log, as a program reads it."""
    stream = io.StringIO()
    log.set_up(stream=stream)
    return lambda event: [one for one in map(json.loads, stream.getvalue().splitlines()) if event in one["event"]]


async def test_a_topic_that_brings_too_little_says_so_once_and_once_when_that_is_over(press, world, lines):
    await press.opens(topic(expect=Expect(min=Rate(number=1, per=DAY))), outlets=(1.0, 1.0))
    await press.publishes()
    assert (await world.read(topics.state_of, "all")).flaw == ""
    world.now += DAY
    assert await press.publishes() == ["all"], "its time has come, though nothing has"
    flaw = "too_few: 0 entries entered within 24 h, at least 1 are expected"
    assert (await world.read(topics.state_of, "all")).flaw == flaw
    world.now += HOUR
    await world.publish("all")
    (begun,) = lines("topic.unexpected")
    assert (begun["level"], begun["topic"], begun["flaw"]) == ("warning", "all", flaw)
    await press.tells(0, FIRE)
    await press.publishes()
    assert (await world.read(topics.state_of, "all")).flaw == ""
    await world.publish("all")
    (over,) = lines("topic.expected")
    assert (over["level"], over["topic"]) == ("warning", "all")
    assert len(lines("topic.unexpected")) == 1


async def test_a_topic_that_brings_too_much_is_told_of_until_it_is_quiet_again(press, world, lines):
    await press.opens(topic(expect=Expect(max=Rate(number=1, per=HOUR))), outlets=(1.0, 1.0))
    await press.tells(0, FIRE)
    await press.tells(1, COUNCIL)
    await press.publishes()
    assert "too_many: more than 1 " in (await world.read(topics.state_of, "all")).flaw
    world.now += HOUR
    assert await press.publishes() == ["all"]
    assert (await world.read(topics.state_of, "all")).flaw == ""
    assert (len(lines("topic.unexpected")), len(lines("topic.expected"))) == (1, 1)
