"""The choice of an encoding: RFC 9110, section 12.5.3."""

from __future__ import annotations

import pytest

from aggregator.serve.answer import choose_encoding, encoded

BOTH = ("identity", "gzip")


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        pytest.param(None, "identity", id="nothing said"),
        pytest.param("", "identity", id="said to be nothing"),
        pytest.param("gzip", "gzip", id="gzip"),
        pytest.param("GZip", "gzip", id="case does not matter"),
        pytest.param("x-gzip", "gzip", id="its old name"),
        pytest.param("gzip, deflate, br, zstd", "gzip", id="a browser"),
        pytest.param(" gzip ; q=0.8 , br", "gzip", id="blanks"),
        pytest.param("gzip;q=0.001", "gzip", id="identity unnamed is the last choice"),
        pytest.param("gzip;q=0", "identity", id="gzip refused"),
        pytest.param("gzip;q=0.000", "identity", id="gzip refused at length"),
        pytest.param("gzip;q=0, *", "identity", id="all but gzip"),
        pytest.param("*", "gzip", id="anything"),
        pytest.param("*;q=0.5, identity;q=0.6", "identity", id="identity preferred to anything"),
        pytest.param("*;q=0, identity", "identity", id="identity alone"),
        pytest.param("*;q=0, gzip", "gzip", id="gzip alone"),
        pytest.param("identity", "identity", id="identity"),
        pytest.param("identity, gzip", "gzip", id="as welcome, and smaller"),
        pytest.param("identity;q=1.0, gzip;q=0.5", "identity", id="identity preferred"),
        pytest.param("identity;q=0, gzip", "gzip", id="identity refused"),
        pytest.param("identity;q=0", None, id="identity refused, nothing else named"),
        pytest.param("*;q=0", None, id="everything refused"),
        pytest.param("identity;q=0, gzip;q=0, br", None, id="only what we lack"),
        pytest.param("br, zstd", "identity", id="what we lack, identity not refused"),
        pytest.param("gzip;q=2", "identity", id="no weight is above 1"),
        pytest.param("gzip;q=nan", "identity", id="no number"),
        pytest.param("gzip;q", "identity", id="half a parameter"),
        pytest.param("gzip;q=-1, gzip ,,;;", "gzip", id="nonsense beside sense"),
        pytest.param("\xff\xfe, gzip", "gzip", id="foreign bytes"),
    ],
)
def test_the_encoding_is_the_one_the_client_likes_best(accept, chosen):
    header = None if accept is None else accept.encode("latin-1")
    assert choose_encoding(header, dict.fromkeys(BOTH)) == chosen


def test_gzip_is_not_chosen_where_there_is_none():
    assert choose_encoding(b"gzip", {"identity": None}) == "identity"
    assert choose_encoding(b"gzip, identity;q=0", {"identity": None}) is None


def test_what_is_small_is_not_compressed():
    assert set(encoded(b"x" * 149)) == {"identity"}
    assert set(encoded(b"x" * 150)) == {"identity", "gzip"}


def test_the_same_bytes_have_the_same_etags_again():
    assert encoded(b"x" * 999) == encoded(b"x" * 999)
