"""Turn files without mistakes into a Config.

In:    the typed files and the queries in them.
Out:   the Config.
Never: finds mistakes, reads files, or decides anything that the files do not say.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aggregator import model
from aggregator.config.compare import KINDS, SourcesFile, given, inherited
from aggregator.config.document import Document, Trail
from aggregator.config.presets import BY_NAME, GAPS
from aggregator.config.schema import ActiveHours, Poll, Settings
from aggregator.config.settings import Config
from aggregator.config.taxonomy import Section
from aggregator.config.topic_keys import Topic, Topics
from aggregator.config.values import split_listen, split_rate
from aggregator.query import Query

ACCESS = ("via", "user_agent", "headers", "cookies", "basic", "verify")  # keys of a source that make its model.Access
LEAST_WEIGHT, MOST_WEIGHT = 0.25, 4.0  # of priority in the choice of the next poll: half as long, or twice
SQLITE = "sqlite:///"
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  addresses to listen on, at which nobody can be reached


def build(
    settings: Settings,
    sources: Sequence[SourcesFile],
    topics: Topics,
    queries: Mapping[Trail, Query],
    *,
    topics_file: Document,
    files: tuple[Path, ...],
    beside: tuple[Path, ...],
    root: Path,
) -> Config:
    """Return the configuration as values of the model."""
    host, port = split_listen(settings.listen)
    reached_at = settings.public_url or _reached_at(host, port)
    at_home = _is_loopback(urlsplit(reached_at).hostname or "")
    return Config(
        public_url=reached_at,
        listen_host=host,
        listen_port=int(port),
        database=settings.database,
        at_once=settings.poll.at_once,
        floor=settings.poll.floor,
        ceiling=settings.poll.ceiling,
        hints_cap=settings.hints.cap,
        pause=model.Pause(at_once=settings.hosts.default.at_once, gap=settings.hosts.default.gap, gaps=GAPS),
        authority=settings.authority,
        contact=settings.contact,
        subscribers=settings.subscribers,
        allow_private=tuple(settings.allow_private),
        egresses=dict(settings.egress),
        metrics_allow=tuple(settings.metrics.allow),
        websub=settings.websub,
        hubs=tuple(dict.fromkeys(settings.hubs)),
        hub=settings.hub,
        retention=model.Retention(**dict(settings.retention)),
        state_dir=Path(settings.state_dir) if settings.state_dir else _beside(settings.database),
        sources=_sources(sources, settings),
        owners={name: owner for _, file in sources for owner, names in file.owners.items() for name in names},
        sections={name: _section(name, section) for name, section in topics.sections.items()},
        rules={name: queries["rules", name].text for name in topics.rules},
        mutes=tuple(
            model.Mute(match=queries["mute", number, "match"].text, until=mute.until)
            for number, mute in enumerate(topics.mute)
        ),
        topics={name: _topic(name, topic, queries, at_home=at_home) for name, topic in topics.topics.items()},
        tests=tuple(test for name, topic in topics.topics.items() for test in _tests(name, topic, topics_file)),
        files=files,
        beside=beside,
        watch=settings.watch,
        root=root,
    )


def _beside(database: str) -> Path:
    """The folder of an SQLite store can be written, wherever one stands, and is on the volume that is kept."""
    return Path(database.removeprefix(SQLITE)).parent if database.startswith(SQLITE) else Path("var")


def _reached_at(host: str, port: str) -> str:
    name = "127.0.0.1" if host in EVERYWHERE else f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _sources(files: Sequence[SourcesFile], common: Settings) -> dict[str, model.Source]:
    gives = inherited(files)
    groups = {name: frozenset(group.sources) for _, file in files for name, group in file.groups.items()}
    return {
        name: _source(
            name,
            gives.get(name, {}) | given(source),
            common,
            groups=tuple(group for group, members in groups.items() if name in members),
        )
        for _, file in files
        for name, source in file.sources.items()
    }


def _source(name: str, keys: dict[str, Any], common: Settings, *, groups: tuple[str, ...]) -> model.Source:
    own = dict(keys)
    rule = _poll(own, common)
    own.pop("hints", None)
    if "map" in own:
        terms = own.pop("map")
        own |= {"section_map": dict(terms.section), "path_map": dict(terms.path)}
    if "allow_private" in own:
        own["allow_private"] = tuple(own["allow_private"])
    if "strip" in own:
        own["strip"] = model.Strip(select=tuple(own["strip"].select), phrases=tuple(own["strip"].phrases))
    if "websub" in own:
        own["websub"] = own["websub"] == "on"
    if "visibility" in own:
        own["private"] = own.pop("visibility") == "private"
    own |= _document(own)
    access = model.Access(**_access({key: own.pop(key) for key in ACCESS if key in own}))
    return model.Source(id=name, groups=groups, access=access, **own | {"poll": rule})


def _document(own: dict[str, Any]) -> dict[str, Any]:
    """Return where a source is, and what; its keys are taken out."""
    kind, address = next((kind, own.pop(kind)) for kind in KINDS if kind in own)
    select = own.pop("select", None)
    if preset := BY_NAME.get(kind):
        return {"url": preset.read(address).url, "select": preset.select}
    return {
        "url": address,
        "select": model.Select(**given(select)) if select else None,
        "sitemap": kind == "sitemap",
    }


def _access(keys: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value.items()) if isinstance(value, dict) else value for key, value in keys.items()}


def _poll(own: Mapping[str, Any], common: Settings) -> model.PollRule:
    poll: Poll = own.get("poll") or Poll()
    zone = own.get("zone") or "UTC"
    return model.PollRule(
        every=poll.every,
        cron=model.Cron(text=poll.cron, zone=poll.zone or zone) if poll.cron else None,
        active=_active(poll.active, zone) if poll.active else None,
        # where the publisher has agreed to more, a failure need not be waited out for longer either
        floor=min(common.poll.floor, poll.every) if poll.every and poll.under_floor else common.poll.floor,
        ceiling=max(common.poll.ceiling, poll.every or common.poll.ceiling),
        under_floor=poll.under_floor,
        eager=common.poll.eager,
        weight=min(max(own.get("priority", 1.0), LEAST_WEIGHT), MOST_WEIGHT),
        hints=own.get("hints", "cap"),
        hints_cap=common.hints.cap,
    )


def _active(active: ActiveHours, zone: str) -> model.Active:
    start, end = (int(hour) for hour in active.hours.split("-"))
    return model.Active(start=start, end=end, zone=active.zone or zone)


def _section(name: str, section: Section) -> model.Section:
    return model.Section(
        id=name,
        title=section.title or name,
        parent=section.parent,
        words=tuple(section.words),
        not_words=tuple(section.not_words),
        patterns=tuple(section.patterns),
        learned="semantic" if section.learned == "semantic" else "words" if section.learned else None,
        hints=tuple(section.hints),
    )


def _topic(name: str, topic: Topic, queries: Mapping[Trail, Query], *, at_home: bool) -> model.Topic:
    """Return a topic. at_home: only this machine reaches us, so nothing is republished to the public (Rights)."""
    private = topic.visibility == "private"
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
        settle=topic.settle,
        growth=topic.growth,
        bump_at=tuple(sorted(set(topic.bump_at))),
        after=tuple(topic.after),
        was=tuple(topic.was),
        outlets=model.Outlets(at_least=topic.outlets.at_least, count=topic.outlets.count),
        expect=model.Expect(min=_rate(topic.expect.min), max=_rate(topic.expect.max)),
        private=private,
        republish=topic.republish or ("full" if private or at_home else "teaser"),
    )


def _tests(name: str, topic: Topic, document: Document) -> Iterator[model.TopicTest]:
    for key, enters, items in (("in", True, topic.tests.in_), ("out", False, topic.tests.out)):
        for number, item in enumerate(items):
            yield model.TopicTest(
                topic=name,
                enters=enters,
                file=document.file,
                line=(place := document.place(("topics", name, "tests", key, number))).line,
                column=place.column,
                item=model.Item(
                    id=f"test {number}",
                    title=item.title,
                    content=html.escape(item.text),
                    link=item.link,
                    authors=(model.Person(name=item.author),) if item.author else (),
                    categories=tuple(model.Category(term=term) for term in item.categories),
                    enclosures=(model.Enclosure(href="", type=item.enclosure),) if item.enclosure else (),
                    sha256=b"",
                ),
                source=item.source,
                age=item.age,
                outlets=item.outlets,
            )


def _rate(text: str | None) -> model.Rate | None:
    if text is None:
        return None
    number, per = split_rate(text)
    return model.Rate(number=number, per=per)
