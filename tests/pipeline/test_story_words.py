"""A person's word over the machine's: what he says of a story holds for the curator, a restart and a rebuild."""

from __future__ import annotations

from datetime import timedelta

import pytest
from test_story_feeds import COUNCIL, FIRE, IN_UKRAINIAN, MINUTE, REPRINT, RETOLD, feed, tell

from aggregator.lab.origin import Origin
from aggregator.lab.score.world import World
from aggregator.model import Membership, Topic, key_of
from aggregator.store import artefacts, deliveries, rulings, stories

TOPIC = Topic(id="all", title="Всё", match="not category:x", fold="story")


@pytest.fixture
async def world(tmp_path):
    with Origin() as origin:
        async with World(origin, tmp_path) as world:
            await world.begin("words")
            yield world


async def told(world, *what, fold="story"):
    """Let each outlet tell something; return the keys of the items."""
    return [key_of(source.id, "1") for source in await tell(world, fold, *what)]


async def add(world, *what):
    """Let further outlets tell something, beside those that are configured; return the keys."""
    keys = []
    for one in what:
        publisher = world.publisher()
        source = world.source(publisher)
        await world.configure(*world.config.sources.values(), source, topics=tuple(world.config.topics.values()))
        publisher.serves(feed(world.now, *one))
        await world.poll(source)
        await world.curate()
        world.now += MINUTE
        keys.append(key_of(source.id, "1"))
    return keys


async def groups(world, keys):
    """Return the story of each item; its own key where it is alone."""
    return [await world.read(stories.group_of, "story", key) or key for key in keys]


async def done(world, do, *keys):
    said = await world.story(do, *keys)
    assert said[-1] == {"event": "done"}, said
    return said[:-1]


async def difference(world, do):
    (*changes, counts) = [one for one in await done(world, do) if one["event"] != "published"]
    return changes, {name: counts[name] for name in ("moved", "split", "merged")}


NOTHING = {"moved": 0, "split": 0, "merged": 0}


@pytest.mark.parametrize("apart", [0, 1, 2], ids=["the founder", "a member", "another member"])
async def test_who_is_split_off_stays_apart(world, apart):
    keys = await told(world, FIRE, RETOLD, IN_UKRAINIAN)
    one, *others = keys[apart], *(key for key in keys if key != keys[apart])
    await done(world, "split", one)
    assert await groups(world, [one, *others]) == [one, others[0], others[0]]
    await world.restart()
    assert await difference(world, "rebuild") == ([], NOTHING)
    assert await groups(world, [one, *others]) == [one, others[0], others[0]]


async def test_several_who_are_split_off_stay_together(world):
    one, two, three, four = await told(world, FIRE, RETOLD, IN_UKRAINIAN, REPRINT)
    await done(world, "split", two, three)
    assert await groups(world, (one, two, three, four)) == [one, two, two, one]
    await done(world, "rebuild")
    assert await groups(world, (one, two, three, four)) == [one, two, two, one]


async def test_a_copy_that_is_split_off_is_no_copy_any_more(world):
    one, two, reprint = await told(world, FIRE, RETOLD, REPRINT)
    assert await world.read(stories.group_of, "copy", reprint) == one
    await done(world, "split", reprint)
    assert [await world.read(stories.group_of, "copy", key) for key in (one, reprint)] == [None, None]
    assert await groups(world, (one, two, reprint)) == [one, one, reprint]


async def test_what_comes_later_joins_the_part_that_it_is_most_like(world):
    one, two = await told(world, FIRE, RETOLD)
    await done(world, "split", one)
    (reprint,) = await add(world, REPRINT)
    assert await groups(world, (one, two, reprint)) == [one, two, one]


async def test_merged_stories_stay_one_under_the_elder_name(world):
    fire, council, retold = await told(world, FIRE, COUNCIL, RETOLD)
    await done(world, "merge", council, fire)
    assert await groups(world, (fire, council, retold)) == [fire] * 3
    await world.restart()
    assert await difference(world, "rebuild") == ([], NOTHING)
    assert await groups(world, (fire, council, retold)) == [fire] * 3
    (row,) = [one for one in await world.read(stories.members, "story", fire) if one.item == council]
    assert row == Membership(
        kind="story",
        story=fire,
        item=council,
        of=fire,
        method="person",
        score=1.0,
        evidence="a person said so",
        rule=row.rule,
    )


async def test_a_merge_is_of_all_that_the_two_stories_hold(world):
    """A rebuild decides nothing anew of them, in whatever order they came."""
    keys = await told(world, FIRE, COUNCIL, ("Бюджет Озёрска утверждён", COUNCIL[1]), RETOLD)
    await done(world, "merge", keys[0], keys[2])
    await done(world, "rebuild")
    assert await groups(world, keys) == [keys[0]] * 4


async def test_a_split_and_a_merge_take_each_other_back(world):
    one, two, three = await told(world, FIRE, RETOLD, IN_UKRAINIAN)
    await done(world, "split", two)
    await done(world, "merge", one, two)
    assert await groups(world, (one, two, three)) == [one] * 3
    await done(world, "split", two)
    await done(world, "rebuild")
    assert await groups(world, (one, two, three)) == [one, two, one]
    assert {said.says for said in await world.read(rulings.about, [two])} == {"apart"}


async def test_an_edited_item_stays_where_a_person_put_it_however_late(world):
    one, two = await told(world, FIRE, RETOLD)
    await done(world, "split", two)
    world.now += timedelta(days=6)
    source = list(world.config.sources.values())[1]
    world.origin.replace(source.url, feed(world.now, RETOLD[0], FIRE[1]))
    await world.poll(source)
    await world.curate()
    assert await groups(world, (one, two)) == [one, two]


@pytest.mark.parametrize("fold", ["story", "copy"])
async def test_an_entry_keeps_its_id_and_grows_with_the_part_that_holds_its_anchor(world, fold):
    """Nor does a story come again under another id because the one who gave it its name has left it (R2, R7)."""
    keys = await told(world, COUNCIL, FIRE, REPRINT, fold=fold)
    before = {row.entry_id: row.anchor for row in await world.read(deliveries.live, "all")}
    await done(world, "merge", keys[0], keys[1])
    await done(world, "split", keys[0])
    await add(world, ("Велосипеды школьников Озёрска сгорели", FIRE[1]))
    await world.publish("all")
    after = await world.read(deliveries.live, "all")
    assert {row.entry_id: row.anchor for row in after} == before
    assert {row.anchor: len(row.outlets) for row in after} == {keys[0]: 0, keys[1]: 2}


async def test_of_two_entries_that_become_one_story_the_elder_stays(world):
    fire, council = await told(world, FIRE, COUNCIL)
    before = {row.anchor: row.entry_id for row in await world.read(deliveries.live, "all")}
    await done(world, "merge", fire, council)
    await add(world, RETOLD, IN_UKRAINIAN)
    await world.publish("all")
    (row,) = await world.read(deliveries.live, "all")
    assert (row.entry_id, row.anchor, len(row.outlets)) == (before[fire], fire, 3)
    (gone,) = await world.read(deliveries.gone, "all", world.now - timedelta(hours=1))
    assert (gone.entry_id, gone.state, gone.into) == (before[council], "absorbed", before[fire])
    document = await world.read(artefacts.load, "all", "atom", "identity")
    assert f'ref="{before[council]}"' in document.body.decode()
    assert {one.entry_id for one in await world.read(deliveries.of_item, council)} == {before[fire]}


@pytest.mark.parametrize(("hours", "back"), [(23, True), (25, False)])
async def test_an_absorbed_entry_comes_back_within_a_day_only(world, hours, back):
    fire, council = await told(world, FIRE, COUNCIL)
    before = {row.entry_id for row in await world.read(deliveries.live, "all")}
    await done(world, "merge", fire, council)
    world.now += timedelta(hours=hours)
    await done(world, "split", council)
    after = {row.entry_id for row in await world.read(deliveries.live, "all")}
    assert after == (before if back else {one for one in before if one.endswith(fire)})


async def test_stories_that_are_merged_parted_and_merged_again_stay_as_they_are(world):
    fire, council = await told(world, FIRE, COUNCIL)
    for word in ("merge", "split", "merge", "split"):
        await done(world, word, *((council, fire) if word == "merge" else (council,)))
        world.now += timedelta(hours=1)
    (row,) = await world.read(deliveries.live, "all")
    assert [outlet.key for outlet in row.outlets] == [council]
    assert await groups(world, (fire, council)) == [fire, council]


@pytest.mark.parametrize(("hours", "fresh"), [(5, True), (7, False)])
async def test_what_a_person_takes_out_is_an_entry_of_its_own_while_it_is_news(world, hours, fresh):
    one, two = await told(world, FIRE, RETOLD)
    world.now += timedelta(hours=hours)
    await done(world, "split", two)
    rows = {row.anchor: row for row in await world.read(deliveries.live, "all")}
    assert set(rows) == ({one, two} if fresh else {one})
    assert rows[one].outlets == ()


async def test_a_rebuild_mints_no_entry(world):
    """A change of rules acts forward (R11): lists may lose rows, and no old news comes as new."""
    one, two = await told(world, FIRE, RETOLD)
    await world.room.store.write(
        rulings.regroup, [one, two], [], now=world.now
    )  # as a program that would not have joined them
    await world.publish("all")
    (row,) = await world.read(deliveries.live, "all")
    assert (row.anchor, row.outlets) == (one, ())


async def unpublished(world, *what):
    """As `told`, but nothing is published yet."""
    await world.configure(topics=(TOPIC,))
    return await add(world, *what)


@pytest.mark.parametrize("pinned", [False, True], ids=["the first", "the pinned one"])
async def test_the_face_of_an_entry_that_is_not_delivered_yet_is(world, pinned):
    one, two = await unpublished(world, FIRE, RETOLD)
    if pinned:
        await done(world, "pin", two)
    await world.publish("all")
    (row,) = await world.read(deliveries.live, "all")
    assert row.anchor == (two if pinned else one)


async def test_whom_a_person_pins_shows_a_delivered_entry_under_its_own_id(world):
    one, two = await told(world, FIRE, RETOLD)
    (before,) = await world.read(deliveries.live, "all")
    await done(world, "pin", two)
    (row,) = await world.read(deliveries.live, "all")
    assert (row.entry_id, row.anchor, row.shows) == (before.entry_id, one, two)
    assert (row.face.title, row.updated, row.face.published) == (RETOLD[0], before.updated, before.face.published)
    assert [outlet.key for outlet in row.outlets] == [one]


async def test_a_pinned_item_keeps_its_story_whatever_it_says_later(world):
    keys = await told(world, FIRE, RETOLD)
    await done(world, "pin", keys[1])
    source = list(world.config.sources.values())[1]
    world.origin.replace(source.url, feed(world.now, *COUNCIL))
    await world.poll(source)
    await world.curate()
    assert (await difference(world, "rebuild"))[1] == NOTHING
    assert await groups(world, keys) == [keys[0]] * 2
    await done(world, "unpin", keys[1])
    changes, counts = await difference(world, "try-rebuild")
    assert counts == {"moved": 1, "split": 1, "merged": 0}
    assert (changes[0]["item"], changes[0]["from"], changes[0]["to"]) == (keys[1], keys[0], keys[1])
    assert changes[0]["titles"] == {"from": FIRE[0], "to": COUNCIL[0]}


async def test_a_rebuild_shows_first_and_then_mends_what_other_rules_did(world):
    one, two, council = await told(world, FIRE, RETOLD, COUNCIL)
    store = world.room.store
    wrong = [
        Membership(kind="story", story=one, item=key, of=one, method=how, score=1.0, evidence="", rule=0)
        for key, how in ((one, "first"), (council, "alike"))
    ]
    await store.write(rulings.regroup, [one, two, council], wrong, now=world.now)
    changes, counts = await difference(world, "try-rebuild")
    assert counts == {"moved": 2, "split": 1, "merged": 1}
    assert {change["event"]: change.get("title") for change in changes}.keys() == {"moved", "split", "merged"}
    assert await groups(world, (one, two, council)) == [one, two, one]
    assert (await difference(world, "rebuild"))[1] == counts
    assert await groups(world, (one, two, council)) == [one, one, council]
    assert await difference(world, "rebuild") == ([], NOTHING)


async def test_what_came_before_the_window_stays_and_goes_on(world):
    one, two = await told(world, FIRE, RETOLD)
    world.now += timedelta(days=3, hours=23)
    (three,) = await add(world, ("Велосипеды Озёрска: склад «Спицы» восстановят", FIRE[1]))
    assert await groups(world, [three]) == [one]
    world.now += timedelta(hours=5)
    (four,) = await add(world, COUNCIL)
    assert await difference(world, "rebuild") == ([], NOTHING)
    assert await groups(world, (one, two, three, four)) == [one, one, one, four]


@pytest.mark.parametrize(
    ("do", "which", "error"),
    [
        pytest.param("split", [2], "nothing would be left of the story", id="one who is alone"),
        pytest.param("split", [0, 1], "nothing would be left of the story", id="all of them"),
        pytest.param("split", [0, 2], "is not in the story of", id="of two stories"),
        pytest.param("merge", [0, 0], "name two items", id="with itself"),
        pytest.param("unpin", [0], "is not pinned", id="not pinned"),
        pytest.param("sort", [0], "does not know how to sort", id="another verb"),
        pytest.param("split", [9], "no item is stored under", id="an unknown item"),
    ],
)
async def test_what_cannot_be_is_said_and_changes_nothing(world, do, which, error):
    keys = await told(world, FIRE, RETOLD, COUNCIL)
    before = await groups(world, keys)
    (said,) = await world.story(do, *(keys[n] if n < len(keys) else "0" * 16 for n in which))
    assert error in said["error"]
    assert (await groups(world, keys), await world.read(rulings.every)) == (before, [])
