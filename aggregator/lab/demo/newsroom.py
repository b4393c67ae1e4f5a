"""The real daemon, as a process of its own on a configuration of the demo.

In:    the folder of a configuration.
Out:   the lines of its log as they come; at the end no process, whatever happened.
Never: lets a key press on the terminal reach the daemon: it is told to stop, and once.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import deque
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

ENDED = "demo.daemon-ended"  # our own line in its log, the last one
GRACE_S = 4.0  # the slowest outlet and a margin; all of it stays under five seconds
HASTE_S = 0.5


class Newsroom:
    """`aggregator run` as a child process."""

    def __init__(self, log: SimpleQueue[dict[str, Any] | None]) -> None:
        self.talk: deque[str] = deque(maxlen=20)  # what it said that is no line of the log: a traceback
        self._log = log
        self._process: subprocess.Popen[str] | None = None
        self._reader = Thread(target=self._read, name="newsroom", daemon=True)

    def start(self, config: Path) -> None:
        """Start the daemon."""
        line = [sys.executable, "-m", "aggregator", "--config", str(config), "run"]
        self._process = subprocess.Popen(  # noqa: S603 - ourselves
            line,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,  # Ctrl-C is for the demo
        )
        self._reader.start()

    def stop(self) -> None:
        """End it: ask, then ask again, which means at once; then kill it with all its workers."""
        if self._process is None:
            return
        for patience_s in (GRACE_S, HASTE_S):
            self._process.send_signal(signal.SIGTERM)  # nothing happens if it has ended
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(patience_s)
                break
        with suppress(ProcessLookupError):  # none is left, as it should be
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join()

    def _read(self) -> None:
        assert self._process
        assert self._process.stderr
        with self._process.stderr as lines:
            for line in lines:
                try:
                    self._log.put(json.loads(line))
                except ValueError:
                    self.talk.append(line)
        self._log.put({"event": ENDED})
