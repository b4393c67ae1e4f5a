"""The page that our User-Agent leads a publisher to."""

from __future__ import annotations

from datetime import timedelta

from serve_making import Stand, ask, serving

from aggregator.serve import Manners


def page_of(manners: Manners) -> str:
    with serving(Stand(manners=manners).app()) as server:
        reply = ask(server, "GET", "/about")
    assert (reply.status, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
    return reply.body.decode()


def test_it_says_the_figures_that_are_in_force():
    spans = {"floor": timedelta(minutes=20), "ceiling": timedelta(hours=12), "hints_cap": timedelta(hours=8)}
    page = page_of(Manners(at_once=2, gap=timedelta(seconds=5), **spans))
    for figure in (
        "Every 20 min at most",
        "every 12 h",
        "2 polls of a host at a time",
        "5 s between two",
        "longer, 8 h",
    ):
        assert figure in page
    assert "<table>" in page


def test_it_names_whoever_is_to_be_asked_only_where_the_configuration_does():
    assert "is reached at https://example.org/us" in page_of(Manners(contact="https://example.org/us"))
    assert "is reached at" not in page_of(Manners())


def test_nothing_configured_becomes_markup():
    page = page_of(Manners(agent="aggregator/1 (feed-id=<script>alert(1)</script>)", contact="https://e.org/<b>x"))
    assert "<script>" not in page
    assert "<b>" not in page
