"""By which names an outlet is cited, and by which it speaks of itself."""

from __future__ import annotations

import pytest

from aggregator.dedup.cited.own import is_meant, names_of, own_names
from aggregator.dedup.credit import credits_in
from aggregator.model import Feed, Source
from aggregator.urls import site_of


@pytest.mark.parametrize(
    ("host", "site"),
    [
        *(("ozero.example", "ozero"), ("www.ozero.example", "ozero"), ("rss.news.ozero.example", "ozero")),
        *(("news.bbc.co.uk", "bbc"), ("ozero.com.ua", "ozero"), ("OZERO.example", "ozero"), ("localhost", "localhost")),
        *(("", ""), (".", "")),
    ],
)
def test_a_site_goes_by_one_label_of_its_host(host, site):
    assert site_of(host) == site


@pytest.mark.parametrize(
    ("source", "cited"),
    [
        pytest.param(Source(id="x", url="https://x.example/", title="Берег"), "«Берега»", id="title"),
        pytest.param(Source(id="bereg", url="https://x.example/"), "«Берега»", id="id, in Latin letters"),
        pytest.param(Source(id="x", url="https://rss.bereg.example/all"), "«Берега»", id="site"),
        pytest.param(Source(id="interfax", url="https://x.example/"), "Интерфакс", id="a well-known name"),
    ],
)
def test_a_source_is_meant_by_any_name_that_a_person_gave_it(source, cited):
    (credit,) = credits_in(f"Паром ходит, сообщают журналисты издания {cited}.")
    assert is_meant(names_of(source), credit)
    assert not is_meant(names_of(Source(id="lake", url="https://ozero.example/")), credit)


def test_what_a_document_calls_itself_is_no_name_that_others_cite_it_by():
    source, feed = (
        Source(id="evil", url="https://evil.example/"),
        Feed(title="Берег - новости", link="https://b.example/"),
    )
    (credit,) = credits_in("Паром ходит, сообщает «Берег».")
    assert not is_meant(names_of(source), credit)
    assert is_meant(own_names(source, feed), credit)
    assert credits_in("Паром ходит, сообщает «Берег».", own_names(source, feed)) == ()
