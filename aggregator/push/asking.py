"""What somebody asks of our own hub (WebSub, section 5.1).

In:    the form that was sent; the addresses that can be subscribed to.
Out:   a Wish, or one sentence that says why not.
Never: asks anybody, or takes what cannot be called back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import cast
from urllib.parse import parse_qs, urlsplit

from aggregator.model import Format, Mode, Wish

LEASE = timedelta(days=10)  # for who does not say how long
SHORTEST_LEASE = timedelta(minutes=5)  # below, renewing would be all there is to do
LONGEST_LEASE = timedelta(days=30)  # who has gone without a word is written to for no longer than that
LONGEST_SECRET = 199  # bytes (section 5.1)
LONGEST_CALLBACK = 2048
_MOST_FIELDS = 50

Addresses = Mapping[str, tuple[str, Format]]  # of the feeds that can be subscribed to


class Unwanted(Exception):
    """What was asked cannot be done. status: a HTTP status of 4xx or 5xx; the message is one sentence for a person."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


def read(form: bytes, addresses: Addresses) -> Wish | None:
    """Return what is wished for; None: that we ask for news, and of ours we know. Raises Unwanted.

    Of several fields of a name the first counts; those that we do not know are none of our business.
    """
    said = _fields(form)
    mode = said.get("hub.mode", "")
    if mode == "publish":
        _known(said.get("hub.topic") or said.get("hub.url", ""), addresses)
        return None
    if mode not in ("subscribe", "unsubscribe"):
        raise _wrong('hub.mode must be "subscribe" or "unsubscribe".')
    address = said.get("hub.topic", "")
    topic, format_ = _known(address, addresses)
    return Wish(
        callback=_callback(said.get("hub.callback", "")),
        address=address,
        topic=topic,
        format=format_,
        mode=cast("Mode", mode),
        secret=_secret(said.get("hub.secret")),
        lease=_granted(said.get("hub.lease_seconds", "") if mode == "subscribe" else ""),
    )


def _fields(form: bytes) -> dict[str, str]:
    try:
        fields = parse_qs(form.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:
        raise _wrong("The body must be a form in UTF-8 (application/x-www-form-urlencoded).") from None
    if any("\0" in value for values in fields.values() for value in values):
        raise _wrong("No field may hold a NUL.")
    return {name: values[0] for name, values in fields.items()}


def _known(address: str, addresses: Addresses) -> tuple[str, Format]:
    if not address:
        raise _wrong("hub.topic is missing.")
    if address not in addresses:
        raise Unwanted(HTTPStatus.NOT_FOUND, "This hub tells of its own feeds only; hub.topic is the rel=self of one.")
    return addresses[address]


def _callback(text: str) -> str:
    """Return an address that can be called, as far as can be seen without calling it."""
    if not text:
        raise _wrong("hub.callback is missing.")
    if len(text) > LONGEST_CALLBACK:
        raise _wrong(f"hub.callback is longer than {LONGEST_CALLBACK} characters.")
    try:
        parts = urlsplit(text)
        right = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        right = False
    if not right or not text.isascii() or not text.isprintable() or set(text) & set(' \\#<>"'):
        raise _wrong("hub.callback must be an http or https address, with all that is special in it escaped.")
    if "@" in parts.netloc:
        raise _wrong("hub.callback must not hold a login.")
    return text


def _secret(text: str | None) -> str | None:
    if text is not None and len(text.encode()) > LONGEST_SECRET:
        raise _wrong(f"hub.secret is longer than {LONGEST_SECRET} bytes.")
    return text or None


def _granted(text: str) -> timedelta:
    """Return for how long a subscription holds (section 5.1: "MAY choose to respect this value or not")."""
    text = text.strip()
    if not text:
        return LEASE
    if not (text.isascii() and text.isdigit()):
        raise _wrong("hub.lease_seconds must be a whole number of seconds.")
    return min(max(timedelta(seconds=int(text[:9])), SHORTEST_LEASE), LONGEST_LEASE)


def _wrong(sentence: str) -> Unwanted:
    return Unwanted(HTTPStatus.BAD_REQUEST, sentence)
