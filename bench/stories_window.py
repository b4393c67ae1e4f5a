"""How fast are stories found when a window is full, and how large is it? `python -m bench.stories --window N`.

In:    the articles of a stream.
Out:   as many articles as are asked for, hour after hour like those of the stream but about other events; figures.
Never: makes a text that anybody should read.

The stream is one hour. Of every further hour the rare words are other ones: each is exchanged for one that is as rare,
in the same letters, and as often a name, by a new draw for each hour. So every hour has its own events, with as many
copies, stories and near misses as the first, over one and the same vocabulary.
"""

from __future__ import annotations

import math
import random
import re
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from aggregator.dedup.stories import Article, Stories

SEED = 20191115
COMMON = 0.02  # of all articles: a word that more have says nothing of an event, and stays
STEP = 5000  # articles over which a figure is taken
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How it went while so many articles came in."""

    articles: int  # in the window behind it
    items_per_s: float  # on one core
    megabytes: float  # of the whole process, with the stream itself


def steps(articles: Sequence[Article], count: int) -> Iterator[Step]:
    """Let the product place `count` articles; yield a figure for each STEP."""
    stories, spent, step = Stories(), 0.0, STEP
    for number, article in enumerate(_hours(articles, count), 1):
        begun = time.process_time()
        stories.place(article)
        spent += time.process_time() - begun
        if number % step == 0 or number == count:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            yield Step(articles=number, items_per_s=(number % step or step) / spent, megabytes=peak)
            spent = 0.0


def _hours(articles: Sequence[Article], count: int) -> Iterator[Article]:
    rng, classes = random.Random(SEED), _classes(articles)
    span = timedelta(hours=1)
    for number in range(count):
        hour, place = divmod(number, len(articles))
        if place == 0:
            others = _exchanged(classes, rng) if hour else {}
        article = articles[place]
        yield replace(
            article,
            key=f"{number:016x}",
            title=_said(article.title, others),
            body=_said(article.body[:4000], others),
            at=article.at + hour * span,
            seen_at=article.seen_at + hour * span,
        )


def _classes(articles: Sequence[Article]) -> Sequence[Sequence[str]]:
    """Return the words that may stand for each other: in how many articles they are, their letters, names or not."""
    seen, names = Counter[str](), Counter[str]()
    for article in articles:
        written = set(_WORD.findall(f"{article.title} {article.body[:4000]}"))
        seen.update({word.casefold() for word in written})
        names.update({word.casefold() for word in written if word[:1].isupper()})
    classes = defaultdict[tuple[object, ...], list[str]](list)
    for word, had in sorted(seen.items()):
        if had < COMMON * len(articles) and not word.isdigit():
            kind = (int(math.log2(had)), word[0] > "ʯ", 2 * names[word] > had, min(len(word) // 3, 4))
            classes[kind].append(word)
    return list(classes.values())


def _exchanged(classes: Sequence[Sequence[str]], rng: random.Random) -> Mapping[str, str]:
    table: dict[str, str] = {}
    for words in classes:
        table |= zip(words, rng.sample(words, len(words)), strict=True)
    return table


def _said(written: str, others: Mapping[str, str]) -> str:
    def other(found: re.Match[str]) -> str:
        word = found[0]
        instead = others.get(word.casefold(), word)
        return instead.capitalize() if word[:1].isupper() else instead

    return _WORD.sub(other, written) if others else written
