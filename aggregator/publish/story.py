"""A story as a feed: one entry for each article that tells it.

In:    the members of a story as candidates, the site.
Out:   the bytes of an Atom feed; the same values give the same bytes.
Never: shows more of an article than its teaser, or an entry under another id than a topic would.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from aggregator.model import Authority, Candidate, Site, Source
from aggregator.publish import compose, feed_xml
from aggregator.publish.compose import Entry
from aggregator.publish.rights import Terms, narrower


def atom(
    story: str,
    members: Sequence[Candidate],
    *,
    sources: Mapping[str, Source],
    site: Site,
    authority: Authority,
    now: datetime,
) -> bytes:
    """Return the feed of a story, with the title and in the language of its first member.

    members  in the order in which they came; not empty
    sources  by id, as configured; they may have less shown than a teaser
    """
    language = members[0].stored.language or site.language
    entries = [teased(member, sources, language, authority, now) for member in members]
    page, title = compose.story_url(story, site), entries[0].title
    channel = feed_xml.Channel(
        id=authority.entry_id(f"story:{story}"),
        title=title,
        description=title,
        page=page,
        url=f"{page}.atom",
        language=language,
        updated=max(entry.updated for entry in entries),
    )
    newest_first = sorted(entries, key=lambda entry: (entry.published, entry.id), reverse=True)
    return feed_xml.atom_feed(channel, [feed_xml.atom_entry(entry) for entry in newest_first], site)


def teased(
    member: Candidate, sources: Mapping[str, Source], language: str, authority: Authority, now: datetime
) -> Entry:
    """Return an article as an entry of a feed that is no topic's: its teaser, or less where its source says so."""
    source = sources.get(member.stored.source)
    terms = Terms(republish=narrower("teaser", source.republish if source else None))
    face = compose.face(member, sections={}, authority=authority)
    shown = replace(compose.limited(face, terms), enclosures=())
    said = member.stored.item.updated
    updated = said if said and face.published < said <= now else face.published  # a time to come would move each time
    return compose.told(shown, authority.entry_id(member.stored.key), updated, language)
