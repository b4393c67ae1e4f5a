"""What a person said about which items tell of one event: it stands over what the rules find."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Says = Literal["apart", "together", "pinned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """One word about one item, or about two."""

    says: Says
    item: str  # its key; of two the smaller one
    other: str  # the other one's; "pinned": the story that the item keeps, by its name
