"""The verbs that take care: export, release."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from aggregator.cli import show
from aggregator.cli.asking import here_or_there, or_fail
from aggregator.cli.ground import AsJson, app, fail, read_config, reading, site_of


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder for the export alone; made if missing.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
) -> None:
    """Write all feeds and pages as files for a static web server; beside a daemon or without one.

    Private topics are left out. Only what changed is written, each file at once, with the time of its change. Files of
    topics that are gone go too.

    Example: aggregator export /var/www/feeds
    """
    from aggregator import clock
    from aggregator.serve.export import export as write
    from aggregator.serve.lists import LATELY
    from aggregator.store import artefacts, visibility
    from aggregator.store import topics as states

    if folder.exists() and not folder.is_dir():
        raise fail(f"{folder} is a file; name a folder")
    config = read_config()
    topics = config.public_topics
    with reading(config) as store:
        documents = store.read_now(artefacts.every, store.read_now(visibility.ready, topics))
        known = store.read_now(states.listed, clock.now() - LATELY)
    done = write(folder, documents, topics, site_of(config), known)
    if as_json:
        show.json_out({"folder": str(folder.resolve()), **asdict(done)})
        return
    for topic in done.waiting:
        show.talk.print(
            f"{topic}: not published yet, so there is nothing of it to export", style="yellow", markup=False
        )
    show.line(
        f"{show.count(len(done.written), 'file')} written, {done.unchanged} unchanged, {len(done.removed)} removed "
        f"in {folder}."
    )


@app.command()
def release(
    source: Annotated[str, typer.Argument(help="Whose items are held.")],
    as_json: AsJson = False,
) -> None:
    """Let what is held of a source into topics: the feed is right, though it looks otherwise than before.

    `aggregator status` says what is held, and why.

    Example: aggregator release ostrov
    """
    config = read_config()
    if source not in config.sources:
        raise fail(show.unknown("source", source, config.sources))
    said: list[dict[str, Any]] = []
    here_or_there(config, {"verb": "release", "source": source}, said.append)
    or_fail(said)
    released = sum(message.get("released", 0) for message in said)
    if as_json:
        show.json_out({"source": source, "released": released})
    else:
        show.line(
            f"{show.count(released, 'item')} of {source} released." if released else f"Nothing of {source} is held."
        )
