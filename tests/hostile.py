"""What a hostile server does, byte by byte: for the tests of the fetcher alone, and for those of the whole daemon."""

import asyncio
import ssl
import warnings
import zlib

import brotli
import trustme

OK = b"HTTP/1.1 200 OK\r\n"
MIB = 2**20


def sends(*pieces):
    """Write the pieces and close."""

    async def behaviour(_request, _reader, writer):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()

    return behaviour


def drips(piece, *, before=b""):
    """Write one piece after another, for ever."""

    async def behaviour(_request, _reader, writer):
        writer.write(before)
        while not writer.is_closing():
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.02)

    return behaviour


def pours(piece, *, before=b""):
    """Write one piece after another as fast as they are taken, for ever."""

    async def behaviour(_request, _reader, writer):
        writer.write(before)
        while not writer.is_closing():
            writer.write(piece)
            await writer.drain()

    return behaviour


async def is_silent(_request, reader, _writer):
    await reader.read()


def deflated(wbits):
    """4 GiB of zeros: one flushed block of 4 MiB, over and over."""
    packer = zlib.compressobj(9, wbits=wbits)
    head = packer.compress(b"<") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(4 * MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + block * 1024


def brotlied():
    """4 GiB of zeros in 14 kB of brotli, made the same way."""
    packer = brotli.Compressor(quality=5)
    head = packer.process(bytes(4 * MIB)) + packer.flush()
    block = packer.process(bytes(4 * MIB)) + packer.flush()
    return head + block * 1023 + packer.finish()


def repeated():
    """4 GiB in 128 KiB of zstd: a frame with a small window, and blocks of "this byte 128 KiB times" (RFC 8878)."""
    head = (0xFD2FB528).to_bytes(4, "little") + bytes([0, 7 << 3])
    return head + ((MIB // 8 << 3 | 1 << 1).to_bytes(3, "little") + b"<") * (4096 * 8)


BOMBS = {
    "gzip": (b"gzip", lambda: deflated(31)),
    "deflate": (b"deflate", lambda: deflated(15)),
    "deflate without its envelope": (b"deflate", lambda: deflated(-15)),
    "br": (b"br", brotlied),
    "zstd": (b"zstd", repeated),
}


def server(certificate):
    """The side of TLS that shows this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def outdated(certificate):
    """A server that has heard of nothing newer than TLS 1.0 (RFC 8996 says what to think of it)."""
    context = server(certificate)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def self_signed():
    """A server that vouches for itself."""
    lone = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with lone.cert_pem.tempfile() as certificate, lone.private_key_pem.tempfile() as key:
        context.load_cert_chain(certificate, key)
    return context
