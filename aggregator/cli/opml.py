"""opml import|export: lists of feeds, from other readers and for them."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli import show
from aggregator.cli.ground import FAILED, AsJson, app, fail, read_config, reading, site_of
from aggregator.cli.writing import write_config

if TYPE_CHECKING:
    from aggregator.config import Config
    from aggregator.trial.listed import Listed

SHOWN = 20  # lines of a list that are left out, each with its reason

opml = typer.Typer(
    name="opml", help="Lists of feeds for feed readers (OPML).", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(opml)


@opml.command("import")
def import_(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A list that another reader has exported; - for stdin.")],
    as_name: Annotated[
        str | None,
        typer.Option("--as", metavar="NAME", help="Write sources.d/NAME.yaml; left out, it is called as the list."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be written, and write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the feeds of a list into a file of sources.d, its folders as groups. A running daemon polls them at once.

    What is configured already is left out, and what is no address of a feed; each is said. Nothing is asked of the
    network: the first poll tells which feeds still live (`aggregator status`).

    Example: aggregator opml import ~/feedly.opml
    """
    from aggregator.trial.listed import written

    config = read_config()
    listed = _listed(file, config)
    target = config.root / "sources.d" / f"{_named(as_name, file)}.yaml"
    if not listed.sources:
        _tell(listed, "Nothing is written: ", as_json=as_json)
        raise typer.Exit(FAILED)
    origin = "a list" if file == "-" else Path(file).name
    text = written(listed, [f"{show.count(len(listed.sources), 'source')} from {origin}, of `aggregator opml import`."])
    if dry_run:
        sys.stdout.write(text)
        return
    if target.exists():
        raise fail(f"{target} is there already; --as NAME writes another one.")
    write_config({target: text})
    _tell(listed, f"{target}: ", as_json=as_json)


def _listed(file: str, config: Config) -> Listed:
    from aggregator.config.files import content, reason
    from aggregator.trial.listed import MAX_BYTES, read_list

    try:
        document = sys.stdin.buffer.read(MAX_BYTES + 1) if file == "-" else content(Path(file), MAX_BYTES)
    except OSError as error:
        raise fail(f"{file} cannot be read: {reason(error)}.") from None
    if document is None:
        raise fail(f"there is no file {file}.")
    addresses = {source.id: source.url for source in config.sources.values()}
    groups = {group for source in config.sources.values() for group in source.groups}
    return read_list(document[:MAX_BYTES], sources=addresses, groups=groups)


def _named(as_name: str | None, file: str) -> str:
    """Return what the new file is called."""
    from aggregator.trial.suggest import slug

    return slug(as_name if as_name is not None else Path(file).stem) or "imported"


def _tell(listed: Listed, begin: str, *, as_json: bool) -> None:
    if as_json:
        show.json_out(
            {
                "sources": {one.id: {"url": one.url, "title": one.title} for one in listed.sources},
                "groups": listed.groups,
                "left": [asdict(one) for one in listed.left],
                "flaw": listed.flaw,
            }
        )
        return
    counted = show.count(len(listed.sources), "source"), show.count(len(listed.groups), "group")
    show.line(f"{begin}{counted[0]} in {counted[1]}." if listed.sources else f"{begin}the list brings no new source.")
    if listed.flaw:
        show.line(f"The list itself is not right ({listed.flaw}); what can be read of it was read.", "yellow")
    for why, times in Counter(one.why for one in listed.left).most_common():
        show.line(f"Left out, {times}: {why}")
    for one in listed.left[:SHOWN]:
        show.line(f"  {one.url}  {one.title}")
    if len(listed.left) > SHOWN:
        show.line(f"  and {len(listed.left) - SHOWN} more (--json shows all)")


@opml.command()
def export(
    sources: Annotated[
        bool,
        typer.Option("--sources/--topics", help="The sources that we poll, or the topics that we publish."),
    ] = False,
) -> None:
    """Print our topics, or our sources, as OPML 2.0. What is private is left out, and so is any key in an address.

    Example: aggregator opml export --sources > sources.opml
    """
    from aggregator import clock
    from aggregator.serve.lists import sources_document, topics_document
    from aggregator.store import sources as known_sources
    from aggregator.store import topics as known_topics

    config = read_config()
    with reading(config) as store:
        if sources:
            document = sources_document(config.sources, store.read_now(known_sources.listed), site_of(config))
        else:
            known = store.read_now(known_topics.listed, clock.now())
            document = topics_document(config.topics, known, site_of(config))
    sys.stdout.buffer.write(document)
