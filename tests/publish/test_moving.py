"""R4, R6 to R8, R10: what becomes of entries whose items are put into other stories, withdrawn or pinned."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from publish_making import AUTHORITY, DAY, HOUR, NOON, TOPIC, candidate, decided

from aggregator.model import Delivery, Member
from aggregator.publish import compose

MINUTE = timedelta(minutes=1)
FOLDED = replace(TOPIC, fold="story")


def one(source, story=None, **fields):
    """Return an item of a source. Its key is named after the source, so that tables can be read."""
    made = candidate("1", source, story=story)
    stored = replace(made.stored, key=source)
    return replace(made, stored=stored, **({"admitted_at": NOON - HOUR} | fields))


def id_of(name):
    return AUTHORITY.entry_id(name)


@dataclass
class Shelf:
    """A topic's ledger, and where items stand."""

    topic: object = FOLDED
    rows: dict[str, list[Delivery]] = field(default_factory=dict)
    items: dict = field(default_factory=dict)  # name -> candidate
    entries: dict = field(default_factory=dict)  # name -> entry id

    def live(self):
        return {
            row.anchor: [row.shows or row.anchor, *(outlet.key for outlet in row.outlets)]
            for row in self.newest()
            if row.state == "live"
        }

    def newest(self):
        return [rows[-1] for rows in self.rows.values()]

    def of(self, anchor):
        return self.rows[id_of(anchor)][-1]

    def present(self, row):
        """As store.work reads it: of the story of its anchor now, or of what it shows where the anchor is hidden."""
        if row.shows and self.items[row.anchor].hidden:
            return replace(row, story=self.items[row.shows].story or row.shows)
        return replace(row, story=self.items[row.anchor].story)

    def enters(self, *names, at=NOON, **fields):
        """Let items enter that tell one story; the first is the anchor."""
        story = names[0] if len(names) > 1 else None
        for number, name in enumerate(names):
            self.items[name] = one(name, story, priority=9.0 - number, **fields)
        return self.decide(pending=[self.items[name] for name in names], at=at)

    def moves(self, at, *names, apart=(), **fields):
        """Let these items be otherwise from now on, and publish. fields: those of a candidate"""
        for name in names:
            self.items[name] = replace(self.items[name], **fields)
        return self.publish(at, names, apart)

    def regroups(self, at, *stories, apart=()):
        """Let stories be these, each named after its first; then publish."""
        moved = [name for story in stories for name in story]
        for story in stories:
            for name in story:
                self.items[name] = replace(self.items[name], story=story[0] if len(story) > 1 else None)
        return self.publish(at, moved, apart)

    def publish(self, at, moved=(), apart=()):
        told = {self.items[name].story or name for name in moved}
        here = {self.entries[name] for name in moved}
        here |= {row.entry_id for row in self.newest() if (self.items[row.anchor].story or row.anchor) in told}
        members = [
            Member(candidate=self.items[name], entry_id=entry, moved=name in moved, apart=name in apart)
            for name, entry in self.entries.items()
            if entry in here
        ]
        absorbed = [
            row
            for rows in self.rows.values()
            if rows[-1].state == "absorbed"
            for row in rows
            if row.state == "absorbed" and row.anchor in self.items and at - row.at <= 4 * DAY
        ]
        return self.decide(at=at, here=here, members=members, absorbed=absorbed, used=set(self.rows))

    def decide(self, *, at, pending=(), here=(), **moves):
        live = [self.present(row) for row in self.newest() if row.state == "live" or row.entry_id in here]
        decision = decided(pending, live, topic=self.topic, now=at, **moves)
        for row in decision.rows:
            rows = self.rows.setdefault(row.entry_id, [])
            assert row.rev == (rows[-1].rev + 1 if rows else 1)
            assert row.updated <= at
            rows.append(replace(row, at=at))
        self.entries |= decision.entered
        told = [story for row in self.newest() if row.state == "live" and (story := self.items[row.anchor].story)]
        assert self.topic.fold == "none" or len(told) == len(set(told)), "one story in two live entries"
        return decision


@pytest.fixture
def shelf():
    return Shelf()


def after(hours):
    return NOON + timedelta(hours=hours)


# --- merges -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entering", "survivor"),
    [
        pytest.param([("a", 0), ("b", 1)], "a", id="the first stays"),
        pytest.param([("b", 0), ("a", 1)], "b", id="whatever its id"),
        pytest.param([("b", 0), ("a", 0)], "a", id="of two at once the smaller id"),
        pytest.param([("c", 1), ("b", 0), ("a", 1)], "b", id="three at once"),
    ],
)
def test_of_entries_that_become_one_story_the_first_stays(shelf, entering, survivor):
    for name, hours in entering:
        shelf.enters(name, at=after(hours))
    before = {row.anchor: row for row in shelf.newest()}
    names = sorted(name for name, _ in entering)
    shelf.regroups(after(2), names)
    others = [name for name in names if name != survivor]
    assert shelf.live() == {survivor: [survivor, *others]}
    assert {(row.anchor, row.state, row.into) for row in shelf.newest() if row.state != "live"} == {
        (name, "absorbed", id_of(survivor)) for name in others
    }
    assert set(shelf.entries.values()) == {id_of(survivor)}
    row = shelf.of(survivor)
    assert (row.face, row.updated) == (before[survivor].face, before[survivor].updated)
    assert all(shelf.of(name).why.startswith("absorbed: ") for name in others)


@pytest.mark.parametrize("fold", ["copy", "none"])
def test_a_merge_follows_what_the_topic_folds(shelf, fold):
    shelf.topic = replace(TOPIC, fold=fold)
    shelf.enters("a")
    shelf.enters("b", at=after(1))
    decision = shelf.regroups(after(2), ["a", "b"])
    assert len(shelf.live()) == (2 if fold == "none" else 1)
    assert bool(decision.rows) == (fold == "copy")


def test_the_list_of_an_absorbed_entry_goes_into_that_of_the_other(shelf):
    shelf.enters("a", "a2")
    shelf.enters("b", "b2", "b3", at=after(1))
    shelf.regroups(after(2), ["a", "a2", "b", "b2", "b3"])
    assert shelf.live() == {"a": ["a", "a2", "b", "b2", "b3"]}
    assert shelf.of("a").listed == 4


def test_after_its_day_an_entry_takes_others_in_without_a_word(shelf):
    shelf.enters("a")
    shelf.enters("b", at=after(30))
    before = shelf.of("a")
    shelf.regroups(after(31), ["a", "b"])
    assert (shelf.of("a"), shelf.of("b").state) == (before, "absorbed")


def test_a_merge_mints_no_id_and_nothing_new_enters_twice(shelf):
    shelf.enters("a")
    shelf.enters("b", at=after(1))
    shelf.regroups(after(2), ["a", "b"])
    assert shelf.publish(after(3)).rows == ()
    assert set(shelf.rows) == {id_of("a"), id_of("b")}


# --- splits -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def merged(shelf):
    """A (entered at noon, told by a2, too) and b (an hour later, told by b2, too) are one story since two o'clock."""
    shelf.enters("a", "a2")
    shelf.enters("b", "b2", at=after(1))
    shelf.regroups(after(2), ["a", "a2", "b", "b2"])
    assert shelf.live() == {"a": ["a", "a2", "b", "b2"]}
    return shelf


@pytest.mark.parametrize(
    ("hours", "live"),
    [
        pytest.param(3, {"a": ["a", "a2"], "b": ["b", "b2"]}, id="soon"),
        pytest.param(26, {"a": ["a", "a2"], "b": ["b", "b2"]}, id="24 h after"),
        pytest.param(26.1, {"a": ["a", "a2"]}, id="later"),
    ],
)
def test_what_was_absorbed_is_back_within_a_day(merged, hours, live):
    merged.regroups(after(hours), ["a", "a2"], ["b", "b2"])
    assert merged.live() == live
    row = merged.of("b")
    assert (row.state, row.into) == (("live", None) if "b" in live else ("absorbed", id_of("a")))
    assert row.entered_at == after(1)
    assert merged.entries["b"] == merged.entries["b2"] == id_of("b" if "b" in live else "a")


def test_who_was_only_in_the_list_of_an_absorbed_entry_does_not_bring_it_back(merged):
    """Its anchor is still in the story, so that two entries would tell that."""
    merged.regroups(after(3), ["a", "a2", "b"], ["b2"])
    assert (merged.live(), merged.of("b").state) == ({"a": ["a", "a2", "b"]}, "absorbed")


def test_an_entry_that_is_back_lists_only_those_who_parted_with_it(merged):
    merged.regroups(after(3), ["a", "a2", "b2"], ["b"])
    assert merged.live() == {"a": ["a", "a2", "b2"], "b": ["b"]}


def test_an_entry_is_back_also_where_its_survivor_was_absorbed_since(shelf):
    for hours, names in enumerate((["z"], ["a", "a2"], ["b", "b2"])):
        shelf.enters(*names, at=after(hours))
    shelf.regroups(after(3), ["a", "a2", "b", "b2"])
    shelf.regroups(after(3.5), ["z", "a", "a2", "b", "b2"])
    assert list(shelf.live()) == ["z"]
    shelf.regroups(after(4), ["z", "a", "a2"], ["b", "b2"])
    assert shelf.live() == {"z": ["z", "a", "a2"], "b": ["b", "b2"]}


def test_of_two_that_were_absorbed_and_part_together_the_elder_is_back(merged):
    merged.enters("c", at=after(2.1))
    merged.regroups(after(2.2), ["a", "a2", "b", "b2", "c"])
    merged.regroups(after(3), ["a", "a2"], ["b", "b2", "c"])
    assert merged.live() == {"a": ["a", "a2"], "b": ["b", "b2", "c"]}
    assert merged.of("c").state == "absorbed"


def test_the_id_stays_with_the_part_that_holds_the_anchor(shelf):
    shelf.enters("a", "b", "c")
    shelf.regroups(after(1), ["a"], ["b", "c"])
    assert shelf.live() == {"a": ["a"]}
    assert shelf.of("a").why == "b, c tells of another story now"


@pytest.mark.parametrize(
    ("hours", "apart", "live"),
    [
        pytest.param(1, {"b", "c"}, {"a": ["a"], "b": ["b", "c"]}, id="a person, and it is news"),
        pytest.param(4.9, {"b"}, {"a": ["a"], "b": ["b", "c"]}, id="a person, and not yet six hours"),
        pytest.param(5, {"b", "c"}, {"a": ["a"]}, id="a person after six hours"),
        pytest.param(1, set(), {"a": ["a"]}, id="a program mints nothing"),
    ],
)
def test_a_part_that_never_was_an_entry_is_one_where_a_person_says_so_and_it_is_news(shelf, hours, apart, live):
    shelf.enters("a", "b", "c")
    shelf.regroups(after(hours), ["a"], ["b", "c"], apart=apart)
    assert shelf.live() == live
    assert shelf.entries["b"] == id_of("b" if "b" in live else "a")
    if "b" in live:
        assert (shelf.of("b").rev, shelf.of("b").entered_at, shelf.of("b").listed) == (1, after(hours), 1)


def test_an_id_that_was_used_is_not_minted_again(merged):
    """R10: what was absorbed and left longer than a day ago comes back under no circumstances."""
    for name in ("b", "b2"):
        merged.items[name] = replace(merged.items[name], admitted_at=after(27))
    merged.regroups(after(28), ["a", "a2"], ["b"], apart={"b"})
    assert (merged.live(), merged.of("b").state) == ({"a": ["a", "a2", "b2"]}, "absorbed")
    merged.regroups(after(29), ["a", "a2"], ["b2"], apart={"b2"})
    assert merged.live() == {"a": ["a", "a2"], "b2": ["b2"]}


def test_a_part_goes_into_the_entry_that_tells_its_story_already(shelf):
    shelf.enters("a", "b")
    shelf.enters("c", at=after(1))
    shelf.regroups(after(2), ["a"], ["c", "b"], apart={"b"})
    assert shelf.live() == {"a": ["a"], "c": ["c", "b"]}
    assert shelf.entries["b"] == id_of("c")


@pytest.mark.parametrize(
    ("again", "parts", "live"),
    [
        pytest.param(5, 6, ["a"], id="at once"),
        pytest.param(5, 53, ["a"], id="until two days after"),
        pytest.param(40, 87, ["a"], id="also when the first merge is long over"),
        pytest.param(5, 53.1, ["a"], id="then it parts, and is not back after so long"),
    ],
)
def test_who_is_merged_parted_and_merged_stays_so_for_two_days(merged, again, parts, live):
    merged.regroups(after(4), ["a", "a2"], ["b", "b2"])
    merged.regroups(after(again), ["a", "a2", "b", "b2"])
    before = merged.of("a")
    merged.regroups(after(parts), ["a", "a2"], ["b", "b2"])
    assert list(merged.live()) == live
    assert (merged.of("a") == before) == (parts - again <= 48)


def test_when_what_an_entry_shows_leaves_its_anchor_is_shown_again(shelf):
    shelf.enters("a", "b", "c")
    shelf.moves(after(1), "b", pinned_at=after(1))
    assert shelf.live() == {"a": ["b", "a", "c"]}
    shelf.regroups(after(2), ["a", "c"], ["b"])
    assert shelf.live() == {"a": ["a", "c"]}
    assert (shelf.of("a").face.origin.source, shelf.of("a").shows) == ("a", None)


def test_an_entry_stays_with_what_it_shows_where_only_its_withdrawn_anchor_would_be_left(shelf):
    shelf.enters("a", "b")
    shelf.moves(after(1), "a", hidden="its publisher took it back")
    assert shelf.live() == {"a": ["b"]}
    shelf.regroups(after(2), ["a"], ["b"])
    assert (shelf.live(), shelf.of("a").state) == ({"a": ["b"]}, "live")


# --- withdrawn --------------------------------------------------------------------------------------------------------

GONE = "its publisher took it back"


def test_one_of_the_list_that_is_withdrawn_leaves_it_quietly(shelf):
    shelf.enters("a", "b", "c")
    before = shelf.of("a")
    shelf.moves(after(1), "b", hidden=GONE)
    row = shelf.of("a")
    assert shelf.live() == {"a": ["a", "c"]}
    assert (row.face, row.updated, row.listed, row.why) == (before.face, before.updated, 1, f"listed no more: {GONE}")


def test_what_is_withdrawn_is_named_as_a_source_by_no_entry(shelf):
    shelf.enters("a")
    shelf.enters("b")
    named = compose.outlet(shelf.items["a"])
    naming = replace(shelf.of("b"), face=replace(shelf.of("b").face, via=(named,)))
    shelf.rows[id_of("b")] = [naming]
    shelf.moves(after(1), "a", hidden=GONE)
    row = shelf.of("b")
    assert (row.face.via, row.updated, row.state) == ((), naming.updated, "live")


def test_when_the_anchor_is_withdrawn_the_best_other_is_shown_under_its_id(shelf):
    shelf.enters("a", "b", "c")
    before = shelf.of("a")
    shelf.moves(after(1), "a", hidden=GONE)
    row = shelf.of("a")
    assert shelf.live() == {"a": ["b", "c"]}
    assert (row.entry_id, row.face.origin.source, row.face.published) == (id_of("a"), "b", before.face.published)
    assert row.updated == after(1), "or readers would keep what they were to forget"
    assert GONE in row.why


@pytest.mark.parametrize("names", [["a"], ["a", "b"]], ids=["alone", "with all others"])
def test_what_is_wholly_withdrawn_leaves_for_ever(shelf, names):
    shelf.enters(*names)
    shelf.moves(after(1), *names, hidden=GONE)
    assert (shelf.live(), shelf.of("a").state, shelf.of("a").why) == ({}, "withdrawn", f"withdrawn: {GONE}")
    assert shelf.moves(after(2), *names, hidden=None).rows == ()


def test_what_aged_and_is_withdrawn_then_is_told_of_as_withdrawn(shelf):
    """It may stand in readers still, though in our document no more."""
    shelf.enters("a")
    aged = replace(shelf.of("a"), state="aged", rev=2)
    shelf.rows[id_of("a")].append(aged)
    shelf.moves(after(90), "a", hidden=GONE)
    assert shelf.of("a").state == "withdrawn"


def test_others_tell_a_story_whose_entry_is_withdrawn_under_an_id_of_their_own(shelf):
    shelf.enters("a")
    shelf.moves(after(1), "a", hidden=GONE)
    shelf.items["b"] = one("b", "a")
    decision = decided([shelf.items["b"]], [shelf.of("a")], topic=FOLDED, now=after(2))
    assert decision.entered == {"b": id_of("b")}
    assert [(row.anchor, row.state) for row in decision.rows] == [("b", "live")]


def test_who_parts_while_the_rest_is_withdrawn_is_not_lost(shelf):
    shelf.enters("a", "b")
    shelf.items["a"] = replace(shelf.items["a"], hidden=GONE)
    shelf.regroups(after(1), ["a"], ["b"], apart={"b"})
    assert (shelf.live(), shelf.of("a").state) == ({"b": ["b"]}, "withdrawn")


def test_what_is_hidden_goes_into_no_list_by_a_merge(shelf):
    shelf.enters("a")
    shelf.enters("b", "b2", at=after(1))
    shelf.items["b2"] = replace(shelf.items["b2"], hidden=GONE)
    shelf.regroups(after(2), ["a", "b", "b2"])
    assert shelf.live() == {"a": ["a", "b"]}


# --- pins -------------------------------------------------------------------------------------------------------------


def test_a_person_gives_a_delivered_entry_another_face(shelf):
    shelf.enters("a", "b", "c")
    before = shelf.of("a")
    shelf.moves(after(1), "b", pinned_at=after(1))
    row = shelf.of("a")
    assert shelf.live() == {"a": ["b", "a", "c"]}
    assert (row.entry_id, row.shows, row.face.origin.source, row.listed) == (before.entry_id, "b", "b", 2)
    assert (row.face.published, row.updated) == (before.face.published, before.updated)


def test_of_several_pins_the_last_counts_and_a_pin_that_ended_changes_nothing(shelf):
    shelf.enters("a", "b", "c")
    shelf.moves(after(1), "b", pinned_at=after(1))
    shelf.moves(after(2), "c", pinned_at=after(2))
    assert shelf.live() == {"a": ["c", "b", "a"]}
    assert shelf.moves(after(3), "c", pinned_at=None).rows == ()
    shelf.moves(after(4), "a", pinned_at=after(4))
    assert shelf.live() == {"a": ["a", "c", "b"]}
    assert shelf.of("a").shows is None


def test_a_second_item_of_the_outlet_that_is_shown_stands_in_no_list(shelf):
    shelf.enters("a")
    again = replace(one("a", "a"), stored=replace(one("a").stored, key="a-again"))
    shelf.items["a"] = replace(shelf.items["a"], story="a")
    shelf.items["a-again"], shelf.entries["a-again"] = again, id_of("a")
    shelf.moves(after(1), "a-again", pinned_at=after(1))
    assert shelf.live() == {"a": ["a-again"]}


@pytest.mark.parametrize("hidden", [None, GONE], ids=["in another story", "withdrawn"])
def test_a_pin_shows_nothing_of_another_story_and_nothing_withdrawn(shelf, hidden):
    shelf.enters("a", "b")
    shelf.items["b"] = replace(shelf.items["b"], pinned_at=after(1), hidden=hidden)
    shelf.regroups(after(1), ["a"], ["b"]) if hidden is None else shelf.publish(after(1), ["b"])
    assert shelf.live() == {"a": ["a"]}


def test_outlets_keep_what_they_are_called(shelf):
    shelf.enters("a", "b")
    assert shelf.of("a").outlets == (compose.outlet(shelf.items["b"]),)
