"""The probes: is the process alive, and does it have anything to hand out.

In:    Health, as the daemon sees itself.
Out:   small JSON answers.
Never: checks anything by itself; a probe must be cheap and must not fail because a source did.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from aggregator.serve.answer import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How the process is."""

    ready: bool  # readers get what they should: the store is open, the last documents are on the shelf, no stop began
    live: bool = True  # False: only a restart can help
    why: str = ""  # one sentence where something is wrong
    loops: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # each one's seconds at work, or at rest
    topics: int | None = None  # whose documents are on the shelf


def healthz(health: Health) -> Answer:
    """Return 200 as long as a restart would not help: the event loop turns, and no loop is stuck in its work."""
    facts = {"loops": dict(health.loops)} if health.loops else {}
    return _probe(200 if health.live else 503, "ok" if health.live else "failing", health.why, facts)


def readyz(health: Health) -> Answer:
    """Return 200 when requests should be sent here, else 503 and the reason."""
    facts = {} if health.topics is None else {"topics": health.topics}
    return _probe(200 if health.ready else 503, "ready" if health.ready else "not ready", health.why, facts)


def _probe(status: int, word: str, why: str, facts: Mapping[str, object]) -> Answer:
    said = {"status": word, **({"why": why} if why else {}), **facts}
    body = json.dumps(said, ensure_ascii=False).encode() + b"\n"
    return Answer(
        status=status,
        headers=[
            (b"content-type", b"application/json; charset=utf-8"),
            (b"content-length", b"%d" % len(body)),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
        ],
        body=body,
    )
