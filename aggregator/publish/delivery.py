"""What readers are shown, and never shown twice (publication.md R1 to R8, R10, R11).

In:    a topic's candidates, the rows of its ledger that count, what was edited and what was moved since.
Out:   the rows to append to the ledger, the entry that each candidate went into, why others go into none, when to
       look again although nothing new comes.
Never: gives one story two entries, changes an id, or lets `updated` say a time to come.

The parts: minting.py makes new entries, precedence.py chooses their faces, growing.py their lists, editing.py follows
publishers, moving.py follows stories that merge and part; window.py says which entries a document has room for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from aggregator.model import Candidate, Delivery, Topic
from aggregator.publish.book import Book, shown_by
from aggregator.publish.editing import edit_due, edited
from aggregator.publish.growing import first_list, growth_due, joined, shown_anew
from aggregator.publish.minting import Minting
from aggregator.publish.moving import Moves, group_of, move
from aggregator.publish.precedence import precedence


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What a topic has, and what is new to it."""

    pending: Sequence[Candidate] = ()  # admitted, in no entry yet, in order of arrival
    # The newest row of each live entry, and of those that left but whose story goes on in `pending`: they take later
    # copies in, silently, so that no story comes back under another id.
    live: Sequence[Delivery] = ()
    edited: Sequence[tuple[Delivery, Candidate]] = ()  # live entries whose publisher changed what they show
    moves: Moves = field(default_factory=Moves)
    voices: Mapping[str, int] = field(default_factory=dict)  # item key -> outlets that tell its story, if not it alone
    anchors: Mapping[str, str] = field(default_factory=dict)  # of entries that are remembered -> the story of each now


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to append to the ledger, and where each candidate went."""

    rows: tuple[Delivery, ...]
    entered: Mapping[str, str]  # item key -> entry id
    kept_out: Mapping[str, str]  # item key -> why it enters no more
    due_at: datetime | None  # when to decide again


def decide(topic: Topic, ledger: Ledger, minting: Minting) -> Decision:
    """Return the rows that bring the ledger up to date."""
    book = Book(ledger.live)
    later = _Later()
    moved = move(book, topic, ledger.moves, minting)
    _edit(book, ledger.edited, minting, later)
    _edit(book, _back(book, ledger.moves, moved), minting, later)
    entered, kept_out = _enter(book, topic, ledger, minting, later)
    for row in book.live():
        shown = first_list(row, topic) if book.is_new(row) else shown_anew(row, topic, minting.now)
        if shown is not row:
            book.put(shown)
        later.look(growth_due(shown, topic, minting.now))
    return Decision(rows=tuple(book.changes()), entered=moved | entered, kept_out=kept_out, due_at=later.first)


@dataclass(slots=True)
class _Later:
    """When there is something to decide although nothing comes."""

    first: datetime | None = None

    def look(self, at: datetime | None) -> None:
        """Look again then, at the latest."""
        self.first = min(filter(None, (self.first, at)), default=None)


def _edit(book: Book, changed: Sequence[tuple[Delivery, Candidate]], minting: Minting, later: _Later) -> None:
    """Take over what publishers edited, as often as readers bear it."""
    for row, shown in changed:
        before = book.get(row.entry_id) or row
        if before.state == "live" and shown_by(before) == shown.stored.key and not shown.hidden:
            anew = edited(before, shown, minting.face(shown), minting.now)
            if anew is before:
                later.look(edit_due(before, minting.now))
            else:
                book.put(anew)


def _back(book: Book, moves: Moves, moved: Mapping[str, str]) -> list[tuple[Delivery, Candidate]]:
    """Return the entries that are back, where publishers changed what they show while they were away."""
    members = [one.candidate for one in moves.members if one.candidate.stored.key in moved]
    homes = [(row, one) for one in members if (row := book.get(moved[one.stored.key]))]
    return [(row, one) for row, one in homes if row.sha256 != one.stored.item.sha256]


def _enter(
    book: Book, topic: Topic, ledger: Ledger, minting: Minting, later: _Later
) -> tuple[dict[str, str], dict[str, str]]:
    """Let candidates into entries; return the entry of each, and of those that enter no more the reason."""
    entered, kept_out = dict[str, str](), dict[str, str]()
    homes = book.homes()
    for story, group in _groups(topic, ledger.pending).items():
        hidden = {one.stored.key: one.hidden for one in group if one.hidden}
        kept_out |= {key: f"kept out: {why}" for key, why in hidden.items()}
        told = [one for one in group if not one.hidden]
        if not told:
            continue
        best = min(told, key=precedence)
        row = (homes.get(story) if topic.fold != "none" else None) or book.get(minting.id(best))
        if row is None and (had := minting.remembered(topic, told)):
            now = ledger.anchors.get(had.anchor, story)
            if topic.fold != "none" and now != story and (home := book.homes().get(now)):
                # A person's word is lost with the restore: the entry that readers had these in tells another story now.
                entered.update((one.stored.key, home.entry_id) for one in told)
                continue
            row = book.get(had.entry_id) or had
        if row is None:
            if taken := next((one.taken_by for one in told if one.taken_by), None):
                kept_out |= {one.stored.key: f"after: the topic {taken} has delivered it" for one in told}
                continue
            if max(ledger.voices.get(one.stored.key, 1) for one in told) < topic.outlets.at_least:
                continue
            if (settled := _settled_at(topic, told)) > minting.now:
                later.look(settled)
                continue
            row = minting.first(topic, best)
        book.put(joined(row, told, topic, minting.now))
        entered.update((one.stored.key, row.entry_id) for one in told)
    return entered, kept_out


def _settled_at(topic: Topic, told: Sequence[Candidate]) -> datetime:
    """Return when a new story may enter: what waited for other reasons has settled meanwhile (R4)."""
    return min(one.admitted_at or one.stored.first_seen_at for one in told) + topic.settle


def _groups(topic: Topic, pending: Sequence[Candidate]) -> dict[str, list[Candidate]]:
    """Return the candidates by story, in order of arrival; without folding each is its own.

    After a restore, those come last that stood in entries with other anchors: they may follow them.
    """
    groups: dict[str, list[Candidate]] = {}
    for candidate in pending:
        groups.setdefault(candidate.stored.key if topic.fold == "none" else group_of(candidate), []).append(candidate)
    return dict(sorted(groups.items(), key=lambda group: not _is_home(group[1])))


def _is_home(group: Sequence[Candidate]) -> bool:
    """Whether these are not, after a restore, some that an entry listed whose anchor tells another story now."""
    keys = {one.stored.key for one in group}
    return all(one.remembered is None or one.remembered.anchor in keys for one in group)
