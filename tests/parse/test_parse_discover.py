"""The feeds that a page names, and what it takes to find none where there is none."""

from __future__ import annotations

import time

import pytest

from aggregator.parse.discover import LONGEST, MOST, feeds_of, guesses, kind_of

PAGE = "https://gazette.example/news/index.html"
RSS = 'rel="alternate" type="application/rss+xml"'


def found(html, headers=(), **how) -> list[str]:
    return [candidate.url for candidate in feeds_of(html, PAGE, headers, **how)]


@pytest.mark.parametrize(
    ("head", "url"),
    [
        pytest.param(f'<link {RSS} href="https://f.example/a.xml">', "https://f.example/a.xml", id="absolute"),
        pytest.param(f'<link {RSS} href="a.xml">', "https://gazette.example/news/a.xml", id="relative"),
        pytest.param(f'<link {RSS} href="/a.xml">', "https://gazette.example/a.xml", id="from the root"),
        pytest.param(f'<link {RSS} href="//f.example/a">', "https://f.example/a", id="without a scheme"),
        pytest.param(f'<base href="/x/"><link {RSS} href="a">', "https://gazette.example/x/a", id="base"),
        pytest.param(f'<link {RSS} href="a"><base href="/x/">', "https://gazette.example/x/a", id="base behind it"),
        pytest.param(
            f'<base href="ftp://f.example/"><link {RSS} href="a">', "https://gazette.example/news/a", id="base not web"
        ),
        pytest.param(
            "<link rel='alternate' type='application/rss+xml' href='/a'>",
            "https://gazette.example/a",
            id="single quotes",
        ),
        pytest.param("<link rel=alternate type=application/rss+xml href=/a>", "https://gazette.example/a", id="none"),
        pytest.param(
            '<LINK REL="ALTERNATE" TYPE="Application/Atom+XML" HREF="/A">', "https://gazette.example/A", id="upper case"
        ),
        pytest.param(
            '<link rel="alternate home" type="application/feed+json; charset=utf-8" href="/a">',
            "https://gazette.example/a",
            id="parameters",
        ),
        pytest.param('<link rel="feed" href="/a">', "https://gazette.example/a", id="rel=feed"),
        pytest.param(
            '<link rel="alternate" type="text/xml" href="/rss.xml">', "https://gazette.example/rss.xml", id="xml"
        ),
        pytest.param(f'<link {RSS} href="/a?x=1&amp;y=2#top">', "https://gazette.example/a?x=1&y=2", id="references"),
        pytest.param(f"<body><div><link {RSS} href='/a'>", "https://gazette.example/a", id="in the body"),
        pytest.param(
            f'<div title="a>b"><link {RSS} href="/a">', "https://gazette.example/a", id="behind a > in quotes"
        ),
        pytest.param(f'\x00<html>\x00<link {RSS} href="/a">', "https://gazette.example/a", id="behind a NUL"),
    ],
)
def test_a_feed_that_a_page_names_is_found(head, url):
    assert found(head) == [url]


@pytest.mark.parametrize(
    "head",
    [
        pytest.param('<link rel="stylesheet" type="text/css" href="/feed.css">', id="style"),
        pytest.param('<link rel="alternate" hreflang="uk" href="/uk/">', id="translation"),
        pytest.param('<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">', id="an API"),
        pytest.param('<link rel="alternate" type="application/json+oembed" href="/oembed?url=x">', id="oEmbed"),
        pytest.param(f'<link {RSS} href="javascript:alert(1)//rss">', id="javascript"),
        pytest.param(f'<link {RSS} href="java\tscript:alert(1)">', id="javascript in disguise"),
        pytest.param(f'<link {RSS} href="file:///etc/passwd">', id="file"),
        pytest.param(f'<link {RSS} href="data:application/rss+xml,x">', id="data"),
        pytest.param(f'<link {RSS} href="https://user:word@f.example/rss">', id="somebody's password"),
        pytest.param(f'<link {RSS} href="http://[::1/rss">', id="broken host"),
        pytest.param(f"<link {RSS} href=''>", id="the page itself"),
        pytest.param(f"<link {RSS}>", id="no address"),
        pytest.param(f'<!-- <link {RSS} href="/a"> -->', id="a comment"),
        pytest.param(f"<script>x='<link {RSS} href=\"/a\">'</script>", id="a script"),
        pytest.param('<a href="https://reader.example/add?url=https://gazette.example/rss">', id="add to a reader"),
        pytest.param('<a href="/feed-the-birds">', id="a word that begins like it"),
        pytest.param('<a href="/press">', id="a word that holds it"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_is_no_feed_is_not_taken_for_one(head):
    assert found(head) == []


@pytest.mark.parametrize(
    "href",
    ["/rss/", "/rss.asp", "/site/news_ukr.rss", "https://rss.f.example/", "/feed/", "/main.atom", "/?feed=rss2"],
)
def test_links_that_look_like_feeds_are_weak_candidates(href):
    (candidate,) = feeds_of(f'<a href="{href}">Наш <b>RSS</b> &amp; всё</a> прочее', PAGE)
    assert (candidate.how, candidate.title) == ("anchor", "Наш RSS & всё")


def test_the_best_stand_first_and_each_address_once():
    html = (
        f'<a href="/rss/">RSS</a><a href="/all.xml">не то</a>'
        f'<link {RSS} title="Коментарі" href="/c.xml"><link {RSS} href="/all.xml"><a href="/all.xml" type='
        f'"application/rss+xml">Все новости</a>'
    )
    candidates = feeds_of(html, PAGE, ['</h.json>; rel="alternate"; type="application/feed+json"; title="Головне"'])
    assert [(c.url.rpartition("example")[2], c.how, c.title, c.type) for c in candidates] == [
        ("/h.json", "header", "Головне", "JSON"),
        ("/all.xml", "link", "Все новости", "RSS"),
        ("/c.xml", "link", "Коментарі", "RSS"),
        ("/rss/", "anchor", "RSS", ""),
    ]


@pytest.mark.parametrize(
    ("value", "title"),
    [
        pytest.param('</f>; rel="alternate"; type="application/rss+xml"', "", id="plain"),
        pytest.param("</f>;rel=alternate;type=application/rss+xml", "", id="tokens"),
        pytest.param('</s.css>; rel=preload, </f>; REL=Alternate; TYPE="application/rss+xml"', "", id="second of two"),
        pytest.param(
            '</f>; rel=alternate; type="application/rss+xml"; title="a, \\"b\\"; c"', 'a, "b"; c', id="quoted"
        ),
        pytest.param(
            "</f>; title=x; title*=UTF-8''%D0%9D%D0%BE%D0%B2%D0%B5; rel=alternate; type=application/rss+xml",
            "Нове",
            id="RFC 8187",
        ),
    ],
)
def test_a_link_header_names_a_feed(value, title):
    (candidate,) = feeds_of('<base href="/elsewhere/">', PAGE, [value])
    assert (candidate.url, candidate.how, candidate.title) == ("https://gazette.example/f", "header", title)


@pytest.mark.parametrize("value", ["", "<", "</f>", "</f>; rel", "</f> rel=alternate", "<>; rel=alternate", '</f>; "'])
def test_a_link_header_without_sense_names_none(value):
    assert found("", [value]) == []


def test_the_target_of_a_refresh_is_noted_and_is_no_feed():
    (candidate,) = feeds_of("<meta http-equiv='Refresh' content=\"0; URL='/rss/new'\">", PAGE)
    assert (candidate.url, candidate.how) == ("https://gazette.example/rss/new", "refresh")


@pytest.mark.parametrize(
    ("codec", "declared", "content_type"),
    [
        pytest.param("cp1251", "<meta charset=windows-1251>", "text/html", id="the page says it"),
        pytest.param(
            "koi8-r", '<meta http-equiv=Content-Type content="text/html; charset=koi8-r">', "", id="the old way"
        ),
        pytest.param("cp1251", "", "text/html; charset=windows-1251", id="the server says it"),
        pytest.param("cp1251", "<meta charset=utf-8>", "text/html", id="the page is wrong"),
        pytest.param("utf-8", "<meta charset=windows-1251>", "text/html", id="the page is wrong the other way"),
        pytest.param("utf-16", "", "text/html", id="utf-16 with a mark"),
    ],
)
def test_titles_are_read_in_the_encoding_of_the_page(codec, declared, content_type):
    page = f'<html><head>{declared}<link {RSS} title="Новости региона" href="/rss"></head>'.encode(codec)
    (candidate,) = feeds_of(page, PAGE, content_type=content_type)
    assert candidate.title == "Новости региона"


def test_titles_are_plain_text_without_what_turns_a_terminal():
    html = f'<link {RSS} href="/a" title="&lt;b&gt;A\x1b[31m &#x202E;B\x00\n C{"x" * 1000}">'
    (candidate,) = feeds_of(html, PAGE)
    assert candidate.title == ("<b>A[31m B C" + "x" * 1000)[:200]


def test_there_are_never_more_than_a_person_can_read():
    assert len(found("".join(f'<link {RSS} href="/{n}">' for n in range(1000)))) == MOST


@pytest.mark.parametrize(
    "junk",
    [
        pytest.param("<div>" * 100_000, id="deep"),
        pytest.param("<x>" * 150_000 + "</y>" * 100_000, id="strayed ends"),
        pytest.param("<div>" * 100_000 + "</p>" * 100_000, id="strayed paragraphs"),
        pytest.param("<span>" * 70_000 + "</a>" * 150_000, id="strayed anchors"),
        pytest.param("<a href=/rss>" * 150_000, id="anchors in anchors"),
        pytest.param("<a " + " ".join(f"x{n}=1" for n in range(150_000)) + ">", id="attributes"),
        pytest.param("<" * LONGEST, id="less than"),
        pytest.param("<!-- " * 300_000, id="comments"),
        pytest.param("<title>" * 200_000 + "</title>" * 50_000, id="titles"),
        pytest.param("\x00" * LONGEST, id="NULs"),
        pytest.param("&#xD800;&#x110000;" * 50_000, id="references to nothing"),
        pytest.param("<![CDATA[" * 100_000, id="CDATA"),
        pytest.param("<meta http-equiv=refresh content='0;url=/x'>" * 40_000, id="refreshes"),
    ],
)
def test_hostile_pages_cost_little_and_never_raise(junk):
    began = time.process_time()
    candidates = feeds_of((f'<link {RSS} href="/a">' + junk).encode() * 3, PAGE)
    kind_of(junk.encode(), "")
    assert candidates[0].url == "https://gazette.example/a"
    assert time.process_time() - began < 10  # 1 s at worst where this was written; unguarded 45 s


def test_any_bytes_are_a_page_without_feeds():
    for body in (b"", b"\xff\xfe", b"\xef\xbb\xbf", bytes(range(256)) * 40, b"%PDF-1.7 rss", b"<" * 9 + b"\xd0"):
        assert feeds_of(body, PAGE, content_type='text/html; charset="\xff"') == ()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param(b"<rss version='2.0'>", "RSS", id="RSS"),
        pytest.param(b"<?xml version='1.0'?><!-- x --><feed xmlns='http://www.w3.org/2005/Atom'>", "Atom", id="Atom"),
        pytest.param(b"<rdf:RDF xmlns:rdf='x'>", "RDF", id="RDF"),
        pytest.param(b'\xef\xbb\xbf {"version": "x"}', "JSON", id="JSON"),
        pytest.param(b"<!DOCTYPE html><p>", "HTML", id="HTML"),
        pytest.param(b"<title>x</title>", "HTML", id="HTML that leaves out what may be left out"),
        pytest.param(b"\x89PNG", "other", id="a picture"),
        pytest.param(b"", "other", id="nothing"),
    ],
)
def test_a_body_is_told_by_its_beginning(body, kind):
    assert kind_of(body, "text/html") == kind


def test_guesses_are_few_and_at_the_root_of_the_site():
    urls = [candidate.url for candidate in guesses("https://gazette.example:8443/deep/page?x=1")]
    assert "https://gazette.example:8443/feed" in urls
    assert len(urls) <= 6
    assert all(url.startswith("https://gazette.example:8443/") for url in urls)
