"""Replace ${NAME} and ${file:PATH} in the values of a document.

In:    a Document, the environment, the folder that relative paths start from.
Out:   the same Document with the texts replaced; `written` keeps what stood there, for messages.
Never: shows what it put in, looks into keys, or replaces inside what it has put in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aggregator.config.document import FORBIDDEN, Document, Trail, quote
from aggregator.config.files import content, reason
from aggregator.config.suggest import did_you_mean

MAX_SECRET_BYTES = 64_000  # a long certificate chain fits; a log that was meant to be a secret does not
PLACEHOLDER = re.compile(r"\$\{([^{}]*)\}")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def substitute(document: Document, *, env: Mapping[str, str], folder: Path) -> None:
    """Replace every placeholder in place; one that cannot be replaced is a mistake and stays as it is."""
    written: dict[Trail, str] = {}

    def walk(value: Any, trail: Trail) -> Any:
        match value:
            case dict():
                return {key: walk(below, (*trail, key)) for key, below in value.items()}
            case list():
                return [walk(below, (*trail, index)) for index, below in enumerate(value)]
            case str() if PLACEHOLDER.search(value):
                written[trail] = value
                return replaced(value, trail)
        return value

    def replaced(text: str, trail: Trail) -> str:
        def one(found: re.Match[str]) -> str:
            if found[1].startswith("file:"):
                document.beside.append(folder / found[1].removeprefix("file:"))
            try:
                return _clean(_lookup(found[1], env, folder), found[0])
            except _MissingError as error:
                document.blame(trail, error.problem, error.hint)
                return found[0]

        return PLACEHOLDER.sub(one, text)

    document.value = walk(document.value, ())
    document.written = written


class _MissingError(Exception):
    def __init__(self, problem: str, hint: str) -> None:
        self.problem, self.hint = problem, hint


def _lookup(inside: str, env: Mapping[str, str], folder: Path) -> str:
    if inside.startswith("file:"):
        return _from_file(folder, inside.removeprefix("file:"))
    if not NAME.fullmatch(inside):
        problem = f"{quote('${' + inside + '}')} is neither ${{NAME}} nor ${{file:PATH}}."
        raise _MissingError(problem, "A name has letters, digits and _.")
    if inside not in env:
        hint = did_you_mean(inside, env) or "Set it before the start, or use ${file:PATH}."
        raise _MissingError(f"the environment has no {inside}.", hint)
    return env[inside]


def _clean(text: str, placeholder: str) -> str:
    if FORBIDDEN.search(text):
        raise _MissingError(f"what {quote(placeholder)} stands for holds a character that no text may hold.", "")
    return text


def _from_file(folder: Path, name: str) -> str:
    try:
        data = content(folder / name, MAX_SECRET_BYTES)
        if data is None:
            raise _MissingError(f"there is no file {quote(name)}.", "")
        return data.decode().strip()
    except OSError as error:
        raise _MissingError(f"{quote(name)} cannot be read: {reason(error)}.", "") from error
    except ValueError as error:  # not UTF-8, or a NUL in the path
        raise _MissingError(f"{quote(name)} is no UTF-8 text file.", "") from error
