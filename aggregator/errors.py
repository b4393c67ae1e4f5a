"""The errors we raise on purpose, as one short tree.

    AggregatorError
    |-- ConfigError          the YAML is wrong; holds every mistake found
    |-- QueryError           a query is wrong; holds the column
    |-- StoreError           the database cannot be used (exit 78)
    |   `-- StoreHeld        another daemon holds it (exit 75)
    |-- BackupError          a copy of the store cannot be made, or a file is none
    |-- LeaseLost            somebody else took over; what we had is discarded
    |-- RulingError          what a person says of a story cannot be
    `-- SourceError          one source failed; the others go on
        |-- FetchError       no usable answer came
        |   `-- SourceGone   HTTP 410
        `-- ParseError       an answer came, but no feed is in it

What is normal in this trade (304, an item without a date) is a value, not an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


class AggregatorError(Exception):
    """Base of all we raise on purpose. `permanent`: trying again changes nothing until a person acts."""

    permanent = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One mistake in the configuration: where it stands, what is wrong, what was probably meant."""

    file: str
    line: int  # from 1
    column: int  # from 1
    path: str  # "sources.ostrov.lnguage"; "" where the whole file is wrong
    problem: str
    hint: str = ""  # 'Did you mean "language"?'

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}"
        what = f"{self.path}: {self.problem}" if self.path else self.problem
        return f"{where}  {what}" + (f" {self.hint}" if self.hint else "")


class ConfigError(AggregatorError):
    """The YAML is wrong. Raised before anything starts; lists every mistake found, not the first."""

    permanent = True

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.mistakes = sorted(mistakes, key=lambda m: (m.file, m.line, m.column, m.path))
        super().__init__("\n".join(map(str, self.mistakes)))


class QueryError(AggregatorError):
    """A query is wrong. column: from 1, in the query's text."""

    permanent = True

    def __init__(self, problem: str, *, column: int = 1, hint: str = "") -> None:
        self.problem, self.column, self.hint = problem, column, hint
        super().__init__(f"column {column}: {problem}" + (f" {hint}" if hint else ""))


class StoreError(AggregatorError):
    """The database cannot be opened, is damaged, or has a schema that we do not know; or it is away for a while."""

    permanent = True


def passes(error: BaseException) -> bool:
    """Whether it is a store that only does not answer now: it was told where it was noticed, and the work waits."""
    return isinstance(error, StoreError) and not error.permanent


class StoreHeld(StoreError):
    """Another daemon holds this SQLite store. pid: its process, 0 if it did not say."""

    def __init__(self, path: str, pid: int) -> None:
        self.path, self.pid = path, pid
        by = f" (process {pid})" if pid else ""
        super().__init__(f"another daemon{by} holds {path}; stop it first, or give this one a `database:` of its own")


class BackupError(AggregatorError):
    """A copy of the store cannot be made or put in its place, or a file is no such copy; the store is as it was."""

    permanent = True


class LeaseLost(AggregatorError):
    """The claim ran out while we worked and somebody else holds the source now."""


class RulingError(AggregatorError):
    """What a person says of a story cannot be: there is no such item, or it is not in that story."""

    permanent = True


class SourceError(AggregatorError):
    """One source failed; the others go on.

    kind     stable, searchable: dns, connect, tls, timeout, refused, redirects, status, too-large, encoding,
             protocol, challenged, not-a-feed, empty-page, sitemap-index, empty, parser-hung, parser-died, internal
    problem  one sentence for the person
    hint     what to do about it, if anything
    """

    kind = "failed"

    def __init__(self, kind: str, problem: str, hint: str = "") -> None:
        super().__init__(problem + (f" ({hint})" if hint else ""))
        self.kind, self.problem, self.hint = kind, problem, hint


class FetchError(SourceError):
    """No usable answer came: DNS, TLS, timeout, status >= 400, body too large.

    status       the HTTP status, if an answer came at all
    retry_after  how long the server asks us to stay away
    hops         status and goal of each redirect that was followed before
    """

    def __init__(
        self,
        kind: str,
        problem: str,
        hint: str = "",
        *,
        status: int | None = None,
        retry_after: timedelta | None = None,
        hops: tuple[tuple[int, str], ...] = (),
    ) -> None:
        super().__init__(kind, problem, hint)
        self.status, self.retry_after, self.hops = status, retry_after, hops


class SourceGone(FetchError):
    """HTTP 410: parked, asked again monthly, tell the user."""

    permanent = True


class ParseError(SourceError):
    """A body came, but no feed is in it."""
