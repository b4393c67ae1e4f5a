"""What every verb stands on: the configuration, the store, and errors as sentences.

Exit codes: 0 done, 1 work failed, 2 wrong use or configuration, 75 another daemon holds the store, 78 store unusable.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator import __version__
from aggregator.errors import AggregatorError, ConfigError, QueryError, StoreError, StoreHeld

if TYPE_CHECKING:
    from aggregator.config import Config
    from aggregator.model import Site
    from aggregator.store import Store

DONE, FAILED, WRONG_USE, HELD, UNUSABLE = 0, 1, 2, 75, 78

app = typer.Typer(
    name="aggregator",
    help="YAML in, polite polling, one entry per article, sections, and a merged feed per topic out.",
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help is quick help
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]
_chosen = {"config": Path("config")}


def _version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"aggregator {__version__}\n")
        raise typer.Exit


@app.callback()
def options(
    config: Annotated[
        Path,
        typer.Option(
            "--config", "-c", envvar="AGGREGATOR_CONFIG", help="The configuration: a folder, or aggregator.yaml."
        ),
    ] = Path("config"),
    debug: Annotated[bool, typer.Option("--debug", help="Say more in the log.")] = False,
    version: Annotated[  # noqa: ARG001 - its callback has answered
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Take the options that stand before every verb."""
    from aggregator import log

    _chosen["config"] = config
    log.set_up(level="debug" if debug else "info")


def main() -> None:
    """Run one verb; turn what we raise on purpose into a sentence and an exit code."""
    _stand_on_three_files()
    try:
        app()
    except ConfigError as error:
        count = len(error.mistakes)
        _say(f"{error}\n{count} mistake{'s' if count != 1 else ''}, nothing was started.")
        sys.exit(WRONG_USE)
    except StoreHeld as error:
        _say(str(error))
        sys.exit(HELD)
    except StoreError as error:
        _say(str(error))
        sys.exit(UNUSABLE)
    except QueryError as error:
        _say(str(error))
        sys.exit(WRONG_USE)
    except AggregatorError as error:
        _say(str(error))
        sys.exit(FAILED)
    except BrokenPipeError:  # `aggregator status | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
    except KeyboardInterrupt:
        sys.exit(130)


def _stand_on_three_files() -> None:
    """Have something stand where stdin, stdout or stderr were closed before us: else the next file opened is one."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
            setattr(sys, name, os.fdopen(number, mode, closefd=False))


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def fail(text: str, code: int = WRONG_USE) -> typer.Exit:
    """Say what is wrong; raise what this returns."""
    _say(text)
    return typer.Exit(code)


def read_config() -> Config:
    """Return the configuration that was asked for. Raises ConfigError."""
    from aggregator.config import load

    return load(_chosen["config"], env=os.environ)


def site_of(config: Config) -> Site:
    """Return where we are reached, as the daemon says it in what it makes."""
    from aggregator.model import Site

    return Site(public_url=config.public_url, version=__version__)


def database_file(config: Config) -> Path | None:
    """Return the file of an SQLite store, None for PostgreSQL."""
    prefix = "sqlite:///"
    return Path(config.database.removeprefix(prefix)) if config.database.startswith(prefix) else None


@contextmanager
def reading(config: Config) -> Iterator[Store]:
    """Open the store for looking, beside a daemon or without one."""
    from aggregator.store import Store

    store = Store.open(config.database, readonly=True)
    try:
        yield store
    finally:
        store.close()


def held(config: Config) -> Store:
    """Open the store for writing, and say what is odd about it; on SQLite nobody else may hold it. Raises StoreHeld."""
    from aggregator.log import tell
    from aggregator.store import Store

    store = Store.open(config.database, exclusive=True)
    for warning in store.warnings:
        tell("warning", "store.warning", problem=warning)
    return store


@contextmanager
def holding(config: Config) -> Iterator[Store]:
    """Open the store for writing, as `held`, until the block ends."""
    store = held(config)
    try:
        yield store
    finally:
        store.close()
