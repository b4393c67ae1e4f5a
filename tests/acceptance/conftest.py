"""A place per test, and a port nobody uses."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from harness import Place, free_port

sys.path.insert(0, str(Path(__file__).parent.parent / "conformance"))  # feed_rules.py


@pytest.fixture
def place(tmp_path) -> Place:
    return Place(root=tmp_path, port=free_port())
