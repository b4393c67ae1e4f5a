"""What the curator knows of sections: what was learned, and what persons said.

In:    the items of a batch, with the sections that rules found.
Out:   the sections of each; what is learned from them by the way; a person's word, kept.
Never: is the truth: what is learned is recalled from the store at the start, and whenever the two might differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aggregator.errors import RulingError
from aggregator.model import Example, Item, Source, Tagged
from aggregator.pipeline.newsroom import Newsroom
from aggregator.store import items, learned
from aggregator.tag import READING, Learner, Tagger, clues, meaning

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
        said = self.said.get(key)
        found = self.tagger.said(said) if said is not None else self.tagger.found(item, source)
        if not self.learner:
            return self.tagger.whole(found)
        tongue, by = language or "", clues(item)
        meant = meaning.meanings_of([meaning.gist(item)])[0] if self.learner.meanings else b""
        guessed = self.learner.tags(tongue, by, meant) if said is None else []
        if learn:
            sure = tuple(tag.section for tag in found if tag.confidence >= SURE)
            sections = tuple(said) if said is not None else sure
            if self.learner.wants(key, tongue, sections, said=said is not None):
                self.learner.learn(
                    Example(
                        item=key,
                        language=tongue,
                        sections=sections,
                        clues=by,
                        meaning=meant,
                        said=said is not None,
                    )
                )
            else:
                self.learner.forget(key)  # it was edited, and is of no section now
        return self.tagger.whole((*found, *guessed))


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


async def name_sections(room: Newsroom, key: str, sections: Sequence[str] | None) -> None:
    """Keep what a person says the sections of an item are, all of them; None: forget what was said."""
    async with room.curating:
        if await room.store.read(items.by_key, key) is None:
            raise RulingError(f"no item is stored under {key}")
        if unknown := [section for section in sections or () if section not in room.config.sections]:
            raise RulingError(f"the configuration in force has no section {unknown[0]}")
        if sections is not None:
            await room.store.write(learned.say, key, sections, room.clock())
        elif not await room.store.write(learned.unsay, key):
            raise RulingError(f"nobody has named sections of {key}")
