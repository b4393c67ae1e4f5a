"""Which changes are edits of a publisher, and their feed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import feedparser
import pytest
from lxml import etree
from publish_making import AUTHORITY, DAY, HOUR, NOON, SITE, candidate, origin

from aggregator.model import Version, key_of
from aggregator.publish import edits
from aggregator.publish.edits import Edit

URL = "https://feeds.example.org/feeds/_edits.atom"
LAMP = "Смотритель маяка заменил лампу, и корабли снова видят его за двадцать миль от берега."
KEY = key_of("mayak", "1")
ATOM = {"a": "http://www.w3.org/2005/Atom"}


def version(title="Маяк горит", text=LAMP, since=NOON, **more):
    return Version(since=since, title=title, text=text, sha256=f"{title}{text}".encode(), **more)


def edit(before, after, at=NOON):
    return Edit(at=at, before=before, after=after)


def made(*told, site=SITE):
    """The feed of these edits: (edit, id of the item, its source)."""
    entries = []
    for one, id_, source in told:
        stored = candidate(id_, source, language="uk" if source == "parus" else "ru").stored
        entries.append((one.at, edits.entry(one, stored, origin(source), site=site, authority=AUTHORITY)))
    return edits.atom(entries, url=URL, site=site, authority=AUTHORITY)


TOLD = [
    (edit(version(), version("Маяк <b>погас</b> & молчит")), "1", "mayak"),
    (edit(version(text="Було так."), version(text="<p>Стало <i>інакше</i>.</p>"), NOON + HOUR), "7", "parus"),
    (edit(version("", "Только слова."), version("", "Совсем другие слова."), NOON - HOUR), "8", "briz"),
]


@pytest.mark.parametrize(
    ("versions", "found"),
    [
        pytest.param([version()], [], id="one version"),
        pytest.param([version(), version("Маяк погас")], [0], id="the title"),
        pytest.param([version(), version(text=LAMP + " И люди.")], [0], id="the text"),
        pytest.param([version(), version(" Маяк\u00a0горит ", f"<p>{LAMP}</p>\n")], [], id="spaces and markup"),
        pytest.param([version(), version(text=LAMP.replace("маяка", "ма\u00adяка"))], [], id="a soft hyphen"),
        pytest.param([version(), version("Погас"), version()], [0, 1], id="to and fro"),
        pytest.param([version(), version("Погас", reread_from=version().sha256)], [], id="read otherwise by us"),
        pytest.param(
            [version(), version("Погас", reread_from=version().sha256), version("Гаснет")], [1], id="edited after that"
        ),
        pytest.param([version(), version("Погас", reread_from=b"another")], [0], id="read otherwise and edited"),
    ],
)
def test_an_edit_is_what_its_publisher_changed_and_readers_see(versions, found):
    seen = [one for one in edits.edits_of(versions) if edits.is_visible(one)]
    assert [versions.index(one.before) for one in seen] == found


@pytest.mark.parametrize(
    ("after", "substantial"),
    [
        pytest.param(version("Маяк погас"), True, id="title"),
        pytest.param(
            version(text=LAMP.replace("двадцать", "тридцать").replace("берега", "порта")), False, id="2 words"
        ),
        pytest.param(version(text="Ночью на маяке " + LAMP), True, id="3 of 17 words"),
        pytest.param(version(text=" ".join([*LAMP.split()[7:], *LAMP.split()[:7]])), False, id="a moved sentence"),
    ],
)
def test_an_edit_is_substantial_by_its_title_or_by_its_share_of_words(after, substantial):
    assert edits.is_substantial(edit(version(), after)) is substantial


@pytest.mark.parametrize("told", [TOLD, TOLD[2:], []], ids=["three", "one", "none"])
def test_the_feed_is_valid_by_the_grammar_of_atom(told, corpus):
    grammar = etree.RelaxNG(etree.parse(corpus / "schemas/atom-rfc4287.rng"))
    grammar.assertValid(etree.fromstring(made(*told)))


def test_the_newest_edit_stands_first_and_says_what_was_edited_in_the_language_of_its_item():
    read = feedparser.parse(made(*TOLD))
    assert not read.bozo
    assert [entry.title for entry in read.entries] == [
        "Змінено: Маяк горит",
        "Изменено: Маяк <b>погас</b> & молчит",
        "Изменено: Совсем другие слова.",
    ]
    assert read.entries[1].id == f"tag:feeds.example.org,2026-01-02:edit:{KEY}:20260301T120000000000Z"
    assert read.entries[1].link == f"https://feeds.example.org/items/{KEY}/diff"
    assert [entry.updated for entry in read.entries] == [entry.published for entry in read.entries]
    assert {entry.source.title for entry in read.entries} == {"Mayak", "Parus", "Briz"}
    root = etree.fromstring(made(*TOLD))
    assert root.xpath("string(a:updated)", namespaces=ATOM) == "2026-03-01T13:00:00+00:00"
    assert root.xpath("a:link[@rel='self']/@href", namespaces=ATOM) == [URL]


def test_an_entry_shows_what_was_changed_as_text():
    contents = etree.fromstring(made(*TOLD)).xpath("a:entry/a:content/text()", namespaces=ATOM)
    assert contents == [
        "<p><del>Було так.</del> <ins>Стало інакше.</ins></p>",
        "<p>Маяк <del>горит</del> <ins>&lt;b&gt;погас&lt;/b&gt; &amp; молчит</ins></p>",
        "<p><del>Только</del> <ins>Совсем другие</ins> слова.</p>",
    ]


def test_an_entry_shows_as_much_as_a_teaser_does():
    long = edit(version(), version("Погас", "Всё другое, и очень длинное. " * 100))
    assert len(etree.fromstring(f"<div>{edits.short(long)}</div>").xpath("string()")) <= 300 + 10
    assert edits.short(long).endswith("…</ins></p>")


def test_the_same_edits_give_the_same_bytes_in_whatever_order_they_come():
    assert made(*TOLD) == made(*TOLD[::-1])


def test_an_entry_does_not_change_when_its_item_is_edited_again_or_polled():
    one, later = TOLD[0][0], candidate(title="Опять горит", summary="Всё новое.", updated=NOON + DAY).stored
    first = edits.entry(one, candidate().stored, origin(), site=SITE, authority=AUTHORITY)
    assert edits.entry(one, later, origin(), site=SITE, authority=AUTHORITY) == first


def test_two_edits_of_an_item_are_two_entries():
    other = replace(TOLD[0][0], at=NOON + timedelta(microseconds=1))
    ids = [entry.id for entry in feedparser.parse(made(TOLD[0], (other, "1", "mayak"))).entries]
    assert len(set(ids)) == 2


def test_without_edits_the_feed_was_updated_when_its_ids_began():
    assert b"<updated>2026-01-02T00:00:00+00:00</updated>" in made()
