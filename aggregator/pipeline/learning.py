"""What the curator knows of sections: what was learned, and what persons said.

In:    the items of a batch, with the sections that rules found.
Out:   the sections of each; what is learned from them by the way; a person's word, kept.
Never: is the truth: what is learned is recalled from the store at the start, and whenever the two might differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from aggregator import publish as publishing
from aggregator.errors import RulingError
from aggregator.model import Example, Item, Section, Source, StoredItem, Tagged
from aggregator.pipeline.newsroom import Newsroom
from aggregator.store import items, learned
from aggregator.tag import READING, Learner, Tagger, clues, language_of, meaning

SURE = 0.75  # a rule that is this sure gives an example: more than a word that stands somewhere in the text


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowing:
    """What sections are found by: rules, a person's word, and examples."""

    tagger: Tagger
    learner: Learner
    said: Mapping[str, Sequence[str]]  # item -> its sections

    def sections(
        self, key: str, item: Item, source: Source, language: str | None, *, learn: bool = False
    ) -> tuple[Tagged, ...]:
        """Return the sections of an item, those included that one of them is part of. learn: from it, too."""
        found = self._found(key, item, source)
        if not self.learner:
            return self.tagger.whole(found)
        seen = _Seen(item, semantic=self.learner.semantic)
        guessed = [] if key in self.said else self.learner.tags(language or "", seen.clues, seen.meaning)
        if learn:
            self._learn(key, found, seen, language or "")
        return self.tagger.whole((*found, *guessed))

    def learn(self, key: str, item: Item, source: Source, language: str | None) -> None:
        """Learn from an item, without asking what it would be guessed to be."""
        seen = _Seen(item, semantic=self.learner.semantic)
        self._learn(key, self._found(key, item, source), seen, language or "")

    def _found(self, key: str, item: Item, source: Source) -> tuple[Tagged, ...]:
        return self.tagger.said(self.said[key]) if key in self.said else self.tagger.found(item, source)

    def _learn(self, key: str, found: Sequence[Tagged], seen: _Seen, language: str) -> None:
        said, sections = key in self.said, tuple(tag.section for tag in found if tag.confidence >= SURE)
        if not self.learner.wants(key, language, sections, said=said):
            self.learner.forget(key)  # it was edited, and is of no section now
            return
        example = Example(
            item=key, language=language, sections=sections, clues=seen.clues, meaning=seen.meaning, said=said
        )
        self.learner.learn(example)


class _Seen:
    """An item as the learner sees it; what is not asked for costs nothing."""

    def __init__(self, item: Item, *, semantic: bool) -> None:
        self._item, self._semantic = item, semantic

    @cached_property
    def clues(self) -> dict[str, float]:
        return clues(self._item)

    @cached_property
    def meaning(self) -> bytes:
        return meaning.meanings_of([meaning.gist(self._item)])[0] if self._semantic else b""


async def knowing(room: Newsroom, keys: Sequence[str]) -> Knowing:
    """Return what is known for a batch of items, all that was learned until now by whomever included."""
    version = await room.store.read(learned.version)
    if room.learner is None or room.learner.version != version:
        examples = await room.store.read(learned.examples, READING) if wanted(room) else []
        room.learner = Learner(room.config.sections, examples, version=version)
    said = await room.store.read(learned.said, keys)
    return Knowing(tagger=room.tagger, learner=room.learner, said=said)


def wanted(room: Newsroom) -> bool:
    """Whether any section is learned."""
    return any(section.learned for section in room.config.sections.values())


def recalled_now(
    sections: Mapping[str, Section], examples: Sequence[Example], said: Mapping[str, Sequence[str]]
) -> Knowing:
    """Return what would be known by these sections, of which nothing may be kept."""
    return Knowing(tagger=Tagger(sections), learner=Learner(sections, examples), said=said)


async def name_sections(room: Newsroom, key: str, sections: Sequence[str] | None) -> None:
    """Keep what a person says the sections of an item are, all of them; None: forget what was said."""
    async with room.curating:
        if await room.store.read(items.by_key, key) is None:
            raise RulingError(f"no item is stored under {key}")
        if unknown := [section for section in sections or () if section not in room.config.sections]:
            raise RulingError(f"the configuration in force has no section {unknown[0]}")
        if sections is not None:
            await room.store.decide(learned.say, key, sections, room.clock())
        elif not await room.store.decide(learned.unsay, key):
            raise RulingError(f"nobody has named sections of {key}")


def sections_now(room: Newsroom, stored: StoredItem, known: Knowing, *, learn: bool = False) -> tuple[Tagged, ...]:
    """Return the sections of a stored item by the present configuration. learn: from it, too."""
    source, item = room.source(stored.source), publishing.whole(stored)
    language = language_of(item, declared=source.language)
    return known.sections(stored.key, item, source, language, learn=learn)
