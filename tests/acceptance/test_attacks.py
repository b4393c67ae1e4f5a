"""The attacks of fetching.md (A01-A17) on the daemon as a process: all at once, beside sources that mean well.

Not here, since nothing on this machine can play them: A06 (a name whose address changes: tests/fetch/test_guard.py),
and certificates that are expired or too young, for which the daemon would have to trust an authority of ours
(tests/fetch/test_tls.py). A15 stands in test_crowded_hosts.py.
"""

from __future__ import annotations

import gzip
import re
import signal
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

import pytest
from attacks import FEED, MANY, QUICK, SLOW, Stage, Trap
from harness import Daemon, Place
from hostile import MIB, OK, sends
from sample import rss

from aggregator.lab.origin import Document, Response

FORMATS = ("atom", "rss", "json")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
GOOD = {f"good-{n}": f"127.0.8.{n}" for n in range(1, 5)}
INSISTENT = [  # A17: whoever obeyed one of them would come back with a cookie, elsewhere, or too early
    (b"Set-Cookie", b"id=42; Max-Age=99999"),
    (b"Alt-Svc", b'h2="127.0.0.1:{port}"; ma=99999'),
    (b"Strict-Transport-Security", b"max-age=99999"),
    (b"Link", b"<http://127.0.0.1:{port}/preload>; rel=preload"),
    (b"Refresh", b"0; url=http://127.0.0.1:{port}/"),
]
LURE = (  # A07, A57: a feed that is right, and every address in it is a trap
    '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Приманка</title><id>tag:lure</id>'
    '<icon>{trap}/icon.png</icon><logo>file:///etc/passwd</logo><link rel="hub" href="{trap}/hub"/>'
    '<link rel="prev-archive" href="{trap}/archive"/><link rel="next" href="{trap}/next"/>'
    "<entry><id>tag:lure:1</id><title>Наживка</title><updated>2026-01-01T00:00:00Z</updated>"
    '<link href="{trap}/article"/><link rel="enclosure" href="gopher://127.0.0.1/"/>'
    '<content type="html">&lt;img src="{trap}/picture.png"&gt;</content></entry></feed>'
)


@dataclass(frozen=True)
class Scene:
    """What was seen of one run: before, while and after everybody attacked."""

    place: Place
    daemon: Daemon
    stage: Stage
    names: dict[str, str]  # of a source -> of its attack
    calm_s: list[float]  # how long polls of good sources took without attackers
    busy_s: list[float]  # and beside them
    grown_bytes: int
    feeds: tuple[dict[str, bytes], dict[str, bytes]]  # before and after
    status: dict[str, dict]

    def took_s(self, source):
        (failed,) = self.daemon.told("source.failed", source=source)
        return failed["took_ms"] / 1000


def good_sources(stage):
    """Sources that mean well, polled all the time, with headers that a browser would obey."""
    for number, (name, host) in enumerate(GOOD.items()):
        body = rss([f"Новость {number}", f"Ещё новость {number}"], host=f"{name}.example")
        answer = Response(headers=[(k, v.replace(b"{port}", b"%d" % stage.trap.port)) for k, v in INSISTENT], body=body)
        url = stage.origin.script("/feed.xml", lambda _, answer=answer: answer, host=host)
        yield name, {"url": url, "allow_private": [f"{host}/32"], "poll": {"every": "1s", "under_floor": True}}


def odd_sources(stage):
    """Sources that look like an attack, and can be read. Their items stay out of topics, as on any first contact."""
    trap = f"http://127.0.0.1:{stage.trap.port}"
    odd = {
        "odd-lure": Document(body=LURE.replace("{trap}", trap).encode()),
        "odd-members": Response(
            headers=[(b"Content-Encoding", b"gzip")], body=gzip.compress(FEED[:99]) + gzip.compress(FEED[99:])
        ),
        "odd-garbage": Response(headers=[(b"Content-Encoding", b"gzip")], body=gzip.compress(FEED) + b"\nbye"),
    }
    for number, (name, answer) in enumerate(odd.items(), 1):
        host = f"127.0.9.{number}"
        if isinstance(answer, Document):
            url = stage.origin.serve("/feed.xml", answer, host=host)
        else:
            url = stage.origin.script("/feed.xml", lambda _, answer=answer: answer, host=host)
        yield name, {"url": url, "allow_private": [f"{host}/32"], "first": 0}
    bare = OK.replace(b"\r", b"") + b"Content-Length: %d\n\n" % len(FEED)
    url = stage.origin.behave("/feed.xml", sends(bare, FEED), host="127.0.9.9")
    yield "odd-lines", {"url": url, "allow_private": ["127.0.9.9/32"], "first": 0}


def hostile_sources(stage, attacks):
    for number, (name, attack) in enumerate(attacks.items(), 1):
        host = f"127.0.7.{number}"
        own = {"allow_private": [f"{host}/32"]} if attack.allowed else {}
        yield f"evil-{number}", name, {"url": attack.offer(stage, host), **own, **attack.keys}


def memory_bytes(daemon):
    """The most that the daemon's own process has held since `forget_peak`."""
    status = Path(f"/proc/{daemon.process.pid}/status").read_text("utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) * 1024


def forget_peak(daemon):
    Path(f"/proc/{daemon.process.pid}/clear_refs").write_text("5", "utf-8")  # man 5 proc


def good_polls(daemon):
    return [event for event in daemon.told("source.polled") if event["source"] in GOOD]


def played(place, stage, attacks, patience_s):
    """Let the daemon poll the good sources for a while, then everybody at once."""
    place.process = {"allow_private": [], "poll": {"at_once": 200}}
    good, topics = dict(good_sources(stage)), {"all": {"title": "Всё", "match": "title:/./"}}
    place.write(good, topics)
    with place.start() as daemon:
        daemon.wait_for(lambda: len(good_polls(daemon)) >= 12, "polls without attackers")
        feeds = {form: daemon.get(f"/feeds/all.{form}").content for form in FORMATS}
        forget_peak(daemon)
        calm = len(good_polls(daemon))
        daemon.wait_for(lambda: len(good_polls(daemon)) >= calm + 20, "more of them")
        level, calm = memory_bytes(daemon), len(good_polls(daemon))

        evil = list(hostile_sources(stage, attacks))
        odd = dict(odd_sources(stage))
        place.write({**good, **odd, **{source: keys for source, _, keys in evil}}, topics)
        forget_peak(daemon)
        daemon.process.send_signal(signal.SIGHUP)
        over = {source for source, _, _ in evil}
        daemon.wait_for(
            lambda: over <= {event["source"] for event in daemon.told("source.failed")}, "all to fail", patience_s
        )
        daemon.wait_for(lambda: odd.keys() <= {e["source"] for e in daemon.told("source.polled")}, "the odd ones")
        busy = len(good_polls(daemon))
        daemon.wait_for(lambda: len(good_polls(daemon)) >= busy + 4, "the good ones to go on")
        took_s = [event["took_ms"] / 1000 for event in good_polls(daemon)]
        yield Scene(
            place=place,
            daemon=daemon,
            stage=stage,
            names={source: name for source, name, _ in evil},
            calm_s=took_s[:calm],
            busy_s=took_s[calm:],
            grown_bytes=memory_bytes(daemon) - level,
            feeds=(feeds, {form: daemon.get(f"/feeds/all.{form}").content for form in FORMATS}),
            status={row["source"]: row for row in place.json("status")},
        )
        assert daemon.stop() == 0


@pytest.fixture(
    scope="module", params=[QUICK, MANY, pytest.param(SLOW, marks=pytest.mark.slow)], ids=["quick", "many", "slow"]
)
def scene(request, tmp_path_factory):
    proxy = Trap()
    way = f"http://127.0.0.1:{proxy.port}"  # A16
    place = Place(root=tmp_path_factory.mktemp("attacks"))
    place.env = {name: way for one in PROXIES for name in (one, one.lower())} | {"NO_PROXY": "", "no_proxy": ""}
    with Stage() as stage:
        yield from played(place, stage, request.param, patience_s=100)
        assert proxy.untouched
    proxy.close()


def test_each_attack_ends_as_a_failure_with_its_class_and_reason(scene):
    attacks, wrong = QUICK | MANY | SLOW, []
    for source, name in scene.names.items():
        row, attack = scene.status[source], attacks[name]
        if (row["state"], row["kind"]) != ("failing", attack.kind) or attack.says not in row["problem"]:
            wrong.append(f"{name}: {row['state']}, {row['kind']}: {row['problem']}")
        assert row["items"] == 0
    assert not wrong, "\n".join(wrong)
    assert not scene.daemon.told("work.crashed")


def test_no_attack_outlives_the_patience_it_is_given(scene):
    longest = {name: scene.took_s(source) for source, name in scene.names.items()}
    most_s = 70 if SLOW.keys() >= longest.keys() else 30  # the product's patience is a minute
    assert {name: took for name, took in longest.items() if took >= most_s} == {}


@pytest.mark.fault("F24")
def test_all_of_them_together_cost_little_memory(scene):
    assert scene.grown_bytes < 64 * MIB, f"{scene.grown_bytes / MIB:.0f} MiB"


def test_the_others_are_polled_as_before(scene):
    assert {scene.status[name]["state"] for name in GOOD} == {"well"}
    assert not [event for event in scene.daemon.told("source.failed") if event["source"] in GOOD]
    calm, busy = (quantiles(took, n=20)[-1] for took in (scene.calm_s, scene.busy_s))
    assert busy < max(10 * calm, 3), (calm, busy)  # two cores serve the attacks as well


def test_no_byte_of_a_topic_changes(scene):
    before, after = scene.feeds
    assert before == after
    assert "Новость 0".encode() in after["atom"]
    assert "Лишняя".encode() not in after["atom"]


def test_what_only_looks_like_an_attack_is_read(scene):
    assert {name: row["state"] for name, row in scene.status.items() if name.startswith("odd")} == {
        "odd-lure": "well",
        "odd-members": "well",
        "odd-garbage": "well",
        "odd-lines": "well",
    }
    assert scene.status["odd-garbage"]["flaw_count"] == 1


def test_nobody_was_called_who_may_not_be_called(scene):
    assert scene.stage.trap.untouched


def test_nothing_that_an_answer_demands_is_obeyed(scene):
    asked = [request for request in scene.stage.origin.requests if request.address in GOOD.values()]
    assert len(asked) > 30
    assert {request.target for request in asked} == {b"/feed.xml"}
    assert not [request for request in asked if request.header(b"cookie") or request.header(b"referer")]


NO_ADDRESSES = [  # A08, and of A03 what is no host
    "http://user:w0rd@evil@127.0.0.1/",
    "http://user:w0rd@127.0.0.1/",
    "http://h\\@evil/",
    "http://h:99999/",
    "http://h/\r\nX:y",
    "http://h/a b",
    "http://[fe80::1%25lo]/",
    "http://[::1/",
    "http:///feed",
    "file:///etc/passwd",
    "gopher://127.0.0.1/",
    "javascript:alert(1)",
]


def test_an_address_that_could_be_read_in_two_ways_is_refused_before_anything_starts(place):
    place.write({f"s{n}": {"url": url} for n, url in enumerate(NO_ADDRESSES)}, {"all": {"match": "title:/./"}})
    ended = place.command("check")
    blamed = set(re.findall(r"sources\.(s\d+)\.url: ", ended.stderr))
    assert ended.returncode == 2
    assert {f"s{n}" for n in range(len(NO_ADDRESSES))} == blamed, ended.stderr
    assert "w0rd" not in ended.stderr


def test_a_page_leads_nobody_into_a_private_network(place):
    """A05: what a page names as its feed, by link or by refresh, is guarded as a redirect is."""
    with Stage() as stage:
        trap = f"http://127.0.0.1:{stage.trap.port}"
        page = (
            f'<html><head><title>Вход</title><meta http-equiv="refresh" content="0; url={trap}/refresh">'
            f'<link rel="alternate" type="application/rss+xml" href="{trap}/link">'
            '<link rel="alternate" type="application/atom+xml" href="file:///etc/passwd"></head></html>'
        )
        url = stage.origin.serve("/", Document(body=page.encode(), content_type="text/html"), host="127.0.7.1")
        place.process = {"allow_private": []}
        place.write({"one": {"url": "https://news.example/rss"}}, {"all": {"match": "title:/./"}})
        ended = place.command("try", url, "--allow-private", "127.0.7.1/32", "--guess")
        assert ended.returncode == 1
        assert "is not on the public internet" in ended.stdout
        assert "root:" not in ended.stdout + ended.stderr
        assert stage.trap.untouched
