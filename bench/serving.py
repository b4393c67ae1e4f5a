"""What handing out costs, beside nginx: `python -m bench.serving --help`.

gzip_200      a topic of 100 entries, compressed: nginx's CPU per answer over ours
not_modified  the same, asked for with its ETag
rebuild       the feeds of that topic after three new entries: our CPU over feedgen's for all 100, Atom and RSS
rebuild_all   the same with all that we make: JSON Feed, the page, everything compressed

Both servers run one process each on one core, ours with the product's own application and server; the client is on
another core and asks over 16 kept connections. What counts is CPU per answer, as the kernel accounts it: a client in
Python cannot make nginx busy. They take turns, and the median of the ratios counts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import uvloop
from feedgen.feed import FeedGenerator

from aggregator.model import (
    Authority,
    Candidate,
    Delivery,
    Item,
    Origin,
    Person,
    Section,
    Site,
    StoredItem,
    Tagged,
    Topic,
    key_of,
)
from aggregator.publish import Fragments, Ledger, Moves, Publication, feed_xml, make
from aggregator.publish.rights import rights_of

ENTRIES, NEW = 100, 3
CONNECTIONS, ANSWERS = 16, 20_000
TURNS = 5
REBUILDS = 10
TARGETS = {"gzip_200": 0.35, "not_modified": 0.20, "rebuild": 0.15}
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TICK = os.sysconf("SC_CLK_TCK")
SITE = Site(public_url="http://127.0.0.1:8080", version="bench")
TOPIC = Topic(id="sea", title="Море", match="section:sea", language="ru")
RIGHTS = rights_of(TOPIC, {})
WORDS = ("море", "маяк", "смотритель", "лампа", "берег", "шторм", "волна", "порт", "причал", "рыбак", "сеть", "утро")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.serving", description="Handing out, beside nginx.")
    parser.add_argument("--answers", type=int, default=ANSWERS, help=f"answers of each kind and turn ({ANSWERS})")
    parser.add_argument("--turns", type=int, default=TURNS, help=f"how often all take turns ({TURNS})")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)  # the process that is measured
    options = parser.parse_args()
    if options.serve:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as `aggregator run` does
            runner.run(_serve(options.serve))
        return
    if not shutil.which("nginx"):
        sys.exit("nginx is not installed, and it is what serving is compared with")
    report = measure(options.answers, options.turns)
    print(json.dumps(report, indent=1) if options.json else table(report))


def measure(answers: int, turns: int) -> dict[str, Any]:
    """Return the medians of all ratios, and microseconds of CPU per answer."""
    first = published(ENTRIES)
    ratios: dict[str, list[float]] = {"gzip_200": [], "not_modified": []}
    cost_us: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder, _nginx(Path(folder), first) as theirs, _ours(Path(folder)) as ours:
        for server in (theirs, ours):
            asyncio.run(_load(server, server.etag, 2_000))
        for _ in range(turns):
            for name, etag in (("gzip_200", None), ("not_modified", "its own")):
                spent = {server.name: _cost_us(server, etag, answers) for server in (theirs, ours)}
                ratios[name].append(spent["nginx"] / spent["ours"])
                for who, us in spent.items():
                    cost_us.setdefault(f"{name}, {who}", []).append(us)
    body = _of(first, "atom", "identity")
    return {
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "document_kb": round(len(body) / 1000),
        "gzipped_kb": round(len(_of(first, "atom", "gzip")) / 1000),
        **{name: round(median(some), 3) for name, some in ratios.items()},
        **rebuilds(),
        "cpu_us": {name: round(median(some), 1) for name, some in cost_us.items()},
        "targets": TARGETS,
    }


def table(report: dict[str, Any]) -> str:
    """Return the report as lines."""
    flat = {name: value for name, value in report.items() if not isinstance(value, dict)}
    flat |= {f"cpu us, {name}": value for name, value in report["cpu_us"].items()}
    lines = [f"{name:28}{value}" for name, value in flat.items()]
    return "\n".join((*lines, "", "wanted: gzip_200 and not_modified at least, rebuild at most: " + str(TARGETS)))


# --- a topic --------------------------------------------------------------------------------------------------------


def candidates(count: int) -> list[Candidate]:
    """Return items as long as news are, about 4 kB each, the newest last."""
    rng = random.Random(1)
    return [_candidate(number, rng) for number in range(count)]


def _candidate(number: int, rng: random.Random) -> Candidate:
    said = [" ".join(rng.choices(WORDS, k=12)).capitalize() + "." for _ in range(24)]
    item = Item(
        id=str(number),
        title=said[0],
        link=f"https://mayak.example/news/{number}",
        summary=f"<p>{said[1]}</p>",
        content="".join(f"<p>{' '.join(said[at : at + 4])}</p>" for at in range(0, len(said), 4)),
        authors=(Person(name="Вахтенный"),),
        published=NOON - timedelta(hours=1) + timedelta(seconds=number),
    )
    stored = StoredItem(
        key=key_of("mayak", item.id),
        seq=number,
        source="mayak",
        item=item,
        first_seen_at=NOON,
        arrival="live",
        arrival_why="",
        rank=0,
        language="ru",
    )
    origin = Origin(source="mayak", title="Маяк", url="https://mayak.example/rss", home="https://mayak.example/")
    tag = Tagged(section="sea", confidence=1.0, why="")
    return Candidate(stored=stored, origin=origin, priority=1.0, story=None, sections=(tag,))


def publish(pending: Sequence[Candidate], before: Publication | None, fragments: Fragments) -> Publication:
    """Return the topic with these items entered behind what it had."""
    live = [replace(row, at=NOON) for row in before.rows] if before else []
    return make(
        TOPIC,
        Ledger(pending=list(pending), live=live, edited=[], voices={}, moves=Moves()),
        sections={"sea": Section(id="sea", title="Море")},
        sources={},
        site=SITE,
        authority=Authority(name="feeds.example", date="2026-03-01"),
        created_at=NOON,
        minted_as=TOPIC.id,
        fragments=fragments,
        now=NOON,
    )


def published(count: int) -> Publication:
    """Return a topic of so many entries."""
    return publish(candidates(count), None, Fragments())


def _of(publication: Publication, kind: str, encoding: str) -> bytes:
    return next(one.body for one in publication.artefacts if (one.format, one.encoding) == (kind, encoding))


def rebuilds() -> dict[str, float]:
    """Return our CPU over feedgen's, for the feeds and for all that we make; several in a row of each, in turns."""
    items = candidates(ENTRIES)
    ours, everything = [], []
    for _ in range(TURNS):
        kept = [Fragments() for _ in range(REBUILDS)]
        before = [publish(items[NEW:], None, fragments) for fragments in kept]
        rows = [*before[0].rows, *publish(items[:NEW], before[0], Fragments()).rows]
        known = [_rendered(rows[:-NEW]) for _ in range(REBUILDS)]
        theirs = _cpu_s_of([partial(feedgen_alone, items)] * REBUILDS)
        ours.append(_cpu_s_of([partial(_feeds_alone, rows, fragments) for fragments in known]) / theirs)
        whole = [partial(publish, items[:NEW], *one) for one in zip(before, kept, strict=True)]
        everything.append(_cpu_s_of(whole) / theirs)
    return {"rebuild": round(median(ours), 3), "rebuild_all": round(median(everything), 3)}


def _rendered(rows: Sequence[Delivery]) -> Fragments:
    fragments = Fragments()
    for row in rows:
        fragments.of(row, "ru", SITE, RIGHTS.of("mayak"))
    return fragments


def _feeds_alone(rows: Sequence[Delivery], fragments: Fragments) -> tuple[bytes, bytes]:
    """Return Atom and RSS with these entries, rendered now or before."""
    about = feed_xml.Setting(site=SITE, id="tag:x", updated=NOON, fresh=timedelta(minutes=1), archive=None)
    parts = [fragments.of(row, "ru", SITE, RIGHTS.of("mayak")) for row in rows]
    atom = feed_xml.atom(TOPIC, [one["atom"] for one in parts], about)
    return atom, feed_xml.rss(TOPIC, [one["rss"] for one in parts], about)


def _cpu_s_of(work: Sequence[Callable[[], object]]) -> float:
    began = time.process_time()
    for one in work:
        one()
    return time.process_time() - began


def feedgen_alone(items: Sequence[Candidate]) -> tuple[bytes, bytes]:
    """Return Atom and RSS as feedgen alone makes them."""
    feed = FeedGenerator()
    feed.id("tag:feeds.example,2026:sea")
    feed.title("Море")
    feed.description("Море")
    feed.link(href="https://feeds.example/topics/sea", rel="alternate")
    for one in items:
        item, entry = one.stored.item, feed.add_entry(order="append")
        entry.id(one.stored.key)
        entry.title(item.title)
        entry.link(href=item.link)
        entry.summary(item.summary, type="html")
        entry.content(item.content, type="html")
        entry.author({"name": "Вахтенный"})
        entry.category({"term": "sea", "label": "Море"})
        entry.published(item.published)
        entry.updated(item.published)
    return feed.atom_str(), feed.rss_str()


# --- servers --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server that answers, and the process whose CPU is counted."""

    name: str
    port: int
    pid: int
    path: str
    etag: str


CONFIG = """
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000;
    gzip_static on;
    types {{ application/atom+xml atom; }}
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{ listen 127.0.0.1:{port}; root {folder}/www; add_header Cache-Control "public, max-age=60"; }}
}}
"""


@contextmanager
def _nginx(folder: Path, publication: Publication) -> Iterator[Running]:
    port = _free_port()
    www = folder / "www"
    www.mkdir()
    (www / "sea.atom").write_bytes(_of(publication, "atom", "identity"))
    (www / "sea.atom.gz").write_bytes(_of(publication, "atom", "gzip"))
    for path in (folder, www):
        path.chmod(0o755)
    config = folder / "nginx.conf"
    config.write_text(CONFIG.format(folder=folder, port=port), "utf-8")
    with _process(["nginx", "-e", "stderr", "-c", str(config)]) as process:
        etag = _waited(port, "/sea.atom")
        [worker] = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("utf-8").split()
        yield Running(name="nginx", port=port, pid=int(worker), path="/sea.atom", etag=etag)


@contextmanager
def _ours(folder: Path) -> Iterator[Running]:
    said = folder / "port"
    with _process([sys.executable, "-m", "bench.serving", "--serve", str(said)]) as process:
        while not said.exists():
            if process.poll() is not None:
                sys.exit("our server ended before it answered")
            time.sleep(0.05)
        port = int(said.read_text("utf-8"))
        yield Running(
            name="ours", port=port, pid=process.pid, path="/feeds/sea.atom", etag=_waited(port, "/feeds/sea.atom")
        )


@contextmanager
def _process(command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    cores = sorted(os.sched_getaffinity(0))
    process = subprocess.Popen(command, preexec_fn=lambda: os.sched_setaffinity(0, cores[:1]))  # noqa: PLW1509
    os.sched_setaffinity(0, cores[1:] or cores)
    try:
        yield process
    finally:
        os.sched_setaffinity(0, cores)
        process.terminate()
        process.wait(10)


async def _serve(said: Path) -> None:
    """Serve the topic with the product's own application until we are ended. said: takes the port."""
    from aggregator.serve import Shelf, make_server
    from aggregator.serve.answer import Answer
    from aggregator.serve.app import Endpoint
    from aggregator.serve.feeds import find_document
    from aggregator.serve.pages import problems
    from aggregator.serve.throttle import Throttle

    shelf = Shelf()
    shelf.put(published(ENTRIES).artefacts)
    said_no: dict[int, Answer] = problems(SITE)
    app = Endpoint(lambda path: find_document(path, shelf, {"sea": TOPIC}, said_no), said_no, "feed", Throttle())
    async with make_server(app, "127.0.0.1", 0) as server:
        said.with_suffix(".part").write_text(str(server.port), "utf-8")
        said.with_suffix(".part").rename(said)
        await asyncio.Event().wait()


def _free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _waited(port: int, path: str) -> str:
    """Return the ETag of the compressed document, as soon as the server gives it."""
    import http.client

    for _ in range(200):
        with suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
            reply = connection.getresponse()
            reply.read()
            if reply.status == 200 and reply.headers["Content-Encoding"] == "gzip":
                return reply.headers["ETag"]
        time.sleep(0.05)
    sys.exit(f"nothing answers on port {port}")


def _cost_us(server: Running, etag: str | None, answers: int) -> float:
    """Return the CPU microseconds that the server spends per answer."""
    before = _cpu_s(server.pid)
    asyncio.run(_load(server, etag and server.etag, answers))
    return (_cpu_s(server.pid) - before) / answers * 1e6


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


async def _load(server: Running, etag: str | None, answers: int) -> None:
    known = f"If-None-Match: {etag}\r\n" if etag else ""
    request = f"GET {server.path} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n{known}\r\n".encode()
    wanted = b"HTTP/1.1 304" if etag else b"HTTP/1.1 200"
    await asyncio.gather(*(_asks(server.port, request, wanted, answers // CONNECTIONS) for _ in range(CONNECTIONS)))


async def _asks(port: int, request: bytes, wanted: bytes, times: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    for _ in range(times):
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(wanted):
            raise SystemExit(f"port {port} answers {head[:60]!r}, not {wanted!r}")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0].strip()
        if length and wanted.endswith(b"200"):
            await reader.readexactly(int(length))
    writer.close()
    await writer.wait_closed()


if __name__ == "__main__":
    main()
