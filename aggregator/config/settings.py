"""Config: all that a person configured, as values of the model.

In:    nothing; build.py fills it.
Out:   one frozen value that every part is given what it needs of.
Never: shows the database's address in a printout: a password may stand in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

from aggregator.model import (
    CEILING,
    FLOOR,
    HINTS_CAP,
    Hub,
    Mute,
    Pause,
    Retention,
    Section,
    Source,
    Topic,
    TopicTest,
    WebSub,
)

Watch = Literal["on", "off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole configuration, checked."""

    public_url: str  # without a slash at its end
    listen_host: str
    listen_port: int  # 0: the system chooses one
    database: str = field(repr=False)  # an SQLAlchemy URL; a relative file is relative to the working directory
    at_once: int = 50  # sources polled at the same time
    floor: timedelta = FLOOR  # no source is polled more often, unless it says so itself
    ceiling: timedelta = CEILING
    hints_cap: timedelta = HINTS_CAP
    pause: Pause = field(default_factory=Pause)  # between two requests to one host
    authority: str | None = None  # of entry ids; None: the host of public_url
    contact: str = ""  # as written; "": nothing was
    subscribers: int | None = None  # how many people read through us
    allow_private: tuple[str, ...] = ()  # CIDRs beyond the public internet, for all sources
    egresses: Mapping[str, str] = field(default_factory=dict, repr=False)  # name -> address, a login may stand in it
    metrics_allow: tuple[str, ...] = ()  # CIDRs that may ask for /metrics beside this machine
    websub: WebSub = "auto"
    hubs: tuple[str, ...] = ()  # of others, that are told what is new
    hub: Hub = "on"  # our own
    retention: Retention = field(default_factory=Retention)
    state_dir: Path = Path("var")  # what is not in the database; relative to the working directory
    sources: Mapping[str, Source]
    owners: Mapping[str, str] = field(default_factory=dict)  # of sources that share theirs, by source
    sections: Mapping[str, Section]
    rules: Mapping[str, str]  # name -> the query's text
    mutes: tuple[Mute, ...] = ()
    topics: Mapping[str, Topic]
    tests: tuple[TopicTest, ...] = ()  # of topics, asked by `check`
    files: tuple[Path, ...]  # what was read, empty ones left out
    beside: tuple[Path, ...] = ()  # files that ${file:...} named
    watch: Watch = "on"  # whether a change of all these files is noticed
    root: Path  # the folder of the configuration

    # The sources that all may know of: no page of ours, and nothing made for everybody, is given another.
    public_sources: Mapping[str, Source] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Choose once: pages ask at each request, and there may be a hundred thousand."""
        shown = {name: source for name, source in self.sources.items() if not source.private}
        object.__setattr__(self, "public_sources", shown)

    @property
    def places(self) -> tuple[Path, ...]:
        """The files and folders whose change may change the configuration; none where nobody is to look."""
        return (self.root, self.root / "sources.d", *self.files, *self.beside) if self.watch == "on" else ()

    @property
    def public_topics(self) -> dict[str, Topic]:
        """The topics that all may know of."""
        return {name: topic for name, topic in self.topics.items() if not topic.private}


def former_names(config: Config) -> dict[str, tuple[str, ...]]:
    """Return the ids that topics had before, by their ids of now."""
    return {topic.id: topic.was for topic in config.topics.values() if topic.was}
