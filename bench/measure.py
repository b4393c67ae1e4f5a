"""What a command costs: wall seconds, CPU seconds, memory; of the process and all that it starts. Linux only.

CPU is what the kernel accounts to the process and to the children it waited for (wait4). Memory is the largest sum of
proportional set sizes (a page that several processes share counts once) over its tree, sampled every SAMPLE seconds.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SAMPLE = 0.1  # seconds
LIMIT = 900.0  # seconds; a round that takes longer is ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run of a command cost."""

    wall_s: float
    cpu_s: float
    peak_mb: float


class RoundError(Exception):
    """The command failed, or did not end in time."""


def cost_of(command: Sequence[str], *, cwd: Path, log: Path) -> Cost:
    """Run a command to its end and return what it cost. log: takes what it prints. Raises RoundError."""
    with log.open("wb") as output:
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        watch = _Watch(process.pid)
        with watch:
            _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        tail = log.read_text("utf-8", "replace")[-2000:]
        why = f"took more than {LIMIT:g} s" if watch.ended_it else f"ended with {process.returncode}"
        raise RoundError(f"{' '.join(command)} {why}:\n{tail}")
    return Cost(wall_s=wall, cpu_s=used.ru_utime + used.ru_stime, peak_mb=watch.peak_kb / 1024)


class _Watch:
    """Samples a process tree on a thread, and ends it when the time is up or the block is left early."""

    def __init__(self, pid: int) -> None:
        self.peak_kb = 0
        self.ended_it = False
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._over.set()
        self._thread.join()
        if kind is not None:  # Ctrl-C: leave nothing behind
            self._end()

    def _run(self) -> None:
        deadline = time.monotonic() + LIMIT
        while not self._over.wait(SAMPLE):
            self.peak_kb = max(self.peak_kb, sum(map(_proportional_kb, tree(self._pid))))
            if time.monotonic() > deadline:
                self.ended_it = True
                self._end()
                return

    def _end(self) -> None:
        for pid in tree(self._pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def tree(root: int) -> list[int]:
    """Return the ids of a process and of all below it."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[1]
            children.setdefault(int(parent), []).append(int(folder.name))
    found = [root]
    for pid in found:
        found.extend(children.get(pid, ()))
    return found


def _proportional_kb(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
