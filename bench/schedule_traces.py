"""When sources publish: real feeds replayed, and generators that know nothing of the policy's model.

In:    the folder of real inputs (without it: generators only), a seed.
Out:   Traces: when each item came into the document, and what it claimed.
Never: copies a text; a real feed gives only the times of its items.

A document of a real feed holds 10 to 50 items, hours to years. It is replayed over weeks: what spans months gives a
window of itself, what spans days is repeated by whole weeks, what spans hours is repeated and thinned by a day's usual
course. On every repetition moments move, and some are left out or doubled, so that nothing can be learned by heart.
"""

from __future__ import annotations

import gzip
import json
import math
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.feeds import documents

START = datetime(2026, 9, 7, tzinfo=UTC)  # a Monday; no clock is changed until the end
BEFORE, AFTER = 40.0, 28.0  # days of a trace before and after the first poll
FEWEST = 8  # dated items that a real feed needs
BUSIEST = 300  # items a day; a document that shows more has the moment it was made on its items
WEEK = 7.0

_ITEM = re.compile(rb"<(item|entry)\b[^>]*>.*?</\1>", re.DOTALL)
_DATE = re.compile(rb"<(?:pubDate|published|dc:date|updated|issued)\b[^>]*>\s*([^<]+?)\s*<")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One source: what it publishes, as the world sees it."""

    name: str
    kind: str
    times: tuple[float, ...]  # days from START, sorted: when each item came into the document
    claims: tuple[datetime | None, ...]  # what it said of when it was published
    holds: int = 20  # items in the document
    item_bytes: int = 1500
    validators: bool = True  # 304 where nothing is new
    zone: str | None = None  # where it is known
    host: str = ""


def traces(corpus: Path | None, seed: int, *, scale: float = 1.0) -> list[Trace]:
    """Return the sources of one seed. scale: the share of each kind, for a quick look."""
    rng = random.Random(seed)
    found = [*_real(corpus, rng, scale), *_generated(rng, scale)]
    hosts = [f"host-{n}" for n in range(max(1, len(found) // 3))]
    return [replace(trace, host=rng.choices(hosts, [1 / (n + 1) for n in range(len(hosts))])[0]) for trace in found]


def tuned(trace: Trace) -> bool:
    """Return whether a source belongs to the half on which constants were fixed; the other half is reported."""
    return sha256(trace.name.encode()).digest()[0] % 2 == 0


def _real(corpus: Path | None, rng: random.Random, scale: float) -> list[Trace]:
    if corpus is None or not corpus.is_dir():
        return []
    found = []
    for number, (body, times) in enumerate(_feeds(corpus)):
        if rng.random() < scale:
            played = replayed(times, rng)
            size = len(body) // len(times)
            found.append(_trace(f"feed-{number}", "real feed", played, rng, holds=len(times), item_bytes=size))
    seen = [(host, times) for host, times in _stream(corpus).items() if len(times) * 24 <= BUSIEST]
    hosts = [pair for pair in seen if rng.random() < 0.06 * scale]
    for host, times in hosts:
        minutes = [moment.minute / 60 / 24 + moment.second / 86400 for moment in times]
        played = _thinned(_tiled(minutes, 1 / 24, rng), rng, rng.uniform(-3, 12))
        found.append(_trace(host, "real hour", played, rng, holds=rng.choice((20, 30, 50))))
    return found


def _feeds(corpus: Path) -> list[tuple[bytes, list[datetime]]]:
    dated = ((body, sorted(_dates(body))) for body in documents(corpus))
    return [(body, times) for body, times in dated if len(times) >= FEWEST and _plausible(times)]


def _plausible(times: Sequence[datetime]) -> bool:
    return len(times) / BUSIEST <= (times[-1] - times[0]) / timedelta(days=1)


def _dates(body: bytes) -> Iterable[datetime]:
    for item in _ITEM.finditer(body):
        found = _DATE.search(item[0])
        moment = _moment(found[1].decode("ascii", "ignore")) if found else None
        if moment is not None:
            yield moment


def _moment(text: str) -> datetime | None:
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = read(text.strip())
        except (ValueError, TypeError):
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def _stream(corpus: Path) -> dict[str, list[datetime]]:
    """Return the moments of every host of the news stream, all within one hour."""
    path = corpus / "news-stream" / "telegram-20191115.jsonl.gz"
    hosts: defaultdict[str, list[datetime]] = defaultdict(list)
    if path.is_file():
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                hosts[row["host"]].append(datetime.fromisoformat(row["published"]))
    return dict(sorted(hosts.items()))


def replayed(times: Sequence[datetime], rng: random.Random) -> list[float]:
    """Return what a feed with these moments does from BEFORE to AFTER, in days from START."""
    days = [(moment - START) / timedelta(days=1) for moment in times]
    span, length = days[-1] - days[0], BEFORE + AFTER
    if span >= length:
        within = rng.choice(days)  # every window holds something
        shift = -WEEK * math.floor((within - rng.uniform(-BEFORE, AFTER - WEEK)) / WEEK)
        return sorted(day + shift for day in days if -BEFORE <= day + shift < AFTER)
    if span >= WEEK / 2:
        return _tiled(days, WEEK * math.ceil(span / WEEK), rng)
    return _thinned(_tiled(days, span * (1 + 1 / len(days)), rng), rng, rng.uniform(-3, 12))


def _tiled(days: Sequence[float], period: float, rng: random.Random) -> list[float]:
    """Return moments repeated; each time a sixth is left out, a sixth doubled, and all move by a quarter of an hour."""
    first = -math.ceil((days[-1] + BEFORE) / period)
    last = math.ceil((AFTER - days[0]) / period)
    found = []
    for tile in range(first, last + 1):
        moved = dict.fromkeys(days, 0.0)
        for day in moved:
            moved[day] = day + tile * period + rng.gauss(0, 0.25 / 24)
        for day in days:
            times = rng.choices((0, 1, 2), (1, 4, 1))[0]
            found += [moved[day] + rng.uniform(0, 0.25 / 24) * n for n in range(times)]
    return sorted(day for day in found if -BEFORE <= day < AFTER)


def _thinned(days: Iterable[float], rng: random.Random, offset: float, weekend: float | None = None) -> list[float]:
    """Return moments with nights and weekends thinned out; offset: local time minus UTC, hours."""
    quiet = rng.uniform(0.4, 1) if weekend is None else weekend
    night = rng.uniform(0.05, 0.6)
    return [day for day in days if rng.random() < _busy(day + offset / 24, night) * (quiet if day % WEEK >= 5 else 1)]


def _busy(local: float, night: float) -> float:
    """Return how busy a newsroom is, 0 to 1: a working day from seven to seven with soft ends."""
    hour = local % 1 * 24
    return night + (1 - night) / (1 + math.exp(-(6 - abs(hour - 13)) / 1.2))


def _generated(rng: random.Random, scale: float) -> list[Trace]:
    found = []
    for kind, (count, make) in GENERATORS.items():
        found += [make(f"{kind} {number}", kind, rng) for number in range(max(2, round(count * scale)))]
    return found


def _rate(rng: random.Random) -> float:
    """Items a day: log-normal, as the rates of real feeds are."""
    return min(max(rng.lognormvariate(math.log(5), 1.5), 0.1), 250)


def _poisson(rate: float, rng: random.Random) -> list[float]:
    found, day = [], -BEFORE
    while (day := day + rng.expovariate(rate)) < AFTER:
        found.append(day)
    return found


def _trace(name: str, kind: str, days: Iterable[float], rng: random.Random, **more: object) -> Trace:
    """Return a trace whose claims are true; servers and documents as they come."""
    times = tuple(sorted(days))
    claims = tuple(START + timedelta(days=day) for day in times)
    given: dict[str, object] = {"holds": rng.choice((10, 20, 20, 30, 50)), "validators": rng.random() < 2 / 3}
    return Trace(name=name, kind=kind, times=times, claims=claims, **(given | more))  # type: ignore[arg-type]


def _newsroom(name: str, kind: str, rng: random.Random) -> Trace:
    zone = rng.choice(("Europe/Kyiv", "Europe/Berlin", "America/New_York", "Asia/Tokyo"))
    offset = START.astimezone(ZoneInfo(zone)).utcoffset() or timedelta(0)
    days = _thinned(_poisson(_rate(rng) * 2, rng), rng, offset / timedelta(hours=1))
    return _trace(name, kind, days, rng, zone=zone if rng.random() < 0.5 else None)


def _exciting(name: str, kind: str, rng: random.Random) -> Trace:
    """Each item brings on 0.6 others within hours (Hawkes): a story develops."""
    found = []
    for day in _thinned(_poisson(_rate(rng) * 0.7, rng), rng, rng.uniform(-3, 12)):
        line = [day]
        for parent in line:
            line += [parent + rng.expovariate(24 / 1.5) for _ in range(rng.choices((0, 1, 2), (5, 4, 1))[0])]
        found += line
    return _trace(name, kind, (day for day in found if day < AFTER), rng)


def _batches(name: str, kind: str, rng: random.Random) -> Trace:
    """Five to fifteen items at one moment, now and then."""
    size = rng.randint(5, 15)
    moments = _poisson(max(_rate(rng) / size, 0.2), rng)
    return _trace(name, kind, (m for m in moments for _ in range(rng.randint(size // 2, size))), rng, holds=30)


def _revived(name: str, kind: str, rng: random.Random) -> Trace:
    """Silent for one to three weeks, from before the first poll or after it, and alive again."""
    stops = rng.uniform(-14, 10)
    wakes = stops + rng.uniform(7, 16)
    days = _thinned(_poisson(_rate(rng) * 2, rng), rng, rng.uniform(-3, 12))
    return _trace(name, kind, (day for day in days if not stops <= day < wakes), rng)


def _moving(name: str, kind: str, rng: random.Random) -> Trace:
    """The newsroom moves five to ten hours away in the middle."""
    moves, away = rng.uniform(5, 15), rng.choice((-1, 1)) * rng.uniform(5, 10)
    offset = rng.uniform(-3, 12)
    days = _poisson(_rate(rng) * 2, rng)
    before = _thinned((day for day in days if day < moves), rng, offset)
    return _trace(name, kind, [*before, *_thinned((day for day in days if day >= moves), rng, offset + away)], rng)


def _misdated(name: str, kind: str, rng: random.Random) -> Trace:
    """Dates that are hours off, the moment of the document, or missing."""
    true = _trace(name, kind, _thinned(_poisson(_rate(rng) * 2, rng), rng, rng.uniform(-3, 12)), rng)
    wrong = rng.choice((timedelta(hours=3), timedelta(hours=-3), timedelta(days=-40), timedelta(hours=10), None))
    claims = tuple(None if wrong is None or claim is None else claim + wrong for claim in true.claims)
    return replace(true, claims=claims)


def _released(name: str, kind: str, rng: random.Random) -> Trace:
    """At the same times of every working day, some minutes late."""
    slots = [rng.uniform(5, 20) for _ in range(rng.choice((1, 1, 2, 4, 8)))]
    late, most = rng.choice((1, 5, 15)), rng.choice((1, 1, 3))
    days = []
    for day in range(-math.floor(BEFORE), math.floor(AFTER)):
        if day % 7 < 5 or rng.random() < 0.2:
            for slot in slots:
                moment = day + slot / 24 + rng.expovariate(1 / late) / 1440
                days += [moment] * rng.randint(1, most)
    return _trace(name, kind, (day for day in days if -BEFORE <= day < AFTER), rng)


Generator = Callable[[str, str, random.Random], Trace]
# How many of each stand beside the real feeds at scale 1.
GENERATORS: dict[str, tuple[int, Generator]] = {
    "newsroom": (36, _newsroom),
    "exciting": (16, _exciting),
    "batches": (14, _batches),
    "revived": (12, _revived),
    "moving": (12, _moving),
    "misdated": (12, _misdated),
    "released": (12, _released),
}
