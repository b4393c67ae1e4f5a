"""Processes of the product at the price of their work: one that has imported it forks, and the fork becomes a verb.

In:    the arguments of `aggregator`, an environment, files for what it writes.
Out:   what subprocess.Popen gives: a process of its own, to wait for, to signal and to kill.
Never: anything but the imports, which take a good half of a second each time, comes before the fork: it begins where
       `python -m aggregator` begins.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO, Any, NoReturn, Self

LONGEST = 1 << 17  # bytes of a request: arguments and an environment


class Forked:
    """A verb that runs. As Popen: .pid, .returncode, .stderr, .poll(), .wait(), .send_signal(), .kill(), a block."""

    def __init__(
        self, arguments: Sequence[str], *, stdout: IO[Any] | int, stderr: IO[Any] | int, env: Mapping[str, str]
    ) -> None:
        """Start it. stderr: subprocess.PIPE for a file to read text from."""
        self.args, self.returncode, self.stderr = arguments, None, None
        self._theirs, ours = socket.socketpair()
        if stderr == subprocess.PIPE:
            reading, stderr = os.pipe()
            self.stderr = os.fdopen(reading, encoding="utf-8")
            close = stderr
        else:
            close = None
        request = json.dumps({"arguments": list(arguments), "env": dict(env), "cwd": str(Path.cwd())}).encode()
        files = [ours.fileno(), *(one if isinstance(one, int) else one.fileno() for one in (stdout, stderr))]
        socket.send_fds(_mother(), [request], files)
        ours.close()
        if close is not None:
            os.close(close)
        self._told = self._theirs.makefile("r")
        self.pid = int(self._told.readline())

    def poll(self) -> int | None:
        """Return how it ended, None while it runs: below zero the signal."""
        if self.returncode is None and select.select([self._theirs], [], [], 0)[0]:
            self._ended()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return how it ended. Raises subprocess.TimeoutExpired."""
        if self.returncode is None:
            if not select.select([self._theirs], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(list(self.args), timeout or 0)
            self._ended()
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Tell it something, while it is there."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def _ended(self) -> None:
        self.returncode = int(self._told.readline())
        self._told.close()
        self._theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.wait()
        if self.stderr:
            self.stderr.close()


@cache
def _mother() -> socket.socket:
    """Start the process that forks; it ends with ours."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = subprocess.Popen(
        [sys.executable, __file__, str(theirs.fileno())],
        pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONWARNINGS": "default"},
    )  # fmt: skip
    theirs.close()

    def end() -> None:
        ours.close()
        process.wait(10)

    atexit.register(end)
    return ours


# --- in that process ----------------------------------------------------------------------------------------------


def _become() -> None:
    """Fork for each request. Returns in the forks only, which are as a fresh process then; ends with who asks."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for who waits
    with socket.socket(fileno=int(sys.argv[1])) as control:
        while True:
            said, files, *_ = socket.recv_fds(control, LONGEST, 3)
            if not said:
                sys.exit()
            if os.fork() == 0:
                break
            for file in files:
                os.close(file)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    teller, *output = files
    if child := os.fork():
        _tell(teller, child, output)
    os.close(teller)
    _as_fresh(json.loads(said), output)


def _tell(teller: int, child: int, output: list[int]) -> NoReturn:
    """Say who was born, and then how that one ended."""
    for file in output:
        os.close(file)
    os.write(teller, f"{child}\n".encode())
    _, status = os.waitpid(child, 0)
    os.write(teller, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _as_fresh(request: dict[str, Any], output: list[int]) -> None:
    for place, file in enumerate(output, 1):
        os.dup2(file, place)
        os.close(file)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    sys.argv = [str(Path(sys.modules["aggregator"].__file__ or "").with_name("__main__.py")), *request["arguments"]]
    sys.modules["__main__"].__package__ = "aggregator"  # the help names who was called by it


def _import_all() -> None:
    import aggregator

    for module in pkgutil.walk_packages(aggregator.__path__, "aggregator."):
        if not module.name.endswith("__main__") and ".migrations." not in module.name:
            import_module(module.name)
    assert threading.active_count() == 1  # a fork has one thread
    gc.freeze()


if __name__ == "__main__":
    _import_all()
    _become()
    from aggregator.cli import main

    main()
