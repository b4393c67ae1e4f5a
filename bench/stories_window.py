"""How fast are stories found when the window is full, and how large is it? `python -m bench.stories_window [ARTICLES]`.

In:    the articles of a stream.
Out:   as many articles as are asked for, hour after hour like those of the stream but about other events; JSON: by
       step the articles in the window, items a second on one core, megabytes of the process.
Never: makes a text that anybody should read.

The stream is one hour. Of every further hour the rare words are other ones: each is exchanged for one that is as rare,
in the same letters, and as often a name, by a new draw for each hour. So every hour has its own events, with as many
copies, stories and near misses as the first, over one and the same vocabulary.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import re
import resource
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path

from aggregator.dedup.stories import Article, Stories
from bench import stories_sets
from bench.stories_sets import UnusableFile

SEED = 20191115
COMMON = 0.02  # of all articles: a word that more have says nothing of an event, and stays
FULL, STEP = 100_000, 10_000  # articles; a figure is taken after each STEP
THERE = 4000  # characters of a text: more are not looked at
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How it went while so many articles came in."""

    articles: int  # in the window behind it
    items_per_s: float  # on one core, since the step before
    megabytes: float  # of the whole process, with the stream itself


def main() -> None:
    """Run, and print the steps."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("articles", type=int, nargs="?", default=FULL, help=f"how many come in (default {FULL})")
    ask.add_argument("--corpus", type=Path, default=Path(os.environ.get("AGGREGATOR_CORPUS", "../shared/corpus")))
    asked = ask.parse_args()
    try:
        articles = list(stories_sets.stream(stories_sets.corpus_stream(asked.corpus)).values())
    except (UnusableFile, OSError) as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    print(json.dumps([asdict(step) for step in steps(articles, asked.articles)], indent=1))


def measured(corpus: Path) -> list[dict[str, float]]:
    """Return the steps to a full window, run in a process of its own so that nothing else is weighed."""
    line = [sys.executable, "-m", "bench.stories_window", "--corpus", str(corpus)]
    said = subprocess.run(line, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True)
    steps: list[dict[str, float]] = json.loads(said.stdout)
    return steps


def steps(articles: Sequence[Article], count: int) -> Iterator[Step]:
    """Let the product place `count` articles; yield a figure for each STEP."""
    stories, spent = Stories(), 0.0
    for number, article in enumerate(hours(articles, count), 1):
        begun = time.process_time()
        stories.place(article)
        spent += time.process_time() - begun
        if number % STEP == 0 or number == count:
            yield Step(
                articles=number, items_per_s=round((number % STEP or STEP) / spent), megabytes=round(_megabytes())
            )
            spent = 0.0


def _megabytes() -> float:
    """Return the most that this process has had. The kernel's own count begins with what its parent had."""
    with suppress(OSError):
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def hours(articles: Sequence[Article], count: int) -> Iterator[Article]:
    """Yield the stream again and again until there are `count` articles, an hour later each time."""
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
            body=_said(article.body[:THERE], others),
            at=article.at + hour * span,
            seen_at=article.seen_at + hour * span,
        )


def _classes(articles: Sequence[Article]) -> Sequence[Sequence[str]]:
    """Return the words that may stand for each other: in how many articles they are, their letters, names or not."""
    seen, names = Counter[str](), Counter[str]()
    for article in articles:
        written = set(_WORD.findall(f"{article.title} {article.body[:THERE]}"))
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


if __name__ == "__main__":
    main()
