"""Every row of the fault matrix is shown by a test, or says why it cannot be."""

from __future__ import annotations

import pytest
from fault_page import shown
from fault_rows import ROWS

SHOWN = shown()


@pytest.mark.parametrize("row", sorted(ROWS))
def test_a_row_has_a_test_or_a_sentence_why_not(row):
    assert SHOWN.get(row) or ROWS[row].cannot, f"no test carries @pytest.mark.fault({row!r})"


def test_the_matrix_is_whole_and_no_test_carries_a_row_that_is_none():
    assert list(ROWS) == [f"F{n:02d}" for n in range(1, 45)]
    assert SHOWN.keys() <= ROWS.keys()
