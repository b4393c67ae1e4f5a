"""The parser against what others expect of their documents, and every document there is within its limits.

What must hold of each field, and why some things differ, stands in conform_rules.py and docs/reference/parsing.md.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain

import pytest
from conform_cases import AUTHORITIES, HOST, NOON, cases
from conform_rules import DIFFERED, NOT_CARRIED, WHOLE, field_of, placed, verdict
from conform_words import active

from aggregator.errors import ParseError
from aggregator.model import Item
from aggregator.parse.read import read

pytestmark = pytest.mark.timeout(300)  # whichever test comes first waits for all documents: 16 s on idle cores

MOST_DIFFERED = 0.05  # of what applies
LEAST_AGREED = 0.95
CPU_S = 2.0
GROWN = 200 * 1024**2
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SMALL = 30_000  # bytes of a document that is read once more


def items(readings) -> list[tuple[str, Item]]:
    return [(str(path), item) for path, r in readings.items() if r.parsed for item in r.parsed.items]


@pytest.fixture(scope="session")
def verdicts(corpus, readings) -> dict[str, list[tuple[str, str, str]]]:
    """What became of every expectation of every authority: the word, why, and the document."""
    return {
        authority: [
            (*verdict(claim, readings[case.path]), str(case.path.relative_to(corpus)))
            for case in cases(corpus, authority)
            for claim in case.claims
        ]
        for authority in AUTHORITIES
    }


def words_of(found) -> Counter[str]:
    return Counter(word for word, _, _ in found)


def share(word: str, counted: Counter[str]) -> float:
    """The share of what applies to us."""
    return counted[word] / (counted["agreed"] + counted["differed"] + counted["failed"])


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_what_an_authority_expects_holds(authority, verdicts, record_property):
    found = verdicts[authority]
    classes = Counter(f"differed: {why}" for word, why, _ in found if word == "differed")
    rows = {"documents": len({path for *_, path in found}), "expectations": len(found)} | words_of(found) | classes
    record_property("table conformance", {f"{authority}: {row}": number for row, number in rows.items()})
    failed = [f"{path}: {why}" for word, why, path in found if word == "failed"]
    assert not failed, "\n".join(failed[:20])


def test_feedparser_is_agreed_with_in_nineteen_of_twenty_values(corpus, readings):
    """Whether a document is broken or only survived is no value: a thousand easy cases would hide the others."""
    counted = Counter(
        verdict(claim, readings[case.path])[0]
        for case in cases(corpus, "feedparser")
        for claim in case.claims
        if field_of(placed(claim.path)[0]) not in WHOLE.keys() - {"encoding"}
    )
    assert share("agreed", counted) >= LEAST_AGREED


def test_what_differs_on_purpose_is_one_in_twenty_at_most(verdicts):
    assert share("differed", words_of(chain.from_iterable(verdicts.values()))) <= MOST_DIFFERED


def test_every_document_is_read_or_refused_with_a_reason(readings, record_property):
    kinds = Counter(r.refused or "read" for r in readings.values())
    record_property("table conformance", {f"every document: {kind}": number for kind, number in kinds.items()})
    lost = [f"{path}: {r.refused}: {r.problem}" for path, r in readings.items() if r.refused.startswith("parser-")]
    assert not lost, "\n".join(lost)
    assert all(r.parsed or r.problem for r in readings.values())


def test_no_document_costs_two_seconds_or_200_megabytes(readings):
    slow = [f"{path}: {r.cpu_s:.1f} s" for path, r in readings.items() if r.cpu_s >= CPU_S]
    big = [f"{path}: {r.grown / 2**20:.0f} MB" for path, r in readings.items() if r.grown >= GROWN]
    assert slow == []
    assert big == []


def test_nothing_active_is_in_any_text_of_any_document(readings):
    texts = dict.fromkeys(chain.from_iterable((i.summary, i.content) for _, i in items(readings)))
    found = {text[:200]: bad for text in texts if "<" in text and (bad := active(text))}
    assert found == {}


def test_every_field_is_xml_text_and_every_address_leads_to_the_web(readings):
    for path, reading in readings.items():
        assert reading.parsed is None or not FORBIDDEN.search(repr(reading.parsed)), path
    for path, item in items(readings):
        for address in filter(None, (item.link, item.comments, *(e.href for e in item.enclosures))):
            assert re.match(r"https?://[^\s<>\"]+\Z", address), f"{path}: {address}"


def test_every_item_has_an_id_of_its_own_and_no_date_ahead_of_us(readings):
    for path, reading in readings.items():
        found = reading.parsed.items if reading.parsed else ()
        assert len({item.id for item in found}) == len(found), path
        assert all(item.id and len(item.sha256) == 32 for item in found), path
        assert all(item.published is None or item.published <= NOON for item in found), path


def test_another_process_reads_the_same_items_from_the_same_document(readings, corpus):
    differ = []
    for path, before in readings.items():
        if len(before.body) > SMALL:
            continue
        try:
            url = f"{HOST}/{path.relative_to(corpus)}"
            again = read(before.body, url=url, content_type=before.content_type, zone=None, now=NOON)
        except ParseError as error:
            again = error.kind
        differ += [str(path)] if again != (before.parsed or before.refused) else []
    assert differ == []


def test_every_class_has_a_sentence_and_is_of_use(verdicts):
    used = {(word, why) for word, why, _ in chain.from_iterable(verdicts.values())}
    assert {why for word, why in used if word == "differed"} == set(DIFFERED)
    assert {why for word, why in used if word == "not carried"} == set(NOT_CARRIED)
    assert all(says.endswith(".") for says in (*NOT_CARRIED.values(), *(r.says for r in DIFFERED.values())))
