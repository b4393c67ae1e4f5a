"""What a server asks of us in its headers.

In:    the value of a header, and the moment.
Out:   a duration, or None if nothing usable was said.
Never: decides when to poll; that is schedule's.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

MAX_RETRY_AFTER = timedelta(days=7)


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
        moment = _http_date(value)
        wait = moment - now if moment else timedelta(0)
    return min(wait, MAX_RETRY_AFTER) if wait > timedelta(0) else None


def _http_date(value: str) -> datetime | None:
    """The form of asctime() names no zone; RFC 9110, section 5.6.7 says that it is UTC."""
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
