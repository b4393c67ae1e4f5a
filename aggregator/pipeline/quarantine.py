"""A copy of what the parser could not bear, so that a person can look at it.

In:    the folder of our state, a source's id, the bytes.
Out:   where the copy lies: FOLDER/quarantine/SOURCE-HASH.
Never: holds more than MOST copies or BYTES of them, the newest; or fails: a full disk costs the copy, not the poll.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

MOST = 20  # copies
BYTES = 64 * 1024 * 1024  # of all copies: three of the largest documents there can be
KINDS = {"parser-died", "parser-hung"}  # of failures that are the parser's, and not the document's


def keep(state_dir: Path, source: str, body: bytes) -> Path | None:
    """Return where the copy lies, None if it could not be written. The same bytes of a source are kept once."""
    folder = state_dir / "quarantine"
    copy = folder / f"{source}-{sha256(body).hexdigest()[:16]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = copy.with_suffix(".part")
        part.write_bytes(body)
        part.replace(copy)
        _bound(folder)
    except OSError:
        return None
    return copy if copy.exists() else None


def _bound(folder: Path) -> None:
    """Remove the oldest copies beyond the bounds."""
    found = sorted(((copy.stat(), copy) for copy in folder.iterdir()), key=lambda one: one[0].st_mtime_ns, reverse=True)
    held = 0
    for number, (stat, copy) in enumerate(found, start=1):
        held += stat.st_size
        if number > MOST or held > BYTES:
            copy.unlink(missing_ok=True)
