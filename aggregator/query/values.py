"""The values behind a field's colon: names, phrases, words, regular expressions, bounds, each checked when read.

In:    Raw: what was written, unquoted, with its column.
Out:   a frozen value that knows its own canonical spelling (`text`) and what it needs for its work.
Never: looks at an item's facts; knows which field it belongs to.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, ClassVar, Generic, Literal, TypeVar

from aggregator import text
from aggregator.errors import QueryError

REGEX = re.compile(r"/(?:\\.|[^/\\\n])+/[A-Za-z]*")
BARE = re.compile(r"[\w~<>=][\w.~<>=-]*")


@dataclass(frozen=True, slots=True)
class Raw:
    """A value as written. kind: word as it stood, quoted without its quotes, regex with slashes and flag."""

    text: str
    kind: Literal["word", "quoted", "regex"]
    column: int  # from 1


def spell(value: str) -> str:
    """Return a value as a query writes it: bare where that is safe, else in double quotes."""
    if BARE.fullmatch(value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def spell_alone(value: Any) -> Any:
    """Return a value as the nested form writes it: as it is said, in quotes only where it looks like something else."""
    if not isinstance(value, Phrase | Words | Media):
        return value.text
    special = REGEX.fullmatch(value.said) or re.fullmatch('".*"', value.said, re.DOTALL)
    return f'"{value.said}"' if special else value.said


def not_a_regex(raw: Raw, what: str) -> str:
    """Return the value of a field that takes no regular expression."""
    if raw.kind == "regex":
        raise QueryError(f"a regular expression cannot stand here; this is {what}", column=raw.column)
    return raw.text


@dataclass(frozen=True, slots=True)
class Name:
    """A reference to something of the configuration. `column` is where the query says it, for its mistakes."""

    kind: str  # section, source, group, owner, rule
    value: str
    column: int = field(default=1, compare=False)

    pattern: ClassVar[str] = r"\w[\w.-]*"

    @classmethod
    def read(cls, raw: Raw, kind: str) -> Name:
        """Read a name; whether it exists is the configuration's question."""
        value = not_a_regex(raw, f"the name of a {kind}")
        if not re.fullmatch(cls.pattern, value):
            raise QueryError(f'"{value}" cannot be the name of a {kind}', column=raw.column)
        return cls(kind, value, raw.column)

    @property
    def text(self) -> str:
        """Its canonical spelling."""
        return spell(self.value)


@dataclass(frozen=True, slots=True)
class Sure:
    """A section and the least confidence in it."""

    name: Name
    least: float = 0.0

    sureness: ClassVar[str] = r"0|1|1\.0{1,4}|0?\.[0-9]{1,4}"
    pattern: ClassVar[str] = rf"{Name.pattern}(~({sureness}))?"

    @classmethod
    def read(cls, raw: Raw) -> Sure:
        """Read `donbas` or `donbas~0.7`."""
        value, tilde, least = not_a_regex(raw, "the name of a section").partition("~")
        if tilde and not re.fullmatch(cls.sureness, least):
            column = raw.column + (len(value) + 1 if raw.kind == "word" else 0)
            raise QueryError("a confidence is a number from 0 to 1, as in ~0.7", column=column)
        return cls(Name.read(Raw(value, raw.kind, raw.column), "section"), float(least or 0))

    @property
    def text(self) -> str:
        """Its canonical spelling."""
        return self.name.text + (f"~{self.least:g}" if self.least else "")


@dataclass(frozen=True, slots=True)
class Lang:
    """A language, by its base code."""

    code: str

    pattern: ClassVar[str] = "[A-Za-z]{2,3}"

    @classmethod
    def read(cls, raw: Raw) -> Lang:
        """Read `ru` or `UK`."""
        code = not_a_regex(raw, "the code of a language").lower()
        if not re.fullmatch(cls.pattern, code):
            base = re.match(r"[a-z]{2,3}(?=[-_])", code)
            hint = f"Only the part before the hyphen counts: {base[0]}" if base else ""
            raise _wrong(f'"{raw.text}" is not a language of two or three letters, as ru', raw.column, hint)
        return cls(code)

    @property
    def text(self) -> str:
        """Its canonical spelling."""
        return spell(self.code)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words as they stand, in this order; case, ё/е, quotes and dashes do not matter."""

    said: str
    folded: str = field(init=False, compare=False, repr=False)
    tokens: tuple[str, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "folded", text.fold(self.said))
        object.__setattr__(self, "tokens", tuple(text.tokens(self.said)))

    @classmethod
    def read(cls, raw: Raw) -> Phrase:
        """Read a phrase that is looked for as a whole."""
        phrase = cls(raw.text)
        if not phrase.folded:
            raise QueryError("there is nothing to look for between these quotes", column=raw.column)
        return phrase

    @property
    def text(self) -> str:
        """Its canonical spelling."""
        return spell(self.said)

    @property
    def key(self) -> str:
        """The key of its longest word, which is likely its rarest."""
        return text.key(max(self.tokens, key=len))


@dataclass(frozen=True, slots=True)
class Words:
    """A word in any inflected form, or several one behind another."""

    said: str
    forms: tuple[frozenset[str], ...] = field(init=False, compare=False, repr=False)  # of each word, as keys

    def __post_init__(self) -> None:
        object.__setattr__(self, "forms", text.forms(self.said))

    @classmethod
    def read(cls, raw: Raw) -> Words:
        """Read a word or a phrase of words."""
        words = cls(not_a_regex(raw, "a word, which matches in any inflected form"))
        if not words.forms:
            raise QueryError(f'there is no word in "{raw.text}"', column=raw.column)
        return words

    @property
    def text(self) -> str:
        """Its canonical spelling."""
        return spell(self.said)

    @property
    def rarest(self) -> frozenset[str]:
        """The forms of its longest word, which is likely its rarest."""
        return max(self.forms, key=lambda forms: len(min(forms, key=len)))

    @property
    def kind(self) -> str:
        """What to call it in a reason."""
        return "word" if len(self.forms) == 1 else "words"


PATTERN_SIZE = 1000  # characters; longer ones are word lists, for which `words:` is made
PATTERN_MEMORY = 1 << 21  # bytes; a pattern that needs more is refused, a search that does gets slower, never longer


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression on google-re2: linear in the text, whatever the pattern (A55)."""

    source: str  # between the slashes, as written
    ignore_case: bool
    column: int = field(default=1, compare=False)
    compiled: Any = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "compiled", _compiled(self, self.column))

    @classmethod
    def read(cls, raw: Raw) -> Pattern:
        """Read `/…/` or `/…/i`."""
        source, _, flags = raw.text[1:].rpartition("/")
        if flags not in ("", "i"):
            column = raw.column + len(raw.text) - len(flags)
            raise QueryError(
                f'"{flags}" is no flag of a regular expression; only i is: case does not matter', column=column
            )
        return cls(source, bool(flags), raw.column)

    @property
    def text(self) -> str:
        """Its canonical spelling."""
        return f"/{self.source}/" + ("i" if self.ignore_case else "")

    @property
    def searched(self) -> str:
        """What re2 reads."""
        return as_searched(self.source.replace("\\/", "/"))

    def options(self) -> Any:
        """Return how re2 reads it."""
        import re2

        options = re2.Options()
        options.case_sensitive = not self.ignore_case
        options.log_errors = False
        options.max_mem = PATTERN_MEMORY
        return options

    def search(self, seen: str) -> tuple[int, int] | None:
        """Return where it first matches in a visible text."""
        found = self.compiled.search(as_searched(seen))
        return found.span() if found else None


def as_searched(seen: str) -> str:
    """Return a visible text, or an expression, with ё and е one letter."""
    return seen.replace("ё", "е").replace("Ё", "Е")


# \b and \w of re2 know Latin letters only, so beside Cyrillic ones they would miss in silence.
_LATIN_ONLY = re.compile(r"(?:^|[^\\])(?:\\\\)*\\[bBwW]")


@lru_cache(1000)
def _compiled(pattern: Pattern, column: int) -> Any:
    import re2

    source = pattern.source
    if not source:
        raise QueryError("this regular expression is empty", column=column)
    if len(source) > PATTERN_SIZE:
        raise QueryError(f"this regular expression is longer than {PATTERN_SIZE} characters", column=column)
    if not source.isascii() and _LATIN_ONLY.search(source):
        hint = r"Write \pL for any letter, or words: for whole words."
        raise _wrong(r"\b and \w know Latin letters only", column, hint)
    try:
        return re2.compile(pattern.searched, pattern.options())
    except (re2.error, UnicodeError) as error:
        raise QueryError(f"this regular expression cannot be used: {_detail(error)}", column=column) from error


def _detail(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_SIGNS = ">=|<=|>|<"
_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


T = TypeVar("T", timedelta, int)


@dataclass(frozen=True, slots=True)
class _Limit(Generic[T]):
    """A sign and what it stands before."""

    sign: str
    limit: T

    def holds(self, value: T) -> bool:
        """Whether a value is within the bound."""
        return _COMPARED[self.sign](value, self.limit)


@dataclass(frozen=True, slots=True)
class Age(_Limit[timedelta]):
    """A bound on how old an item is."""

    pattern: ClassVar[str] = f"({_SIGNS})([0-9]{{1,6}})([mhdwMHDW])"

    @classmethod
    def read(cls, raw: Raw) -> Age:
        """Read `>12h`, `<=2d`; units m, h, d, w."""
        found = re.fullmatch(cls.pattern, not_a_regex(raw, "an age"))
        if not found:
            raise QueryError(f'"{raw.text}" is not an age; write >12h or <=2d (units m, h, d, w)', column=raw.column)
        return cls(found[1], int(found[2]) * _UNITS[found[3].lower()])

    @property
    def text(self) -> str:
        """Its canonical spelling, in the largest unit that fits."""
        return self.sign + spoken(self.limit)


@dataclass(frozen=True, slots=True)
class Bound(_Limit[int]):
    """A bound on a number."""

    pattern: ClassVar[str] = f"({_SIGNS})([0-9]{{1,9}})"

    @classmethod
    def read(cls, raw: Raw) -> Bound:
        """Read `>=3`, `<2000`."""
        said = not_a_regex(raw, "a bound on a number")
        if found := re.fullmatch(cls.pattern, said):
            return cls(found[1], int(found[2]))
        alone = re.fullmatch("=*([0-9]{1,9})", said)
        hint = f'Did you mean ">={alone[1]}"?' if alone else ""
        raise _wrong(f'"{said}" is no bound on a number; write >=3 or <2000', raw.column, hint)

    @property
    def text(self) -> str:
        """Its canonical spelling."""
        return f"{self.sign}{self.limit}"


_HALF = r"(\*|[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*)"  # RFC 6838, section 4.2, and a * for all of them


@dataclass(frozen=True, slots=True)
class Media:
    """A kind of file, or a MIME type of which either half may be *."""

    said: str  # in small letters

    kinds: ClassVar[tuple[str, ...]] = ("any", "audio", "video", "image")
    pattern: ClassVar[str] = f"{'|'.join(kinds)}|{_HALF}/{_HALF}"

    @classmethod
    def read(cls, raw: Raw) -> Media:
        """Read `audio`, `application/pdf`, `video/*`."""
        said = not_a_regex(raw, "a kind of file").lower()
        if re.fullmatch(cls.pattern, said):
            return cls(said)
        near = get_close_matches(said, cls.kinds, n=1)
        hint = f'Did you mean "{near[0]}"?' if near else ""
        named = ", ".join(cls.kinds)
        raise _wrong(f'"{raw.text}" is no kind of file; write {named}, or a type as audio/mpeg', raw.column, hint)

    @property
    def text(self) -> str:
        """Its canonical spelling."""
        return spell(self.said)

    def takes(self, mime: str) -> bool:
        """Whether a file of this type is of the kind. mime: in small letters, "" if nobody knows."""
        kind, _, form = self.said.partition("/")
        of, _, its = mime.partition("/")
        return kind == "any" or (kind in ("*", of) and form in ("*", "", its))


def spoken(span: timedelta) -> str:
    """Return a span in whole units, the largest that fits: 12h, 2d, 90m."""
    name, unit = next(
        ((name, unit) for name, unit in reversed(_UNITS.items()) if span and not span % unit), ("m", _UNITS["m"])
    )
    return f"{span // unit}{name}"


def _wrong(problem: str, column: int, hint: str) -> QueryError:
    """A QueryError whose hint, if any, stands behind a full stop."""
    return QueryError(f"{problem}." if hint else problem, column=column, hint=hint)
