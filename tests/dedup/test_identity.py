"""New, changed, known."""

from __future__ import annotations

from datetime import UTC, datetime

from aggregator.dedup import changes, ranks
from aggregator.model import Item, Known, key_of


def item(name, day=None, digest=b"1"):
    published = datetime(2026, 3, day, tzinfo=UTC) if day else None
    return Item(id=name, published=published, sha256=digest)


def test_an_unseen_id_is_new_an_other_hash_is_changed_the_same_is_nothing():
    known = {name: Known(key=key_of("ostrov", name), sha256=b"1") for name in ("same", "edited")}
    found = changes("ostrov", [item("same"), item("edited", digest=b"2"), item("fresh")], known)
    assert [(change.kind, change.item.id) for change in found] == [("changed", "edited"), ("new", "fresh")]


def test_a_key_depends_on_the_source_so_that_no_source_can_speak_for_another():
    assert key_of("ostrov", "1") != key_of("unian", "1")


def test_a_key_is_what_the_design_promises():
    import hashlib

    assert key_of("ostrov", "№1") == hashlib.sha256("ostrov\0№1".encode()).hexdigest()[:16]


def test_a_changed_item_keeps_the_key_it_was_stored_under():
    found = changes("ostrov", [item("a", digest=b"2")], {"a": Known(key="0123456789abcdef", sha256=b"1")})
    assert found[0].key == "0123456789abcdef"


def test_ranks_follow_the_dates_and_undated_items_stand_behind_in_document_order():
    assert ranks([item("u1"), item("old", 1), item("new", 9), item("u2")]) == {"new": 0, "old": 1, "u1": 2, "u2": 3}
