"""Newsboat, a reader as Debian has it (2.21), with a cache file of its own: it keys ids over all feeds of a cache.

What it does with an entry that changed, tried on that version: title and text are taken over, `unread` and the first
date stay as they were, and nobody looks at `updated`. Where a person set `reset-unread-on-update` for a feed, another
text makes the entry unread again; another title alone does not. What left the feed stays in the cache as it was.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

installed = pytest.mark.skipif(not shutil.which("newsboat"), reason="newsboat is not installed (Debian: newsboat)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An entry as newsboat keeps it."""

    guid: str
    title: str
    url: str
    published: int  # seconds since 1970
    unread: bool


class Newsboat:
    """A person who reads one feed. folder: is made, for his cache."""

    def __init__(self, folder: Path, url: str, *, told_of_updates: bool = False) -> None:
        self.cache = folder / "cache.db"
        folder.mkdir(parents=True)
        (folder / "urls").write_text(f"{url}\n")
        (folder / "config").write_text(f'reset-unread-on-update "{url}"\n' if told_of_updates else "")
        files = ("-u", folder / "urls", "-c", self.cache, "-C", folder / "config")
        self._line = ["newsboat", *map(str, files), "-x", "reload"]

    def reload(self) -> list[Row]:
        """Fetch the feed; return what is kept of it, newest first."""
        done = subprocess.run(self._line, capture_output=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        found = "SELECT guid, title, url, pubDate, unread FROM rss_item ORDER BY pubDate DESC, id DESC"
        with closing(sqlite3.connect(self.cache)) as cache:
            rows = cache.execute(found).fetchall()
        return [Row(guid=g, title=t, url=u, published=p, unread=bool(n)) for g, t, u, p, n in rows]

    def read_all(self) -> None:
        """Mark all as read, as its key for that does."""
        with closing(sqlite3.connect(self.cache)) as cache, cache:
            cache.execute("UPDATE rss_item SET unread = 0")
