"""What is judged: pairs of articles, articles by event, merges, and the stream that they come from.

In:    files in the formats of the corpus (same-event-pairs, news-stream) and of bench/judged.
Out:   Articles as the product takes them, pairs and merges with their verdicts, events.
Never: tells a language by itself; the product does (aggregator.tag).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from aggregator.dedup.stories import Article
from aggregator.model import Item
from aggregator.tag import language_of

JUDGED = Path(__file__).parent / "judged"
UNDATED = "2019-11-15T00:00:00+00:00"  # where neither side of a pair has a date, both have this one
MACHINE = "poltava.today"  # over half of the Ukrainian part of the stream; a machine translates it

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two articles, and whether a person found that they tell of one event."""

    first: Article
    second: Article
    same: bool
    written: bool = False  # a side was written for the set, and is little more than a headline
    kind: str = ""  # "near-miss", "copy" ...; of the judged sets

    @property
    def language(self) -> str:
        """Return "ru", "uk", "en", "ru-uk" ..."""
        return "-".join(sorted({self.first.tongue or "?", self.second.tongue or "?"}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Where an article stands among the events of its stream."""

    name: str
    tongue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedMerge:
    """An article that a replay joined to another, and whether a person found that right."""

    kind: str  # "story", "copy"
    item: str
    of: str
    right: bool


class UnusableFile(Exception):
    """A file is not in the format that is named; says which line and what is wrong with it."""


def stream(path: Path) -> dict[str, Article]:
    """Return the articles of a stream by their id, in the order of their arrival: by date, then as they stand."""
    read = _each(path, lambda row: _article(row, row["id"], row["host"]))
    return {article.key: article for article in sorted(read, key=lambda article: article.at)}


def pairs(paths: Iterable[Path], known: Mapping[str, Article]) -> list[Pair]:
    """Return the pairs of several files. known: the articles that they name by id alone."""
    return [pair for path in paths for pair in _each(path, lambda row: _pair(row, known))]


def names_ids(paths: Iterable[Path]) -> bool:
    """Whether any pair of these files names an article by id."""
    rows = (row for path in paths for row in _each(path, lambda row: (row["first"], row["second"])))
    return any("id" in side for sides in rows for side in sides)


def events(path: Path, known: Mapping[str, Article]) -> dict[str, Event]:
    """Return the event of each article that was put into one by hand, by the article's id."""
    found = dict(_each(path, lambda row: (row["id"], Event(name=row["cluster"], tongue=row["lang"]))))
    _in_stream(found, known, path)
    return found


def merges(path: Path, known: Mapping[str, Article]) -> list[JudgedMerge]:
    """Return the merges that were judged by hand."""
    found = list(_each(path, _merge))
    _in_stream((key for one in found for key in (one.item, one.of)), known, path)
    return found


def chains(links: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the group of each that a link names: whoever is linked, by however many steps, is in one."""
    above: dict[str, str] = {}

    def top(name: str) -> str:
        while above.setdefault(name, name) != name:
            name = above[name]
        return name

    for first, second in links:
        above[top(first)] = top(second)
    return {name: top(name) for name in list(above)}


def corpus_pairs(corpus: Path) -> list[Path]:
    """Return the corpus's own files of pairs; none where there is no corpus."""
    return sorted((corpus / "news-labels/same-event-pairs").glob("*.jsonl"))


def corpus_stream(corpus: Path) -> Path:
    """Return the corpus's stream."""
    for path in sorted((corpus / "news-stream").glob("*.jsonl.gz")):
        return path
    raise UnusableFile(f"no stream in {corpus}; name one with --stream, or the corpus with AGGREGATOR_CORPUS")


def by_group(judged: Sequence[Pair], *, everything: bool) -> dict[str, list[Pair]]:
    """Return pairs by language.

    everything  the run over all sets: written headlines stand apart, and what a machine translated is shown once more
    """
    groups: dict[str, list[Pair]] = {"ru": [], "uk": [], "en": [], "ru-uk": []}
    for pair in judged:
        name = f"{pair.language} headlines" if everything and pair.written else pair.language
        groups.setdefault(name, []).append(pair)
    if everything:
        sides = [(pair, MACHINE in (pair.first.source, pair.second.source)) for pair in groups["ru-uk"]]
        groups[f"ru-uk {MACHINE}"] = [pair for pair, machine in sides if machine]
        groups["ru-uk others"] = [pair for pair, machine in sides if not machine]
    return {name: rows for name, rows in groups.items() if rows}


def _in_stream(named: Iterable[str], known: Mapping[str, Article], path: Path) -> None:
    if unknown := set(named) - known.keys():
        raise UnusableFile(f"{path} names articles that are not in the stream: {', '.join(sorted(unknown)[:3])} ...")


def _merge(row: dict[str, Any]) -> JudgedMerge:
    return JudgedMerge(kind=row["kind"], item=row["item"], of=row["of"], right=row["right"])


def _pair(row: dict[str, Any], known: Mapping[str, Article]) -> Pair:
    sides = [row["first"], row["second"]]
    dates = [at for at in (_date(side, known) for side in sides) if at]
    first, second = (_side(side, known, (*dates, UNDATED)[0]) for side in sides)
    written = any("id" not in side and "url" not in side for side in sides)
    return Pair(first=first, second=second, same=row["same_event"], written=written, kind=row.get("kind", ""))


def _side(side: dict[str, Any], known: Mapping[str, Article], otherwise: str) -> Article:
    """Return one article of a pair. otherwise: its date where it has none, that of the other side if that has one."""
    if "id" not in side:
        return _article({"published": otherwise} | side, side.get("url") or side["title"], "")
    if side["id"] not in known:
        raise UnusableFile(f"a pair names article {side['id']}, which is not in the stream; name it with --stream")
    return known[side["id"]]


def _date(side: dict[str, Any], known: Mapping[str, Article]) -> str | None:
    named = known.get(side.get("id", ""))
    return named.at.isoformat() if named else side.get("published")


def _article(row: dict[str, Any], key: str, source: str) -> Article:
    title, body, at = row.get("title") or "", _body(row), datetime.fromisoformat(row["published"])
    tongue = language_of(Item(id=key, title=title, content=body), declared=row.get("lang"))
    return Article(key=key, source=source, title=title, body=body, tongue=tongue or "", at=at, seen_at=at)


def _body(row: dict[str, Any]) -> str:
    """Return the summary, which is mostly the beginning of the text, only where it says something else."""
    summary, text = row.get("summary") or "", row.get("text") or ""
    return f"{summary} {text}" if summary and summary[:40] not in text else text


def _each(path: Path, made: Callable[[dict[str, Any]], Made]) -> Iterator[Made]:
    """Yield what is made of each line; a line that is none of the format is told with its number."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield made(json.loads(line))
            except KeyError as missing:
                raise UnusableFile(f"{path}:{number}: has no {missing}") from missing
            except (ValueError, TypeError) as error:
                raise UnusableFile(f"{path}:{number}: {error}") from error
