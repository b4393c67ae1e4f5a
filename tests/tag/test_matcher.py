"""Which topics an item belongs to, the reason in one sentence, and why it is not in the others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Category, Facts, Item, Tagged, Topic
from aggregator.query import Subject, parse
from aggregator.tag import Matcher

RULES = {
    "shelling": 'words:(обстрел, обстріл, "ракетный удар") in:title,lead',
    "ads": "title:/реклама|партн[её]рский/i or category:Реклама",
    "circle": "rule:circle or words:нечто",
}
TOPICS = {
    topic.id: topic
    for topic in (
        Topic(id="breaking", title="Срочно", match="category:Срочно"),
        Topic(
            id="donbas", title="Донбасс", match="section:donbas~0.7 or (lang:ru,uk and rule:shelling)", not_="rule:ads"
        ),
        Topic(id="all", title="Всё", match="not source:nobody"),
        Topic(id="round", title="Круг", match="rule:circle"),
    )
}
MATCHER = Matcher(TOPICS, RULES)


def facts(title="", *categories, language="ru", sections=()):
    item = Item(id="1", title=title, categories=tuple(Category(term=term) for term in categories))
    return Facts(item=item, source="a", language=language, sections=sections)


def test_an_item_is_in_every_topic_that_matches_in_the_order_of_the_configuration():
    found = MATCHER.match(facts("Обстріли Краматорська", "Срочно", language="uk"))
    assert [(hit.topic, hit.why) for hit in found] == [
        ("breaking", "category «Срочно»"),
        ("donbas", 'lang uk and rule shelling (word "обстріл" in title «Обстріли Краматорська»)'),
        ("all", "not source:nobody"),
    ]


def test_the_reason_of_a_section_holds_the_reason_of_its_tag():
    tag = Tagged(section="donbas", confidence=0.85, why='word "Донецк" in title «В Донецке»')
    assert MATCHER.match(facts("В Донецке", sections=(tag,)))[0].why == (
        'section donbas 0.85 (word "Донецк" in title «В Донецке»)'
    )


def test_not_takes_an_item_away():
    assert [hit.topic for hit in MATCHER.match(facts("Обстрел ценами", "Реклама"))] == ["all"]


@pytest.mark.parametrize(
    ("item", "topic", "sentence"),
    [
        (facts("Обстрелы"), "donbas", 'yes: lang ru and rule shelling (word "обстрел" in title «Обстрелы»)'),
        (facts("Обстрел", "Реклама"), "donbas", "no: kept out by rule ads (category «Реклама»)"),
        (facts("Партнёрский обстрел"), "donbas", "no: kept out by rule ads (/реклама|партн[её]рский/i in title"),
        (facts("Погода"), "donbas", "no: none of these holds: section:donbas~0.7, rule:shelling"),
        (facts("Погода"), "round", "no: rule:circle does not hold"),
    ],
    ids=["in", "kept out by category", "kept out by title", "no match", "circle"],
)
def test_explain_says_why_an_item_is_or_is_not_in_a_topic(item, topic, sentence):
    assert MATCHER.explain(item, topic).startswith(sentence)


def test_a_circle_of_rules_ends():
    assert [hit.topic for hit in MATCHER.match(facts("Нечто"))] == ["all", "round"]


PARTS = st.sampled_from(
    ["words:мир", "words:(дом, сад)", 'words:"белый дом"', "lang:ru", "title:сад", "rule:a", "rule:b"]
)
QUERIES = st.recursive(
    PARTS,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=6,
)
TITLES = st.lists(st.sampled_from(["мир", "мира", "дома", "белый", "сад", "ночь"]), max_size=4).map(" ".join)


@given(st.lists(QUERIES, min_size=1, max_size=4), TITLES, st.sampled_from(["ru", "en"]))
def test_the_index_of_words_never_changes_what_matches(queries, title, language):
    rules = {"a": "words:ночь or lang:en", "b": "words:сад and not rule:a"}
    topics = {f"t{n}": Topic(id=f"t{n}", title="", match=query) for n, query in enumerate(queries)}
    item = facts(title, language=language)
    read = {name: parse(rule) for name, rule in rules.items()}
    slowly = [topic.id for topic in topics.values() if parse(topic.match).matches(Subject(item, read))]
    assert [hit.topic for hit in Matcher(topics, rules).match(item)] == slowly
