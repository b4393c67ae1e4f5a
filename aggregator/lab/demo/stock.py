"""What the outlets of the demo tell, and in which order.

In:    stock.toml.
Out:   tellings: what stands in the feeds at the start, and what comes while the demo runs, for ever.
Never: reads a clock: the press dates what it prints.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import resources
from itertools import count
from typing import Any

LATER = 2.5  # a second outlet tells an event when two or three others were begun meanwhile
DRESSES = ("https://{}?utm_source=feed&utm_medium=rss", "http://www.{}", "https://m.{}?utm_campaign=share#top")
_ONE_OF = re.compile(r"\{([^{}|]*(?:\|[^{}|]*)+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One event as one outlet tells it."""

    by: str  # an outlet
    section: str  # the outlet's own word
    title: str
    text: str
    link: str
    id: str  # the outlet's own, also where the article is another's


@cache
def _stock() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads((resources.files(__package__) / "stock.toml").read_text("utf-8"))


def past() -> list[tuple[timedelta, Telling]]:
    """Return what was told before the demo began, with how long ago."""
    told = []
    for number, event in enumerate(_stock()["past"]):
        first = timedelta(minutes=45 + 4 * number + 3 * number**2)
        told += [(first - timedelta(minutes=9 * place), one) for place, one in enumerate(_told(event, 0))]
    return told


def coming() -> Iterator[Telling]:
    """Yield what comes, one telling after the other; the stock goes round with other words and new addresses."""
    for turn in count():
        events = enumerate(_stock()["next"])
        line = [(n + LATER * place, one) for n, event in events for place, one in enumerate(_told(event, turn))]
        yield from (one for _, one in sorted(line, key=lambda pair: pair[0]))


def _told(event: dict[str, Any], turn: int) -> Iterator[Telling]:
    """Yield an event's tellings of one turn of the stock."""
    name = event["id"] if turn == 0 else f"{event['id']}-{turn + 1}"
    first = f"{event['told'][0]['by']}.example/news/{name}"
    for place, told in enumerate(event["told"]):
        own = f"{told['by']}.example/news/{name}"
        dress = DRESSES[place % len(DRESSES)] if told.get("same") else "https://{}"
        yield Telling(
            by=told["by"],
            section=told["in"],
            title=_worded(told["title"], turn),
            text=_worded(told["text"], turn),
            link=dress.format(first if told.get("same") else own),
            id=f"https://{own}",
        )


def _worded(text: str, turn: int) -> str:
    """Return the text with this turn's word of each {a|b|c}."""

    def word(found: re.Match[str]) -> str:
        words = found[1].split("|")
        return words[turn % len(words)]

    return _ONE_OF.sub(word, text)
