"""What a document brings that had better wait: more news than can be, another publisher's, edits without an end.
And what had better not be done: taking back nearly all that there is.

In:    what was recognised in a document, what its source brought until now, the moment.
Out:   the same changes, some of them held, with the reason (model.HELD).
Never: drops anything. What is held stands in the store, is shown by `status`, and goes on as soon as it may.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from aggregator.model import Change, Flaw, Known
from aggregator.text import fold
from aggregator.urls import site_of

DAY = timedelta(days=1)
EDITS_A_DAY = 3  # of one item that readers are told: publication.md R5 allows `updated` to move as often
FLOOD = 3  # times as many as usual (content.md A43)
FEW = 10  # news are no flood in any source: on first contact so many may enter (publication.md R12). So few may go, too
MANY = 30  # nor so many where something known is left in the document, so that the ids last: a magazine comes whole
BEFORE = 5  # items from which it can be told what a source is like
SIGNS = 2  # of three: title, language, sites

# code -> sentence, beside those of parse
FLAWS = {
    "document-drifted": "it looks like another publisher's; what it brings is held until `aggregator release`",
    "document-emptied": "it takes back more than half of all that its source has, at once; nothing was withdrawn",
    "document-flooded": "it brought more news at once than its source can have; those beyond are held for a poll",
}

_WORD = re.compile(r"\w{3,}")


def restless(changes: Sequence[Change], edits: Mapping[str, Sequence[datetime]], now: datetime) -> tuple[Change, ...]:
    """Return the changes; the new words of an item that was edited often enough today wait until a day is over.

    edits   when each changed item was edited lately, oldest first
    What we only read otherwise than before is told at once: nobody has edited it.
    """
    return tuple(_patient(change, edits.get(change.key, ()), now) for change in changes)


def _patient(change: Change, edits: Sequence[datetime], now: datetime) -> Change:
    today = [at for at in edits if at > now - DAY]
    if change.kind == "new" or change.reread or len(today) < EDITS_A_DAY:
        return change
    return replace(change, held="edits", held_until=today[-EDITS_A_DAY] + DAY)


def flooded(changes: Sequence[Change], *, usual: float, lasting: bool, again: bool = False) -> tuple[Change, ...]:
    """Return the changes; the newest of the news go on, and what is more than can be is held.

    usual    so many items its source brings in the time that passed, or at once
    lasting  something that we know is left in the document
    again    nothing is, and the flood before this one is not confirmed: all is held

    A publisher whose ids change with every reading brings his whole document as news each time. The next poll tells:
    where it still shows what came as a flood, that was real.
    """
    most = 0 if again else max(MANY if lasting else FEW, round(FLOOD * usual))
    news = [n for n, change in enumerate(changes) if change.kind == "new" and change.arrival == "live"]
    newest = sorted(news, key=lambda n: (changes[n].item.published is None, _age(changes[n])))
    beyond = set(newest[most:])
    return tuple(replace(one, held="flood") if n in beyond else one for n, one in enumerate(changes))


def _age(change: Change) -> float:
    """Return what is the smaller, the newer the item is."""
    return -change.item.published.timestamp() if change.item.published else 0.0


def strange(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Return the changes with all that is new held: it came in a document that `drift` says is another publisher's."""
    return tuple(replace(one, held="drift") if one.kind == "new" else one for one in changes)


def drift(before: Collection[Known], titles: tuple[str, str], now: Collection[tuple[str | None, str | None]]) -> str:
    """Return what makes a document look like another publisher's, one sentence; "" where it does not.

    before  items of this source that nobody doubts; none of them is in the document
    titles  of the feed, before and now
    now     language and link of each of its entries

    A domain that ran out is sold, and its feed goes on with casinos. Of title, language and the sites that are linked
    to two must be other ones: publishers rename themselves, and move.
    """
    if len(before) < BEFORE or not now:
        return ""
    names = [frozenset(_WORD.findall(fold(title))) for title in titles]
    tongues = _most(one.language for one in before), _most(language for language, _ in now)
    sites = _sites(one.link for one in before), _sites(link for _, link in now)
    signs = []
    if all(names) and not frozenset.intersection(*names):
        signs.append(f"it is called «{titles[1]}» and was «{titles[0]}»")
    if all(tongues) and tongues[0] != tongues[1]:
        signs.append(f"its language is {tongues[1]} and was {tongues[0]}")
    if all(sites) and not sites[0] & sites[1]:
        signs.append(f"it links to {min(sites[1])} and not to {min(sites[0])}")
    return "; ".join(signs) if len(signs) >= SIGNS else ""


def empties(taken_back: int, *, of: int) -> bool:
    """Return whether a document takes back more at once than its publisher can mean. of: so many items it has.

    A feed that was captured or built anew would end all that its source ever told, and there is no way back (R10).
    """
    return taken_back > FEW and 2 * taken_back > of


def flaws(changes: Sequence[Change], drifted: str) -> tuple[Flaw, ...]:
    """Return what to tell of a document. drifted: as `drift` said."""
    held = Counter(change.held for change in changes)
    found = [Flaw(code="document-drifted", where="document", detail=drifted)] if drifted else []
    if held["flood"]:
        found.append(Flaw(code="document-flooded", where="document", detail=f"{held['flood']} items are held"))
    return tuple(found)


def _most(some: Iterable[str | None]) -> str:
    """Return the commonest; "" if there is none."""
    counted = Counter(filter(None, some)).most_common(1)
    return counted[0][0] if counted else ""


def _sites(links: Iterable[str | None]) -> frozenset[str]:
    return frozenset(site_of(host) for link in links if link and (host := urlsplit(link).hostname))
