"""Find the mistakes that only show when several places are compared.

In:    the typed files.
Out:   mistakes, appended to the documents they stand in; what groups give to their sources.
Never: reads files, or builds values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from aggregator.config.document import Document, Trail
from aggregator.config.presets import BY_NAME
from aggregator.config.queries import circles
from aggregator.config.schema import Group, Select, Settings, SourceDefaults, Sources
from aggregator.config.topic_keys import TopicExpect, Topics
from aggregator.config.values import split_rate

SourcesFile = tuple[Document, Sources]
KINDS = ("url", "page", "sitemap", *BY_NAME)  # the keys of which a source has one: where it is, and what


def compare_settings(document: Document, settings: Settings) -> None:
    """Hold the keys of aggregator.yaml against each other."""
    if settings.poll.floor > settings.poll.ceiling:
        document.blame(("poll",), "the floor is above the ceiling.")
    if settings.retention.revisions > settings.retention.items:
        problem = "what an item said before is kept no longer than the item."
        document.blame(("retention", "revisions"), problem, "Write at most what `items` says.")


def compare_topics(document: Document, topics: Topics) -> None:
    """Find sections that are their own grandparents, and topics that wait for each other."""
    parents = {name: [section.parent] if section.parent else [] for name, section in topics.sections.items()}
    for circle in circles(parents):
        problem = f"these sections are parts of each other in a circle: {' -> '.join(circle)}."
        document.blame(("sections", circle[0]), problem, at_key=True)
    for circle in circles({name: topic.after for name, topic in topics.topics.items()}):
        problem = f"these topics come after each other in a circle: {' -> '.join(circle)}."
        document.blame(("topics", circle[0], "after"), problem, at_key=True)
    for name, topic in topics.topics.items():
        _expected(document, name, topic.expect)
    _names(document, topics)


def _names(document: Document, topics: Topics) -> None:
    """Check that no former name of a topic is the name of one now, and none belongs to two."""
    first: dict[str, str] = {}
    for name, topic in topics.topics.items():
        for number, former in enumerate(topic.was):
            trail: Trail = ("topics", name, "was", number)
            if former in topics.topics:
                document.blame(trail, f'"{former}" is the name of a topic now.', "Give that one another id.")
            elif first.setdefault(former, name) != name:
                document.blame(
                    trail, f'the topic "{first[former]}" was "{former}" already.', "Write it under one of them."
                )


def _expected(document: Document, name: str, expect: TopicExpect) -> None:
    """Check that not more entries are expected than may come."""
    if expect.min and expect.max:
        (least, per), (most, time) = split_rate(expect.min), split_rate(expect.max)
        if least / per.total_seconds() > most / time.total_seconds():
            document.blame(("topics", name, "expect"), "`min` is above `max`.", at_key=True)


def compare_sources(files: Iterable[SourcesFile]) -> None:
    """Find ids and addresses that stand twice, and groups that contradict each other."""
    files = list(files)
    _once(((d, ("groups", name), name) for d, file in files for name in file.groups), "group", at_key=True)
    _once(((d, ("sources", name), name) for d, file in files for name in file.sources), "source", at_key=True)
    _once(_addresses(files), "address", at_key=False)
    _one_owner(files)
    _one_voice(files)
    gives = inherited(files)
    for document, file in files:
        for name in file.sources:
            _one_kind(document, name, gives.get(name, {}))
            _labels(document, name, gives.get(name, {}) | given(file.sources[name]))


def _one_owner(files: Iterable[SourcesFile]) -> None:
    """Check that no source has two owners; one owner may stand in several files."""
    first: dict[str, tuple[str, Document, Trail]] = {}
    for document, file in files:
        for owner, sources in file.owners.items():
            for number, source in enumerate(sources):
                trail: Trail = ("owners", owner, number)
                other, there, stands = first.setdefault(source, (owner, document, trail))
                if other != owner:
                    line = there.place(stands).line
                    problem = f'the source "{source}" has the owner "{other}" already, in {there.file}:{line}.'
                    document.blame(trail, problem, "Write it under one of them.")


def _addresses(files: Iterable[SourcesFile]) -> Iterator[tuple[Document, Trail, str]]:
    """Yield where each address stands. A page may stand for several sources, each with items of its own."""
    for document, file in files:
        for name, source in file.sources.items():
            for kind in KINDS:
                if address := getattr(source, kind):
                    items = f" {source.select.item}" if source.select else ""
                    url = BY_NAME[kind].read(address).url if kind in BY_NAME else address
                    yield document, ("sources", name, kind), url + items


def _one_kind(document: Document, name: str, gives: dict[str, Any]) -> None:
    """Check that a source is a feed, a page or a sitemap, and has the keys of one."""
    here: Trail = ("sources", name)
    # a key with a mistake of its own is there, too; one with nothing behind it is not
    written = {key for key, value in document.at(here).items() if value is not None}
    kinds = [kind for kind in KINDS if kind in written]
    for other in kinds[1:]:
        document.blame((*here, other), f"`{other}` and `{kinds[0]}` contradict each other.", "Write one.", at_key=True)
    if not kinds:
        presets = ", ".join(BY_NAME)
        hint = f"A page without a feed has `page` instead, a sitemap `sitemap`; {presets} are keys, too."
        document.blame(here, 'the key "url" is missing.', hint, at_key=True)
    elif "page" not in kinds and "select" in written:
        hint = f"For a page without a feed, write `page` instead of `{kinds[0]}`."
        document.blame((*here, "select"), "`select` belongs to `page`, and there is none.", hint, at_key=True)
    if "page" in kinds and "select" not in written:
        hint = "`aggregator try PAGE` proposes one."
        document.blame((*here, "page"), 'the key "select" is missing beside it.', hint, at_key=True)
    if "page" in kinds and "zone" not in {*written, *gives}:
        hint = "Say where its dates are at home, such as Europe/Kyiv."
        document.blame(here, 'the key "zone" is missing: a page needs one.', hint, at_key=True)


def _labels(document: Document, name: str, keys: dict[str, Any]) -> None:
    if keys.get("zone_labels") == "ignore" and not keys.get("zone"):
        here: Trail = ("sources", name, "zone_labels")
        trail = here if "zone_labels" in document.at(here[:2]) else here[:2]
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


def given(keys: SourceDefaults | Select) -> dict[str, Any]:
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
