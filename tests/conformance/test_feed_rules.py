"""Our validator finds what the W3C's test documents were written to provoke, and nothing in those that are right."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest
from feed_rules import Found, validate

KINDS = ("atom", "rss20", "rss", "opml", "xml")
# What the validator calls by several names, by where it is: each is one rule of ours.
ONE_RULE = (
    {"InvalidLink", "InvalidUriChar", "InvalidFullLink"},
    {"InvalidContact", "InvalidAddrSpec", "UnknownHost"},
    {"MissingHref", "MissingAttribute"},
    {"InvalidNamespace", "ObsoleteNamespace", "MissingNamespace", "UndefinedElement"},
    {"SAXError", "UnicodeError", "UnknownEncoding"},
    {"InvalidIntegerAttribute", "InvalidNonNegativeInteger"},
    {"SecurityRisk", "SecurityRiskAttr"},
    {"InvalidRFC2822Date", "ProblematicalRFC822Date"},
)
# Nothing of the kind can stand in a feed of ours: no other vocabulary, no markup but as text, no form, no script.
ELSEWHERE = re.compile(
    r"admin|trackback|blogChannel|mathml|svg|app:|cc:license|atom:id|atom:published|xhtml:body|dcterms:modified|"
    r"managingEditor|base64|cloud|skipHours|tag:foo\.bar|attribute:"
)

BEYOND = {  # what no feed of ours can have, or what nobody can read it for
    "atom/3.1.1.3/bogus_mathml_attr.xml", "atom/3.1.1.3/bogus_mathml_element.xml",  # formulas
    "atom/4.1.3.2/content-src-extra-child.xml", "atom/4.1.3.3/content-svg-mixed.xml",  # drawings, and content elsewhere
    "atom/should/content_contains_base64_script.xml",
    "atom/8.1/style_padding_99999em.xml",  # no style is left in a text of ours (content.md)
    "atom/must/feed_missing.xml", "rss/must/missing_rss2.xml",  # not well-formed, which we say instead
    "atom/must/feed_unknown_element_core_namespace.xml",  # no namespace at all, which we say instead
    "rss/must/unknown_element2.xml", "rss/must/rdf_Description.xml",  # of RDF
    "rss/must/xml_utf-8_bom_with_ascii_declaration.xml",
    "rss20/element-channel-item-author/html_in_item_author.xml", "rss20/data-types-characterdata/amp-cdata.xml",
    "rss20/data-types-datetime/pubdate_with_diff_min.xml", "rss20/data-types-datetime/pubdate_with_diff_min_2.xml",
    "rss20/data-types-characterdata/amp-pound-x.xml",
    "rss20/element-channel-webmaster/webMaster_name_and_email.xml",  # the order of name and address
}  # fmt: skip


def cases(corpus):
    """Yield each document, whether something is expected of it, what, and where."""
    folder = corpus / "feedvalidator"
    for line in (folder / "expected.tsv").read_text("utf-8").splitlines()[1:]:
        path, expected, *_ = line.split("\t")
        body = (folder / path).read_bytes()
        if path.split("/")[0] in KINDS and b"<rdf:RDF" not in body:
            wants, what, where = re.fullmatch(r"(!?)(\w+)(?:\{(.*)\})?", expected).groups()
            known = dict(one.split(":", 1) for one in (where or "").split(",") if ":" in one)
            yield path, expected, body, not wants, what, known


def is_(found: Found, what, where):
    """Whether it is what is expected. An attribute stands for an element, and its element for a parent."""
    same = next((rule for rule in ONE_RULE if what in rule), {what})
    parent, element = where.get("parent"), where.get("element")
    return (
        found.what in same
        and (not element or element in (found.element, found.attr))
        and (not parent or not found.parent or parent == found.parent or (parent == found.element and found.attr))
    )


@pytest.fixture(scope="module")
def judged(corpus):
    """How often each rule was found, missed, and raised in vain: rule -> documents."""
    found, missed, in_vain = defaultdict(list), defaultdict(list), defaultdict(list)
    for path, expected, body, wanted, what, where in cases(corpus):
        said = validate(body)
        if what == "Error":
            if errors := [one for one in said if one.is_error]:
                in_vain[what].append((path, errors))
        elif what.startswith("Valid"):
            if wanted and any(one.is_error and is_(one, f"In{what[0].lower()}{what[1:]}", where) for one in said):
                in_vain[what].append((path, said))
        elif not wanted:
            if any(one.what == what and is_(one, what, where) for one in said):
                in_vain[what].append((path, expected))
        elif any(is_(one, what, where) for one in said):
            found[what].append(path)
        else:
            missed[what].append((path, expected))
    return found, missed, in_vain


def test_nothing_is_found_that_the_validator_does_not_find(judged):
    _, _, in_vain = judged
    assert dict(in_vain) == {}


def test_each_rule_finds_what_the_validators_documents_are_for(judged):
    found, missed, _ = judged
    assert sum(map(len, found.values())) >= 450
    of_ours = [(what, *one) for what, told in missed.items() if what in found for one in told]
    assert [one for one in of_ours if not ELSEWHERE.search(one[2]) and one[1] not in BEYOND] == []


def test_errors_are_told_from_warnings():
    (wrong,) = validate(b'<opml version="3.0"><head/><body><outline text="a"/></body></opml>')
    assert (wrong.what, wrong.is_error) == ("InvalidOPMLVersion", True)
    assert not Found(what="MissingSelf").is_error
