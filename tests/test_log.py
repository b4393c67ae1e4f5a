"""What a line of the log shows, and what it never does."""

import io

import pytest

from aggregator import log


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def out(request, logs):  # noqa: ARG001 - it ends what this begins
    return request.param()


@pytest.mark.parametrize("out", [Terminal, io.StringIO], ids=["for a terminal", "as JSON"], indirect=True)
def test_a_crash_shows_where_it_happened_and_no_value_that_was_at_hand(out):
    def sign(password):
        raise ValueError(f"no word of {len(password)} letters")

    log.set_up(level="debug", stream=out)
    try:
        sign("canary".title())
    except ValueError as error:
        log.tell("error", "work.crashed", work="poll", exc_info=error)
    assert "no word of 6 letters" in out.getvalue()
    assert "in sign" in out.getvalue()
    assert "Canary" not in out.getvalue()
