"""section set|report: a person's word about an item's sections, and how right the learned ones are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli import show
from aggregator.cli.asking import here_or_there, or_fail
from aggregator.cli.ground import AsJson, app, fail, read_config, reading
from aggregator.cli.story import one_key

if TYPE_CHECKING:
    from aggregator.tag.proving import Proof

section = typer.Typer(
    name="section",
    help="Say of which sections an item is; see how right the learned ones are.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(section)


@section.command(name="set")
def set_(
    item: Annotated[str, typer.Argument(metavar="ITEM", help="An item: 16 hex digits, an entry's id or an address.")],
    sections: Annotated[
        list[str] | None, typer.Argument(metavar="[SECTION]...", help="Its sections, all of them.")
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="It is of no section.")] = False,
    clear: Annotated[bool, typer.Option("--clear", help="Forget what was said; rules decide again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say of which sections an item is. It holds over every rule, and `learned: true` sections learn from it.

    What you name is all: name two sections if it is of two. The section that one is part of need not be named.

    Example: aggregator section set https://ostrov.example/news/1234 donbas
    """
    named = list(dict.fromkeys(sections or ()))
    if bool(named) + none + clear != 1:
        raise fail("name its sections, or say --none or --clear: one of the three")
    config = read_config()
    if unknown := [name for name in named if name not in config.sections]:
        known = ", ".join(sorted(config.sections)) or "none"
        raise fail(f"{unknown[0]} is no section; there are: {known}")
    with reading(config) as store:
        key = one_key(store, item)
    messages: list[dict[str, Any]] = []
    here_or_there(config, {"verb": "section", "item": key, "sections": None if clear else named}, messages.append)
    or_fail(messages)
    (now,) = [message["sections"] for message in messages if message.get("event") == "tagged"]
    if as_json:
        show.json_out({"item": key, "sections": now})
        return
    show.line(f"{key} is of {', '.join(one['section'] for one in now) or 'no section'}.")
    for one in now:
        show.line(f"  {one['section']} {one['confidence']:.2f}: {one['why']}")


@section.command()
def report(as_json: AsJson = False) -> None:
    """Show how right the learned sections are: each example guessed by what was learned without it.

    Examples are what rules, sources and you named. Rules are taken for right, so this tells how well their words are
    guessed from all others; what you name yourself tells most.

    Example: aggregator section report
    """
    from aggregator.store import learned
    from aggregator.tag import READING
    from aggregator.tag.proving import prove

    config = read_config()
    if not any(one.learned for one in config.sections.values()):
        raise fail("no section is learned; write `learned: true` where one should be (config/topics.yaml)")
    with reading(config) as store:
        examples = store.read_now(learned.examples, READING)
    proofs = prove(config.sections, examples)
    if as_json:
        show.json_out([_plain(proof) for proof in proofs])
        return
    heads = ("section", "examples", "yours", "precision", "recall", "nothing told")
    show.table(heads, [_row(proof) for proof in proofs])


def _plain(proof: Proof) -> dict[str, Any]:
    from dataclasses import asdict

    from aggregator.tag.proving import interval

    return {
        **asdict(proof),
        "precision": proof.precision,
        "precision_interval": interval(proof.right, proof.guessed),
        "recall": proof.recall,
        "recall_interval": interval(proof.right, proof.examples),
    }


def _row(proof: Proof) -> tuple[str, ...]:
    counts = (str(proof.examples), str(proof.said))
    shares = (_share(proof.right, proof.guessed), _share(proof.right, proof.examples))
    return (proof.section, *counts, *shares, str(proof.abstained))


def _share(right: int, of: int) -> str:
    from aggregator.tag.proving import interval

    low, high = interval(right, of)
    return f"{right / of:.2f} ({low:.2f}-{high:.2f})" if of else "-"
