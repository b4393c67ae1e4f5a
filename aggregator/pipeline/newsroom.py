"""Everything the verbs work with.

In:    nothing.
Out:   Newsroom.
Never: works by itself.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from typing import Literal

from aggregator import publish as publishing
from aggregator import schedule
from aggregator.clock import Clock
from aggregator.config import Config
from aggregator.dedup import Ours
from aggregator.fetch import Client
from aggregator.model import (
    Authority,
    Site,
    Source,
)
from aggregator.parse import Workers
from aggregator.pipeline.articles import Robots
from aggregator.pipeline.desk import Desk
from aggregator.store import Store
from aggregator.tag import Learner, Matcher, Muter, Tagger

Role = Literal["all", "poll", "curate", "serve"]


@dataclass(slots=True, kw_only=True)
class Newsroom:
    """Everything the verbs work with. `config` and what is built from it change together, in `reload`."""

    config: Config
    store: Store
    client: Client
    workers: Workers
    clock: Clock
    rng: random.Random
    authority: Authority
    store_name: str  # in the names of files that belong to it
    site: Site
    matcher: Matcher
    tagger: Tagger
    ours: Ours
    muter: Muter
    role: Role = "all"
    fleet_rate: float = schedule.FLEET_RATE  # items a day of the median source
    fragments: publishing.Fragments = field(default_factory=publishing.Fragments)
    robots: Robots = field(default_factory=Robots)
    desk: Desk | None = None  # what the curator has in mind; None: to be recalled from the store
    learner: Learner | None = None  # what it has learned of sections; None: as above
    curating: asyncio.Lock = field(default_factory=asyncio.Lock)  # one curator at a time, one publisher at a time:
    publishing: asyncio.Lock = field(default_factory=asyncio.Lock)  # a person's `poll` works beside the daemon's loops

    def source(self, name: str) -> Source:
        """Return a source as it is configured; nothing but its name where it is no more."""
        return self.config.sources.get(name) or Source(id=name, url="")
