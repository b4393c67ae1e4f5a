"""The same entry under another id: known by what it says.

In:    the entries of a document whose ids we do not know, and items of the documents before that are missing from it.
Out:   which is which, with the reason.
Never: takes an item for another one by its title or its link alone. A podcast has one link for all its episodes, a
       status page one title for all its troubles, a horoscope both: a missed alias is a nuisance, a false one hides
       news.

What is equal must be so for one entry and one item only. Where it would be too little for a single one, it is enough
when most strangers of a document have their like among what is missing: then its publisher has changed the ids
(http to https, another host, another program), or makes new ones for every reading.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple
from urllib.parse import urlsplit

from aggregator.dedup.copies import shares_article
from aggregator.model import Item, Known
from aggregator.text import fold
from aggregator.urls import canonical

FEWEST = 3  # strangers that must be known for their publisher to have changed the ids
SHARE = 0.5  # of the strangers; the others are news


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """What an entry or an item is compared by."""

    of: Item | Known
    address: str | None  # of its id, where that is one, without a fragment
    anchored: bool  # whether there was one
    link: str | None
    title: str
    published: datetime | None

    @property
    def tail(self) -> str | None:
        return tail_of(self.link) if self.link else None


_Key = Callable[[_Seen], Hashable | None]  # None: it has nothing of the kind


class _Others:
    """The links of the other entries: what they share is no article's. Rarely asked for, and the dearest part."""

    def __init__(self, items: Collection[Item]) -> None:
        self._items = items

    @cached_property
    def links(self) -> frozenset[str | None]:
        return frozenset(canonical(one.link) for one in self._items if one.link)


class _Sign(NamedTuple):
    """What is the same, and what else must hold."""

    why: str
    key: _Key
    fits: Callable[[_Seen, _Seen, _Others], bool] = lambda _one, _other, _others: True


def _all(*parts: Hashable) -> Hashable | None:
    return parts if all(parts) else None


def _has_its_own_link(one: _Seen, _other: _Seen, others: _Others) -> bool:
    return one.link not in others.links


def _moved(one: _Seen, other: _Seen, _others: _Others) -> bool:
    return _host(one.link) != _host(other.link)


def _may_be_of_one_day(one: _Seen, other: _Seen, others: _Others) -> bool:
    """Whether the dates do not say that they are two: tomorrow's horoscope has the link of today's."""
    same = not (one.published and other.published) or one.published == other.published
    return same and _has_its_own_link(one, other, others)


# Each is proof enough, for one entry alone.
_PROOFS = (
    _Sign("its id is the same address", lambda one: None if one.anchored else one.address),
    _Sign("its id is the same address but for the fragment, its title the same", lambda o: _all(o.address, o.title)),
    _Sign(
        "link, title and date are the same",
        lambda one: _all(one.link, one.published) and (one.link, one.title, one.published),
        _has_its_own_link,
    ),
    _Sign(
        "path, title and date are the same at another host",
        lambda one: _all(one.tail, one.title, one.published),
        _moved,
    ),
    _Sign("all its words and its date are the same", lambda one: _all(one.of.sha256, one.published)),
)
# These are where many entries show them.
_SIGNS = (
    _Sign("title and date are the same", lambda one: _all(one.title, one.published)),
    _Sign("path and title are the same at another host", lambda one: _all(one.tail, one.title), _moved),
    _Sign("all its words are the same", lambda one: None if one.published else one.of.sha256),
)
_EDITED = _Sign("the link is the same", lambda one: one.link, _may_be_of_one_day)  # and these where the others do


def matched(
    strangers: Sequence[Item], gone: Collection[Known], others: Collection[Item]
) -> dict[str, tuple[Known, str]]:
    """Return which strangers are which of ours, and how we know, by the strangers' ids.

    others  the entries of the document that are known by their ids
    """
    known_ones = _Others(others)
    proven = _Matching([_seen(one) for one in strangers], [_seen(one) for one in gone], known_ones)
    for proof in _PROOFS:
        proven.take(proof)
    likely = _Matching(proven.strangers, proven.gone, known_ones)
    for sign in _SIGNS:
        likely.take(sign)
    known = len(proven.found) + len(likely.found)
    if known < max(FEWEST, SHARE * len(strangers)) or known <= len(others):
        return proven.found
    likely.take(_EDITED)
    many = f"{known} of {len(strangers)} entries came under other ids"
    return proven.found | {id_: (held, f"{why}; {many}") for id_, (held, why) in likely.found.items()}


class _Matching:
    """Who was found, and who is left."""

    def __init__(self, strangers: Sequence[_Seen], gone: Sequence[_Seen], others: _Others) -> None:
        self.strangers, self.gone, self._others = strangers, gone, others
        self.found: dict[str, tuple[Known, str]] = {}

    def take(self, sign: _Sign) -> None:
        """Find those that one stranger and one of ours has in common."""
        theirs, ours = _unique(self.strangers, sign.key), _unique(self.gone, sign.key)
        pairs = [(one, ours[key]) for key, one in theirs.items() if key in ours]
        fitting = [pair for pair in pairs if sign.fits(*pair, self._others)]
        for stranger, held in fitting:
            assert isinstance(held.of, Known)
            self.found[stranger.of.id] = (held.of, sign.why)
        done = {one for pair in fitting for one in pair}
        self.strangers = [one for one in self.strangers if one not in done]
        self.gone = [one for one in self.gone if one not in done]


def _unique(some: Collection[_Seen], key: _Key) -> dict[Hashable, _Seen]:
    keyed = [(value, one) for one in some if (value := key(one))]
    times = Counter(value for value, _ in keyed)
    return {value: one for value, one in keyed if times[value] == 1}


def _seen(one: Item | Known) -> _Seen:
    link, address = canonical(one.link) if one.link else None, canonical(one.id)
    return _Seen(
        of=one,
        address=address if shares_article(address) else None,
        anchored="#" in one.id,
        link=link,
        title=fold(one.title),
        published=one.published,
    )


def tail_of(link: str) -> str | None:
    """Return what of an address stands behind its host, as compared."""
    address = canonical(link)
    return address.removeprefix(f"https://{_host(address)}") if address else None


def _host(link: str | None) -> str:
    return urlsplit(link or "").netloc
