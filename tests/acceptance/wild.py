"""The corpus as a newsroom: every document at an address of its own, and what feedparser alone finds in it."""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import feedparser

from aggregator.lab.origin import Document, Origin

FOLDERS = {
    "real": "fastfeedparser/real",
    "expected": "fastfeedparser/with-expected",
    "rss-parser": "rss-parser/input",
    "rsparser": "rsparser",
    "feedjira": "feedjira",
    "ru-uk": "ru-uk-feeds",
}


@dataclass(frozen=True)
class Wild:
    """One document of the corpus, and where it is served."""

    id: str
    folder: str
    path: Path
    host: str
    number: int

    @cached_property
    def body(self) -> bytes:
        return self.path.read_bytes()

    @property
    def content_type(self) -> str:
        if self.is_json:
            return "application/feed+json"
        return "text/html" if self.path.suffix == ".html" else "application/xml"

    @property
    def is_json(self) -> bool:
        return self.body.lstrip().startswith(b"{")

    @property
    def has_validators(self) -> bool:
        return self.number % 3 != 2

    def document(self) -> Document:
        """Two thirds have a validator: an ETag, a Last-Modified, nothing, and again."""
        etag = f'"{self.number}-etag"'.encode() if self.number % 3 == 0 else None
        modified = b"Sun, 01 Mar 2026 10:00:00 GMT" if self.number % 3 == 1 else None
        return Document(body=self.body, content_type=self.content_type, etag=etag, last_modified=modified)

    @cached_property
    def by_feedparser(self) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return feedparser.parse(
                self.body,
                sanitize_html=False,
                resolve_relative_uris=False,
                response_headers={"content-type": self.content_type},
            )

    @property
    def entries(self) -> list[Any]:
        """What feedparser alone finds; for JSON Feed, which it does not read, the document's own items."""
        if self.is_json:
            return json_items(self.body)
        return list(self.by_feedparser.entries)


def json_items(body: bytes) -> list[Any]:
    """Return the items of a JSON Feed; none where it is no JSON, or another kind of it."""
    try:
        read = json.loads(body)
    except ValueError:
        return []
    return read.get("items", []) if isinstance(read, dict) else []


def documents(corpus: Path, every: int = 1) -> list[Wild]:
    """Return the documents of the folders, numbered, each with its own 127.0.x.y.

    every  so that one of three, say, is there; of those in Russian and Ukrainian each is
    """
    return list(_documents(corpus, every))


def _documents(corpus: Path, every: int) -> Iterator[Wild]:
    number = 0
    for folder, place in FOLDERS.items():
        # The results that are expected are no documents.
        paths = sorted(p for p in (corpus / place).iterdir() if folder != "expected" or p.suffix != ".json")
        for path in paths if folder == "ru-uk" else paths[::every]:
            host = f"127.0.{1 + number // 250}.{1 + number % 250}"
            yield Wild(id=f"{folder}-{number:03d}", folder=folder, path=path, host=host, number=number)
            number += 1


def serve(origin: Origin, wild: list[Wild]) -> dict[str, dict[str, Any]]:
    """Serve all of them; return their sources for sources.yaml."""
    return {one.id: {"url": origin.serve("/feed.xml", one.document(), host=one.host)} for one in wild}


def distinct(entries: list[Any]) -> int:
    """Count entries that are not the same to the letter as an earlier one: those are one item to anybody."""
    return len(Counter(json.dumps(entry, default=str, sort_keys=True) for entry in entries))
