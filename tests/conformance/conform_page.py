"""docs/reference/parsing.md: what is held against what others expect, printed from the tables that decide it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conform_rules import DIFFERED, FIELDS, MAPPING, NOT_CARRIED
from conform_words import COMPARISONS

_ABOUT = """# What others expect of a document

`tests/conformance/` reads the documents of other parsers' own tests and holds what comes out against what these parsers
expect: feedparser (an expression in each document), gofeed, fastfeedparser and rss-parser (a whole result beside each
document). Every expectation of one value is one case; `make test` prints how many there are of each kind.

- **agreed**: our field says the same, in the sense of the tables below.
- **not carried**: it speaks of something that no item of ours keeps; the class says of what.
- **differed**: we disagree on purpose; the class says why. At most one in twenty of what applies.
- **failed**: none of these. There is none, and of feedparser's values that apply at least 95 % agree.

No document is named anywhere: a class is a rule about a kind of expectation. Beside this, every file of every corpus is
read by the real worker processes: each is read or refused with a reason, below 2 s of CPU and 200 MB; no text has
anything active in it, every field is XML text, and another process reads the same from the same bytes.
"""


def page() -> str:
    """Return the page."""
    return "".join(_page())


def _page() -> Iterator[str]:
    yield _ABOUT
    yield "\n## Fields\n\n"
    rows = [(f"`{name}`", f.says, COMPARISONS[f.held][0], _paths(name)) for name, f in FIELDS.items()]
    yield _table(("field of ours", "what it is", "what must hold", "where others have it"), rows)
    yield "\nThree more are judged by the whole document:\n\n"
    yield _table(
        ("expectation", "what must hold"),
        [
            ("`bozo`", "what feedparser finds broken has a flaw or is refused; what it finds whole is read undamaged"),
            ("`encoding`", "our text is what the named encoding makes of the bytes"),
            ("`1`", "reading it does not fail"),
        ],
    )
    yield "\n## Not carried\n\n"
    yield _table(
        ("class", "of what", "where others have it"), [(n, says, _paths(n)) for n, says in NOT_CARRIED.items()]
    )
    yield "\n## Differed on purpose\n\n"
    yield _table(("class", "why"), [(name, reason.says) for name, reason in DIFFERED.items()])


def _paths(name: str) -> str:
    paths = [path.removeprefix("feed.").removeprefix("item.") for path, field in MAPPING.items() if field == name]
    return ", ".join(f"`{path}`" for path in dict.fromkeys(paths) if path != "*")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)
