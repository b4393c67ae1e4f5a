"""Atom, RSS and JSON Feed: valid, complete, and right where feedgen alone is not (library-facts.md, finding 10)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import feedparser
import jsonschema
import pytest
from feedgen.feed import FeedGenerator
from lxml import etree
from publish_making import (
    AUTHORITY,
    DAY,
    HOUR,
    NOON,
    SITE,
    TOPIC,
    body,
    candidate,
    delivery,
    face,
    made,
    origin,
    tagged,
)

from aggregator.model import Category, Enclosure, Outlet, Person, key_of
from aggregator.urls import ascii_only

ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
MEDIA = "{http://search.yahoo.com/mrss/}"
GEORSS = "{http://www.georss.org/georss}"
LICENCE = "{http://backend.userland.com/creativeCommonsRssModule}"
SYNDICATION = "{http://purl.org/rss/1.0/modules/syndication/}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
KEY = key_of("mayak", "1")
ID = f"tag:feeds.example.org,2026-01-02:{KEY}"

RICH = [
    candidate(
        title="Маяк <снова> горит & AT&amp;T",
        content="<p>Лампа &lt;новая&gt; &amp; яркая.</p>",
        authors=(Person(name="Вахтенный"), Person(name="Desk", email="desk@mayak.example", uri="https://маяк.рф/")),
        categories=(Category(term="light"), Category(term="7", scheme="https://mayak.example/tags", label="Лампы")),
        enclosures=(
            Enclosure(href="https://mayak.example/a.mp3", type="audio/mpeg", length_bytes=4711),
            Enclosure(href="https://mayak.example/b.jpg", type="image/jpeg"),
            Enclosure(href="https://mayak.example/c"),
        ),
        comments="https://mayak.example/1#comments",
        updated=NOON - HOUR / 2,
        sections=(tagged(),),
    ),
    candidate("1", "parus", story=KEY, seen=NOON + HOUR, title="Горит <ли> маяк?", link="https://parus.example/9"),
    candidate("2", "parus", language="uk", title="Шторм ущух", published=NOON - 3 * HOUR),
    candidate("3", link=None, title="", summary="Только слова, и ни одной ссылки."),
    candidate("4", summary="", published=None),
]


@pytest.fixture(scope="module")
def rich():
    return made(RICH)


@pytest.fixture(scope="module")
def atom(rich):
    return etree.fromstring(body(rich, "atom"))


@pytest.fixture(scope="module")
def channel(rich):
    return etree.fromstring(body(rich, "rss"))[0]


@pytest.fixture(scope="module")
def json_feed(rich):
    return json.loads(body(rich, "json"))


@pytest.fixture(scope="module")
def entry(atom):
    [found] = [one for one in atom.findall(f"{ATOM}entry") if one.findtext(f"{ATOM}id") == ID]
    return found


@pytest.fixture(scope="module")
def item(channel):
    [found] = [one for one in channel.findall("item") if one.findtext("guid") == ID]
    return found


def links(element):
    """Return the links of an element as (rel, href), that to the page of its story apart."""
    found = [(link.get("rel"), link.get("href")) for link in element.findall(f"{ATOM}link")]
    return [one for one in found if "/stories/" not in one[1]]


def assert_atom_is_valid(feed, corpus):
    """By the grammar of RFC 4287."""
    etree.RelaxNG(etree.parse(corpus / "schemas/atom-rfc4287.rng")).assertValid(feed)


CASES = {
    "rich": RICH,
    "empty": [],
    "odd": [
        candidate(
            authors=(Person(name="Маяк", email="no address"),),
            enclosures=(Enclosure(href="https://mayak.example/d", type="mp3"),),
            language="по-русски",
        )
    ],
}


@pytest.mark.parametrize("case", CASES)
def test_atom_is_valid_by_the_grammar_of_its_rfc(case, corpus):
    assert_atom_is_valid(etree.fromstring(body(made(CASES[case]), "atom")), corpus)


@pytest.mark.parametrize("case", CASES)
def test_json_feed_is_valid_by_its_schema(case, corpus):
    schema = json.loads((corpus / "schemas/jsonfeed-1.1.json").read_text("utf-8"))
    jsonschema.validate(json.loads(body(made(CASES[case]), "json")), schema)


def test_a_feed_names_itself_and_its_page(atom, channel, json_feed):
    page = "https://feeds.example.org/topics/sea"
    assert links(atom) == [("alternate", page), ("self", "https://feeds.example.org/feeds/sea.atom")]
    assert links(channel) == [("self", "https://feeds.example.org/feeds/sea.rss")]
    assert channel.findtext("link") == json_feed["home_page_url"] == page
    assert json_feed["feed_url"] == "https://feeds.example.org/feeds/sea.json"


def test_a_feed_tells_what_it_is(atom, channel, json_feed):
    assert atom.findtext(f"{ATOM}title") == channel.findtext("title") == json_feed["title"] == "Море & берег"
    assert atom.findtext(f"{ATOM}subtitle") == channel.findtext("description") == json_feed["description"]
    assert atom.get(LANG) == channel.findtext("language") == json_feed["language"] == "ru"
    assert atom.findtext(f"{ATOM}id") == "tag:feeds.example.org,2026-01-02:topic:sea"
    assert atom.find(f"{ATOM}generator").get("version") == "0.1"
    assert channel.findtext("generator") == "aggregator 0.1"


@pytest.mark.parametrize(
    ("days", "archive"),
    [
        pytest.param([], None, id="nothing entered before"),
        pytest.param([NOON.date()], None, id="today alone is not over"),
        pytest.param([NOON.date(), NOON.date() - 2 * DAY], "20260227", id="today, and a day before"),
        pytest.param([NOON.date() - DAY, NOON.date() - 2 * DAY], "20260228", id="nothing today until now"),
    ],
)
def test_an_atom_feed_leads_to_the_entries_before_its_own(days, archive, corpus):
    told = made([candidate()], days=days)
    feed = etree.fromstring(body(told, "atom"))
    assert_atom_is_valid(feed, corpus)
    before = archive and f"https://feeds.example.org/feeds/sea/archive/{archive}.atom"
    assert dict(links(feed)).get("prev-archive") == before
    assert b"archive" not in body(made([candidate()], topic=replace(TOPIC, private=True), days=days), "atom")


def test_a_feed_is_as_new_as_its_newest_entry(atom, channel):
    newest = max(one.findtext(f"{ATOM}updated") for one in atom.findall(f"{ATOM}entry"))
    assert atom.findtext(f"{ATOM}updated") == newest
    assert channel.findtext("lastBuildDate") == "Sun, 01 Mar 2026 12:00:00 +0000"


@pytest.mark.parametrize("topic", [TOPIC, replace(TOPIC, description="", language=None)], ids=["full", "bare"])
def test_a_topic_without_entries_is_a_feed_all_the_same(topic):
    empty = made(topic=topic)
    assert etree.fromstring(body(empty, "atom")).findtext(f"{ATOM}updated") == "2026-01-30T12:00:00+00:00"
    assert etree.fromstring(body(empty, "rss")).findall("channel/item") == []
    assert json.loads(body(empty, "json"))["items"] == []
    assert {one.entries for one in empty.artefacts} == {0}


def test_the_same_id_in_every_format(entry, item, json_feed):
    assert entry.findtext(f"{ATOM}id") == item.findtext("guid") == ID
    assert item.find("guid").get("isPermaLink") == "false"
    assert [one["id"] for one in json_feed["items"]].count(ID) == 1


def test_text_is_escaped_once(entry, item, json_feed):
    [shown] = [one for one in json_feed["items"] if one["id"] == ID]
    titles = {entry.findtext(f"{ATOM}title"), item.findtext("title"), shown["title"]}
    assert titles == {"Маяк <снова> горит & AT&amp;T"}
    html = entry.findtext(f"{ATOM}content")
    assert html.startswith("<p>Лампа &lt;новая&gt; &amp; яркая.</p>")
    assert html == shown["content_html"] == item.findtext("{http://purl.org/rss/1.0/modules/content/}encoded")
    assert entry.find(f"{ATOM}content").get("type") == "html"


def test_the_origin_is_named_in_every_format(entry, item, json_feed):
    source = entry.find(f"{ATOM}source")
    assert source.findtext(f"{ATOM}id") == "https://mayak.example/rss"
    assert source.findtext(f"{ATOM}title") == "Mayak"
    assert source.findtext(f"{ATOM}updated") == "2026-03-01T11:00:00+00:00"
    assert links(source) == [("self", "https://mayak.example/rss"), ("alternate", "https://mayak.example/")]
    assert (item.find("source").get("url"), item.findtext("source")) == ("https://mayak.example/rss", "Mayak")
    [shown] = [one for one in json_feed["items"] if one["id"] == ID]
    assert shown["_aggregator"]["source"]["url"] == "https://mayak.example/rss"


def test_other_outlets_are_linked_in_every_format(entry, item, json_feed):
    assert ("related", "https://parus.example/9") in links(entry)
    assert links(item) == [("related", "https://parus.example/9")]
    [shown] = [one for one in json_feed["items"] if one["id"] == ID]
    assert [(one["outlet"], one["title"]) for one in shown["_aggregator"]["outlets"]] == [("Parus", "Горит <ли> маяк?")]


@pytest.mark.parametrize(
    ("how", "beside", "inside"),
    [
        pytest.param({}, True, False, id="beside its text, whoever told it alone until now"),
        pytest.param({"growth": "off"}, True, True, id="in its text, where its list does not grow"),
        pytest.param({"fold": "none"}, False, False, id="nowhere, where it is no story"),
        pytest.param({"private": True}, False, False, id="nowhere, where others must not read it"),
    ],
)
def test_an_entry_leads_to_the_page_of_its_story(how, beside, inside):
    published = made([candidate()], topic=replace(TOPIC, **how))
    link = f"https://feeds.example.org/stories/{key_of('mayak', '1')}"
    entry = etree.fromstring(body(published, "atom")).find(f"{ATOM}entry")
    item = etree.fromstring(body(published, "rss")).find("channel/item")
    for element in (entry, item):
        others = [(one.get("rel"), one.get("href")) for one in element.iter(f"{ATOM}link")]
        assert (("related", link) in others) is beside
    assert (link in entry.findtext(f"{ATOM}summary")) is inside
    assert (link in body(published, "html").decode().replace('href="/', 'href="https://feeds.example.org/')) is inside


def test_an_atom_entry_has_its_links_with_their_rels(entry):
    assert links(entry) == [
        ("alternate", "https://mayak.example/1"),
        ("enclosure", "https://mayak.example/a.mp3"),
        ("enclosure", "https://mayak.example/b.jpg"),
        ("enclosure", "https://mayak.example/c"),
        ("related", "https://parus.example/9"),
        ("replies", "https://mayak.example/1#comments"),
    ]


def test_rss_has_the_first_enclosure_with_all_that_rss_demands(item):
    [enclosure] = item.findall("enclosure")
    assert dict(enclosure.attrib) == {"url": "https://mayak.example/a.mp3", "type": "audio/mpeg", "length": "4711"}
    unknown = made([candidate(enclosures=(Enclosure(href="https://mayak.example/c"),))])
    [enclosure] = etree.fromstring(body(unknown, "rss")).iter("enclosure")
    assert (enclosure.get("type"), enclosure.get("length")) == ("application/octet-stream", "0")


def test_categories_keep_scheme_and_label(entry, item, json_feed):
    ours = "tag:feeds.example.org,2026-01-02:sections"
    assert [(c.get("term"), c.get("scheme"), c.get("label")) for c in entry.findall(f"{ATOM}category")] == [
        ("light", None, None),
        ("7", "https://mayak.example/tags", "Лампы"),
        ("sea", ours, "Море"),
    ]
    assert [(c.text, c.get("domain")) for c in item.findall("category")] == [
        ("light", None),
        ("Лампы", "https://mayak.example/tags"),
        ("Море", ours),
    ]
    [shown] = [one for one in json_feed["items"] if one["id"] == ID]
    assert shown["tags"] == ["light", "Лампы", "Море"]


def test_a_scheme_that_is_no_address_is_left_out_of_atom():
    known = candidate(
        categories=(Category(term="sea", scheme="our tags"), Category(term="lamp", scheme="tag:a,2026:b"))
    )
    schemes = [one.get("scheme") for one in etree.fromstring(body(made([known]), "atom")).iter(f"{ATOM}category")]
    assert schemes[:2] == [None, "tag:a,2026:b"]


def test_only_entries_of_another_language_name_theirs(atom, channel, json_feed):
    assert [one.get(LANG) for one in atom.findall(f"{ATOM}entry") if one.get(LANG)] == ["uk"]
    assert [one.text for one in channel.iter(f"{DC}language")] == ["uk"]
    assert [one["language"] for one in json_feed["items"] if "language" in one] == ["uk"]


def test_rss_says_when_an_entry_changed(channel):
    assert [one.text for one in channel.iter(f"{ATOM}updated")] == ["2026-03-01T11:30:00+00:00"]


def test_an_rss_description_is_the_summary_or_a_teaser_of_the_content():
    long = made([candidate(summary="", content="<p>" + "Волна &lt;за&gt; волной. " * 60 + "</p>")])
    [found] = [element.text for element in etree.fromstring(body(long, "rss")).iterfind("channel/item/description")]
    assert found.startswith("Волна &lt;за&gt; волной.")
    assert len(found) < 500


def test_what_a_podcast_says_of_an_episode_stands_where_its_readers_look():
    people = '[{"name": "Лис & Co", "role": "host", "href": "https://m.example/lis"}, {"name": "Вал"}]'
    extras = {"itunes:duration": "61", "podcast:transcript": "https://m.example/1.srt", "media:credit": "Лис & Co"}
    extras |= {"podcast:person": people}
    files = (Enclosure(href="https://m.example/1.mp3", type="audio/mpeg"), Enclosure(href="https://m.example/1.jpg"))
    episode = made([candidate(extras=extras, enclosures=files)])
    item = etree.fromstring(body(episode, "rss")).find("channel/item")
    assert item.findtext("{http://www.itunes.com/dtds/podcast-1.0.dtd}duration") == "61"
    assert item.findtext("{http://search.yahoo.com/mrss/}credit") == "Лис & Co"
    transcript = item.find("{https://podcastindex.org/namespace/1.0}transcript")
    assert dict(transcript.attrib) == {"url": "https://m.example/1.srt", "type": "application/x-subrip"}
    heard = [(one.text, dict(one.attrib)) for one in item.iter("{https://podcastindex.org/namespace/1.0}person")]
    assert heard == [("Лис & Co", {"role": "host", "href": "https://m.example/lis"}), ("Вал", {})]
    attachments = json.loads(body(episode, "json"))["items"][0]["attachments"]
    assert [file.get("duration_in_seconds") for file in attachments] == [61, None]


def test_rss_takes_what_is_played_for_its_enclosure_and_names_every_file():
    files = (
        Enclosure(href="https://m.example/1.jpg", type="image/jpeg"),
        Enclosure(href="https://m.example/1.mp3", type="audio/mpeg", length_bytes=7),
        Enclosure(href="https://m.example/1.bin"),
    )
    item = etree.fromstring(body(made([candidate(enclosures=files)]), "rss")).find("channel/item")
    assert item.find("enclosure").get("url") == "https://m.example/1.mp3"
    assert [dict(one.attrib) for one in item.iter(f"{MEDIA}content")] == [
        {"url": "https://m.example/1.jpg", "type": "image/jpeg", "medium": "image"},
        {"url": "https://m.example/1.mp3", "type": "audio/mpeg", "medium": "audio", "fileSize": "7"},
        {"url": "https://m.example/1.bin"},
    ]
    alone = etree.fromstring(body(made([candidate(enclosures=files[1:2])]), "rss"))
    assert list(alone.iter(f"{MEDIA}content")) == []


def test_whose_an_entry_is_and_where_it_happened_is_told(corpus):
    licence = "https://creativecommons.org/licenses/by/4.0/"
    extras = {"dc:rights": "© Маяк & Ко", "creativeCommons:license": licence, "georss:point": "48.01 37.8"}
    told = made([candidate(extras=extras)])
    atom = etree.fromstring(body(told, "atom"))
    entry = atom.find(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}rights") == "© Маяк & Ко"
    assert ("license", licence) in links(entry)
    assert entry.findtext(f"{GEORSS}point") == "48.01 37.8"
    assert_atom_is_valid(atom, corpus)
    item = etree.fromstring(body(told, "rss")).find("channel/item")
    assert [item.findtext(name) for name in (f"{DC}rights", f"{LICENCE}license", f"{GEORSS}point")] == [
        *extras.values()
    ]


def test_an_origin_with_a_sign_shows_it(corpus):
    known = replace(candidate(), origin=origin(icon="https://маяк.рф/i.png"))
    atom = etree.fromstring(body(made([known]), "atom"))
    assert atom.findtext(f"{ATOM}entry/{ATOM}source/{ATOM}icon") == ascii_only("https://маяк.рф/i.png")
    assert_atom_is_valid(atom, corpus)


def test_a_feed_shows_our_sign_and_says_what_made_it(atom, json_feed, channel):
    sign = "https://feeds.example.org/icon.png"
    image = {one.tag: one.text for one in channel.find("image")}
    assert image == {"url": sign, "title": channel.findtext("title"), "link": channel.findtext("link")}
    assert (atom.findtext(f"{ATOM}icon"), json_feed["favicon"]) == (sign, sign)
    generator = atom.find(f"{ATOM}generator")
    assert (generator.get("uri"), generator.get("version")) == ("https://feeds.example.org/about", "0.1")


def test_rss_says_how_long_it_keeps(channel):
    """The same as Cache-Control says (test_pace.py): all entered together, so nothing is known yet."""
    assert channel.findtext("ttl") == "1"
    assert channel.findtext(f"{SYNDICATION}updatePeriod") == "hourly"
    assert channel.findtext(f"{SYNDICATION}updateFrequency") == "60"


def test_whom_an_entry_is_taken_from_stands_in_rss_as_dublin_core_names_it():
    taken = {"dc:source": "Парус & Co", "dcterms:source": "https://t.me/parus_ua/77"}
    item = etree.fromstring(body(made([candidate(extras=taken)]), "rss")).find("channel/item")
    assert item.findtext("{http://purl.org/dc/elements/1.1/}source") == "Парус & Co"
    assert item.findtext("{http://purl.org/dc/terms/}source") == "https://t.me/parus_ua/77"
    assert item.findtext("source") == "Mayak"  # the outlet, as in every entry


def test_whom_an_entry_is_taken_from_is_linked_in_atom_and_json(corpus):
    taken = {"dc:source": "Парус & Co", "dcterms:source": "https://парус.рф/77"}
    published = made([candidate(extras=taken)])
    feed = etree.fromstring(body(published, "atom"))
    [link] = feed.findall(f"{ATOM}entry/{ATOM}link[@rel='via']")
    assert dict(link.attrib) == {"rel": "via", "href": ascii_only("https://парус.рф/77"), "title": "Парус & Co"}
    etree.RelaxNG(etree.parse(corpus / "schemas/atom-rfc4287.rng")).assertValid(feed)
    [item] = json.loads(body(published, "json"))["items"]
    assert item["_aggregator"]["via"] == [{"url": link.get("href"), "title": "Парус & Co"}]


def outlet(name, link, **more):
    return Outlet(key=name, source=name, outlet=name, title="Маяк", link=link, published=NOON, **more)


@pytest.mark.parametrize(
    ("via", "listed", "taken", "linked"),
    [
        pytest.param((outlet("a", "https://a.example/1"),), (), None, ["via a"], id="whom its text names"),
        pytest.param(
            (), (outlet("a", "https://a.example/1", via=True),), None, ["via a"], id="whom it names, of those listed"
        ),
        pytest.param(
            (outlet("a", "https://a.example/1"),),
            (outlet("a", "https://a.example/1", via=True), outlet("b", "https://b.example/1")),
            "https://a.example/1",
            ["related b", "via a"],
            id="the same three times",
        ),
        pytest.param(
            (outlet("a", "https://a.example/1"),), (), "https://b.example/1", ["via b", "via a"], id="two of them"
        ),
        pytest.param(
            (),
            (outlet("a", "https://a.example/1"), outlet("b", "https://a.example/1")),
            None,
            ["related a"],
            id="two outlets at one address",
        ),
        pytest.param(
            (outlet("a", "https://mayak.example/1"),),
            (outlet("b", "https://mayak.example/1"),),
            None,
            [],
            id="the entry's own address",
        ),
        pytest.param((outlet("a", None),), (outlet("b", None),), None, [], id="none has an address"),
    ],
)
def test_no_address_stands_twice_in_an_entry_whoever_it_is_taken_from(via, listed, taken, linked, corpus):
    extras = {"dc:source": taken.split("/")[2][0], "dcterms:source": taken} if taken else {}
    published = made(live=[delivery(face=face(via=via, extras=extras), outlets=listed)])
    feed = etree.fromstring(body(published, "atom"))
    etree.RelaxNG(etree.parse(corpus / "schemas/atom-rfc4287.rng")).assertValid(feed)
    entry, item = feed.find(f"{ATOM}entry"), etree.fromstring(body(published, "rss")).find("channel/item")
    others = [one for one in entry.findall(f"{ATOM}link") if one.get("rel") != "alternate" and one.get("title")]
    others = [one for one in others if "/stories/" not in one.get("href")]
    assert [f"{one.get('rel')} {one.get('title')}" for one in others] == linked
    assert [("alternate", entry.find(f"{ATOM}link").get("href")), *links(item)] == [
        one
        for one in links(entry)
        if one != ("via", taken)  # RSS names it as Dublin Core does
    ]
    [shown] = json.loads(body(published, "json"))["items"]
    said = [one.get("href") for one in others if one.get("rel") == "via"]
    assert [one["url"] for one in shown["_aggregator"].get("via", [])] == said


def test_the_page_of_the_story_is_named_in_json_and_linked_in_the_text_of_every_format(entry, item, json_feed):
    page = f"https://feeds.example.org/stories/{KEY}"
    [shown] = [one for one in json_feed["items"] if one["id"] == ID]
    assert shown["_aggregator"]["story"] == page
    texts = [entry.findtext(f"{ATOM}content"), shown["content_html"]]
    texts.append(item.findtext("{http://purl.org/rss/1.0/modules/content/}encoded"))
    assert all(f'<a href="{page}">Вся история</a>' in text for text in texts)


FORMATS = ("atom", "rss")


@pytest.mark.parametrize("format_", FORMATS)
def test_feedparser_reads_back_what_was_published(format_):
    entries = [
        delivery(
            n,
            updated=NOON - timedelta(minutes=n),
            face=face(
                n,
                title=f"Шторм & <ветер> №{n}",
                authors=(Person(name="Вахтенный"),),
                content=f"<p>Ветер {n} м/с &amp; крепчает</p>",
                categories=(Category(term="sea", scheme="tag:x.example,2026:s", label="Море"),),
                enclosures=(Enclosure(href=f"https://mayak.example/{n}.mp3", type="audio/mpeg", length_bytes=n),),
            ),
        )
        for n in range(1, 8)
    ]
    read = feedparser.parse(body(made(live=entries), format_))
    assert not read.bozo
    assert len(read.entries) == len(entries)
    for row, got in zip(entries, read.entries, strict=True):
        assert (got.id, got.link, got.author) == (row.entry_id, row.face.link, "Вахтенный")
        assert got.title_detail.type == "text/plain" or format_ == "rss"
        assert got.content[0].value == row.face.content
        assert got.summary == row.face.summary
        assert got.published_parsed[:6] == row.face.published.timetuple()[:6]
        assert [tag.scheme for tag in got.tags] == ["tag:x.example,2026:s"]
        assert [(file.href, file.length) for file in got.enclosures] == [
            (row.face.enclosures[0].href, str(row.face.enclosures[0].length_bytes))
        ]
        assert got.source.title == "Mayak"


def plain_feedgen():
    """Return what feedgen alone writes of an entry such as ours, as (atom, rss)."""
    feed = FeedGenerator()
    feed.id("tag:x.example,2026:t")
    feed.title("Море")
    feed.description("Море")
    feed.link(href="https://feeds.example.org/topics/sea", rel="alternate")
    feed.link(href="https://hub.example/", rel="hub")
    one = feed.add_entry()
    one.id(ID)
    one.title("Маяк")
    one.link(href="https://mayak.example/1", rel="alternate")
    one.link(href="https://mayak.example/a.mp3", rel="enclosure", type="audio/mpeg", length="1")
    one.author({"name": "Вахтенный"})
    one.source(url="https://mayak.example/rss", title="Mayak")
    return etree.fromstring(feed.atom_str()), etree.fromstring(feed.rss_str())[0]


DEFECTS = {
    "the channel's link is the last one given": ("rss", "link[.='https://hub.example/']", 1),
    "atom:source has no id": ("atom", ".//a:source/a:id", 0),
    "atom:source has no updated": ("atom", ".//a:source/a:updated", 0),
    "RSS drops an author without e-mail": ("rss", "item/author|item/dc:creator", 0),
    "an Atom entry's enclosure loses its rel": ("atom", "a:entry/a:link[@rel='enclosure']", 0),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_feedgens_defects_are_still_there_and_never_reach_a_reader(defect, atom, channel):
    format_, path, wrong = DEFECTS[defect]
    prefixes = {"a": ATOM.strip("{}"), "dc": DC.strip("{}")}
    theirs, ours = {"atom": (plain_feedgen()[0], atom), "rss": (plain_feedgen()[1], channel)}[format_]
    assert len(theirs.xpath(path, namespaces=prefixes)) == wrong, "feedgen was mended: its post-step can go"
    assert bool(ours.xpath(path, namespaces=prefixes)) != bool(wrong)


def test_an_entry_with_neither_link_nor_content_is_still_an_entry(atom):
    [found] = [one for one in atom.findall(f"{ATOM}entry") if one.findtext(f"{ATOM}title").startswith("Только слова")]
    assert found.findtext(f"{ATOM}content") == "Только слова, и ни одной ссылки."
    assert "alternate" not in dict(links(found))


@pytest.mark.parametrize("format_", FORMATS)
def test_joined_fragments_are_the_document_that_one_tree_would_be(format_, rich):
    """Written by one serialiser from one tree, the joined document has the same elements, namespaces and text."""
    joined = body(rich, format_)
    parser = etree.XMLParser(remove_blank_text=True)
    tree = etree.fromstring(joined, parser)
    again = etree.fromstring(etree.tostring(tree), parser)
    assert etree.tostring(tree, method="c14n") == etree.tostring(again, method="c14n")
    entries = [one for one in tree.iter(f"{ATOM}entry", "item") if isinstance(one.tag, str)]
    assert len(entries) == len(rich.entered) - 1
    assert b"ns0:" not in joined
    assert joined.count(b"xmlns") == {"atom": 1, "rss": 10}[format_]


def test_an_origin_that_told_when_it_changed_is_quoted():
    said = replace(candidate(), origin=origin(updated=NOON - 9 * HOUR))
    source = etree.fromstring(body(made([said]), "atom")).find(f"{ATOM}entry/{ATOM}source")
    assert source.findtext(f"{ATOM}updated") == "2026-03-01T03:00:00+00:00"


def test_a_site_without_version_is_fine():
    bare = made(RICH, site=replace(SITE, version=""))
    assert etree.fromstring(body(bare, "rss")).findtext("channel/generator") == "aggregator"
    assert AUTHORITY.name.encode() in body(bare, "atom")
