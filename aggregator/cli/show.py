"""What people see: tables that fit 80 columns, sentences, progress, and the same as JSON.

Data goes to stdout, talk to stderr; colours and progress only where a terminal is.
"""

from __future__ import annotations

import difflib
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

WIDEST = 26  # characters of a column that is not the last: 80 columns must leave room for what matters
out = Console(highlight=False, soft_wrap=False, emoji=False)
talk = Console(stderr=True, highlight=False, emoji=False)
_MOVES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]+")  # what moves a terminal, or begins its commands (A38)


def line(text: str = "", style: str | None = None) -> None:
    """Print one line of data, unbroken however long it is."""
    out.print(_MOVES.sub(" ", text), style=style, markup=False, soft_wrap=True, emoji=False)


def json_out(value: object) -> None:
    """Print JSON for programs."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=_plain) + "\n")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return str(value)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, styles: Sequence[str | None] = ()) -> None:
    """Print rows under headings; the last column takes what room is left, and breaks its lines."""
    shown = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for number, column in enumerate(columns):
        last = number == len(columns) - 1
        shown.add_column(
            column, no_wrap=not last, overflow="fold" if last else "ellipsis", max_width=None if last else WIDEST
        )
    for number, row in enumerate(rows):
        shown.add_row(*(Text(_MOVES.sub(" ", cell)) for cell in row), style=styles[number] if styles else None)
    out.print(shown)


def unknown(kind: str, name: str, known: Collection[str]) -> str:
    """Return the sentence for a name that does not exist."""
    near = difflib.get_close_matches(name, known, n=1)
    hint = f' Did you mean "{near[0]}"?' if near else ""
    return f'no {kind} is named "{name}".{hint}'


def ago(moment: datetime | None, now: datetime) -> str:
    """Return how long ago (or how far ahead) a moment is: "4 min ago", "in 2 h", "never"."""
    if moment is None:
        return "never"
    seconds = (now - moment).total_seconds()
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        if abs(seconds) >= size or unit == "s":
            number = f"{round(abs(seconds) / size)} {unit}"
            return f"{number} ago" if seconds >= 0 else f"in {number}"
    raise AssertionError


def _bar(*, quiet: bool = False) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=talk, transient=True, disable=quiet or not talk.is_terminal)


@contextmanager
def progress(what: str, total: int | None = None, *, quiet: bool = False) -> Iterator[Callable[[], None]]:
    """Show how far a long work is, on a terminal; call what is given after each part of it."""
    with _bar(quiet=quiet) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)


def count(number: int, one: str, many: str = "") -> str:
    """Return "1 item", "2 items"."""
    return f"{number} {one if number == 1 else many or one + 's'}"


class PollTally:
    """Counts what `aggregator poll` is told, with a progress bar on a terminal."""

    def __init__(self, *, quiet: bool) -> None:
        self.polls: list[dict[str, Any]] = []
        self.skipped: list[dict[str, Any]] = []
        self.topics: dict[str, int] = {}
        self.changed: list[str] = []  # topics whose readers see something else now
        self.curated = 0
        self.error = ""
        self._bar = _bar(quiet=quiet)
        self._task = self._bar.add_task("polling", total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def take(self, message: dict[str, Any]) -> None:
        """Count one message of rounds.poll_now."""
        kind = message.get("event")
        if kind == "started":
            self._bar.update(self._task, total=message["sources"])
        elif kind == "polled":
            self.polls.append(message)
            self._bar.update(self._task, advance=1, description=f"polling: {self.new} new")
        elif kind == "skipped":
            self.skipped.append(message)
        elif kind == "curated":
            self.curated += message["items"]
            self._bar.update(self._task, description=f"{self.curated} items into topics")
        elif kind == "published":
            self.topics[message["topic"]] = message["entries"]
            self.changed += [message["topic"]] if message["changed"] else []
        elif "error" in message:
            self.error = message["error"]

    @property
    def new(self) -> int:
        """How many items had not been seen before."""
        return sum(poll["new"] for poll in self.polls)

    @property
    def failed(self) -> list[dict[str, Any]]:
        """The polls that failed."""
        return [poll for poll in self.polls if poll["ended"] == "failed"]

    @property
    def all_failed(self) -> bool:
        """Whether nothing worked at all."""
        return bool(self.error or (self.polls and len(self.failed) == len(self.polls)))

    def as_dict(self) -> dict[str, Any]:
        """Return everything for --json."""
        ended = Counter(poll["ended"] for poll in self.polls)
        return {
            "polled": len(self.polls),
            "ended": dict(ended),
            "new": self.new,
            "changed": sum(poll["changed"] for poll in self.polls),
            "topics": self.topics,
            "polls": self.polls,
            "skipped": self.skipped,
            **({"error": self.error} if self.error else {}),
        }

    def summary(self) -> None:
        """Print what happened: failures first, then the sum."""
        if self.error:
            talk.print(self.error, style="red", markup=False)
        for poll in self.failed:
            hint = f" ({poll['hint']})" if poll["hint"] else ""
            talk.print(f"{poll['source']}: {poll['problem']}{hint}", style="red", markup=False, soft_wrap=True)
        for skip in self.skipped:
            talk.print(f"{skip['source']}: not polled, {skip['why']}", style="yellow", markup=False, soft_wrap=True)
        if not self.polls and not self.skipped:
            line("Nothing is due. `--all` polls every source, due or not.")
            return
        ended = Counter(poll["ended"] for poll in self.polls)
        parts = ", ".join(f"{number} {what}" for what, number in ended.most_common())
        line(f"{count(len(self.polls), 'source')} polled ({parts or 'none'}), {count(self.new, 'new item')}.")
        if self.changed:
            line("Published: " + ", ".join(f"{topic} ({self.topics[topic]})" for topic in self.changed) + ".")
