"""Whatever a source sends, it leaves a reason a person understands, and nobody else's feed suffers."""

from __future__ import annotations

import asyncio
import re
import sqlite3

import pytest
from sample import document, rss

from aggregator.lab.origin import Document, Origin, Response

GOOD = ["Мост открыт", "Дорога закрыта"]
PAGE = "<!DOCTYPE html><html><head><title>Вход</title></head><body><form>Пароль</form></body></html>".encode()


async def _cut(_request, _reader, writer):
    body = rss(GOOD)
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: %d\r\n\r\n" % (len(body) + 999)
    )
    writer.write(body)
    await writer.drain()


async def _drip(_request, _reader, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n\r\n")
    while True:
        writer.write(b" " * 65536)
        await writer.drain()
        await asyncio.sleep(0)


def served(body, content_type="application/rss+xml"):
    return lambda origin, path, host: origin.serve(path, Document(body=body, content_type=content_type), host=host)


def scripted(**answer):
    return lambda origin, path, host: origin.script(path, lambda _: Response(**answer), host=host)


def circling(origin, path, host):
    back = f"http://{host}:{origin.port}{path}".encode()
    return origin.script(path, lambda _: Response(status=302, headers=[(b"Location", back)]), host=host)


BAD = {
    "html": (served(PAGE, "text/html"), "not-a-feed", "an HTML page came, titled «Вход»"),
    "empty": (served(b""), "empty", "empty"),
    "blank": (served(b" \n\n "), "empty", "empty"),
    "json": (served(b'{"a": 1}', "application/json"), "not-a-feed", "JSON"),
    "image": (served(b"\x89PNG\r\n\x1a\n" + bytes(99), "image/png"), "not-a-feed", "an image"),
    "words": (served("Сайт переехал".encode(), "text/plain"), "not-a-feed", "text came"),
    "truncated": (lambda o, p, h: o.behave(p, _cut, host=h), "protocol", r"."),
    "huge": (served(b"<rss>" + b" " * 50_000_000), "too-large", "larger than"),
    "endless": (lambda o, p, h: o.behave(p, _drip, host=h), "too-large", "larger than"),
    "circle": (circling, "redirects", "redirect"),
    "missing": (scripted(status=404), "status", "404 Not Found"),
    "gone": (scripted(status=410), "status", "410 Gone"),
    "down": (scripted(status=503, headers=[(b"Retry-After", b"3600")]), "status", "503"),
    "nobody": (lambda _o, _p, h: f"http://{h}:9/feed.xml", "connect", r"."),
}
FINE = {
    "wrong-charset": served(rss(GOOD, encoding="windows-1251").replace(b"windows-1251", b"utf-8", 1)),
    "unknown-encoding": served(rss(GOOD).replace(b'encoding="utf-8"', b'encoding="klingon-8"', 1)),
    "control": served(rss(GOOD).replace("открыт".encode(), "от\x00к\x08рыт".encode(), 1)),
    "cut-xml": served(rss([*GOOD, "Третья новость обрывается"])[:-90]),
    "bad-entity": served(rss(GOOD).replace("закрыта".encode(), b"&#xD800;&#x110000;", 1)),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Every bad source beside one good source, polled once; and what was said."""
    from harness import Place

    place = Place(root=tmp_path_factory.mktemp("bad"))
    with Origin() as origin:
        sources = {"good": {"url": origin.serve("/good.xml", document(GOOD))}}
        for number, (name, (offer, _, _)) in enumerate(BAD.items()):
            sources[f"bad-{name}"] = {"url": offer(origin, f"/{name}", f"127.0.5.{number + 1}")}
        for number, (name, offer) in enumerate(FINE.items()):
            sources[f"fine-{name}"] = {"url": offer(origin, f"/{name}", f"127.0.6.{number + 1}")}
        topics = {name: {"title": name, "match": f"source:{name}"} for name in sources}
        place.write(sources, topics)
        polled = place.json("poll", "--all")
        yield {
            "polled": polled,
            "status": {row["source"]: row for row in place.json("status")},
            "text": place.command("status").stdout,
            "place": place,
        }


@pytest.mark.parametrize("name", BAD)
def test_a_bad_source_says_why(told, name):
    row = told["status"][f"bad-{name}"]
    _, kind, sentence = BAD[name]
    assert (row["state"], row["kind"]) == ("gone" if name == "gone" else "failing", kind), row["problem"]
    assert re.search(sentence, row["problem"]), row["problem"]
    assert "Traceback" not in row["problem"]
    assert row["next_poll_at"]


@pytest.mark.parametrize("name", FINE)
def test_what_can_be_read_is_read_and_its_flaw_is_recorded(told, name):
    row = told["status"][f"fine-{name}"]
    assert (row["state"], row["items"] >= 2, row["flaw_count"] > 0) == ("well", True, True), row
    titles = [entry["title"] for entry in told["place"].json("preview", f"fine-{name}")["shown"]]
    assert any(word in title for title in titles for word in ("Мост", "Дорога"))
    assert not any("\ufffd" in title for title in titles if name != "bad-entity")


def test_nobody_elses_feed_suffers(told):
    assert told["status"]["good"]["state"] == "well"
    assert told["polled"]["topics"]["good"] == len(GOOD)
    assert told["polled"]["polled"] == len(told["status"])


def test_a_person_sees_the_failures_first(told):
    lines = told["text"].splitlines()
    assert "gone" in lines[1]
    assert "404 Not Found" in told["text"]


def test_an_entry_that_no_library_can_render_costs_itself_and_says_so(place):
    """Such an entry can only come from the store: an older version, or another hand, put it there."""
    with Origin() as origin:
        place.write(
            {"good": {"url": origin.serve("/good.xml", document(GOOD))}},
            {"all": {"title": "Всё", "match": "source:good"}},
        )
        place.json("poll", "--all")
        with sqlite3.connect(place.database) as raw:
            raw.execute("UPDATE delivery SET face = replace(face, 'Мост открыт', 'Мост \\u0008 открыт')")
            raw.execute("UPDATE topic_state SET dirty = dirty + 1")
        raw.close()
        with place.start() as daemon:
            daemon.wait_for(lambda: daemon.told("entry.skipped"), "the entry to be left out")
            shown = [item["title"] for item in daemon.get("/feeds/all.json").json()["items"]]
            assert shown == ["Дорога закрыта"]
    assert "entries that cannot be rendered are left out: 1" in place.command("status").stdout
