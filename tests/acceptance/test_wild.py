"""The whole way on real input: the real daemon, documents of the corpus, a feed per topic out.

One of three documents; among the long tests, all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import feedparser
import jsonschema
import pytest
import wild
from feed_rules import REASONED, judged
from harness import Daemon, Place
from lxml import etree

from aggregator.lab.origin import Origin
from aggregator.store import Store, items, meta, sources

FORMATS = ("atom", "rss", "json")
EVERYTHING = {"backfill": 5000, "window": {"items": 5000, "hours": 48}}
ATOM = "{http://www.w3.org/2005/Atom}"


@dataclass
class Newsroom:
    """A daemon that has polled them once."""

    place: Place
    daemon: Daemon
    origin: Origin
    wild: list[wild.Wild]
    store: Store
    status: dict[str, dict[str, Any]]
    topics: list[str]


@pytest.fixture(scope="module", params=[3, pytest.param(1, marks=pytest.mark.slow)], ids=["one of three", "all"])
def newsroom(corpus, request, tmp_path_factory) -> Iterator[Newsroom]:
    documents = wild.documents(corpus, every=request.param)
    place = Place(root=tmp_path_factory.mktemp("wild"))
    with Origin() as origin:
        groups = {folder: {"sources": [w.id for w in documents if w.folder == folder]} for folder in wild.FOLDERS}
        topics = {
            folder: {"title": f"Из папки {folder}", "match": f"group:{folder}", **EVERYTHING} for folder in groups
        }
        for one in documents:
            if one.folder == "ru-uk":
                topics[f"only-{one.id}"] = {"title": one.path.stem, "match": f"source:{one.id}", **EVERYTHING}
        place.write(wild.serve(origin, documents), topics, beside_sources={"groups": groups})
        with place.start() as daemon:
            daemon.wait_for(lambda: polled(daemon) >= len(documents), "every source to be polled", 180)
            store = Store.open(f"sqlite:///{place.database}", readonly=True)
            try:
                daemon.wait_for(lambda: settled(store), "everything to be curated and published", 180)
                status = {row["source"]: row for row in place.json("status")}
                yield Newsroom(place, daemon, origin, documents, store, status, list(topics))
            finally:
                store.close()
            assert daemon.stop() == 0


def polled(daemon: Daemon) -> int:
    return len(daemon.told("source.polled")) + len(daemon.told("source.failed"))


def settled(store: Store) -> bool:
    numbers = store.read_now(meta.stats)
    return numbers.uncurated == 0 and numbers.dirty == 0


def feed(newsroom, topic, kind):
    answer = newsroom.daemon.get(f"/feeds/{topic}.{kind}")
    assert answer.status_code == 200
    return answer.content


def test_no_source_is_lost_without_a_reason_a_person_understands(newsroom):
    assert set(newsroom.status) == {one.id for one in newsroom.wild}
    for one in newsroom.wild:
        row = newsroom.status[one.id]
        assert row["state"] in ("well", "quiet") or (row["kind"] and row["problem"]), (one.path.name, row)


def test_what_is_refused_is_no_feed(newsroom):
    refused = {one.path.name: newsroom.status[one.id] for one in newsroom.wild if newsroom.status[one.id]["problem"]}
    for name, row in refused.items():
        assert row["kind"] in ("not-a-feed", "empty"), (name, row["problem"])
    with_items = [one.path.name for one in newsroom.wild if one.path.name in refused and one.entries]
    assert with_items == []


def test_the_items_stored_are_those_that_feedparser_alone_finds(newsroom):
    """Excepted by class: entries equal to the letter are one item; a document that breaks off keeps its whole items."""
    wrong = []
    for one in newsroom.wild:
        found, stored = len(one.entries), newsroom.status[one.id]["items"]
        if stored != found and stored not in explained(newsroom, one):
            wrong.append(f"{one.path.name}: feedparser {found}, stored {stored}, {newsroom.status[one.id]['problem']}")
    assert not wrong, "\n".join(wrong)


def flaws(newsroom, one) -> set[str]:
    return {flaw.code for flaw in newsroom.store.read_now(sources.flaws_of, one.id)}


def explained(newsroom, one) -> set[int]:
    codes = flaws(newsroom, one)
    counts = set()
    if "item-repeated" in codes:
        counts.add(wild.distinct(one.entries))
    if "item-cut" in codes:
        counts.add(len(one.entries) - 1)
    if "item-too-many" in codes:
        counts.add(2000)
    if "item-empty" in codes:
        counts.add(
            len([entry for entry in one.entries if any(entry.get(k) for k in ("title", "link", "id", "summary"))])
        )
    return counts


def test_every_atom_document_validates_and_none_is_empty(newsroom, corpus):
    grammar = etree.RelaxNG(etree.parse(corpus / "schemas/atom-rfc4287.rng"))
    for topic in newsroom.topics:
        document = etree.fromstring(feed(newsroom, topic, "atom"))
        assert grammar.validate(document), (topic, grammar.error_log)
        assert document.findall(f"{ATOM}entry"), topic


def test_every_json_feed_validates_and_none_is_empty(newsroom, corpus):
    schema = json.loads((corpus / "schemas/jsonfeed-1.1.json").read_text("utf-8"))
    for topic in newsroom.topics:
        document = json.loads(feed(newsroom, topic, "json"))
        jsonschema.validate(document, schema)
        assert document["items"], topic


def test_every_rss_document_parses_back_to_the_items_of_the_others(newsroom):
    for topic in newsroom.topics:
        read = feedparser.parse(feed(newsroom, topic, "rss"))
        assert not read.bozo, (topic, read.get("bozo_exception"))
        atom = etree.fromstring(feed(newsroom, topic, "atom"))
        ids = [entry.findtext(f"{ATOM}id") for entry in atom.findall(f"{ATOM}entry")]
        titles = [entry.findtext(f"{ATOM}title") for entry in atom.findall(f"{ATOM}entry")]
        assert [entry.id for entry in read.entries] == ids
        assert len(set(ids)) == len(ids)
        assert [i["id"] for i in json.loads(feed(newsroom, topic, "json"))["items"]] == ids
        assert [squeezed(entry.title) for entry in read.entries] == [squeezed(title) for title in titles]


def test_no_document_breaks_a_rule_of_the_feed_validator(newsroom):
    found = judged({path: newsroom.daemon.get(path).content for path in published(newsroom)})
    assert [one for one in found if one[1].is_error] == []
    assert {one.what for _, one in found} <= REASONED, [one for one in found if one[1].what not in REASONED][:9]


def published(newsroom):
    """The address of everything that is published: feeds, archives, stories, a search, OPML."""
    for topic in newsroom.topics:
        yield from (f"/feeds/{topic}.{kind}" for kind in ("atom", "rss"))
        archive = etree.fromstring(feed(newsroom, topic, "atom")).xpath("*[@rel='prev-archive']/@href")
        yield from (urlsplit(href).path for href in archive)
    stories = newsroom.daemon.get("/stories").text
    yield from [f"/stories/{id_}.atom" for id_ in sorted(set(re.findall(r"/stories/([0-9a-f]{16})", stories)))[:20]]
    yield from ("/search.atom?q=the", "/search.atom?q=%D0%BD%D0%B0", "/opml/topics", "/opml/sources")


def squeezed(text):
    return " ".join(text.split())


def test_what_fits_into_two_megabytes_is_published_and_the_rest_is_accounted_for(newsroom):
    for topic in newsroom.topics:
        told = newsroom.place.json("preview", topic)
        assert told["waiting"] == 0
        expected = sum(row["items"] for name, row in newsroom.status.items() if belongs(topic, name))
        assert told["entries"] == expected or "window_short" in told["flaw"] or copies(newsroom) > 0, topic
        assert len(feed(newsroom, topic, "atom")) <= 2_000_000


def belongs(topic, source):
    return source.rsplit("-", 1)[0] == topic or topic == f"only-{source}"


def copies(newsroom):
    return newsroom.store.read_now(meta.stats).stories


CYRILLIC = re.compile(r"[а-яіїєґ]{3,}", re.IGNORECASE)
MOJIBAKE = re.compile(r"[ÐÑÂÃ]{2,}|\ufffd|[╨╤]{2,}|(?:Р[а-яЀ-џ]){4,}")


@pytest.mark.parametrize("part", ["windows-1251", "koi8"])
def test_windows_1251_and_koi8_become_readable_cyrillic(newsroom, part):
    chosen = [one for one in newsroom.wild if part in one.path.name]
    assert chosen
    for one in chosen:
        rss = feedparser.parse(feed(newsroom, f"only-{one.id}", "rss"))
        for entry in rss.entries:
            text = f"{entry.title} {entry.get('summary', '')}"
            assert CYRILLIC.search(text), (one.path.name, text[:80])
            assert not MOJIBAKE.search(text), (one.path.name, text[:80])


def test_the_same_bytes_are_a_304_to_a_reader(newsroom):
    first = newsroom.daemon.get("/feeds/ru-uk.atom")
    again = newsroom.daemon.get("/feeds/ru-uk.atom", **{"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_second_round_transfers_only_304s_where_it_can_and_parses_nothing(newsroom):
    newsroom.origin.forget()
    before = newsroom.store.read_now(meta.stats)
    cut_off = {one.id for one in newsroom.wild if "truncated" in flaws(newsroom, one)}
    told = newsroom.place.json("poll", "--all")
    assert told["polled"] == len(newsroom.wild)
    ended = {poll["source"]: poll["ended"] for poll in told["polls"]}
    for one in newsroom.wild:
        if newsroom.status[one.id]["problem"]:
            assert ended[one.id] == "failed"
        else:
            asked_with = one.has_validators and one.id not in cut_off  # a cut-off body is asked for once more
            assert ended[one.id] == ("not-modified" if asked_with else "unchanged"), one.path.name
    assert (told["new"], told["changed"]) == (0, 0)
    assert newsroom.store.read_now(meta.stats) == before
    assert len(newsroom.origin.requests) == len(newsroom.wild)


def test_why_tells_the_way_of_an_item(newsroom):
    source = next(one.id for one in newsroom.wild if "orenburg" in one.path.name)
    (stored, *_) = [i for i in newsroom.store.read_now(items.newest, 100_000) if i.source == source]
    (told,) = newsroom.place.json("why", stored.item.link)
    assert told["item"] == stored.key
    assert {"ru-uk", f"only-{source}"} == {topic["topic"] for topic in told["in"]}
    said = newsroom.place.command("why", stored.key).stdout
    assert stored.item.title in said
    assert "in        ru-uk (live)" in said


def test_status_fits_a_terminal_and_counts_everybody(newsroom):
    said = newsroom.place.command("status").stdout
    assert f"{len(newsroom.wild)} sources:" in said
    assert max(len(line) for line in said.splitlines() if not line.startswith("topic ")) <= 100
