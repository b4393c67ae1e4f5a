"""Posts of a channel's public page as items: what is an edit, and what is none. What each kind becomes is in
tests/corpus/presets/telegram-channel.html.
"""

from __future__ import annotations

import pytest
from parse_samples import NOON

from aggregator.config.presets import BY_NAME
from aggregator.errors import ParseError

SELECT = BY_NAME["telegram"].select


def post(number: int, inside: str, *, views: str = "1K", edited: str = "") -> str:
    link = f"https://t.me/ozero_news/{number}"
    return (
        f'<div class="tgme_widget_message_wrap"><div class="tgme_widget_message" data-post="ozero_news/{number}">'
        f'<div class="tgme_widget_message_bubble">{inside}<div class="tgme_widget_message_footer">'
        f'<span class="tgme_widget_message_views">{views}</span><span class="tgme_widget_message_meta">{edited}'
        f'<a class="tgme_widget_message_date" href="{link}"><time datetime="2026-11-22T10:0{number % 10}:00+03:00">'
        f"10:00</time></a></span></div></div></div></div>"
    )


def said(html: str) -> str:
    return f'<div class="tgme_widget_message_text js-message_text" dir="auto">{html}</div>'


def photo(name: str) -> str:
    return f'<a class="tgme_widget_message_photo_wrap" style="width:9px;background-image:url(\'{name}\')"></a>'


@pytest.fixture
def items(parse):
    """Read posts as a page of their channel."""

    def read(*posts: str, now=NOON):
        page = f"<html><title>Озеро – Telegram</title><section>{''.join(posts)}</section></html>"
        got = parse(page, select=SELECT, now=now)
        assert got.flaws == ()
        return got.items

    return read


def test_an_edit_changes_an_item_and_adds_none(items):
    (before,) = items(post(1, said("Міст відкрито.")))
    (after,) = items(post(1, said("Міст відкрито о 9:00."), edited="edited "))
    assert (before.id, after.id) == ("ozero_news/1", "ozero_news/1")
    assert (before.title, after.title) == ("Міст відкрито", "Міст відкрито о 9:00")
    assert before.sha256 != after.sha256


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(post(1, photo("https://cdn.example/1.jpg") + said("Міст"), views="2K"), id="more views"),
        pytest.param(post(1, photo("https://cdn.example/new.jpg") + said("Міст")), id="a picture's new address"),
        pytest.param(
            post(1, photo("https://cdn.example/1.jpg") + said("Міст"), edited="edited "), id="the mark of an edit"
        ),
    ],
)
def test_what_changes_by_itself_is_no_edit(items, again):
    (before,) = items(post(1, photo("https://cdn.example/1.jpg") + said("Міст")))
    (after,) = items(again)
    assert before.sha256 == after.sha256


def test_another_picture_more_is_an_edit(items):
    (before,) = items(post(1, photo("https://cdn.example/1.jpg") + said("Міст")))
    (after,) = items(post(1, photo("https://cdn.example/1.jpg") + photo("https://cdn.example/2.jpg") + said("Міст")))
    assert before.sha256 != after.sha256


def test_posts_have_the_time_that_telegram_says_whatever_the_zone(items):
    (one,) = items(post(1, said("Міст")))
    assert one.published.isoformat() == "2026-11-22T07:01:00+00:00"


def test_two_photos_without_words_are_two_items(items):
    same = photo("https://cdn.example/1.jpg")
    one, two, _ = items(post(1, same), post(2, same), post(3, said("Міст")))
    assert [(one.id, one.title), (two.id, two.title)] == [("ozero_news/1", ""), ("ozero_news/2", "")]


def test_a_page_of_nothing_but_service_messages_holds_no_item(parse):
    pinned = post(1, said("Озеро pinned «Міст»")).replace(
        '"tgme_widget_message"', '"tgme_widget_message service_message"'
    )
    with pytest.raises(ParseError) as caught:
        parse(f"<html>{pinned}</html>", select=SELECT)
    assert caught.value.kind == "empty-page"
    assert "private" in caught.value.problem


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="jav&#x09;ascript:alert(1)">x</a>',
    "<svg><a xlink:href=javascript:alert(1)>x</a></svg>",
    '<p style="background:url(//evil.example/?)">x</p>',
    "<iframe src=//evil.example></iframe>",
    "&#x202e;&#0;&#xfffe;",
]


@pytest.mark.parametrize("html", HOSTILE)
def test_a_hostile_post_is_cleaned_as_any_text(items, html):
    words = post(2, said("Після"))
    for one in items(post(1, said(f"Увага {html}")), words):
        shown = f"{one.title}{one.content}"
        for forbidden in ("<script", "<svg", "<iframe", "onerror", "javascript:", "style=", "\x00", "\ufffe"):
            assert forbidden not in shown
    who = f'<span class="tgme_widget_message_from_author">{html} Лис</span>'
    whom = f'<a class="tgme_widget_message_forwarded_from_name" href="javascript:alert(1)">{html} Парус</a>'
    one, *_ = items(post(1, who + whom + photo("javascript:alert(1)") + said("Міст")), words)
    assert one.enclosures == ()
    assert "dcterms:source" not in one.extras
    assert "<" not in "".join([*(person.name for person in one.authors), *one.extras.values()])
