"""What an entry shows, before any format."""

from __future__ import annotations

from dataclasses import replace

import pytest
from publish_making import AUTHORITY, NOON, SECTIONS, SITE, candidate, delivery, face, origin

from aggregator.model import Category, Enclosure, Outlet, Person
from aggregator.publish import compose
from aggregator.publish.rights import Terms

AT = "1 марта 2026, 12:00\N{NO-BREAK SPACE}UTC"


def faced(**fields):
    return compose.face(candidate(**fields), sections=SECTIONS, authority=AUTHORITY)


def entry(**fields):
    outlets = fields.pop("outlets", ())
    return compose.entry(delivery(face=face(**fields), outlets=outlets), "ru", SITE, Terms())


def outlet(**fields):
    given = {"key": "k", "source": "parus", "outlet": "Парус", "title": "Буря", "link": "https://parus.example/1"}
    return Outlet(**(given | fields), published=NOON)


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        pytest.param({"title": "  Шторм \n утих "}, "Шторм утих", id="spaces"),
        pytest.param({"title": "", "summary": "<p>Шторм&nbsp;<b>у</b>тих</p>"}, "Шторм утих", id="first words"),
        pytest.param(
            {"title": "", "summary": "", "content": "<p>Ветер</p><p>стих</p>"}, "Ветер стих", id="of the content"
        ),
        pytest.param({"title": "", "summary": "слово " * 50}, "слово " * 12 + "слово…", id="cut after a word"),
        pytest.param({"title": " ", "summary": "<img src='x'>"}, "https://mayak.example/1", id="the address"),
        pytest.param(
            {"title": "", "summary": "", "link": None}, candidate().stored.key, id="the key, at the very last"
        ),
    ],
)
def test_a_title_is_never_empty(fields, title):
    assert faced(**fields).title == title


@pytest.mark.parametrize("authors", [(), (Person(name="  "),)], ids=["none", "blank"])
def test_an_entry_without_author_is_its_origins(authors):
    assert faced(authors=authors).authors == (Person(name="Mayak", uri="https://mayak.example/"),)


def test_an_origin_without_title_goes_by_its_id():
    shown = compose.face(replace(candidate(), origin=origin(title=" ")), sections={}, authority=AUTHORITY)
    assert (shown.origin.title, shown.authors[0].name) == ("mayak", "mayak")


def test_secrets_of_the_sources_address_stay_with_us():
    secret = origin(url="https://me:word@mayak.example/rss?token=s3cret")
    shown = compose.face(replace(candidate(), origin=secret), sections={}, authority=AUTHORITY)
    assert shown.origin.url == "https://mayak.example/rss"


def test_an_empty_category_is_left_out():
    assert faced(categories=(Category(term=" "), Category(term="буря"))).categories == (Category(term="буря"),)


@pytest.mark.parametrize(
    ("fields", "texts"),
    [
        pytest.param({"summary": "<p>а</p>", "content": "<p>а б</p>"}, ("<p>а</p>", "<p>а б</p>"), id="both"),
        pytest.param({"summary": "<p>а</p>", "content": " <p>а</p>"}, ("<p>а</p>", ""), id="twice the same"),
        pytest.param({"summary": "", "content": "<p>б</p>"}, ("", "<p>б</p>"), id="only a content"),
        pytest.param({"summary": "<p>а</p>", "link": None}, ("", "<p>а</p>"), id="no link: the content must be there"),
        pytest.param({"summary": "", "link": None, "title": "а<б"}, ("", "<p>а&lt;б</p>"), id="nothing but a title"),
        pytest.param({"summary": "", "content": ""}, ("", ""), id="a link is enough"),
    ],
)
def test_summary_and_content_never_repeat_each_other(fields, texts):
    shown = entry(**fields)
    assert (shown.summary, shown.content) == texts


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        pytest.param({"summary": "<p>а</p>", "content": "<p>б</p>"}, "content", id="content"),
        pytest.param({"summary": "<p>а</p>"}, "summary", id="summary"),
        pytest.param({"summary": ""}, "content", id="no text"),
    ],
)
def test_other_outlets_are_listed_at_the_end_of_the_fuller_text(fields, where):
    shown = entry(**fields, outlets=(outlet(title="Буря <там>", link="https://parus.example/?a=1&b=2"),))
    listed = f'<li><a href="https://parus.example/?a=1&amp;b=2">Парус</a>, {AT}: Буря &lt;там&gt;</li>'
    assert getattr(shown, where).endswith(f'{listed}</ul><p><a href="{shown.story}">Вся история</a></p>')
    assert listed not in getattr(shown, {"content": "summary", "summary": "content"}[where])


def test_an_outlet_without_a_link_is_named_all_the_same():
    assert f"<li>Парус, {AT}: Буря</li>" in entry(outlets=(outlet(link=None),)).summary


def test_the_list_ends_with_the_way_to_the_page_of_the_story():
    told = delivery(story="0123456789abcdef", outlets=(outlet(),))
    shown = compose.entry(told, "uk", SITE, Terms())
    assert shown.story == "https://feeds.example.org/stories/0000000000000001"  # of its anchor: 301
    assert shown.summary.endswith(f'</ul><p><a href="{shown.story}">Уся історія</a></p>')
    alone = compose.entry(replace(told, outlets=()), "uk", SITE, Terms())
    assert (alone.story, "stories" in alone.summary) == (shown.story, False)


def test_a_grown_list_leaves_the_time_of_the_entry_alone():
    before, after = (compose.entry(delivery(outlets=(outlet(),) * n), "ru", SITE, Terms()) for n in (1, 2))
    assert (after.updated, after.published, len(after.outlets)) == (before.updated, before.published, 2)


@pytest.mark.parametrize(
    ("feed", "words"), [("ru", "Также"), ("uk-UA", "Також"), ("en", "Also"), ("fr", "Also")], ids=lambda value: value
)
def test_the_list_is_introduced_in_the_feeds_language(feed, words):
    assert words in compose.entry(delivery(outlets=(outlet(),)), feed, SITE, Terms()).summary


@pytest.mark.parametrize(
    ("language", "told"),
    [("ru", None), ("ru-RU", None), ("RU", None), ("uk", "uk"), ("uk_UA", "uk-UA"), (None, None), ("по-русски", None)],
)
def test_a_language_is_told_where_it_is_not_the_feeds(language, told):
    assert entry(language=language).language == told


def test_every_address_is_ascii():
    shown = entry(
        link="https://маяк.рф/море",
        comments="https://маяк.рф/слова",
        authors=(Person(name="Маяк", uri="https://маяк.рф/"),),
        enclosures=(Enclosure(href="https://маяк.рф/гудок.mp3"),),
        origin=origin(url="https://маяк.рф/rss", home="https://маяк.рф/"),
        outlets=(outlet(link="https://парус.рф/1"),),
    )
    addresses = [
        shown.link,
        shown.comments,
        shown.authors[0].uri,
        shown.enclosures[0].href,
        shown.origin.url,
        shown.origin.home,
        shown.outlets[0].link,
    ]
    assert all(address.isascii() for address in addresses)
    assert "парус" not in shown.summary


@pytest.mark.parametrize(
    ("given", "kept"), [("a@b.example", "a@b.example"), ("desk", None), ("a @b", None), (None, None)]
)
def test_an_address_that_is_no_mail_address_is_dropped(given, kept):
    assert entry(authors=(Person(name="Маяк", email=given),)).authors[0].email == kept


@pytest.mark.parametrize(("given", "kept"), [("audio/mpeg", "audio/mpeg"), ("mp3", ""), ("", "")])
def test_a_type_that_is_no_media_type_is_dropped(given, kept):
    assert entry(enclosures=(Enclosure(href="https://a.example/1", type=given),)).enclosures[0].type == kept


@pytest.mark.parametrize(
    ("fields", "full_text", "content"),
    [
        pytest.param({"summary": "Тизер", "content": ""}, "<p>Вся статья</p>", "<p>Вся статья</p>", id="a teaser"),
        pytest.param({"content": "<p>Вся статья</p>"}, "<p>Вся</p>", "<p>Вся статья</p>", id="the feed says more"),
        pytest.param({"content": "Коротко"}, "<p>Вся статья</p>", "<p>Вся статья</p>", id="the page says more"),
        pytest.param({"summary": "Тизер", "content": ""}, "", "", id="no page"),
    ],
)
def test_the_page_of_an_article_is_shown_where_it_says_more_than_the_feed(fields, full_text, content):
    shown = candidate(**fields)
    shown = replace(shown, stored=replace(shown.stored, full_text=full_text))
    assert compose.face(shown, sections={}, authority=AUTHORITY).content == content
