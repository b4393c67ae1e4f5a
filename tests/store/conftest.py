"""A fresh store for each test, on each engine: a copy of an empty template, which takes milliseconds."""

from __future__ import annotations

import itertools
import shutil
import sys
from pathlib import Path

import pytest
from store_makers import Time

from aggregator.store import Store

sys.path.insert(0, str(Path(__file__).parent.parent / "acceptance"))  # for the harness of the real process

_numbers = itertools.count()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "empty.db"
    Store.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server):
    """The server, after a database `empty` was made in it."""
    postgresql_server.say("CREATE DATABASE empty")
    Store.open(postgresql_server.url("empty")).close()
    return postgresql_server


@pytest.fixture
def sqlite_url(sqlite_template, tmp_path):
    path = tmp_path / "a folder" / "store.db"
    path.parent.mkdir()
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(postgresql_template):
    name = f"store_{next(_numbers)}"
    postgresql_template.say(f"CREATE DATABASE {name} TEMPLATE empty")
    yield postgresql_template.url(name)
    postgresql_template.say(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request):
    """The address of an empty store, once on each engine."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def store(url):
    opened = Store.open(url)
    yield opened
    opened.close()


@pytest.fixture
def time(store):
    return Time(store)
