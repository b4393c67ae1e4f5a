"""Lay the finished bytes out as files, so that any static server hands out what we would (output.md O28).

In:    artefacts, topics, the site, a folder.
Out:   feeds/, topics/, opml/, static/, index.html and our own files in the folder, each file beside its .gz; what was
       written and removed.
Never: replaces or removes a file that an export did not write.

A manifest in the folder remembers what is ours. It is written before the files, with what stood there and what shall
stand there, so that an export that was killed is simply done again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aggregator.model import Artefact, Encoding, Site, Topic
from aggregator.serve.answer import Resource
from aggregator.serve.folder import File, Folder, FolderError, open_folder
from aggregator.serve.lists import INDEX, OPML, Known, index, topics_opml
from aggregator.serve.pages import AT_ROOT, static_resources
from aggregator.serve.shelf import Shelf

MANIFEST = ".aggregator-export.json"
SUFFIX: dict[Encoding, str] = {"identity": "", "gzip": ".gz"}
# All that we ever write. What the manifest names otherwise is not ours, whoever wrote it there.
OURS = re.compile(
    r"(feeds/(?P<feed>[a-z0-9][a-z0-9-]{0,63})\.(atom|rss|json)|topics/(?P<page>[a-z0-9][a-z0-9-]{0,63})/index\.html"
    rf"|static/[a-z]+\.[a-z]+|index\.html|opml/topics|{'|'.join(map(re.escape, AT_ROOT))})(\.gz)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export did."""

    written: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    waiting: tuple[str, ...]  # topics that were never published yet: there is nothing of them to write


def export(
    root: Path, artefacts: Sequence[Artefact], topics: Mapping[str, Topic], site: Site, known: Known
) -> Exported:
    """Bring a folder in line with what is published; create it where it is missing. Raises FolderError.

    What belongs to topics that are configured no more goes; what a configured topic had before stays until it is
    published again.
    """
    files = layout(artefacts, topics, site, known)
    with open_folder(root) as folder:
        before = _manifest(folder)
        _refuse_foreign(folder, files, before)
        kept = files.keys() | {name for name in before if _topic_of(name) in topics}
        _remember(folder, before | kept)
        written = [name for name, file in files.items() if folder.put(name, file)]
        removed = [name for name in sorted(before - kept) if folder.remove(name)]
        _remember(folder, kept)
    published = {one.topic for one in artefacts}
    return Exported(
        written=tuple(written),
        removed=tuple(removed),
        unchanged=len(files) - len(written),
        waiting=tuple(topic for topic in topics if topic not in published),
    )


def layout(artefacts: Sequence[Artefact], topics: Mapping[str, Topic], site: Site, known: Known) -> dict[str, File]:
    """Return every file by its path in the folder: the same bytes that the server hands out."""
    shelf = Shelf()
    shelf.put(artefacts)
    files = {_path(one): File(one.body, one.last_modified) for one in artefacts}
    lists = {
        f"{INDEX}index.html": index(topics, shelf, site, known),
        OPML: topics_opml(topics, shelf, site, known),
    }
    for path, resource in {**lists, **static_resources()}.items():
        files |= _encodings(path.removeprefix("/"), resource)
    return files


def _path(one: Artefact) -> str:
    name = f"topics/{one.topic}/index.html" if one.format == "html" else f"feeds/{one.topic}.{one.format}"
    return name + SUFFIX[one.encoding]


def _encodings(path: str, resource: Resource) -> dict[str, File]:
    return {path + SUFFIX[encoding]: File(variant.full.body) for encoding, variant in resource.variants.items()}


def _topic_of(name: str) -> str | None:
    found = OURS.fullmatch(name)
    return found and (found["feed"] or found["page"])


def _manifest(folder: Folder) -> set[str]:
    """Return the files that exports wrote here."""
    said = folder.read(MANIFEST)
    try:
        names = json.loads(said)["files"] if said is not None else []
        return {name for name in names if OURS.fullmatch(name)}
    except (ValueError, KeyError, TypeError):
        raise FolderError(f"{folder.path / MANIFEST} is damaged; empty the folder and export again") from None


def _remember(folder: Folder, names: Iterable[str]) -> None:
    folder.put(MANIFEST, File(json.dumps({"files": sorted(names)}, indent=1).encode() + b"\n"))


def _refuse_foreign(folder: Folder, files: Mapping[str, File], ours: set[str]) -> None:
    for name, file in files.items():
        if name not in ours and folder.read(name) not in (None, file.body):
            problem = f"{folder.path / name} was not written by an export and would be lost"
            raise FolderError(f"{problem}; name a folder that is for the export alone")
