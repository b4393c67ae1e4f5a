"""Our sections of an item, each with a confidence and a reason.

In:    our sections, once; then an Item and the Source it comes from.
Out:   Tagged values, the surest first; sections that a found one is part of included; none is a valid answer.
Never: reads URLs or learns (issue 8), trusts a publisher's category that nobody mapped and that names no section.

The evidence, from sure to less sure. The best of a section's reasons stands for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter

from aggregator import text
from aggregator.model import Item, Section, Source, Tagged
from aggregator.query import Place, Texts, Words, texts_of
from aggregator.tag.words import WordIndex

SOURCE = 1.0  # a person said so of the whole source
MAPPED = 0.95  # a person said so of the publisher's category
NAMED = 0.9  # the publisher's category is called as our section is
IN_TITLE = 0.85  # a title is about what it names
IN_TEXT = (0.6, 0.65, 0.7)  # a text may name a place in passing: once, twice, three times and more


class Tagger:
    """All sections over one item."""

    def __init__(self, sections: Mapping[str, Section]) -> None:
        self._sections = {section.id: section for section in sections.values()}
        self._words = {id_: _read(section.words) for id_, section in self._sections.items()}
        self._not_words = {id_: _read(section.not_words) for id_, section in self._sections.items()}
        # By the place of a section among the others, and of a word among its words.
        self._index = WordIndex(
            ((at, n), word.rarest) for at, words in enumerate(self._words.values()) for n, word in enumerate(words)
        )
        self._order = tuple(self._words)
        self._by_name = {
            text.fold(name): section.id
            for section in reversed(self._sections.values())  # of two with one title the first counts
            for name in (section.title, section.id)
        }

    def tag(self, item: Item, source: Source) -> tuple[Tagged, ...]:
        """Return the sections of an item of this source, the surest first."""
        best: dict[str, Tagged] = {}
        for found in self._evidence(item, source):
            for tag in self._with_parents(found):
                if tag.section not in best or best[tag.section].confidence < tag.confidence:
                    best.pop(tag.section, None)  # so that a parent stands behind the section it owes its tag to
                    best[tag.section] = tag
        return tuple(sorted(best.values(), key=lambda tag: -tag.confidence))

    def _evidence(self, item: Item, source: Source) -> Iterator[Tagged]:
        if source.section in self._sections:
            yield Tagged(section=source.section, confidence=SOURCE, why="the section of its source")
        yield from self._by_category(item, source)
        yield from self._by_words(texts_of(item))

    def _by_category(self, item: Item, source: Source) -> Iterator[Tagged]:
        mapped = {text.fold(term): section for term, section in source.section_map.items()} if item.categories else {}
        for category in item.categories:
            for name in filter(None, dict.fromkeys((category.term, category.label))):
                folded = text.fold(name)
                if (section := mapped.get(folded)) in self._sections:
                    yield Tagged(section=section, confidence=MAPPED, why=f"category «{name}», mapped by its source")
                elif folded in self._by_name:
                    yield Tagged(section=self._by_name[folded], confidence=NAMED, why=f"category «{name}»")

    def _by_words(self, texts: Texts) -> Iterator[Tagged]:
        touched = sorted(self._index.touched(texts.vocabulary))
        for at, places in groupby(touched, key=itemgetter(0)):
            section = self._order[at]
            words = [self._words[section][n] for _, n in places]
            if any(_found(word, texts[place]) for word in self._not_words[section] for place in ("title", "text")):
                continue
            yield from self._in_title(section, words, texts["title"])
            yield from self._in_text(section, words, texts["text"])

    def _in_title(self, section: str, words: Sequence[Words], title: Place) -> Iterator[Tagged]:
        for word in words:
            if found := _found(word, title):
                yield Tagged(section=section, confidence=IN_TITLE, why=_why(word, title, found))
                return

    def _in_text(self, section: str, words: Sequence[Words], body: Place) -> Iterator[Tagged]:
        """By all the words together: Донецк once and Луганск once are two."""
        found = [(word, places) for word in words if (places := _found(word, body))]
        if found:
            word, places = found[0]
            times = sum(len(places) for _, places in found)
            why = _why(word, body, places) + (f" ({times} such words)" if times > 1 else "")
            yield Tagged(section=section, confidence=IN_TEXT[min(times, len(IN_TEXT)) - 1], why=why)

    def _with_parents(self, found: Tagged) -> Iterator[Tagged]:
        """The section and those it is part of, each once even if they were a circle."""
        yield found
        section, seen = self._sections[found.section], {found.section}
        while section.parent in self._sections and section.parent not in seen:
            why = f"part of it is {self._sections[found.section].title}: {found.why}"
            section = self._sections[section.parent]
            seen.add(section.id)
            yield Tagged(section=section.id, confidence=found.confidence, why=why)


def _read(words: tuple[str, ...]) -> tuple[Words, ...]:
    """The words of a section; one without a letter finds nothing."""
    return tuple(word for word in map(Words, words) if word.forms)


def _found(word: Words, place: Place) -> Sequence[int]:
    return place.find_words(word.forms)


def _why(word: Words, place: Place, found: Sequence[int]) -> str:
    return f'{word.kind} "{word.said}" in {place.quote_token(found[0])}'
