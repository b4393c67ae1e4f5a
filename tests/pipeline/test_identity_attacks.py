"""Attacks on what is whose, and what is new (content.md, A39 to A45): where each is played."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from newsstand import EVERYTHING, HOUR, START, Newsstand, Told, told

from aggregator.model import Topic, key_of
from aggregator.store import deliveries, items, sources

TESTS = Path(__file__).parent.parent
# Attack -> the tests that play it, as FILE::TEST under tests/.
PLAYED = {
    "A39": [
        "dedup/test_identity.py::test_a_key_depends_on_the_source_so_that_no_source_can_speak_for_another",
        "pipeline/test_identity_attacks.py::test_nobody_speaks_for_another_by_his_guid",
    ],
    "A40": [
        "publish/test_delivery.py::test_the_best_member_of_a_new_story_gives_it_its_face",
        "publish/test_delivery.py::test_nobody_takes_the_face_of_an_article_by_linking_to_it_first",
        "pipeline/test_identity_attacks.py::test_an_early_date_wins_nothing",
    ],
    "A41": [
        "parse/test_parse_dates.py::test_a_stored_date_is_never_ahead_nor_before_the_web",
        "parse/test_parse_dates.py::test_a_clamped_date_does_not_make_the_item_look_edited_at_every_poll",
        "pipeline/test_identity_attacks.py::test_no_date_pins_an_item_to_the_top",
    ],
    "A42": [
        "publish/test_editing.py::test_an_entry_changes_by_its_publishers_edits_at_most_three_times_a_day",
        "pipeline/test_same_item.py::test_text_that_changes_at_every_poll_is_told_three_times_a_day",
        "pipeline/test_same_item.py::test_what_an_item_said_last_is_told_when_the_day_is_over",
    ],
    "A43": [
        "pipeline/test_same_item.py::test_ids_made_anew_for_each_reading_double_nothing_and_lose_nothing",
        "pipeline/test_same_item.py::test_a_publisher_who_makes_everything_anew_each_time_floods_nobody",
        "pipeline/test_same_item.py::test_a_flood_that_stays_was_real_and_goes_on_an_hour_later",
    ],
    "A44": [
        "dedup/test_identity.py::test_the_same_entries_under_other_ids_are_the_same_items",
        "pipeline/test_same_item.py::test_ids_that_change_at_once_publish_nothing_again",
        "pipeline/test_same_item.py::test_a_feed_that_moves_to_another_host_is_the_same_feed",
    ],
    "A45": [
        "pipeline/test_same_item.py::test_what_a_sold_domain_shows_is_held_until_a_person_looks",
        "pipeline/test_same_item.py::test_a_person_releases_what_is_held",
        "pipeline/test_same_item.py::test_a_publisher_who_renames_himself_after_a_pause_is_believed",
    ],
}
ABSURD = {
    "a year ahead": "Mon, 01 Mar 2027 12:00:00 GMT",
    "the year 9999": "Fri, 31 Dec 9999 23:59:59 GMT",
    "epoch 0": "Thu, 01 Jan 1970 00:00:00 GMT",
    "the year 1": "Mon, 01 Jan 0001 00:00:00 GMT",
    "a negative year": "-0001-01-01T00:00:00Z",
    "an absurd zone": "2026-03-01T12:00:00+99:00",
}


@pytest.mark.parametrize("attack", [f"A{n}" for n in range(39, 46)])
def test_an_attack_of_the_list_is_played(attack):
    for test in PLAYED[attack]:
        path, _, name = test.partition("::")
        tree = ast.parse((TESTS / path).read_text("utf-8"))
        assert name in {
            node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }


@pytest.fixture
async def both(world):
    """A publisher, and somebody who would like to speak for him."""
    victim, evil = Newsstand(world), Newsstand(world)
    return victim, evil


@pytest.mark.parametrize("first", [pytest.param(0, id="he comes first"), pytest.param(1, id="he comes later")])
async def test_nobody_speaks_for_another_by_his_guid(world, both, first):
    victim, evil = both
    await world.configure(victim.source, evil.source, topics=(EVERYTHING,))
    stolen = [replace(one, title=f"Ложь {one.n}", text="Всё не так.") for one in told(*range(4))]
    for stand, articles in ((evil, stolen), (victim, told(*range(4))))[:: 1 if first == 0 else -1]:
        await stand.shows(articles)
    await evil.shows([replace(one, title=f"Новая ложь {one.n}") for one in stolen])
    for n in range(4):
        stored = await world.read(items.by_key, key_of(victim.source.id, f"news-{n}"))
        assert (stored.item.title, stored.source) == (Told(n=n).headline, victim.source.id)
    titles = [title for _, title, _ in await victim.entries()]
    assert {Told(n=n).headline for n in range(4)} <= set(titles)
    assert len(titles) == 8


async def test_an_early_date_wins_nothing(world, both):
    """Of a near-copy that claims to be older, whom a person ranks higher has the face, else whom we saw first."""
    victim, evil = both
    folded = Topic(id="all", title="Всё", match="not category:x")
    text = "Паром «Ласточка» сел на мель у Каменки в субботу утром, и двадцать пассажиров сняли рыбаки. " * 6
    await world.configure(victim.source, evil.source, topics=(folded,))
    for n, stand in enumerate((victim, evil)):
        link = f"https://{'evil' if n else 'vestnik'}.example/ferry"
        await stand.shows([Told(n=0, text=text, link=link, minutes=-600 * n)])
    ((entry, _, _),) = await victim.entries()
    (row,) = await world.read(deliveries.live, "all")
    assert (row.entry_id, row.face.origin.source) == (entry, victim.source.id)
    assert row.face.link == "https://vestnik.example/ferry"
    assert [outlet.source for outlet in row.outlets] == [evil.source.id]


@pytest.mark.parametrize("date", [pytest.param(date, id=name) for name, date in ABSURD.items()])
async def test_no_date_pins_an_item_to_the_top(world, date):
    stand = Newsstand(world)
    await world.configure(stand.source, topics=(EVERYTHING,))
    await stand.shows(told(*range(3)))
    await stand.shows([Told(n=9, date=date), *told(*range(3))])
    stored = await world.read(items.by_key, key_of(stand.source.id, "news-9"))
    assert stored.sort_at <= stored.first_seen_at
    flaws = await world.read(sources.flaws_of, stand.source.id)
    assert [flaw.code for flaw in flaws if flaw.code.startswith("date-")] != []
    world.now += 2 * HOUR
    await stand.shows([Told(n=10, minutes=10 * 10 + 240), Told(n=9, date=date), *told(*range(3))])
    entries = await stand.entries()
    assert entries[0][1] == Told(n=10).headline
    assert all(datetime.fromisoformat(updated) <= world.now for _, _, updated in entries)
    assert (await stand.lives()).changes == ()


async def test_items_of_one_date_are_all_news(world):
    stand = Newsstand(world)
    await world.configure(stand.source, topics=(EVERYTHING,))
    same = {"date": f"{START - timedelta(hours=1):%a, %d %b %Y %H:%M:%S} GMT"}
    await stand.shows(told(*range(4), **same))
    await stand.shows(told(*range(8), **same))
    assert await stand.stand() == (8, 8)
