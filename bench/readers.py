"""Fourteen days of news, and what eight readers would say: `python -m bench.readers --help`.

The stream, the models and the judge are the acceptance test's own (tests/acceptance/readers); here they are run and
printed without asserting anything.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from aggregator import log

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tests/acceptance/readers"))  # a test needs them; this only prints what it looks at


def main() -> None:
    """Run, print the tables, and write the page if that was asked for."""
    import reader_page
    from reader_judge import Judge
    from reader_script import FORTNIGHT
    from reader_stream import SEED

    ask = argparse.ArgumentParser(prog="python -m bench.readers", description="Eight readers of fourteen days of news.")
    ask.add_argument("--page", action="store_true", help=f"print docs/{reader_page.PAGE} anew")
    ask.add_argument("--seed", type=int, default=SEED, help=f"of the news ({SEED})")
    ask.add_argument("--denser", type=float, default=1.0, help="so many times as many happenings (1)")
    ask.add_argument("--wrong", action="store_true", help="print what was lost, doubled and so on, by name")
    asked = ask.parse_args()
    log.set_up(level="critical")
    with tempfile.TemporaryDirectory() as folder:
        made = asyncio.run(FORTNIGHT.lives(Path(folder), seed=asked.seed, denser=asked.denser))
    judge = Judge(made)
    verdicts, held = judge.verdicts(), judge.held()
    print(reader_page.of_documents(held))
    print(reader_page.of_readers(verdicts))
    if asked.wrong:
        print(*(one for one in (*held, *verdicts)), sep="\n")
    if asked.page:
        reader_page.write(verdicts, held, ROOT / "docs")


if __name__ == "__main__":
    main()
