"""Deliveries are believed that were signed with the secret, and no others."""

from __future__ import annotations

import hmac

import pytest

from aggregator.push.signature import METHODS, judge

BODY, SECRET = "<rss>Маяк</rss>".encode(), "s3cret"


def of(method, body=BODY, secret=SECRET):
    return hmac.new(secret.encode(), body, method).hexdigest()


@pytest.mark.parametrize("method", METHODS)
def test_each_method_of_the_recommendation_is_right(method):
    assert judge(BODY, f"{method}={of(method)}", SECRET) == "right"


@pytest.mark.parametrize(
    ("header", "said"),
    [
        pytest.param(f" SHA256={of('sha256').upper()} ", "right", id="in capitals and padded"),
        pytest.param(f"sha256={of('sha256', secret='other')}", "forged", id="another secret"),
        pytest.param(f"sha256={of('sha256', BODY + b' ')}", "forged", id="another body"),
        pytest.param(f"sha256={of('sha256')[:-1]}", "forged", id="cut"),
        pytest.param(f"sha1={of('sha256')}", "forged", id="another method's"),
        pytest.param("sha256=", "forged", id="empty"),
        pytest.param("sha256=підпис", "forged", id="letters"),
        pytest.param(f"md5={of('md5')}", "unknown-method", id="md5"),
        pytest.param(f"sha3_256={of('sha3_256')}", "unknown-method", id="sha3"),
        pytest.param(of("sha256"), "unknown-method", id="no method"),
        pytest.param("=", "unknown-method", id="nothing but a sign"),
        pytest.param("", "unsigned", id="an empty header"),
        pytest.param("  ", "unsigned", id="blanks"),
        pytest.param(None, "unsigned", id="no header"),
    ],
)
def test_a_signature_is_right_or_it_is_said_what_is_wrong_with_it(header, said):
    assert judge(BODY, header, SECRET) == said
