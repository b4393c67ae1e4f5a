"""What a person names as no content goes, and nothing else."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from parse_samples import NOON, URL, rss

from aggregator.model import Reading, Source, Strip
from aggregator.parse import Workers
from aggregator.parse.draft import Text
from aggregator.parse.read import read
from aggregator.parse.strip import stripped

BANNER = "Раньше «Маяк» поддерживали грантодатели. Сегодня нашу независимость сохранит только Ваша поддержка"


@pytest.mark.parametrize(
    ("strip", "html", "left"),
    [
        pytest.param({"select": (".ad",)}, "<p>a</p><div class='ad'><p>b</p></div>c", "<p>a</p>c", id="selector"),
        pytest.param({"select": ("p > a", "h2")}, "<h2>x</h2><p>a <a>b</a></p>", "<p>a </p>", id="two selectors"),
        pytest.param({"phrases": ("поддержать",)}, "<p>a</p><p><a>Поддержать</a></p>", "<p>a</p>", id="a whole line"),
        pytest.param(
            {"phrases": ("Поддержать",)}, "<p>Поддержать его!</p>", "<p>Поддержать его!</p>", id="not part of a line"
        ),
        pytest.param(
            {"phrases": ("*канал*",)},
            "<div><p>a</p><p>Наш <b>канал</b>!</p></div>",
            "<div><p>a</p></div>",
            id="any words",
        ),
        pytest.param({"phrases": ("Наш*канал",)}, "a<br>Наш лучший канал<br>b", "a<br><br>b", id="between line breaks"),
        pytest.param({"phrases": ("Наш канал",)}, "<p>Наш\n  &nbsp;<i>канал</i></p>a", "a", id="as a reader sees it"),
        pytest.param({"phrases": ("a*b*c",)}, "<p>a c b</p><p>a b b c</p>", "<p>a c b</p>", id="pieces in order"),
        pytest.param({"phrases": ("ab*bc",)}, "<p>abc</p>", "<p>abc</p>", id="pieces do not overlap"),
        pytest.param({"phrases": ("b",)}, "<div>a<p>b</p>b</div>", "<div>a</div>", id="text after a block is a line"),
        pytest.param({"phrases": ("b",)}, "<p>b<img src='x'></p>", '<p><img src="x"></p>', id="pictures stay"),
        pytest.param({"select": ("p",)}, "", "", id="nothing"),
    ],
)
def test_only_what_is_named_goes(strip, html, left):
    assert stripped(Text(value=html), Strip(**strip)).value == left


def test_plain_text_stays_what_it_says():
    text = stripped(Text(value="1 < 2 & <b>", html=False), Strip(select=("b",)))
    assert (text.html, text.value) == (True, "1 &lt; 2 &amp; &lt;b&gt;")


@pytest.mark.parametrize(
    "strip",
    [
        pytest.param(Strip(select=(".support",)), id="selector"),
        pytest.param(Strip(phrases=("Раньше «Маяк»*", "Поддержать")), id="phrases"),
    ],
)
def test_summary_and_content_lose_the_banner_before_they_are_cleaned(strip):
    page = f"<p>Новость.</p><div class='support'><p>{BANNER}</p><button>Поддержать</button></div><p>Далее.</p>"
    teaser = f"<description><![CDATA[<p>Тизер</p><p class=support>{BANNER}</p>]]></description>"
    item = f"<item><title>t</title>{teaser}<content:encoded><![CDATA[{page}]]></content:encoded></item>"
    (got,) = read(rss(item).encode(), url=URL, content_type="", zone=None, reading=Reading(strip=strip), now=NOON).items
    assert (got.summary, got.content) == ("<p>Тизер</p>", "<p>Новость.</p><p>Далее.</p>")


def test_the_banner_of_the_seed_page_is_no_content(corpus):
    (path,) = (corpus / "seed-page").glob("*.txt")
    paragraphs = path.read_text("utf-8").split("\n\n")
    end = paragraphs.index("Статьи")
    html = "".join(f"<p>{paragraph.strip()}</p>" for paragraph in paragraphs[:end])
    left = stripped(Text(value=html), Strip(phrases=("Раньше*только Ваша поддержка", "Поддержать"))).value
    assert left.count("<p>") == end - 2
    assert "поддержки на международных площадках" in left
    assert "грантодатели" not in left
    assert "Поддержать" not in left


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<i>" * 500 + "<u>a</u>" * 50_000, id="deep and long"),
        pytest.param("<p>a" * 100_000, id="many paragraphs"),
        pytest.param("<p>" + "a<b></b>" * 60_000, id="one long line"),
        pytest.param("<b>" * 20_000 + "<p>" * 2_000, id="repeated"),
    ],
)
def test_a_flood_costs_seconds_at_most(html):
    began = time.monotonic()
    stripped(Text(value=html), Strip(select=("p > b .x",), phrases=("*b*c*d*", "a")))
    assert time.monotonic() - began < 20  # a second where nothing else runs


async def test_the_workers_strip_too():
    async with Workers(count=1) as workers:
        source = Source(id="a", url=URL, strip=Strip(phrases=("b",)))
        body = rss("<item><title>t</title><description>a&lt;br&gt;b</description></item>").encode()
        parsed = await workers.parse(body, url=URL, content_type="", source=source, now=datetime.now(UTC))
    assert parsed.items[0].summary == "a<br>"
