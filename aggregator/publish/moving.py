"""Items that were moved after they entered: withdrawn, pinned, put into other stories (publication.md R4, R6 to R8).

In:    the entries that this concerns with all their items, and the entries that went into them before.
Out:   the rows that follow, in the book; the entry in which each moved item stands from now on.
Never: mints an id where a program changed its mind (R11), brings an id back but as R7 says, or shows what is hidden.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aggregator.model import Candidate, Delivery, Member, Topic
from aggregator.publish import compose
from aggregator.publish.book import Book, seniority, shown_by, story_of
from aggregator.publish.growing import joined, without
from aggregator.publish.minting import Minting
from aggregator.publish.precedence import precedence

REVIVES_FOR = timedelta(hours=24)  # R7: after that, readers have forgotten the entry that was absorbed
FRESH = timedelta(hours=6)  # R7: what entered longer ago is no news, whichever story it is in
FROZEN_FOR = timedelta(hours=48)  # R7: of entries that were merged, parted and merged again


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """What there is to look at again."""

    members: Sequence[Member] = ()  # all items of the entries that this concerns
    absorbed: Sequence[Delivery] = ()  # every time of late that an entry, now absorbed, with one of them as anchor was
    used: Collection[str] = frozenset()  # ids that the topic delivered at any time, of those that `members` could mint

    def absorptions(self, part: Sequence[Candidate]) -> list[list[Delivery]]:
        """Return when entries were absorbed that have one of these as anchor: of each entry the last time first."""
        keys, found = {one.stored.key for one in part}, dict[str, list[Delivery]]()
        for one in sorted(self.absorbed, key=lambda one: -one.rev):
            if one.anchor in keys:
                found.setdefault(one.entry_id, []).append(one)
        return list(found.values())

    def frozen(self, part: Sequence[Candidate], now: datetime) -> bool:
        """Whether an entry of a part was absorbed, was back, and was absorbed again of late."""
        often = [times[0].at for times in self.absorptions(part) if len(times) > 1]
        return any(at is not None and now - at <= FROZEN_FOR for at in often)


def move(book: Book, topic: Topic, moves: Moves, minting: Minting) -> dict[str, str]:
    """Bring entries up to date with what their items are now; return item key -> entry id of those that changed."""
    by_entry: dict[str, list[Member]] = {}
    for member in moves.members:
        by_entry.setdefault(member.entry_id, []).append(member)
    _unnamed(book, moves.members)
    here = [(row, some) for id_, some in by_entry.items() if (row := book.get(id_)) and row.state in ("live", "aged")]
    for row, some in here:
        book.put(_pinned(_without_hidden(row, some, moves, minting), some, minting))
    if topic.fold == "none":
        return {}
    entered: dict[str, str] = {}
    mover = _Mover(book, topic, moves, minting, entered)
    for row, some in here:
        if row.state == "live":
            mover.part(row.entry_id, some)
    for story in dict.fromkeys(group_of(member.candidate) for member in moves.members if member.moved):
        mover.merge(story, by_entry)
    return entered


def group_of(candidate: Candidate) -> str:
    """Return the story of an item; its own key where it is alone."""
    return candidate.story or candidate.stored.key


def _unnamed(book: Book, members: Sequence[Member]) -> None:
    """Have no entry name what is hidden as its source, whichever entry that stands in (R8)."""
    hidden = {m.candidate.stored.key for m in members if m.candidate.hidden}
    for row in book.live():
        via = tuple(one for one in row.face.via if one.key not in hidden)
        if via != row.face.via:
            book.put(replace(row, face=replace(row.face, via=via), why="names a source no more that is withdrawn"))


def _without_hidden(row: Delivery, members: Sequence[Member], moves: Moves, minting: Minting) -> Delivery:
    """Return the row without what its topic must not show; withdrawn, where nothing is left (R8)."""
    hidden = {m.candidate.stored.key: m.candidate.hidden for m in members if m.candidate.hidden}
    if not hidden:
        return row
    shorter = without(row, hidden)
    if (why := hidden.get(shown_by(row))) is None:
        why = "; ".join(dict.fromkeys(hidden.values()))
        return row if shorter is row else replace(shorter, why=f"listed no more: {why}")
    seen = [m.candidate for m in members if not m.candidate.hidden]
    left = [one for one in seen if group_of(one) == story_of(row)]
    left = left or [one for one in seen if moves.frozen([one], minting.now)]  # who wavers stays where he is
    if not left:
        return replace(shorter, state="withdrawn", why=f"withdrawn: {why}")
    best = min(left, key=precedence)
    shown = _shows(shorter, best, minting, f"what it showed is withdrawn: {why}")
    if row.anchor in hidden:
        shown = replace(shown, story=group_of(best))  # it goes with what it shows from now on
    return replace(shown, updated=minting.now)  # or readers would keep what they were to forget (RFC 4287, 4.2.15)


def _pinned(row: Delivery, members: Sequence[Member], minting: Minting) -> Delivery:
    """Return the row with the face that a person pinned since."""
    pinned = [m.candidate for m in members if m.moved and m.candidate.pinned_at and not m.candidate.hidden]
    if not pinned or row.state != "live":
        return row
    last = min(pinned, key=precedence)
    if last.stored.key == shown_by(row) or group_of(last) != story_of(row):
        return row
    before = next((m.candidate for m in members if m.candidate.stored.key == shown_by(row)), None)
    anew = _shows(row, last, minting, "a person pinned it")
    told = {last.stored.source, *(one.source for one in anew.outlets)}
    if before is None or before.hidden or before.stored.source in told:
        return anew
    return replace(anew, outlets=(compose.outlet(before), *anew.outlets), listed=anew.listed + 1)


def _shows(row: Delivery, shown: Candidate, minting: Minting, why: str) -> Delivery:
    """Return the row with the face of another of its items; its id and `published` stay."""
    key, source = shown.stored.key, shown.stored.source
    own = {one.key for one in row.outlets if one.source == source}  # one line a source, and the face is its line
    return replace(
        without(row, own),
        face=replace(minting.face(shown), published=row.face.published),
        sha256=shown.stored.item.sha256,
        shows=None if key == row.anchor else key,
        why=f"shown as told by {shown.origin.source}: {why}",
    )


@dataclass(frozen=True, slots=True)
class _Mover:
    """Parts and merges entries; `entered` gathers where items stand then."""

    book: Book
    topic: Topic
    moves: Moves
    minting: Minting
    entered: dict[str, str]

    def part(self, entry_id: str, members: Sequence[Member]) -> None:
        """Take out of an entry what is in another story than its anchor now (R7)."""
        row = self.book.get(entry_id)
        assert row is not None
        parts: dict[str, list[Member]] = {}
        for member in members:
            story = group_of(member.candidate)
            if member.moved and not member.candidate.hidden and story != story_of(row):
                parts.setdefault(story, []).append(member)
        for story, part in parts.items():
            if row.state == "live":  # else all that told its story is withdrawn now
                if self.moves.frozen([member.candidate for member in part], self.minting.now):
                    continue
                self._leave(entry_id, members, part)
            self._settle(row, story, part)

    def _leave(self, entry_id: str, members: Sequence[Member], part: Sequence[Member]) -> None:
        """Take a part out of the list; where it holds what the entry shows, the anchor or the best other is shown."""
        row = self.book.get(entry_id)
        assert row is not None
        gone = {member.candidate.stored.key for member in part}
        shorter = without(row, gone)
        names = ", ".join(sorted({member.candidate.stored.source for member in part}))
        why = f"{names} tells of another story now"
        if shown_by(row) in gone:
            stay = [m.candidate for m in members if not m.candidate.hidden and group_of(m.candidate) == story_of(row)]
            best = min(stay, key=lambda one: (one.stored.key != row.anchor, precedence(one)), default=None)
            if best is None:
                self.book.put(replace(shorter, state="withdrawn", why=f"withdrawn: {why}, and nothing else is left"))
                return
            shorter = _shows(shorter, best, self.minting, why)
        if shorter is not row:
            self.book.put(replace(shorter, why=why))

    def _settle(self, row: Delivery, story: str, part: Sequence[Member]) -> None:
        """Find the entry in which a part stands from now on: one of its story, its own of before, or a new one."""
        tellers = [member.candidate for member in part]
        there = next(iter(self.book.telling(story)), None)
        home = there or self._revived(row, part) or self._remembered(tellers) or self._minted(part)
        if home is None:
            return
        self.book.put(joined(home, tellers, self.topic, self.minting.now))
        self.entered.update((one.stored.key, home.entry_id) for one in tellers)

    def _revived(self, row: Delivery, part: Sequence[Member]) -> Delivery | None:
        """Return the entry that one of the part had before it was absorbed, if readers remember it."""
        last = [times[0] for times in self.moves.absorptions([member.candidate for member in part])]
        recent = [one for one in last if one.at and self.minting.now - one.at <= REVIVES_FOR]
        if not recent:
            return None
        one = min(recent, key=seniority)
        self.book.know(one)
        tellers = {member.candidate.stored.key: member.candidate for member in part}
        kept = without(one, {outlet.key for outlet in one.outlets} - tellers.keys())
        if shown_by(kept) not in tellers:
            kept = _shows(kept, tellers[one.anchor], self.minting, "the other is in another story now")
        why = f"back: it parted from {row.anchor} within 24 h"
        return replace(kept, state="live", into=None, story=group_of(part[0].candidate), why=why)

    def _remembered(self, tellers: Sequence[Candidate]) -> Delivery | None:
        """Return the entry that readers had of the part before a restore, if the part holds its anchor."""
        had = self.minting.remembered(self.topic, tellers, of={one.stored.key for one in tellers})
        return had and (self.book.get(had.entry_id) or had)

    def _minted(self, part: Sequence[Member]) -> Delivery | None:
        """Return a new entry for a part that a person took out, if there is news in it."""
        unused = [m.candidate for m in part if self.minting.id(m.candidate) not in self.moves.used]
        fresh = any(m.candidate.admitted_at and self.minting.now - m.candidate.admitted_at < FRESH for m in part)
        if not (unused and fresh and any(member.apart for member in part)):
            return None
        return self.minting.first(self.topic, min(unused, key=precedence))

    def merge(self, story: str, by_entry: Mapping[str, Sequence[Member]]) -> None:
        """Leave one entry of a story, the one that readers have had for longest (R6)."""
        telling = self.book.telling(story)
        for row in telling[1:]:
            survivor = self.book.get(telling[0].entry_id) or telling[0]
            members = by_entry.get(row.entry_id, ())
            why = f"absorbed: one story with {survivor.anchor}"
            self.book.put(replace(row, state="absorbed", into=survivor.entry_id, why=why))
            told = [m.candidate for m in members if group_of(m.candidate) == story and not m.candidate.hidden]
            self.book.put(joined(survivor, told, self.topic, self.minting.now))
            self.entered.update((one.stored.key, survivor.entry_id) for one in told)
