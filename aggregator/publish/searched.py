"""What a search found: a feed of it, and where the words that were looked for stand.

In:    the query, the articles as candidates, the site.
Out:   the bytes of an Atom feed; texts in pieces. The same values give the same bytes.
Never: shows more of an article than its teaser, or an entry under another id than a topic would.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote

from aggregator import text
from aggregator.model import Authority, Site
from aggregator.publish import feed_xml
from aggregator.publish.compose import Entry
from aggregator.publish.search_words import search_words_for
from aggregator.query import Place, Sought


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text. found: it is what was looked for."""

    text: str
    found: bool


def atom(query: str, entries: Iterable[Entry], *, site: Site, authority: Authority) -> bytes:
    """Return the feed of a search. query: its canonical text; another way to write it is the same feed."""
    newest_first = sorted(entries, key=lambda entry: (entry.published, entry.id), reverse=True)
    began = datetime.fromisoformat(authority.date).replace(tzinfo=UTC)
    title = f"{search_words_for(site.language).search}: {text.shorten(query, 120)} · {site.title}"
    channel = feed_xml.Channel(
        id=authority.entry_id(f"search:{sha256(query.encode()).hexdigest()[:16]}"),
        title=title,
        description=title,
        page=search_url(query, site),
        url=search_url(query, site, feed=True),
        language=site.language,
        updated=max((entry.updated for entry in newest_first), default=began),
    )
    return feed_xml.atom_feed(channel, [feed_xml.atom_entry(entry) for entry in newest_first], site)


def search_url(query: str, site: Site, *, feed: bool = False) -> str:
    """Return where a search is read, or subscribed to."""
    return f"{site.public_url}/search{'.atom' if feed else ''}?q={quote(query, safe='')}"


def marked(said: str, looked_for: Iterable[Sought]) -> list[Piece]:
    """Return a text in pieces, by turns not looked for and looked for; phrases as a whole."""
    seen = text.visible(said)
    place, parts = Place("text", seen), text.parted(seen)
    found = {at + n for words in looked_for for at in place.find_words(words) for n in range(len(words))}
    pieces: list[Piece] = []
    for at, part in enumerate(parts):
        word, between = at // 2, at % 2 == 0
        within = (word - 1 in found and word in found and _stands_between(at, parts)) if between else word in found
        if pieces and pieces[-1].found == within:
            pieces[-1] = Piece(pieces[-1].text + part, within)
        elif part:
            pieces.append(Piece(part, within))
    return pieces


def _stands_between(at: int, parts: Sequence[str]) -> bool:
    """Whether two words that were found are one mark: nothing but a space or a hyphen stands between them."""
    return 0 < at < len(parts) - 1 and parts[at] in (" ", "-")
