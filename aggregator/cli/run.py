"""The verbs that work: run, poll, check."""

from __future__ import annotations

import asyncio
import signal
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from aggregator.cli import show
from aggregator.cli.asking import here_or_there
from aggregator.cli.ground import FAILED, app, database_file, fail, held, read_config

if TYPE_CHECKING:
    from aggregator.config import Config


@app.command()
def check(
    as_json: Annotated[bool, typer.Option("--json", help="Print the mistakes as JSON.")] = False,
) -> None:
    """Validate the configuration: every mistake with its place and a suggestion, and the `tests` of its topics.

    Example: aggregator --config config check
    """
    from dataclasses import asdict

    from aggregator.errors import ConfigError

    try:
        config = read_config()
        _test(config)
    except ConfigError as error:
        if not as_json:
            raise
        show.json_out({"mistakes": [asdict(mistake) for mistake in error.mistakes]})
        raise typer.Exit(2) from None
    counts = {"sources": len(config.sources), "sections": len(config.sections), "topics": len(config.topics)}
    counts |= {"tests": len(config.tests)} if config.tests else {}
    if as_json:
        show.json_out({"mistakes": [], **counts})
    else:
        show.line("Right: " + ", ".join(show.count(number, what[:-1]) for what, number in counts.items()) + ".")


def _test(config: Config) -> None:
    """Raise ConfigError where the tests of topics do not hold."""
    from aggregator.errors import ConfigError
    from aggregator.trial.topic_tests import failing

    if wrong := list(failing(config)):
        raise ConfigError(wrong)


class Part(StrEnum):
    """What a daemon does of all that is to be done."""

    ALL = "all"
    POLL = "poll"
    CURATE = "curate"
    SERVE = "serve"


@app.command()
def run(
    role: Annotated[
        Part,
        typer.Option(
            help="What it does where several share a PostgreSQL: poll sources; curate, publish and keep house "
            "(one of them at a time, the others stand by); serve, which only hands out; or all of it."
        ),
    ] = Part.ALL,
) -> None:
    """Run the daemon: poll, curate, publish and serve until SIGTERM or Ctrl-C.

    SIGHUP reads the configuration anew; if it has a mistake, the last good one stays in force. A PostgreSQL that is
    away is waited for.

    Example: aggregator --config /etc/aggregator run

    Example: aggregator --config /etc/aggregator run --role poll
    """
    for number in (signal.SIGTERM, signal.SIGINT):  # until the daemon listens to them
        signal.signal(number, _leave)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the configuration is about to be read anyway
    import uvloop  # half the CPU of asyncio's own loop, for readers and polls alike

    from aggregator import daemon

    config = read_config()
    file = database_file(config)
    if file and role is not Part.ALL:
        raise fail(
            f"--role {role}: several processes need a PostgreSQL, and `database:` is the SQLite file {file}; "
            "leave out --role, or give them one (docs/guide/running-as-a-daemon.md)"
        )
    works = daemon.run(config, partial(held, config), reread=read_config, database_file=file, role=role.value)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(works)
    except OSError as error:
        raise fail(
            f"cannot listen on {config.listen_host}:{config.listen_port}: {error.strerror or error}; "
            "change `listen:` in aggregator.yaml or stop what uses it",
            FAILED,
        ) from None


def _leave(_number: int, _frame: object) -> NoReturn:
    """End the start where it is: what it has opened is closed on the way out."""
    raise typer.Exit


@app.command()
def poll(
    sources: Annotated[list[str] | None, typer.Argument(help="Only these, due or not.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All sources, due or not.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Ask hosts that want to be left alone, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what happened as JSON.")] = False,
) -> None:
    """Poll what is due (or the named sources) now, put it into topics, publish, and exit.

    Asks a running daemon to do it, where one holds the store. Exit code 1 if every poll failed.

    Example: aggregator poll --all
    """
    config = read_config()
    for name in sources or ():
        if name not in config.sources:
            raise fail(show.unknown("source", name, config.sources))
    request = {"verb": "poll", "sources": sources or [], "all": everything, "force": force}
    with show.PollTally(quiet=as_json) as tally:
        here_or_there(config, request, tally.take)
    if as_json:
        show.json_out(tally.as_dict())
    else:
        tally.summary()
    if tally.all_failed:
        raise typer.Exit(FAILED)
