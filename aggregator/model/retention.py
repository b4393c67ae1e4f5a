"""For how long the past is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """What is kept, counted from the last time an item stood in its source's document."""

    items: timedelta = timedelta(days=180)
    revisions: timedelta = timedelta(days=30)  # what items said before they were edited
    max_size: int | None = None  # bytes of the store; None: as many as it takes
