"""The page docs/reference/faults.md: every row of the matrix, and the tests that carry it.

In:    the table of rows, the source text of all tests.
Out:   Markdown.
Never: runs or imports a test.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from fault_rows import ROWS, Row

TESTS = Path(__file__).parent.parent
HEAD = """# Faults

What can go wrong, what must be true then, and the tests that bring it about. `make test` plays the short form of each
and ends with a table of their results, `make soak` the long one. Most of them start the real process. After each
death one oracle looks at the store and the documents (tests/faults/fault_oracle.py): no item lost (I1), nothing
delivered twice (I2), validators match the stored document (I3), documents parse and say what the ledger says (I4), no
claim beyond its term (I5), the file whole (I6); tests of load watch the memory (I7), tests of ends the exit code (I8).

| row | fault | expected | shown by |
| --- | --- | --- | --- |
"""


def page() -> str:
    """Return the whole page."""
    tests = shown()
    return HEAD + "".join(_line(id_, row, tests.get(id_, [])) for id_, row in ROWS.items())


def _line(id_: str, row: Row, tests: list[tuple[str, str]]) -> str:
    by_file: dict[str, list[str]] = {}
    for path, name in tests:
        by_file.setdefault(path, []).append(name.removeprefix("test_").replace("_", " "))
    said = [f"{path}: {'; '.join(names)}" for path, names in by_file.items()]
    return f"| {id_} | {row.fault} | {row.expected} | {'<br>'.join([*said, *filter(None, [row.cannot])])} |\n"


def shown() -> dict[str, list[tuple[str, str]]]:
    """Return the tests of each row, as path under tests/ and name, in the order of the paths."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        text = path.read_text("utf-8")
        if "mark.fault(" in text:
            for row, test in _carried(ast.parse(text)):
                found.setdefault(row, []).append((path.relative_to(TESTS).as_posix(), test))
    return found


def _carried(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield row and test: by the function's own decorators, parameters' marks among them, and by the whole file's."""
    whole = [row for node in tree.body if _is_pytestmark(node) for row in _rows(node)]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            own = [row for decorator in node.decorator_list for row in _rows(decorator)]
            yield from ((row, node.name) for row in dict.fromkeys([*whole, *own]))


def _is_pytestmark(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in node.targets)


def _rows(node: ast.AST) -> Iterator[str]:
    for one in ast.walk(node):
        match one:
            case ast.Call(func=ast.Attribute(attr="fault"), args=[ast.Constant(value=str(row))]):
                yield row
