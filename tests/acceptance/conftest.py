"""A place per test, and a port nobody uses."""

from __future__ import annotations

import pytest
from harness import Place, free_port


@pytest.fixture
def place(tmp_path) -> Place:
    return Place(root=tmp_path, port=free_port())
