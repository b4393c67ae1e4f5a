"""A topic under another id: what readers were shown of it goes on (output.md O02, O26).

In:    the ids that configured topics had before.
Out:   every row of such a topic under its id of now; the name that its feed's own id was minted from.
Never: joins two topics that were both published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Table, delete, func, select, update

from aggregator.store.schema import artefact, delivery, remembered, topic_item, topic_state, topic_token

TABLES: tuple[Table, ...] = (topic_state, topic_item, delivery, remembered, topic_token, artefact)


def rename(conn: Connection, was: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Give topics that are new here what a former name of theirs has; return new name -> former name.

    was  the id of a configured topic -> the ids that it had before, the one that counts first first
    """
    known = set(conn.scalars(select(topic_state.c.topic)))
    done = {}
    for topic, formers in was.items():
        former = next((one for one in formers if one in known), None)
        if topic not in known and former is not None:
            _rename(conn, former, topic)
            done[topic] = former
    return done


def _rename(conn: Connection, former: str, topic: str) -> None:
    s, r = topic_state.c, remembered.c
    told_anew = select(r.item).where(r.topic == topic)  # by a record that knew the new name already
    conn.execute(delete(remembered).where(r.topic == former, r.item.in_(told_anew)))
    minted = func.coalesce(s.minted_as, former)
    conn.execute(update(topic_state).where(s.topic == former).values(minted_as=minted))
    for table in TABLES:
        conn.execute(update(table).where(table.c.topic == former).values(topic=topic))
