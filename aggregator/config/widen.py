"""Let one more source into a topic, in the very text that a person wrote.

In:    the text of topics.yaml, what was read from it, a topic and a source.
Out:   the text with that topic's `match` widened; all else, comments too, as it was.
Never: writes a file, or guesses: where `match` is more than a line of text, it says so.
"""

from __future__ import annotations

import json

from aggregator.config.document import Document
from aggregator.config.values import WrongError


def widened(text: str, document: Document, topic: str, source: str) -> str:
    """Return the text in which a topic takes whatever this source brings, too. Raises WrongError where it cannot be."""
    trail = ("topics", topic, "match")
    lines = text.splitlines(keepends=True)
    place, query = document.place(trail), document.written.get(trail) or document.at(document.nearest(trail))
    if not isinstance(query, str) or document.nearest(trail) != trail:
        raise WrongError("its `match` is no line of text.", f"Write `or source:{source}` into it.")
    behind = lines[place.line - 1][place.column - 1 :]
    spellings = (json.dumps(query, ensure_ascii=False), "'" + query.replace("'", "''") + "'", f'"{query}"', query)
    said = next((one for one in spellings if behind.startswith(one)), None)
    if said is None:
        raise WrongError("its `match` goes over several lines.", f"Write `or source:{source}` into it.")
    wider = json.dumps(f"({query}) or source:{source}", ensure_ascii=False)
    lines[place.line - 1] = lines[place.line - 1][: place.column - 1] + wider + behind[len(said) :]
    return "".join(lines)
