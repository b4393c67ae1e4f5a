"""An article is found in its page, cleaned, and read in a worker."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest

from aggregator.errors import ParseError
from aggregator.model import Reading, Source, Strip
from aggregator.parse import Workers
from aggregator.parse.article import MOST_TAGS, read

URL = "https://vesna.example/news/1.html"
SENTENCE = "Мост через реку открыли после ремонта, который длился три года и стоил городу немало сил. "
PAGE = (
    "<html><head><meta charset='windows-1251'><title>Мост открыт</title></head><body><nav><a href='/'>Главная</a></nav>"
    "<article><h1>Мост открыт</h1>" + "".join(f"<p>Абзац {n}. {SENTENCE * 3}</p>" for n in range(6)) + "<p>Подробнее в "
    "<a href='/old.html?utm_source=site'>старой статье</a>, где всё это описано очень и очень подробно.</p>"
    "<p class='donate'>Поддержать редакцию можно переводом на карту, мы очень ждём вашей помощи.</p>"
    "<script>alert(1)</script><p onclick='x()'>Конец этой длинной статьи о мосте через реку.</p></article>"
    "<footer>© Весна. Все права защищены.</footer></body></html>"
)


BODY = PAGE.encode("cp1251")
SOURCE = Source(id="a", url=URL)


def article(body: bytes = BODY, strip: Strip | None = None) -> str:
    return read(body, url=URL, content_type="text/html", reading=Reading(strip=strip))


def test_the_article_is_found_and_safe():
    got = article()
    assert got.count("Абзац") == 6
    assert 'href="https://vesna.example/old.html"' in got
    for gone in ("Главная", "Все права", "alert", "onclick", "<html", "<article"):
        assert gone not in got


@pytest.mark.parametrize(
    "strip",
    [
        pytest.param(Strip(select=(".donate",)), id="selector"),
        pytest.param(Strip(phrases=("Поддержать редакцию*",)), id="phrase"),
    ],
)
def test_banners_go_from_articles_too(strip):
    assert "Поддержать" in article()
    got = article(strip=strip)
    assert "Поддержать" not in got
    assert got.count("Абзац") == 6


@pytest.mark.parametrize(
    "body", [b"<html></html>", b"{}", b"<p>" * 10_000, b"http://localhost/", b"\xff\xfe<", b"<!-- -->"]
)
def test_a_page_without_an_article_gives_nothing(body):
    assert len(article(body)) < 100


WORD = "Мост через реку открыли после ремонта. "


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f"<p>{WORD}</p>" * (MOST_TAGS // 2 - 9), id="paragraphs"),
        pytest.param("<b><p>" * (MOST_TAGS // 2 - 9) + WORD, id="never closed"),
        pytest.param("<div>" * (MOST_TAGS // 2 - 9) + WORD + "</div>" * (MOST_TAGS // 2 - 9), id="deep"),
        pytest.param("<table><tr><td>" * 3000 + WORD + "</td></tr></table>" * 3000, id="tables in tables"),
        pytest.param("<table>" + f"<tr><td>{WORD}</td></tr>" * (MOST_TAGS // 4 - 9) + "</table>", id="a long table"),
        pytest.param("<table><tr>" + "<td>1</td>" * (MOST_TAGS // 2 - 9) + "</tr></table>", id="a wide table"),
        pytest.param("<img src='/a.jpg'>" * (MOST_TAGS - 9), id="pictures"),
        pytest.param("<p>" + "<br>" * (MOST_TAGS - 9), id="line breaks"),
        pytest.param("<p>" + "&amp;&abc;&#1072;" * 300_000, id="5 MB of entities"),
        pytest.param("<p>" + " a" * 2_500_000, id="5 MB of words"),
    ],
)
async def test_a_worker_is_done_with_the_worst_pages_long_before_its_deadline(body):
    """Each takes 0.3 to 1.6 s of the 20 s it has; longer would be a parser that hung."""
    async with Workers(count=1) as workers:
        await workers.article(f"<html><body><article>{body}".encode(), url=URL, content_type="", source=SOURCE)


async def test_a_page_with_more_tags_is_refused_and_one_that_never_ends_is_ended():
    async with Workers(count=1, deadline=timedelta(seconds=5)) as workers:
        with pytest.raises(ParseError, match="more than 20,000 tags") as refused:
            await workers.article(b"<p>" * (MOST_TAGS + 1), url=URL, content_type="", source=SOURCE)
        tag = "<p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">"
        with pytest.raises(ParseError) as ended:
            await workers.article(tag.encode(), url=URL, content_type="", source=SOURCE)
        got = await workers.article(BODY, url=URL, content_type="", source=SOURCE)
    assert (refused.value.kind, ended.value.kind) == ("not-a-feed", "parser-hung")
    assert "Абзац" in got


async def test_a_worker_reads_articles_and_feeds_in_turn():
    async with Workers(count=1) as workers:
        source = Source(id="a", url=URL, strip=Strip(select=(".donate",)))
        got = await workers.article(BODY, url=URL, content_type="", source=source)
    assert got.count("Абзац") == 6
    assert "Поддержать" not in got


def test_the_daemon_does_not_load_what_reads_articles():
    loaded = "import sys, aggregator.daemon, aggregator.parse.worker; print('trafilatura' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


@pytest.mark.parametrize("body", [b"", b"\x00", b"%PDF-1.4", b"\x89PNG", b"<p>a" * 100_000])
def test_what_is_no_page_is_refused(body):
    with pytest.raises(ParseError):
        article(body)
