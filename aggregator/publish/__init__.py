"""From the ledger to finished bytes (publication.md).

In:    what is admitted to a topic and what readers were shown of it so far.
Out:   a Publication: rows for the ledger and the artefacts that show them, to be committed together.
Never: touches the store, or lets one bad entry cost the others their feed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from aggregator.model import Artefact, Authority, Delivery, Format, Section, Site, Source, Topic
from aggregator.publish import archive, feed_xml, json_feed
from aggregator.publish.arrival import admit, arrival
from aggregator.publish.artefact import artefacts
from aggregator.publish.compose import origin, whole
from aggregator.publish.delivery import Decision, Ledger, decide
from aggregator.publish.expecting import Alarm, alarmed, expected
from aggregator.publish.fragments import Fragments, Rendered
from aggregator.publish.minting import Minting
from aggregator.publish.moving import Moves
from aggregator.publish.pace import fresh_for
from aggregator.publish.rights import Rights, rights_of
from aggregator.publish.window import LONGEST, View, window

__all__ = [
    "Alarm",
    "Decision",
    "Fragments",
    "Ledger",
    "Minting",
    "Moves",
    "Publication",
    "View",
    "admit",
    "alarmed",
    "arrival",
    "decide",
    "expected",
    "make",
    "origin",
    "whole",
    "window",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """Everything that publishing a topic changes; committed in one transaction, or nothing of it."""

    rows: tuple[Delivery, ...]  # to append to the ledger
    entered: Mapping[str, str]  # item key -> the entry it went into
    kept_out: Mapping[str, str]  # item key -> why it enters no more
    due_at: datetime | None  # when to publish again although nothing new comes
    artefacts: tuple[Artefact, ...]
    flaw: str  # "window_short: ...", or "" when all is well
    skipped: tuple[tuple[str, str], ...]  # (entry id, why): live, but no library can render them


def make(
    topic: Topic,
    ledger: Ledger,
    *,
    gone: Sequence[Delivery] = (),
    sections: Mapping[str, Section],
    sources: Mapping[str, Source],
    site: Site,
    authority: Authority,
    created_at: datetime,
    minted_as: str,
    days: Sequence[date] = (),
    fragments: Fragments,
    now: datetime,
) -> Publication:
    """Return what brings a topic up to date: what readers see changes by the rules R1 to R10, and only by them.

    gone        the rows by which entries were absorbed or withdrawn of late: readers are told so in Atom
    sources     by id, as configured: what each lets be republished
    created_at  when the topic came to be: the `updated` of a feed without entries
    minted_as   its id at that time: that of its feed goes by it
    days        the last two on which entries entered it, the last one first
    """
    minting = Minting(sections=sections, authority=authority, now=now)
    decision = decide(topic, ledger, minting)
    rows = {row.entry_id: row for row in decision.rows}
    current = [row for row in ({row.entry_id: row for row in ledger.live} | rows).values() if row.state == "live"]
    rights = rights_of(topic, sources)
    rendered, skipped = _rendered(current, fragments, topic.language or site.language, site, rights)
    view = window(topic, current, {id_: max(map(len, formats.values())) for id_, formats in rendered.items()}, now)
    for row in view.aged:
        rows[row.entry_id] = row if row.entry_id in rows else replace(row, rev=row.rev + 1)
    shown = [row for row in view.shown if row.entry_id in rendered]
    updated = max((row.updated for row in shown), default=created_at).replace(microsecond=0)
    told = {row.entry_id: row for row in (*gone, *rows.values())}
    deleted = [(row.entry_id, row.at or now) for row in told.values() if row.state in ("absorbed", "withdrawn")]
    fresh = fresh_for(row.entered_at for row in shown)
    about = feed_xml.Setting(
        site=site,
        id=authority.entry_id(f"topic:{minted_as}"),
        updated=updated,
        fresh=fresh,
        archive=_archive(topic, shown, days, site),
    )
    bodies = _documents(rights, shown, rendered, deleted, about)
    oldest = min((row.entered_at for row in shown), default=None)
    return Publication(
        rows=tuple(rows.values()),
        entered=decision.entered,
        kept_out=decision.kept_out,
        due_at=min(filter(None, (decision.due_at, oldest and oldest + LONGEST)), default=None),
        artefacts=tuple(artefacts(topic.id, bodies, entries=len(shown), fresh=fresh, now=now)),
        flaw=view.flaw,
        skipped=skipped,
    )


def _archive(topic: Topic, shown: Sequence[Delivery], days: Sequence[date], site: Site) -> str | None:
    """Return where the archive of the last day stands that is over for this document."""
    newest = max((row.entered_at.astimezone(UTC).date() for row in shown), default=date.max)
    before = next((day for day in days if day < newest), None)
    return archive.url(topic, before, site) if before and not topic.private else None


def _rendered(
    rows: Sequence[Delivery], fragments: Fragments, language: str, site: Site, rights: Rights
) -> tuple[dict[str, Rendered], tuple[tuple[str, str], ...]]:
    """Return the entries' fragments by id, and the entries that cannot be rendered, with the reason."""
    rendered: dict[str, Rendered] = {}
    skipped = []
    for row in rows:
        try:
            rendered[row.entry_id] = fragments.of(row, language, site, rights.of(row.face.origin.source))
        except Exception as error:  # noqa: BLE001 - whatever a library finds wrong with one entry, the others go on
            skipped.append((row.entry_id, f"{type(error).__name__}: {error}"))
    return rendered, tuple(skipped)


def _documents(
    rights: Rights,
    shown: Sequence[Delivery],
    rendered: Mapping[str, Rendered],
    deleted: Sequence[tuple[str, datetime]],
    about: feed_xml.Setting,
) -> dict[Format, bytes]:
    """Return the topic in every format. Pages are loaded late: only a publisher needs their templates."""
    from aggregator.publish import page

    topic, site = rights.topic, about.site
    parts = [rendered[row.entry_id] for row in shown]
    return {
        "atom": feed_xml.atom(topic, [*feed_xml.tombstones(deleted), *(p["atom"] for p in parts)], about),
        "rss": feed_xml.rss(topic, [p["rss"] for p in parts], about),
        "json": json_feed.document(topic, [p["json"] for p in parts], site=site),
        "html": page.render(topic, shown, site=site, rights=rights, updated=about.updated),
    }
