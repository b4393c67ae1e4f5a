"""Every event that the code tells is in the list that the documentation is printed from, and the other way round."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from aggregator.log import EVENTS

PACKAGE = Path(__file__).parent.parent / "aggregator"
LEVELS = {"debug", "info", "warning", "error"}


@cache
def told() -> dict[str, str]:
    """Return every word in the code that is like an event, and where: `tell` may get its own from elsewhere."""
    nouns = {event.partition(".")[0] for event in EVENTS}
    found = {}
    for path in PACKAGE.rglob("*.py"):
        if path.name == "log.py" or "lab" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
            if name in ("tell", "of"):
                for word in ast.walk(node):
                    if isinstance(word, ast.Constant) and isinstance(word.value, str) and "." in word.value:
                        found[word.value] = f"{path.name}:{word.lineno}"
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                noun, dot, did = node.value.partition(".")
                if dot and noun in nouns and did.replace("_", "").isalpha() and did.islower():
                    found.setdefault(node.value, f"{path.name}:{node.lineno}")
    return found


def test_what_is_told_is_in_the_list():
    others = re.compile(r"hub\.(mode|topic|url|challenge|callback|secret|verify|reason|lease_seconds|.* .*)|.* .*")
    suffixes = (".yaml", ".html", ".atom", ".json", ".d", ".db", ".py")
    words = {word: where for word, where in told().items() if not (word.endswith(suffixes) or others.fullmatch(word))}
    assert not {word: where for word, where in words.items() if word not in EVENTS}


def test_what_is_in_the_list_is_told():
    log = (PACKAGE / "log.py").read_text("utf-8").partition("class Outlet")[2]
    assert not {event for event in EVENTS if event not in told() and f'"{event}"' not in log}
