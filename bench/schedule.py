"""How late news is found for how many requests: the policy beside others, in virtual time. `python -m bench.schedule`.

Every way of deciding polls the same sources for four weeks; the first is told apart. The policy is swept over kappa,
and is read off at each yardstick's own number of requests, under equal bounds. Half of the sources (by the hash of
their names) served to fix constants; only the other half is reported.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from functools import lru_cache
from multiprocessing import Pool
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from bench import schedule_page
from bench.schedule_traces import Trace, traces, tuned
from bench.schedule_world import SYSTEMS, Result, Way, at_requests, result

KAPPA = 25.0  # at eager: 1
KAPPAS = (0.3, 1.5, 5.0, 12.0, 25.0, 60.0, 200.0)  # item-minutes a request is worth
FORESEEN = (1.0, 4.0, 20.0, 80.0)  # the same for the clairvoyant, minutes
OURS = (0.25, 24.0)  # hours: our floor and ceiling
OWN = {  # hours: what each yardstick keeps to by itself; who has no bounds gets the widest
    "fixed 15 min": (1 / 12, 24.0),
    "fixed 30 min": (1 / 12, 24.0),
    "fixed 60 min": (1 / 12, 24.0),
    "Miniflux": (1 / 12, 24.0),
    "CommaFeed": (1 / 12, 4.0),
    "NewsBlur, one reader": (1 / 12, 24.0),  # its longest is two days; a day keeps it among the others
    "NewsBlur, many readers": (1 / 12, 4.0),
}
COMPARED = ("mean", "p50", "p90", "p99", "median_source", "worst_decile", "kilobytes", "lost")
COMPARED += ("host_minute_p99", "first_week_mean", "first_week_p90")
STUDENT = {2: 12.71, 3: 4.30, 4: 3.18, 5: 2.78, 6: 2.57, 7: 2.45, 8: 2.36, 9: 2.31, 10: 2.26}  # 95 %, by seeds
FIELDS = [f.name for f in fields(Result) if f.name != "by_kind"]

Job = tuple[int, float, str, Way]  # seed, scale, corpus, way


def main() -> None:
    """Run, print the page, and write what was asked for."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--seeds", type=int, default=5, help="how often everything is drawn anew (default: 5)")
    ask.add_argument("--quick", action="store_true", help="a few sources and points, for a look: seconds")
    ask.add_argument("--json", type=Path, metavar="FILE", help="write all figures")
    ask.add_argument("--from", type=Path, metavar="FILE", dest="source", help="take the figures of an earlier run")
    ask.add_argument("--page", action="store_true", help="print docs/reference/scheduling.md and its picture anew")
    ask.add_argument("--corpus", type=Path, default=Path(os.environ.get("AGGREGATOR_CORPUS", "../shared/corpus")))
    asked = ask.parse_args()
    report = json.loads(asked.source.read_text("utf-8")) if asked.source else measured(asked)
    if asked.json:
        asked.json.write_text(json.dumps(report, indent=1), encoding="utf-8")
    if asked.page:
        schedule_page.write(report, Path(__file__).parents[1] / "docs")
    print(schedule_page.tables(report))


def measured(asked: argparse.Namespace) -> dict[str, Any]:
    """Run every way for every seed; return all figures."""
    seeds = range(1, (2 if asked.quick else asked.seeds) + 1)
    scale = 0.03 if asked.quick else 0.4
    kappas = (3.0, KAPPA, 100.0) if asked.quick else KAPPAS
    corpus = str(asked.corpus) if asked.corpus.is_dir() else ""
    bounds = sorted({OURS, *OWN.values()})
    ways = [*(way(kappa, *bound) for bound in bounds for kappa in kappas), *dict.fromkeys(yardsticks())]
    ways += [Way(name="clairvoyant", kappa=minutes / 60) for minutes in (FORESEEN[1:3] if asked.quick else FORESEEN)]
    jobs = [(seed, scale, corpus, each) for seed in seeds for each in ways]
    with Pool() as pool:
        done = dict(zip(((j[0], j[3]) for j in jobs), pool.imap(_run, jobs), strict=True))
    return {
        "seeds": len(seeds),
        "sources": round(fmean(len(_sources(seed, scale, corpus)) for seed in seeds)),
        "real": bool(corpus),
        "frontier": {
            _named(b): [_mean(done[s, way(k, *b)] for s in seeds) | {"kappa": k} for k in kappas] for b in bounds
        },
        "clairvoyant": [
            _mean(done[s, w] for s in seeds) | {"kappa": w.kappa * 60} for w in ways if w.name == "clairvoyant"
        ],
        "compared": [row for each in yardsticks() if (row := _compared(each, seeds, kappas, done))],
        "kinds": _kinds(seeds, done),
    }


def way(kappa: float, floor: float, ceiling: float) -> Way:
    """Return the policy with this kappa."""
    return Way(name="ours", floor=floor, ceiling=ceiling, eager=KAPPA / kappa)


def yardsticks() -> list[Way]:
    """Return every yardstick, with our bounds and with its own."""
    return [Way(name=n, floor=f, ceiling=c) for n in SYSTEMS for f, c in (OURS, OWN[n])]


@lru_cache(maxsize=1)
def _sources(seed: int, scale: float, corpus: str) -> list[Trace]:
    drawn = traces(Path(corpus) if corpus else None, seed, scale=scale)
    return [trace for trace in drawn if not tuned(trace)]


def _run(job: Job) -> Result:
    seed, scale, corpus, each = job
    return result(_sources(seed, scale, corpus), each, seed)


def _named(bound: tuple[float, float]) -> str:
    return f"{round(bound[0] * 60)} min to {bound[1]:g} h"


def _mean(results: Iterable[Result]) -> dict[str, float]:
    found = [asdict(each) for each in results]
    return {name: fmean(each[name] for each in found) for name in FIELDS}


def _compared(
    theirs: Way, seeds: Sequence[int], kappas: Sequence[float], done: dict[tuple[int, Way], Result]
) -> dict[str, Any] | None:
    """Return a yardstick beside the policy at the same requests; None where the policy cannot spend as many."""
    bound = (theirs.floor, theirs.ceiling)
    rows: dict[str, list[tuple[float, float]]] = {name: [] for name in COMPARED}
    for seed in seeds:
        curve, other = [done[seed, way(kappa, *bound)] for kappa in kappas], done[seed, theirs]
        for name in COMPARED:
            ours = at_requests(curve, other.requests, name)
            if ours is not None:
                rows[name].append((float(getattr(other, name)), ours))
    if len(rows["mean"]) < len(seeds):
        return None
    figures = {name: _pair(pairs) for name, pairs in rows.items()}
    requests = fmean(done[seed, theirs].requests for seed in seeds)
    return {"yardstick": theirs.name, "bounds": _named(bound), "requests": requests, **figures}


def _pair(pairs: Sequence[tuple[float, float]]) -> dict[str, float]:
    """Return theirs, ours, and ours less theirs with half the width of its 95 % interval over the seeds."""
    differences = [ours - theirs for theirs, ours in pairs]
    half = STUDENT.get(len(pairs), 2.0) * stdev(differences) / len(pairs) ** 0.5 if len(pairs) > 1 else 0.0
    return {
        "theirs": fmean(theirs for theirs, _ in pairs),
        "ours": fmean(ours for _, ours in pairs),
        "difference": fmean(differences),
        "half": half,
    }


def _kinds(seeds: Sequence[int], done: dict[tuple[int, Way], Result]) -> dict[str, dict[str, float]]:
    """Return the mean waiting by kind of source for the policy as it is delivered and for every yardstick."""
    ways = {"ours, kappa 25": way(KAPPA, *OURS)} | {
        each.name: each for each in yardsticks() if (each.floor, each.ceiling) == OURS
    }
    kinds = sorted({kind for seed in seeds for kind in done[seed, way(KAPPA, *OURS)].by_kind})
    return {
        name: {kind: fmean(done[seed, each].by_kind.get(kind, 0.0) for seed in seeds) for kind in kinds}
        for name, each in ways.items()
    }


if __name__ == "__main__":
    main()
