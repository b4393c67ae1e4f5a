"""What `aggregator db restore` does with the store that was there."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from aggregator.pipeline import restoring
from aggregator.store import Store, backup

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_each_of_several_restores_in_one_second_keeps_the_former_store(tmp_path):
    database, copy, state = tmp_path / "news.db", tmp_path / "copy.db", tmp_path / "state"
    with closing(Store.open(f"sqlite:///{database}")):
        backup.back_up(database, copy)
    formers = [restoring.put_back(copy, database, state, NOW, was={})["former"] for _ in range(3)]
    stamp = f"{database}.before-20260301-120000"
    assert formers == [stamp, f"{stamp}-2", f"{stamp}-3"]
    assert all(Path(former).is_file() for former in formers)
