"""Where the weights of likeness come from, and what they are worth on events that they never saw.

In:    judged pairs, events of the stream.
Out:   weights in the order of likeness.LEARNED; judged pairs, each with the weights that all other events give.
Never: changes what is shipped: weights and the table of roots are printed, and a person puts them there.

Examples are the judged pairs and, with less weight, pairs inside the judged events: those of one event that share a
rare root, and of those of two events the ones that share most. A logistic regression by Newton's method, with a ridge.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations

from aggregator.dedup import likeness
from aggregator.dedup.background import Background
from aggregator.dedup.gist import READ, Gist, gist_of
from aggregator.dedup.likeness import Asking, ask
from aggregator.dedup.reading import read
from aggregator.dedup.roots import Root, letters
from aggregator.dedup.stories import Article
from bench.stories_sets import Event, Pair, chains

HARDEST = 2500  # pairs of two events that look most like one; as many as make no difference any more
TRACE = 60  # articles of the stream that have a root which is still a trace of an event
BESIDE = 0.3  # weight of a pair inside the events beside a judged one: a large event has very many
RIDGE = 0.1  # hardly any: there are hundreds of examples for each weight
LOW = 1e-4  # of the constant, so that there is a top when all examples are of one kind
FAR = 2.0  # the longest step of Newton's method, which else leaves the hill where it is flat
CLOSE = 0.01  # a step that is shorter ends within a thousandth of the top
COUNTED = {"ru", "uk", "be", "bg", "en"}  # languages whose roots the prior knows
LEAST = 8  # articles that have a root of the prior

Weights = tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A pair as the regression sees it."""

    values: tuple[float, ...]  # features, and a one for the constant
    same: bool
    weight: float
    events: tuple[str, str]


class Learner:
    """Everything that is learned from: the judged sets, and a background that has seen their stream."""

    def __init__(self, judged: Sequence[Pair], stream: Mapping[str, Article], events: Mapping[str, Event]) -> None:
        self._events = _same_events(judged, events)
        self._gists = {key: gist_of(read(one.title, one.body), one.tongue) for key, one in stream.items()}
        self._background = _seen(gist for gist in self._gists.values() if gist.tongue in COUNTED)
        self._asking: dict[str, Asking] = {}
        self.judged = list(judged)
        inside = list(_inside({key: stream[key] for key in events}, self._gists, events))
        self.examples = [self._example(pair, 1.0) for pair in judged] + [self._example(pair, BESIDE) for pair in inside]

    def weights(self) -> Weights:
        """Return what all examples give."""
        return fitted(self.examples)

    def folds(self) -> Iterator[tuple[Weights, list[int]]]:
        """Yield the places of the judged pairs about one or two events, and weights from all examples about others."""
        tested: dict[frozenset[str], list[int]] = defaultdict(list)
        for place, one in enumerate(self.examples[: len(self.judged)]):
            tested[frozenset(one.events)].append(place)
        near = self.weights()
        for events, places in tested.items():
            yield fitted([one for one in self.examples if events.isdisjoint(one.events)], near), places

    def _example(self, pair: Pair, weight: float) -> Example:
        values = (*self._ask(pair.first).features(self._ask(pair.second).weighed), 1.0)
        events = (self._events[pair.first.key], self._events[pair.second.key])
        return Example(values=values, same=pair.same, weight=weight, events=events)

    def _ask(self, one: Article) -> Asking:
        if one.key not in self._asking:
            gist = self._gists.get(one.key) or gist_of(read(one.title, one.body), one.tongue)
            self._asking[one.key] = ask(gist, self._background)
        return self._asking[one.key]


@contextmanager
def learned(weights: Weights) -> Iterator[None]:
    """Let the product decide by other weights for a while."""
    shipped = likeness.LEARNED
    likeness.LEARNED = weights  # type: ignore[assignment]
    try:
        yield
    finally:
        likeness.LEARNED = shipped


def fitted(examples: Sequence[Example], near: Weights = ()) -> Weights:
    """Return the weights that make the verdicts most likely; the last is the constant.

    near  where to begin; the end does not depend on it, since there is only one hill
    """
    size = len(examples[0].values)
    weights, steps = list(near) or [0.0] * size, [1.0]
    while max(map(abs, steps)) > CLOSE:
        ridges = [RIDGE] * (size - 1) + [LOW]
        slope = [-ridge * weight for ridge, weight in zip(ridges, weights, strict=True)]
        curve = [[ridges[row] * (row == column) for column in range(size)] for row in range(size)]
        for one in examples:
            height = sum([weight * value for weight, value in zip(weights, one.values, strict=True)])
            likely = 1 / (1 + math.exp(-height))
            off, bend = one.weight * (one.same - likely), one.weight * likely * (1 - likely)
            for row, value in enumerate(one.values):
                slope[row] += off * value
                bent, line = bend * value, curve[row]
                for column in range(row + 1):
                    line[column] += bent * one.values[column]
        for row in range(size):
            for column in range(row):
                curve[column][row] = curve[row][column]
        steps = [min(max(step, -FAR), FAR) for step in solved(curve, slope)]
        weights = [weight + step for weight, step in zip(weights, steps, strict=True)]
    return tuple(weights)


def solved(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """Return x of matrix x = right, by Gauss's elimination. The matrix is symmetric and positive."""
    rows = [[*line, value] for line, value in zip(matrix, right, strict=True)]
    for place, pivot in enumerate(rows):
        for below in rows[place + 1 :]:
            share = below[place] / pivot[place]
            below[place:] = [value - share * other for value, other in zip(below[place:], pivot[place:], strict=True)]
    found: list[float] = []
    for place, row in reversed(list(enumerate(rows))):
        known = sum(value * other for value, other in zip(row[place + 1 : -1], reversed(found), strict=True))
        found.append((row[-1] - known) / row[place])
    return found[::-1]


def prior_of(articles: Iterable[Article]) -> str:
    """Return aggregator/dedup/prior.txt as this stream would have it."""
    counted = [one for one in articles if one.tongue in COUNTED]
    counts = Counter(root for one in counted for root in _letters(one))
    rows = sorted(((count, root) for root, count in counts.items() if count >= LEAST), reverse=True)
    head = (
        "# In how many articles a root stood (roots.py), of those that have Russian, Ukrainian or English text; the\n"
    )
    head += "# first line says of how many. Counted by `python -m bench.stories --prior`, over one hour of news of\n"
    head += f"# November 2019; roots of fewer than {LEAST} articles are left out.\n"
    return head + f"articles\t{len(counted)}\n" + "".join(f"{root}\t{count}\n" for count, root in rows)


def _letters(one: Article) -> set[str]:
    """Return the roots of an article as they are written."""
    words = read(one.title, one.body)
    return {letters(token, ukrainian=one.tongue == "uk") for token in [*words.title, *words.body[:READ]]}


def _seen(gists: Iterable[Gist]) -> Background:
    """Return a background as it is after these articles."""
    background = Background()
    for gist in gists:
        background.learn(gist.roots)
    return background


def _inside(articles: Mapping[str, Article], gists: Mapping[str, Gist], events: Mapping[str, Event]) -> Iterator[Pair]:
    """Yield the pairs of judged articles that teach: see the head of this file."""
    seen = Counter(root for gist in gists.values() for root in gist.roots)
    posted: dict[Root, list[str]] = defaultdict(list)
    for key in sorted(articles):
        for root in gists[key].roots:
            if seen[root] <= TRACE:
                posted[root].append(key)
    shared: Counter[tuple[str, str]] = Counter()
    for root, keys in posted.items():
        rarity = math.log((len(gists) + 1) / (seen[root] + 1))
        for two in combinations(keys, 2):
            shared[two] += rarity  # type: ignore[assignment]
    apart = 0
    for (one, other), _ in sorted(shared.items(), key=lambda row: (-row[1], row[0])):
        first, second = articles[one], articles[other]
        same = events[one].name == events[other].name
        if first.source != second.source and _comparable(first, second) and (same or apart < HARDEST):
            apart += not same
            yield Pair(first=first, second=second, same=same)


def _comparable(first: Article, second: Article) -> bool:
    return first.tongue == second.tongue or {first.tongue, second.tongue} == {"ru", "uk"}


def _same_events(judged: Sequence[Pair], events: Mapping[str, Event]) -> dict[str, str]:
    """Return the event of each article: judged events, joined where a judged pair says so."""
    links = [(key, f"event {event.name}") for key, event in events.items()]
    links += [(pair.first.key, pair.second.key) for pair in judged if pair.same]
    alone = ((side.key, side.key) for pair in judged for side in (pair.first, pair.second))
    return chains([*links, *alone])
