"""What a person says of two items holds against every likeness, in whatever order they come."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

import pytest

from aggregator.dedup import Article, Place, Rulings, Stories, difference, join, joined, parted, told
from aggregator.model import Membership, Ruling

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEXT = (
    "Паром «Ласточка» сел на мель у Каменки в субботу утром. Двадцать пассажиров сняли рыбаки, рассказал капитан "
    "Егор Лунин. Судно стащат с мели в понедельник, когда поднимется вода в Озёрске."
)
RETOLD = (
    "Рыбаки сняли двадцать пассажиров с парома «Ласточка», который в субботу сел на мель у Каменки. Капитан Егор "
    "Лунин ждёт понедельника: поднимется вода, и судно стащат."
)
FERRY = {"a": ("Паром «Ласточка» сел на мель у Каменки", TEXT), "b": ("«Ласточка» на мели у Каменки", RETOLD)}
FAIR = {
    "c": (
        "В Озёрске открылась ярмарка мёда",
        "Сорок пасечников привезли на площадь Озёрска гречишный и липовый мёд. Ярмарка продлится до вечера.",
    )
}
ALL = FERRY | FAIR


def article(key, source=None):
    title, body = ALL[key]
    return Article(key=key, source=source or f"of {key}", title=title, body=body, tongue="ru", at=NOON, seen_at=NOON)


def says(word, one, other=None):
    return Ruling(says=word, item=one, other=other or one)


def stories_of(keys, *said):
    """Return {key: story} of articles that came in this order, the lone ones left out."""
    stories = Stories(rulings=Rulings(said))
    found = [member for key in keys for member in stories.place(article(key))]
    return {member.item: member.story for member in found if member.kind == "story"}


def test_without_a_word_what_is_alike_is_one_story():
    assert stories_of("abc") == {"a": "a", "b": "a"}


@pytest.mark.parametrize("order", ["".join(one) for one in permutations("abc")])
@pytest.mark.parametrize(
    ("said", "together", "apart"),
    [
        pytest.param([says("apart", "a", "b")], [], ["ab"], id="apart"),
        pytest.param([says("together", "a", "c")], ["ac"], [], id="together"),
        pytest.param(
            [says("together", "a", "c"), says("apart", "b", "c")],
            ["ac"],
            ["ab", "bc"],
            id="apart from one is from both",
        ),
        pytest.param([says("together", "a", "b"), says("together", "b", "c")], ["ab", "bc"], [], id="a chain of words"),
        pytest.param([says("pinned", "a"), says("apart", "a", "b")], [], ["ab"], id="pinned alone"),
        pytest.param([says("pinned", "c", "a")], ["ac"], [], id="pinned in the story of another"),
    ],
)
def test_a_word_holds_in_every_order(order, said, together, apart):
    found = {key: key for key in order} | stories_of(order, *said)
    assert {pair: found[pair[0]] == found[pair[1]] for pair in together + apart} == {
        **dict.fromkeys(together, True),
        **dict.fromkeys(apart, False),
    }


def test_who_is_pinned_alone_is_joined_and_joins_nobody():
    assert stories_of("ab", says("pinned", "b")) == {}
    assert stories_of("ba", says("pinned", "b")) == {"a": "b", "b": "b"}


def test_a_word_says_so_as_evidence():
    stories = Stories(rulings=Rulings([says("together", "a", "c")]))
    (*_, last) = [member for key in "ac" for member in stories.place(article(key))]
    assert (last.item, last.of, last.method, last.score) == ("c", "a", "person", 1.0)


@pytest.mark.parametrize("twin", [False, True], ids=["by its text", "by its address"])
def test_a_copy_that_a_person_keeps_apart_is_in_neither_group(twin):
    stories = Stories(rulings=Rulings([says("apart", "a", "a2")]))
    stories.place(article("a"))
    url = "https://ozero.example/1"
    at = join(Place(key="a2", source="two"), [Place(key="a", source="of a")], url) if twin else None
    copied = Article(key="a2", source="two", title=ALL["a"][0], body=TEXT * 3, tongue="ru", at=NOON, seen_at=NOON)
    assert stories.place(copied, at) == ()


def a_member(item, of, story="k"):
    method = "first" if of == item else "alike"
    score, evidence = (1.0, "") if of == item else (0.8, "паром мель")
    return Membership(
        kind="story", story=story, item=item, of=of, method=method, score=score, evidence=evidence, rule=1
    )


STORY = [a_member("k", "k"), a_member("b", "k"), a_member("c", "b"), a_member("d", "k")]


@pytest.mark.parametrize(
    ("leaving", "after"),
    [
        pytest.param("d", [("k", "k", "first"), ("b", "k", "alike"), ("c", "k", "alike")], id="one leaves"),
        pytest.param("k", [("b", "b", "first"), ("c", "b", "alike"), ("d", "b", "person")], id="the founder leaves"),
        pytest.param(
            "bc",
            [("b", "b", "first"), ("c", "b", "alike"), ("k", "k", "first"), ("d", "k", "alike")],
            id="two leave together",
        ),
        pytest.param("kbc", [("k", "k", "first"), ("b", "k", "alike"), ("c", "k", "alike")], id="all but one leave"),
    ],
)
def test_a_story_parts(leaving, after):
    assert [(one.item, one.story, one.method) for one in parted(STORY, set(leaving))] == after


def test_of_two_there_is_no_group_left():
    assert parted(STORY[:2], {"b"}) == []


def test_a_merged_story_has_the_elder_name_and_keeps_the_evidence():
    younger = [a_member("x", "x", "x"), a_member("y", "x", "x")]
    after = joined(STORY[:2], younger, "b")
    assert [(one.item, one.story, one.of, one.method) for one in after] == [
        ("k", "k", "k", "first"),
        ("b", "k", "k", "alike"),
        ("x", "k", "b", "person"),
        ("y", "k", "x", "alike"),
    ]
    assert joined([told("story", "k", "k", "k")], [told("story", "y", "y", "y")], "k")[1].of == "k"


def test_a_difference_says_who_moves_and_what_parts_and_meets():
    before = {"a": "a", "b": "a", "c": "c", "d": "c", "e": "e"}
    after = {"a": "a", "b": "b", "c": "c", "d": "c", "e": "c"}
    found = difference(before, after)
    assert (found.moved, found.split, found.merged) == (("b", "e"), {"a": ["a", "b"]}, {"c": ["c", "e"]})
    assert difference(before, before).moved == ()
