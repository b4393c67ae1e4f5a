"""Finished bytes, and the one transaction that delivers them.

In:    what publishing decided about a topic: ledger rows, who entered, the rendered documents.
Out:   documents to hand out; a number that tells another process that something is new.
Never: renders. A document never changes apart from the ledger it was rendered from.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, delete, select, update

from aggregator.model import FEEDS, Artefact, Delivery, Encoding, Format, Topic
from aggregator.store import line, outbox, visibility
from aggregator.store.deliveries import append
from aggregator.store.dialect import insert
from aggregator.store.rows import artefact_row, finished
from aggregator.store.schema import artefact, topic_item, topic_state


def publish(
    conn: Connection,
    *,
    topic: str,
    dirty: int,
    rows: Sequence[Delivery],
    entered: Mapping[str, str],
    kept_out: Mapping[str, str],
    due_at: datetime | None,
    artefacts: Sequence[Artefact],
    flaw: str,
    hubs: Sequence[str] | None = None,
    now: datetime,
) -> None:
    """Deliver: append the ledger's rows, mark who entered, and replace the documents that changed.

    dirty    TopicState.dirty as it was read before anything else: a reason that came later stays a reason
    entered  key of an item -> id of the entry in which it now stands
    kept_out key of an item -> why it enters no more
    due_at   when to publish again although nothing new has come
    hubs     who is told of changes beside the subscribers of our own; None: the topic is private, and nobody is told
    A document whose ETag is the same keeps its Last-Modified.
    """
    s = topic_state.c
    reasons = conn.scalar(select(s.dirty).where(s.topic == topic).with_for_update())  # none comes until we are done
    append(conn, rows, now)
    _mark(conn, topic, entered, kept_out)
    if reasons == dirty:  # else something may have moved once more
        c = topic_item.c
        conn.execute(update(topic_item).where(c.topic == topic, c.moved.is_(True)).values(moved=False))
    replaced = _replace(conn, topic, artefacts)
    conn.execute(
        update(topic_state)
        .where(s.topic == topic)
        .values(
            published_dirty=dirty,
            published_at=now,
            publications=s.publications + int(bool(replaced)),
            entries=max((one.entries for one in artefacts), default=s.entries),
            flaw=flaw,
            due_at=due_at,
        )
    )
    if hubs is not None:
        outbox.changed(conn, topic, [one for one in FEEDS if one in replaced], hubs, now)


def refuse(conn: Connection, topic: str, flaw: str) -> None:
    """Say why what a topic would show could not be delivered; it stays dirty, so that it is tried again."""
    conn.execute(update(topic_state).where(topic_state.c.topic == topic).values(flaw=flaw))


def _mark(conn: Connection, topic: str, entered: Mapping[str, str], kept_out: Mapping[str, str]) -> None:
    """Note where items stand, and which enter no more."""
    c = topic_item.c
    which = and_(c.topic == topic, c.item == bindparam("which"))
    if entered:
        marks = [{"which": key, "entry": entry_id} for key, entry_id in entered.items()]
        conn.execute(update(topic_item).where(which).values(entry_id=bindparam("entry")), marks)
    if kept_out:
        marks = [{"which": key, "reason": why} for key, why in kept_out.items()]
        refused = update(topic_item).where(which).values(admitted=False, why=c.why + "; " + bindparam("reason"))
        conn.execute(refused, marks)


def _replace(conn: Connection, topic: str, artefacts: Sequence[Artefact]) -> set[Format]:
    """Write the documents that differ from the stored ones; return which these are."""
    c = artefact.c
    held = {(f, e): etag for f, e, etag in conn.execute(select(c.format, c.encoding, c.etag).where(c.topic == topic))}
    changed = [one for one in artefacts if held.get((one.format, one.encoding)) != one.etag]
    if changed:
        put = insert(conn, artefact)
        anew = {name: put.excluded[name] for name in ("etag", "last_modified", "entries", "fresh", "body")}
        conn.execute(
            put.on_conflict_do_update(index_elements=["topic", "format", "encoding"], set_=anew),
            list(map(artefact_row, changed)),
        )
        line.call(conn, "shelf")
    return {one.format for one in changed}


def load(conn: Connection, topic: str, format_: Format, encoding: Encoding) -> Artefact | None:
    """One document, or None."""
    c = artefact.c
    one = select(artefact).where(c.topic == topic, c.format == format_, c.encoding == encoding)
    row = conn.execute(one).mappings().one_or_none()
    return finished(row) if row else None


def versions(conn: Connection) -> dict[str, int]:
    """By topic a number that is another one after its documents changed or went; cheap enough to ask every second."""
    rows = conn.execute(select(topic_state.c.topic, topic_state.c.publications))
    return {row.topic: row.publications for row in rows}


def drop(conn: Connection, configured: Collection[str]) -> list[str]:
    """Remove the documents of topics that are configured no more; their ledgers stay. Returns the topics."""
    c, s = artefact.c, topic_state.c
    gone = sorted(conn.scalars(select(c.topic).where(c.topic.not_in(configured)).distinct()))
    conn.execute(delete(artefact).where(c.topic.in_(gone)))
    conn.execute(update(topic_state).where(s.topic.in_(gone)).values(publications=s.publications + 1))
    return gone


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What has changed since somebody looked, at one moment."""

    versions: dict[str, int]
    gone: list[str]  # topics whose documents must not be handed out any more
    documents: list[Artefact]


def news(conn: Connection, topics: Mapping[str, Topic], known: Mapping[str, int]) -> News:
    """All documents that changed of these topics, as far as they were made on the terms that hold by now.

    known  `versions`, as they were at the last look; {}: everything is news
    """
    now = versions(conn)
    other = [topic for topic in topics if now.get(topic) != known.get(topic)]
    ready = visibility.ready(conn, {topic: topics[topic] for topic in other}) if other else []
    documents = every(conn, ready) if ready else []
    return News(versions=now, gone=sorted(set(other) - {one.topic for one in documents}), documents=documents)


def every(conn: Connection, topics: Collection[str]) -> list[Artefact]:
    """All documents of these topics."""
    c = artefact.c
    rows = conn.execute(select(artefact).where(c.topic.in_(topics)).order_by(c.topic, c.format, c.encoding))
    return [finished(row) for row in rows.mappings()]
