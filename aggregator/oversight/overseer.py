"""Look each second whether everything goes on, and tell what is not so.

In:    the pulse of the loops, the clocks, whoever started us.
Out:   lines in the log, numbers, the watchdog's due.
Never: mends anything but the ticks after a jump of the clock; ends anything: the supervisor does, when we fall silent.

It runs in the event loop, so that a loop that is blocked cannot say that all is well.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from aggregator import log, metrics
from aggregator.clock import Clock
from aggregator.log import tell
from aggregator.oversight.pulse import Clocks, Pulse
from aggregator.oversight.supervisor import Supervisor

LOOK_S = 1.0
WORTH_A_LINE_S = 2.0  # a turn that came so late; what is shorter is counted only


class Overseer:
    """Whoever looks. stuck: what does not go on, as of the last look."""

    def __init__(
        self,
        pulse: Pulse,
        supervisor: Supervisor,
        *,
        clock: Clock,
        status: Callable[[], str],
        on_jump: Callable[[timedelta], None],
    ) -> None:
        self._pulse, self._supervisor, self._clock = pulse, supervisor, clock
        self._status, self._on_jump = status, on_jump
        self._said = ""
        self.stuck: dict[str, float] = {}

    async def watch(self, stop: asyncio.Event) -> None:
        """Look until `stop`, three times in the span in which the watchdog wants to hear of us."""
        watchdog = self._supervisor.watchdog
        pause = min(LOOK_S, watchdog.total_seconds() / 3) if watchdog else LOOK_S
        clocks = Clocks(self._clock, time.monotonic)
        while not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)
            if stop.is_set():
                return  # the last word is that we stop
            self._judge_clocks(clocks, pause)
            self._judge_loops()
            metrics.log_dropped(log.relieve())

    def _judge_clocks(self, clocks: Clocks, pause: float) -> None:
        late, jump = clocks.look(pause)
        if late:
            metrics.blocked(late)
        if late >= WORTH_A_LINE_S:
            tell("warning", "loop.blocked", seconds=round(late, 1))
        if jump:
            metrics.clock_jumped()
            tell("warning", "clock.jumped", by_s=round(jump.total_seconds()))
            self._on_jump(jump)

    def _judge_loops(self) -> None:
        before, self.stuck = self.stuck, self._pulse.stuck()
        metrics.stuck(len(self.stuck))
        for work in self.stuck.keys() - before.keys():
            tell("error", "loop.stuck", work=work, seconds=self.stuck[work])
        if not self.stuck:
            self._supervisor.alive()
        if (said := self._status()) != self._said:
            self._said = said
            self._supervisor.status(said)
