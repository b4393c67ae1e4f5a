"""Commits polls in a loop, in a child that is killed at a random moment; as often as asked.

python store_crasher.py URL KILLS SEED   prints the number of commits that were acknowledged in all
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from datetime import UTC, datetime, timedelta

from store_makers import LEASE, QUICK, a_change, a_source, an_item, an_outcome

from aggregator.store import Store, polls

ITEMS = 20  # new in each document


def commit_for_ever(url, acknowledge):
    store = Store.open(url, exclusive=True)
    now = datetime.now(UTC)
    store.write_now(polls.sync_sources, [a_source()], now)
    while True:
        facts = {"limit": 1, "lease": LEASE, "owner": "child", "pause": QUICK, "ignore_schedule": True}
        now += LEASE + timedelta(seconds=1)  # the lease of whoever was killed before has run out
        (held,) = store.write_now(polls.claim_due, now=now, **facts)
        document = store.read_now(polls.state_of, held.source).document + 1
        new = [a_change(an_item(f"{document}-{n}")) for n in range(ITEMS)]
        edited = [a_change(an_item(f"{document - 1}-0", words="Исправлено"), kind="changed")] if document > 1 else []
        store.write_now(polls.commit, an_outcome(now, *new, *edited, document=document), held.fence, gap=timedelta(0))
        os.write(acknowledge, b".")


def kill_one(url, rng):
    """Let a child work, kill it between or inside its commits; return how many it acknowledged."""
    ears, mouth = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ears)
        commit_for_ever(url, mouth)
    os.close(mouth)
    heard = sum(len(os.read(ears, 1)) for _ in range(rng.randint(1, 6)))
    time.sleep(rng.uniform(0, 0.01))  # chance is the point here: any instruction may be the last
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while some := os.read(ears, 4096):
        heard += len(some)
    os.close(ears)
    return heard


if __name__ == "__main__":
    address, kills, seed = sys.argv[1:]
    chance = random.Random(int(seed))
    sys.stdout.write(str(sum(kill_one(address, chance) for _ in range(int(kills)))))
