"""What else decides that two articles tell of one event: rules of other systems, written anew from their descriptions.

In:    Articles.
Out:   one event or not; the groups that follow when every link joins.
Never: knows languages beyond a list of small words, or learns, but for one threshold.

Times and outlets' names are left out, to their advantage: most of the stream is dated at midnight, and many pairs have
no date at all, so NewsBlur's five days and GDELT's two windows of fifteen minutes would only lose true pairs.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations

from aggregator import text
from aggregator.dedup.stories import Article
from bench.stories_sets import chains

Rival = Callable[[Article, Article], bool]
Link = tuple[float, str, str]  # how alike, the keys of two articles

FOLDS = 10
OPENING = 500  # characters: the first paragraph or two
READ = 1200  # characters of which n-grams are made, as many as the product reads
COMMON = 60  # articles that have a word by which no pair is looked for any more
# What tells nothing, in the three languages.
_SMALL = set(
    """
    a an the and or but nor if then than so as of in on at by to for from with without into over under about after
    before between against during through is are was were be been being am do does did has have had will would can
    could may might must shall should not no yes it its he his him she her they them their we our us you your i my
    me this that these those who whom whose which what when where why how all any some more most other such only own
    same too very just also says said say new up down out off again и в во на не что он она оно они а с со как по но
    из у за от до о об для к ко при без под над между через после перед это этот эта эти того этого так также же ли
    бы был была было были быть есть нет да или если когда где кто чем чему который которая которые которого его ее
    их ему им ей мы вы нас вас наш ваш я меня мне свой свою себя все всех еще уже только лишь можно может будет
    будут более менее тем чтобы ранее около года году і й та про з із зі як від цей ця ці цього чи би б є немає або
    якщо коли де хто чим який яка які якого його її їх йому їм ми ви мене мені всі всіх ще вже тільки лише можна
    може буде будуть більше менше щоб раніше близько року році він вона воно вони але між це був була було були бути
    """.split()  # noqa: SIM905 - read as the prose that it is not
)


def equal_titles(first: Article, second: Article) -> bool:
    """Whether two titles have the same words; case, ё and punctuation do not count."""
    return bool(_title(first.title)) and _title(first.title) == _title(second.title)


def newsblur(first: Article, second: Article) -> bool:
    """NewsBlur's clustering: equal titles of ten characters and more, or titles that share most of their words.

    At least five words of a title must tell something; three and 60 % of the shorter title's must be shared.
    """
    if equal_titles(first, second) and len(_title(first.title)) >= 10:
        return True
    one, other = _telling(first.title), _telling(second.title)
    shared, fewer = len(one & other), min(len(one), len(other))
    return fewer >= 5 and shared >= 3 and shared >= 0.6 * fewer


def gdelt(first: Article, second: Article) -> bool:
    """GDELT's similarity graph: cosine of the opening's nouns 0.3 and five of them shared.

    It tags words and translates every language by machine; here all words that tell something stand for nouns.
    """
    one, other = _opening(first), _opening(second)
    return len(one.keys() & other.keys()) >= 5 and _cosine(one, other) >= 0.3


class CharacterTfidf:
    """Cosine of character n-grams of three to five letters inside words, rare ones weighing more, counts dampened.

    What a newcomer to the task takes first. N-grams of a single text are left out, as usual.
    """

    def __init__(self, articles: Iterable[Article]) -> None:
        counted = {article.key: Counter(_ngrams(f"{article.title} {article.body[:READ]}")) for article in articles}
        seen = Counter(gram for grams in counted.values() for gram in grams)
        rarity = {gram: math.log((1 + len(counted)) / (1 + texts)) + 1 for gram, texts in seen.items() if texts > 1}
        self._vectors = {key: _unit(grams, rarity) for key, grams in counted.items()}

    def likeness(self, first: Article, second: Article) -> float:
        """Return the cosine, 0..1."""
        one, other = sorted((self._vectors[first.key], self._vectors[second.key]), key=len)
        return sum([weight * other.get(gram, 0.0) for gram, weight in one.items()])


def best_threshold(scored: Iterable[tuple[float, bool]]) -> float:
    """Return the least score to take as one event for which F1 is highest."""
    ordered = sorted(scored, reverse=True)
    true = sum(same for _, same in ordered)
    best, threshold, hits = 0.0, math.inf, 0
    for number, (score, same) in enumerate(ordered, 1):
        hits += same
        if 2 * hits / (number + true) > best:
            best, threshold = 2 * hits / (number + true), score
    return threshold


def by_other_folds(scored: Sequence[tuple[float, bool]]) -> list[bool]:
    """Return for each score whether it is one event by the threshold that is best on the other folds."""
    found = [False] * len(scored)
    for fold in range(FOLDS):
        threshold = best_threshold(scored[place] for place in range(len(scored)) if place % FOLDS != fold)
        for place in range(fold, len(scored), FOLDS):
            found[place] = scored[place][0] >= threshold
    return found


def links(articles: Sequence[Article], likeness: Callable[[Article, Article], float]) -> list[Link]:
    """Return how alike two articles of different outlets are, where that is more than 0."""
    pairs = ((first, second) for first, second in _candidates(articles) if first.source != second.source)
    scored = ((likeness(first, second), first.key, second.key) for first, second in pairs)
    return [link for link in scored if link[0] > 0]


def groups(articles: Sequence[Article], linked: Iterable[Link]) -> dict[str, str]:
    """Return the group of each article when every link joins two groups."""
    found = chains((first, second) for _, first, second in linked)
    return {article.key: found.get(article.key, article.key) for article in articles}


def _candidates(articles: Sequence[Article]) -> Iterator[tuple[Article, Article]]:
    """Yield pairs that share a word of title or opening which few have: hardly any others would be linked."""
    posted: dict[str, list[int]] = defaultdict(list)
    for place, article in enumerate(articles):
        for word in _opening(article).keys() | _telling(article.title) | {_title(article.title)}:
            posted[word].append(place)
    rare = [places for places in posted.values() if len(places) <= COMMON]
    pairs = {two for places in rare for two in combinations(places, 2)}
    yield from ((articles[one], articles[other]) for one, other in sorted(pairs))


@lru_cache(10_000)
def _title(title: str) -> str:
    return " ".join(text.tokens(title))


@lru_cache(10_000)
def _telling(title: str) -> frozenset[str]:
    return frozenset(_content(title))


@lru_cache(10_000)
def _opening(article: Article) -> Counter[str]:
    return Counter(_content(f"{article.title} {article.body[:OPENING]}"))


def _content(written: str) -> Iterator[str]:
    return (word for word in text.tokens(written) if len(word) > 2 and word not in _SMALL and not word[0].isdigit())


def _cosine(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    dot = sum(count * other[word] for word, count in one.items() if word in other)
    return dot / math.sqrt(sum(n * n for n in one.values()) * sum(n * n for n in other.values()))


def _ngrams(written: str) -> Iterator[str]:
    for word in text.fold(written).split():
        padded = f" {word} "
        for size in (3, 4, 5):
            for start in range(max(len(padded) - size + 1, 1)):
                yield padded[start : start + size]


def _unit(grams: Mapping[str, int], rarity: Mapping[str, float]) -> dict[str, float]:
    weights = {gram: (1 + math.log(count)) * rarity[gram] for gram, count in grams.items() if gram in rarity}
    norm = math.sqrt(sum([weight * weight for weight in weights.values()])) or 1.0
    return {gram: weight / norm for gram, weight in weights.items()}
