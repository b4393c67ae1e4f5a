"""Who told a story first, and how many tell it independently: the rule, and what a hostile feed cannot do to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from aggregator.dedup import Tellers, credits_in
from aggregator.model import Source, Telling

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SOURCES = {
    source.id: source
    for source in (
        Source(id="wire", url="https://feed.provod.example/rss", title="Провод", priority=4),
        Source(id="shore", url="https://bereg.example/rss", title="Берег"),
        Source(id="lake", url="https://ozero.example/rss", title="Озеро"),
        Source(id="lake-channel", url="https://t.example/s/ozero", title="Озеро: канал"),
        Source(id="steppe", url="https://steppe.example/rss", title="Степной край"),
    )
}
OWNERS = {"lake": "lake-group", "lake-channel": "lake-group"}
BY_WIRE, BY_SHORE, BY_LAKE = (f"Паром ходит, сообщает «{title}»." for title in ("Провод", "Берег", "Озеро"))
BY_NOBODY_OF_OURS = "Паром ходит, сообщает «Дальний вестник»."
BY_POLICE = "Паром ходит, сообщает МВД Озёрска."


def telling(source, minute, text="", copy=None):
    at = NOON + timedelta(minutes=minute)
    return Telling(item=f"{source}-{minute}", source=source, first_seen_at=at, copy=copy, credits=credits_in(text))


def tellers(*tellings, owners=OWNERS):
    return Tellers(tellings, SOURCES, owners)


@pytest.mark.parametrize(
    ("tellings", "outlet", "source", "why"),
    [
        pytest.param([telling("lake", 0)], "Озеро", "lake", "it cites nobody", id="alone"),
        pytest.param(
            [telling("lake", 0), telling("steppe", 5)],
            *("Озеро", "lake", "it cites nobody; before Степной край by when we saw it"),
            id="nobody cites and no priority: whom we saw first",
        ),
        pytest.param(
            [telling("lake", 0), telling("wire", 5)],
            *("Провод", "wire", "it cites nobody; before Озеро by priority 4 over 1"),
            id="nobody cites: the priority",
        ),
        pytest.param(
            [telling("lake", 0), telling("wire", 5), telling("shore", 9), telling("steppe", 9, BY_SHORE)],
            *("Берег", "shore", "cited by Степной край"),
            id="whom others cite, before priority and time",
        ),
        pytest.param(
            [telling("shore", 0, BY_LAKE), telling("lake", 9, BY_WIRE), telling("wire", 10), telling("steppe", 11)],
            *("Провод", "wire", "cited by Берег, Озеро"),
            id="whom the cited one cites",
        ),
        pytest.param(
            [telling("lake", 0, BY_NOBODY_OF_OURS), telling("steppe", 1, BY_NOBODY_OF_OURS), telling("shore", 2)],
            *("Дальний вестник", None, "cited by Озеро, Степной край"),
            id="one that is no source",
        ),
        pytest.param(
            [telling("lake", 0, BY_NOBODY_OF_OURS), telling("shore", 2)],
            *("Берег", "shore", "it cites nobody; before Дальний вестник by being a source of ours"),
            id="one that is no source and that one alone cites: not",
        ),
        pytest.param(
            [telling("lake", 0, BY_POLICE), telling("steppe", 1, BY_POLICE), telling("wire", 2)],
            *("Провод", "wire", "it cites nobody; before Озеро by priority 4 over 1"),
            id="the police is no teller",
        ),
        pytest.param(
            [telling("lake", 0, BY_SHORE), telling("shore", 1, BY_LAKE)],
            *("Озеро", "lake", "cited by Берег"),
            id="two that cite each other: one voice, of whom we saw first",
        ),
    ],
)
def test_a_story_has_a_first_teller(tellings, outlet, source, why):
    first = tellers(*tellings).first_teller()
    assert (first.outlet, first.source, first.why) == (outlet, source, why)
    assert first.item in ({one.item for one in tellings if one.source == source} or {None})


def test_nobody_tells_an_empty_story():
    assert tellers().first_teller() is None


@pytest.mark.parametrize(
    ("tellings", "why"),
    [
        pytest.param([telling("lake", 0)], "1 outlet, 1 independent: Озеро", id="alone"),
        pytest.param(
            [telling("lake", 0), telling("shore", 1)], "2 outlets, 2 independent: Озеро; Берег", id="by themselves"
        ),
        pytest.param(
            [telling("lake", 0, BY_WIRE), telling("shore", 1, BY_WIRE), telling("steppe", 2, BY_WIRE)],
            "3 outlets, 1 independent: Озеро, Берег, Степной край (Провод is cited)",
            id="three reprints of one wire",
        ),
        pytest.param(
            [telling("wire", 0), telling("shore", 1, BY_WIRE), telling("steppe", 2)],
            "3 outlets, 2 independent: Провод, Берег (Провод is cited); Степной край",
            id="the wire itself is one with who cites it",
        ),
        pytest.param(
            [telling("lake", 0, copy="t"), telling("steppe", 1, copy="t"), telling("shore", 2)],
            "3 outlets, 2 independent: Озеро, Степной край (one text); Берег",
            id="copies of one text",
        ),
        pytest.param(
            [telling("lake", 0, copy="t"), telling("steppe", 1, BY_WIRE, copy="t"), telling("shore", 2, BY_WIRE)],
            "3 outlets, 1 independent: Озеро, Степной край, Берег (Провод is cited, one text)",
            id="a copy without the credit that another copy has",
        ),
        pytest.param(
            [telling("lake", 0), telling("lake-channel", 1), telling("shore", 2)],
            "3 outlets, 2 independent: Озеро, Озеро: канал (one owner); Берег",
            id="one owner",
        ),
        pytest.param(
            [telling("lake", 0, BY_POLICE), telling("shore", 1, BY_POLICE)],
            "2 outlets, 2 independent: Озеро; Берег",
            id="the police told it to both",
        ),
        pytest.param(
            [telling("lake", 0), telling("lake", 9, BY_SHORE), telling("shore", 1)],
            "2 outlets, 2 independent: Берег, Озеро (Берег is cited); Озеро",
            id="an outlet with a story of its own and one of another",
        ),
    ],
)
def test_outlets_of_one_origin_count_once(tellings, why):
    found = tellers(*tellings).independent()
    assert found.why == why
    assert found.outlets == len({one.source for one in tellings})
    assert f"{len(found.voices)} independent" in why


@pytest.mark.parametrize(
    ("tellings", "cited"),
    [
        pytest.param([telling("lake", 0, BY_WIRE), telling("wire", 5)], {"lake-0": ["wire-5"]}, id="one, told later"),
        pytest.param([telling("lake", 0, BY_WIRE), telling("shore", 5)], {}, id="one that does not tell it"),
        pytest.param([telling("lake", 0, BY_POLICE), telling("shore", 5)], {}, id="a ministry"),
        pytest.param(
            [telling("steppe", 0, BY_SHORE + " " + BY_WIRE), telling("wire", 5), telling("shore", 6)],
            {"steppe-0": ["shore-6", "wire-5"]},
            id="two, in the order of the text",
        ),
        pytest.param(
            [telling("steppe", 0, BY_SHORE), telling("shore", 9), telling("shore", 5)],
            {"steppe-0": ["shore-5"]},
            id="one that told it twice: the first",
        ),
        pytest.param(
            [telling("lake", 0, BY_SHORE), telling("shore", 1, BY_LAKE)],
            {"lake-0": ["shore-1"], "shore-1": ["lake-0"]},
            id="each other",
        ),
        pytest.param([telling("lake", 0), telling("lake", 5, BY_LAKE)], {}, id="itself"),
    ],
)
def test_an_item_cites_those_of_its_story_that_its_text_names(tellings, cited):
    found = tellers(*tellings).cited()
    assert {item: list(others) for item, others in found.items() if others} == cited


def test_what_is_found_does_not_depend_on_the_order():
    some = [telling("lake", 0, BY_SHORE), telling("shore", 1, BY_LAKE), telling("wire", 3, copy="t")]
    some += [telling("steppe", 2, BY_LAKE, copy="t")]
    found = {(str(t.first_teller()), str(t.independent())) for t in (tellers(*order) for order in permutations(some))}
    assert len(found) == 1


def test_a_feed_cannot_tell_first_by_citing_itself_or_by_a_second_feed_of_its_owner():
    honest = [telling("shore", 5), telling("steppe", 6)]
    evil = [telling("lake", 7), telling("lake-channel", 8, BY_LAKE)]
    assert tellers(*honest, *evil).first_teller().source == "shore"
    assert tellers(*honest, telling("lake", 7), telling("lake", 8, BY_LAKE)).first_teller().source == "shore"


def test_a_feed_that_calls_itself_a_wire_is_not_the_wire():
    """What others cite is a source by the words of a person: its title, its id, the name of its site."""
    fake = Source(id="evil", url="https://evil.example/rss")
    found = Tellers([telling("evil", 0), telling("lake", 1, BY_WIRE)], SOURCES | {"evil": fake}, {})
    assert (found.first_teller().source, found.independent().outlets) == ("evil", 2)
    assert [voice.origin for voice in found.independent().voices] == ["evil", "Провод"]
