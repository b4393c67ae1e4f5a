"""The measurement of searching runs, and says what it promises."""

from __future__ import annotations

import random

import pytest

from bench import searching


def test_searching_is_measured(corpus, tmp_path):
    stream = corpus / searching.STREAM
    if not stream.is_file():
        pytest.skip("the corpus holds no news stream")
    report = searching.measure(stream, f"sqlite:///{tmp_path / 'news.db'}", 60, random.Random(1))
    assert (report["engine"], report["items"]) == ("sqlite", 60)
    assert report["searches"].keys() == searching.QUERIES.keys()
    assert report["searches"]["no word, none found"]["read"] == 60
    assert searching.table(report).startswith("engine")
