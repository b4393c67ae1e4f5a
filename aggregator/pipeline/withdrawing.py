"""withdraw: what persons and publishers take back, in the record before it is in the store.

In:    keys of items, and why each is taken back.
Out:   lines of the record, so that a restore withdraws them again.
Never: keeps a withdrawal from being done: hiding matters more than remembering it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping

from aggregator.log import tell
from aggregator.model import Withdrawal
from aggregator.pipeline import record
from aggregator.pipeline.newsroom import Newsroom
from aggregator.store import withdrawal


async def withdraw(room: Newsroom, keys: Collection[str], why: str) -> list[str]:
    """Withdraw items by a person's word; return those that stood until now."""
    await write_down(room, dict.fromkeys(keys, why))
    return await room.store.write(withdrawal.withdraw, keys, why, room.clock())


async def write_down(room: Newsroom, withdrawn: Mapping[str, str]) -> None:
    """Let the record know what is about to be withdrawn: key of an item -> why."""
    if not withdrawn:
        return
    lines = [Withdrawal(item=key, why=why, at=room.clock()) for key, why in withdrawn.items()]
    try:
        await asyncio.to_thread(record.keep, room.config.state_dir, room.store_name, lines)
    except OSError as error:
        tell("error", "withdrawal.unrecorded", items=len(lines), problem=str(error.strerror or error))
