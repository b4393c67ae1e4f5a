"""Verbs that write: done in this process, or by the daemon that holds the store."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aggregator.cli.ground import FAILED, database_file, fail, holding
from aggregator.errors import StoreHeld

if TYPE_CHECKING:
    from aggregator.config import Config
    from aggregator.store import Store

Take = Callable[[dict[str, Any]], None]


def here_or_there(config: Config, request: dict[str, Any], take: Take) -> None:
    """Do the request in this process, or let the daemon do it that holds the store.

    take  is given each message of rounds.answer
    """
    from aggregator import control, log

    log.set_up(level="error")  # the verb itself tells what happens
    try:
        with holding(config) as store:
            asyncio.run(_here(config, store, request, take))
    except StoreHeld:
        file = database_file(config)
        assert file is not None, "only an SQLite file is held"
        try:
            for message in control.ask(control.socket_of(file), request):
                take(message)
        except OSError as error:
            raise fail(f"the daemon that holds {file} does not answer: {error.strerror or error}", FAILED) from None


def or_fail(messages: list[dict[str, Any]]) -> None:
    """End the verb where the messages tell of an error, or do not end with {"event": "done"}."""
    if errors := [message["error"] for message in messages if "error" in message]:
        raise fail(errors[0], FAILED)
    if not messages or messages[-1].get("event") != "done":
        raise fail("the daemon stopped before it was done; ask again, nothing is half done", FAILED)


async def _here(config: Config, store: Store, request: dict[str, Any], take: Take) -> None:
    from aggregator import clock, rounds
    from aggregator.pipeline import open_newsroom, send_waiting

    async with open_newsroom(config, store, clock=clock.now, rng=random.SystemRandom()) as room:
        async for message in rounds.answer(room, request, published=lambda _: None):
            take(message)
        await send_waiting(room)  # where no daemon runs, the hubs of others are told all the same
