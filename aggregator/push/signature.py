"""Is a delivery from whom we gave the secret to? And the signature of our own deliveries. (WebSub, section 7.1)

In:    a body, the X-Hub-Signature header, the secret.
Out:   right, or what is wrong with it; or such a header.
Never: tells by its time how much of a signature was right.
"""

from __future__ import annotations

import hmac
from typing import Literal

Signed = Literal["right", "unsigned", "unknown-method", "forged"]

OURS = "sha256"  # what our own hub signs with: every subscriber of this decade knows it
METHODS = ("sha1", "sha256", "sha384", "sha512")  # sha1 is what most hubs still send; as an HMAC it is not broken


def judge(body: bytes, header: str | None, secret: str) -> Signed:
    """Return whether the body was signed with the secret. header: "METHOD=HEX"."""
    if not header or not header.strip():
        return "unsigned"
    method, _, said = header.strip().partition("=")
    method = method.strip().lower()
    if method not in METHODS:
        return "unknown-method"
    right = hmac.new(secret.encode(), body, method).hexdigest()
    return "right" if hmac.compare_digest(right.encode(), said.strip().lower().encode("utf-8", "replace")) else "forged"


def sign(body: bytes, secret: str) -> str:
    """Return the header of a body that is sent to whom gave us the secret."""
    return f"{OURS}={hmac.new(secret.encode(), body, OURS).hexdigest()}"
