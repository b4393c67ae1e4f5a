import gzip
import zlib
from contextlib import suppress

import pytest
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
    "deflate with garbage behind": ("deflate", zlib.compress(TEXT) + zlib.compress(TEXT)),
}


@pytest.mark.parametrize(("encoding", "packed"), PACKED.values(), ids=PACKED.keys())
@pytest.mark.parametrize("size", [1, 2, 7, 10**6])
def test_a_body_unpacks_to_the_same_bytes_however_it_is_cut(encoding, packed, size):
    assert unpack(encoding, *(packed[i : i + size] for i in range(0, len(packed), size))) == TEXT


@given(st.binary(max_size=3 * STEP), st.integers(1, 9), st.integers(1, 5000))
def test_any_bytes_come_back_whole_from_gzip(data, level, cut):
    packed = gzip.compress(data, level)
    assert unpack("gzip", packed[:cut], packed[cut:]) == data


@given(st.sampled_from(["gzip", "deflate"]), st.binary(max_size=2000))
def test_garbage_is_unpacked_or_refused_and_raises_nothing_else(encoding, data):
    with suppress(FetchError):
        unpack(encoding, data)


@pytest.mark.parametrize("ratio", [1, 50])
def test_no_piece_is_larger_than_a_step(ratio):
    data = zlib.compress(bytes(3 * STEP * ratio))
    sizes = [len(piece) for piece in decoder("deflate").feed(data)]
    assert max(sizes) == STEP
    assert sum(sizes) == 3 * STEP * ratio


@pytest.mark.parametrize(
    ("encoding", "packed", "problem"),
    [
        pytest.param("br", b"", 'packed as "br", which we did not ask for', id="brotli"),
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
