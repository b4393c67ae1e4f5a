"""Sitemaps: what is hostile in them, and what is plenty."""

from __future__ import annotations

import pytest

from aggregator.errors import ParseError

URL = "<url><loc>https://iskra.example/{0}-story</loc><lastmod>2026-11-{1:02}T10:00:00Z</lastmod></url>"


def urlset(inside: str, head: str = "") -> str:
    return f'{head}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inside}</urlset>'


def index(inside: str) -> str:
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inside}</sitemapindex>'


def test_of_very_many_addresses_the_newest_are_kept(parse):
    got = parse(urlset("".join(URL.format(n, 1 + n % 20) for n in range(5000))), sitemap=True)
    assert len(got.items) == 2000
    assert {item.published.day for item in got.items} == set(range(13, 21))
    assert [flaw.code for flaw in got.flaws] == ["item-too-many"]


LAUGHS = "<!DOCTYPE urlset [<!ENTITY a 'lol'>" + "".join(
    f"<!ENTITY {name} '{f'&{before};' * 10}'>" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "document",
    [
        urlset("<url><loc>&i;</loc></url>" * 100, LAUGHS + "]>"),
        urlset("<url><loc>&x;</loc></url>", '<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
        urlset("<url>" * 100_000),
        urlset("<url><loc>x" + "<b>" * 50_000),
        urlset("<url><loc>" + "&" * 500_000 + "</loc></url>"),
        urlset("<url><news><keywords>" + "a," * 100_000 + "</keywords></news><loc>https://iskra.example/</loc></url>"),
        urlset("<url><loc>" + "https://iskra.example/" + "a" * 1_000_000 + "</loc></url>"),
        urlset("\x00<url><loc>&#xD800;&#99999999999;</loc></url>"),
        "<urlset",
        "<urlset>",
    ],
    ids=lambda document: f"{document[:40]!r}, {len(document)}",
)
def test_a_hostile_sitemap_gives_nothing_it_should_not(parse, document):
    try:
        items = parse(document, sitemap=True).items
    except ParseError as error:
        assert error.kind == "not-a-feed"  # noqa: PT017 - both ends are right
        return
    assert all(len(item.title) <= 1000 and len(item.categories) <= 50 for item in items)
    assert not any("lollol" in item.title or "root:" in item.title for item in items)


@pytest.mark.parametrize(
    ("document", "hint"),
    [
        pytest.param(index(""), "", id="empty"),
        pytest.param(
            index("<sitemap><loc>https://iskra.example/1.xml</loc></sitemap>" * 2),
            "poll the one you want itself; one of them: https://iskra.example/1.xml",
            id="without dates",
        ),
    ],
)
def test_an_index_is_refused(parse, document, hint):
    with pytest.raises(ParseError) as refused:
        parse(document, sitemap=True)
    assert (refused.value.kind, refused.value.hint) == ("sitemap-index", hint)


def test_an_empty_sitemap_is_no_failure_and_a_sitemap_for_a_feed_says_what_to_write(parse):
    assert parse(urlset(""), sitemap=True).items == ()
    with pytest.raises(ParseError, match="a sitemap came") as refused:
        parse(urlset(""))
    assert "`sitemap:`" in refused.value.hint


def test_titles_in_cdata_and_an_address_with_signs_are_read(parse):
    inside = (
        "<url><loc>https://iskra.example/?a=1&amp;b=2</loc>"
        "<n:news xmlns:n='x'><n:title><![CDATA[ Мост & <парк> ]]></n:title></n:news></url>"
    )
    (item,) = parse(urlset(inside), sitemap=True).items
    assert (item.title, item.link) == ("Мост & <парк>", "https://iskra.example/?a=1&b=2")
