"""A folder that files are written into, and nothing outside it.

In:    a folder that a person named; names of files in it, as "feeds/sea.atom".
Out:   each file whole or not at all: a temporary file, fsync, rename.
Never: follows a symbolic link below the folder (content.md A51), or leaves half a file where the disk is full
       (reliability.md F11).
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aggregator.errors import AggregatorError


class FolderError(AggregatorError):
    """The folder cannot be written into as we must, and why."""


@dataclass(frozen=True, slots=True)
class File:
    """Bytes, and when they last changed as a static server will tell it; None: when they are written."""

    body: bytes
    modified: datetime | None = None


class Folder:
    """An open folder that nobody else writes into through this class."""

    def __init__(self, path: Path, opened: int) -> None:
        self.path, self._opened = path, opened

    def read(self, name: str) -> bytes | None:
        """Return what stands in a file, None where there is none."""
        with self._place(name) as place:
            if place is None:
                return None
            with suppress(FileNotFoundError), os.fdopen(_open(place), "rb") as file:
                return file.read()
            return None

    def put(self, name: str, file: File) -> bool:
        """Bring a file to these bytes and this time; say whether there was anything to do."""
        if self.read(name) == file.body and self._dated(name, file.modified):
            return False
        with self._place(name, make=True) as place:
            assert place is not None, "made just now"
            _replace(*place, file)
        return True

    def remove(self, name: str) -> bool:
        """Remove a file, and the folders that only it was in; say whether there was one."""
        with self._place(name) as place:
            if place is None:
                return False
            try:
                os.unlink(place[1], dir_fd=place[0])
            except FileNotFoundError:
                return False
        with suppress(OSError):  # something else is in there
            for parent in Path(name).parents:
                os.rmdir(parent, dir_fd=self._opened)
        return True

    def _dated(self, name: str, modified: datetime | None) -> bool:
        if modified is None:
            return True
        with self._place(name) as place:
            assert place is not None, "read just now"
            return int(os.stat(place[1], dir_fd=place[0], follow_symlinks=False).st_mtime) == _seconds(modified)

    @contextmanager
    def _place(self, name: str, *, make: bool = False) -> Iterator[tuple[int, str] | None]:
        """Yield the open folder that a file is in and its last name; None where that folder is missing.

        Every folder on the way is opened by itself: one that is a symbolic link is refused.
        """
        *parents, last = name.split("/")
        on_the_way = [os.dup(self._opened)]
        try:
            for parent in parents:
                if make:
                    with suppress(FileExistsError):
                        os.mkdir(parent, dir_fd=on_the_way[-1])
                try:
                    opened = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=on_the_way[-1])
                except FileNotFoundError:
                    yield None
                    return
                on_the_way.append(opened)
            yield on_the_way[-1], last
        except OSError as error:
            raise FolderError(f"cannot write {self.path / name}: {_reason(error)}") from error
        finally:
            for opened in on_the_way:
                os.close(opened)


@contextmanager
def open_folder(path: Path) -> Iterator[Folder]:
    """Open a folder for this process alone; create it where it is missing. Raises FolderError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        opened = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise FolderError(f"cannot write into {path}: {_reason(error)}") from error
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)  # closing it gives it free
        yield Folder(path, opened)
    except BlockingIOError:
        raise FolderError(f"another export writes into {path} just now") from None
    finally:
        os.close(opened)


def _open(place: tuple[int, str]) -> int:
    # O_NONBLOCK: a named pipe must not hold us up
    return os.open(place[1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=place[0])


def _replace(folder: int, name: str, file: File) -> None:
    part = f".{name}.part"
    with suppress(FileNotFoundError):
        os.unlink(part, dir_fd=folder)  # of an export that was killed
    try:
        opened = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644, dir_fd=folder)
        with os.fdopen(opened, "wb") as new:
            new.write(file.body)
            new.flush()
            if file.modified:
                os.utime(new.fileno(), (_seconds(file.modified),) * 2)
            os.fsync(new.fileno())
        os.rename(part, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        with suppress(OSError):
            os.unlink(part, dir_fd=folder)
        raise
    os.fsync(folder)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())  # Last-Modified has no fractions


def _reason(error: OSError) -> str:
    if isinstance(error, NotADirectoryError) or error.errno == errno.ELOOP:
        return "a symbolic link or a file is in the way"
    return (error.strerror or str(error)).lower()
