"""The verb `score`: the politeness scorecard, printed."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.progress import Progress

from aggregator.cli import show
from aggregator.cli.ground import FAILED, AsJson, app, fail

if TYPE_CHECKING:
    from aggregator.lab.score import Result, Rule


@app.command()
def score(
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="RULE", help="Only this one; may be repeated.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show how polite the poller is: every promise to publishers, held against a server on this machine.

    Takes half a minute, asks nobody outside and needs no configuration. Exit code 1 if a promise is not kept.

    Example: aggregator score --only P16
    """
    from aggregator import log
    from aggregator.lab.score import RULES

    known = {rule.id: rule for rule in RULES}
    for name in only or ():
        if name not in known:
            raise fail(show.unknown("rule", name, known))
    log.set_up(level="critical")  # failing sources are what it is about
    results = asyncio.run(_results([known[name] for name in only or known], quiet=as_json))
    passed = sum(result.passed for result in results)
    if as_json:
        show.json_out({"passed": passed, "total": len(results), "rules": [asdict(result) for result in results]})
    else:
        _table(results)
        show.line(f"{passed} of {len(results)}", "green" if passed == len(results) else "red")
    if passed < len(results):
        raise typer.Exit(FAILED)


async def _results(rules: list[Rule], *, quiet: bool) -> list[Result]:
    """Return all results; on a terminal a bar shows how far it is."""
    from aggregator.lab.score import score as hold

    hidden = quiet or not show.talk.is_terminal
    with Progress(console=show.talk, transient=True, disable=hidden) as bar:
        task = bar.add_task("asking", total=len(rules))
        results = []
        async for result in hold(rules):
            results.append(result)
            bar.update(task, advance=1, description=result.id)
    return results


def _table(results: list[Result]) -> None:
    show.table(
        ["rule", "kept", "promised, and what was seen"],
        [
            [result.id, "yes" if result.passed else "NO", escape(f"{result.rule}\n- {result.detail}")]
            for result in results
        ],
        styles=[None if result.passed else "red" for result in results],
    )
