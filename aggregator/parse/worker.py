"""The parser's process: `python -m aggregator.parse.worker MEMORY_BYTES CPU_SECONDS`.

In:    on stdin, for each document: the other arguments of read() or of article.read() as a pickle, then the body; each
       after its length in 4 bytes.
Out:   on stdout, framed the same way: a pickle of Parsed or of an article's text, or of kind, problem and hint of a
       ParseError.
Never: outlives its parent (stdin ends), uses more than its memory, or spins longer than its seconds on one document.
"""

from __future__ import annotations

import os
import pickle
import resource
import sys
from typing import Any, BinaryIO

from aggregator.errors import ParseError
from aggregator.parse.read import read

LENGTH = 4  # bytes


def main(memory_bytes: int, cpu_seconds: int) -> None:
    """Answer documents until there are no more."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # What a library prints must not come between our frames.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    while (request := _received(sys.stdin.buffer)) is not None:
        _allow_cpu(cpu_seconds)
        answer = pickle.dumps(_answer(request))
        answers.write(len(answer).to_bytes(LENGTH, "big") + answer)
        answers.flush()


def _received(stream: BinaryIO) -> dict[str, Any] | None:
    """Return the next request, or None when the parent is gone."""
    head = stream.read(LENGTH)
    how = stream.read(int.from_bytes(head, "big"))
    if not how:
        return None
    length = int.from_bytes(stream.read(LENGTH), "big")
    request: dict[str, Any] = pickle.loads(how)  # noqa: S301 - our parent wrote it
    return request | {"body": stream.read(length)}


def _allow_cpu(seconds: int) -> None:
    """Set when the kernel ends us: a parent that died cannot kill a child that spins."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _answer(request: dict[str, Any]) -> Any:
    try:
        return _article(**request) if request.pop("article", False) else read(**request)
    except ParseError as error:
        return error.kind, error.problem, error.hint


def _article(**request: Any) -> str:
    from aggregator.parse import article  # its library takes as long to start as all the rest

    try:
        return article.read(**request)
    except ParseError:
        raise
    except MemoryError:
        raise ParseError("parser-died", "reading it takes more memory than a page may") from None
    except Exception as error:
        raise ParseError("parser-died", f"our parser fails on it: {type(error).__name__}: {error}"[:300]) from error


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
