"""Presets from the command line, at the live addresses: a proxy leads t.me and the others to a local origin."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme
from proxies import HttpProxy, running

from aggregator.config.presets import BY_NAME
from aggregator.lab.origin import Document, Origin

CORPUS = Path(__file__).parent.parent / "corpus/presets"
HTML, XML = "text/html; charset=utf-8", "application/atom+xml"
WORDS = {"telegram": "ozero_news", "github": "ozero/most", "reddit": "r/ozero", "mastodon": "ozero@social.example"}
TOPICS = {"all": {"title": "Все", "match": "title:/./"}}


class Detour(HttpProxy):
    """A proxy for which every host is the local origin, whatever its port."""

    def __init__(self, port):
        super().__init__()
        self.goal = port

    async def dial(self, host, port):
        self.asked.append((host, port))
        return await asyncio.open_connection("127.0.0.1", self.goal)


@contextmanager
def live(place, sources, pages):
    """Configure these sources through a detour to an origin that serves these paths."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("t.me").configure_cert(serving)
    with Origin(tls=serving) as origin:
        for path, document in pages.items():
            origin.serve(path, document)
        detour = Detour(origin.port)
        with running(detour):
            place.process = {"egress": {"out": f"http://127.0.0.1:{detour.port}"}}
            place.write({name: {**keys, "via": "out", "verify": False} for name, keys in sources.items()}, TOPICS)
            yield origin, detour


def channel() -> dict[str, Document]:
    body = (CORPUS / "telegram-channel.html").read_bytes()
    return {"/s/ozero_news": Document(body=body, content_type=HTML)}


@pytest.mark.parametrize("written", ["https://t.me/ozero_news", "t.me/s/ozero_news", "telegram:ozero_news"])
def test_try_shows_what_a_channel_gives_and_asks_its_public_page_once(place, written):
    with live(place, {"own": {"telegram": "@ozero_news"}}, channel()) as (origin, detour):
        ended = place.command("try", written)
    assert ended.returncode == 0, ended.stderr
    assert [request.target for request in origin.requests] == [b"/s/ozero_news"]
    assert detour.asked == [("t.me", 443)]
    for said in ("telegram: ozero_news", "«Озеро – Telegram»", "9 items", "У Вінниці відкрили новий міст!"):
        assert said in ended.stdout
    assert "configured already, as own" in ended.stdout


def test_try_prints_the_word_of_a_preset_and_a_poll_takes_it(place):
    with live(place, {"via": {"url": "https://t.me/other"}}, channel()) as (_, detour):
        told = place.json("try", "https://t.me/ozero_news", "--as", "via")
        assert [(one["preset"], one["word"]) for one in told["sources"]] == [("telegram", "ozero_news")]
        assert 'via:\n    telegram: "ozero_news"\n' in told["yaml"]
        assert "select" not in told["yaml"]
        newest = {item["id"]: item["title"] for item in told["asked"][0]["newest"]}
        assert newest["ozero_news/102"] == "Вечір над озером: фоторепортаж"
        place.write({"channel": {"telegram": "ozero_news", "via": "out", "verify": False}}, TOPICS)
        ended = place.command("poll")
        assert ended.returncode == 0, ended.stderr
    assert set(detour.asked) == {("t.me", 443)}
    assert place.json("status", "channel")["items"] == 9


def test_each_preset_is_polled_at_its_live_address(place):
    files = {
        "telegram": "telegram-channel.html",
        "github": "github.xml",
        "reddit": "reddit.xml",
        "mastodon": "mastodon.xml",
    }
    pages = {
        "/" + BY_NAME[name].read(word).url.split("/", 3)[3]: Document(
            body=(CORPUS / files[name]).read_bytes(), content_type=HTML if files[name].endswith("html") else XML
        )
        for name, word in WORDS.items()
    }
    with live(place, {name: {name: word} for name, word in WORDS.items()}, pages) as (_, detour):
        ended = place.command("poll")
        assert ended.returncode == 0, ended.stderr
        sources = {row["source"]: row for row in place.json("status")}
    hosts = {"t.me", "github.com", "www.reddit.com", "social.example"}
    assert set(detour.asked) == {(host, 443) for host in hosts}
    assert set(sources) == set(WORDS)
    assert all(row["items"] for row in sources.values())
    # The documents are of one day and grow older: a source that told often, and nothing since, is quiet.
    assert {row["state"] for row in sources.values()} <= {"well", "quiet"}


def test_a_wrong_word_is_told_before_anything_is_asked(place):
    ended = place.command("try", "youtube: @ozero")
    assert ended.returncode == 2
    assert "a handle has no feed of its own" in ended.stderr
