"""The measurement of many rules runs, and says what it promises."""

from __future__ import annotations

import random

import pytest

from bench import rules

NAMES = {"items", "word_rules", "patterns", "items_per_s", "one_rule_items_per_s", "ratio", "read_s", "reread_s"}


def test_many_rules_are_measured_beside_one(corpus):
    stream = corpus / rules.STREAM
    if not stream.is_file():
        pytest.skip("the corpus holds no news stream")
    report = rules.measure(stream, words=60, patterns=10, items=50, share=0.02, rng=random.Random(1))
    assert report.keys() >= NAMES
    assert (report["items"], report["word_rules"], report["patterns"]) == (50, 60, 10)
    assert report["items_per_s"] > 0
    assert rules.table(report).startswith("machine")
