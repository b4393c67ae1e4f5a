"""Say once what a unit of work did: a line in the log for people, numbers in the metrics for machines.

In:    what was committed.
Out:   nothing.
Never: decides, stores, or builds a sentence from data.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from aggregator import metrics
from aggregator.log import tell
from aggregator.model import GONE, Curated, PollOutcome
from aggregator.publish import Alarm, Publication


def polled(outcome: PollOutcome) -> None:
    """One poll, whichever way it ended."""
    assert outcome.ended != "pushed", "pushed() tells of what a hub brought"
    new = sum(change.kind == "new" for change in outcome.changes)
    changed = len(outcome.changes) - new
    took_s = outcome.took.total_seconds()
    metrics.polled(ended=outcome.ended, new=new, changed=changed, bytes_read=outcome.bytes_read, took_s=took_s)
    facts = {
        "source": outcome.source,
        "status": outcome.status,
        "took_ms": round(took_s * 1000),
        "next_in_s": round((outcome.due.at - outcome.at).total_seconds()),
    }
    if outcome.ended == "failed":
        gone = outcome.status == GONE
        level, event = ("error", "source.gone") if gone else ("warning", "source.failed")
        tell(level, event, kind=outcome.kind, problem=outcome.problem, failures=outcome.state.failures, **facts)
        return
    tell(
        "info",
        "source.polled",
        ended=outcome.ended,
        bytes=outcome.bytes_read,
        items=len(outcome.present),
        new=new,
        changed=changed,
        **facts,
    )

    for why, held in Counter(change.held for change in outcome.changes if change.kind == "new" and change.held).items():
        tell("warning", "items.held", source=outcome.source, held=held, why=why)
    _withdrawn(outcome)


def _withdrawn(outcome: PollOutcome) -> None:
    for why, many in Counter(outcome.withdrawn.values()).items():
        tell("info", "items.withdrawn", source=outcome.source, withdrawn=many, why=why)


def fell_quiet(outcome: PollOutcome) -> None:
    """A source that answers well and brings nothing any more: the commonest failure of a newsroom."""
    newest, rate = outcome.state.rhythm.last_item_at, outcome.state.rate_per_day
    tell("warning", "source.quiet", source=outcome.source, newest=newest and newest.isoformat(), rate_per_day=rate)


def pushed(outcome: PollOutcome, items: int) -> None:
    """One document that a hub has brought. items: in it."""
    new = sum(change.kind == "new" for change in outcome.changes)
    changed = len(outcome.changes) - new
    metrics.pushed(new=new, changed=changed)
    tell(
        "info",
        "source.pushed",
        source=outcome.source,
        bytes=outcome.bytes_read,
        items=items,
        new=new,
        changed=changed,
        took_ms=round(outcome.took.total_seconds() * 1000),
    )
    _withdrawn(outcome)


def curated(decided: Sequence[Curated]) -> None:
    """One batch of items."""
    joined = Counter(member.kind for one in decided for member in one.memberships if member.item == one.key)
    metrics.curated(items=len(decided), copies=joined["copy"], retold=joined["story"])
    tell("info", "items.curated", items=len(decided), copies=joined["copy"], retold=joined["story"])


def published(topic: str, made: Publication, took: timedelta) -> None:
    """One topic; each entry that had to be left out gets a line of its own."""
    metrics.published(skipped=len(made.skipped), took_s=took.total_seconds())
    for entry_id, why in made.skipped:
        tell("error", "entry.skipped", topic=topic, entry=entry_id, problem=why)
    atom = made.artefacts[0]
    rows = len(made.rows)
    tell("info", "topic.published", topic=topic, entries=atom.entries, rows=rows, bytes=len(atom.body), etag=atom.etag)


def alarmed(topic: str, alarm: Alarm) -> None:
    """A topic that has begun, or ceased, to have fewer or more entries than a person expects of it."""
    if alarm.flaw:
        tell("warning", "topic.unexpected", topic=topic, flaw=alarm.flaw)
    else:
        tell("warning", "topic.expected", topic=topic)
