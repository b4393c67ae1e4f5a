"""opml export: our topics or sources as a list that feed readers import."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from aggregator.cli.ground import app, read_config, reading, site_of

opml = typer.Typer(
    name="opml", help="Lists of feeds for feed readers (OPML).", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(opml)


@opml.callback()
def group() -> None:
    """Keep `export` a verb of its own, although it is the only one."""


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
