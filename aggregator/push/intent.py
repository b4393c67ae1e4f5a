"""A hub's question, and our answer: verification of intent (WebSub, section 5.3) and denial (section 5.2).

In:    the query of its GET, the subscription at whose address it came.
Out:   what it means.
Never: confirms what we have not asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from urllib.parse import parse_qs

from aggregator.model import Subscription

Verdict = Literal["confirmed", "left", "denied", "refused"]

_MOST_FIELDS = 50
_LONGEST_REASON = 300  # characters
_LONGEST_LEASE_S = 10**9  # whatever is above is no number that a hub can mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a hub asks. A field that is missing is empty."""

    mode: str
    topic: str
    challenge: str
    lease: timedelta | None  # None: it does not say, or nothing usable
    reason: str


def read(query: bytes) -> Question:
    """Return the question in a query string. The first of several fields of a name counts."""
    try:
        fields = parse_qs(query.decode("latin-1"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        fields = {}
    said = {name: values[0] for name, values in fields.items()}
    return Question(
        mode=said.get("hub.mode", ""),
        topic=said.get("hub.topic", ""),
        challenge=said.get("hub.challenge", ""),
        lease=_seconds(said.get("hub.lease_seconds", "").strip()),
        reason=" ".join(said.get("hub.reason", "").split())[:_LONGEST_REASON],
    )


def verdict(question: Question, held: Subscription | None) -> Verdict:
    """Return what to do with a question; refused is answered with 404."""
    if held is None or question.topic != held.topic:
        return "refused"
    leaving = held.state == "leaving"
    if question.mode == "denied":
        return "left" if leaving else "denied"
    if not question.challenge or question.mode != ("unsubscribe" if leaving else "subscribe"):
        return "refused"
    return "left" if leaving else "confirmed"


def _seconds(text: str) -> timedelta | None:
    if not (text.isascii() and text.isdigit()) or int(text[:12]) == 0:
        return None
    return timedelta(seconds=min(int(text[:12]), _LONGEST_LEASE_S))
