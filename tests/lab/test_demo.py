"""The demo's stock, its printed feeds, its configuration and its tale; nothing is started."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from aggregator.config import load
from aggregator.lab.demo import write_config
from aggregator.lab.demo.press import FAILING
from aggregator.lab.demo.print import OUTLETS, document
from aggregator.lab.demo.stock import _stock, coming, past
from aggregator.lab.demo.tale import Line, Tale
from aggregator.urls import canonical

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
IN_STOCK = sum(len(event["told"]) for event in _stock()["next"])


@pytest.fixture
def config(tmp_path):
    return load(write_config(tmp_path, port=8080, origin=4000), env={})


def test_there_is_enough_in_stock_for_minutes_of_news():
    assert IN_STOCK >= 60
    assert len(past()) >= 30


def test_every_telling_is_of_an_outlet_that_prints_and_no_address_or_id_comes_twice_by_one_outlet():
    told = [one for _, one in past()] + list(islice(coming(), 2 * IN_STOCK))
    assert {one.by for one in told} == set(OUTLETS)
    for name in ("id", "link"):
        assert Counter((one.by, getattr(one, name)) for one in told).most_common(1)[0][1] == 1


def test_what_was_told_before_is_young_enough_to_be_news_and_old_enough_to_be_past():
    assert all(timedelta(minutes=1) < ago < timedelta(hours=47) for ago, _ in past())


def test_the_second_round_of_the_stock_has_other_words_and_other_addresses():
    told = list(islice(coming(), 2 * IN_STOCK))
    first, second = told[:IN_STOCK], told[IN_STOCK:]
    assert not {one.id for one in first} & {one.id for one in second}
    assert sum(a.title != b.title or a.text != b.text for a, b in zip(first, second, strict=True)) > IN_STOCK / 2
    assert not any(re.search(r"[{|}]", one.title + one.text) for one in told)


def test_an_article_that_several_outlets_carry_has_one_canonical_address_written_in_several_ways():
    told = [one for _, one in past()] + list(islice(coming(), IN_STOCK))
    shared = [one for one in told if canonical(one.link) != canonical(one.id)]
    assert len(shared) >= 10
    links = {canonical(one.link) for one in told if one not in shared}
    assert {canonical(one.link) for one in shared} <= links
    assert {re.match(r"https?://(www\.|m\.)?", one.link)[0] for one in shared} >= {"http://www.", "https://m."}


def test_the_configuration_polls_exactly_the_outlets_there_are(config):
    served = {o.id: f"http://{o.address}:4000{o.path}" for o in OUTLETS.values()}
    served["mayak"] = f"http://{FAILING[0]}:4000{FAILING[1]}"
    assert {source.id: source.url for source in config.sources.values()} == served
    assert all(config.sources[o.id].title == o.title for o in OUTLETS.values())


@pytest.mark.parametrize("outlet", OUTLETS.values(), ids=lambda o: o.id)
def test_a_feed_holds_its_texts_in_its_encoding(outlet):
    told = [(NOON - ago, one) for ago, one in past() if one.by == outlet.id]
    body = document(outlet, told).body.decode(outlet.encoding)
    words = {word for _, one in told for word in re.findall(r"[\w-]+", one.title)}
    assert all(word in body for word in words)


def polled(source, **facts):
    return {"event": "source.polled", "source": source, "new": 0, "took_ms": 10} | facts


def entry(id_, title, *, outlets=(), url=None, outlet="Терикон"):
    url = url or f"https://terikon.example/{id_}"
    also = [{"outlet": name, "url": url} for name in outlets]
    return {"id": id_, "title": title, "url": url, "_aggregator": {"source": {"title": outlet}, "outlets": also}}


@pytest.fixture
def tale():
    return Tale({"terikon": "Терикон"}, {"donbas": "Донбасс", "everything": "Всё подряд"})


@pytest.mark.parametrize(
    ("event", "lines"),
    [
        pytest.param(polled("terikon", new=3), [Line(verb="polled", who="Терикон", what="3 new")], id="news"),
        pytest.param(polled("terikon"), [], id="no news is no line"),
        pytest.param(
            polled("terikon", new=1, took_ms=2040),
            [Line(verb="polled", who="Терикон", what="1 new, slowly: it took 2.0 s")],
            id="slow",
        ),
        pytest.param(
            {"event": "source.failed", "source": "terikon", "problem": "404 Not Found", "next_in_s": 9},
            [Line(verb="failed", who="Терикон", what="404 Not Found; asked again in 9 s")],
            id="failed",
        ),
        pytest.param({"event": "items.curated", "items": 2}, [], id="inner matters"),
    ],
)
def test_a_line_of_the_log_is_told_in_plain_words(tale, event, lines):
    assert list(tale.heard(event)) == lines


def feeds(*entries, everything=()):
    return {"donbas": {"items": list(entries)}, "everything": {"items": [*entries, *everything]}}


def test_a_new_entry_is_told_once_with_its_topics(tale):
    new = Line(verb="published", who="Терикон", what="Мост открыт", more="→ Донбасс")
    assert list(tale.seen(feeds(entry("1", "Мост открыт")))) == [new]
    assert list(tale.seen(feeds(entry("1", "Мост открыт")))) == []


def test_of_many_new_entries_only_the_sums_are_told(tale):
    lines = list(tale.seen(feeds(*(entry(str(n), f"Новость {n}") for n in range(9)))))
    assert lines == [
        Line(verb="published", who="Донбасс", what="9 entries"),
        Line(verb="published", who="Всё подряд", what="9 entries"),
    ]


def test_an_outlet_that_joins_an_entry_is_told_as_folded_once_whatever_the_topic_and_the_face(tale):
    list(tale.seen(feeds(entry("1", "Мост открыт"))))
    joined = entry("1", "Мост открыт", outlets=["Вежа"])
    turned = entry("2", "Міст відкрито", outlets=["Терикон"], outlet="Вежа", url="http://www.terikon.example/1")
    lines = list(tale.seen({"donbas": {"items": [joined]}, "everything": {"items": [joined, turned]}}))
    assert lines == [Line(verb="folded", who="Терикон", what="Мост открыт", more="(also in: Вежа)")]
    assert tale.sums.folded == 1


def test_what_only_the_unfiltered_topic_has_was_kept_out_if_it_still_is_so_at_the_next_look(tale):
    advertisement, late = entry("9", "Реклама: окна"), entry("1", "Мост открыт")
    assert list(tale.seen(feeds(everything=[advertisement, late]))) == []
    assert list(tale.seen(feeds(late, everything=[advertisement]))) == [
        Line(verb="kept out", who="Терикон", what="Реклама: окна", more="(only in: Всё подряд)"),
        Line(verb="published", who="Терикон", what="Мост открыт", more="→ Донбасс"),
    ]
    assert list(tale.seen(feeds(late, everything=[advertisement]))) == []
