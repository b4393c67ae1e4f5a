"""Find the mistakes that only show when several places are compared.

In:    the typed files.
Out:   mistakes, appended to the documents they stand in; what groups give to their sources.
Never: reads files, or builds values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from aggregator.config.document import Document, Trail
from aggregator.config.queries import circles
from aggregator.config.schema import Group, Settings, SourceDefaults, Sources, Topics

SourcesFile = tuple[Document, Sources]


def compare_settings(document: Document, settings: Settings) -> None:
    """Hold the keys of aggregator.yaml against each other."""
    if settings.poll.floor > settings.poll.ceiling:
        document.blame(("poll",), "the floor is above the ceiling.")


def compare_topics(document: Document, topics: Topics) -> None:
    """Find sections that are their own grandparents."""
    parents = {name: [section.parent] if section.parent else [] for name, section in topics.sections.items()}
    for circle in circles(parents):
        problem = f"these sections are parts of each other in a circle: {' -> '.join(circle)}."
        document.blame(("sections", circle[0]), problem, at_key=True)


def compare_sources(files: Iterable[SourcesFile]) -> None:
    """Find ids and addresses that stand twice, and groups that contradict each other."""
    files = list(files)
    _once(((d, ("groups", name), name) for d, file in files for name in file.groups), "group", at_key=True)
    _once(((d, ("sources", name), name) for d, file in files for name in file.sources), "source", at_key=True)
    urls = ((d, ("sources", name, "url"), source.url) for d, file in files for name, source in file.sources.items())
    _once(urls, "address", at_key=False)
    _one_voice(files)
    _zones(files)


def _zones(files: list[SourcesFile]) -> None:
    gives = inherited(files)
    for document, file in files:
        for name, source in file.sources.items():
            keys = gives.get(name, {}) | given(source)
            if keys.get("zone_labels") == "ignore" and not keys.get("zone"):
                own = "zone_labels" in source.model_fields_set
                trail: Trail = ("sources", name, "zone_labels") if own else ("sources", name)
                document.blame(trail, "`zone_labels: ignore` needs to know which zone it is.", "Write `zone:`, too.")


def _once(things: Iterable[tuple[Document, Trail, str]], kind: str, *, at_key: bool) -> None:
    first: dict[str, tuple[Document, Trail]] = {}
    for document, trail, name in things:
        if name in first:
            other, stands = first[name]
            line = other.place(stands, at_key=at_key).line
            problem = f"this {kind} stands in {other.file}:{line} already."
            document.blame(trail, problem, at_key=at_key)
        else:
            first[name] = document, trail


def given(keys: SourceDefaults) -> dict[str, Any]:
    """Return the keys that were really written, with their values."""
    return {name: value for name in keys.model_fields_set if (value := getattr(keys, name)) is not None}


def group_gives(group: Group) -> dict[str, Any]:
    """Return what a group gives to its sources."""
    return ({} if group.priority is None else {"priority": group.priority}) | given(group.defaults)


def inherited(files: Iterable[SourcesFile]) -> dict[str, dict[str, Any]]:
    """Return what each source has from its groups. Groups do not contradict each other: that was a mistake."""
    gives: dict[str, dict[str, Any]] = {}
    for _, file in files:
        for group in file.groups.values():
            for source in group.sources:
                gives.setdefault(source, {}).update(group_gives(group))
    return gives


def _one_voice(files: list[SourcesFile]) -> None:
    own = {name: given(source) for _, file in files for name, source in file.sources.items()}
    said: dict[tuple[str, str], tuple[str, Any]] = {}  # (source, key) -> the group that said it, and what
    blamed: set[tuple[str, str, str]] = set()
    for document, name, group in _groups(files):
        for source in group.sources:
            for key, value in group_gives(group).items():
                other, before = said.setdefault((source, key), (name, value))
                if before == value or key in own.get(source, {}) or (name, other, key) in blamed:
                    continue
                blamed.add((name, other, key))
                problem = f'the group "{other}" gives the source "{source}" another `{key}`.'
                short = key == "priority" and group.priority is not None
                trail = ("groups", name, key) if short else ("groups", name, "defaults", key)
                document.blame(trail, problem, "Write the key in the source itself.")


def _groups(files: list[SourcesFile]) -> Iterator[tuple[Document, str, Group]]:
    for document, file in files:
        for name, group in file.groups.items():
            both = group.priority, group.defaults.priority
            if None not in both and both[0] != both[1]:
                problem = "`defaults` of the same group gives another priority."
                document.blame(("groups", name, "priority"), problem, "Write it once.")
            yield document, name, group
