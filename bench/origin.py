"""The origin of the rounds, in a process of its own, so that its CPU is nobody's figure.

In:    `python -m bench.origin CORPUS COUNT`; then words on stdin: `first`, `later` (which state to serve), `asked`.
Out:   on stdout, a line of JSON each: once the URLs and the number of documents; then per word how many requests came
       since the last word.
Never: outlives its parent (stdin ends).
"""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

from aggregator.clock import now
from aggregator.lab.origin import Document, Origin
from bench.feeds import Feed, documents, feeds

_DATES = {"first": b"Sun, 01 Mar 2026 10:00:00 GMT", "later": b"Mon, 02 Mar 2026 10:00:00 GMT"}


def main(corpus: Path, count: int) -> None:
    """Serve until stdin ends."""
    bodies = documents(corpus)
    served = feeds(bodies, count, now()) if bodies else []
    with Origin() as origin:
        urls = [origin.serve("/feed.xml", _document(feed, "first"), host=_host(feed)) for feed in served]
        _tell({"urls": urls, "documents": len(bodies)})
        for line in sys.stdin:
            word = line.strip()
            asked = len(origin.requests)
            if word in _DATES:
                for url, feed in zip(urls, served, strict=True):
                    origin.replace(url, _document(feed, word))
            origin.forget()
            _tell({"asked": asked})


def _host(feed: Feed) -> str:
    """Every feed has its own address, so that politeness per host does not serialise them."""
    return f"127.0.{1 + feed.number // 250}.{1 + feed.number % 250}"


def _document(feed: Feed, state: str) -> Document:
    body = feed.later if state == "later" else feed.body
    date = _DATES["later" if body != feed.body else "first"]
    return Document(
        body=body,
        etag=b'"%s"' % sha256(body).hexdigest()[:16].encode() if feed.validator == "etag" else None,
        last_modified=date if feed.validator == "last-modified" else None,
    )


def _tell(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
