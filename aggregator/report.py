"""Say once what a unit of work did: a line in the log for people, numbers in the metrics for machines.

In:    what was committed.
Out:   nothing.
Never: decides, stores, or builds a sentence from data; names a private source where more than its owner may read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from aggregator import metrics
from aggregator.log import tell
from aggregator.model import GONE, Curated, PollOutcome, Source
from aggregator.publish import Alarm, Publication

PRIVATE = "(private)"
# Facts that say nothing of whom they are about. A problem may hold an address.
_PLAIN = {"work", "kind", "status", "failures", "next_in_s", "took_ms", "held", "why", "was"}


def of(source: Source, level: str, event: str, **facts: object) -> None:
    """Write a line about a source. What happens to a private one is told at the level debug.

    What is a warning or worse stands in the log all the same, without its name and its words: `status` has them.
    """
    if source.private:
        if level != "info":
            plain = {name: fact for name, fact in facts.items() if name in _PLAIN}
            tell(level, event, source=PRIVATE, **plain)
        level = "debug"
    tell(level, event, source=source.id, **facts)


def polled(source: Source, outcome: PollOutcome) -> None:
    """One poll, whichever way it ended."""
    assert outcome.ended != "pushed", "pushed() tells of what a hub brought"
    new = sum(change.kind == "new" for change in outcome.changes)
    changed = len(outcome.changes) - new
    took_s = outcome.took.total_seconds()
    metrics.polled(ended=outcome.ended, new=new, changed=changed, bytes_read=outcome.bytes_read, took_s=took_s)
    facts = {
        "status": outcome.status,
        "took_ms": round(took_s * 1000),
        "next_in_s": round((outcome.due.at - outcome.at).total_seconds()),
    }
    if outcome.ended == "failed":
        gone = outcome.status == GONE
        level, event = ("error", "source.gone") if gone else ("warning", "source.failed")
        of(source, level, event, kind=outcome.kind, problem=outcome.problem, failures=outcome.state.failures, **facts)
        return
    of(
        source,
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
        of(source, "warning", "items.held", held=held, why=why)
    _withdrawn(source, outcome)


def _withdrawn(source: Source, outcome: PollOutcome) -> None:
    for why, many in Counter(outcome.withdrawn.values()).items():
        of(source, "info", "items.withdrawn", withdrawn=many, why=why)


def discarded(source: Source, work: metrics.Work) -> None:
    """What a poll or a delivery brought was refused: its claim had run out, and somebody else took the source over."""
    metrics.discarded(work)
    of(source, "warning", "source.discarded")


def fell_quiet(source: Source, outcome: PollOutcome) -> None:
    """A source that answers well and brings nothing any more: the commonest failure of a newsroom."""
    newest, rate = outcome.state.rhythm.last_item_at, outcome.state.rate_per_day
    of(source, "warning", "source.quiet", newest=newest and newest.isoformat(), rate_per_day=rate)


def pushed(source: Source, outcome: PollOutcome, items: int) -> None:
    """One document that a hub has brought. items: in it."""
    new = sum(change.kind == "new" for change in outcome.changes)
    changed = len(outcome.changes) - new
    metrics.pushed(new=new, changed=changed)
    of(
        source,
        "info",
        "source.pushed",
        bytes=outcome.bytes_read,
        items=items,
        new=new,
        changed=changed,
        took_ms=round(outcome.took.total_seconds() * 1000),
    )
    _withdrawn(source, outcome)


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
