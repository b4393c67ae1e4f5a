"""See when the files of the configuration change.

In:    which files those are; asked anew each time, for a new configuration may name others.
Out:   a wake-up for each change that has come to rest.
Never: reads what is in a file, or trusts the kernel alone: network file systems, and some mounts, tell of no change.

What is compared are the files as they are found by their names, so it does not matter how they were changed: written,
renamed into place, or behind a link that points elsewhere (Kubernetes). The kernel's word only makes it quick.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import aclosing, suppress
from pathlib import Path

from watchfiles import awatch

QUIET_S = 0.5  # so long nothing may change: editors, rsync and a person's script write several times
LONGEST_S = 10.0  # then what is there counts, although it goes on changing
LOOK_S = 5.0  # how often to look where the kernel says nothing

Seen = dict[Path, tuple[int, ...] | str]


def look(places: Collection[Path]) -> Seen:
    """Return what can be seen of files, and of what is in folders, without opening them."""
    seen: Seen = {}
    for place in places:
        seen[place] = _facts(place)
        with suppress(OSError):
            seen |= {file: _facts(file) for file in place.iterdir() if file.suffix in (".yaml", ".yml")}
    return seen


def _facts(path: Path) -> tuple[int, ...] | str:
    try:
        found = path.stat()
    except OSError as error:
        return type(error).__name__
    if path.is_dir():  # other files in it are none of ours
        return (found.st_dev, found.st_ino, found.st_mode)
    return (found.st_dev, found.st_ino, found.st_mode, found.st_size, found.st_mtime_ns)


async def changes(places: Callable[[], Collection[Path]], stop: asyncio.Event) -> AsyncIterator[None]:
    """Yield each time something of these files and folders has changed and come to rest, until `stop`.

    places  none: nothing is looked at for now
    """
    seen = look(places())
    while not stop.is_set():
        await _news(places(), seen, stop)
        now = await _rest(places, stop)
        changed = bool(seen and now) and now != seen  # none: watching has only begun, or is over
        seen = now
        if changed and not stop.is_set():
            yield


async def _news(places: Collection[Path], seen: Seen, stop: asyncio.Event) -> None:
    """Wait until something may be otherwise than it was seen; at most LOOK_S."""
    folders = {place if place.is_dir() else place.parent for place in places}
    there = [folder for folder in folders if folder.is_dir()]
    if look(places) != seen:  # while nobody was listening
        return
    if there:
        with suppress(OSError):  # of the kernel's watches there are only so many; a folder may be gone again
            told = awatch(
                *there,
                watch_filter=None,
                recursive=False,
                step=250,
                debounce=250,
                rust_timeout=int(LOOK_S * 1000),
                yield_on_timeout=True,
                stop_event=stop,
            )
            async with aclosing(told):
                async for what in told:
                    if not what or look(places) != seen:
                        return
            return
    await _pause(LOOK_S, stop)


async def _rest(places: Callable[[], Collection[Path]], stop: asyncio.Event) -> Seen:
    """Wait until nothing has changed for QUIET_S; return what is there then."""
    last, waited = look(places()), 0.0
    while waited < LONGEST_S and not stop.is_set():
        await _pause(QUIET_S, stop)
        now, waited = look(places()), waited + QUIET_S
        if now == last:
            break
        last = now
    return last


async def _pause(seconds: float, stop: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
