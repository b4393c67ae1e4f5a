"""Every recipe of docs/guide/writing-topics.md: read as a configuration, and fed what must and what must not enter."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.config import load
from aggregator.model import Facts, Item
from aggregator.tag import Matcher, Muter
from aggregator.trial.topic_tests import failing

GUIDE = (Path(__file__).parents[2] / "docs/guide/writing-topics.md").read_text("utf-8")
BLOCK = re.compile(r"```yaml\n# (\w+)\.yaml\n(.*?)```", re.DOTALL)
HEAD, *PARTS = re.split(r"^## ", GUIDE, flags=re.MULTILINE)
RECIPES = {part.partition("\n")[0]: part for part in PARTS}
MUTED = {"all"}  # only a mute keeps anything out of it
LONG = {"slow-reads"}  # what enters it is longer than a guide has room for


@pytest.fixture
def recipe(tmp_path):
    """Return the configuration that a recipe is, with the sources at the head of the page."""

    def read(title):
        blocks = dict(BLOCK.findall(HEAD)) | dict(BLOCK.findall(RECIPES[title]))
        for name, text in blocks.items():
            (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
        return load(tmp_path, env={})

    return read


def test_no_block_of_the_page_is_left_out():
    assert len(BLOCK.findall(GUIDE)) == GUIDE.count("```yaml") == 1 + len(RECIPES)


@pytest.mark.parametrize("title", RECIPES)
def test_a_recipe_lets_in_and_keeps_out_what_it_says(title, recipe):
    config = recipe(title)
    assert [str(mistake) for mistake in failing(config)] == []
    asked = {(test.topic, test.enters) for test in config.tests}
    assert {topic for topic, _ in asked} == config.topics.keys()
    assert {topic for topic, enters in asked if enters} >= config.topics.keys() - LONG
    assert {topic for topic, enters in asked if not enters} >= config.topics.keys() - MUTED


@pytest.mark.parametrize("title", RECIPES)
def test_a_test_of_a_recipe_fails_where_it_says_the_contrary(title, recipe):
    config = recipe(title)
    turned = replace(config, tests=tuple(replace(test, enters=not test.enters) for test in config.tests))
    assert len(list(failing(turned))) == len(config.tests)


@pytest.mark.parametrize(("length", "topics"), [(3000, ["fresh"]), (3001, ["fresh", "slow-reads"])])
def test_a_slow_read_is_a_long_one(length, topics, recipe):
    config = recipe("Nothing old, nothing from the future")
    facts = Facts(item=Item(id="1", content="м" * length), source="bereg")
    assert [hit.topic for hit in Matcher(config.topics, config.rules).match(facts)] == topics


@pytest.mark.parametrize(
    ("said", "muted"),
    [
        pytest.param("Мэр открыл мост", False, id="news"),
        pytest.param("РЕКЛАМА: окна", True, id="an advertisement"),
        pytest.param("Гороскопы на завтра", True, id="a horoscope"),
        pytest.param("Олимпиаду перенесли", True, id="what is muted until a day"),
    ],
)
def test_what_is_muted_everywhere_enters_nowhere(said, muted, recipe):
    config, now = recipe("Keep out what you never want, everywhere"), datetime(2026, 11, 1, tzinfo=UTC)
    muter, facts = Muter(config.mutes, config.rules), Facts(item=Item(id="1", title=said), source="mayak")
    assert bool(muter.muted(facts, now)) is muted
    assert bool(muter.muted(facts, now + timedelta(days=99))) is (muted and "Олимпиаду" not in said)
