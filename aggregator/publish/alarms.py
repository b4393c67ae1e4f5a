"""What happened to sources, topics and ourselves, as a feed for whoever looks after this place.

In:    incidents that all may know of, the site.
Out:   the bytes of an Atom feed. The same values give the same bytes.
Never: names a private source or topic: it is given none.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import UTC, datetime

from aggregator.model import Authority, Category, Incident, Origin, Person, Site
from aggregator.publish import feed_xml
from aggregator.publish.compose import Entry
from aggregator.urls import public

TITLES = {
    ("source", "broke"): "{} does not answer as it should",
    ("source", "challenged"): "{} lets only browsers in",
    ("source", "dead"): "{} has not been found for thirty days",
    ("source", "gone"): "{} is gone for good",
    ("source", "quiet"): "{} has gone quiet",
    ("source", "recovered"): "{} is well again",
    ("source", "moved"): "{} has moved",
    ("topic", "unexpected"): "The topic {} has fewer or more entries than expected",
    ("topic", "expected"): "The topic {} has as many entries as expected again",
    ("config", "refused"): "The configuration on disk is refused",
    ("config", "accepted"): "The configuration on disk is in force again",
    ("store", "silent"): "The store does not work",
    ("store", "answers"): "The store works again",
    ("record", "silent"): "What is delivered cannot be recorded",
    ("record", "answers"): "What is delivered is recorded again",
}
MORE = {
    ("source", "quiet"): "It answers well, and has brought nothing new for longer than chance explains.",
    ("store", "silent"): "Nothing is polled or published until it does; readers keep what there is.",
    ("record", "silent"): "Nothing new is published until it can be: the log says why.",
}


def atom(incidents: Sequence[Incident], *, url: str, site: Site, authority: Authority) -> bytes:
    """Return the feed, newest first. url: where it is subscribed to."""
    title = f"Health · {site.title}"
    began = datetime.fromisoformat(authority.date).replace(tzinfo=UTC)
    origin = Origin(source="", title=title, url=url, updated=began)
    entries = [_entry(one, origin, site, authority) for one in incidents]
    channel = feed_xml.Channel(
        id=authority.entry_id("health"),
        title=title,
        description=title,
        page=f"{site.public_url}/sources",
        url=url,
        language="en",
        updated=max((entry.updated for entry in entries), default=began),
    )
    return feed_xml.atom_feed(channel, [feed_xml.atom_entry(entry) for entry in entries], site)


def _entry(one: Incident, origin: Origin, site: Site, authority: Authority) -> Entry:
    at = one.at.replace(microsecond=0)
    words = TITLES[one.about, one.kind].format(one.name)
    return Entry(
        id=authority.entry_id(f"health:{one.about}:{one.name}:{one.kind}:{one.at.astimezone(UTC):%Y%m%dT%H%M%S%fZ}"),
        title=words,
        link=f"{site.public_url}/{_page(one)}",
        published=at,
        updated=at,
        authors=(Person(name=site.title),),
        categories=(Category(term=one.kind),),
        summary="",
        content=f"<p>{html.escape(_said(one) or words)}</p>",
        enclosures=(),
        outlets=(),
        story=None,
        via=(),
        related=(),
        language=None,
        comments=None,
        origin=origin,
        extras={},
    )


def _said(one: Incident) -> str:
    if one.kind == "moved":
        return f"It is asked at {public(one.problem)} from now on; put that address into the configuration."
    return " ".join(filter(None, (one.problem, MORE.get((one.about, one.kind)))))


def _page(one: Incident) -> str:
    """Return where more is said of it."""
    places = {"source": f"sources/{one.name}", "topic": f"topics/{one.name}"}
    return places.get(one.about, "sources")
