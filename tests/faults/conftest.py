"""A store whose process dies again and again. The real process is started by the acceptance tests' harness."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lxml import etree

from aggregator.lab.origin import Origin

sys.path.insert(0, str(Path(__file__).parent.parent / "acceptance"))

PAPERS = 14


@pytest.fixture(scope="session")
def grammar(request) -> etree.RelaxNG | None:
    """Atom's grammar, where the folder of real inputs has it."""
    try:
        corpus = request.getfixturevalue("corpus")
    except pytest.skip.Exception:
        return None
    return etree.RelaxNG(etree.parse(corpus / "schemas/atom-rfc4287.rng"))


@pytest.fixture
def origin() -> Iterator[Origin]:
    """Give a web server for papers."""
    with Origin() as running:
        yield running


@pytest.fixture
def place(tmp_path):
    """Give a folder with a store of its own."""
    from harness import Place

    return Place(root=tmp_path, port=free_port(), forks=False)


@pytest.fixture
def begin(tmp_path, grammar, record_property) -> Iterator[Callable[[int], object]]:
    """Begin the lives of one store by a seed; at the end, record how they ended and what was looked at."""
    from fault_lives import Lives, begin
    from fault_postgresql import Shared
    from harness import Place

    begun: list[Lives] = []
    with Origin() as origin:

        def with_seed(seed: int, shared: Shared | None = None) -> Lives:
            place = Place(root=tmp_path, port=free_port())
            begun.append(begin(origin, place, papers=PAPERS, seed=seed, grammar=grammar, shared=shared))
            return begun[-1]

        yield with_seed
        for lives in begun:
            lives.end()
    for lives in begun:
        record_property("table how the process ended", dict(lives.ends))
        record_property("table what the oracle looked at", dict(lives.oracle.looks))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
