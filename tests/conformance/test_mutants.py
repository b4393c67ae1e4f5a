"""Mutants of corpus documents: whatever comes, an answer comes, and the processes live on.

A failure names the document and the seed; `conform_mutants.mutant(path, seed)` makes the same bytes again.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter

import pytest
from conform_cases import ANY, HOST, NOON
from conform_mutants import LARGEST, Mutant, mutants

from aggregator.errors import ParseError
from aggregator.parse import Workers

FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SEED = 20261123
LONG = [SEED + n for n in range(1, 11)]
IN_EACH = 2000
GOOD = b"<rss version='2.0'><channel><item><guid>1</guid><title>x</title></item></channel></rss>"


async def outcome(workers: Workers, mutant: Mutant) -> str:
    """Return "read", or why it was refused; what is wrong with the answer begins with "wrong"."""
    try:
        parsed = await workers.parse(mutant.body, url=HOST, content_type="", source=ANY, now=NOON)
    except ParseError as error:
        return f"wrong: {error.problem}" if error.kind.startswith("parser-") else error.kind
    except Exception as error:  # noqa: BLE001 - that nothing else comes out is what is to be shown
        return f"wrong: {type(error).__name__}: {error}"
    bad = FORBIDDEN.search(repr(parsed))
    return f"wrong: {bad[0]!r} in a field" if bad else "read"


async def outcomes(made: list[Mutant]) -> list[str]:
    """Read them all in two processes; at the end, a good document must be read by each of them."""
    async with Workers(count=2) as workers:
        found = await asyncio.gather(*(outcome(workers, mutant) for mutant in made))
        how = {"url": HOST, "content_type": "", "source": ANY, "now": NOON}
        after = await asyncio.gather(*(workers.parse(GOOD, **how) for _ in range(2)))
        assert [len(parsed.items) for parsed in after] == [1, 1]
        return found


def judged(corpus, number: int, seed: int) -> dict[str, int]:
    paths = sorted(p for p in corpus.rglob("*") if p.is_file() and p.stat().st_size <= LARGEST)
    made = mutants(paths, number, seed)
    found = asyncio.run(outcomes(made))
    wrong = [f"{m.path} seed {m.seed}: {o}" for m, o in zip(made, found, strict=True) if o.startswith("wrong")]
    assert not wrong, "\n".join(wrong[:20])
    return dict(Counter(found))


def test_five_hundred_mutants_are_read_or_refused(corpus, record_property):
    record_property("table mutants", {f"seed {SEED}: {o}": n for o, n in judged(corpus, 500, SEED).items()})


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", LONG)
def test_twenty_thousand_mutants_are_read_or_refused(corpus, seed, record_property):
    record_property("table mutants", {f"seed {seed}: {o}": n for o, n in judged(corpus, IN_EACH, seed).items()})
