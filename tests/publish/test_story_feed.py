"""A story as a feed of its own."""

from __future__ import annotations

import feedparser
import pytest
from lxml import etree
from publish_making import AUTHORITY, HOUR, NOON, SITE, candidate

from aggregator.model import Enclosure, Source, key_of
from aggregator.publish import story

STORY = "0123456789abcdef"
MEMBERS = [
    candidate(updated=NOON - HOUR / 2, content="<p>" + "Лампа <b>горит</b>. " * 60 + "</p>"),
    candidate("7", "parus", language="uk", title="Горить <чи> ні?", published=NOON - 3 * HOUR),
    candidate("8", "briz", link=None, title="", summary="Только слова & ни одной ссылки."),
    candidate("9", "volna", summary="", enclosures=(Enclosure(href="https://volna.example/1.mp3"),)),
]


def made(members=MEMBERS, now=NOON):
    return story.atom(STORY, members, sources={}, site=SITE, authority=AUTHORITY, now=now)


@pytest.mark.parametrize("members", [MEMBERS, MEMBERS[2:3]], ids=["four", "one without a link"])
def test_it_is_valid_by_the_grammar_of_atom(members, corpus):
    grammar = etree.RelaxNG(etree.parse(corpus / "schemas/atom-rfc4287.rng"))
    grammar.assertValid(etree.fromstring(made(members)))


def test_it_has_an_entry_for_each_article_under_the_id_that_topics_give_it():
    read = feedparser.parse(made())
    assert not read.bozo
    assert (read.feed.title, read.feed.id) == ("Маяк 1 снова горит", f"tag:feeds.example.org,2026-01-02:story:{STORY}")
    assert [link.href for link in read.feed.links] == [
        f"https://feeds.example.org/stories/{STORY}",
        f"https://feeds.example.org/stories/{STORY}.atom",
    ]
    ids = {AUTHORITY.entry_id(key_of(*one)) for one in (("mayak", "1"), ("parus", "7"), ("briz", "8"), ("volna", "9"))}
    assert {entry.id for entry in read.entries} == ids
    assert read.entries[-1].title == "Горить <чи> ні?"  # the oldest stands last
    assert {entry.source.title for entry in read.entries} == {"Mayak", "Parus", "Briz", "Volna"}


def test_it_speaks_the_language_of_its_first_article_and_others_name_theirs():
    root = etree.fromstring(made())
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    assert root.get(lang) == "ru"
    assert [entry.get(lang) for entry in root.iter("{http://www.w3.org/2005/Atom}entry") if entry.get(lang)] == ["uk"]


def test_it_shows_teasers_and_no_files():
    read = feedparser.parse(made())
    [long] = [entry for entry in read.entries if entry.id.endswith(key_of("mayak", "1"))]
    assert long.summary.startswith("Смотритель маяка")
    assert all(len(entry.get("summary", "")) <= 300 for entry in read.entries)
    assert b"enclosure" not in made()
    assert b"<b>" not in made()


def test_the_same_values_give_the_same_bytes_whenever_it_is_made():
    ahead = [candidate(updated=NOON + HOUR)]  # its publisher says a time to come
    assert made(ahead) == made(ahead, now=NOON + HOUR / 2)
    assert b"<updated>2026-03-01T11:00:00+00:00</updated>" in made(ahead)


@pytest.mark.parametrize(("allows", "words"), [("full", True), ("teaser", True), ("link", False)])
def test_a_source_may_have_less_shown_than_a_teaser(allows, words):
    sources = {"parus": Source(id="parus", url="https://parus.example/rss", republish=allows)}
    shown = story.atom(STORY, MEMBERS, sources=sources, site=SITE, authority=AUTHORITY, now=NOON)
    [entry] = [one for one in feedparser.parse(shown).entries if one.id.endswith(key_of("parus", "7"))]
    assert bool(entry.get("summary")) is words
    assert entry.link == "https://mayak.example/7"
