"""What a server asks of us in its headers.

In:    the value of a header, and the moment.
Out:   a duration, or None if nothing usable was said.
Never: decides when to poll; that is schedule's.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

MAX_RETRY_AFTER = timedelta(days=7)
MAX_SKEW = timedelta(days=1)


def retry_after(value: str, now: datetime) -> timedelta | None:
    """Return how long the server asks us to stay away, or None if it says nothing usable.

    value  a Retry-After header: whole seconds ("120") or an HTTP-date in any of its three forms
    now    aware, UTC; used for the date forms only

    Never negative, never zero and never above MAX_RETRY_AFTER: a typo on their side must not silence a source, and
    Cloudflare sends 429 with "0", which would be an invitation to hammer. Source: RFC 9110, section 10.2.3.
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        wait = timedelta(seconds=min(int(value[:9]), 10**8))
    else:
        moment = http_date(value)
        wait = moment - now if moment else timedelta(0)
    return min(wait, MAX_RETRY_AFTER) if wait > timedelta(0) else None


def max_age(cache_control: str | None, age: str | None) -> timedelta | None:
    """Return how long an answer stays fresh from now on, None where Cache-Control does not say.

    cache_control  the header; of several directives of one name the first counts (RFC 9111, section 4.2.1)
    age            the header Age: how long the answer lay in caches already

    s-maxage speaks to shared caches, and we are a private one. no-cache and no-store ask for no pause, and never for a
    sooner poll: a hint only lengthens. Source: RFC 9111, sections 4.2 and 5.2.2.
    """
    said: dict[str, str] = {}
    for directive in (cache_control or "").split(","):
        name, _, value = directive.partition("=")
        said.setdefault(name.strip().lower(), value.strip().strip('"'))
    if said.keys() & {"no-cache", "no-store"}:
        return None
    fresh = _seconds(said.get("max-age", ""))
    return None if fresh is None else max(fresh - (_seconds((age or "").strip()) or timedelta(0)), timedelta(0))


def expires_in(expires: str | None, date: str | None, now: datetime) -> timedelta | None:
    """Return how long until an answer expires by the server's own clock; None if that is not usable or has passed.

    expires, date  the headers; without a date, ours counts
    now            aware, UTC

    An invalid Expires ("0", "-1") means expired (RFC 9111, section 5.3). A Date more than a day from ours comes from a
    broken clock or a forgotten cache, and what is counted from it is worth nothing (P31).
    """
    until = http_date(expires or "")
    answered = now if date is None else http_date(date)
    if until is None or answered is None or abs(answered - now) > MAX_SKEW:
        return None
    return until - answered if until > answered else None


def _seconds(value: str) -> timedelta | None:
    """Return delta-seconds; what is larger than makes sense is read as very long (RFC 9111, section 1.2.2)."""
    if not (value.isascii() and value.isdigit()):
        return None
    return timedelta(seconds=min(int(value[:11]), 2**31))


def http_date(value: str) -> datetime | None:
    """Return the moment of an HTTP date in any of its three forms, None for anything else.

    The form of asctime() names no zone; RFC 9110, section 5.6.7 says that it is UTC.
    """
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
