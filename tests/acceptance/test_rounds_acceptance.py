"""Three rounds over documents of the corpus: all new, nothing changed, some changed. Every number is exact.

One of three documents; among the long tests, all.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import wild
from changed import ADDED, CORRECTED, REDATED, Edition, next_edition
from harness import Place
from lxml import etree
from sqlalchemy import func, select

from aggregator.lab.origin import Origin, Request
from aggregator.model import Delivery, key_of
from aggregator.store import Store, artefacts, deliveries, meta
from aggregator.store.schema import item, item_revision

pytestmark = pytest.mark.timeout(300)

WHOLE = {"backfill": 5000, "window": {"items": 5000, "hours": 48}, "fold": "none"}
# Every second or fourth document is changed, if it can be with certainty; not third: validators go by threes.
SHORT, LONG = {"every": 3, "changed": 2}, {"every": 1, "changed": 4}
ATOM = "{http://www.w3.org/2005/Atom}"


@dataclass
class Round:
    """One `aggregator poll --all`, and how the store stood after it."""

    told: dict[str, Any]
    requests: list[Request]
    numbers: meta.Stats
    items: dict[str, set[str]]  # source -> ids
    revisions: Counter[str]  # by key of the item
    ledger: dict[str, dict[str, Delivery]]  # topic -> its live entries by id
    atom: dict[str, bytes]
    etags: dict[artefacts.Head, str]

    @property
    def ended(self) -> dict[str, str]:
        """How each source's poll ended."""
        return {poll["source"]: poll["ended"] for poll in self.told["polls"]}


@dataclass
class Rounds:
    """What was served, and what came of it."""

    wild: list[wild.Wild]
    editions: list[Edition]
    first: Round
    second: Round
    third: Round


@pytest.fixture(scope="module", params=[
    pytest.param(SHORT, id="one of three"), pytest.param(LONG, marks=pytest.mark.slow, id="all"),
])  # fmt: skip
def rounds(corpus, request, tmp_path_factory) -> Rounds:
    place = Place(root=tmp_path_factory.mktemp("rounds"), port=1)  # nothing listens: `poll` works alone
    documents = wild.documents(corpus, every=request.param["every"])
    now = datetime.now(UTC).replace(microsecond=0)
    editions = [edition for one in documents[:: request.param["changed"]] if (edition := next_edition(one, now))]
    with Origin() as origin:
        topics = {e.before.id: {"match": f"source:{e.before.id}", **WHOLE} for e in editions}
        groups = {folder: {"sources": [w.id for w in documents if w.folder == folder]} for folder in wild.FOLDERS}
        topics |= {folder: {"match": f"group:{folder}", **WHOLE} for folder in groups}
        sources = wild.serve(origin, documents)
        place.write(sources, topics, beside_sources={"groups": groups})
        first, second = poll(place, origin, topics), poll(place, origin, topics)
        for edition in editions:
            origin.replace(sources[edition.before.id]["url"], edition.document)
        return Rounds(documents, editions, first, second, poll(place, origin, topics))


def poll(place, origin, topics) -> Round:
    origin.forget()
    told = place.json("poll", "--all")
    store = Store.open(f"sqlite:///{place.database}", readonly=True)
    try:
        items: dict[str, set[str]] = {}
        for source, item_id in store.read_now(rows, select(item.c.source, item.c.item_id)):
            items.setdefault(source, set()).add(item_id)
        counted = select(item_revision.c.item, func.count()).group_by(item_revision.c.item)
        return Round(
            told=told,
            requests=origin.requests,
            numbers=store.read_now(meta.stats),
            items=items,
            revisions=Counter(dict(store.read_now(rows, counted))),
            ledger={topic: {row.entry_id: row for row in store.read_now(deliveries.live, topic)} for topic in topics},
            atom={topic: store.read_now(artefacts.load, topic, "atom", "identity").body for topic in topics},
            etags={(one.topic, one.format, one.encoding): one.etag for one in store.read_now(artefacts.every, topics)},
        )
    finally:
        store.close()


def rows(conn, statement):
    return [tuple(row) for row in conn.execute(statement)]


def test_enough_documents_of_both_kinds_are_changed(rounds):
    kinds = Counter(b"<entry" in edition.before.body for edition in rounds.editions)
    assert kinds[True] >= 5
    assert kinds[False] >= 15


def test_each_round_asks_every_publisher_once(rounds):
    for one in (rounds.first, rounds.second, rounds.third):
        assert Counter(request.address for request in one.requests) == {w.host: 1 for w in rounds.wild}
        assert one.told["polled"] == len(rounds.wild)


def test_in_the_first_round_everything_is_new(rounds):
    first = rounds.first
    assert set(first.ended.values()) == {"changed", "failed"}
    assert first.told["new"] == first.numbers.items == sum(map(len, first.items.values()))
    assert (first.told["changed"], first.revisions) == (0, {})
    assert (first.numbers.uncurated, first.numbers.dirty) == (0, 0)
    assert not [r for r in first.requests if r.header(b"if-none-match") or r.header(b"if-modified-since")]
    for edition in rounds.editions:
        source, count = edition.before.id, len(edition.before.entries)
        assert (len(first.items[source]), len(first.ledger[source])) == (count, count), source


def test_in_the_second_round_nothing_happens(rounds):
    first, second = rounds.first, rounds.second
    assert set(second.ended.values()) == {"not-modified", "unchanged", "failed"}
    assert (second.told["new"], second.told["changed"], second.revisions) == (0, 0, {})
    assert (second.numbers, second.items, second.ledger) == (first.numbers, first.items, first.ledger)
    assert second.etags == first.etags


def test_the_304s_are_those_that_http_allows(rounds):
    """A document with a validator is a 304 from the second round on, one whose end was missing from the third."""
    refused = {source for source, ended in rounds.first.ended.items() if ended == "failed"}
    edited = {edition.before.id for edition in rounds.editions}
    can = {one.id for one in rounds.wild if one.has_validators} - refused
    cut_off = {s for s in can if rounds.second.ended[s] == "unchanged"}
    assert not cut_off & edited
    assert {s for s, ended in rounds.second.ended.items() if ended == "not-modified"} == can - cut_off
    assert {s for s, ended in rounds.third.ended.items() if ended == "not-modified"} == can - edited
    for one in (rounds.second, rounds.third):
        asked = {r.address for r in one.requests if r.header(b"if-none-match") or r.header(b"if-modified-since")}
        hosts = {w.host for w in rounds.wild if w.id in can and (one is rounds.third or w.id not in cut_off)}
        assert asked == hosts


def test_in_the_third_round_exactly_what_changed_is_stored(rounds):
    second, third, count = rounds.second, rounds.third, len(rounds.editions)
    assert {s for s, ended in third.ended.items() if ended == "changed"} == {e.before.id for e in rounds.editions}
    assert (third.told["new"], third.told["changed"]) == (ADDED * count, 2 * count)
    assert third.numbers.items == second.numbers.items + ADDED * count
    assert third.revisions == {key: 1 for e in rounds.editions for key in (edited(e), redated(e))}
    for edition in rounds.editions:
        source = edition.before.id
        assert third.items[source] - second.items[source] == edition.added
        assert second.items[source] <= third.items[source]  # what a publisher took back is still ours


def test_topics_gain_the_new_entries_and_keep_the_removed_ones(rounds):
    for edition in rounds.editions:
        before, after = (one.ledger[edition.before.id] for one in (rounds.second, rounds.third))
        assert before.keys() <= after.keys()
        new = {key_of(edition.before.id, one) for one in edition.added}
        assert {row.anchor for row in after.values() if row.entry_id not in before} == new
        assert key_of(edition.before.id, edition.removed) in {row.anchor for row in after.values()}


def test_an_edited_title_moves_updated_and_nothing_else_does(rounds):
    for edition in rounds.editions:
        before, after = (by_anchor(one.ledger[edition.before.id]) for one in (rounds.second, rounds.third))
        for key, old in before.items():
            new = after[key]
            assert (new.entry_id, new.entered_at, new.face.published) == (
                old.entry_id,
                old.entered_at,
                old.face.published,
            )
            if key == edited(edition):
                assert new.face.title == f"{CORRECTED.decode()}{old.face.title}"
                assert new.updated > old.updated
            else:
                assert (new.face.title, new.updated) == (old.face.title, old.updated)
            assert new.rev == old.rev + (key in (edited(edition), redated(edition)))
        assert REDATED not in {row.face.published for row in after.values()}


def test_documents_say_what_the_ledger_says(rounds):
    for one in (rounds.first, rounds.second, rounds.third):
        for topic, ledger in one.ledger.items():
            entries = etree.fromstring(one.atom[topic]).findall(f"{ATOM}entry")
            said = {e.findtext(f"{ATOM}id"): datetime.fromisoformat(e.findtext(f"{ATOM}updated")) for e in entries}
            assert len(said) == len(entries)
            assert said == {id_: row.updated.replace(microsecond=0) for id_, row in ledger.items()}


def test_only_topics_with_something_new_are_published_anew(rounds):
    changed = {head[0] for head, etag in rounds.third.etags.items() if rounds.second.etags[head] != etag}
    sources = {edition.before.id for edition in rounds.editions}
    assert changed == sources | {edition.before.folder for edition in rounds.editions}


def by_anchor(ledger):
    return {row.anchor: row for row in ledger.values()}


def edited(edition) -> str:
    return key_of(edition.before.id, edition.edited)


def redated(edition) -> str:
    return key_of(edition.before.id, edition.redated)
