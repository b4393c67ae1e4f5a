"""What connections do wrong, as sentences."""

import errno
import ssl
from datetime import timedelta

import h11
import pytest

from aggregator.fetch import trouble


def certificate_error(code, message="some reason"):
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, message
    return error


def above(cause):
    """An error with its cause a level down, as it may be in life."""
    top = OSError("all attempts failed")
    top.__context__ = cause
    return top


@pytest.mark.parametrize(
    ("error", "kind", "problem"),
    [
        (certificate_error(10), "tls", "the certificate of feeds.example has expired"),
        (certificate_error(9), "tls", "the certificate of feeds.example is not valid yet; is our clock right?"),
        (certificate_error(18), "tls", "the certificate of feeds.example is self-signed"),
        (certificate_error(20), "tls", "the certificate of feeds.example comes from an authority that we do not know"),
        (certificate_error(62), "tls", "the certificate of feeds.example is for another name"),
        (certificate_error(99), "tls", "the certificate of feeds.example is not valid: some reason"),
        (ssl.SSLError(1, "x"), "tls", "no encrypted connection with feeds.example came about: unknown reason"),
        (OSError(errno.ECONNREFUSED, "x"), "connect", "feeds.example refuses the connection"),
        (above(OSError(errno.ENETUNREACH, "x")), "connect", "feeds.example cannot be reached: there is no route to"),
        (OSError(errno.EHOSTUNREACH, "x"), "connect", "feeds.example cannot be reached: there is no route to it"),
        (OSError(errno.EMFILE, "x"), "internal", "this machine lacks what a request needs: Too many open files"),
        (OSError("x"), "connect", "no connection with feeds.example came about"),
    ],
)
def test_why_no_connection_came_about_is_a_plain_sentence(error, kind, problem):
    explained = trouble.no_connection(error, "feeds.example")
    assert explained.kind == kind
    assert str(explained).startswith(problem)
    assert isinstance(explained, trouble.NoConnection) == (kind == "connect")


@pytest.mark.parametrize(
    ("error", "kind", "problem"),
    [
        (OSError("x"), "connect", "the connection with feeds.example broke before the answer was complete"),
        (h11.RemoteProtocolError("<script>"), "protocol", "the answer is not correct HTTP"),
        (h11.RemoteProtocolError("illegal status line: <script>"), "protocol", "the answer does not begin like HTTP"),
    ],
)
def test_why_an_exchange_failed_is_a_plain_sentence(error, kind, problem):
    explained = trouble.explain(error, "feeds.example")
    assert (explained.kind, str(explained)) == (kind, problem)


def test_a_bot_wall_is_its_own_kind_and_says_what_a_person_can_do():
    error = trouble.challenged(403, timedelta(minutes=1))
    assert (error.kind, error.status, error.retry_after) == ("challenged", 403, timedelta(minutes=1))
    for way in ("ask the publisher", "`headers:`", "`via:`", "another feed"):
        assert way in error.hint


@pytest.mark.parametrize(
    ("hops", "told"),
    [
        pytest.param((), "", id="none"),
        pytest.param(
            ((301, "https://a.example/x"), (302, "http://10.0.0.1/")),
            "; the way there: 301 to https://a.example/x, 302 to http://10.0.0.1/",
            id="in order",
        ),
        pytest.param(
            ((302, "https://me:s3cret@a.example/x?token=s3cret"),),
            "; the way there: 302 to https://a.example/x",
            id="no secrets",
        ),
        pytest.param(
            ((302, "/\x1b[31m\r\n/й"),), "; the way there: 302 to /%1B[31m%0D%0A/%D0%B9", id="nothing that acts"
        ),
        pytest.param(((302, "/" + "x" * 500),), "; the way there: 302 to /" + "x" * 119, id="long"),
        pytest.param(((302, "/a"),) * 10, "; the way there: 302 to /a, 302 to /a, 302 to /a, 7 more", id="many"),
    ],
)
def test_the_way_to_a_failure_is_told_in_short_and_without_secrets(hops, told):
    assert trouble.way(hops) == told
