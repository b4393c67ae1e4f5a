"""The text form of a query, read with lark.

In:    the text as a person typed it: YAML, the search box, the command line.
Out:   a Query, or a QueryError that says in a plain sentence what is wrong and at which column.
Never: shows lark's own words, looks at an item, checks whether a name exists.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, cast

from lark import Lark, Token, Transformer, UnexpectedInput, UnexpectedToken, v_args

from aggregator.errors import QueryError
from aggregator.query.clause import Clause
from aggregator.query.fields import field_named, places_named
from aggregator.query.said import HasWords
from aggregator.query.subject import PlaceName
from aggregator.query.tree import MAX_DEPTH, MAX_LENGTH, And, Node, Not, Or, Query, joined
from aggregator.query.values import Raw

# The lexer is a contextual one: behind a colon `not` and `10:30` are plain words.
_GRAMMAR = r"""
    start: either
    either: both (_OR both)*
    both: part (_AND? part)*
    ?part: _NOT part           -> negation
         | _LPAR either _RPAR  -> group
         | FIELD values        -> clause
         | FIELD values IN places -> clause
         | listed              -> bare
         | listed IN places    -> bare
    ?values: listed | _LPAR listed _RPAR -> group
    listed: value (_COMMA value)*
    places: WORD (_COMMA WORD)*
    ?value: WORD | QUOTED | REGEX

    _LPAR: "("
    _RPAR: ")"
    _COMMA: ","
    _AND.4: /and(?=[\s(]|$)/i
    _OR.4: /or(?=[\s(]|$)/i
    _NOT.4: /not(?=[\s(]|$)/i
    IN.3: /in:/i
    FIELD.2: /[A-Za-z][A-Za-z_-]*:/
    REGEX.2: /\/(?:\\.|[^\/\\\n])+\/[A-Za-z]*/
    QUOTED.2: /"(?:\\.|[^"\\])*"|«[^»]*»|[“„][^“”]*[“”]/s
    WORD: /[^\s"«»“”„(),\/:][^\s"«»“”„(),]*/
    %ignore /\s+/
"""
_KINDS = {"WORD": "word", "QUOTED": "quoted", "REGEX": "regex"}


@lru_cache(5000)  # a large configuration: it is checked, made and, when anything in it changes, read again
def parse(text: str) -> Query:
    """Return the query that a text of the configuration says. Raises QueryError."""
    return parse_once(text)


def parse_once(text: str) -> Query:
    """Return the query that a text says, and keep nothing of it: anybody may ask anything. Raises QueryError.

    Clauses side by side are joined by `and`, which binds tighter than `or`; a bare word or phrase is a `words:`
    clause, so that a search finds every inflected form.
    """
    if len(text) > MAX_LENGTH:
        raise QueryError(f"the query is longer than {MAX_LENGTH} characters", column=MAX_LENGTH + 1)
    reading = _parser().parse_interactive(text)
    seen: list[Token] = []
    try:
        opened = 0
        for token in reading.iter_parse():
            seen.append(token)
            _check(seen)
            opened += (token.type == "_LPAR") - (token.type == "_RPAR")
            if opened > MAX_DEPTH:
                raise QueryError(f"more than {MAX_DEPTH} parentheses stand within each other", column=_at(token))
        return Query(cast("Node", reading.feed_eof()))  # type: ignore[no-untyped-call]
    except UnexpectedInput as error:
        raise QueryError(_complaint(error, seen, text), column=_column(error, text)) from None


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", transformer=_Builder())


class _Builder(Transformer[Token, Any]):
    """Builds the tree while lark reads, bottom up, so that no depth of parentheses needs a deep stack."""

    @v_args(inline=True)
    def start(self, root: Node) -> Node:
        return root

    @v_args(inline=True)
    def group(self, inner: Any) -> Any:
        return inner

    @v_args(inline=True)
    def negation(self, part: Node) -> Node:
        return Not(part)

    def either(self, parts: list[Node]) -> Node:
        return joined(Or, parts)

    def both(self, parts: list[Node]) -> Node:
        return joined(And, parts)

    def listed(self, values: list[Token]) -> list[Raw]:
        return [_raw(value) for value in values]

    def places(self, words: list[Token]) -> tuple[PlaceName, ...]:
        return places_named([(str(word), _at(word)) for word in words])

    def clause(self, parts: list[Any]) -> Node:
        field, values, *limit = parts
        return _clause(field_named(field[:-1], _at(field)), values, limit)

    def bare(self, parts: list[Any]) -> Node:
        values, *limit = parts
        for value in values:
            if value.kind == "regex":
                raise QueryError(_NEEDS_FIELD, column=value.column)
            if value.kind == "word" and value.text.lower() in ("and", "or", "not"):
                raise QueryError(f'something is missing beside "{value.text}"', column=value.column)
        return _clause(HasWords, values, limit)


def _clause(field: type[Clause[Any]], values: Sequence[Raw], limit: Sequence[Any]) -> Node:
    if not limit:
        return field.read(values, None, 1)
    stands, places = limit
    return field.read(values, places, _at(stands))


def _raw(token: Token) -> Raw:
    match token.type:
        case "WORD":
            return Raw(str(token), "word", _at(token))
        case "REGEX":
            return Raw(str(token), "regex", _at(token))
        case _:
            inner = token[1:-1]
            said = re.sub(r"\\(.)", r"\1", inner, flags=re.DOTALL) if token.startswith('"') else inner
            return Raw(said, "quoted", _at(token))


def _at(token: Token) -> int:
    return (token.start_pos or 0) + 1


# --- what is wrong ------------------------------------------------------------------------------------------------


def _check(seen: Sequence[Token]) -> None:
    """Raise for what the grammar would let pass, or blame on what comes later."""
    token, before = seen[-1], seen[-2] if len(seen) > 1 else None
    if token.type == "FIELD":
        if token.lower() == "in:":
            raise QueryError(_MISPLACED["IN"], column=_at(token))
        field_named(token[:-1], _at(token))
    if before is not None and before.type == "FIELD" and token.start_pos != before.end_pos:
        raise QueryError(_WAITING["FIELD"].format(before), column=_at(before) + len(before))


_NEEDS_FIELD = "a regular expression needs a field, as in title:/…/"
# The token that still waits for something, and what to say when that does not come.
_WAITING = {
    "FIELD": '"{}" needs a value right behind it',
    "IN": '"in:" needs title, lead or text behind it',
    "_COMMA": "a value is missing behind the comma",
    "_AND": 'something is missing behind "{}"',
    "_OR": 'something is missing behind "{}"',
    "_NOT": 'something is missing behind "{}"',
}
_MISPLACED = {
    "$END": "a closing parenthesis is missing",
    "_RPAR": "this parenthesis closes nothing",
    "_COMMA": "a comma stands between two values",
    "IN": '"in:" stands behind the words that it limits',
    "REGEX": _NEEDS_FIELD,
}


def _complaint(error: UnexpectedInput, seen: list[Token], text: str) -> str:
    """Return what is wrong, in a sentence. seen: the tokens up to there."""
    if not isinstance(error, UnexpectedToken):
        return _stray(text[error.pos_in_stream or 0], seen)
    wrong = error.token
    so_far = seen[:-1] if seen and seen[-1] is wrong else seen
    if not so_far and wrong.type == "$END":
        return "the query is empty"
    if so_far and so_far[-1].type in _WAITING:
        return _WAITING[so_far[-1].type].format(so_far[-1])
    if so_far and so_far[-1].type == "_LPAR" and wrong.type == "_RPAR":
        return "there is nothing between these parentheses"
    if wrong.type != "$END" and _in_list(so_far):
        return f"a comma or a closing parenthesis is missing before {_shown(wrong)}"
    return _MISPLACED.get(wrong.type, f"{_shown(wrong)} cannot stand here")


def _stray(char: str, seen: Sequence[Token]) -> str:
    """A character that begins nothing."""
    if char in '"«“„':
        return "this quotation mark is never closed"
    if char in "»”":
        return "this quotation mark closes nothing"
    if char == "/":
        behind = bool(seen) and seen[-1].type in ("FIELD", "_COMMA", "_LPAR")
        return "this regular expression is never closed by a /" if behind else _NEEDS_FIELD
    if char == ":":
        return 'a ":" stands right behind the name of a field'
    return f'"{char}" cannot stand here'


def _in_list(seen: Sequence[Token]) -> bool:
    """Whether the last open parenthesis stands behind a field."""
    opened: list[bool] = []
    for before, token in zip([None, *seen], seen, strict=False):
        if token.type == "_LPAR":
            opened.append(before is not None and before.type == "FIELD")
        elif token.type == "_RPAR":
            opened.pop()
    return bool(opened) and opened[-1]


def _shown(token: Token) -> str:
    return str(token) if token.startswith(('"', "«", "“", "„")) else f'"{token}"'


def _column(error: UnexpectedInput, text: str) -> int:
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return len(text.rstrip()) + 1
    return (error.pos_in_stream or 0) + 1
