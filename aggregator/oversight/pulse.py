"""Whether the loops of this process go on, and whether its clocks agree.

In:    when a loop began a round, came forward in it, and ended it; two clocks.
Out:   which loops are stuck; for how long the event loop was blocked; by how much the wall clock jumped.
Never: ends anything. Whoever watches us does, when we cease to say that all is well.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

# No step of a verb takes so long: each has a deadline of its own, and of what is long each batch is a step.
STUCK_AFTER_S = float(os.environ.get("AGGREGATOR_STUCK_AFTER_S", "600"))  # the tests cannot wait for ten minutes
COMMANDED = 6.0  # times as long where a person's command works beside: all stories anew hold up whoever curates
MISSED = 60.0  # seconds without a round of a loop that is to make one every second
TICKS_MISSED = 10  # the same for slower ones
BLOCKED_S = 0.5  # a turn that came so much too late is worth counting; collecting garbage takes a tenth of that
JUMP = timedelta(seconds=30)  # a clock that is merely corrected moves by less


@dataclass(slots=True)
class Round:
    """Where a loop is. Times are of a clock that only goes forward, in seconds."""

    every_s: float | None  # it is woken at least so often; None: only when there is work
    waits_since: float
    began: float | None = None  # None: it waits for its bell
    step: float = 0.0  # when it came forward last


class Pulse:
    """The rounds of all loops that run here.

    every_s  how often each is woken, in seconds; None: only when there is work
    clock    seconds that only go forward
    """

    def __init__(self, every_s: Mapping[str, float | None], clock: Callable[[], float]) -> None:
        self._every_s, self._clock = every_s, clock
        self._rounds: dict[str, Round] = {}
        self.commands = 0  # of persons, under way

    def enter(self, loop: str) -> None:
        """From now on it runs."""
        self._rounds[loop] = Round(every_s=self._every_s[loop], waits_since=self._clock())

    def begin(self, loop: str) -> None:
        """A round of this loop begins."""
        at = self._rounds[loop]
        at.began = at.step = self._clock()

    def step(self, loop: str) -> None:
        """It came forward."""
        self._rounds[loop].step = self._clock()

    def end(self, loop: str) -> None:
        """Its round is over, however it ended."""
        at = self._rounds[loop]
        at.began, at.waits_since = None, self._clock()

    def stuck(self) -> dict[str, float]:
        """Return the loops that do not go on, and for how many seconds they have not."""
        now, patience = self._clock(), STUCK_AFTER_S * (COMMANDED if self.commands else 1)
        found = {}
        for name, at in self._rounds.items():
            if at.began is not None:
                still, most = now - at.step, patience
            elif at.every_s is not None:
                still, most = now - at.waits_since, max(MISSED, TICKS_MISSED * at.every_s)
            else:
                continue
            if still > most:
                found[name] = round(still, 1)
        return found

    def told(self) -> dict[str, dict[str, float]]:
        """Return where each loop is, for a probe: for how many seconds it works, or since its last round."""
        now = self._clock()
        return {
            name: {"works_s": round(now - at.began, 1)}
            if at.began is not None
            else {"rested_s": round(now - at.waits_since, 1)}
            for name, at in self._rounds.items()
        }


class Clocks:
    """Two clocks that should go together, looked at now and then."""

    def __init__(self, wall: Callable[[], datetime], steady: Callable[[], float]) -> None:
        self._wall, self._steady = wall, steady
        self._seen = wall(), steady()

    def look(self, expected_s: float) -> tuple[float, timedelta]:
        """Return by how many seconds this look came too late, and by how much the wall clock jumped since the last.

        expected_s  after so long it was to come
        """
        (wall, steady), self._seen = self._seen, (self._wall(), self._steady())
        passed = self._seen[1] - steady
        late, jump = passed - expected_s, self._seen[0] - wall - timedelta(seconds=passed)
        return (late if late >= BLOCKED_S else 0.0), (jump if abs(jump) >= JUMP else timedelta(0))
