"""A publication: ledger rows and the bytes that show them, together."""

from __future__ import annotations

import gzip
import json
import locale
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from publish_making import DAY, HOUR, NOON, SITE, TOPIC, body, candidate, delivery, face, made

from aggregator.model import Category, Outlet, Person, Window, key_of
from aggregator.publish import Fragments
from aggregator.publish.rights import Terms
from aggregator.publish.window import CAP_BYTES

FEEDS = ("atom", "rss", "json")


def ids(publication, format_):
    """Return the entry ids of one document, in order."""
    document = body(publication, format_)
    if format_ == "json":
        return [one["id"] for one in json.loads(document)["items"]]
    tree = etree.fromstring(document)
    return [one.text for one in tree.iter("{http://www.w3.org/2005/Atom}id", "guid") if one.getparent().tag in ENTRY]


ENTRY = ("{http://www.w3.org/2005/Atom}entry", "item")


def test_every_format_shows_the_same_entries_newest_first():
    publication = made([candidate(str(n), published=NOON - n * HOUR) for n in range(1, 6)])
    expected = [row.entry_id for row in sorted(publication.rows, key=lambda row: row.face.published, reverse=True)]
    assert [ids(publication, format_) for format_ in FEEDS] == [expected] * 3
    assert b"<html" in body(publication, "html")
    assert {one.entries for one in publication.artefacts} == {5}


def test_the_same_values_give_the_same_bytes():
    pending = [candidate(str(n), story="s" if n < 3 else None) for n in range(6)]
    assert made(pending) == made(pending)
    assert made(pending, fragments=None).artefacts == made(pending[::-1]).artefacts


def test_publishing_again_without_news_changes_no_byte():
    first = made([candidate(str(n)) for n in range(4)])
    second = made(live=list(first.rows), now=NOON + HOUR)
    assert second.rows == ()
    assert [one.etag for one in second.artefacts] == [one.etag for one in first.artefacts]


def test_fragments_that_are_kept_give_the_same_bytes_as_new_ones():
    kept, rows = Fragments(), [delivery(n) for n in range(8)]
    made(live=rows, fragments=kept)
    rows[3] = replace(rows[3], rev=2, face=face(3, title="Шторм утих"))
    assert made(live=rows, fragments=kept).artefacts == made(live=rows).artefacts


def test_a_revision_that_was_never_committed_leaves_nothing_behind():
    kept = Fragments()
    made(live=[delivery(face=face(title="Так и не сказано"))], fragments=kept)
    shown = body(made(live=[delivery(face=face(title="Сказано"))], fragments=kept), "atom").decode()
    assert "Сказано" in shown
    assert "Так и не сказано" not in shown


def test_an_entry_whose_story_went_into_another_one_shows_the_same_bytes():
    outlets = (Outlet(key="k", source="parus", outlet="Парус", title="Буря", link=None, published=NOON),)
    kept, row = Fragments(), delivery(story="a" * 16, outlets=outlets)
    before = kept.of(row, "ru", SITE, Terms())
    assert kept.of(row, "ru", SITE, Terms()) is before
    assert kept.of(replace(row, story="b" * 16), "ru", SITE, Terms()) is before


def test_kept_fragments_stay_within_their_room():
    kept = Fragments(max_bytes=10_000)
    for n in range(200):
        kept.of(delivery(n), "ru", SITE, Terms())
    assert sum(len(part) for one in kept._kept.values() for part in one.rendered.values()) <= 10_000
    assert kept.of(delivery(7), "ru", SITE, Terms()) == Fragments().of(delivery(7), "ru", SITE, Terms())


POISON = {
    "NUL in the title": {"title": "Маяк\0"},
    "a control character in the text": {"summary": "<p>Маяк\x0b</p>"},
    "half a surrogate in the text": {"content": "<p>\ud800</p>"},
    "a non-character": {"title": "Маяк\ufffe"},
    "NUL in an author": {"authors": (Person(name="Кто\0"),)},
    "NUL in a category": {"categories": (Category(term="б\0уря"),)},
    "a link with a control character": {"link": "https://mayak.example/\x01"},
}


@pytest.mark.parametrize("poison", POISON)
def test_an_entry_that_no_library_can_render_costs_only_itself(poison):
    bad = candidate("13", **POISON[poison])
    publication = made([candidate("1"), bad, candidate("2")])
    bad_id = publication.entered[key_of("mayak", "13")]
    [(skipped, why)] = publication.skipped
    assert skipped == bad_id
    assert "Error" in why
    for format_ in FEEDS:
        assert sorted(ids(publication, format_)) == sorted(set(publication.entered.values()) - {bad_id})
    assert {one.entries for one in publication.artefacts} == {2}


def test_a_poisoned_entry_appears_when_its_publisher_mends_it():
    publication = made([candidate(title="Маяк\0")])
    [row] = publication.rows
    mended = made(live=[row], edited=[(row, candidate(title="Маяк", sha256=b"new"))], now=NOON + HOUR)
    assert ids(mended, "atom") == [row.entry_id]
    assert mended.skipped == ()


def test_a_document_never_exceeds_two_megabytes():
    text = "<p>" + "Волна за волной бьёт о берег. " * 1000 + "</p>"
    publication = made([candidate(str(n), content=text, published=NOON - n * HOUR) for n in range(60)])
    assert all(len(body(publication, format_)) <= 2_000_000 for format_ in FEEDS)
    assert len(body(publication, "rss")) > CAP_BYTES * 0.9
    assert publication.flaw.startswith("window_short: ")
    states = [row.state for row in sorted(publication.rows, key=lambda row: row.face.published, reverse=True)]
    assert states == ["live"] * states.count("live") + ["aged"] * states.count("aged")
    assert {row.rev for row in publication.rows} == {1}
    assert len(publication.entered) == 60


def test_an_entry_that_leaves_gets_a_row_of_its_own():
    old = delivery(1, entered_at=NOON - 31 * DAY, rev=4)
    publication = made(live=[old])
    [row] = publication.rows
    assert (row.entry_id, row.state, row.rev, row.face) == (old.entry_id, "aged", 5, old.face)
    assert ids(publication, "atom") == []


def test_rows_of_entries_that_aged_are_not_shown():
    aged = delivery(1, state="aged")
    assert ids(made(live=[aged, delivery(2)]), "atom") == [delivery(2).entry_id]


def test_feeds_keep_the_locale_of_the_process():
    before = locale.setlocale(locale.LC_ALL)
    made([candidate()])
    assert locale.setlocale(locale.LC_ALL) == before


@settings(max_examples=25)
@given(st.lists(st.lists(st.integers(0, 40), max_size=6), min_size=1, max_size=12), st.integers(1, 5))
def test_over_many_rounds_nothing_comes_back_and_nothing_comes_twice(rounds, items):
    """Items arrive, copies join, entries age; every id that left every document stays away."""
    topic = replace(TOPIC, window=Window(items=items, hours=24))
    ledger, entered, kept, gone = {}, set(), Fragments(), set()
    for number, batch in enumerate(rounds):
        now = NOON + number * 9 * HOUR
        fresh = [n for n in dict.fromkeys(batch) if n not in entered and not entered.add(n)]
        pending = [
            candidate(str(n), f"outlet-{n % 4}", story=f"story-{n // 3}", seen=now, published=now + HOUR) for n in fresh
        ]
        publication = made(pending, live=list(ledger.values()), topic=topic, now=now, fragments=kept)
        ledger |= {row.entry_id: row for row in publication.rows}
        shown = ids(publication, "atom")
        stories = [ledger[id_].story for id_ in shown]
        assert len(set(shown)) == len(shown)
        assert len(set(stories)) == len(stories)
        assert not gone & set(shown)
        assert all(row.updated <= now for row in publication.rows)
        gone |= {id_ for id_, row in ledger.items() if row.state == "aged"}


def test_artefacts_come_plain_and_compressed_with_an_etag_each():
    publication = made([candidate()], now=NOON.replace(microsecond=123456))
    assert {(one.format, one.encoding) for one in publication.artefacts} == {
        (format_, encoding) for format_ in (*FEEDS, "html") for encoding in ("identity", "gzip")
    }
    assert len({one.etag for one in publication.artefacts}) == 8
    for one in publication.artefacts:
        assert one.etag.startswith('"')
        assert one.last_modified == NOON
        if one.encoding == "gzip":
            assert gzip.decompress(one.body) == body(publication, one.format)


def test_another_public_address_changes_no_id():
    moved = made([candidate()], site=replace(SITE, public_url="http://127.0.0.1:9"))
    assert ids(moved, "rss") == ids(made([candidate()]), "rss")
