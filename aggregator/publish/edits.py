"""What publishers changed in articles after they had told them: which edits those are, and a feed of them.

In:    the versions of an item.
Out:   edits; the bytes of an Atom feed of edits. The same values give the same bytes.
Never: takes for an edit what only we read otherwise.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise

from aggregator import text
from aggregator.model import Authority, Candidate, Item, Origin, Site, StoredItem, Version
from aggregator.publish import compose, feed_xml
from aggregator.publish.changes import Changes, Passage, Piece, changes
from aggregator.publish.editing import EDIT_SHARE, changed_share
from aggregator.publish.wording import wording_for

_TAGS = {"removed": "del", "added": "ins"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A publisher's change of an item."""

    at: datetime  # when we saw it
    before: Version
    after: Version

    @property
    def title(self) -> Changes:
        """What was changed in the title."""
        return changes(text.visible(self.before.title), text.visible(self.after.title))

    @property
    def text(self) -> Changes:
        """What was changed in the text."""
        return changes(_text(self.before), _text(self.after))


def edits_of(versions: Sequence[Version]) -> list[Edit]:
    """Return what its publisher changed between successive versions, in their order."""
    return [
        Edit(at=after.since, before=before, after=after)
        for before, after in pairwise(versions)
        if after.since and not after.reread(before)
    ]


def is_visible(edit: Edit) -> bool:
    """Return whether readers see what was edited: its dates, its markup or its labels alone they do not."""
    before, after = edit.before, edit.after
    return _title(before) != _title(after) or _text(before) != _text(after)


def is_substantial(edit: Edit) -> bool:
    """Return whether an edit calls for being read again, by the rule that moves `updated` of an entry (R5)."""
    if _title(edit.before) != _title(edit.after):
        return True
    return changed_share(_text(edit.before), _text(edit.after)) > EDIT_SHARE


def entry(edit: Edit, stored: StoredItem, origin: Origin, *, site: Site, authority: Authority) -> bytes:
    """Return an edit as an atom:entry, which leads to the page of the edits of its item. It never changes again.

    origin  without the time of its newest document, which would change with each poll
    """
    shown = compose.face(_as_told(edit, stored, origin), sections={}, authority=authority)
    edited = replace(
        shown,
        title=f"{wording_for(stored.language).edited}: {shown.title}",
        link=f"{item_url(stored.key, site)}/diff",
        published=edit.at,
        summary="",
        content=short(edit),
    )
    id_ = authority.entry_id(f"edit:{stored.key}:{edit.at.astimezone(UTC):%Y%m%dT%H%M%S%fZ}")
    return feed_xml.atom_entry(compose.told(edited, id_, edit.at, site.language))


def atom(entries: Iterable[tuple[datetime, bytes]], *, url: str, site: Site, authority: Authority) -> bytes:
    """Return the feed of edits, each with its time and its entry, newest first. url: where it is subscribed to."""
    newest_first = sorted(entries, reverse=True)
    began = datetime.fromisoformat(authority.date).replace(tzinfo=UTC)
    title = f"{wording_for(site.language).edits} · {site.title}"
    channel = feed_xml.Channel(
        id=authority.entry_id("edits"),
        title=title,
        description=title,
        page=f"{site.public_url}/",
        url=url,
        language=site.language,
        updated=max((at for at, _ in newest_first), default=began).replace(microsecond=0),
    )
    return feed_xml.atom_feed(channel, [made for _, made in newest_first], site)


def item_url(key: str, site: Site) -> str:
    """Return where an item has its page."""
    return f"{site.public_url}/items/{key}"


def short(edit: Edit) -> str:
    """Return the beginning of what was changed as safe HTML: as many words as a teaser has."""
    room, lines = compose.TEASER, []
    for passage in (*edit.title.passages, *edit.text.passages):
        if room <= 0:
            break
        lines.append(_line(passage, room))
        room -= sum(len(piece.text) for piece in passage)
    return "".join(lines)


def _line(passage: Passage, room: int) -> str:
    said = []
    for piece in passage:
        if room > 0:
            said.append(_marked(Piece(piece.kind, text.shorten(piece.text, room))))
        room -= len(piece.text)
    return f"<p>{' '.join(said)}</p>"


def _marked(piece: Piece) -> str:
    words = html.escape(piece.text)
    return f"<{tag}>{words}</{tag}>" if (tag := _TAGS.get(piece.kind)) else words


def _as_told(edit: Edit, stored: StoredItem, origin: Origin) -> Candidate:
    """Return the item with the words that the edit gave it, and nothing that a later one may change."""
    said = Item(id=stored.item.id, title=edit.after.title, link=stored.item.link, summary=edit.after.text)
    return Candidate(stored=replace(stored, item=said), origin=origin, priority=0, story=None, sections=())


def _title(version: Version) -> str:
    return " ".join(text.visible(version.title).split())


def _text(version: Version) -> str:
    return text.visible(compose.plain(version.text))
