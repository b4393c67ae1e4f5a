"""A56: canaries in every place where a secret may stand; then everything that comes out is searched for them.

By design they are in the environment and the memory of the process, in the files that the configuration names, and in
what is sent to the source's own origin or to the egress. The store holds a SHA-256 over how a source is asked.
"""

from __future__ import annotations

import signal
import sqlite3
from base64 import b64encode
from urllib.parse import quote

import pytest
from hostile import is_silent
from proxies import HttpProxy, SocksProxy, running
from sample import document

from aggregator.lab.origin import Document, Origin, Response

PLACES = ("header", "cookie", "basic", "file", "http-egress", "socks-egress", "shut-egress", "dead-egress", "database")
CANARY = {place: f"kanarek-{place}-9c41" for place in PLACES}
LOGIN = {place: f"reader:{CANARY[place]}" for place in PLACES}
SPELLINGS = {
    spelling
    for place in PLACES
    for spelling in (
        CANARY[place].encode(),
        b64encode(LOGIN[place].encode()),
        b64encode(CANARY[place].encode()).rstrip(b"="),
        quote(LOGIN[place], safe="").encode(),
        CANARY[place].encode().hex().encode(),
    )
}
SECRETS = {
    "headers": {"X-Token": "${HEADER}"},
    "cookies": {"sid": "${COOKIE}"},
    "basic": "reader:${BASIC}",
}
TOPICS = {"all": {"title": "Всё", "match": "title:/./"}}
FEED = document(["Мост открыт", "Дорога закрыта"])
ENDS = {  # the state that each source is in after its poll
    "plain": "well",
    "from-file": "well",
    "moved": "well",
    "unauthorized": "failing",
    "wall": "challenged",
    "gone": "gone",
    "page": "failing",
    "circle": "failing",
    "cut": "failing",
    "closed": "failing",
    "by-proxy": "well",
    "by-socks": "well",
    "by-shut": "failing",
    "by-dead": "failing",
}


async def cut(_request, _reader, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n<rss>")


def answers(origin, host):
    """What is asked at that host, by the name of its source."""
    away = origin.serve("/away.xml", FEED, host="127.0.12.200")
    back = f"http://{host}:{origin.port}/circle".encode()
    feed = {name: origin.serve(f"/{name}", FEED, host=host) for name, end in ENDS.items() if end == "well"}
    page = Document(body="<html><title>Вход</title><form>Пароль</form></html>".encode(), content_type="text/html")
    return feed | {
        "moved": origin.script("/moved", _to(away.encode(), 301), host=host),
        "unauthorized": origin.script("/unauthorized", lambda _: Response(status=401), host=host),
        "wall": origin.script("/wall", _status(403, (b"cf-mitigated", b"challenge")), host=host),
        "gone": origin.script("/gone", lambda _: Response(status=410), host=host),
        "page": origin.serve("/page", page, host=host),
        "circle": origin.script("/circle", _to(back, 302), host=host),
        "cut": origin.behave("/cut", cut, host=host),
        "closed": f"http://127.0.12.201:{origin.port}/",
        "by-shut": origin.url("/by-shut", host),
        "by-dead": origin.url("/by-dead", host),
        "silent": origin.behave("/silent", is_silent, host=host),
    }


def _to(goal, status):
    return _status(status, (b"Location", goal))


def _status(status, *headers):
    return lambda _: Response(status=status, headers=list(headers))


def sources(origin, names):
    ways = {"by-proxy": "http", "by-socks": "socks", "by-shut": "shut", "by-dead": "dead"}
    for number, name in enumerate(names, 1):
        url = answers(origin, f"127.0.12.{number}")[name]
        way = {"via": ways[name]} if name in ways else {}
        secrets = SECRETS | ({"basic": "${file:secrets/login}"} if name == "from-file" else {})
        yield name, {"url": url, **secrets, **way}


def configure(place, origin, proxies, names):
    http, socks, shut = proxies
    place.options = ("--debug",)
    place.env = {
        "HEADER": CANARY["header"],
        "COOKIE": CANARY["cookie"],
        "BASIC": CANARY["basic"],
        "HTTP_LOGIN": LOGIN["http-egress"],
        "SOCKS_LOGIN": LOGIN["socks-egress"],
        "SHUT_LOGIN": LOGIN["shut-egress"],
        "DEAD_LOGIN": LOGIN["dead-egress"],
    }
    place.process = {
        "egress": {
            "http": f"http://${{HTTP_LOGIN}}@127.0.0.1:{http.port}",
            "socks": f"socks5h://${{SOCKS_LOGIN}}@127.0.0.1:{socks.port}",
            "shut": f"http://${{SHUT_LOGIN}}@127.0.0.1:{shut.port}",
            "dead": "http://${DEAD_LOGIN}@127.0.0.1:9",
        },
        "metrics": {"allow": ["127.0.0.0/8"]},
    }
    place.write(dict(sources(origin, names)), TOPICS)
    (place.config / "secrets").mkdir(exist_ok=True)
    (place.config / "secrets/login").write_text(LOGIN["file"], "utf-8")


@pytest.fixture(params=[(), pytest.param(("silent",), marks=pytest.mark.slow)], ids=["quick", "with a timeout"])
def told(place, request):
    """Everything that came out of a daemon and its commands, by where it came out; and what was really sent."""
    http, socks, shut = HttpProxy(LOGIN["http-egress"]), SocksProxy(LOGIN["socks-egress"]), HttpProxy("other:login")
    names = [*ENDS, *request.param]
    with Origin() as origin, running(http, socks, shut):
        configure(place, origin, (http, socks, shut), names)
        out = {}
        with place.start() as daemon:
            daemon.wait_for(lambda: ended(daemon) >= set(names), "all polls")
            daemon.wait_for(lambda: daemon.told("topic.published", entries=2), "the topic")
            states = {row["source"]: row["state"] for row in place.json("status")}
            assert ENDS.items() <= states.items()
            out |= commands(place, names) | pages(daemon) | files(place)
            write_wrong(place, origin, names)
            daemon.process.send_signal(signal.SIGHUP)
            daemon.wait_for(lambda: daemon.told("config.refused"), "the refusal")
            out["check of a wrong one"] = said(place.command("check")) + said(place.command("check", "--json"))
            configure(place, origin, (http, socks, shut), names)
            crash(place, daemon)
            out["status after a crash"] = said(place.command("status", "plain"))
            assert daemon.stop() == 0
            out["log"] = "".join(daemon.talk).encode()
        out |= {f"stopped: {name}": data for name, data in files(place).items()}
        out["stdout"] = place.said.read_bytes()
        place.process["database"] = f"postgresql://{LOGIN['database']}@127.0.0.1:9/news"
        place.write(dict(sources(origin, names)), TOPICS)
        for verb in (("status", "--json"), ("poll", "--all")):
            out[f"no database: {verb[0]}"] = said(place.command(*verb))
        with place.begin() as waiting:
            waiting.wait_for(lambda: waiting.told("store.away"), "it to miss its database")
            waiting.stop()
        out["no database: run"] = "".join(waiting.talk).encode()
        yield out, origin.requests, (http, socks), names


def ended(daemon):
    events = ("source.polled", "source.failed", "source.gone")
    return {event["source"] for name in events for event in daemon.told(name)}


def said(process):
    return (process.stdout + process.stderr).encode()


def commands(place, names):
    """What the verbs print, for people and for machines."""
    urls = {row["source"]: row["url"] for row in place.json("status")}
    tries = [("try", urls[name], "--as", name) for name in ("plain", "by-shut")]
    verbs = [("status",), ("check",), ("preview", "all"), ("why", "https://news.example/news/1"), tries[0]]
    out = {" ".join(verb): said(place.command(*verb)) for verb in (*verbs, *(("status", name) for name in names[:5]))}
    for verb in (*verbs, tries[1], ("poll", "plain", "unauthorized"), *(("status", name) for name in names[5:])):
        out[f"{' '.join(verb)} --json"] = said(place.command(*verb, "--json"))
    out["export"] = said(place.command("export", str(place.root / "static")))
    return out


def pages(daemon):
    paths = ["/", "/topics/all", "/metrics", "/healthz", "/readyz", "/status", "/sources", "/sources/plain", "/nowhere"]
    paths += [
        "/opml/sources",
        "/opml/topics",
        "/api/v1/sources",
        "/stories",
        "/feeds/_health.atom",
        "/feeds/_edits.atom",
    ]
    paths += [f"/feeds/all.{form}" for form in ("atom", "rss", "json")]
    got = {path: daemon.get(path) for path in paths}
    assert [got[path].status_code for path in ("/", "/topics/all", "/metrics", "/feeds/all.atom")] == [200] * 4
    return {path: repr(answer.headers).encode() + answer.content for path, answer in got.items()}


def files(place):
    """The store with its journals, and the exported folder; not the configuration."""
    found = [file for file in place.root.rglob("*") if file.is_file() and place.config not in file.parents]
    assert any(file.name == "news.db" for file in found)
    return {str(file.relative_to(place.root)): file.read_bytes() for file in found if file != place.said}


def write_wrong(place, origin, names):
    """Write a configuration in which somebody has put secrets under keys that do not take them."""
    wrong = dict(sources(origin, names))
    wrong["plain"] |= {"zone": "${HEADER}", "section": "${COOKIE}", "language": "${BASIC}", "basic": "${BASIC}"}
    wrong["moved"] |= {"url": "http://${HTTP_LOGIN}@127.0.0.1/", "via": "${HEADER}", "cookies": {"${COOKIE}": "a b"}}
    place.process["egress"] |= {"shut": "htp://${SHUT_LOGIN}@127.0.0.1:9"}
    place.write(wrong, {"all": {"match": "source:${HEADER}"}})


def crash(place, daemon):
    """Break the store under the daemon, so that a poll ends in a fault of ours, while its source is at hand."""
    with sqlite3.connect(place.database) as raw:
        raw.execute("UPDATE source_state SET interval_us = 'nonsense', next_poll_at = added_at WHERE id = 'plain'")
    raw.close()
    daemon.wait_for(lambda: daemon.told("work.crashed"), "the crash")
    with sqlite3.connect(place.database) as raw:
        raw.execute("UPDATE source_state SET interval_us = NULL WHERE id = 'plain'")
    raw.close()


@pytest.mark.timeout(300)
def test_no_secret_comes_out_anywhere(told):
    out, requests, (http, socks), names = told
    leaks = [f"{where}: {word.decode()}" for where, data in out.items() for word in SPELLINGS if word in data]
    assert not leaks, "\n".join(leaks)
    assert len(out) > 50
    assert b"sources.plain.zone" in out["check of a wrong one"]
    assert_sent(requests, http, socks, names)


def assert_sent(requests, http, socks, names):
    """The canaries were in use: their own origins and egresses have got them, and nobody else."""
    login = {place: b"Basic " + b64encode(LOGIN[place].encode()) for place in PLACES}
    asked = {request.target.decode().strip("/"): request for request in requests}
    for name in set(names) - {"closed", "by-shut", "by-dead"}:
        request = asked[name]
        assert request.header(b"x-token") == CANARY["header"].encode()
        assert request.header(b"cookie") == b"sid=" + CANARY["cookie"].encode()
        assert request.header(b"authorization") == login["file" if name == "from-file" else "basic"]
    away = asked["away.xml"]
    assert not any(away.header(name) for name in (b"x-token", b"cookie", b"authorization", b"referer"))
    assert login["http-egress"] in http.heads[0]
    assert socks.asked
