"""Incident: what whoever looks after this place should hear of, told when it begins and when it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

About = Literal["source", "topic", "config", "store", "record"]
IncidentKind = Literal[
    "broke", "challenged", "dead", "gone", "quiet", "recovered", "moved", "unexpected", "expected", "refused",
    "accepted", "silent", "answers",
]  # fmt: skip

ENDS = {"recovered", "expected", "accepted", "answers"}  # what was wrong before is so no more
FAILS = {"broke", "challenged", "dead", "gone"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One thing that happened to us."""

    at: datetime
    about: About
    name: str  # of the source or the topic; "" for what there is one of
    kind: IncidentKind
    problem: str = ""  # in one sentence; of a move: the address


def follows(last: str | None, kind: str) -> bool:
    """Return whether an incident says something after the last one about the same, None if there was none.

    A failing source fails in many ways, poll after poll: that it is broken is said once.
    """
    if kind == "moved":
        return True
    if kind in ENDS:
        return last is not None and last not in ENDS
    return kind != last and not (kind == "broke" and last in FAILS)
