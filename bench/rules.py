"""Many rules at the cost of one: `python -m bench.rules --help`.

2,000 word rules and 200 regular expressions, made with a seed from the words of the corpus's news stream, over 10,000
of its articles: sections and topics, by the product's own tag/. Word rules are topics, saved rules and the words of
sections; single words, lists, phrases in any form and as they stand, some with `in:`, `and` and `not`. No rule asks for
a word that stands in more than one article of fifty; still an article is in 17 topics.

The stream is shorter than 10,000 articles, so some come twice, and every pass reads its items anew with ids of its own:
no text that was read for one item is there for another. What stays warm is what stays warm in the daemon: the stems of
English words. Reading feeds and telling languages is not counted. One thread, and its CPU seconds; of each batch the
quickest of several turns, for what else the machine does only ever makes it slower.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import random
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from aggregator import text
from aggregator.model import Facts, Item, Section, Source, Topic
from aggregator.tag import Matcher, Tagger

ROOT = Path(__file__).resolve().parent.parent
STREAM = "news-stream/telegram-20191115.jsonl.gz"
BATCH = 200  # items curated at once
TURNS = 3  # with one rule and with all in turn
SOURCE = Source(id="stream", url="http://stream.example/")
SHORTEST = 4  # letters of a word that rules ask for
# In how many articles it stands: more than a misprint, and no «также», which nobody makes a rule of.
FEWEST = 3
SAVED = 0.2  # of the other word rules are saved rules that a topic asks for
REFUSED = 0.1  # of the topics have a `not`, too
SECTIONS = 0.2  # of the word rules are words of sections
IN_A_SECTION = 20  # words


@dataclass(slots=True, kw_only=True)
class Rules:
    """What items are asked by."""

    topics: dict[str, Topic] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)
    sections: dict[str, Section] = field(default_factory=dict)


def main() -> None:
    """Measure and print."""
    options = _options()
    stream = options.corpus / STREAM
    if not stream.is_file():
        sys.exit(f"no news stream at {stream}; name the corpus with --corpus or AGGREGATOR_CORPUS")
    report = measure(
        stream,
        words=options.words,
        patterns=options.patterns,
        items=options.items,
        share=options.share,
        rng=random.Random(options.seed),
    )
    print(json.dumps(report, ensure_ascii=False, indent=1) if options.json else table(report))


def _options() -> argparse.Namespace:
    corpus = Path(os.environ.get("AGGREGATOR_CORPUS", ROOT / "../shared/corpus")).resolve()
    parser = argparse.ArgumentParser(prog="python -m bench.rules", description="Many rules at the cost of one.")
    parser.add_argument("--words", type=int, default=2000, help="how many word rules (2000)")
    parser.add_argument("--patterns", type=int, default=200, help="how many regular expressions (200)")
    parser.add_argument("--items", type=int, default=10_000, help="how many items (10000)")
    parser.add_argument("--share", type=float, default=0.02, help="no word of a rule stands in more articles (0.02)")
    parser.add_argument("--seed", type=int, default=1, help="of the choice of words (1)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--corpus", type=Path, default=corpus, help=f"the folder of real inputs ({corpus})")
    return parser.parse_args()


def measure(stream: Path, *, words: int, patterns: int, items: int, share: float, rng: random.Random) -> dict[str, Any]:
    """Return what it costs: items per second with all rules and with one, seconds to read the rules, memory."""
    articles = list(_articles(stream))
    known, pairs = _vocabulary(articles, share)
    many = made(known, pairs, words, patterns, rng)
    one = Rules(topics={"one": Topic(id="one", title="", match=f'words:"{rng.choice(known)}"')})
    over(one, articles, min(items, len(articles)), "warm")  # the dictionaries and the stems of English words
    before_kb = _resident_kb()
    began = time.process_time()
    read(many)
    first_s, began = time.process_time() - began, time.process_time()
    read(many)
    again_s = time.process_time() - began
    held_kb = _resident_kb() - before_kb
    turns = [(over(one, articles, items, f"one{n}"), over(many, articles, items, f"many{n}")) for n in range(TURNS)]
    alone, seconds = (sum(map(min, *[turn[which].seconds for turn in turns])) for which in (0, 1))
    return {
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "items": items,
        "word_rules": words,
        "patterns": patterns,
        "items_per_s": round(items / seconds),
        "one_rule_items_per_s": round(items / alone),
        "ratio": round(alone / seconds, 3),
        "topics_per_item": round(turns[0][1].hits / items, 2),
        "read_s": round(first_s, 2),
        "reread_s": round(again_s, 2),
        "rules_mb": round(held_kb / 1024, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


def table(report: dict[str, Any]) -> str:
    """Return the report as lines."""
    return "\n".join(f"{name:22}{value}" for name, value in report.items())


def read(rules: Rules) -> tuple[Tagger, Matcher]:
    """Return what the daemon makes of a configuration."""
    return Tagger(rules.sections), Matcher(rules.topics, rules.rules)


@dataclass(slots=True, kw_only=True)
class Pass:
    """What a pass over the items took."""

    seconds: list[float] = field(default_factory=list)  # of CPU, of each batch
    hits: int = 0  # topics that items are in, all together


def over(rules: Rules, articles: Sequence[dict[str, Any]], count: int, mark: str) -> Pass:
    """Ask `count` items, in batches as the daemon does; making them is not counted. mark: no other pass has its ids."""
    tagger, matcher = read(rules)
    whole = Pass()
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        batch = [_facts(articles[n % len(articles)], f"{mark}-{n}") for n in numbers]
        began = time.process_time()
        for facts in batch:
            whole.hits += len(matcher.match(replace(facts, sections=tagger.tag(facts.item, SOURCE))))
        whole.seconds.append(time.process_time() - began)
    return whole


def _facts(row: dict[str, Any], id_: str) -> Facts:
    content = (row["text"] or "").replace("&", "&amp;").replace("<", "&lt;")
    item = Item(id=id_, title=row["title"] or "", link=row["url"], content=content)
    return Facts(item=item, source="stream", language=row["lang_guess"])


def _articles(stream: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(stream, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


# --- rules --------------------------------------------------------------------------------------------------------


def made(known: Sequence[str], pairs: Sequence[str], words: int, patterns: int, rng: random.Random) -> Rules:
    """Return rules that ask for what the articles say: words that they know, and pairs of words."""
    rules = Rules()
    for start in range(0, round(words * SECTIONS), IN_A_SECTION):
        rules.sections[f"s{start}"] = Section(id=f"s{start}", title="", words=tuple(rng.sample(known, IN_A_SECTION)))
    for number in range(words - len(rules.sections) * IN_A_SECTION):
        name = f"w{number}"
        if rng.random() < SAVED:
            rules.rules[name] = _query(known, pairs, rng)
            rules.topics[name] = Topic(id=name, title=name, match=f"rule:{name}")
        else:
            refused = _query(known, pairs, rng) if rng.random() < REFUSED else None
            rules.topics[name] = Topic(id=name, title=name, match=_query(known, pairs, rng), not_=refused)
    for number in range(patterns):
        rules.topics[f"p{number}"] = Topic(id=f"p{number}", title="", match=_pattern(known, rng))
    return rules


def _vocabulary(articles: Sequence[dict[str, Any]], share: float) -> tuple[list[str], list[str]]:
    """Return the words and the pairs of words that rules are made of, in Latin and Cyrillic letters."""
    words: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for row in articles:
        if row["lang_guess"] in ("ru", "uk", "en"):
            said = re.findall(r"[^\W\d_]+", text.fold(f"{row['title']} {row['text']}"))
            words.update({word for word in said if len(word) >= SHORTEST})
            pairs.update(set(pairwise(said)))
    most = len(articles) * share
    known = {word for word, count in words.items() if FEWEST <= count <= most}
    phrases = [" ".join(pair) for pair, count in pairs.items() if count >= FEWEST and not known.isdisjoint(pair)]
    return sorted(known), phrases


def _some(of: Sequence[str], rng: random.Random, most: int) -> list[str]:
    return rng.sample(of, rng.randint(1, most))


def _query(known: Sequence[str], pairs: Sequence[str], rng: random.Random) -> str:
    """Return a query that needs a word: most are one word or a few, as people write them."""
    one, other = (f'"{rng.choice(known)}"' for _ in range(2))
    listed = ", ".join(f'"{word}"' for word in _some(known, rng, 6))
    phrase = f'"{rng.choice(pairs)}"'
    shapes = {
        f"words:{one}": 30,
        f"words:({listed})": 20,
        f"words:({listed}) in:title,lead": 10,
        f"words:{phrase}": 10,
        f"title:{phrase}": 5,
        f"text:{phrase}": 10,
        f"text:{phrase} in:lead": 3,
        f"words:{one} and words:{other}": 5,
        f"words:{one} and not words:{other}": 4,
        f"lang:ru,uk words:({listed}) not title:{phrase}": 3,
    }
    return rng.choices(list(shapes), shapes.values())[0]  # type: ignore[arg-type]


def _pattern(known: Sequence[str], rng: random.Random) -> str:
    """Return a query that is a regular expression."""
    one, two, three = (word[: max(SHORTEST, len(word) - 2)] for word in rng.sample(known, 3))
    shapes = (
        rf"title:/{one}\pL*/i",
        rf"title:/{one}|{two}|{three}/i",
        rf"text:/{one}\pL* .{{0,40}}{two}/i",
        rf"text:/(?:^|\PL){one}(?:\PL|$)/",
        rf"title:/[0-9]+ {one}/i",
        rf"url:/\/{rng.choice(['news', 'sport', 'world', 'politics'])}\/.*{rng.randint(10, 99)}/",
    )
    return rng.choice(shapes)


def _resident_kb() -> int:
    return int(re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text("utf-8"))[1])  # type: ignore[index]


if __name__ == "__main__":
    main()
