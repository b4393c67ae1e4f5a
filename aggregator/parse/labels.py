"""Local time that calls itself GMT: seen from when items appear, without a word of the publisher.

In:    for each of the newest items, how far its date lies ahead of the poll that showed it and of the one before.
Out:   by how many whole hours the dates of a source are wrong; the flaw with the zone that a person could write.
Never: changes a date, or believes a few items: what is wrong is the label, so nearly all items must say the same.

An item appeared between two polls, so its date is ahead of the truth by something between the two differences. Where
one number of hours explains nearly all items, and no neighbouring number does, the dates are that far ahead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from aggregator.model import Ahead, Change, Flaw, PollState, Source
from aggregator.parse.zone import ZONE_OF

KEPT = 20  # of the newest items
FEWEST = 8  # items that must agree
_NEARLY_ALL = 0.8  # of them; some are edited, scheduled or late
_NEIGHBOUR = 0.5  # of them at most: where polls are hours apart, many numbers explain many items
_FARTHEST = 14  # hours: Kiribati
_CLOCK = timedelta(minutes=5)  # that its clock may run ahead
_LATE = timedelta(minutes=20)  # that an item may come into its document after its date
_HOUR = timedelta(hours=1)


def explains(offset: timedelta, ahead: Ahead) -> bool:
    """Tell whether dates that are wrong by so much would show themselves so."""
    return ahead.least - _CLOCK <= offset <= ahead.most + _LATE


def mislabelled(aheads: Sequence[Ahead]) -> timedelta:
    """Return by how much the dates of these items are ahead of the truth; nothing where they are right or unclear."""
    if len(aheads) < FEWEST:
        return timedelta(0)
    shares = [sum(explains(hours * _HOUR, one) for one in aheads) / len(aheads) for hours in range(_FARTHEST + 2)]
    best = max(range(1, _FARTHEST + 1), key=shares.__getitem__)
    if shares[best] < _NEARLY_ALL or max(shares[best - 1], shares[best + 1], shares[0]) > _NEIGHBOUR:
        return timedelta(0)
    return best * _HOUR


def flaws(aheads: Sequence[Ahead], *, url: str, language: str | None, now: datetime) -> tuple[Flaw, ...]:
    """Return the flaw, if there is one, with what to write against it. url, language: of the source."""
    offset = mislabelled(aheads)
    if not offset:
        return ()
    zone = _zone_of(offset, url, language, now)
    detail = f"dates are {offset // _HOUR} h ahead of when items appear; write `zone: {zone}` and `zone_labels: ignore`"
    return (Flaw(code="zone-mislabelled", where="document", detail=detail),)


def _zone_of(offset: timedelta, url: str, language: str | None, now: datetime) -> str:
    """Return the zone that is so far ahead of GMT now: of the site's country, of its language, else of nobody."""
    country = (urlsplit(url).hostname or "").rpartition(".")[2]
    spoken = {"uk": "Europe/Kyiv", "ru": "Europe/Moscow", "be": "Europe/Minsk"}.get((language or "")[:2])
    for zone in filter(None, (ZONE_OF.get(country), spoken)):
        if now.astimezone(ZoneInfo(zone)).utcoffset() == offset:
            return zone
    return f"Etc/GMT-{offset // _HOUR}"  # its sign is POSIX's: east is minus


def offset_of(source: Source, state: PollState) -> timedelta:
    """Return by how much the dates of a source are ahead of the truth, as far as we noticed."""
    return mislabelled(state.aheads) if source.believed else timedelta(0)


def ahead_of(source: Source, state: PollState, change: Change, now: datetime) -> timedelta:
    """Return by how much the date of a new item is ahead of the truth: as those before it, where that fits it, too."""
    offset = offset_of(source, state)
    if offset and change.kind == "new" and (ahead := _ahead(change.item.published, state, now)):
        return offset if explains(offset, ahead) else timedelta(0)
    return timedelta(0)


def learned(
    source: Source, state: PollState, changes: Sequence[Change], claimed: Mapping[str, datetime], now: datetime
) -> tuple[Ahead, ...]:
    """Return how far the newest items' dates lie ahead, now that there are more; what came late says nothing.

    claimed  `published` by item id, where it was too far ahead to be stored
    """
    if not source.believed:
        return ()
    news = (change.item for change in changes if change.kind == "new" and change.arrival == "live")
    found = (_ahead(claimed.get(item.id, item.published), state, now) for item in news)
    return (*state.aheads, *filter(None, found))[-KEPT:]


def _ahead(published: datetime | None, state: PollState, now: datetime) -> Ahead | None:
    if published is None or state.last_success_at is None:
        return None
    return Ahead(least=published - now, most=published - state.last_success_at)
