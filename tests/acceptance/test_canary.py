"""One private source that is a canary from its id to its enclosure: it stands in no public byte.

Beside it public outlets tell the same story, and a public topic would take everything. Every address that the server
has is asked, the log is read, the export, and what went to other hosts. Then the same, with the canary polled first,
and with a source that becomes private while the daemon runs.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from urllib.parse import quote, urljoin, urlsplit

import pytest
from harness import Daemon, Place

from aggregator.lab.origin import Document, Origin
from aggregator.model import key_of

CANARY = "kanarek"
WORD = "канарейка"
HOME = "127.0.13.13"
KEY = key_of(f"{CANARY}-source", f"{CANARY}-guid-1")
ALONE = key_of(f"{CANARY}-source", f"{CANARY}-guid-2")
# All that would give it away; its host is an address.
KEYS = (KEY, ALONE)
WORDS = (CANARY, WORD, HOME)
FIRE = (
    "На складе в Озёрске сгорели двести велосипедов",
    (
        "Пожар на складе компании «Спица» в Озёрске начался ночью с субботы на воскресенье. Огонь уничтожил двести "
        "велосипедов, пострадавших нет, сообщил начальник пожарной части Роман Чубенко. Причину выясняют, склад "
        "восстановят к лету, а велосипеды привезут новые и раздадут школьникам города. До пожара их собирали на лето "
        "для лагеря у озера, куда каждый год приезжают дети из трёх соседних районов."
    ),
)
RETOLD = (
    "Пожарные Озёрска: «Спица» лишилась двухсот велосипедов",
    (
        "Склад «Спицы» вспыхнул в ночь на воскресенье. Двести велосипедов сгорели, никто не пострадал, рассказал Роман "
        "Чубенко, начальник озёрской пожарной части."
    ),
)
AGAIN = ("Огонь оставил школьников Озёрска без велосипедов", FIRE[1])
TOPICS = {
    "open": {"title": "Для всех", "match": "not category:нет", "fold": "story"},
    "copies": {"title": "По одному тексту", "match": "not category:нет", "republish": "full"},
    "own": {"title": "Только свои", "match": "not category:нет", "fold": "story", "visibility": "private"},
}
PUBLIC = [name for name in TOPICS if name != "own"]
FORMS = ("atom", "rss", "json")


def article(guid, title, text, *, link, more=""):
    published = format_datetime(datetime.now(UTC) - timedelta(minutes=9))
    return (
        f"<item><guid isPermaLink='false'>{guid}</guid><title>{title}</title><link>{link}</link>"
        f"<pubDate>{published}</pubDate><description>{escape(text)}</description>{more}</item>"
    )


def channel(title, *items, link="https://outlet.example/"):
    head = f"<title>{title}</title><link>{link}</link><language>ru</language>"
    spaces = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom"'
    return Document(body=f'<rss version="2.0" {spaces}><channel>{head}{"".join(items)}</channel></rss>'.encode())


def canary(origin, *, hub=True):
    """Its document: the fire, told as its own and under the address of a public article; and a matter of its own."""
    home = f"http://{HOME}:{origin.port}/{CANARY}"
    more = (
        f"<dc:creator>{CANARY} {WORD}</dc:creator><category>{CANARY}</category>"
        f'<enclosure url="{home}/voice.mp3" type="audio/mpeg" length="7"/><comments>{home}/talk</comments>'
    )
    return channel(
        f"{CANARY} {WORD}",
        f'<atom:link rel="hub" href="{origin.url("/hub", "127.0.13.99")}"/>' if hub else "",
        article(
            f"{CANARY}-guid-1", f"{WORD}: {AGAIN[0]}", f"{AGAIN[1]} {WORD}", link="https://o1.example/fire", more=more
        ),
        article(f"{CANARY}-guid-2", f"{WORD} поёт одна", f"О ней не знает никто: {WORD}.", link=f"{home}/2", more=more),
        link=f"{home}/",
    )


@dataclass
class Scene:
    """A newsroom with a canary in it."""

    place: Place
    origin: Origin
    sources: dict = field(default_factory=dict)

    def outlet(self, number, title, text, link=""):
        link = link or f"https://o{number}.example/fire"
        document = channel(f"Издание {number}", article("1", title, text, link=link))
        self.sources[f"o{number}"] = {"url": self.origin.serve("/f.xml", document, host=f"127.0.13.{number}")}

    def canary(self, *, hub=True, **how):
        url = self.origin.serve(f"/{CANARY}.xml", canary(self.origin, hub=hub), host=HOME)
        self.sources[f"{CANARY}-source"] = {"url": f"{url}?token={CANARY}", "title": f"{CANARY} {WORD}", **how}

    def write(self):
        self.place.write(self.sources, TOPICS)

    def token(self):
        made = self.place.json("topic", "token", "new", "own")
        assert made["addresses"]["atom"].endswith(f"/private/{made['token']}/feeds/own.atom")
        return made["token"]


@pytest.fixture
def scene(place):
    place.process = {
        "public_url": f"http://127.0.0.1:{place.port}",
        "websub": "on",
        "state_dir": str(place.root / "var"),
    }
    place.process |= {"metrics": {"allow": ["127.0.0.0/8"]}}
    with Origin() as origin:
        yield Scene(place, origin)


def curated(daemon, items):
    return sum(line["items"] for line in daemon.told("items.curated")) >= items


# --- everything that comes out ---------------------------------------------------------------------------------------


def known_addresses() -> Iterator[str]:
    yield from ("/", "/about", "/robots.txt", "/healthz", "/readyz", "/metrics", "/status", "/search?q=%D0%B2")
    yield from ("/sources", "/sources/o1", f"/sources/{CANARY}-source", f"/sources/{CANARY}-source.atom")
    yield from ("/stories", "/opml/topics", "/opml/sources", "/api/v1/sources", "/api/v1/items", "/api/v1/topics")
    yield from ("/feeds/_health.atom", "/feeds/_edits.atom", "/search.atom?q=%D0%B2", "/hub", "/websub/" + "0" * 32)
    for topic in TOPICS:
        yield f"/topics/{topic}"
        yield from (f"/feeds/{topic}.{form}" for form in FORMS)
        yield from (f"/feeds/{topic}/archive/{number}.atom" for number in (1, 2))
    keys = [KEY, ALONE, *(key_of(f"o{number}", "1") for number in (1, 2, 3))]
    for key in keys:
        yield from (
            f"/stories/{key}",
            f"/stories/{key}.atom",
            f"/items/{key}",
            f"/items/{key}/diff",
            f"/items/{key}.atom",
        )


def crawled(daemon: Daemon) -> dict[str, bytes]:
    """Ask every known address, and every one of ours that an answer names; return the answers, headers and all."""
    left, answers = list(known_addresses()), dict[str, bytes]()
    while left:
        path = left.pop()
        if path in answers:
            continue
        reply = daemon.get(path)
        answers[path] = repr(reply.headers).encode() + reply.content
        left += [reply.headers["location"]] if "location" in reply.headers else []
        for link in re.findall(r"""(?:href|src|url)["']?\s*[=:]\s*["']([^"'<>\s]+)["']""", reply.text):
            goal = urlsplit(urljoin(f"{daemon.address}{path}", link.replace("&amp;", "&")))
            if f"{goal.scheme}://{goal.netloc}" == daemon.address:
                left.append(goal.path + (f"?{goal.query}" if goal.query else ""))
    return answers


def exported(place):
    ended = place.command("export", str(place.root / "static"))
    assert ended.returncode == 0, ended.stderr
    files = {str(file): file.read_bytes() for file in (place.root / "static").rglob("*") if file.is_file()}
    assert any(name.endswith("feeds/open.atom") for name in files)
    assert not any("own" in name.rpartition("static/")[2] for name in files)
    return files


def sent_elsewhere(origin):
    """What went to any host but the canary's own."""
    elsewhere = [request for request in origin.requests if request.address != HOME]
    return {f"sent to {one.address}": repr(one).encode() for one in elsewhere}


def leaks(out, words=WORDS + KEYS):
    found = [(where, one) for where, data in out.items() for word in words for one in spelled(word) if one in data]
    return [f"{where}: {one.decode()}" for where, one in found]


def spelled(word):
    spellings = (word, word.title(), word.upper(), quote(word), word.encode("unicode_escape").decode())
    return {spelling.encode() for spelling in spellings}


def everything(scene, daemon):
    out = crawled(daemon) | exported(scene.place) | sent_elsewhere(scene.origin)
    return out | {"the log": "".join(daemon.talk).encode()}


def titles(daemon, path):
    reply = daemon.get(path)
    return [item["title"] for item in reply.json()["items"]] if reply.status_code == 200 else []


def assert_told_to_its_own(scene, daemon):
    """The canary sings under the token, in every form, and nowhere once that is revoked."""
    token = scene.token()
    for form in FORMS:
        reply = daemon.get(f"/private/{token}/feeds/own.{form}")
        assert reply.status_code == 200
        assert WORD in reply.text
        assert reply.headers["cache-control"].startswith("private")
        assert token not in reply.text
    page = daemon.get(f"/private/{token}/topics/own")
    assert WORD in page.text
    assert token not in page.text
    unknown = daemon.get("/feeds/no-such.atom")
    assert (daemon.get("/feeds/own.atom").status_code, daemon.get("/feeds/own.atom").content) == (404, unknown.content)
    assert scene.place.command("topic", "token", "revoke", "own", token).returncode == 0
    assert daemon.get(f"/private/{token}/feeds/own.atom").content == unknown.content
    assert token not in "".join(daemon.talk)
    assert token.encode() not in scene.place.database.read_bytes()


@pytest.mark.parametrize("first", [False, True], ids=["the canary last", "the canary first"])
def test_a_private_source_stands_in_no_public_byte(scene, first):
    outlets = ((1, *FIRE), (2, *RETOLD), (3, *AGAIN))
    if first:
        scene.canary(visibility="private")
    else:
        for outlet in outlets:
            scene.outlet(*outlet)
    scene.write()
    with scene.place.start() as daemon:
        daemon.wait_for(lambda: curated(daemon, 2 if first else 3), "the first items")
        if first:
            for outlet in outlets:
                scene.outlet(*outlet)
        else:
            scene.canary(visibility="private")
        scene.write()
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for(lambda: daemon.told("config.reloaded"), "the reload")
        daemon.wait_for(lambda: curated(daemon, 5), "all items")
        daemon.wait_for(lambda: len(titles(daemon, "/feeds/copies.json")) == 2, "what all may read")
        assert_told_to_its_own(scene, daemon)
        out = everything(scene, daemon)
        assert not leaks(out), "\n".join(leaks(out))
        assert "Озёрск" in out["/stories"].decode()
        pages = [out[f"/stories/{key_of(f'o{number}', '1')}"].decode() for number in (1, 2, 3)]
        assert sorted(page.count('class="entry"') for page in pages) == [0, 0, 3]  # two lead to the third
        assert len(out) > 60
        own = scene.token()
        daemon.wait_for(lambda: len(titles(daemon, f"/private/{own}/feeds/own.json")) == (3 if first else 2), "its own")
        assert daemon.stop() == 0
    assert any(request.address == HOME for request in scene.origin.requests)
    assert not any(request.address == "127.0.13.99" for request in scene.origin.requests)  # the hub that it names
    out = {"stdout": scene.place.said.read_bytes()}
    assert not leaks(out)


def test_a_failing_private_source_is_a_warning_without_a_name(scene):
    scene.outlet(1, *FIRE)
    scene.canary(visibility="private")
    scene.origin.remove(scene.sources[f"{CANARY}-source"]["url"].partition("?")[0])
    scene.write()
    with scene.place.start() as daemon:
        (line,) = daemon.wait_for(lambda: daemon.told("source.failed"), "the failure")
        assert (line["source"], line["status"]) == ("(private)", 404)
        out = {"the log": "".join(daemon.talk).encode(), "/metrics": daemon.get("/metrics").content}
        assert not leaks(out)
        assert scene.place.json("status", f"{CANARY}-source")["state"] == "failing"


def test_a_mistake_about_a_private_source_is_not_told_to_whoever_probes(scene):
    scene.outlet(1, *FIRE)
    scene.canary(visibility="private")
    scene.write()
    with scene.place.start() as daemon:
        scene.sources[f"{CANARY}-source"]["visibilty"] = CANARY
        scene.write()
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for(lambda: daemon.told("config.refused"), "the refusal")
        said = {path: daemon.get(path).content for path in ("/readyz", "/healthz")}
        assert all(b"sources.yaml:" in words for words in said.values())
        assert not leaks(said)


def test_a_source_that_becomes_private_leaves_every_public_document(scene):
    scene.outlet(1, *FIRE)
    scene.outlet(2, *RETOLD)
    scene.canary(hub=False)  # a hub was told while all might know, and has to be told that this is over
    scene.write()
    with scene.place.start() as daemon:
        daemon.wait_for(lambda: curated(daemon, 4), "all items")
        daemon.wait_for(lambda: WORD in daemon.get("/feeds/copies.atom").text, "the canary in a public topic")
        before = daemon.talk[:]
        scene.origin.forget()
        scene.sources[f"{CANARY}-source"]["visibility"] = "private"
        scene.write()
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for(lambda: daemon.told("config.reloaded"), "the reload")
        for topic in PUBLIC:
            daemon.wait_for(lambda t=topic: titles(daemon, f"/feeds/{t}.json"), "the topic made anew")
        daemon.talk = daemon.talk[len(before) :]
        out = everything(scene, daemon)
        found = leaks(out, WORDS)  # ids that readers have stay theirs: tombstones name them, and entries of others
        assert not found, "\n".join(found)
        assert_told_to_its_own(scene, daemon)
