"""The plain yardstick: what an afternoon's script does. `python -m bench.plain DATABASE URLS.json`.

httpx, feedparser with its defaults and sqlite3, one feed after another; conditional requests with the validators it
stored; the same body is not parsed twice; entries are inserted or ignored. It tags, folds and publishes nothing.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import feedparser
import httpx

SCHEMA = """
create table if not exists feed (url text primary key, etag text, last_modified text, body_sha256 blob);
create table if not exists entry (
    feed text, id text, link text, title text, summary text, content text, published text,
    primary key (feed, id, link)
);
"""


def main(database: Path, urls: list[str]) -> None:
    """Poll every feed once."""
    store = sqlite3.connect(database)
    store.executescript(SCHEMA)
    with httpx.Client(follow_redirects=True, timeout=60, trust_env=False) as client:
        for url in urls:
            poll(client, store, url)
    store.close()


def poll(client: httpx.Client, store: sqlite3.Connection, url: str) -> None:
    """Fetch, parse and store one feed."""
    known = store.execute("select etag, last_modified, body_sha256 from feed where url = ?", (url,)).fetchone()
    etag, last_modified, body_sha256 = known or (None, None, None)
    validators = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    answer = client.get(url, headers={name: value for name, value in validators.items() if value})
    digest = sha256(answer.content).digest()
    if answer.status_code != httpx.codes.OK or digest == body_sha256:
        return
    parsed = feedparser.parse(answer.content, response_headers=dict(answer.headers) | {"content-location": url})
    state = (url, answer.headers.get("etag"), answer.headers.get("last-modified"), digest)
    with store:
        store.execute("insert or replace into feed values (?, ?, ?, ?)", state)
        store.executemany(
            "insert or ignore into entry values (?, ?, ?, ?, ?, ?, ?)", (row(url, e) for e in parsed.entries)
        )


def row(url: str, entry: Any) -> tuple[str | None, ...]:
    """Return an entry as it is stored; one without id and link is known by what it says."""
    title, summary, link = entry.get("title", ""), entry.get("summary", ""), entry.get("link", "")
    name = entry.get("id") or link or sha256(f"{title}\0{summary}".encode(errors="replace")).hexdigest()
    content = "".join(part.value for part in entry.get("content", ()))
    return url, name, link, title, summary, content, entry.get("published")


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text("utf-8")))
