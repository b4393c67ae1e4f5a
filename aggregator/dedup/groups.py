"""Who belongs together, of those in the window.

In:    articles by their keys, in the order in which they came.
Out:   groups of them, each by the key of the one that founded it.
Never: decides who belongs together.
"""

from __future__ import annotations

from collections.abc import Sequence


class Groups:
    """Articles in groups. One that is in none is a group of its own."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}
        self._members: dict[str, list[str]] = {}

    def of(self, key: str) -> str:
        """Return the group of an article; a lone one's own key, the name that its group would get."""
        return self._of.get(key, key)

    def __contains__(self, group: str) -> bool:
        return group in self._members

    def members(self, group: str) -> Sequence[str]:
        """Return the keys of a group in the order in which they came."""
        return self._members.get(group, [group])

    def join(self, key: str, group: str) -> None:
        """Put an article into a group, beside the one that founded it."""
        founded = group not in self._members
        for one in (group, key) if founded and key != group else (key,):
            self._of[one] = group
            self._members.setdefault(group, []).append(one)

    def forget(self, key: str) -> None:
        """Take an article out that left the window; with its last article a group goes."""
        if (group := self._of.pop(key, None)) is not None:
            self._members[group].remove(key)
            if not self._members[group]:
                del self._members[group]
