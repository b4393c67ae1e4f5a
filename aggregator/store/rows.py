"""Values to rows and back.

In:    model values, or the rows of a result.
Out:   rows, or model values. `published`, `face` and the like: whatever goes in comes out equal.
Never: runs a statement.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping

from aggregator.model import (
    Ahead,
    Artefact,
    Category,
    Delivery,
    Enclosure,
    Face,
    Feed,
    Flaw,
    Item,
    Membership,
    MembershipKind,
    Origin,
    Outlet,
    Person,
    PollState,
    StoredItem,
    Tagged,
)
from aggregator.model.rhythm import from_plain, to_plain
from aggregator.store.schema import artefact, delivery, item, item_section, source_state


def _plain(value: Any) -> Any:
    """What json cannot say by itself: a time, a duration (microseconds), one of our values."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, timedelta):
        return value // timedelta(microseconds=1)
    return {name: there for name in value.__slots__ if (there := getattr(value, name)) is not None}


_encoder = json.JSONEncoder(default=_plain, ensure_ascii=False, separators=(",", ":"))


def dumps(value: Any) -> str:
    """Compact JSON, always the same for equal values; readable Cyrillic."""
    return _encoder.encode(value)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def item_row(value: Item) -> dict[str, Any]:
    """The columns that `item` and `item_revision` share."""
    return {
        "sha256": value.sha256,
        "raw_sha256": value.raw_sha256,
        "title": value.title,
        "link": value.link,
        "published": value.published,
        "updated": value.updated,
        "language": value.language,
        "comments": value.comments,
        "authors": dumps(value.authors),
        "categories": dumps(value.categories),
        "enclosures": dumps(value.enclosures),
        "summary": value.summary,
        "content": value.content,
        "extras": dumps(value.extras),
    }


def _item(row: RowMapping) -> Item:
    c = item.c
    return Item(
        id=row[c.item_id],
        title=row[c.title],
        link=row[c.link],
        summary=row[c.summary],
        content=row[c.content],
        authors=_people(json.loads(row[c.authors])),
        categories=_categories(json.loads(row[c.categories])),
        enclosures=_enclosures(json.loads(row[c.enclosures])),
        published=row[c.published],
        updated=row[c.updated],
        language=row[c.language],
        comments=row[c.comments],
        extras=json.loads(row[c.extras]),
        sha256=row[c.sha256],
        raw_sha256=row[c.raw_sha256],
    )


def _people(found: list[dict[str, Any]]) -> tuple[Person, ...]:
    return tuple(Person(**one) for one in found)


def _categories(found: list[dict[str, Any]]) -> tuple[Category, ...]:
    return tuple(Category(**one) for one in found)


def _enclosures(found: list[dict[str, Any]]) -> tuple[Enclosure, ...]:
    return tuple(Enclosure(**one) for one in found)


def stored_item(row: RowMapping) -> StoredItem:
    """Read a row that holds all columns of `item`."""
    c = item.c
    return StoredItem(
        key=row[c.key],
        seq=row[c.seq],
        source=row[c.source],
        item=_item(row),
        first_seen_at=row[c.first_seen_at],
        arrival=row[c.arrival],
        arrival_why=row[c.arrival_why],
        rank=row[c.rank],
        missing_at=row[c.missing_at],
        listed_at=row[c.listed_at],
        ahead=row[c.ahead_us],
        curated_at=row[c.curated_at],
        language=row[c.language_seen],
        canonical_url=row[c.canonical_url],
        full_text=row[c.full_text],
        reread_from=row[c.reread_from],
        held=row[c.held],
        held_until=row[c.held_until],
        withdrawn=row[c.withdrawn],
    )


def tagged(row: RowMapping) -> Tagged:
    """Read a row of `item_section`."""
    c = item_section.c
    return Tagged(section=row[c.section], confidence=row[c.confidence], why=row[c.why])


def membership(row: RowMapping, kind: MembershipKind) -> Membership:
    """Read a row of the table of groups of this kind."""
    names = ("story", "item", "of", "method", "score", "evidence", "rule")
    return Membership(kind=kind, **{name: row[name] for name in names})


def state_row(value: PollState) -> dict[str, Any]:
    """The columns of `source_state` that hold a PollState, but for next_poll_at: the decision (Due) sets that one."""
    return {
        "etag": value.etag,
        "last_modified": value.last_modified,
        "body_sha256": value.body_sha256,
        "document": value.document,
        "interval_us": value.interval,
        "failures": value.failures,
        "problem_since": value.problem_since,
        "last_poll_at": value.last_poll_at,
        "last_success_at": value.last_success_at,
        "unmodified_since": value.unmodified_since,
        "moved_url": value.moved_url,
        "moved_times": value.moved_times,
        "moved_since": value.moved_since,
        "adopted_url": value.adopted_url,
        "rhythm": dumps(to_plain(value.rhythm)),
        "rate_per_day": value.rate_per_day,
        "lags": dumps([round(lag.total_seconds()) for lag in value.lags]),
        "aheads": dumps([[round(span.total_seconds()) for span in (one.least, one.most)] for one in value.aheads]),
        "quiet_at": value.quiet_at,
    }


def poll_state(row: RowMapping) -> PollState:
    """Read a row of `source_state`."""
    c = source_state.c
    return PollState(
        etag=row[c.etag],
        last_modified=row[c.last_modified],
        body_sha256=row[c.body_sha256],
        document=row[c.document],
        interval=row[c.interval_us],
        failures=row[c.failures],
        problem_since=row[c.problem_since],
        last_poll_at=row[c.last_poll_at],
        last_success_at=row[c.last_success_at],
        unmodified_since=row[c.unmodified_since],
        moved_url=row[c.moved_url],
        moved_times=row[c.moved_times],
        moved_since=row[c.moved_since],
        adopted_url=row[c.adopted_url],
        rhythm=from_plain(json.loads(row[c.rhythm])),
        rate_per_day=row[c.rate_per_day],
        lags=tuple(timedelta(seconds=lag) for lag in json.loads(row[c.lags])),
        aheads=tuple(_ahead(*one) for one in json.loads(row[c.aheads])),
        quiet_at=row[c.quiet_at],
        next_poll_at=row[c.next_poll_at],
    )


def _ahead(least_s: int, most_s: int) -> Ahead:
    return Ahead(least=timedelta(seconds=least_s), most=timedelta(seconds=most_s))


def feed(text: str | None) -> Feed | None:
    """Read what a document said of itself; None before the first one."""
    if text is None:
        return None
    found = json.loads(text)
    found.pop("ttl", None)  # a store of 0.1 from before hints had a place of their own
    updated = _moment(found.pop("updated", None))
    hubs = tuple(found.pop("hubs", ()))
    return Feed(**found, updated=updated, hubs=hubs)


def flaws(text: str) -> tuple[Flaw, ...]:
    """Read a list of flaws."""
    return tuple(Flaw(**one) for one in json.loads(text))


def delivery_row(value: Delivery) -> dict[str, Any]:
    """The columns of `delivery`, but for `at`."""
    return {
        "topic": value.topic,
        "entry_id": value.entry_id,
        "rev": value.rev,
        "anchor": value.anchor,
        "story": value.story,
        "entered_at": value.entered_at,
        "updated": value.updated,
        "state": value.state,
        "current": value.state == "live",
        "sha256": value.sha256,
        "face": dumps(value.face),
        "outlets": dumps(value.outlets),
        "why": value.why,
        "shows": value.shows,
        "listed": value.listed,
        "told": value.told,
        "growths": value.growths,
        "grown_at": value.grown_at,
        "edits": dumps(value.edits),
        "into": value.into,
    }


def delivered(row: RowMapping) -> Delivery:
    """Read a row of `delivery`."""
    c = delivery.c
    return Delivery(
        topic=row[c.topic],
        entry_id=row[c.entry_id],
        anchor=row[c.anchor],
        story=row[c.story],
        entered_at=row[c.entered_at],
        rev=row[c.rev],
        updated=row[c.updated],
        state=row[c.state],
        face=_face(json.loads(row[c.face])),
        sha256=row[c.sha256],
        outlets=tuple(_outlet(one) for one in json.loads(row[c.outlets])),
        why=row[c.why],
        shows=row[c.shows],
        listed=row[c.listed],
        told=row[c.told],
        growths=row[c.growths],
        grown_at=row[c.grown_at],
        edits=tuple(map(datetime.fromisoformat, json.loads(row[c.edits]))),
        into=row[c.into],
        at=row[c.at],
    )


def _face(found: Mapping[str, Any]) -> Face:
    return Face(
        title=found["title"],
        link=found.get("link"),
        published=datetime.fromisoformat(found["published"]),
        authors=_people(found["authors"]),
        categories=_categories(found["categories"]),
        summary=found["summary"],
        content=found["content"],
        enclosures=_enclosures(found["enclosures"]),
        language=found.get("language"),
        comments=found.get("comments"),
        origin=_origin(found["origin"]),
        extras=found.get("extras", {}),
        via=tuple(_outlet(one) for one in found.get("via", ())),
    )


def _origin(found: Mapping[str, Any]) -> Origin:
    return Origin(**{**found, "updated": _moment(found.get("updated"))})


def _outlet(found: Mapping[str, Any]) -> Outlet:
    return Outlet(**{"link": None, **found, "published": datetime.fromisoformat(found["published"])})


def artefact_row(value: Artefact) -> dict[str, Any]:
    """The columns of `artefact`."""
    return {name: getattr(value, name) for name in Artefact.__slots__}


def finished(row: RowMapping) -> Artefact:
    """Read a row of `artefact`."""
    return Artefact(**{name: row[artefact.c[name]] for name in Artefact.__slots__})
