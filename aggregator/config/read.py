"""Read one YAML file into plain values that remember where they stood. The only file that knows ruamel.yaml.

In:    a file.
Out:   a Document: dicts, lists, texts and numbers, the line and column of each, and every mistake in the writing.
Never: knows which keys there are, raises, follows an alias, obeys a tag, or builds more than the file itself says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.reader import ReaderError

from aggregator.config.document import FORBIDDEN, Document, Place, Trail, spell
from aggregator.config.files import content, reason
from aggregator.errors import Mistake

MAX_BYTES = 5_000_000  # ten thousand sources are 600,000 bytes and take four seconds (measured)
MAX_DEPTH = 64  # 5,000 open brackets cost the scanner 12 seconds (measured); no configuration nests ten deep


def read(path: Path) -> Document:
    """Return what stands in a YAML file. A file that is not there is an empty Document with `found` False."""
    document = Document(file=str(path))
    try:
        text = _text(path)
        if text is not None:
            _Builder(document).build(text)
        document.found = text is not None
    except _UnreadableError as error:
        document.mistakes.append(error.at(document.file))
        document.readable = False
    if document.value is None or not document.readable:  # an empty file, or nothing but comments
        document.value = {}
    return document


class _UnreadableError(Exception):
    """Reading ends here: the rest of the file would only give mistakes that follow from this one."""

    def __init__(self, problem: str, hint: str = "", *, line: int = 1, column: int = 1) -> None:
        self.problem, self.hint, self.line, self.column = problem, hint, line, column

    def at(self, file: str) -> Mistake:
        return Mistake(file=file, line=self.line, column=self.column, path="", problem=self.problem, hint=self.hint)


def _text(path: Path) -> str | None:
    try:
        data = content(path, MAX_BYTES)
    except OSError as error:
        raise _UnreadableError(f"the file cannot be read: {reason(error)}.") from error
    if data is None:
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = _position(data[: error.start].decode("utf-8", "replace"))
        raise _UnreadableError(
            "this is not UTF-8 text.", "Save the file as UTF-8.", line=line, column=column
        ) from error


def _position(before: str) -> tuple[int, int]:
    return before.count("\n") + 1, len(before) - before.rfind("\n")


NO_ALIAS = ("aliases (*) are not used here.", "Write the value out, or quote the text.")
NO_TAG = ("tags (!) are not used here.", "Remove it, or quote the text.")

# What ruamel.yaml says -> what we say. "begin": the place to show is where the thing began, not where it went wrong.
_YAML_SAYS: tuple[tuple[str, str, str, str], ...] = (
    (r"found character '\\t'", "here", "a tab stands here.", "Indent with spaces."),
    (r"found character '(.)'", "here", 'a text cannot begin with "{0}" unless it is quoted.', 'Write "{0}...".'),
    (r"expected alphabetic or numeric character", "begin", 'a text cannot begin with "*" or "&".', "Quote it."),
    (
        r"mapping values are not allowed",
        "here",
        'a ":" is not expected here.',
        'Quote a text that contains ": "; look at the indentation and at the line above.',
    ),
    (r"expected <block end>", "here", "this line does not fit the lines above it.", "Check the indentation."),
    (r"could not find expected ':'", "begin", 'a ":" is missing after this key.', "Write `key: value`."),
    (r"unexpected end of stream", "begin", "a quote is opened here and never closed.", ""),
    (r"expected ',' or ']'", "begin", 'the list that begins here has no "," or "]" where one is needed.', ""),
    (r"expected ',' or '}'", "begin", 'what begins here with "{{" has no "," or "}}" where one is needed.', ""),
    (
        r"unknown escape character",
        "here",
        r"inside double quotes a backslash begins an escape, and this is none.",
        "Use single quotes.",
    ),
    (r"node content, but found '<stream end>'", "here", "the file ends too early.", "Close the bracket that is open."),
    (r"expected the node content", "here", "something else stands where a value is expected.", ""),
    (r"incompatible YAML document", "here", "only YAML 1.2 is read.", "Remove the %YAML line."),
    (r"undefined tag handle", "here", *NO_TAG),
)


def _syntax(error: MarkedYAMLError) -> _UnreadableError:
    said = str(error.problem or error.context or error)
    for pattern, where, problem, hint in _YAML_SAYS:
        if found := re.search(pattern, said):
            mark = error.context_mark if where == "begin" and error.context_mark else error.problem_mark
            return _unreadable_at(mark, problem.format(*found.groups()), hint.format(*found.groups()))
    return _unreadable_at(error.problem_mark or error.context_mark, f"this is not YAML: {said}.", "")


def _unreadable_at(mark: Any, problem: str, hint: str) -> _UnreadableError:
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return _UnreadableError(problem, hint, line=line, column=column)


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not come yet."""

    holds: dict[str, Any] | list[Any]
    trail: Trail
    key: str | None = None  # of a mapping, when its value comes next
    drop: bool = False  # that value: its key stands a second time

    @property
    def wants_key(self) -> bool:
        return isinstance(self.holds, dict) and self.key is None


class _Builder:
    """Builds a Document from the parser's events, without recursion, so that depth is a number and not a crash."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.yaml = YAML(typ="safe", pure=True)
        self.open: list[_Open] = []
        self.documents = 0
        self.reached: Any = None  # where the last event ended

    def build(self, text: str) -> None:
        self.document.value = None
        try:
            for event in self.yaml.parse(text):
                self.take(event)
        except MarkedYAMLError as error:
            raise _syntax(error) from error
        except ReaderError as error:
            line, column = _position(text[: error.position])
            problem = f"the character U+{ord(text[error.position]):04X} must not stand in a text."
            raise _UnreadableError(problem, "Remove it.", line=line, column=column) from error
        except (ValueError, OverflowError) as error:
            # ruamel.yaml 0.19.1 on "\U00110000" and "\UFFFFFFFF": the only ones that 100,000 mutated files let through
            raise _unreadable_at(self.reached, "an escape behind this place names no character.", "") from error

    def take(self, event: Event) -> None:
        self.reached = event.end_mark
        match event:
            case DocumentStartEvent():
                self.begin_document(event)
            case AliasEvent():
                raise _unreadable_at(event.start_mark, *NO_ALIAS)
            case ScalarEvent():
                self.refuse_tag(event)
                self.scalar(event)
            case MappingStartEvent() | SequenceStartEvent():
                self.refuse_tag(event)
                self.begin(event)
            case MappingEndEvent() | SequenceEndEvent():
                self.open.pop()

    def begin_document(self, event: DocumentStartEvent) -> None:
        self.documents += 1
        if self.documents > 1:
            raise _unreadable_at(event.start_mark, "a second document begins here.", "Remove the line `---`.")
        if event.version and tuple(event.version) != (1, 2):
            raise _unreadable_at(event.start_mark, "only YAML 1.2 is read.", "Remove the %YAML line.")

    def refuse_tag(self, event: Any) -> None:
        if event.ctag is not None:
            raise _unreadable_at(event.start_mark, *NO_TAG)

    def scalar(self, event: ScalarEvent) -> None:
        if found := FORBIDDEN.search(event.value):
            problem = f"the character U+{ord(found[0]):04X} must not stand in a text."
            raise _unreadable_at(event.start_mark, problem, "Remove it.")
        if self.open and self.open[-1].wants_key:
            self.begin_key(self.open[-1], event)
        else:
            self.put(self.plain(event), event)

    def plain(self, event: ScalarEvent) -> object:
        """Return a scalar by the rules of YAML 1.2: `no`, 22:30 and 2026-12-31 are texts."""
        tag = str(self.yaml.resolver.resolve(ScalarNode, event.value, event.implicit)).rpartition(":")[2]
        try:
            match tag:
                case "null":
                    return None
                case "bool":
                    return event.value.lower() == "true"
                case "int":
                    return int(event.value, 0 if "x" in event.value or "o" in event.value else 10)
                case "float":
                    return float(event.value)
        except ValueError:  # .inf, .nan, five thousand digits: no key of ours takes them
            pass
        return str(event.value)

    def begin_key(self, top: _Open, event: ScalarEvent) -> None:
        top.key = str(event.value)
        top.drop = top.key in top.holds
        trail = (*top.trail, top.key)
        place = _place(event)
        if top.drop:
            problem = f"this key stands here a second time. The first is in line {self.document.keys[trail].line}."
            self.document.mistakes.append(self.document.mistake(place, spell(trail), problem))
        self.document.keys.setdefault(trail, place)

    def begin(self, event: MappingStartEvent | SequenceStartEvent) -> None:
        if len(self.open) >= MAX_DEPTH:
            raise _unreadable_at(event.start_mark, f"this is nested more than {MAX_DEPTH} deep.", "")
        if self.open and self.open[-1].wants_key:
            raise _unreadable_at(event.start_mark, "a key must be one word or text.", "")
        holds: dict[str, Any] | list[Any] = {} if isinstance(event, MappingStartEvent) else []
        self.open.append(_Open(holds, self.put(holds, event)))

    def put(self, value: object, event: Event) -> Trail:
        """Hang a value where it belongs; return its trail."""
        if not self.open:
            self.document.value = value
            self.document.values[()] = _place(event)
            return ()
        top = self.open[-1]
        if isinstance(top.holds, list):
            trail = (*top.trail, len(top.holds))
            top.holds.append(value)
            self.document.values.setdefault(trail, _place(event))
            return trail
        key, top.key = top.key, None
        assert key is not None
        trail = (*top.trail, key)
        # A key with nothing behind it: YAML's empty value stands in the next line, a person looks at the key.
        place = self.document.keys[trail] if value is None else _place(event)
        self.document.values.setdefault(trail, place)
        if not top.drop:
            top.holds[key] = value
        return trail


def _place(event: Event) -> Place:
    return Place(line=event.start_mark.line + 1, column=event.start_mark.column + 1)
