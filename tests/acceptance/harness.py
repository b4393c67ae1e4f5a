"""The real process on a configuration of one test: start it, ask it, stop it, and ask its command line."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Self

import httpx
from forked import Forked

PATIENCE_S = 60.0  # generous: machines are noisy
WAYS = {"allow_private": ["127.0.0.0/8"], "hosts": {"default": {"at_once": 4, "gap": "0s"}}}


@dataclass
class Place:
    """A folder with a configuration and a store of its own."""

    root: Path
    port: int = 0
    process: dict[str, Any] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()  # before every verb
    forks: bool = True  # daemons begin after their imports (forked.py); not where the start or the memory is looked at

    @property
    def config(self) -> Path:
        return self.root / "config"

    @property
    def database(self) -> Path:
        return self.root / "news.db"

    @property
    def said(self) -> Path:
        """What daemons have written to stdout."""
        return self.root / "stdout.txt"

    def write(self, sources: Mapping[str, Any], topics: Mapping[str, Any], **more: Any) -> None:
        """Write the three files; JSON is YAML."""
        self.config.mkdir(parents=True, exist_ok=True)
        settings = {
            "public_url": "http://127.0.0.1:8080",
            "listen": f"127.0.0.1:{self.port}",
            "database": f"sqlite:///{self.database}",
            "state_dir": str(self.root / "state"),
            **WAYS,
            **self.process,
        }
        self._file("aggregator", settings)
        self._file("sources", {"sources": sources, **more.get("beside_sources", {})})
        self._file("topics", {"topics": topics, **more.get("beside_topics", {})})

    def _file(self, name: str, value: Mapping[str, Any]) -> None:
        (self.config / f"{name}.yaml").write_text(json.dumps(value, ensure_ascii=False, indent=1), "utf-8")

    def command(self, *arguments: str, timeout_s: float = 2 * PATIENCE_S) -> subprocess.CompletedProcess[str]:
        """Run one verb to its end."""
        line = self._arguments(*arguments)
        with TemporaryFile("w+", encoding="utf-8") as out, TemporaryFile("w+", encoding="utf-8") as talk:
            with Forked(line, stdout=out, stderr=talk, env=quiet_env() | self.env) as process:
                try:
                    code = process.wait(timeout_s)
                except subprocess.TimeoutExpired:
                    process.kill()
                    raise
            out.seek(0)
            talk.seek(0)
            return subprocess.CompletedProcess(line, code, out.read(), talk.read())

    def json(self, *arguments: str) -> Any:
        """Run one verb with --json and return what it printed."""
        ended = self.command(*arguments, "--json")
        assert ended.stdout, ended.stderr
        return json.loads(ended.stdout)

    def start(self, **environment: str) -> Daemon:
        """Start the daemon and wait until it says that it is ready."""
        daemon = self.begin(**environment)
        daemon.wait_until_ready()
        return daemon

    def begin(self, **environment: str) -> Daemon:
        """Start the daemon and do not wait. Where an environment is given, imports may look at it."""
        return Daemon(self, self._line("run"), environment, forked=self.forks and not environment)

    def _line(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "aggregator", *self._arguments(*arguments)]

    def _arguments(self, *arguments: str) -> list[str]:
        return ["--config", str(self.config), *self.options, *arguments]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def quiet_env() -> dict[str, str]:
    return {**os.environ, "NO_COLOR": "1", "COLUMNS": "100", "PYTHONWARNINGS": "default"}


class Daemon:
    """A running daemon; leave the block to stop it."""

    def __init__(self, place: Place, line: list[str], environment: Mapping[str, str], *, forked: bool = False) -> None:
        self.place = place
        self.events: list[dict[str, Any]] = []
        self.talk: list[str] = []
        with place.said.open("ab") as said:
            env = {**quiet_env(), **place.env, **environment}
            if forked:
                self.process = Forked(line[3:], stdout=said, stderr=subprocess.PIPE, env=env)
            else:
                self.process = subprocess.Popen(line, stdout=said, stderr=subprocess.PIPE, text=True, env=env)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.address = ""

    def wait_until_ready(self) -> None:
        """Wait until it listens; then it has an address."""
        started = self.wait_for(lambda: self.told("daemon.started"), "the daemon to start")
        self.address = started[0]["address"]

    def _read(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self.talk.append(line)
            if line.startswith("{"):
                self.events.append(json.loads(line))

    def told(self, event: str, **facts: Any) -> list[dict[str, Any]]:
        """Return the log lines of one event with these facts."""
        wanted = {"event": event, **facts}
        return [e for e in list(self.events) if wanted.items() <= e.items()]

    def wait_for(self, found: Callable[[], Any], what: str, patience_s: float = PATIENCE_S) -> Any:
        """Wait until `found` returns something true; fail with the log if it never does."""
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            if result := found():
                return result
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        self._reader.join(1 if self.process.poll() is not None else 0)
        raise AssertionError(f"waited in vain for {what}; the log:\n{''.join(self.talk[-40:])}")

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask the daemon as a reader does."""
        return httpx.get(f"{self.address}{path}", headers=headers, timeout=PATIENCE_S, trust_env=False)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(PATIENCE_S)
        self._reader.join(5)
        return code

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        self._reader.join(5)
        if self.process.stderr:
            self.process.stderr.close()
