"""mistakes.txt: each kind of mistake, and the very words that a person gets for it."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path

import pytest


def cases():
    """Yield (file, text, what is said) for each block of mistakes.txt."""
    _, *blocks = (Path(__file__).parent / "mistakes.txt").read_text("utf-8").split("\n== ")
    for block in blocks:
        name, file, *lines = block.strip("\n").split("\n")
        text = list(takewhile(lambda line: line.startswith("|"), lines))
        said = [line.removeprefix("> ") for line in lines[len(text) :]]
        yield pytest.param(file, "".join(f"{line[2:]}\n" for line in text), said, id=name)


@pytest.mark.parametrize(("file", "text", "said"), list(cases()))
def test_a_mistake_is_told_with_its_place_and_what_to_do(mistakes, file, text, said):
    assert mistakes({file: text}, DB_PASSWORD="x") == said


def test_every_mistake_of_every_file_is_told_at_once_and_in_order(mistakes):
    files = {
        "aggregator.yaml": "listen: here\npol: {}\n",
        "sources.yaml": (
            "groups: {a: {sources: [tow]}}\n"
            "sources:\n"
            "  one: {url: 'ftp://one.example/', zone: Kiev, section: donbass}\n"
            "  two: {url: 'https://two.example/', lnguage: ru, title: Two, title: Zwei}\n"
        ),
        "sources.d/b.yaml": "sources: {three: {url: 'https://three.example/', poll: 1m}}\n",
        "sources.d/a.yaml": "sources: [\n",
        "topics.yaml": "sections: {donbas: {parent: donbas}}\ntopics: {a: {match: 'rule:', fold: x}, b: {}}\n",
    }
    told = mistakes(files)
    assert [line.split("  ")[0] for line in told] == [
        "aggregator.yaml:1:9",
        "aggregator.yaml:2:1",
        "sources.d/a.yaml:2:1",
        "sources.yaml:3:14",
        "sources.yaml:3:42",
        "sources.yaml:3:57",
        "sources.yaml:4:38",
        "sources.yaml:4:63",
        "topics.yaml:1:12",
        "topics.yaml:2:21",
        "topics.yaml:2:36",
        "topics.yaml:2:40",
    ]


def test_a_file_that_cannot_be_read_makes_no_names_unknown_elsewhere(mistakes):
    files = {
        "sources.yaml": "groups: {a: {sources: [one]}}\nsources: {x: {url: 'https://x.example/', section: nowhere}}\n",
        "sources.d/broken.yaml": "sources: {\n",
        "topics.yaml": "sections: {\n",
    }
    assert [line.split("  ")[0] for line in mistakes(files)] == ["sources.d/broken.yaml:2:1", "topics.yaml:2:1"]


def test_a_thousand_wrong_sources_are_told_of_one_by_one(mistakes):
    wrong = "".join(f"  s{n}: {{url: 'https://s{n}.example/', section: nowhere}}\n" for n in range(1000))
    assert len(mistakes({"sources.yaml": f"sources:\n{wrong}"})) == 1000
