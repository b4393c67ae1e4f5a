"""Which document carries which expectations, in every corpus that has some."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from conform_claims import Claim, header, of_expression, of_result

from aggregator.model import Source

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOST = "http://127.0.0.1:8097"  # where feedparser's own tests serve its documents from
ANY = Source(id="any", url=HOST)  # nothing is configured of it
AUTHORITIES = ("feedparser", "gofeed", "fastfeedparser", "rss-parser")
_RESULTS = {  # folder of the results, folder of the documents
    "gofeed": ("gofeed", "gofeed"),
    "fastfeedparser": ("fastfeedparser/with-expected", "fastfeedparser/with-expected"),
    "rss-parser": ("rss-parser/output", "rss-parser/input"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A document, and what an authority claims of it."""

    path: Path
    claims: tuple[Claim, ...]


def cases(corpus: Path, authority: str) -> Iterator[Case]:
    """Yield an authority's cases in the order of their names."""
    if authority == "feedparser":
        for path in sorted((corpus / authority).rglob("*.xml")):
            yield Case(path=path, claims=tuple(of_expression(header(path.read_bytes())["Expect"])))
        return
    results, documents = _RESULTS[authority]
    for result in sorted((corpus / results).rglob("*.json")):
        document = _document(result, corpus / documents / result.relative_to(corpus / results).parent)
        claims = _claims(result)
        if document is not None and claims:
            yield Case(path=document, claims=claims)


def _document(result: Path, folder: Path) -> Path | None:
    """Return the document of a result: the same name, or that name without `_expected`."""
    stem = result.stem.removesuffix("_expected")
    found = [p for p in sorted(folder.glob("*")) if p.stem == stem and p != result]
    return next((p for p in found if p.suffix != ".json" or result.stem.endswith("_expected")), None)


def _claims(result: Path) -> tuple[Claim, ...]:
    """Return what a result claims; one that is no JSON (gofeed's broken feed, a result in Latin-1) claims nothing."""
    try:
        return tuple(of_result(json.loads(result.read_bytes())))
    except ValueError:
        return ()
