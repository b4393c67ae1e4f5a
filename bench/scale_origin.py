"""Many publishers, in a process of their own: `python -m bench.scale_origin SOURCES HOSTS`.

In:    words on stdin: `asked`.
Out:   on stdout, a line of JSON each: once the URLs; then per word how many requests came since the last word, the most
       that one source got, and the CPU seconds that answering has cost so far.
Never: outlives its parent (stdin ends).
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from typing import Any

from aggregator.lab.origin import Document, Origin

ITEMS = 3  # of a document: what is measured is polling, not parsing


def main(sources: int, hosts: int) -> None:
    """Serve until stdin ends."""
    with Origin() as origin:
        urls = [origin.serve(f"/{n}.xml", _document(n), host=_host(n % hosts)) for n in range(sources)]
        _tell({"urls": urls})
        for _ in sys.stdin:
            each = Counter((request.address, request.target) for request in origin.requests)
            origin.forget()
            _tell({"asked": each.total(), "most": max(each.values(), default=0), "cpu_s": time.process_time()})


def _host(number: int) -> str:
    return f"127.1.{1 + number // 250}.{1 + number % 250}"


def _document(number: int) -> Document:
    items = "".join(
        f"<item><guid>{number}-{n}</guid><title>Report {number} {n}</title><link>https://a.example/{number}/{n}</link>"
        f"<description>What happened at place {number}, part {n}.</description></item>"
        for n in range(ITEMS)
    )
    body = f'<rss version="2.0"><channel><title>Paper {number}</title>{items}</channel></rss>'
    return Document(body=body.encode(), etag=b'"%d"' % number)


def _tell(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
