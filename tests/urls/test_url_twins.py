"""Pairs of addresses that were judged by reading (bench/judged/url-twins.tsv): one article or two."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from aggregator.urls import canonical

JUDGED = Path(__file__).parent.parent.parent / "bench/judged/url-twins.tsv"
# Their addresses alone do not tell; what we do with them is held as a whole, not row by row.
UNTOLD = ("site habit", "doubt")


def rows():
    with JUDGED.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened, delimiter="\t", quoting=csv.QUOTE_NONE))


def told(same):
    chosen = [row for row in rows() if row["same"] == same and not row["why"].startswith(UNTOLD)]
    return [pytest.param(row, id=f"{row['why']}: {row['first']}") for row in chosen]


@pytest.mark.parametrize("row", told("yes"))
def test_addresses_judged_to_be_of_one_article_are_equal(row):
    assert canonical(row["first"]) == canonical(row["second"]) is not None, row


@pytest.mark.parametrize("row", told("no"))
def test_addresses_judged_to_be_of_two_articles_stay_apart(row):
    assert canonical(row["first"]) != canonical(row["second"]), row


def test_of_what_an_address_alone_does_not_tell_three_pairs_are_missed():
    wrong = [
        row["why"]
        for row in rows()
        if row["why"].startswith(UNTOLD)
        and (canonical(row["first"]) == canonical(row["second"])) != (row["same"] == "yes")
    ]
    assert wrong == [
        "doubt: ref with a newsletter's name says where from, not an id",
        "site habit: share button of a blog engine",
        "doubt: the fragment names what is shown",
    ]
