"""What enters no topic although it matches, for as long as a person says.

In:    the mutes and saved rules of the configuration, once; those of the store now and then; the Facts of items.
Out:   the mute that keeps an item out, or None.
Never: looks at what has entered already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property

from aggregator.model import Facts, Mute
from aggregator.query import Query, Subject, parse
from aggregator.tag.counted import Counted


class Muter:
    """All mutes over one item."""

    def __init__(self, mutes: Sequence[Mute], rules: Mapping[str, str]) -> None:
        self._written = rules
        self._configured = [(mute, parse(mute.match)) for mute in mutes]
        self._said: dict[Mute, Query] = {}

    def say(self, mutes: Sequence[Mute]) -> None:
        """Take over what persons muted beside the configuration."""
        if mutes != tuple(self._said):
            self._said = {mute: parse(mute.match) for mute in mutes}

    @cached_property
    def _rules(self) -> dict[str, Query]:
        return {name: parse(rule) for name, rule in self._written.items()}

    @property
    def counted(self) -> Counted:
        """Where their answers turn with the number of outlets."""
        return Counted([("", query) for _, query in (*self._configured, *self._said.items())], self._rules)

    def muted(self, facts: Facts, now: datetime) -> str:
        """Return the words of the first mute in force that the item matches, and what matched; "" if none does."""
        every = (*self._configured, *self._said.items())
        if not every:
            return ""
        subject = Subject(facts, self._rules)
        for mute, query in every:
            if (mute.until is None or now < mute.until) and (match := query.matches(subject)):
                return f"{mute.words}: {match.why}"
        return ""
