"""RFC 6721: an Atom document says which entries left it, so that readers may take them away, too."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from lxml import etree
from publish_making import DAY, HOUR, NOON, body, delivery, made

ATOM = "{http://www.w3.org/2005/Atom}"
DELETED = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
THEN = NOON - 3 * HOUR + timedelta(microseconds=7)


def left(number, state="withdrawn", at=THEN):
    return delivery(number, state=state, rev=2, at=at)


def feed(publication):
    return etree.fromstring(body(publication, "atom"))


@pytest.mark.parametrize(("state", "told"), [("withdrawn", True), ("absorbed", True), ("aged", False), ("live", False)])
def test_what_left_for_a_reason_is_told_with_its_id_and_when(state, told):
    gone = left(1, state)
    found = feed(made(live=[delivery(2)], gone=[gone])).findall(DELETED)
    assert [dict(one.attrib) for one in found] == ([{"ref": gone.entry_id, "when": "2026-03-01T09:00:00+00:00"}] * told)


def test_tombstones_stand_before_the_entries_the_last_first():
    gone = [left(1), left(3, at=NOON - HOUR), left(4, "absorbed", at=NOON - DAY)]
    children = list(feed(made(live=[delivery(2), delivery(5)], gone=gone)))
    places = {tag: [n for n, child in enumerate(children) if child.tag == tag] for tag in (DELETED, f"{ATOM}entry")}
    assert (len(places[DELETED]), len(places[f"{ATOM}entry"])) == (3, 2)
    assert max(places[DELETED]) < min(places[f"{ATOM}entry"])
    moments = [datetime.fromisoformat(children[n].get("when")) for n in places[DELETED]]
    assert moments == sorted(moments, reverse=True)
    assert all(one.tzinfo for one in moments)


def test_what_is_back_has_no_tombstone_and_nothing_has_both():
    gone = left(1, "absorbed")
    back = replace(gone, state="live", rev=3)
    found = feed(made(live=[back], gone=[gone]))
    ids = [entry.findtext(f"{ATOM}id") for entry in found.iterfind(f"{ATOM}entry")]
    assert ids == [back.entry_id]


def test_other_formats_name_nobody_who_left():
    publication = made(live=[delivery(2)], gone=[left(1)])
    assert all(left(1).entry_id not in body(publication, name).decode() for name in ("rss", "json", "html"))
