"""Tell whoever started us how we are: sd_notify(3) of systemd, over the socket that it names.

In:    the environment of the process; words about ourselves.
Out:   datagrams.
Never: waits, fails, or says anything where nobody asked for it.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Mapping
from datetime import timedelta


class Supervisor:
    """The one who started us, if it listens.

    watchdog  it expects `alive` at least this often, else it restarts us; None: it does not watch
    """

    def __init__(self, env: Mapping[str, str]) -> None:
        address = env.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address  # an abstract socket: unix(7)
        usec, pid = env.get("WATCHDOG_USEC", ""), env.get("WATCHDOG_PID", "")
        watched = usec.isdecimal() and int(usec) and pid in ("", str(os.getpid()))
        self.watchdog = timedelta(microseconds=int(usec)) if watched and address else None

    def ready(self, status: str) -> None:
        """Say that readers get what they should, or that a reload is over."""
        self._say("READY=1", _status(status))

    def waits(self, why: str) -> None:
        """Say before `ready` that this takes longer, and is no fault of ours; to be said again within two minutes."""
        self._say("EXTEND_TIMEOUT_USEC=120000000", _status(why))

    def reloading(self) -> None:
        """Say that the configuration is being read; `ready` says that this is over."""
        self._say("RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self) -> None:
        """Say that we are about to end."""
        self._say("STOPPING=1", "STATUS=stopping")

    def status(self, said: str) -> None:
        """Say how we are in one sentence."""
        self._say(_status(said))

    def alive(self) -> None:
        """Say that we are not stuck."""
        self._say("WATCHDOG=1")

    def _say(self, *lines: str) -> None:
        if not self._address:
            return
        # Where it went away, or is busy, the next word may reach it.
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as speaking:
            speaking.sendto("\n".join(lines).encode(), socket.MSG_DONTWAIT, self._address)


def _status(said: str) -> str:
    return "STATUS=" + " ".join(said.split())
