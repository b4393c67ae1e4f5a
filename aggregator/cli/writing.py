"""Files of the configuration that verbs write: all of them, or none where what comes of it is refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aggregator.cli.ground import FAILED, fail, read_config


def write_config(texts: Mapping[Path, str]) -> None:
    """Write these files, each at once; put back what was there if the configuration is refused with them.

    Raises ConfigError with the mistakes then. A daemon that watches its files sees whole ones only.
    """
    before = {path: path.read_bytes() if path.exists() else None for path in texts}
    try:
        for path, text in texts.items():
            path.parent.mkdir(exist_ok=True)
            _replace(path, text.encode())
        read_config()
    except BaseException as error:
        for path, data in before.items():
            if data is None:
                path.unlink(missing_ok=True)
            elif path.read_bytes() != data:
                _replace(path, data)
        if isinstance(error, OSError):
            raise fail(f"{error.filename} cannot be written: {error.strerror or error}.", FAILED) from None
        raise


def _replace(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.part")  # with a dot in front nobody reads it
    try:
        part.write_bytes(data)
        if path.exists():
            part.chmod(path.stat().st_mode & 0o7777)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
