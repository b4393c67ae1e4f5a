"""What an authority claims of a document: a path into its own result, and the value that must stand there.

feedparser writes `Expect: not bozo and entries[0]['title'] == 'x'`; the other authorities write whole results as JSON.
Both become claims. An expression is taken apart with `ast` and never evaluated; one of another shape is one claim
under the path "expression".
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_HEADER = re.compile(rb"^[ \t]*(Description|Expect|Header):[ \t]*(.*?)[ \t]*\r?$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One expectation. path: names and indices joined with dots, as "entries.0.title"."""

    path: str
    want: Any

    def __str__(self) -> str:
        return f"{self.path} == {self.want!r}"[:300]


def header(body: bytes) -> dict[str, str]:
    """Return what the comment of one of feedparser's documents says. UTF-16 shows its ASCII between zeros."""
    return {key.decode(): value.decode("latin-1") for key, value in _HEADER.findall(body.replace(b"\0", b"")[:20_000])}


def of_expression(text: str) -> list[Claim]:
    """Return what an Expect line claims. `1` is a document that only must not crash."""
    tree = ast.parse(text.strip(), mode="eval").body
    parts = tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]
    return [claim for part in parts for claim in _claims(part)]


def _claims(node: ast.expr) -> list[Claim]:
    match node:
        case ast.Constant(value=1):
            return [Claim(path="survives", want=True)]
        case ast.UnaryOp(op=ast.Not(), operand=operand) if path := _path(operand):
            return [Claim(path=path, want=False)]
        case ast.Compare(left=left, ops=ops, comparators=others) if all(isinstance(o, ast.Eq | ast.Is) for o in ops):
            paths, want = [_path(side) for side in (left, *others[:-1])], _literal(others[-1])
            if all(paths) and want is not ...:
                return [Claim(path=path, want=want) for path in paths]
    path = _path(node)
    return [Claim(path=path, want=True) if path else Claim(path="expression", want=ast.unparse(node))]


def _path(node: ast.expr) -> str:
    """Return `entries[0]['title']` as "entries.0.title"; `len(x)` as "x.len"; "" for anything else."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name) if path := _path(value):
            return f"{path}.{name}"
        case ast.Subscript(value=value, slice=ast.Constant(value=key)) if path := _path(value):
            return f"{path}.{key}"
        case ast.Call(func=ast.Name(id="len"), args=[value]) if path := _path(value):
            return f"{path}.len"
    return ""


def _literal(node: ast.expr) -> Any:
    """Return a constant, joined strings, or a tuple, list or dict of constants; ... for anything else."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _literal(node.left), _literal(node.right)
        return left + right if isinstance(left, str) and isinstance(right, str) else ...
    try:
        return ast.literal_eval(node)
    except ValueError:
        return ...


def of_result(value: Any, path: str = "") -> Iterator[Claim]:
    """Yield what a result claims, leaf by leaf. Nothing, an empty text and an empty list claim nothing."""
    if isinstance(value, dict | list):
        for key, inside in value.items() if isinstance(value, dict) else enumerate(value):
            yield from of_result(inside, f"{path}.{key}".lstrip("."))
    elif value not in (None, ""):
        yield Claim(path=path, want=value)
