"""A place per test, and a port nobody uses."""

from __future__ import annotations

import socket

import pytest
from harness import Place


@pytest.fixture
def place(tmp_path) -> Place:
    return Place(root=tmp_path, port=free_port())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
