"""Read the bytes of a file that a person named, without falling for what is no file.

In:    a path.
Out:   bytes, None where nothing is, or an OSError that says why in plain words.
Never: reads more than the limit, or opens a pipe or a device.
"""

from __future__ import annotations

import stat
from pathlib import Path


def content(path: Path, limit: int) -> bytes | None:
    """Return the bytes of a regular file, None if there is none. Raises OSError with a plain strerror.

    A pipe or a device is refused before it is opened, because opening one can wait for ever.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        if path.is_symlink():
            raise OSError(0, "it is a link to a file that does not exist") from None
        return None
    if not stat.S_ISREG(mode):
        raise OSError(0, "it is not a regular file")
    with path.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise OSError(0, f"it is larger than {limit:,} bytes")
    return data


def reason(error: OSError) -> str:
    """Return why a file could not be read, as the end of a sentence."""
    return (error.strerror or str(error)).strip().rstrip(".").replace("Too many levels", "too many levels")
