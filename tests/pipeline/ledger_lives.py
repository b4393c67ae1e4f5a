"""Runs plans, cuts failing ones down, and does one again: python tests/pipeline/ledger_lives.py SEED [SEED ...]."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections import Counter

from ledger_promises import Broken, Promises
from ledger_steps import Desk, Life, emptied, planned

from aggregator.store import Store


async def lived(plan, store, counted=None):
    """Return what was wrong with a life of this plan; "" if nothing was."""
    store.write_now(emptied)
    promises = Promises()
    try:
        await Life(Desk(store), promises.watch, promises.went_back).lives(plan)
    except Broken as broken:
        return str(broken)
    finally:
        if counted is not None:
            counted.update(promises.counted)
            counted["publications"] += promises.publications
    return ""


async def cut_down(plan, wrong, store):
    """Return the plan without the steps that it fails without, and what is wrong then."""
    kind, size = _kind(wrong), max(1, len(plan) // 2)
    while True:
        shorter = plan
        for start in range(len(plan) - size, -1, -size):
            less = shorter[:start] + shorter[start + size :]
            if _kind(said := await lived(less, store)) == kind:
                shorter, wrong = less, said
        if len(shorter) == len(plan) and size == 1:
            return plan, wrong
        size, plan = max(1, size // 2), shorter


def _kind(wrong):
    """The first promise that was broken."""
    lines = wrong.splitlines()
    return lines[1].partition(":")[0] if len(lines) > 1 else ""


def told(seed, plan, wrong):
    """Return a failure as a person reads it."""
    steps = "\n".join(f"    {step!r}," for step in plan)
    return f"seed {seed}, cut down to\n[\n{steps}\n]\n{wrong}"


async def judged(seeds, store, *, cut=False):
    """Live through the plans of these seeds; return the failures, told, and what happened how often."""
    failures, counted = [], Counter()
    for seed in seeds:
        plan = planned(seed)
        if wrong := await lived(plan, store, counted):
            failures.append(told(seed, *(await cut_down(plan, wrong, store) if cut else (plan, wrong))))
    return failures, counted


def main():
    """Do these seeds again: numbers, or FIRST-LAST."""
    spans = [argument.partition("-") for argument in sys.argv[1:]]
    seeds = [seed for first, _, last in spans for seed in range(int(first), int(last or first) + 1)]
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        store = Store.open(f"sqlite:///{name}/life.db")
        failures, counted = asyncio.run(judged(seeds, store, cut=True))
        store.close()
    took = f"{len(seeds)} lives, {len(failures)} failed, {time.perf_counter() - began:.1f} s"
    print("\n\n".join(failures), dict(counted), took, sep="\n")  # noqa: T201 - it is for a person


if __name__ == "__main__":
    main()
