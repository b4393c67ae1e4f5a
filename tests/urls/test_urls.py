"""Two outlets' links to one article are equal, and no two articles ever are."""

from __future__ import annotations

import gzip
import json
import time
from collections import defaultdict

import pytest

from aggregator.urls import ascii_only, canonical, public, untracked

PLAIN = "https://news.example/2026/03/mayak"
BY_ID = "https://news.example/show.php?id=77"

TWINS = [
    # scheme, host, port, user
    ("http://news.example/2026/03/mayak", PLAIN),
    ("HTTPS://NEWS.Example/2026/03/mayak", PLAIN),
    ("https://www.news.example/2026/03/mayak", PLAIN),
    ("http://WWW.news.example/2026/03/mayak", PLAIN),
    ("https://m.news.example/2026/03/mayak", PLAIN),
    ("https://www.m.news.example/2026/03/mayak", PLAIN),
    ("https://mobile.news.example/2026/03/mayak", PLAIN),
    ("https://pda.news.example/2026/03/mayak", PLAIN),
    ("https://wap.news.example/2026/03/mayak", PLAIN),
    ("https://amp.news.example/2026/03/mayak", PLAIN),
    ("https://news.example./2026/03/mayak", PLAIN),
    ("https://news.example:443/2026/03/mayak", PLAIN),
    ("http://news.example:80/2026/03/mayak", PLAIN),
    ("http://news.example:/2026/03/mayak", PLAIN),
    ("https://reader:word@news.example/2026/03/mayak", PLAIN),
    ("  https://news.example/2026/03/mayak\n", PLAIN),
    ("https://news.example/2026/\n  03/mayak".replace("  ", ""), PLAIN),
    ("https://маяк.рф/новости/1", "https://xn--80aue1f.xn--p1ai/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8/1"),
    ("https://WWW.МАЯК.рф/новости/1", "http://xn--80aue1f.xn--p1ai/%d0%bd%d0%be%d0%b2%d0%be%d1%81%d1%82%d0%b8/1"),
    ("https://київ.укр/подія", "https://xn--b1alf1j.xn--j1amh/%D0%BF%D0%BE%D0%B4%D1%96%D1%8F"),
    ("https://❤.example/a", "https://xn--qei.example/a"),
    ("https://маяк。рф/a", "https://xn--80aue1f.xn--p1ai/a"),
    ("https://www.in.ua/a", "https://in.ua/a"),
    ("https://www.gov.uk/a", "https://gov.uk/a"),
    ("https://m.mayak.kiev.ua/a", "https://mayak.kiev.ua/a"),
    # path
    ("https://news.example/2026/03/mayak/", PLAIN),
    ("https://news.example/2026/03/mayak//", PLAIN),
    ("https://news.example//2026/03/mayak", PLAIN),
    ("https://news.example/2026//03/mayak", PLAIN),
    ("https://news.example/./2026/03/mayak", PLAIN),
    ("https://news.example/2025/../2026/03/mayak", PLAIN),
    ("https://news.example/../2026/03/mayak", PLAIN),
    ("https://news.example/2026/03/mayak/index.html", PLAIN),
    ("https://news.example/2026/03/mayak/index.php", PLAIN),
    ("https://news.example/2026/03/%6Dayak", PLAIN),
    ("https://news.example/2026/03/%6dayak", PLAIN),
    ("https://news.example/a%c3%a9", "https://news.example/aé"),
    ("https://news.example/a b", "https://news.example/a%20b"),
    ("https://news.example/50%", "https://news.example/50%25"),
    ("https://news.example/wiki/mayak_%28more%29", "https://news.example/wiki/mayak_(more)"),
    ("https://news.example", "http://www.news.example/"),
    ("https://news.example/index.php?id=77", "https://news.example/?id=77"),
    # fragment
    (PLAIN + "#comments", PLAIN),
    (PLAIN + "#", PLAIN),
    (PLAIN + "#:~:text=лампа", PLAIN),
    ("http://news.example/app#!/story/5", "https://news.example/app#!/story/5"),
    ("http://news.example/app#/story/5/", "https://news.example/app#/story/5"),
    ("https://news.example/app#/", "https://news.example/app"),
    # trackers of the West
    (PLAIN + "?utm_source=rss", PLAIN),
    (PLAIN + "?utm_source=rss&utm_medium=feed&utm_campaign=all", PLAIN),
    (PLAIN + "?UTM_SOURCE=rss", PLAIN),
    (PLAIN + "?utm_source=rss&amp;utm_medium=feed", PLAIN),
    (PLAIN + "?fbclid=IwAR0abc", PLAIN),
    (PLAIN + "?gclid=Cj0KCQ", PLAIN),
    (PLAIN + "?gbraid=0AAAA&wbraid=1", PLAIN),
    (PLAIN + "?msclkid=77aa", PLAIN),
    (PLAIN + "?twclid=1&ttclid=2", PLAIN),
    (PLAIN + "?igshid=abc", PLAIN),
    (PLAIN + "?mc_cid=1a&mc_eid=2b", PLAIN),
    (PLAIN + "?_hsenc=p2&_hsmi=9", PLAIN),
    (PLAIN + "?mkt_tok=xyz", PLAIN),
    (PLAIN + "?_ga=2.1.3", PLAIN),
    (PLAIN + "?pk_campaign=feed", PLAIN),
    (PLAIN + "?mtm_source=a&mtm_medium=b", PLAIN),
    (PLAIN + "?at_medium=RSS&at_campaign=KARANGA", PLAIN),
    (PLAIN + "?CMP=share_btn_tw", PLAIN),
    (PLAIN + "?cmpid=rss", PLAIN),
    (PLAIN + "?ocid=socialflow", PLAIN),
    (PLAIN + "?ref=rss", PLAIN),
    (PLAIN + "?ref=portal.example", PLAIN),
    (PLAIN + "?ref_src=twsrc%5Etfw", PLAIN),
    (PLAIN + "?guccounter=1&guce_referrer=aHR0", PLAIN),
    (PLAIN + "?share=facebook", PLAIN),
    # trackers of the East
    (PLAIN + "?yclid=8123", PLAIN),
    (PLAIN + "?ysclid=lq2abc", PLAIN),
    (PLAIN + "?_openstat=ZGlyZWN0", PLAIN),
    (PLAIN + "?utm_referrer=https%3A%2F%2Fdzen.example%2Fnews", PLAIN),
    (PLAIN + "?from=rss", PLAIN),
    (PLAIN + "?from=yxnews", PLAIN),
    (PLAIN + "?from=main", PLAIN),
    (PLAIN + "?source=telegram", PLAIN),
    (PLAIN + "?rb_clickid=55", PLAIN),
    (PLAIN + "?frommail=1", PLAIN),
    (PLAIN + "?tg_rhash=ab12", PLAIN),
    (PLAIN + "?roistat=direct1", PLAIN),
    (PLAIN + "?rpop=1", PLAIN),
    # AMP
    (PLAIN + "/amp", PLAIN),
    (PLAIN + "/amp/", PLAIN),
    (PLAIN + ".amp", PLAIN),
    (PLAIN + "?amp", PLAIN),
    (PLAIN + "?amp=1", PLAIN),
    (PLAIN + "?outputType=amp", PLAIN),
    ("https://news.example/amp/2026/03/mayak", PLAIN),
    ("https://news.example/mayak.amp.html", "https://news.example/mayak.html"),
    ("https://www.google.com/amp/s/news.example/2026/03/mayak", PLAIN),
    ("https://news-example.cdn.ampproject.org/c/s/news.example/2026/03/mayak/amp?usqp=mq331", PLAIN),
    ("https://news.example/2026/amp/mayak-12345", "https://news.example/2026/mayak-12345"),
    ("https://news.example/2026/amp/mayak-12345/amp/index.html", "https://news.example/2026/mayak-12345"),
    # an address inside another
    ("https://www.google.com/url?q=https://news.example/2026/03/mayak&sa=U", PLAIN),
    ("https://www.google.com.ua/url?sa=t&url=https%3A%2F%2Fnews.example%2F2026%2F03%2Fmayak", PLAIN),
    ("https://yandex.ru/turbo?text=https%3A%2F%2Fnews.example%2F2026%2F03%2Fmayak", PLAIN),
    ("https://news-example.turbopages.org/news.example/s/2026/03/mayak?utm_source=turbo", PLAIN),
    ("https://vk.com/away.php?to=https%3A%2F%2Fnews.example%2F2026%2F03%2Fmayak&cc_key=", PLAIN),
    ("https://l.facebook.com/l.php?u=https%3A%2F%2Fnews.example%2F2026%2F03%2Fmayak%3Ffbclid%3Dx&h=AT2", PLAIN),
    ("https://t.me/iv?url=https%3A%2F%2Fm.news.example%2Fshow.php%3Fid%3D77%26utm_source%3Dtg&rhash=1", BY_ID),
    (
        "https://www.google.com/url?url=https://t.me/iv?url=https%253A%252F%252Fnews.example%252F2026%252F03%252Fmayak",
        PLAIN,
    ),
    # sessions
    (PLAIN + ";jsessionid=0A1B2C", PLAIN),
    (PLAIN + "?PHPSESSID=7c4a8d09ca3762af61e59520943dc264", PLAIN),
    (BY_ID + "&sid=7c4a8d09ca3762af61e59520943dc264", BY_ID),
    (BY_ID + "&ASPSESSIONIDQQ=AB", BY_ID),
    (BY_ID + "&session_id=ab12cd34ef56ab12cd34", BY_ID),
    # query
    (PLAIN + "?", PLAIN),
    (PLAIN + "?mTitle=&mDesc=", PLAIN),
    ("https://news.example/show.php?b=2&a=1", "https://news.example/show.php?a=1&b=2"),
    ("https://news.example/show.php?&id=77&", BY_ID),
    ("https://news.example/show.php?amp;utm_source=rss&id=77", BY_ID),
    ("https://news.example/show.php?id=77&xid=rss-top", BY_ID),
    ("https://style.rbc.ru/a?from=column_3", "https://style.rbc.ru/a"),
    (BY_ID + "&utm_term=x", BY_ID),
    ("https://news.example/find?q=a+b", "https://news.example/find?q=a%20b"),
    ("https://news.example/find?q=маяк", "https://news.example/find?q=%d0%bc%d0%b0%d1%8f%d0%ba"),
]

APART = [
    ("https://news.example/show.php?id=77", "https://news.example/show.php?id=78"),
    ("https://news.example/show.php?ELEMENT_ID=83075", "https://news.example/show.php?ELEMENT_ID=83076"),
    ("https://news.example/show.php?sid=46494", "https://news.example/show.php?sid=46495"),
    (
        "https://news.example/show.php?sid=7c4a8d09ca3762af61e59520943dc264",
        "https://news.example/show.php?sid=8c4a8d09ca3762af61e59520943dc264",
    ),
    (
        "https://ads.example/click?p=4&s=7c4a8d09ca3762af61e59520943dc264",
        "https://ads.example/click?p=4&s=8c4a8d09ca3762af61e59520943dc264",
    ),
    ("https://rada.example/?session_id=12", "https://rada.example/?session_id=13"),
    ("https://news.example/show?xid=12", "https://news.example/show?xid=13"),
    ("https://news.example/a?from=column_3", "https://news.example/a"),
    ("https://news.example/?12345", "https://news.example/?12346"),
    ("https://news.example/?p=1", "https://news.example/?p=2"),
    ("https://news.example/show?from=2026-03-01", "https://news.example/show?from=2026-03-02"),
    ("https://news.example/show?source=4711", "https://news.example/show?source=4712"),
    ("https://news.example/show?src=mayak.jpg", "https://news.example/show?src=bereg.jpg"),
    ("https://news.example/app#!/story/5", "https://news.example/app#!/story/6"),
    ("https://news.example/app#/story/5", "https://news.example/app#/story/6"),
    ("https://translated.turbopages.org/proxy_u/en-ru/https/news.example/a", "https://news.example/a"),
    ("https://news.example/reviews/amp/marshall", "https://news.example/reviews/marshall"),
    ("https://pda.od.ua/a", "https://od.ua/a"),
    ("https://m.org.ua/a", "https://org.ua/a"),
    (
        "https://t.me/iv?url=https%3A%2F%2Fnews.example%2F%EC%E0%FF%EA",
        "https://t.me/iv?url=https%3A%2F%2Fnews.example%2F%EB%E0%EC%EF",
    ),
    ("https://news.example/A1b", "https://news.example/a1B"),
    ("https://news.example/a%2Fb", "https://news.example/a/b"),
    ("https://news.example/mayak.html", "https://news.example/mayak.php"),
    ("https://news.example:8080/a", "https://news.example/a"),
    ("https://sport.news.example/a", "https://news.example/a"),
    ("https://m.example/a", "https://example/a"),
    ("https://amp.dev/a", "https://dev/a"),
    ("https://news.example/amp", "https://news.example/"),
    ("https://news.example/lamp", "https://news.example/l"),
    ("https://news.example/index.php/sea", "https://news.example/index.php/land"),
    ("https://news.example/a?b=1&b=2", "https://news.example/a?b=2&b=1"),
]

NOT_HTTP = ["", "   ", "mailto:desk@news.example", "/2026/03/mayak", "//news.example/a", "javascript:alert(1)",
            "urn:x:1", "ftp://news.example/a", "https://", "https:///a", "https://news example/a", "https://[::1/a", "http://:80/",
            "https://" + "я" * 80 + ".рф/a", "https://www..example.com/a", "https://℀.example/a"]  # fmt: skip


@pytest.mark.parametrize(("twin", "other"), TWINS, ids=[twin for twin, _ in TWINS])
def test_links_to_one_article_are_equal(twin, other):
    assert canonical(twin) == canonical(other) is not None


@pytest.mark.parametrize(("one", "other"), APART, ids=[one for one, _ in APART])
def test_links_to_two_articles_stay_apart(one, other):
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize("text", NOT_HTTP)
def test_what_is_no_web_address_has_no_canonical_form(text):
    assert canonical(text) is None


def test_half_a_surrogate_costs_nothing():
    assert canonical("https://news.example/\ud800") == "https://news.example/%ED%A0%80"


@pytest.fixture(scope="module")
def pairs(corpus):
    lines = []
    for file in sorted((corpus / "news-labels/same-event-url-pairs").glob("*.tsv.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as opened:
            lines += [line.rstrip("\n").split("\t") for line in opened][1:]
    return lines


def test_no_two_articles_of_the_corpus_become_one(pairs):
    together = [(one, other) for one, other, label in pairs if label == "BAD" and canonical(one) == canonical(other)]
    assert len(pairs) == 23_331
    assert together == []


def test_the_distinct_addresses_of_the_corpus_stay_distinct(pairs):
    groups = defaultdict(set)
    for url in {url for pair in pairs for url in pair[:2]}:
        groups[canonical(url)].add(url)
    assert [sorted(group) for group in groups.values() if len(group) > 1] == []
    assert None not in groups


def test_the_distinct_addresses_of_the_stream_stay_distinct(corpus):
    with gzip.open(corpus / "news-stream/telegram-20191115.jsonl.gz", "rt", encoding="utf-8") as opened:
        urls = {json.loads(line)["url"] for line in opened}
    assert len(urls) == len({canonical(url) for url in urls}) == 5_275


def test_an_address_wrapped_deeper_than_anybody_wraps_stays_as_it_is():
    deep = "https://t.me/iv?url=" * 4 + PLAIN
    assert canonical(deep) == deep


def test_it_is_fast_enough_for_every_item_of_every_poll(pairs):
    urls = [url for pair in pairs for url in pair[:2]]
    began = time.perf_counter()
    for url in urls:
        canonical(url)
    assert len(urls) / (time.perf_counter() - began) > 10_000  # measured 100,000 a second


@pytest.mark.parametrize(
    ("url", "ascii_form"),
    [
        pytest.param("https://news.example/a%20b?c=d#e", "https://news.example/a%20b?c=d#e", id="ASCII stays"),
        pytest.param(
            "https://маяк.рф/море?ы=1#я",
            "https://xn--80aue1f.xn--p1ai/%D0%BC%D0%BE%D1%80%D0%B5?%D1%8B=1#%D1%8F",
            id="all parts",
        ),
        pytest.param("https://news.example/a%20ы", "https://news.example/a%20%D1%8B", id="escapes stay"),
        pytest.param("https://ю@news.example:81/ы", "https://%D1%8E@news.example:81/%D1%8B", id="user and port"),
    ],
)  # fmt: skip
def test_addresses_are_printed_in_ascii(url, ascii_form):
    assert ascii_only(url) == ascii_form


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        pytest.param("https://a.example/rss", "https://a.example/rss", id="nothing to hide"),
        pytest.param("https://me:word@a.example/rss", "https://a.example/rss", id="login"),
        pytest.param("https://a.example/rss?token=s3&n=5", "https://a.example/rss?n=5", id="token"),
        pytest.param("https://a.example/rss?access_token=s3", "https://a.example/rss", id="only a token"),
        pytest.param("https://a.example/rss?API_KEY=s3&feed=news", "https://a.example/rss?feed=news", id="key"),
        pytest.param("https://a.example/rss?keyword=sea", "https://a.example/rss?keyword=sea", id="no secret"),
        pytest.param("https://me:word@a.example?sig=1", "https://a.example", id="no path"),
        pytest.param("https://a.example/rss?passkey=s3&u=7", "https://a.example/rss?u=7", id="key in one word"),
        pytest.param("https://a.example/rss?feedToken=s3", "https://a.example/rss", id="token in one word"),
        pytest.param("https://a.example/rss?PHPSESSID=s3&sid=s3&hash=s3", "https://a.example/rss", id="sid"),
        pytest.param(
            "https://a.example/rss?author=7&pins=2&design=1",
            "https://a.example/rss?author=7&pins=2&design=1",
            id="alike",
        ),
    ],
)
def test_secrets_are_left_out_of_what_is_shown(url, shown):
    assert public(url) == shown


@pytest.mark.parametrize(
    ("url", "left"),
    [
        ("https://a.example/x?id=1&utm_source=rss&b=%D0%B0+&gclid=z#f", "https://a.example/x?id=1&b=%D0%B0+#f"),
        ("https://a.example/x?utm_source=rss", "https://a.example/x"),
        ("https://a.example/x?&&", "https://a.example/x?&&"),
        ("https://a.example/?ref=rss&sid=1", "https://a.example/?ref=rss&sid=1"),
        ("https://a.example/#?utm_source=rss", "https://a.example/#?utm_source=rss"),
    ],
)
def test_an_address_loses_its_trackers_and_keeps_the_rest_as_written(url, left):
    assert untracked(url) == left
