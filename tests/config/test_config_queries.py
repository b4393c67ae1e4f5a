"""Queries come out as text, whichever way they were written."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.config import load
from aggregator.query import parse

BEFORE = "sections: {donbas: {}, world: {}}\nrules: {shelling: 'title:обстрел', ads: 'title:реклама'}\n"


@pytest.mark.parametrize(
    ("nested", "text"),
    [
        pytest.param("{section: donbas}", "section:donbas", id="one field"),
        pytest.param("{lang: [ru, uk]}", "lang:ru,uk", id="several values"),
        pytest.param("{section: donbas, lang: ru}", "section:donbas lang:ru", id="several fields"),
        pytest.param("{all: [{section: world}, {not: {rule: ads}}]}", "section:world not rule:ads", id="not"),
        pytest.param("{age: '>12h'}", "age:>12h", id="comparison"),
        pytest.param(
            "{any: [{section: donbas~0.7}, {all: [{lang: [ru, uk]}, {rule: shelling}]}]}",
            "section:donbas~0.7 or (lang:ru,uk rule:shelling)",
            id="any of all",
        ),
    ],
)
def test_the_nested_form_is_equal_to_the_text(loaded, nested, text):
    both = f"topics: {{nested: {{match: {nested}, not: {nested}}}, text: {{match: '{text}', not: '{text}'}}}}\n"
    config = loaded({"topics.yaml": BEFORE + both})
    assert config.topics["nested"].match == config.topics["text"].match
    assert config.topics["nested"].not_ == config.topics["text"].not_


def test_every_query_of_the_example_is_read_back_as_it_was_written():
    config = load(Path(__file__).parents[2] / "config", env={})
    topics = config.topics.values()
    for text in [*config.rules.values(), *(t.match for t in topics), *(t.not_ for t in topics if t.not_)]:
        assert parse(text).text == text


OWNED = "owners: {ozero-group: [one]}\nsources: {one: {url: 'https://one.example/rss'}}\n"


def test_an_owner_is_one_of_the_sources_file(loaded, mistakes):
    topics = "topics: {all: {match: 'owner:ozero-group'}}\n"
    assert loaded({"sources.yaml": OWNED, "topics.yaml": topics}).topics["all"].match == "owner:ozero-group"
    said = 'topics.yaml:1:23  topics.all.match, column 7: no owner is named "ozero-grup". Did you mean "ozero-group"?'
    assert mistakes({"sources.yaml": OWNED, "topics.yaml": topics.replace("group", "grup")}) == [said]


def test_a_rule_may_be_nested_and_refer_to_other_rules(loaded):
    topics = """
rules:
  noise: {any: [{rule: ads}, {title: гороскоп}]}
  ads: title:реклама
topics: {all: {match: 'not rule:noise'}}
"""
    rules = loaded({"topics.yaml": topics}).rules
    assert rules == {"noise": "rule:ads or title:гороскоп", "ads": "title:реклама"}


def chain(length: int) -> str:
    rules = "".join(f"  r{n}: 'rule:r{n + 1}'\n" for n in range(1, length)) + f"  r{length}: lang:ru\n"
    return f"rules:\n{rules}topics: {{all: {{match: 'rule:r1'}}}}\n"


def test_rules_may_use_rules_fifty_deep(loaded):
    assert len(loaded({"topics.yaml": chain(50)}).rules) == 50


def test_deeper_than_fifty_is_a_mistake_told_once(mistakes):
    said = "this rule uses rules that use rules, more than 50 deep."
    assert mistakes({"topics.yaml": chain(500)}) == [f"topics.yaml:451:3  rules.r450: {said}"]
