"""Items: as they were published, and what curating decided about them.

In:    what a poll found; what curating decided.
Out:   StoredItem, and the items of other sources at the same address.
Never: compares texts, decides what is new, or deletes an item.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any

from sqlalchemy import Connection, bindparam, case, delete, func, literal, or_, select, update
from sqlalchemy import insert as plain_insert

from aggregator.model import Article, Change, Curated, Lessons, PollOutcome, StoredItem, Tagged, Verdict
from aggregator.model.item import sort_at
from aggregator.store import learned
from aggregator.store.credits import keep as keep_credits
from aggregator.store.dialect import chunks, insert
from aggregator.store.held import NEWS
from aggregator.store.identity import keep_aliases
from aggregator.store.rows import item_row, stored_item, tagged
from aggregator.store.schema import copy_item, item, item_revision, item_section, source_state, story_item
from aggregator.store.stories import Words, keep_words, place
from aggregator.store.topics import admit, judge
from aggregator.store.withdrawal import withdraw, withdraw_again

REVISIONS_KEPT = 20  # per item: a ticker that edits one item all day must not fill the disk


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """An item at an address that another item may share."""

    key: str
    source: str
    story: str | None
    copy: str | None  # its group of copies
    first_seen_at: datetime
    sort_at: datetime  # as StoredItem.sort_at


def take_in(conn: Connection, outcome: PollOutcome) -> None:
    """Write the items of one poll. Only polls.commit calls it, after it has checked the claim."""
    new = [change for change in outcome.changes if change.kind == "new"]
    changed = [change for change in outcome.changes if change.kind == "changed"]
    if new:
        rows = [_new_row(change, outcome) for change in new]
        conn.execute(insert(conn, item).on_conflict_do_nothing(), rows)
        withdraw_again(conn, [change.key for change in new], outcome.at)
    if changed:
        _supersede(conn, changed, outcome.at)
    keep_aliases(conn, outcome.aliases, outcome.at)
    if outcome.articles:
        _keep_articles(conn, outcome.articles)
    for why in dict.fromkeys(outcome.withdrawn.values()):
        withdraw(conn, [key for key, reason in outcome.withdrawn.items() if reason == why], why, outcome.at)
    _list(conn, outcome)


def _list(conn: Connection, outcome: PollOutcome) -> None:
    """Note what stands in the newest document, and what stands in it no more."""
    c, document = item.c, outcome.state.document
    for some in chunks(outcome.present):
        conn.execute(update(item).where(c.key.in_(some)).values(document=document, left_at=None))
    if outcome.ended == "changed":
        gone = update(item).where(c.source == outcome.source, c.left_at.is_(None), c.document != document)
        conn.execute(gone.values(left_at=outcome.at))


def _new_row(change: Change, outcome: PollOutcome) -> dict[str, Any]:
    return {
        "key": change.key,
        "source": outcome.source,
        "item_id": change.item.id,
        "first_seen_at": outcome.at,
        "missing_at": outcome.missing_at,
        "listed_at": outcome.listed_at,
        "ahead_us": change.ahead,
        "document": outcome.state.document,
        "arrival": change.arrival,
        "arrival_why": change.arrival_why,
        "rank": change.rank,
        "held": change.held,
        "held_until": change.held_until,
        **item_row(change.item),
    }


def _supersede(conn: Connection, changed: list[Change], now: datetime) -> None:
    """Keep what stood there as a revision, take the new words, and have the item curated again, unless they are held.

    What was held is no revision: it was told to nobody. An item that is held as a whole stays so.
    """
    c = item.c
    keys = [change.key for change in changed]
    said = list(item_row(changed[0].item))
    told = or_(c.held.is_(None), c.held != "edits")
    for some in chunks(keys):
        old = select(c.key, literal(now, item_revision.c.at.type), *(c[name] for name in ("reread_from", *said)))
        mine = old.where(c.key.in_(some), told)
        conn.execute(plain_insert(item_revision).from_select(["item", "at", "reread_from", *said], mine))
        _drop_old_revisions(conn, some)
    words: dict[str, Any] = {name: bindparam(f"new_{name}") for name in said}
    anew = update(item).where(c.key == bindparam("which"))
    for reread, held in product((False, True), repeat=2):
        these = [change for change in changed if (change.reread, change.held is not None) == (reread, held)]
        until = [{"until": one.held_until} if held else {} for one in these]
        rows = [
            {"which": one.key, **wait, **{f"new_{name}": value for name, value in item_row(one.item).items()}}
            for one, wait in zip(these, until, strict=True)
        ]
        facts = {
            "changed_at": now,
            "words_at": None,
            "reread_from": c.sha256 if reread else None,
            **_standing(held=held),
        }
        if rows:
            conn.execute(anew.values(**facts, **words), rows)


def _standing(*, held: bool) -> dict[str, Any]:
    """What becomes of an item whose words change. One that waits to be curated anyway takes the new ones with it."""
    whole = or_(*(item.c.held == why for why in NEWS))  # IN is not for many rows at once
    until = bindparam("until", type_=item.c.held_until.type)
    if held:
        return {
            "held": case((whole, item.c.held), (item.c.curated_at.is_(None), None), else_="edits"),
            "held_until": case((whole | item.c.curated_at.is_(None), None), else_=until),
        }
    return {"held": case((whole, item.c.held)), "held_until": None, "curated_at": None}


def _keep_articles(conn: Connection, articles: Sequence[Article]) -> None:
    """Note when pages may be asked for again; an item whose article came is curated again, for queries see it."""
    mine = update(item).where(item.c.key == bindparam("which"))
    later = [{"which": one.key, "due": one.due_at} for one in articles if not one.text]
    came = [{"which": one.key, "text": one.text} for one in articles if one.text]
    if later:
        conn.execute(mine.values(article_due_at=bindparam("due", type_=item.c.article_due_at.type)), later)
    if came:
        conn.execute(mine.values(full_text=bindparam("text"), article_due_at=None, curated_at=None), came)


def without_article(conn: Connection, source: str, *, since: datetime, now: datetime, limit: int) -> list[StoredItem]:
    """Items that came since then and whose page may be asked for now, the newest first."""
    c = item.c
    waiting = select(item).where(c.source == source, c.article_due_at <= now, c.first_seen_at >= since)
    newest_first = waiting.order_by(func.coalesce(c.published, c.first_seen_at).desc(), c.seq)
    return [stored_item(row) for row in conn.execute(newest_first.limit(limit)).mappings()]


def _drop_old_revisions(conn: Connection, keys: list[str]) -> None:
    r = item_revision.c
    place = func.row_number().over(partition_by=r.item, order_by=r.seq.desc()).label("place")
    ranked = select(r.seq, place).where(r.item.in_(keys)).subquery()
    old = select(ranked.c.seq).where(ranked.c.place > REVISIONS_KEPT)
    conn.execute(delete(item_revision).where(r.seq.in_(old)))


def uncurated(conn: Connection, limit: int) -> list[StoredItem]:
    """Items that wait to be curated, in order of arrival."""
    waits = item.c.curated_at.is_(None), item.c.held.is_(None)
    waiting = select(item).where(*waits).order_by(item.c.seq).limit(limit)
    return [stored_item(row) for row in conn.execute(waiting).mappings()]


def newest(conn: Connection, limit: int, *, before: int | None = None) -> list[StoredItem]:
    """Curated items, the latest arrival first. before: the number (`seq`) of one, so that those behind it come."""
    standing = item.c.curated_at.is_not(None), item.c.withdrawn_at.is_(None)
    older = standing if before is None else (*standing, item.c.seq < before)
    found = select(item).where(*older).order_by(item.c.seq.desc()).limit(limit)
    return [stored_item(row) for row in conn.execute(found).mappings()]


def by_key(conn: Connection, key: str) -> StoredItem | None:
    """The item, or None."""
    row = conn.execute(select(item).where(item.c.key == key)).mappings().one_or_none()
    return stored_item(row) if row else None


def by_keys(conn: Connection, keys: Collection[str]) -> list[StoredItem]:
    """The items of these keys that there are, in no order."""
    found = (conn.execute(select(item).where(item.c.key.in_(some))).mappings() for some in chunks(keys))
    return [stored_item(row) for rows in found for row in rows]


def by_url(conn: Connection, url: str) -> list[StoredItem]:
    """Items whose link or canonical URL is exactly this, in order of arrival."""
    there = select(item).where(or_(item.c.link == url, item.c.canonical_url == url)).order_by(item.c.seq)
    return [stored_item(row) for row in conn.execute(there).mappings()]


def same_url(conn: Connection, canonical_urls: Collection[str], since: datetime) -> dict[str, list[Twin]]:
    """Curated items that were first seen since then, by their canonical URL, in order of arrival.

    Those of private sources are left out: no other item stands beside one.
    """
    found: dict[str, list[Twin]] = {}
    columns = [item.c[name] for name in ("canonical_url", "key", "source", "first_seen_at", "published", "ahead_us")]
    groups = story_item.c.story.label("story_of"), copy_item.c.story.label("copy_of")
    twins = (
        select(*columns, *groups)
        .outerjoin(story_item, story_item.c.item == item.c.key)
        .outerjoin(copy_item, copy_item.c.item == item.c.key)
    )
    public = twins.join(source_state, source_state.c.id == item.c.source).where(~source_state.c.private)
    recent = public.where(item.c.first_seen_at >= since).order_by(item.c.seq)
    for some in chunks(set(canonical_urls)):
        for row in conn.execute(recent.where(item.c.canonical_url.in_(some))):
            twin = Twin(
                key=row.key,
                source=row.source,
                story=row.story_of,
                copy=row.copy_of,
                first_seen_at=row.first_seen_at,
                sort_at=sort_at(row.published, row.ahead_us, row.first_seen_at),
            )
            found.setdefault(row.canonical_url, []).append(twin)
    return found


def sections_of(conn: Connection, key: str) -> tuple[Tagged, ...]:
    """The sections of an item, the surest first."""
    c = item_section.c
    mine = select(item_section).where(c.item == key).order_by(c.confidence.desc(), c.section)
    return tuple(tagged(row) for row in conn.execute(mine).mappings())


def sections_of_all(conn: Connection, keys: Collection[str]) -> dict[str, tuple[Tagged, ...]]:
    """The sections of several items, by item, the surest first; those without any are left out."""
    c, found = item_section.c, defaultdict[str, list[Tagged]](list)
    for some in chunks(keys):
        mine = select(item_section).where(c.item.in_(some)).order_by(c.confidence.desc(), c.section)
        for row in conn.execute(mine).mappings():
            found[row["item"]].append(tagged(row))
    return {key: tuple(sections) for key, sections in found.items()}


def commit_curated(
    conn: Connection,
    curated: Iterable[Curated],
    *,
    seen: Mapping[str, tuple[bytes, bool]],
    now: datetime,
    words: Words | None = None,
    also: Sequence[tuple[str, Verdict]] = (),
    said: Mapping[str, Sequence[str]] | None = None,
    lessons: Lessons | None = None,
) -> int:
    """Store what curating decided, and make the topics dirty whose next document it changes. Idempotent.

    Returns how many of the items it was still true of.

    seen  Item.sha256 of each item as it was curated, and whether its article was there: if its publisher changed it
          meanwhile, or the article came, it stays uncurated and this decision about its former words is dropped; and
          so it does if it was withdrawn meanwhile, and this decision lets it into a topic
    words what was counted of their words, if it is time to keep that
    also  verdicts on items that were curated before, whose stories they join
    said  the sections that a person named of some of them, as they were curated; what was said meanwhile counts as a
          change by the publisher does
    lessons what was learned of their sections
    """
    by_key, done = {one.key: one for one in curated}, 0
    named = {key: tuple(sections) for key, sections in (said or {}).items()}
    for some in chunks(by_key):
        there = select(item.c.key, item.c.sha256, (item.c.full_text != "").label("whole"), item.c.withdrawn)
        present = conn.execute(there.where(item.c.key.in_(some)).with_for_update()).all()
        now_said = learned.said(conn, some)
        current = [
            by_key[key]
            for key, sha256, whole, withdrawn in present
            if seen[key] == (sha256, whole)
            and now_said.get(key) == named.get(key)
            and not (withdrawn and any(verdict.admitted for verdict in by_key[key].verdicts))
        ]
        if current:
            _commit_some(conn, current, now)
        done += len(current)
    admit(conn, also, now)
    if words:
        keep_words(conn, words)
    if lessons:
        learned.keep(conn, lessons, now)
    return done


def _commit_some(conn: Connection, curated: Sequence[Curated], now: datetime) -> None:
    keys = [one.key for one in curated]
    rows = [{"which": one.key, "to_language": one.language, "to_url": one.canonical_url} for one in curated]
    values = {"language_seen": bindparam("to_language"), "canonical_url": bindparam("to_url"), "curated_at": now}
    values["words_at"] = None
    conn.execute(update(item).where(item.c.key == bindparam("which")).values(values), rows)
    conn.execute(delete(item_section).where(item_section.c.item.in_(keys)))
    sections = [_section_row(one.key, section) for one in curated for section in one.sections]
    if sections:
        conn.execute(plain_insert(item_section), sections)
    keep_credits(conn, {one.key: one.credits for one in curated})
    place(conn, [membership for one in curated for membership in one.memberships], now)
    judge(conn, {one.key: one.verdicts for one in curated}, now)


def _section_row(key: str, section: Tagged) -> dict[str, Any]:
    return {"item": key, "section": section.section, "confidence": section.confidence, "why": section.why}
