"""Unpack a body as it arrives, in steps of bounded size.

In:    the Content-Encoding header, then the body's bytes in pieces of any size.
Out:   the unpacked bytes, in pieces of at most STEP bytes.
Never: knows how much is too much (the caller counts and stops), or waits.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from aggregator.errors import FetchError

STEP = 256 * 1024  # bytes unpacked in one go: under a millisecond, whatever was sent

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP, _ZLIB, _RAW_DEFLATE = 31, 15, -15  # zlib's names for them: wbits

# Every member costs a fresh decompressor; 20 MiB of empty ones would cost ten seconds of CPU. pigz and bgzip write
# one per 64-128 KiB, so an honest feed has a handful.
MAX_MEMBERS = 10_000


def decoder(encoding: str) -> Plain | Unzip:
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
        case [name]:
            raise FetchError("encoding", f'the body is packed as "{name[:20]}", which we did not ask for')
        case _:
            raise FetchError("encoding", f"the body is packed {len(names)} times over")


class Plain:
    """A body that is not packed."""

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
        self._over = False  # garbage after the last member; browsers drop it as well

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what these bytes unpack to; FetchError when they are not what the header says."""
        data, self._held = self._held + data, b""
        piece = b""
        while not self._over and (data or len(piece) == STEP):  # a full piece: zlib may hold back more
            if self._member is None and not self._begin(data):
                return
            piece, data = self._step(data)
            if piece:
                yield piece

    def end(self) -> None:
        """Raise FetchError when the packed body stopped in the middle: half a feed would look like a short one."""
        if self._member is not None:
            raise FetchError("encoding", "the packed body ends in the middle")

    def _begin(self, data: bytes) -> bool:
        """Open the next member, if one begins here."""
        if self._members:
            self._held = data if data == _GZIP_MAGIC[:1] else b""
            self._over = not self._held and not (self._wbits == _GZIP and data.startswith(_GZIP_MAGIC))
            if self._held or self._over:
                return False
        elif self._wbits == _ZLIB and data[0] & 0x0F != zlib.DEFLATED:
            self._wbits = _RAW_DEFLATE
        self._members += 1
        if self._members > MAX_MEMBERS:
            raise FetchError("encoding", f"the body is packed in more than {MAX_MEMBERS} pieces")
        self._member = zlib.decompressobj(self._wbits)
        return True

    def _step(self, data: bytes) -> tuple[bytes, bytes]:
        """Unpack at most STEP bytes; return them, and the input that is left."""
        member = self._member
        assert member is not None
        try:
            piece = member.decompress(data, STEP)
        except zlib.error as error:
            raise FetchError("encoding", "the body is not packed the way its header says") from error
        if not member.eof:
            return piece, member.unconsumed_tail
        self._member = None
        return piece, member.unused_data
