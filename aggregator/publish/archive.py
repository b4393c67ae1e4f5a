"""What left a topic's document can still be read: an archive for each day on which entries entered (RFC 5005, 4).

In:    the entries that entered on one day (UTC), as the ledger has them last; the days before and behind.
Out:   the bytes of an archive document; the same values give the same bytes.
Never: shows what is absorbed, withdrawn or private, or an entry otherwise than its topic's document shows it.

A day never gets more entries once it is over, so an archive changes only where an entry does. Counting entries instead
would move them from one archive to the next as soon as the oldest are pruned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from aggregator.model import Delivery, Site, Topic
from aggregator.publish import compose, feed_xml
from aggregator.publish.rights import Rights

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The day of an archive, and the days nearest to it that have one."""

    day: date
    before: date | None
    behind: date | None  # None where the topic's document is next


def url(topic: Topic, day: date, site: Site) -> str:
    """Return where the archive of a day stands; of public topics only."""
    return f"{site.public_url}/feeds/{topic.id}/archive/{day:%Y%m%d}.atom"


def span(day: date) -> tuple[datetime, datetime]:
    """Return when a day begins, and when the next one does."""
    begins = datetime.combine(day, time(), UTC)
    return begins, begins + DAY


def document(rows: Sequence[Delivery], days: Days, rights: Rights, *, id_: str, site: Site) -> bytes:
    """Return the archive of a day. id_: of the topic's feed (RFC 5005: all its documents have one)."""
    topic, language = rights.topic, rights.topic.language or site.language
    shown = sorted(
        (row for row in rows if row.state in ("live", "aged") and row.face.origin.source not in rights.hidden),
        key=lambda row: (row.face.published, row.entry_id),
        reverse=True,
    )
    entries = [feed_xml.atom_entry(_entry(row, language, site, rights)) for row in shown]
    begins, _ = span(days.day)
    channel = feed_xml.Channel(
        id=id_,
        title=topic.title,
        description=topic.description or topic.title,
        page=compose.page_url(topic, site),
        url=url(topic, days.day, site),
        language=language,
        updated=max((row.updated for row in shown), default=begins).replace(microsecond=0),
        links=tuple(_links(topic, days, site)),
        archive=True,
    )
    return feed_xml.atom_feed(channel, entries, site)


def _entry(row: Delivery, language: str, site: Site, rights: Rights) -> compose.Entry:
    return compose.entry(row, language, site, rights.of(row.face.origin.source))


def _links(topic: Topic, days: Days, site: Site) -> list[tuple[str, str]]:
    links = [("current", f"{site.public_url}/feeds/{topic.id}.atom")]
    if days.before:
        links.append(("prev-archive", url(topic, days.before, site)))
    if days.behind:
        links.append(("next-archive", url(topic, days.behind, site)))
    return links
