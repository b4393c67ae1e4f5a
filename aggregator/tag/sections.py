"""Our sections of an item, each with a confidence and a reason.

In:    our sections, once; then an Item and the Source it comes from; what a person said of it, and what is guessed.
Out:   Tagged values, the surest first; sections that a found one is part of included; none is a valid answer.
Never: learns (learned.py does), trusts a publisher's category that nobody mapped and that names no section.

The evidence, from sure to less sure. The best of a section's reasons stands for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby
from operator import itemgetter
from typing import Literal
from urllib.parse import unquote, urlsplit

from aggregator import text
from aggregator.model import Item, Section, Source, Tagged
from aggregator.query import Pattern, Place, Raw, Texts, Words, texts_of
from aggregator.tag.hints import Hints
from aggregator.tag.words import WordIndex

SAID = 1.0  # a person said so of the item
SOURCE = 1.0  # a person said so of the whole source
MAPPED = 0.95  # a person said so of the publisher's category, or of where the publisher files it
NAMED = 0.9  # the publisher's category is called as our section is
IN_TITLE = 0.85  # a title is about what it names
HINTED = 0.75  # many words that are common in the section, and few of any other
IN_TEXT = (0.6, 0.65, 0.7)  # a text may name a place in passing: once, twice, three times and more

_PLACES: tuple[tuple[Literal["title", "text"], float], ...] = (("title", IN_TITLE), ("text", IN_TEXT[0]))


class Tagger:
    """All sections over one item."""

    def __init__(self, sections: Mapping[str, Section]) -> None:
        self._sections = {section.id: section for section in sections.values()}
        self._words = {id_: _read(section.words) for id_, section in self._sections.items()}
        self._not_words = {id_: _read(section.not_words) for id_, section in self._sections.items()}
        asking = ((id_, section.patterns) for id_, section in self._sections.items() if section.patterns)
        self._patterns = {id_: tuple(map(read_pattern, patterns)) for id_, patterns in asking}
        self._hints = Hints(self._sections.values())
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
        """Return the sections of an item of this source by all rules, the surest first."""
        return self.whole(self.found(item, source))

    def found(self, item: Item, source: Source) -> tuple[Tagged, ...]:
        """Return the sections that rules find, each with its best reason, without those that they are part of."""
        return _best(self._evidence(item, source))

    def said(self, sections: Iterable[str]) -> tuple[Tagged, ...]:
        """Return the sections that a person named, as far as they are configured."""
        there = (section for section in sections if section in self._sections)
        return tuple(Tagged(section=section, confidence=SAID, why="a person said so") for section in there)

    def whole(self, found: Iterable[Tagged]) -> tuple[Tagged, ...]:
        """Return the sections and those that they are part of, each once, the surest first."""
        best = _best(chain.from_iterable(map(self._with_parents, found)))
        return tuple(sorted(best, key=lambda tag: -tag.confidence))

    def _evidence(self, item: Item, source: Source) -> Iterator[Tagged]:
        texts = texts_of(item)
        if source.section in self._sections:
            yield Tagged(section=source.section, confidence=SOURCE, why="the section of its source")
        yield from self._by_category(item, source)
        yield from self._by_path(item, source)
        yield from self._by_words(texts)
        yield from self._by_patterns(texts)
        if hinted := self._hints.found(texts):
            section, words = hinted
            yield Tagged(section=section, confidence=HINTED, why=f"words that are common in it: {words}")

    def _by_path(self, item: Item, source: Source) -> Iterator[Tagged]:
        """By the longest run of folders that is mapped, of equals the first one in the address."""
        if not source.path_map or not item.link:
            return
        path = unquote(urlsplit(item.link).path).casefold()
        there = [(-len(run), at, run) for run in source.path_map if (at := path.find(run.casefold())) >= 0]
        if there and (section := source.path_map[run := min(there)[2]]) in self._sections:
            yield Tagged(section=section, confidence=MAPPED, why=f"its address has «{run}», mapped by its source")

    def _by_patterns(self, texts: Texts) -> Iterator[Tagged]:
        for section, patterns in self._patterns.items():
            for name, confidence in _PLACES:
                place = texts[name]
                hit = next(((one, span) for one in patterns if (span := one.search(place.seen))), None)
                if hit:
                    why = f"{hit[0].text} in {place.quote(*hit[1])}"
                    yield Tagged(section=section, confidence=confidence, why=why)

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


def _best(found: Iterable[Tagged]) -> tuple[Tagged, ...]:
    """Return the surest tag of each section, a parent behind the section that it owes its tag to."""
    best: dict[str, Tagged] = {}
    for tag in found:
        if tag.section not in best or best[tag.section].confidence < tag.confidence:
            best.pop(tag.section, None)
            best[tag.section] = tag
    return tuple(best.values())


def read_pattern(written: str) -> Pattern:
    """Return the regular expression of `/.../` or `/.../i`. Raises QueryError."""
    return Pattern.read(Raw(text=written, kind="regex", column=1))


def _read(words: tuple[str, ...]) -> tuple[Words, ...]:
    """The words of a section; one without a letter finds nothing."""
    return tuple(word for word in map(Words, words) if word.forms)


def _found(word: Words, place: Place) -> Sequence[int]:
    return place.find_words(word.forms)


def _why(word: Words, place: Place, found: Sequence[int]) -> str:
    return f'{word.kind} "{word.said}" in {place.quote_token(found[0])}'
