"""The systems that are compared: how each is set up on a fresh folder, run for a round, and asked what it holds."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Command = list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One program under measurement."""

    name: str
    prepare: Callable[[Path, list[str]], Command]  # (fresh folder, URLs) -> the command of one round
    table: str  # of its database, with a row per item

    def items(self, folder: Path) -> int:
        """Return how many items it holds."""
        with closing(sqlite3.connect(f"file:{folder / DATABASE}?mode=ro", uri=True)) as store:
            return int(store.execute(f"select count(*) from {self.table}").fetchone()[0])


DATABASE = "news.db"


def _plain(folder: Path, urls: list[str]) -> Command:
    (folder / "urls.json").write_text(json.dumps(urls), "utf-8")
    return [sys.executable, "-m", "bench.plain", str(folder / DATABASE), str(folder / "urls.json")]


def _aggregator(folder: Path, urls: list[str]) -> Command:
    files: dict[str, Any] = {
        "aggregator": {
            "database": f"sqlite:///{folder / DATABASE}",
            "poll": {"at_once": 50},
            "hosts": {"default": {"gap": "0s"}},
            "allow_private": ["127.0.0.0/8"],
        },
        "sources": {"sources": {f"feed-{number}": {"url": url} for number, url in enumerate(urls)}},
        "topics": {"sections": SECTIONS, "rules": RULES, "topics": TOPICS},
    }
    for name, value in files.items():  # JSON is YAML
        (folder / f"{name}.yaml").write_text(json.dumps(value, ensure_ascii=False, indent=1), "utf-8")
    return [sys.executable, "-m", "aggregator", "--config", str(folder), "poll", "--all", "--json"]


SYSTEMS = (
    System(name="aggregator", prepare=_aggregator, table="item"),
    System(name="plain", prepare=_plain, table="entry"),
)

# A newsroom that has something to do with such feeds: eight sections, three rules, ten topics of every kind of query.
SECTIONS = {
    "ukraine": {"title": "Украина", "words": ["Украина", "Україна", "Ukraine", "Киев", "Київ", "Kyiv"]},
    "donbas": {
        "title": "Донбасс",
        "parent": "ukraine",
        "words": ["Донбасс", "Донбас", "Донецк", "Луганск", "Мариуполь"],
    },
    "world": {"title": "Мир", "words": ["ООН", "НАТО", "Europe", "China", "president", "government", "election"]},
    "economy": {"title": "Экономика", "words": ["бюджет", "экспорт", "market", "price", "business", "company"]},
    "technology": {"title": "Технологии", "words": ["нейросеть", "смартфон", "software", "code", "Apple", "Google"]},
    "science": {
        "title": "Наука",
        "words": ["учёный", "research", "science", "space", "data"],
        "not_words": ["data plan"],
    },
    "sport": {"title": "Спорт", "words": ["футбол", "теннис", "football", "game", "team"]},
    "culture": {"title": "Культура", "words": ["фильм", "музыка", "film", "music", "book", "photo"]},
}
RULES = {
    "shelling": 'words:(обстрел, обстріл, "ракетный удар", shelling) in:title,lead',
    "ads": "title:/реклама|партн[её]рский|sponsored|deal of the day/i or category:Реклама,Sponsored",
    "noise": "rule:ads or words:(гороскоп, horoscope) in:title",
}
# The documents are old: this lets in what `first: 10` would, were they of today.
_MUCH = {"backfill": 10, "window": {"items": 100, "hours": 48}}
TOPICS = {
    name: {"title": name, **query, **_MUCH}
    for name, query in {
        "ukraine": {"match": "section:ukraine or rule:shelling", "not": "rule:noise"},
        "donbas": {"match": "section:donbas~0.7 or (lang:ru,uk rule:shelling)"},
        "world": {"match": "section:world not section:sport"},
        "economy": {"match": "section:economy~0.6", "not": "rule:noise or section:sport"},
        "technology": {"match": "section:technology or words:(computer, internet) in:title", "fold": "none"},
        "science": {"match": "section:science"},
        "sport": {"match": "section:sport"},
        "culture": {"match": "section:culture not lang:de,fr"},
        "russian": {"match": "lang:ru,uk"},
        "programming": {"match": "words:(python, ruby, linux, release) or category:programming,Development"},
    }.items()
}
