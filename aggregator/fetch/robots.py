"""What a host asks of programs that walk through its pages (RFC 9309).

In:    a robots.txt, the name we go by, an address.
Out:   whether we may ask for it.
Never: is asked about a feed: that a person has named himself. Never asks the network.

urllib.robotparser takes the first rule that fits, not the longest, and knows no `*` inside a path.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

MOST_BYTES = 500 * 1024  # RFC 9309, section 2.5
_MOST_RULES = 5000  # of one group; more are no wish but a flood
_TOKEN = re.compile(r"[A-Za-z_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules for us: whether each allows, and its path; the longest that fits decides, and allowing wins a tie."""

    rules: tuple[tuple[bool, str], ...] = ()

    def allow(self, url: str) -> bool:
        """Tell whether an address may be asked for."""
        parts = urlsplit(url)
        path = unquote(parts.path or "/") + (f"?{unquote(parts.query)}" if parts.query else "")
        fitting = [(len(rule), allows) for allows, rule in self.rules if _fits(rule, path)]
        return max(fitting, default=(0, True))[1]


ALL, NOTHING = Rules(), Rules(rules=((False, "/"),))


def token(agent: str) -> str:
    """Return the name in a User-Agent by which a robots.txt would call it (RFC 9309, section 2.2.1)."""
    found = _TOKEN.match(agent)
    return found[0].lower() if found else "*"


def read(body: bytes, name: str) -> Rules:
    """Return the rules of the groups for this name, else of those for everybody."""
    groups: dict[str, list[tuple[bool, str]]] = {}
    called: list[str] = []
    ended = True  # rules came since the last name
    for line in body[:MOST_BYTES].decode("utf-8", "replace").lstrip("\ufeff").splitlines():
        key, _, value = (part.strip() for part in line.partition("#")[0].partition(":"))
        if key.lower() == "user-agent":
            called = [*([] if ended else called), "*" if value == "*" else token(value)]
            ended = False
            groups.setdefault(called[-1], [])
        elif key.lower() in {"allow", "disallow"}:
            ended = True
            for one in called if value else ():
                groups[one].append((key.lower() == "allow", unquote(value)))
    return Rules(rules=tuple(groups.get(name, groups.get("*", ()))[:_MOST_RULES]))


def _fits(rule: str, path: str) -> bool:
    """Tell whether a rule is about a path: `*` stands for anything, `$` for its end. Linear in both."""
    whole = rule.endswith("$")
    first, *others = rule.removesuffix("$").split("*")
    return path.startswith(first) and _goes_on(others, path, len(first), whole=whole)


def _goes_on(pieces: Sequence[str], path: str, at: int, *, whole: bool) -> bool:
    if not pieces:
        return at == len(path) or not whole
    for piece in pieces[: -1 if whole else None]:
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return not whole or (path.endswith(pieces[-1]) and len(path) - len(pieces[-1]) >= at)
