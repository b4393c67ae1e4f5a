import gzip
import zlib
from contextlib import suppress

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import FetchError
from aggregator.fetch.decode import MAX_MEMBERS, STEP, decoder

TEXT = "Обстріл та обмін: хроніка дня. ".encode() * 40


def raw_deflate(data):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def unpack(encoding, *pieces):
    it = decoder(encoding)
    body = b"".join(out for piece in pieces for out in it.feed(piece))
    it.end()
    return body


SKIPPED = (0x184D2A50).to_bytes(4, "little") + (3).to_bytes(4, "little") + b"abc"  # a frame to be skipped, RFC 8878

PACKED = {
    "plain": ("", TEXT),
    "identity": ("identity", TEXT),
    "gzip": ("gzip", gzip.compress(TEXT)),
    "x-gzip": ("X-GZip", gzip.compress(TEXT)),
    "gzip of several members": ("gzip", gzip.compress(TEXT[:100]) + gzip.compress(b"") + gzip.compress(TEXT[100:])),
    "gzip with garbage behind": ("gzip", gzip.compress(TEXT) + b"\0\0garbage"),
    "gzip with half a mark behind": ("gzip", gzip.compress(TEXT) + b"\x1f"),
    "deflate": ("deflate", zlib.compress(TEXT)),
    "deflate without its envelope": ("deflate", raw_deflate(TEXT)),
    "br": ("br", brotli.compress(TEXT)),
    "zstd": ("zstd", zstandard.compress(TEXT)),
    "zstd of several frames": ("zstd", zstandard.compress(TEXT[:100]) + SKIPPED + zstandard.compress(TEXT[100:])),
    "deflate with garbage behind": ("deflate", zlib.compress(TEXT) + zlib.compress(TEXT)),
}


@pytest.mark.parametrize(("encoding", "packed"), PACKED.values(), ids=PACKED.keys())
@pytest.mark.parametrize("size", [1, 2, 7, 10**6])
def test_a_body_unpacks_to_the_same_bytes_however_it_is_cut(encoding, packed, size):
    assert unpack(encoding, *(packed[i : i + size] for i in range(0, len(packed), size))) == TEXT


PACKERS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda data: brotli.compress(data, quality=4),
    "zstd": zstandard.compress,
}


@pytest.mark.parametrize("encoding", PACKERS)
@given(data=st.binary(max_size=3 * STEP), cut=st.integers(1, 5000))
def test_any_bytes_come_back_whole(encoding, data, cut):
    packed = PACKERS[encoding](data)
    assert unpack(encoding, packed[:cut], packed[cut:]) == data


@given(st.sampled_from([*PACKERS]), st.binary(max_size=2000))
def test_garbage_is_unpacked_or_refused_and_raises_nothing_else(encoding, data):
    with suppress(FetchError):
        unpack(encoding, data)


@pytest.mark.parametrize(("encoding", "most"), [("gzip", STEP), ("deflate", STEP), ("br", 2 * STEP), ("zstd", 2**23)])
@pytest.mark.parametrize("ratio", [1, 50])
def test_no_piece_is_larger_than_a_step(encoding, most, ratio):
    data = PACKERS[encoding](bytes(3 * STEP * ratio))
    sizes = [len(piece) for piece in decoder(encoding).feed(data)]
    assert max(sizes) <= most
    assert sum(sizes) == 3 * STEP * ratio


@pytest.mark.parametrize("case", [name for name in PACKED if "garbage" in name or "half" in name])
def test_what_was_dropped_is_known_at_the_end(case):
    it = decoder(PACKED[case][0])
    assert b"".join(it.feed(PACKED[case][1])) == TEXT
    it.end()
    assert it.garbage


def wide():
    """A frame that wants 128 MiB of memory to be unpacked."""
    options = zstandard.ZstdCompressionParameters.from_level(3, window_log=27)
    packer = zstandard.ZstdCompressor(compression_params=options).compressobj()
    return packer.compress(TEXT) + packer.flush()


WIDE = wide()


@pytest.mark.parametrize(
    ("encoding", "packed", "problem"),
    [
        pytest.param("compress", b"", 'packed as "compress", which we did not ask for', id="not asked for"),
        pytest.param("br", b"<rss/>", "not packed the way its header says", id="not brotli at all"),
        pytest.param("br", brotli.compress(TEXT)[:-1], "ends in the middle", id="cut brotli"),
        pytest.param("br", brotli.compress(TEXT) + b"!", "not packed the way", id="garbage behind brotli"),
        pytest.param("zstd", b"<rss/>", "not packed the way its header says", id="not zstd at all"),
        pytest.param("zstd", zstandard.compress(TEXT)[:-1], "ends in the middle", id="cut zstd"),
        pytest.param("zstd", zstandard.compress(TEXT) + b"garbage", "not packed the way", id="garbage behind zstd"),
        pytest.param("zstd", WIDE, "not packed the way", id="a window larger than RFC 9659 allows"),
        pytest.param("zstd", SKIPPED * (MAX_MEMBERS + 1), "more than 10000 pieces", id="too many frames"),
        pytest.param("foo", b"", 'packed as "foo"', id="unknown"),
        pytest.param("gzip, gzip", b"", "packed 2 times over", id="twice"),
        pytest.param(", ".join(["gzip"] * 200), b"", "packed 200 times over", id="200 times"),
        pytest.param("gzip", b"<rss/>", "not packed the way its header says", id="not gzip at all"),
        pytest.param("gzip", gzip.compress(TEXT)[:-9], "ends in the middle", id="cut before its checksum"),
        pytest.param("gzip", gzip.compress(TEXT)[:-1], "ends in the middle", id="cut in its length"),
        pytest.param("gzip", gzip.compress(TEXT)[:-8] + bytes(8), "not packed the way", id="wrong checksum"),
        pytest.param("gzip", gzip.compress(TEXT) + gzip.compress(TEXT)[:30], "ends in the middle", id="cut 2nd member"),
        pytest.param("deflate", zlib.compress(TEXT)[:-1], "ends in the middle", id="cut deflate"),
        pytest.param("gzip", gzip.compress(b"") * (MAX_MEMBERS + 1), "more than 10000 pieces", id="too many members"),
    ],
)
def test_what_cannot_be_unpacked_is_said_plainly(encoding, packed, problem):
    with pytest.raises(FetchError, match=problem) as caught:
        unpack(encoding, packed)
    assert caught.value.kind == "encoding"
