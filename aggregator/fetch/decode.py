"""Unpack a body as it arrives, in steps of bounded size.

In:    the Content-Encoding header, then the body's bytes in pieces of any size.
Out:   the unpacked bytes, in pieces of 8 MiB at most, and whether something had to be dropped.
Never: knows how much is too much (the caller counts and stops), or waits.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

import brotli
import zstandard

from aggregator.errors import FetchError

ACCEPTED = b"gzip, br, zstd"  # and deflate, which some send unasked

STEP = 256 * 1024  # bytes unpacked in one go: about a millisecond, whatever was sent

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP, _ZLIB, _RAW_DEFLATE = 31, 15, -15  # zlib's names for them: wbits

# Every member costs a fresh decompressor; 20 MiB of empty ones would cost ten seconds of CPU. pigz and bgzip write
# one per 64-128 KiB, so an honest feed has a handful.
MAX_MEMBERS = 10_000

# zstandard cannot be told how much to give. But 4 bytes are the shortest block, and a block unpacks to at most
# 128 KiB (RFC 8878, section 3.1.1.2), so this many bytes unpack to at most 8 MiB, in two milliseconds.
_ZSTD_STEP = 256
# RFC 9659: a larger window must not be used over HTTP, and nobody needs to provide it.
_ZSTD_WINDOW = 8 * 1024 * 1024


class Decoder(Protocol):
    """Unpacks one body."""

    garbage: bool  # something behind the packed body was dropped

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what these bytes unpack to; FetchError when they are not what the header says."""

    def end(self) -> None:
        """Raise FetchError when the packed body stopped in the middle: half a feed would look like a short one."""


def decoder(encoding: str) -> Decoder:
    """Return what unpacks a body with this Content-Encoding; FetchError when we cannot, or will not.

    Nobody needs a feed packed twice, but `gzip, gzip` turns 7 kB into more than a machine holds.
    """
    names = [name for part in encoding.lower().split(",") if (name := part.strip()) not in {"", "identity"}]
    match names:
        case []:
            return Plain()
        case ["gzip" | "x-gzip"]:
            return Unzip(_GZIP)
        case ["deflate"]:
            return Unzip(_ZLIB)
        case ["br"]:
            return Brotli()
        case ["zstd"]:
            return Zstd()
        case [name]:
            raise FetchError("encoding", f'the body is packed as "{name[:20]}", which we did not ask for')
        case _:
            raise FetchError("encoding", f"the body is packed {len(names)} times over")


class Plain:
    """A body that is not packed."""

    garbage = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Hand on what came."""
        yield data

    def end(self) -> None:
        """Nothing can be missing."""


class Unzip:
    """gzip (RFC 1952, any number of members) and deflate (RFC 1950, or RFC 1951 as some servers have it)."""

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._member: zlib._Decompress | None = None  # None before the first and between two
        self._members = 0
        self._held = b""  # the first byte of what may become a further member
        self.garbage = False  # after the last member; browsers drop it as well

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the members' contents as one."""
        data, self._held = self._held + data, b""
        piece = b""
        while not self.garbage and (data or len(piece) == STEP):  # a full piece: zlib may hold back more
            if self._member is None and not self._begin(data):
                return
            piece, data = self._step(data)
            if piece:
                yield piece

    def end(self) -> None:
        """Raise FetchError in the middle of a member. What could have become one and did not is garbage."""
        if self._member is not None:
            raise _cut()
        self.garbage = self.garbage or bool(self._held)

    def _begin(self, data: bytes) -> bool:
        """Open the next member, if one begins here."""
        if self._members:
            self._held = data if data == _GZIP_MAGIC[:1] else b""
            self.garbage = not self._held and not (self._wbits == _GZIP and data.startswith(_GZIP_MAGIC))
            if self._held or self.garbage:
                return False
        elif self._wbits == _ZLIB and data[0] & 0x0F != zlib.DEFLATED:
            self._wbits = _RAW_DEFLATE
        self._members = _counted(self._members)
        self._member = zlib.decompressobj(self._wbits)
        return True

    def _step(self, data: bytes) -> tuple[bytes, bytes]:
        """Unpack at most STEP bytes; return them, and the input that is left."""
        member = self._member
        assert member is not None
        piece = _unpacked(lambda: member.decompress(data, STEP))
        if not member.eof:
            return piece, member.unconsumed_tail
        self._member = None
        return piece, member.unused_data


class Brotli:
    """br (RFC 7932)."""

    garbage = False  # it is an error to the library

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield pieces of about STEP bytes until the library has nothing left; it takes input only then."""
        while piece := _unpacked(lambda given: self._stream.process(given, output_buffer_limit=STEP), data):
            yield piece
            data = b""

    def end(self) -> None:
        """Raise FetchError when the stream has not ended."""
        if not self._stream.is_finished():
            raise _cut()


class Zstd:
    """zstd (RFC 8878, any number of frames)."""

    garbage = False  # it is an error to the library

    def __init__(self) -> None:
        self._library = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
        self._frame: zstandard.ZstdDecompressionObj | None = None  # None before the first and between two
        self._frames = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the frames' contents as one."""
        for begin in range(0, len(data), _ZSTD_STEP):
            rest = data[begin : begin + _ZSTD_STEP]
            while rest:
                piece, rest = self._step(rest)
                if piece:
                    yield piece

    def end(self) -> None:
        """Raise FetchError in the middle of a frame."""
        if self._frame is not None:
            raise _cut()

    def _step(self, data: bytes) -> tuple[bytes, bytes]:
        if self._frame is None:
            self._frames = _counted(self._frames)
            self._frame = self._library.decompressobj()
        frame = self._frame
        piece = _unpacked(frame.decompress, data)
        if not frame.eof:
            return piece, b""
        self._frame = None
        return piece, frame.unused_data


def _unpacked(unpack: Callable[..., bytes], *given: bytes) -> bytes:
    try:
        return unpack(*given)
    except (zlib.error, brotli.error, zstandard.ZstdError) as error:
        raise FetchError("encoding", "the body is not packed the way its header says") from error


def _counted(members: int) -> int:
    if members >= MAX_MEMBERS:
        raise FetchError("encoding", f"the body is packed in more than {MAX_MEMBERS} pieces")
    return members + 1


def _cut() -> FetchError:
    return FetchError("encoding", "the packed body ends in the middle")
