"""How much of an article a topic shows, in every format."""

from __future__ import annotations

import json
import re

import pytest
from lxml import etree, html
from publish_making import NOON, SITE, TOPIC, body, candidate, delivery, face, made

from aggregator.model import Enclosure, Outlet, Source, Topic
from aggregator.publish import Fragments
from aggregator.publish.rights import Rights, Terms, narrower, pictured

WORDS = "Смотритель маяка заменил лампу, и корабли видят берег. "
TEXT = f'<p>{WORDS * 8}<img src="https://mayak.example/i.png" alt="лампа"></p><p>Конец <b>длинной</b> статьи.</p>'
SHOWN = face(
    summary="<p>Коротко: маяк <i>горит</i>.</p>",
    content=TEXT,
    enclosures=(Enclosure(href="https://mayak.example/1.mp3", type="audio/mpeg"),),
    comments="https://mayak.example/1#talk",
    extras={"itunes:duration": "61", "dc:source": "Парус", "dcterms:source": "https://parus.example/1"},
)
FORMATS = ("atom", "rss", "json", "html")


def shown(topic="full", source=None, images="link", shown=SHOWN, **fields):
    """Every document of a topic with one entry, in one text."""
    told = Topic(id="sea", title="Море", match="section:sea", language="ru", republish=topic, **fields)
    known = {"mayak": Source(id="mayak", url="https://mayak.example/rss", republish=source, images=images)}
    publication = made(live=[delivery(face=shown)], topic=told, sources=known)
    return {name: body(publication, name).decode() for name in FORMATS}


@pytest.mark.parametrize(
    ("topic", "source", "least"),
    [
        ("full", None, "full"),
        ("full", "teaser", "teaser"),
        ("full", "link", "link"),
        ("teaser", None, "teaser"),
        ("teaser", "full", "teaser"),
        ("teaser", "link", "link"),
        ("link", None, "link"),
        ("link", "full", "link"),
        ("link", "teaser", "link"),
    ],
)
def test_a_source_narrows_what_its_topic_lets_be_shown_and_never_widens_it(topic, source, least):
    assert narrower(topic, source) == least


@pytest.mark.parametrize("kind", ["atom", "rss", "json"])
def test_in_full_an_entry_has_its_text_and_its_pictures(kind):
    assert all(word in shown()[kind] for word in ("статьи", "i.png"))


@pytest.mark.parametrize("kind", FORMATS)
def test_a_teaser_is_plain_words_without_pictures_and_keeps_the_files(kind):
    said = shown("teaser", shown=face(summary="", content=TEXT, enclosures=SHOWN.enclosures))[kind]
    assert WORDS[:40] in said
    assert not any(word in said for word in ("статьи", "i.png", "&lt;b&gt;", "<b>"))
    assert "1.mp3" in said


def test_a_teaser_has_at_most_three_hundred_characters():
    entry = json.loads(shown("teaser", shown=face(summary="", content=TEXT))["json"])["items"][0]
    assert 200 < len(entry["content_html"]) <= 300


@pytest.mark.parametrize("kind", FORMATS)
def test_a_link_is_the_title_and_the_link_alone(kind):
    said = shown("full", source="link")[kind]
    assert SHOWN.title in said
    assert SHOWN.link in said
    assert not any(word in said for word in ("маяк ", "Смотритель", "i.png", "1.mp3", "#talk", "duration"))


def test_a_link_still_names_whom_the_article_is_taken_from():
    assert "https://parus.example/1" in shown("link")["atom"]


def test_a_link_without_an_address_is_its_title():
    [entry] = json.loads(shown("link", shown=face(link=None))["json"])["items"]
    assert entry["content_html"] == f"<p>{SHOWN.title}</p>"


@pytest.mark.parametrize("kind", ["atom", "rss", "json"])
def test_pictures_of_a_source_are_left_out_and_its_words_stay(kind):
    said = shown(images="drop")[kind]
    assert "i.png" not in said
    assert "статьи" in said


@pytest.mark.parametrize(
    ("before", "linked", "dropped"),
    [
        pytest.param(
            '<img src="https://a.example/1.png">',
            '<img referrerpolicy="no-referrer" src="https://a.example/1.png">',
            "",
            id="a picture",
        ),
        pytest.param(
            '<picture><source srcset="https://a.example/2.webp"><img src="https://a.example/1.png"></picture>',
            '<picture><source srcset="https://a.example/2.webp">'
            '<img referrerpolicy="no-referrer" src="https://a.example/1.png"></picture>',
            "",
            id="a picture in several sizes",
        ),
        pytest.param(
            '<figure><img src="data:image/png;base64,AAAA"><figcaption>Маяк</figcaption></figure>',
            '<figure><img referrerpolicy="no-referrer" src="data:image/png;base64,AAAA">'
            "<figcaption>Маяк</figcaption></figure>",
            "<figure><figcaption>Маяк</figcaption></figure>",
            id="its caption stays",
        ),
        pytest.param(
            '<video controls="" poster="https://a.example/1.png"><source src="https://a.example/1.mp4"></video>',
            '<video controls="" poster="https://a.example/1.png"><source src="https://a.example/1.mp4"></video>',
            '<video controls=""><source src="https://a.example/1.mp4"></video>',
            id="the first picture of a film",
        ),
        pytest.param(
            '<a href="https://a.example/" title="<img src=1>">слово</a> &lt;img&gt;',
            '<a href="https://a.example/" title="<img src=1>">слово</a> &lt;img&gt;',
            '<a href="https://a.example/" title="<img src=1>">слово</a> &lt;img&gt;',
            id="what only looks like one",
        ),
        pytest.param("просто <b>слова</b> и 2 &lt; 3", *["просто <b>слова</b> и 2 &lt; 3"] * 2, id="none"),
    ],
)
def test_hosts_of_pictures_are_not_told_who_shows_them_or_not_asked(before, linked, dropped):
    assert (pictured(before, "link"), pictured(before, "drop")) == (linked, dropped)


def test_other_rights_hold_at_once_for_entries_that_were_delivered_long_ago():
    kept, row = Fragments(), delivery(face=SHOWN)
    for republish in ("full", "teaser", "full", "link"):
        told = Topic(id="sea", title="Море", match="section:sea", republish=republish)
        new = made(live=[row], topic=told)
        assert made(live=[row], topic=told, fragments=kept).artefacts == new.artefacts
        assert new.rows == ()  # nothing new in the ledger


def test_a_source_that_is_configured_no_more_narrows_nothing():
    assert Rights(topic=TOPIC, sources={}).of("mayak") == Terms()


PRIVATE = {"private": True, "description": "Только для своих"}


@pytest.mark.parametrize("kind", FORMATS)
def test_a_document_of_a_private_topic_names_no_address_of_its_own(kind):
    said = shown(**PRIVATE)[kind]
    assert f"{SITE.public_url}/topics" not in said
    assert f"{SITE.public_url}/feeds" not in said
    assert not re.search(r'rel="(self|hub|canonical)"', said.partition("<entry>")[0].partition("<item>")[0])


def test_a_private_page_leads_to_its_feeds_under_the_token_it_was_opened_with():
    page = html.document_fromstring(shown(**PRIVATE)["html"])
    page.make_links_absolute("https://feeds.example.org/private/TOKEN/topics/sea")
    feeds = [f"https://feeds.example.org/private/TOKEN/feeds/sea.{kind}" for kind in ("atom", "rss", "json")]
    assert page.xpath("//link[@rel='alternate']/@href") == feeds


def test_a_private_feed_is_still_one(corpus):
    grammar = etree.RelaxNG(etree.parse(corpus / "schemas/atom-rfc4287.rng"))
    grammar.assertValid(etree.fromstring(shown(**PRIVATE)["atom"].encode()))
    assert etree.fromstring(shown(**PRIVATE)["rss"].encode()).findtext("channel/link") == f"{SITE.public_url}/"


@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
def test_only_entries_of_public_topics_lead_to_the_page_of_their_story(private):
    other = Outlet(key="k", source="parus", outlet="Парус", title="Буря", link=None, published=NOON)
    topic = Topic(id="sea", title="Море", match="section:sea", private=private)
    publication = made(live=[delivery(story="a" * 16, outlets=(other,), listed=1)], topic=topic)
    assert all((b"/stories/" in body(publication, kind)) is not private for kind in FORMATS)
    assert all("Парус".encode() in body(publication, kind) for kind in FORMATS)


def test_an_item_that_enters_keeps_all_in_the_ledger_whatever_its_topic_shows():
    topic = Topic(id="sea", title="Море", match="section:sea", republish="link")
    [row] = made([candidate(content=TEXT)], topic=topic).rows
    assert row.face.content == TEXT
