"""Which entry of a document is which item of its source: new, changed, or known?

In:    the items of one document, what the store holds under their ids, and what the documents before showed.
Out:   the changes worth storing, the items' other ids with the reason; each item's place by date.
Never: touches the store, looks at another source, or deletes: what a document no longer shows is still ours.

An item is its id. Where the id is a stranger, or seems to mean another article now, an entry may still be known by its
words (`aliases`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256

from aggregator.dedup.aliases import matched, tail_of
from aggregator.model import Alias, Change, Item, Known, key_of
from aggregator.text import fold

_UNDATED = datetime.min.replace(tzinfo=UTC)
_SAME_HEADLINE = 0.5  # of the shorter title's words: a headline that was only rewritten keeps so many
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"(?<!\d)(?!(?:19|20)\d{6}(?!\d))\d{5,}")  # an article's; a day's, 20260301, it shares with others


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """The items of a document, under the ids that they have with us."""

    items: tuple[Item, ...]  # in document order
    keys: tuple[str, ...]  # of them
    met: tuple[Known, ...]  # which of ours they are
    changes: tuple[Change, ...]  # in document order
    aliases: tuple[Alias, ...]


def by_id(items: Collection[Item], known: Mapping[str, Known]) -> dict[str, Known]:
    """Return what we hold of the items that are known by their id, beyond doubt. known: item id -> what we hold.

    Of two ids of one item in one document, its own is believed.
    """
    told: dict[str, Known] = {}
    taken: set[str] = set()
    there = [(item, known[item.id]) for item in items if item.id in known]
    for item, held in sorted(there, key=lambda one: one[0].id != one[1].id):
        if held.key not in taken and not _is_doubtful(item, held):
            told[item.id] = held
            taken.add(held.key)
    return told


def recognise(
    source: str, items: Sequence[Item], known: Mapping[str, Known], lately: Collection[Known] = ()
) -> Recognised:
    """Return who is who, and what is worth storing.

    lately  the items of the last documents; those that are missing now may stand here under other ids
    """
    told = by_id(items, known)
    sure, there = [item for item in items if item.id in told], {held.key for held in told.values()}
    strangers = [item for item in items if item.id not in told]
    gone = [held for held in lately if held.key not in there]
    pairs = matched(strangers, gone, sure) if strangers and gone else {}
    there |= {held.key for held, _ in pairs.values()}
    reuses = any(id_ in known for id_ in pairs)  # an id of theirs went to another article, as the words prove
    for item in strangers:
        held = None if reuses else known.get(item.id)
        if held and held.key not in there and not _is_another(item, held):
            told[item.id] = held
            there.add(held.key)
    named = [_named(item, told, pairs, known) for item in items]
    keys = tuple(held.key if held else key_of(source, item.id) for item, held in named)
    aliases = [
        Alias(key=key_of(source, item.id), id=item.id, item=pairs[item.id][0].key, why=pairs[item.id][1])
        for item in strangers
        if item.id in pairs and item.id not in known  # one that was reused says nothing of any item
    ]
    return Recognised(
        items=tuple(item for item, _ in named),
        keys=keys,
        met=tuple(held for _, held in named if held),
        changes=tuple(
            Change(kind="changed" if held else "new", key=key, item=item)
            for key, (item, held) in zip(keys, named, strict=True)
            if held is None or not _says_the_same(item, held)
        ),
        aliases=tuple(aliases),
    )


def _named(
    item: Item, told: Mapping[str, Known], pairs: Mapping[str, tuple[Known, str]], known: Mapping[str, Known]
) -> tuple[Item, Known | None]:
    """Return an item under its id with us. Of one whose id was another's, that id with its link, as in one document."""
    held = told.get(item.id) or (pairs[item.id][0] if item.id in pairs else None)
    if held:
        return replace(item, id=held.id), held
    return (replace(item, id=f"{item.id} {item.link or ''}".rstrip()) if item.id in known else item), None


def _says_the_same(item: Item, held: Known) -> bool:
    """Whether nothing was edited. Until store revision 0010 the id was hashed, too. What is pruned is let be."""
    return held.pruned or held.sha256 in (item.sha256, sha256(held.id.encode() + b"\0" + item.sha256).digest())


def _is_doubtful(item: Item, held: Known) -> bool:
    """Whether title, date and address are other ones than before, all of them: any that stays vouches for the id.

    Some publishers number the places of their document and not its articles.
    """
    return bool(
        item.link
        and held.link
        and item.link != held.link
        and item.title != held.title
        and not (item.published and item.published == held.published)
    )


def _is_another(item: Item, held: Known) -> bool:
    """Whether a doubtful id means another article now, and not one that was edited all over.

    Half of the words of a headline are left when it is rewritten; or the article's number stays in its address.
    """
    before, now = (frozenset(_WORD.findall(fold(title))) for title in (held.title, item.title))
    if not (before and now) or len(before & now) >= _SAME_HEADLINE * min(len(before), len(now)):
        return False
    numbers = (frozenset(_NUMBER.findall(link or "")) for link in (held.link, item.link))
    return not frozenset.intersection(*numbers) and tail_of(item.link or "") != tail_of(held.link or "")


def ranks(items: Sequence[Item]) -> dict[str, int]:
    """Return each item's place in its document by the publisher's date, newest = 0.

    Undated items stand behind the dated ones in document order: most feeds put the newest first.
    """
    by_date = sorted(items, key=lambda item: item.published or item.updated or _UNDATED, reverse=True)
    return {item.id: place for place, item in enumerate(by_date)}
