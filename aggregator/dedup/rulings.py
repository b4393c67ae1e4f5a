"""A person's word over the machine's: who is apart from whom, who is together, who keeps its story.

In:    rulings; the members of groups, in the order of their arrival.
Out:   what a word means for an item; the memberships that hold after a split or a merge.
Never: weighs a word against a likeness: the word holds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from aggregator.dedup.likeness import RULE
from aggregator.model import Membership, MembershipKind, Ruling

BY_HAND = "person"  # method of a membership that a person decided


class Rulings:
    """All that was said. Who is together with one is together with all that it is together with."""

    def __init__(self, said: Iterable[Ruling] = ()) -> None:
        """Take in what was said, in any order."""
        rulings = list(said)
        self._named = {key for one in rulings for key in (one.item, one.other)}
        self._kin: dict[str, list[str]] = {}
        for one in rulings:
            if one.says != "apart" and one.item != one.other:
                self._bring_together(one.item, one.other)
        heads = ((self._head(one.item), self._head(one.other)) for one in rulings if one.says == "apart")
        self._apart = {frozenset(pair) for pair in heads}
        self._kept = {one.other for one in rulings if one.says == "pinned"}

    def __contains__(self, key: str) -> bool:
        return key in self._named

    def kin(self, key: str) -> Sequence[str]:
        """Return the items that one is together with, itself among them."""
        return self._kin.get(key, [key])

    def apart(self, one: str, other: str) -> bool:
        """Whether two items must not stand in one story."""
        return frozenset((self._head(one), self._head(other))) in self._apart

    def founds(self, key: str) -> bool:
        """Whether an item must found its story, because that is kept by a pin."""
        return key in self._kept

    def _head(self, key: str) -> str:
        return self.kin(key)[0]

    def _bring_together(self, one: str, other: str) -> None:
        mine, theirs = self.kin(one), self.kin(other)
        if mine is not theirs:
            both = [*mine, *theirs]
            self._kin.update(dict.fromkeys(both, both))


def told(kind: MembershipKind, story: str, item: str, of: str) -> Membership:
    """Return an item's place in a group where a person put it; the founder's where it is its own."""
    method, evidence = ("first", "") if item == story else (BY_HAND, "a person said so")
    of = item if item == story else of
    return Membership(kind=kind, story=story, item=item, of=of, method=method, score=1.0, evidence=evidence, rule=RULE)


def parted(members: Sequence[Membership], leaving: Collection[str]) -> list[Membership]:
    """Return the memberships of a group's members after some have left it together.

    The part that holds the founder keeps the group's name, the other one is named after its eldest. Who stands alone
    has no membership any more.
    """
    parts = [one for one in members if one.item in leaving], [one for one in members if one.item not in leaving]
    return [member for part in parts if len(part) > 1 for member in _part(part)]


def _part(part: Sequence[Membership]) -> Iterator[Membership]:
    inside = {one.item for one in part}
    name = part[0].story if part[0].story in inside else part[0].item
    for one in part:
        if one.item != name and one.of in inside and one.of != one.item:
            yield replace(one, story=name)
        else:
            yield told(one.kind, name, one.item, name)


def joined(elder: Sequence[Membership], younger: Sequence[Membership], of: str) -> list[Membership]:
    """Return the memberships of two stories that are one from now on, under the name of the elder.

    of  the item of the elder story that a person named
    """
    name = elder[0].story
    came = (told("story", name, m.item, of) if m.of == m.item else replace(m, story=name) for m in younger)
    return [*elder, *came]
