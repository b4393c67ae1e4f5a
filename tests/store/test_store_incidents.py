"""Incidents: what is kept of them, on both engines."""

from __future__ import annotations

from datetime import timedelta

from store_makers import NOON

from aggregator.model import Incident
from aggregator.store import incidents


def incident(kind, name="mayak", minutes=0, about="source"):
    return Incident(at=NOON + timedelta(minutes=minutes), about=about, name=name, kind=kind, problem="answers 500")


def test_only_what_is_news_is_kept_and_the_latest_comes_first(store):
    told = [
        incident("broke"),
        incident("broke", minutes=1),
        incident("broke", "parus", 2),
        incident("recovered", minutes=3),
    ]
    assert store.write_now(incidents.note, told) == 3
    assert store.read_now(incidents.newest, 10) == [told[3], told[2], told[0]]
    assert store.read_now(incidents.newest, 1) == [told[3]]


def test_they_are_bounded(store):
    many = [incident("moved", f"s{number}", number) for number in range(incidents.KEPT + 20)]
    store.write_now(incidents.note, many)
    kept = store.read_now(incidents.newest, 2 * incidents.KEPT)
    assert len(kept) == incidents.KEPT
    assert kept[0] == many[-1]
