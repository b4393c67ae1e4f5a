"""Link headers (RFC 8288).

In:    the values of all Link headers of an answer.
Out:   what each link says, as if it were a <link> element.
Never: raises, or reads more than LONGEST characters of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

LONGEST = 8000  # characters of all Link headers

# RFC 8288, section 3
_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w*!#$&+.^`|~-]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s;,"]*))?)*)')
_PARAMETER = re.compile(r';\s*([\w*!#$&+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?')


def links_in(headers: Iterable[str]) -> Iterator[dict[str, str]]:
    """Yield each link's parameters by their names in small letters, and its target as "href"."""
    for found in _LINK.finditer(", ".join(headers)[:LONGEST]):
        said: dict[str, str] = {}
        for name, quoted, bare in _PARAMETER.findall(found[2]):
            said.setdefault(name.lower(), re.sub(r"\\(.)", r"\1", quoted) or bare)  # the first of a name counts
        title = _extended(said["title*"]) if "title*" in said else said.get("title", "")
        yield said | {"href": found[1], "title": title}


def _extended(value: str) -> str:
    """Return what UTF-8''%D0%9D means (RFC 8187)."""
    charset, _, text = value.partition("'")
    text = text.partition("'")[2]
    return unquote(text, "latin-1" if charset.lower() == "iso-8859-1" else "utf-8")
