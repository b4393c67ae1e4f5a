"""The newsstand that tests share when they only read."""

from __future__ import annotations

import pytest
from serve_making import Stand, documents, serving, topic


@pytest.fixture(scope="module")
def stand():
    """One topic on the shelf, one configured but not published, one published but configured no more."""
    stand = Stand(topics={"sea": topic(), "fresh": topic("fresh")})
    stand.shelf.put([*documents(), *documents("gone")])
    return stand


@pytest.fixture(scope="module")
def server(stand):
    with serving(stand.app()) as server:
        yield server
