"""Run the rules, each to its end, whatever becomes of the others.

In:    rules.
Out:   a Result for each, as it comes.
Never: skips one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from aggregator.lab.origin import Origin
from aggregator.lab.score.rules import Rule
from aggregator.lab.score.world import Broken, World

PATIENCE_S = 60.0  # for one rule; the slowest takes a few seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of a promise. The names are those of `aggregator score --json`."""

    id: str
    rule: str  # the promise
    passed: bool
    detail: str  # what was seen


async def score(rules: Sequence[Rule]) -> AsyncIterator[Result]:
    """Hold the product to these rules, in their order."""
    with TemporaryDirectory(prefix="aggregator-score-") as folder, Origin() as origin:
        async with World(origin, Path(folder)) as world:
            for rule in rules:
                passed, detail = await _kept(rule, world)
                yield Result(id=rule.id, rule=rule.promise, passed=passed, detail=detail)


async def _kept(rule: Rule, world: World) -> tuple[bool, str]:
    try:
        async with asyncio.timeout(PATIENCE_S):
            await world.begin(rule.id)
            return True, await rule.shown(world)
    except Broken as broken:
        return False, str(broken)
    except TimeoutError:
        return False, f"was not shown within {PATIENCE_S:g} s"
    except Exception as error:  # noqa: BLE001 - whatever it is, the promise was not shown
        return False, f"could not be shown: {type(error).__name__}: {error}"
