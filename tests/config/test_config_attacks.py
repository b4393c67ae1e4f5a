"""Files that are no configuration: each is a mistake with a place, never a traceback or a hang."""

from __future__ import annotations

import os
import random
from itertools import pairwise

import pytest

from aggregator.config import load
from aggregator.config.document import Document
from aggregator.config.read import MAX_BYTES, read
from aggregator.errors import ConfigError

ONE = "sources:\n  one:\n    url: https://one.example/rss\n    title: "


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(f"{ONE}a\x07b\n", "4:13  the character U+0007 must not stand in a text. Remove it.", id="bell"),
        pytest.param(f"{ONE}a\0b\n", "4:13  the character U+0000 must not stand in a text. Remove it.", id="NUL"),
        pytest.param("sources: " + "[" * 5000, "1:73  this is nested more than 64 deep.", id="5,000 brackets"),
        pytest.param("sources: " + "{a: " * 5000, "1:262  this is nested more than 64 deep.", id="5,000 braces"),
        pytest.param("- " * 5000, "1:129  this is nested more than 64 deep.", id="5,000 dashes"),
        pytest.param(
            "".join(" " * depth + "a:\n" for depth in range(300)),
            "65:65  this is nested more than 64 deep.",
            id="300 levels of lines",
        ),
        pytest.param(
            "a: &a [x]\n" + "".join(f"{new}: &{new} [*{old},*{old}]\n" for old, new in pairwise("abcdefgh")),
            "2:8  aliases (*) are not used here. Write the value out, or quote the text.",
            id="alias bomb",
        ),
        pytest.param(
            f"{ONE}Новости\n".encode("windows-1251"),
            "4:12  this is not UTF-8 text. Save the file as UTF-8.",
            id="windows-1251",
        ),
        pytest.param(
            f"{ONE}Новости\n".encode("utf-16"), "1:1  this is not UTF-8 text. Save the file as UTF-8.", id="UTF-16"
        ),
        pytest.param(
            b"#" * (MAX_BYTES + 1), "1:1  the file cannot be read: it is larger than 5,000,000 bytes.", id="too large"
        ),
        pytest.param(
            "sources: {one: {url: 'https://one.example/" + "x" * 5000 + "'}}\n",
            "1:22  sources.one.url: an address has at most 4096 characters.",
            id="an address of 5,000 letters",
        ),
        pytest.param(
            "sources: {one: {url: 'https://one.example/', first: " + "9" * 5000 + "}}\n",
            "1:53  sources.one.first: a whole number is expected, here stands the text " + '"' + "9" * 59 + '…".',
            id="a number of 5,000 digits",
        ),
    ],
)
def test_an_attack_is_one_mistake_with_a_place(mistakes, text, said):
    assert mistakes({"sources.yaml": text}) == [f"sources.yaml:{said}"]


def test_a_link_in_a_circle_is_a_mistake(tmp_path):
    (tmp_path / "sources.yaml").symlink_to("sources.yaml")
    assert mistakes_of(tmp_path) == [
        "sources.yaml:1:1  the file cannot be read: too many levels of symbolic links.",
        "topics.yaml:1:1  no topic is configured. Write `topics: {all: {title: Everything, match: 'age:<7d'}}`.",
    ]


def test_a_link_to_nothing_is_a_mistake(tmp_path):
    (tmp_path / "sources.yaml").symlink_to("nowhere.yaml")
    assert mistakes_of(tmp_path)[0] == (
        "sources.yaml:1:1  the file cannot be read: it is a link to a file that does not exist."
    )


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "sources.yaml")
    assert mistakes_of(tmp_path)[0] == "sources.yaml:1:1  the file cannot be read: it is not a regular file."


def test_a_folder_in_the_place_of_a_file_is_a_mistake(tmp_path):
    (tmp_path / "topics.yaml").mkdir()
    assert mistakes_of(tmp_path)[-1] == "topics.yaml:1:1  the file cannot be read: it is not a regular file."


def test_a_folder_of_sources_that_is_a_file_is_a_mistake(tmp_path):
    (tmp_path / "sources.d").write_text("x")
    assert mistakes_of(tmp_path) == ["sources.d:1:1  it cannot be read: Not a directory."]


def mistakes_of(root):
    with pytest.raises(ConfigError) as caught:
        load(root, env={})
    return [str(mistake).replace(f"{root}/", "") for mistake in caught.value.mistakes]


def test_mutilated_files_are_read_or_refused_and_never_raise(tmp_path):
    whole = (ONE + 'One\n    map: {section: {"a\\n": b}}\n? |2-\n  k\n: >\n   v\n%YAML 1.2\n---\n') * 2
    pieces = ["\t", "- ", "? ", ": ", "[", "]", "{", "}", "&a ", "*a", "!!x ", "!<", "%TAG ! x\n", "---\n", "|9\n", "'"]
    pieces += ['"', '"\\x', '"\\UFFFFFFFF"', "#", "\r", "\x85", "\u2028", "\ufeff", "@", "<<: ", "0x", "\0", "\ud7ff"]
    rng = random.Random(7)
    file = tmp_path / "x.yaml"
    for _ in range(400):
        text = whole
        for _ in range(rng.randint(1, 5)):
            at = rng.randrange(len(text))
            text = text[:at] + rng.choice(pieces) + text[at + rng.choice((0, 0, 1, 9)) :]
        file.write_text(text, "utf-8")
        document = read(file)
        assert isinstance(document, Document)
        assert document.readable or document.mistakes
