"""Two texts word by word: what is shown of a change, and that no text makes it take long."""

from __future__ import annotations

import random
import time

import pytest

from aggregator.publish.changes import AROUND, CHARACTERS, WORDS, Piece, changes

SIGNS = {"same": "", "removed": "-", "added": "+"}
TEN = "раз два три четыре пять шесть семь восемь девять десять"
MANY = [f"слово{n}" for n in range(WORDS)]


def said(before, after):
    """The passages, each as «same -removed- +added+»."""
    return [
        " ".join(f"{SIGNS[one.kind]}{one.text}{SIGNS[one.kind]}" for one in passage)
        for passage in changes(before, after).passages
    ]


@pytest.mark.parametrize(
    ("before", "after", "passages"),
    [
        pytest.param("", "", [], id="nothing"),
        pytest.param(TEN, TEN, [], id="the same"),
        pytest.param(TEN, TEN.replace(" ", "\n\u00a0 "), [], id="other spaces"),
        pytest.param("", "The ferry runs", ["+The ferry runs+"], id="all is new"),
        pytest.param("The ferry runs", "", ["-The ferry runs-"], id="all is gone"),
        pytest.param("The ferry runs", "The old ferry runs", ["The +old+ ferry runs"], id="added"),
        pytest.param("Паром снова ходит", "Паром ходит", ["Паром -снова- ходит"], id="removed"),
        pytest.param("Погибли двое.", "Погибли трое.", ["Погибли -двое.- +трое.+"], id="at the end"),
        pytest.param("Двоє поранених", "Троє поранених", ["-Двоє- +Троє+ поранених"], id="at the beginning"),
        pytest.param(
            f"{TEN} лодка {TEN}",
            f"{TEN} паром {TEN}",
            ["… пять шесть семь восемь девять десять -лодка- +паром+ раз два три четыре пять шесть …"],
            id="a few words around",
        ),
        pytest.param(
            f"лодка {TEN} мост", f"паром {TEN} мост!", [f"-лодка- +паром+ {TEN} -мост- +мост!+"], id="near each other"
        ),
        pytest.param(
            f"лодка {TEN} {TEN} мост",
            f"паром {TEN} {TEN} мост!",
            [
                "-лодка- +паром+ раз два три четыре пять шесть …",
                "… пять шесть семь восемь девять десять -мост- +мост!+",
            ],
            id="far from each other",
        ),
        pytest.param(
            f"Сначала это. {TEN} {TEN} Потом.",
            f"{TEN} {TEN} Сначала это. Потом.",
            [
                "-Сначала это.- раз два три четыре пять шесть …",
                "… пять шесть семь восемь девять десять +Сначала это.+ Потом.",
            ],
            id="moved",
        ),
        pytest.param(
            "вчера утром лодка и старый катер", "сегодня вечером паром и новый мост",
            ["-вчера утром лодка и старый катер- +сегодня вечером паром и новый мост+"], id="a sliver between",
        ),
        pytest.param("a b c", "x b y", ["-a- +x+ b -c- +y+"], id="a word between two words"),
    ],
)  # fmt: skip
def test_what_was_changed_is_shown_with_a_few_words_around(before, after, passages):
    assert said(before, after) == passages


def test_markup_in_a_text_is_words_like_others():
    [(removed, added)] = changes("<b>", "<script>alert(1)</script>").passages
    assert (removed, added) == (Piece("removed", "<b>"), Piece("added", "<script>alert(1)</script>"))


@pytest.mark.parametrize(
    ("before", "after", "cut"),
    [
        pytest.param(MANY, MANY, False, id="as many as are compared"),
        pytest.param(MANY, [*MANY, "ещё"], True, id="a word more"),
        pytest.param(["x" * CHARACTERS], ["y" * (CHARACTERS + 1)], True, id="one long word"),
    ],
)
def test_long_texts_are_compared_up_to_a_length(before, after, cut):
    found = changes(" ".join(before), " ".join(after))
    assert found.cut is cut
    shown = [piece.text for passage in found.passages for piece in passage]
    assert sum(map(len, shown)) <= 2 * CHARACTERS
    assert "ещё" not in shown


def alternating(differing, repeated):
    return [word for n in range(WORDS // 2) for word in (f"k{n % repeated}", f"{differing}{n}")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(["а"] * WORDS, ["б", *["а"] * (WORDS - 2), "б"], id="one word"),
        pytest.param(["а", "б"] * (WORDS // 2), ["б", "б", "а"] * (WORDS // 3), id="two words"),
        pytest.param(alternating("a", WORDS), alternating("b", WORDS), id="each second word"),
        pytest.param(alternating("a", 51), alternating("b", 51), id="each second word, of few"),
        pytest.param(MANY, MANY[::-1], id="backwards"),
    ],
)
def test_no_text_makes_it_take_long(before, after):
    begun = time.process_time()
    assert changes(" ".join(before), " ".join(after)).passages
    assert time.process_time() - begun < 5  # seen: 0.2 s; difflib alone takes 14 s for «each second word, of few»


@pytest.mark.parametrize("seed", range(20))
def test_nothing_of_two_short_texts_is_lost(seed):
    rng = random.Random(seed)
    before, after = ("".join(rng.choices("абвгд", k=rng.randrange(1, AROUND))) for _ in range(2))
    passages = changes(" ".join(before), " ".join(after)).passages
    for other, text in (("added", before), ("removed", after)):
        shown = [piece.text for passage in passages for piece in passage if piece.kind != other]
        assert " ".join(shown) == " ".join(text) or before == after
