"""The index of words, on both engines: with it a search finds exactly what a walk through all items finds."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text as sql
from store_makers import a_change, a_curation, a_source, an_item, an_outcome, commit, curate, stored

from aggregator.config import Config
from aggregator.crash import KILLED
from aggregator.model import Article, key_of
from aggregator.pipeline import Archive, Bounds
from aggregator.pipeline.indexing import indexed
from aggregator.pipeline.searching import facts_at, stored_items
from aggregator.query import Subject, parse, wanted
from aggregator.store import Store, items, polls, withdrawal, words
from aggregator.text import tokens

MINUTE = timedelta(minutes=1)


def config(*sources, rules=None, topics=()):
    return Config(
        public_url="https://feeds.example.org",
        listen_host="",
        listen_port=0,
        database="",
        sources={source.id: source for source in sources},
        sections={},
        rules=rules or {},
        topics={topic.id: topic for topic in topics},
        files=(),
        root=Path(),
    )


CONFIG = config(a_source("ozero"), rules={"shelling": "words:(обстрел, обстріл)"})


def bare(name, title, text="", **more):
    facts = {"summary": "", "content": f"<p>{text}</p>" if text else "", "authors": (), "categories": ()}
    return replace(an_item(name, title), **(facts | more))


def take_in(store, time, *some, source="ozero"):
    """Have these items stored and curated; return their keys."""
    keys = stored(store, time, *some, source=source)
    curate(store, time, *(a_curation(key) for key in keys))
    time.passes(MINUTE)
    return keys


def index_all(store, time, batch=7):
    while some := store.read_now(words.unindexed, batch):
        store.write_now(words.index, indexed(some), time.now)


def found(store, time, query, conf=CONFIG, *, public=False, **how):
    archive = Archive(store, conf, public=public)
    return archive.search(archive.asked(query), 1000, now=time.now, **how)


def names(results):
    return [hit.kept.stored.item.id for hit in results.hits]


NEWS = [
    bare("adjective", "Жители донецкого посёлка ждут воду"),
    bare("ukrainian", "Обстрілами пошкоджено школу", "У Маріуполі тихо."),
    bare("english", "The ferries were running again", "Nobody had run before."),
    bare("phrase", "Ракетного удара не было", "Зато ударила молния, ракетный катер цел."),
    bare("apart", "Удар по складу", "Ракетный двигатель нашли за городом."),
    bare("text only", "Без заголовка", "В тексте стоит Донецк."),
    bare("apostrophe", "Об’єкт під наглядом", 'Слово "кава" — у лапках: 50% і _разом_'),
    bare("empty", "", ""),
]


@pytest.fixture
def archive(store, time):
    take_in(store, time, *NEWS)
    index_all(store, time)
    assert store.read_now(words.waiting) == 0
    return store


@pytest.mark.parametrize(
    ("query", "names_found"),
    [
        pytest.param("words:Донецк", {"adjective", "text only"}, id="a place and its adjective"),
        pytest.param("Донецк in:title", {"adjective"}, id="in the title"),
        pytest.param("title:Донецк", set(), id="as it stands, in the title"),
        pytest.param("text:Донецк", {"text only"}, id="as it stands"),
        pytest.param("lead:Донецк", {"text only"}, id="in the lead"),
        pytest.param("обстріл", {"ukrainian"}, id="a Ukrainian word"),
        pytest.param("rule:shelling", {"ukrainian"}, id="a saved rule"),
        pytest.param("Мариуполь or Маріуполь", {"ukrainian"}, id="either of two"),
        pytest.param("ferry", {"english"}, id="an English stem"),
        pytest.param("run", {"english"}, id="another English stem"),
        pytest.param('"ракетный удар"', {"phrase"}, id="a phrase in any form"),
        pytest.param("ракетный удар", {"phrase", "apart"}, id="two words anywhere"),
        pytest.param('text:"ракетный катер"', {"phrase"}, id="a phrase as it stands"),
        pytest.param("удар not ракетный", set(), id="one without the other"),
        pytest.param("not удар", {one.id for one in NEWS} - {"phrase", "apart"}, id="nothing but a not"),
        pytest.param("об'єкт", {"apostrophe"}, id="an apostrophe"),
        pytest.param("кава", {"apostrophe"}, id="a word in quotes"),
        pytest.param("разом", {"apostrophe"}, id="between underscores"),
        pytest.param("title:/^Удар/", {"apart"}, id="an expression: all are walked through"),
        pytest.param("удар title:/склад/", {"apart"}, id="an expression beside a word"),
        pytest.param("source:ozero удар", {"phrase", "apart"}, id="a source and a word"),
    ],
)
def test_a_query_finds_its_words_in_all_their_forms(archive, time, query, names_found):
    assert set(names(found(archive, time, query))) == names_found


def test_the_last_that_came_stands_first(archive, time):
    take_in(archive, time, bare("later", "Удар молнии"))
    assert names(found(archive, time, "удар in:title")) == ["later", "apart", "phrase"]


def test_what_is_not_indexed_yet_is_found_all_the_same(store, time):
    take_in(store, time, *NEWS)
    assert store.read_now(words.waiting) == len(NEWS)
    assert set(names(found(store, time, "удар"))) == {"phrase", "apart"}


def test_only_what_may_match_is_read(archive, time):
    assert found(archive, time, "обстріл").looked == 1
    assert found(archive, time, "title:/удар/").looked == len(NEWS)


def test_an_edited_item_is_found_by_its_new_words_and_no_more_by_the_old(archive, time):
    commit(archive, time, an_outcome(time.now, a_change(bare("apart", "Пожар на складе"), kind="changed"), document=2))
    [one] = archive.read_now(items.uncurated, 10)
    curate(archive, time, a_curation(one.key))
    for _ in range(2):
        assert names(found(archive, time, "пожар")) == ["apart"]
        assert names(found(archive, time, "удар")) == ["phrase"]
        index_all(archive, time)
    assert found(archive, time, "двигатель").looked == 0


def test_words_that_are_held_back_are_indexed_as_they_stand_in_the_store(archive, time):
    change = a_change(bare("apart", "Пожар на складе"), kind="changed", held="edits", held_until=time.now + MINUTE)
    commit(archive, time, an_outcome(time.now, change, document=2))
    for _ in range(2):
        assert names(found(archive, time, "пожар")) == ["apart"]
        index_all(archive, time)


def test_an_article_that_comes_later_is_searched_too(archive, time):
    article = Article(key=key_of("ozero", "empty"), due_at=None, text="<p>Вся статья о маяке.</p>")
    commit(archive, time, an_outcome(time.now, document=2, articles=(article,)))
    curate(archive, time, a_curation(article.key))
    index_all(archive, time)
    assert names(found(archive, time, "маяк")) == ["empty"]


def test_what_was_edited_while_it_was_read_is_read_again(archive, time):
    [key] = take_in(archive, time, bare("new", "Маяк"))
    read = indexed(archive.read_now(words.unindexed, 10))
    commit(archive, time, an_outcome(time.now, a_change(bare("new", "Порт"), kind="changed"), document=3))
    assert archive.write_now(words.index, read, time.now) == 0
    curate(archive, time, a_curation(key))
    assert archive.write_now(words.index, read, time.now) == 0
    index_all(archive, time)
    assert (names(found(archive, time, "порт")), names(found(archive, time, "маяк"))) == (["new"], [])


def test_what_is_withdrawn_is_found_no_more_and_leaves_the_index(archive, time):
    archive.write_now(withdrawal.withdraw, [key_of("ozero", "apart")], "a person withdrew it", time.now)
    assert names(found(archive, time, "двигатель")) == []
    assert archive.read_now(words.waiting) == 1
    index_all(archive, time)
    assert archive.read_now(words.waiting) == 0
    of_terms = wanted(parse("двигатель"), {})
    assert archive.read_now(words.candidates, of_terms, 10).before is None


def test_private_items_are_found_by_their_owner_alone(archive, time):
    private = replace(a_source("dom"), private=True)
    archive.write_now(polls.sync_sources, [a_source("ozero"), private], time.now)
    take_in(archive, time, bare("secret", "Удар ниже пояса"), source="dom")
    both = config(a_source("ozero"), private)
    for _ in range(2):
        assert set(names(found(archive, time, "удар", both))) == {"phrase", "apart", "secret"}
        seen = found(archive, time, "удар", both, public=True)
        assert (set(names(seen)), seen.looked) == ({"phrase", "apart"}, 2)  # nor does a count tell of it
        assert found(archive, time, "not маяк", both, public=True).looked == len(NEWS)
        index_all(archive, time)


def test_what_is_configured_no_more_is_found_by_nobody_else(archive, time):
    assert names(found(archive, time, "удар", config(a_source("dom")), public=True)) == []


def test_a_search_ends_with_what_it_may_read_and_says_so(archive, time):
    results = found(archive, time, "удар", bounds=Bounds(items=1, seconds=60))
    assert (len(results.hits), results.looked, results.ended) == (1, 1, "cut")
    assert found(archive, time, "удар", bounds=Bounds(items=2, seconds=60)).ended == "all"


def test_a_search_ends_with_its_time_and_says_so(archive, time):
    ticks = iter(range(1000))
    results = found(archive, time, "not маяк", bounds=Bounds(items=100, seconds=3.5), ticks=lambda: next(ticks))
    assert (results.looked, results.ended) == (3, "cut")


def test_a_search_ends_with_as_many_as_were_asked_for(archive, time):
    searching = Archive(archive, CONFIG, public=True)
    query = searching.asked("удар or обстріл")
    pages = [searching.search(query, 2, now=time.now, skip=skip) for skip in (0, 2)]
    assert [names(page) for page in pages] == [["apart", "phrase"], ["ukrainian"]]
    assert [page.ended for page in pages] == ["enough", "all"]


@pytest.mark.parametrize(
    "said",
    [
        *(
            "'",
            '"',
            "%",
            "_",
            "\\",
            "*",
            "NEAR(a b)",
            "a* OR b",
            '"a" NEAR "b"',
            "^a",
            "terms : a",
            "a+b",
            "-a",
            "{a b}: c",
        ),
        *(
            "'; DROP TABLE item; --",
            "a' | !'b",
            "'a':*",
            "a <-> b",
            "a\\",
            "= *",
            "not",
            "об'єкт' & '",
            "\ufffd",
            "𝔘𝔫𝔦",
        ),
        *("ﬁn", "İstanbul", "ŉ", "कखग", "日本語", "a" * 300, "ж" * 300),
    ],
)
def test_no_sign_of_any_engine_means_anything_in_a_search(archive, time, said):
    take_in(archive, time, bare("sign", f"Маяк {said}", said))
    index_all(archive, time)
    query = f"words:{quoted(said)}"
    if not tokens(said):
        assert names(found(archive, time, f"маяк text:/{'.'}/"))
        return
    assert "sign" in names(found(archive, time, query))
    assert "sign" in names(found(archive, time, f"title:{quoted(said)}"))


def quoted(said):
    return '"' + said.replace("\\", "\\\\").replace('"', '\\"') + '"'


def test_an_item_with_more_words_than_are_kept_is_found_by_each(store, time):
    many = " ".join(f"слово{n}ъ" for n in range(60_000))
    take_in(store, time, bare("long", "Словарь", many), bare("short", "Азбука"))
    index_all(store, time)
    assert names(found(store, time, "слово59999ъ")) == ["long"]
    assert names(found(store, time, "азбука")) == ["short"]


def test_more_forms_than_an_engine_takes_are_walked_through(store, time):
    take_in(store, time, bare("one", "Слово7 и ещё"))
    index_all(store, time)
    rules = {"many": " or ".join(f"words:({', '.join(f'слово{n}x{m}' for n in range(300))})" for m in range(2))}
    many = config(a_source("ozero"), rules=rules | {"more": "rule:many or words:слово7"})
    assert names(found(store, time, "rule:more", many)) == ["one"]
    assert names(found(store, time, "ещё not rule:many", many)) == ["one"]


def test_more_than_a_thousand_terms_are_one_question(store, time):
    take_in(store, time, bare("one", "w1599"), bare("two", "w1600"))
    index_all(store, time)
    results = found(store, time, f"words:({','.join(f'w{n}' for n in range(1600))})")
    assert (names(results), results.looked) == (["one"], 1)


INDEXER = """
import sys
from datetime import UTC, datetime
from aggregator.pipeline.indexing import indexed
from aggregator.store import Store, words
store = Store.open(sys.argv[1])
while some := store.read_now(words.unindexed, 2):
    store.write_now(words.index, indexed(some), datetime(2026, 3, 1, tzinfo=UTC))
"""


@pytest.mark.parametrize(("point", "left"), [("before-index:2", 6), ("in-index:2", 6), ("after-index:2", 4)])
def test_an_indexer_that_is_killed_leaves_whole_batches_and_the_next_one_goes_on(store, url, time, point, left):
    take_in(store, time, *NEWS)
    run = [sys.executable, "-c", INDEXER, url]
    assert subprocess.run(run, env=os.environ | {"AGGREGATOR_CRASH": point}, check=False).returncode == KILLED
    assert store.read_now(words.waiting) == left
    assert set(names(found(store, time, "удар"))) == {"phrase", "apart"}
    subprocess.run(run, check=True)
    assert store.read_now(words.waiting) == 0
    results = found(store, time, "удар")
    assert (set(names(results)), results.looked) == ({"phrase", "apart"}, 2)
    if store.dialect == "sqlite":
        assert store.read_now(lambda conn: conn.scalar(sql("PRAGMA integrity_check"))) == "ok"
        store.write_now(
            lambda conn: conn.execute(sql("INSERT INTO item_words (item_words) VALUES ('integrity-check')"))
        )


def test_two_indexers_at_once_leave_one_index(store, time):
    take_in(store, time, *NEWS)
    read = indexed(store.read_now(words.unindexed, 100))
    assert [store.write_now(words.index, some, time.now) for some in (read[:5], read[::-1])] == [5, len(NEWS)]
    results = found(store, time, "удар")
    assert (names(results), results.looked) == (["apart", "phrase"], 2)


# --- with the index as without ------------------------------------------------------------------------------------

VOCABULARY = ("Донецк", "донецкого", "удар", "ударом", "ракетный", "Ракетного", "ferry", "ferries", "об’єкт", "ІІ", "7")
said = st.lists(st.sampled_from(VOCABULARY), max_size=6).map(" ".join)
one_word = st.sampled_from(VOCABULARY)
phrase = st.lists(one_word, min_size=1, max_size=2).map(lambda some: f'"{" ".join(some)}"')
clause = st.one_of(
    st.builds("words:({}, {}){}".format, phrase, phrase, st.sampled_from(["", " in:title", " in:lead", " in:text"])),
    st.builds("{}:{}".format, st.sampled_from(["title", "lead", "text"]), phrase),
    st.sampled_from(["rule:shelling", "lang:ru", "title:/удар/i", "text:/ракет/ in:lead", "length:>20"]),
)
queries = st.recursive(
    clause,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=5,
)
articles = st.lists(st.tuples(said, said, said, st.booleans()), min_size=1, max_size=8)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=articles, asked=st.lists(queries, min_size=1, max_size=4))
def test_a_search_finds_exactly_what_a_walk_finds(request, engine, told, asked):
    store, time = request.getfixturevalue("property_stores")(engine)
    store.write_now(forget)
    some = [
        bare(str(n), title, content, summary=f"<p>{summary}</p>") for n, (title, summary, content, _) in enumerate(told)
    ]
    keys = stored(store, time, *some)
    curate(store, time, *(a_curation(key) for key in keys))
    part = [one for one in store.read_now(words.unindexed, 100) if told[int(one.item.id)][3]]
    store.write_now(words.index, indexed(part), time.now)
    for query in asked:
        searched = found(store, time, query)
        assert names(searched) == walked(store, time, query)


def walked(store, time, query):
    asked, rules = parse(query), {name: parse(rule) for name, rule in CONFIG.rules.items()}
    every = ((one, Subject(facts_at(CONFIG, one, time.now), rules)) for one in stored_items(store, CONFIG))
    return [one.stored.item.id for one, subject in every if asked.matches(subject)]


def forget(conn):
    for table in ("item_words", "item_section", "item_credit", "item", "poll_log"):
        conn.execute(sql(f"DELETE FROM {table}"))


@pytest.fixture
def property_stores(request):
    from store_makers import Time

    opened = {}

    def store_of(engine):
        if engine not in opened:
            opened[engine] = Store.open(request.getfixturevalue(f"{engine}_url"))
        return opened[engine], Time(opened[engine])

    yield store_of
    for store in opened.values():
        store.close()
