"""A topic takes one more source: in the text that a person wrote, and nowhere else in it."""

from __future__ import annotations

import pytest

from aggregator.config.read import read
from aggregator.config.values import WrongError
from aggregator.config.widen import widened

BEFORE = "# ours\ntopics:\n  sea:  # the best\n    title: Море\n"
BEHIND = "\n  air: {match: 'age:<7d', title: Небо}  # last\n"


def of(tmp_path, text, topic="sea"):
    file = tmp_path / "topics.yaml"
    file.write_text(text, encoding="utf-8", newline="")
    return widened(text, read(file), topic, "ostrov")


@pytest.mark.parametrize(
    ("said", "becomes"),
    [
        pytest.param("section:sea", '"(section:sea) or source:ostrov"', id="plain"),
        pytest.param('"title:\\"шторм\\""', '"(title:\\"шторм\\") or source:ostrov"', id="in double quotes"),
        pytest.param("'it''s words:море'", '"(it\'s words:море) or source:ostrov"', id="in single quotes"),
        pytest.param("title:/a b/  # a word", '"(title:/a b/) or source:ostrov"  # a word', id="with a comment"),
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_it_is_widened_and_all_else_stays(tmp_path, said, becomes, ends):
    text = f"{BEFORE}    match: {said}{BEHIND}".replace("\n", ends)
    assert of(tmp_path, text) == f"{BEFORE}    match: {becomes}{BEHIND}".replace("\n", ends)


def test_one_line_holds_a_topic_whole(tmp_path):
    text = BEFORE + "    match: section:sea" + BEHIND
    expected = text.replace("'age:<7d'", '"(age:<7d) or source:ostrov"')
    assert of(tmp_path, text, "air") == expected


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("\n      any: [section:sea, source:other]", id="nested"),
        pytest.param(">\n      section:sea\n      and age:<7d", id="over several lines"),
        pytest.param('"section:sea\n      and age:<7d"', id="in quotes over several lines"),
    ],
)
def test_what_cannot_be_widened_in_place_says_so(tmp_path, said):
    with pytest.raises(WrongError) as error:
        of(tmp_path, f"{BEFORE}    match: {said}{BEHIND}")
    assert "or source:ostrov" in error.value.hint
