"""Turn files without mistakes into a Config.

In:    the typed files and the queries in them.
Out:   the Config.
Never: finds mistakes, reads files, or decides anything that the files do not say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aggregator import model
from aggregator.config.compare import SourcesFile, given, inherited
from aggregator.config.document import Trail
from aggregator.config.schema import Poll, PollSettings, Section, Settings, Topic, Topics
from aggregator.config.settings import Config
from aggregator.config.values import split_listen
from aggregator.query import Query

ACCESS = ("via", "user_agent", "headers", "cookies", "basic", "verify")  # keys of a source that make its model.Access
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  addresses to listen on, at which nobody can be reached


def build(
    settings: Settings,
    sources: Sequence[SourcesFile],
    topics: Topics,
    queries: Mapping[Trail, Query],
    *,
    files: tuple[Path, ...],
    root: Path,
) -> Config:
    """Return the configuration as values of the model."""
    host, port = split_listen(settings.listen)
    return Config(
        public_url=settings.public_url or _reached_at(host, port),
        listen_host=host,
        listen_port=int(port),
        database=settings.database,
        at_once=settings.poll.at_once,
        pause=model.Pause(at_once=settings.hosts.default.at_once, gap=settings.hosts.default.gap),
        authority=settings.authority,
        contact=settings.contact,
        allow_private=tuple(settings.allow_private),
        egresses=dict(settings.egress),
        metrics_allow=tuple(settings.metrics.allow),
        websub=settings.websub,
        sources=_sources(sources, settings.poll),
        sections={name: _section(name, section) for name, section in topics.sections.items()},
        rules={name: queries["rules", name].text for name in topics.rules},
        topics={name: _topic(name, topic, queries) for name, topic in topics.topics.items()},
        files=files,
        root=root,
    )


def _reached_at(host: str, port: str) -> str:
    name = "127.0.0.1" if host in EVERYWHERE else f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}"


def _sources(files: Sequence[SourcesFile], poll: PollSettings) -> dict[str, model.Source]:
    gives = inherited(files)
    groups = {name: frozenset(group.sources) for _, file in files for name, group in file.groups.items()}
    return {
        name: _source(
            name,
            gives.get(name, {}) | given(source),
            poll,
            groups=tuple(group for group, members in groups.items() if name in members),
        )
        for _, file in files
        for name, source in file.sources.items()
    }


def _source(name: str, keys: dict[str, Any], poll: PollSettings, *, groups: tuple[str, ...]) -> model.Source:
    own = dict(keys)
    if "map" in own:
        own["section_map"] = dict(own.pop("map").section)
    if "allow_private" in own:
        own["allow_private"] = tuple(own["allow_private"])
    if "websub" in own:
        own["websub"] = own["websub"] == "on"
    access = model.Access(**_access({key: own.pop(key) for key in ACCESS if key in own}))
    return model.Source(id=name, groups=groups, access=access, **own | {"poll": _poll(own.get("poll"), poll)})


def _access(keys: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value.items()) if isinstance(value, dict) else value for key, value in keys.items()}


def _poll(own: Poll | None, common: PollSettings) -> model.PollRule:
    if own is None:
        return model.PollRule(floor=common.floor, ceiling=common.ceiling)
    # What a person fixed by hand stands, so the limits give way to it.
    return model.PollRule(every=own.every, floor=min(common.floor, own.every), ceiling=max(common.ceiling, own.every))


def _section(name: str, section: Section) -> model.Section:
    return model.Section(
        id=name,
        title=section.title or name,
        parent=section.parent,
        words=tuple(section.words),
        not_words=tuple(section.not_words),
    )


def _topic(name: str, topic: Topic, queries: Mapping[Trail, Query]) -> model.Topic:
    not_ = queries.get(("topics", name, "not"))
    return model.Topic(
        id=name,
        title=topic.title or name,
        match=queries["topics", name, "match"].text,
        not_=not_.text if not_ else None,
        description=topic.description,
        language=topic.language,
        fold=topic.fold,
        window=model.Window(items=topic.window.items, hours=topic.window.hours),
        backfill=topic.backfill,
    )
