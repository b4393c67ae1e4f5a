"""Is it one event? The product's decision and others', against what people found by reading. `python -m bench.stories`.

Prints JSON: by language ("ru", "uk", "en", "ru-uk") pairs, precision, recall and f1 of the product as shipped; under
"methods" the same of everything else that was run; under "stream" what the replay of a stream came to, and how many of
its merges are right by the judged ones; under "clusters" B-cubed figures over those of its articles that were put into
events by hand. Without arguments it runs over all judged
sets: then "cross-validated" stands among the methods, the product with weights that never saw the event in question,
and pairs of which a side is a written headline are a group of their own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aggregator.dedup.likeness import LEARNED
from aggregator.dedup.stories import Article
from aggregator.model import Membership
from bench import stories_figures as figures
from bench import stories_page, stories_sets, stories_window
from bench.stories_learn import Learner, prior_of
from bench.stories_merges import KINDS, Verdicts, judged_merges
from bench.stories_product import Replay, cross_validated, replayed, shipped
from bench.stories_rivals import CharacterTfidf, Rival, by_other_folds, equal_titles, gdelt, groups, links, newsblur
from bench.stories_sets import JUDGED, Event, JudgedMerge, Pair, UnusableFile, by_group

SEED = 20191115
RULES: Mapping[str, Rival] = {"equal titles": equal_titles, "NewsBlur": newsblur, "GDELT": gdelt}
CHARACTERS = "character TF-IDF"
PAIRS, CLUSTERS = ("stream-pairs.jsonl", "ru-uk-twins.jsonl"), "stream-clusters.jsonl"
MERGES = "merges.jsonl"
THRESHOLDS = [least / 40 for least in range(6, 25)]  # cosines; the best one is well inside
QUICK = 7  # of so many pairs and events one
SHOWN = 400  # characters of a text that was judged wrongly

Answers = dict[str, list[bool]]  # method -> for each pair whether it finds one event; "" is the product as shipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Sets:
    """What a run is about; what is empty is left out of it."""

    pairs: Sequence[Pair]
    stream: Mapping[str, Article]  # by id, in the order of arrival
    events: Mapping[str, Event]
    merges: Sequence[JudgedMerge] = ()
    replayed: bool = False
    everything: bool = False  # all judged sets, so that there is enough to learn from


def main() -> None:
    """Run, and print what was asked for."""
    asked = _arguments()
    try:
        sets = _sets(asked)
    except (UnusableFile, OSError) as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    if asked.prior:
        print(prior_of(sets.stream.values()), end="")
    elif asked.learn:
        print(json.dumps(_weights(sets)))
    else:
        report = measured(sets, with_intervals=asked.intervals or asked.page, wrong=asked.wrong)
        report |= {"seed": SEED, "commit": _commit(), "date": f"{datetime.now(UTC):%Y-%m-%d}"}
        if asked.page:
            report["window"] = stories_window.measured(asked.corpus)
            stories_page.write(report, Path(__file__).parents[1] / "docs")
        print(json.dumps(report, ensure_ascii=False, indent=1))


def measured(sets: Sets, *, with_intervals: bool = False, wrong: bool = False) -> dict[str, Any]:
    """Return the report of a run."""
    report: dict[str, Any] = {}
    learner = Learner(sets.pairs, sets.stream, sets.events) if sets.everything else None
    if sets.pairs:
        answers = {"": shipped(sets.pairs)}
        answers |= {"cross-validated": cross_validated(learner)} if learner else {}
        answers |= rivals(sets.pairs)
        tables = {name: _table(sets, found, with_intervals=with_intervals) for name, found in answers.items()}
        report |= tables.pop("") | {"methods": tables, "kinds": _kinds(sets.pairs, answers[""])}
        if wrong:
            report["wrong"] = _wrong(sets, answers[""])
    if sets.replayed or sets.events:
        replay = replayed(sets.stream.values())
        report["stream"] = _of_stream(sets, replay)
        if sets.events:
            report["clusters"] = _of_clusters(sets, replay)
        if wrong:
            report["wrong merges"] = _wrong_merges(sets, replay)
    return report


def rivals(judged: Sequence[Pair]) -> Answers:
    """Return what every other method says; the one with a threshold gets its best for each language."""
    found = {name: [rule(pair.first, pair.second) for pair in judged] for name, rule in RULES.items()}
    characters = CharacterTfidf(side for pair in judged for side in (pair.first, pair.second))
    scored = [(characters.likeness(pair.first, pair.second), pair.same) for pair in judged]
    said = [False] * len(judged)
    for language in {pair.language for pair in judged}:
        places = [place for place, pair in enumerate(judged) if pair.language == language]
        for place, same in zip(places, by_other_folds([scored[place] for place in places]), strict=True):
            said[place] = same
    return found | {CHARACTERS: said}


def _table(sets: Sets, said: Sequence[bool], *, with_intervals: bool) -> dict[str, Any]:
    """Return the figures of one method by group of pairs."""
    found = {id(pair): answer for pair, answer in zip(sets.pairs, said, strict=True)}
    table: dict[str, Any] = {}
    for name, rows in by_group(sets.pairs, everything=sets.everything).items():
        verdicts = [(found[id(pair)], pair.same) for pair in rows]
        table[name] = figures.of_pairs(verdicts)
        if with_intervals:
            table[name]["intervals"] = figures.intervals(verdicts, SEED)
    return table


def _kinds(judged: Sequence[Pair], said: Sequence[bool]) -> dict[str, dict[str, int]]:
    """Return by kind of pair how many there are, and how many the product takes as one event."""
    seen, joined = (
        Counter(pair.kind for pair in judged),
        Counter(p.kind for p, yes in zip(judged, said, strict=True) if yes),
    )
    return {kind: {"pairs": seen[kind], "joined": joined[kind]} for kind in sorted(filter(None, seen))}


def _of_stream(sets: Sets, replay: Replay) -> dict[str, Any]:
    stories, articles = Counter(replay.groups("story").values()), len(sets.stream)
    found: dict[str, Any] = {
        "items": articles,
        "items_per_s": round(articles / max(replay.seconds, 1e-6)),
        "copies": len(replay.merges("copy")),
        "stories": len(stories),
        "largest": max(stories.values(), default=0),
    }
    if sets.merges:
        made = [merge for kind in KINDS for merge in replay.merges(kind)]
        found["judged merges"] = judged_merges(made, Verdicts(sets.merges))
    return found


def _of_clusters(sets: Sets, replay: Replay) -> dict[str, Any]:
    """Return B-cubed figures by language and together, of the product and of every other method."""
    judged = [article for key, article in sets.stream.items() if key in sets.events]
    found = {"": replay.groups("story")} | {name: groups(judged, links(judged, rule)) for name, rule in RULES.items()}
    tables = {name: _b_cubed(its, sets.events) for name, its in found.items()} | {
        CHARACTERS: _characters(judged, sets.events)
    }
    return tables.pop("") | {"merges": _precision(sets, replay), "methods": tables}


def _precision(sets: Sets, replay: Replay) -> dict[str, float]:
    """Return how many merges inside the judged articles are right, and how many lead out of them.

    The judged events are said to be whole, so a merge that leads out of them is wrong, too, where that is so.
    """
    merges = [(sets.events[one.item], sets.events[one.of]) for one in _inside(sets, replay)]
    right = sum(first.name == second.name for first, second in merges)
    out = sum((one.item in sets.events) != (one.of in sets.events) for one in replay.merges("story"))
    return {"judged": len(merges), "right": right, "precision": right / (len(merges) or 1), "leading_out": out}


def _b_cubed(found: Mapping[str, str], events: Mapping[str, Event]) -> dict[str, figures.Figures]:
    tongues = sorted({event.tongue for event in events.values()})
    return {
        name: figures.b_cubed(found, {key: event.name for key, event in events.items() if event.tongue in its})
        for name, its in {"together": tongues, **{tongue: [tongue] for tongue in tongues}}.items()
    }


def _characters(judged: Sequence[Article], events: Mapping[str, Event]) -> dict[str, figures.Figures]:
    """Return the figures of the rival that has a threshold, at the best one for these very events."""
    alike = links(judged, CharacterTfidf(judged).likeness)
    tables = (_b_cubed(groups(judged, (link for link in alike if link[0] >= least)), events) for least in THRESHOLDS)
    return max(tables, key=lambda table: table["together"]["f"])


def _inside(sets: Sets, replay: Replay) -> list[Membership]:
    return [one for one in replay.merges("story") if one.item in sets.events and one.of in sets.events]


def _wrong(sets: Sets, said: Sequence[bool]) -> list[dict[str, Any]]:
    return [_told(pair, said=answer) for pair, answer in zip(sets.pairs, said, strict=True) if answer != pair.same]


def _wrong_merges(sets: Sets, replay: Replay) -> list[dict[str, Any]]:
    verdicts, inside = Verdicts(sets.merges), _inside(sets, replay)
    wrong = [one for one in inside if sets.events[one.item].name != sets.events[one.of].name]
    wrong += [one for one in replay.merges("story") if verdicts.on(one) is False and one not in wrong]
    merges = [(sets.stream[one.item], sets.stream[one.of]) for one in wrong]
    return [_told(Pair(first=first, second=second, same=False), said=True) for first, second in merges]


def _told(pair: Pair, *, said: bool) -> dict[str, Any]:
    sides = [f"{side.title} | {side.body[:SHOWN]}" for side in (pair.first, pair.second)]
    return {"language": pair.language, "kind": pair.kind, "said": said, "first": sides[0], "second": sides[1]}


def _weights(sets: Sets) -> dict[str, Any]:
    weights = Learner(sets.pairs, sets.stream, sets.events).weights()
    return {"learned": [round(weight, 2) for weight in weights], "shipped": LEARNED}


def _sets(asked: argparse.Namespace) -> Sets:
    """Read what was named; all judged sets where nothing was."""
    named = bool(asked.pairs or asked.stream or asked.clusters or asked.merges)
    paths = asked.pairs if named else [*stories_sets.corpus_pairs(asked.corpus), *(JUDGED / name for name in PAIRS)]
    clusters, merges = (asked.clusters, asked.merges) if named else (JUDGED / CLUSTERS, JUDGED / MERGES)
    path: Path | None = asked.stream
    if path is None and (clusters or merges or stories_sets.names_ids(paths)):
        path = stories_sets.corpus_stream(asked.corpus)
    stream = stories_sets.stream(path) if path else {}
    pairs = stories_sets.pairs(paths, stream)
    events = stories_sets.events(clusters, stream) if clusters else {}
    judged = stories_sets.merges(merges, stream) if merges else []
    if asked.quick:
        pairs, few = pairs[::QUICK], set(sorted({event.name for event in events.values()})[::QUICK])
        events = {key: event for key, event in events.items() if event.name in few}
        named_by = events.keys() | {side.key for pair in pairs for side in (pair.first, pair.second)}
        stream = {key: article for key, article in stream.items() if key in named_by}
    return Sets(
        pairs=pairs,
        stream=stream,
        events=events,
        merges=judged,
        replayed=bool(asked.stream or clusters or merges),
        everything=not named,
    )


def _arguments() -> argparse.Namespace:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--pairs", type=Path, nargs="+", default=[], metavar="FILE", help="score these pairs (.jsonl)")
    ask.add_argument("--stream", type=Path, metavar="FILE", help="replay this stream (.jsonl.gz)")
    ask.add_argument("--clusters", type=Path, metavar="FILE", help="score a replay by the events of this file (.jsonl)")
    ask.add_argument("--merges", type=Path, metavar="FILE", help="score a replay by the merges of this file (.jsonl)")
    ask.add_argument("--intervals", action="store_true", help="with 95 %% intervals, by drawing the pairs anew")
    ask.add_argument("--wrong", action="store_true", help="with every pair and merge that is decided wrongly")
    ask.add_argument(
        "--quick", action="store_true", help="every seventh pair and event, and no other articles: seconds"
    )
    ask.add_argument("--page", action="store_true", help="print docs/reference/stories.md anew")
    ask.add_argument("--learn", action="store_true", help="print the weights that the judged sets give")
    ask.add_argument(
        "--prior", action="store_true", help="print aggregator/dedup/prior.txt as the stream would have it"
    )
    ask.add_argument("--corpus", type=Path, default=Path(os.environ.get("AGGREGATOR_CORPUS", "../shared/corpus")))
    return ask.parse_args()


def _commit() -> str:
    line = ["git", "describe", "--always", "--dirty"]
    said = subprocess.run(line, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return said.stdout.strip() or "unknown"


if __name__ == "__main__":
    main()
