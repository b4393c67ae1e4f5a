"""Read the small languages inside a value: durations, addresses, ids, zones, networks.

In:    the text that a person wrote.
Out:   the value, or WrongError.
Never: writes the text into its message (`{here}` marks where it may be shown), or asks the network.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from itertools import pairwise
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from aggregator.config.suggest import closest, did_you_mean
from aggregator.model import Cron, split_reading
from aggregator.model.cron import following

ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")  # a path on disk and in an address is made of it (content.md A51)
MAX_URL = 4096  # content.md A23
LONGEST = timedelta(days=366)  # beyond it a duration is a slip of the finger
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
SOME_DAY = datetime(2026, 1, 5, tzinfo=UTC)  # to try a line of cron on
LEAST_SIZE = 50_000_000  # bytes: an empty store has one of them, and a day of news some more
SIZE = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?) ?([KMGT])i?B", re.IGNORECASE)
DURATION = re.compile(r"(?:(\d{1,5})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?")


class WrongError(ValueError):
    """A text that is not what its key takes. `{here}` in the problem stands for the text, where it may be shown."""

    def __init__(self, problem: str, hint: str = "") -> None:
        super().__init__(problem)
        self.problem, self.hint = problem, hint


def duration(text: str) -> timedelta:
    """Read `30s`, `15m`, `2h`, `7d`, `1h30m`."""
    found = DURATION.fullmatch(text.strip())
    if not found or not any(found.groups()):
        raise WrongError("a duration is expected, here stands {here}.", "Write it like 30s, 15m, 2h, 7d or 1h30m.")
    days, hours, minutes, seconds = (int(number or 0) for number in found.groups())
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if length > LONGEST:
        raise WrongError(f"a duration of at most {LONGEST.days} days is expected, here stands {{here}}.")
    return length


def size(text: str) -> int:
    """Read `500MB`, `5GB`, `1.5TB` as bytes; they are decimal, as a disk's are."""
    found = SIZE.fullmatch(text.strip())
    if not found:
        raise WrongError("a size is expected, here stands {here}.", "Write it like 500MB or 5GB.")
    number = round(float(found[1]) * 1000.0 ** (" KMGT".index(found[2].upper())))
    if number < LEAST_SIZE:
        raise WrongError(f"at least {spell_size(LEAST_SIZE)} is expected, here stands {{here}}.")
    return number


def spell_size(number: int) -> str:
    """Return bytes as a person writes them."""
    for letter, unit in (("T", 10**12), ("G", 10**9), ("M", 10**6)):
        if number >= unit:
            return f"{number / unit:.4g}{letter}B"
    return f"{number / 1000:.4g}KB"


def moment(text: str) -> datetime:
    """Read `2026-12-31`, which lasts to its end, or `2026-12-31T18:00+02:00`; UTC where no zone is said."""
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        raise WrongError("a day is expected, here stands {here}.", "Write it like 2026-12-31.") from None
    read = read.replace(tzinfo=read.tzinfo or UTC).astimezone(UTC)
    return read + timedelta(days=1) if DAY.fullmatch(text.strip()) else read


def rate(text: str) -> str:
    """Check `5/day`."""
    split_rate(text)
    return text


def split_rate(text: str) -> tuple[int, timedelta]:
    """Read `5/day`, `2/hour`, `10/week`: how many, and in which time."""
    found = re.fullmatch(r"([0-9]{1,7})\s*/\s*(hour|day|week)", text.strip())
    if not found:
        hint = "Write it like 5/day, 2/hour or 10/week."
        raise WrongError("a number of entries is expected, here stands {here}.", hint)
    return int(found[1]), timedelta(**{f"{found[2]}s": 1})


def identifier(text: str) -> str:
    """Check the id of a source, group, section, rule or topic."""
    if ID.fullmatch(text):
        return text
    if text.startswith("_"):
        raise WrongError('names that begin with "_" are reserved.')
    slug = re.sub(r"[^a-z0-9]+", "-", text.lower())[:64].strip("-")
    # a name in another alphabet would lose its letters, and a long one its end: no guess is better
    hint = f'Did you mean "{slug}"?' if slug and text.isascii() and len(text) <= 64 else ""  # noqa: PLR2004  as ID
    raise WrongError("an id has 1 to 64 of a-z, 0-9 and -, and begins with a letter or digit.", hint)


def address(text: str) -> str:
    """Check the http(s) address of a feed. It is kept as written, because servers tell spellings apart (P18)."""
    if len(text) > MAX_URL:
        raise WrongError(f"an address has at most {MAX_URL} characters.")
    if " " in text or not text.isprintable():
        raise WrongError("spaces and control characters must not stand in an address.")
    if "\\" in text:
        raise WrongError("a backslash must not stand in an address.", 'Write "/".')
    if not re.match(r"https?://", text, re.IGNORECASE):
        hint = "" if ":" in text else 'Put "https://" in front.'
        raise WrongError("an address begins with http:// or https://.", hint)
    _host(_split(text))
    return text


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise WrongError("the host in this address cannot be read.") from error
    if "@" in parts.netloc:
        hint = "Secrets do not belong in it: it is shown on pages and in logs."
        raise WrongError("an address must not carry a user name or a password.", hint)
    try:
        port = parts.port
    except ValueError as error:
        raise WrongError("the port in this address is not a number from 1 to 65535.") from error
    if port == 0 or parts.netloc.endswith(":"):
        raise WrongError("the port in this address is not a number from 1 to 65535.")
    return parts


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if not host:
        raise WrongError("this address names no host.")
    if len(host) > 253 or re.search(r"[^\w.:-]|^[.-]|\.\.", host):  # noqa: PLR2004  RFC 1035, section 2.3.4
        raise WrongError("the host in this address is no host name.")
    return host


def public_url(text: str) -> str:
    """Check the address under which readers reach us; give it back without a slash at its end."""
    parts = urlsplit(address(text))
    if parts.query or parts.fragment or "?" in text or "#" in text:
        raise WrongError('a public address has no "?" and no "#".')
    return text.rstrip("/")


def listen(text: str) -> str:
    """Check host:port; 0 lets the system choose a port."""
    host, port = split_listen(text)
    if not re.fullmatch(r"[\w.:-]+", host) or not re.fullmatch(r"\d{1,5}", port) or int(port) > 65535:  # noqa: PLR2004
        raise WrongError("a host and a port are expected, here stands {here}.", "Write it like 127.0.0.1:8080.")
    return text


def split_listen(text: str) -> tuple[str, str]:
    """Return the two halves of host:port; an IPv6 address stands in brackets, which are taken off."""
    host, _, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        return host[1:-1], port
    return ("" if ":" in host else host), port


def database(text: str) -> str:
    """Check the kind of database. Its address is never shown: a password may stand in it (content.md A56)."""
    if re.match(r"postgresql(\+psycopg)?://", text):
        return text
    if not re.match(r"sqlite:///", text):
        raise WrongError("a database address begins with sqlite:/// or postgresql://.")
    if text in ("sqlite:///", "sqlite:///:memory:"):
        hint = "Write it like sqlite:///var/aggregator.db."
        raise WrongError("an SQLite database needs a file.", hint)
    return text


def authority(text: str) -> str:
    """Check a tag authority: a host name or an e-mail address (RFC 4151, section 2.1)."""
    host = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*"
    if len(text) > 253 or not re.fullmatch(rf"([a-z0-9._-]+@)?{host}", text):  # noqa: PLR2004  RFC 1035
        raise WrongError(
            "a host name in small letters is expected, here stands {here}.",
            "Write it like feeds.example.org.",
        )
    return text


def contact(text: str) -> str:
    """Check what stands in the User-Agent: one printable ASCII word without the signs that have a meaning there."""
    usable = re.fullmatch(r"(https?://[!-~]+|[!-~]+@[!-~]+)", text)
    if text and (not usable or re.search(r'[()<>;\\"]', text)):
        raise WrongError("an http(s) or mail address is expected, here stands {here}.", "Publishers read it.")
    return text


def egress(text: str) -> str:
    """Check the address of another way out: an HTTP proxy, or a SOCKS proxy that looks names up itself."""
    if re.match(r"socks5://", text):
        raise WrongError("with socks5:// the names would be looked up here.", "Write socks5h://.")
    shape = re.fullmatch(r"(http|socks5h)://([^@/\s]+@)?(\[[0-9a-fA-F:.]+\]|[^@/:\s\[\]]+):(\d{1,5})/?", text)
    if not shape or not 0 < int(shape[4]) < 65536:  # noqa: PLR2004 - ports
        raise WrongError("http://HOST:PORT or socks5h://HOST:PORT is expected.", "A login may stand before the host.")
    return text


def hours(text: str) -> str:
    """Check hours of the day: "06-24"."""
    found = re.fullmatch(r"(\d{1,2})-(\d{1,2})", text)
    if not found or int(found[1]) > 23 or not 0 < int(found[2]) <= 24 or int(found[1]) == int(found[2]):  # noqa: PLR2004
        raise WrongError("hours are expected, here stands {here}.", "Write them like 06-24.")
    return text


def cron(text: str) -> str:
    """Check a line of cron."""
    try:
        following(Cron(text=text), SOME_DAY)
    except ValueError as error:
        raise WrongError(f"this is no line of cron: {error}.", "Write it like */20 6-23 * * 1-5.") from None
    return text


def shortest_pause(line: str) -> timedelta:
    """Return the shortest pause between two times of a line of cron, seen over its next two hundred times."""
    moments = [SOME_DAY]
    while len(moments) <= 200:  # noqa: PLR2004 - a day of every seven minutes
        moments.append(following(Cron(text=line), moments[-1]))
    return min(later - moment for moment, later in pairwise(moments[1:]))


def header_name(text: str) -> str:
    """Check the name of an HTTP header that a person adds (RFC 9110, section 5.1)."""
    if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", text):
        raise WrongError("the name of a header is letters, digits and hyphens, here stands {here}.")
    if text.lower() in OURS:
        raise WrongError("the header {here} is ours to send.", OURS[text.lower()])
    return text


def header_value(text: str) -> str:
    """Check what may stand in a header: no line breaks, no control characters (RFC 9110, section 5.5)."""
    if re.search(r"[\x00-\x08\x0a-\x1f\x7f]", text):
        raise WrongError("line breaks and control characters must not stand in a header.")
    return text


def cookie_name(text: str) -> str:
    """Check the name of a cookie (RFC 6265, section 4.1.1)."""
    if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", text):
        raise WrongError("the name of a cookie is letters, digits and hyphens, here stands {here}.")
    return text


def cookie_value(text: str) -> str:
    """Check the value of a cookie (RFC 6265, section 4.1.1)."""
    if re.search(r"[^!-~]|[\",;\\]", text):
        raise WrongError("spaces, commas, semicolons, quotes and backslashes must not stand in a cookie.")
    return text


def login(text: str) -> str:
    """Check a user name and a password (RFC 7617, section 2)."""
    if ":" not in text or re.search(r"[\x00-\x1f\x7f]", text):
        raise WrongError("a user name and a password are expected, with a colon between them.", "Write user:password.")
    return text


def language(text: str) -> str:
    """Check the shape of a BCP 47 language tag."""
    # "ua" is the country; nine of ten people write it once for Ukrainian
    if text.lower() == "ua":
        raise WrongError("a language such as ru, uk or en is expected, here stands {here}.", 'Did you mean "uk"?')
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}", text):
        raise WrongError("a language such as ru, uk or en is expected, here stands {here}.")
    return text


def zone(text: str) -> str:
    """Check the name of a time zone in the IANA database."""
    try:
        ZoneInfo(text)
    except (ValueError, KeyError, OSError) as error:
        raise WrongError(
            'a time zone such as "Europe/Kyiv" is expected, here stands {here}.', _zone_hint(text)
        ) from error
    return text


def _zone_hint(text: str) -> str:
    zones = available_timezones()
    cities = {name.rpartition("/")[2]: name for name in sorted(zones) if "/" in name}
    city = closest(text.rpartition("/")[2], cities)
    return did_you_mean(text, zones) or (did_you_mean(cities[city], zones) if city else "")


def network(text: str) -> str:
    """Check an IP network in CIDR notation."""
    try:
        return str(ip_network(text))
    except ValueError as error:
        raise WrongError("a network is expected, here stands {here}.", "Write it like 10.0.0.0/8.") from error


def phrase(text: str) -> str:
    """Check a line that goes: it must say something."""
    if not text.replace("*", "").strip():
        raise WrongError("a phrase needs words; this would take every line.")
    return text


def word(text: str) -> str:
    """Check that there is something to look for."""
    if not text.strip():
        raise WrongError("a word is expected, here stands {here}.")
    return text.strip()


def folders(text: str) -> str:
    """Check a run of folders of an address."""
    if not re.fullmatch(r"(/[^/?#\s]+)+/", text):
        raise WrongError("folders of an address are expected, here stands {here}.", "Write them like /news/sport/.")
    return text


def pattern(text: str) -> str:
    """Check a regular expression, in the form that queries have."""
    from aggregator.errors import QueryError
    from aggregator.query import REGEX, Pattern, Raw

    if not REGEX.fullmatch(text):
        raise WrongError("a regular expression is expected, here stands {here}.", "Write it like /обстрел|обстріл/i.")
    try:
        Pattern.read(Raw(text=text, kind="regex", column=1))
    except QueryError as error:
        raise WrongError(f"{error.problem}.".replace("..", "."), error.hint) from None
    return text


def selector(text: str) -> str:
    """Check a CSS selector."""
    from cssselect import HTMLTranslator, SelectorError, SelectorSyntaxError  # only who reads pages needs it

    if not text.strip():
        raise WrongError("a CSS selector is expected, here stands {here}.", "Write it like .news li.")
    try:
        HTMLTranslator().css_to_xpath(text)
    except SelectorSyntaxError as error:
        place = re.search(r"at (\d+)>?\Z", str(error))
        where = f" from its character {int(place[1]) + 1} on" if place else ""
        hint = "An attribute is read so: a@href." if "@" in text else ""
        raise WrongError(f"the CSS selector {{here}} cannot be read{where}.", hint) from None
    except SelectorError:
        hint = "An attribute is read so: a@href." if "::" in text else "Known are :not(), :has(), :nth-child() ..."
        raise WrongError("the CSS selector {here} asks for something that we do not know.", hint) from None
    return text


def reading(text: str) -> str:
    """Check a CSS selector that may end in @name, to read an attribute; @name alone reads the item's own."""
    css, name = split_reading(text)
    if css or not name:
        selector(css)
    return text


# Headers that the fetcher sends itself, and where a person says what should be in them.
OURS = {
    "host": "It comes from the address.",
    "user-agent": "Write `user_agent:`.",
    "cookie": "Write `cookies:`.",
    "authorization": "Write `basic:` for a user name and a password.",
    "accept-encoding": "It says what we can decode.",
    "connection": "",
    "content-length": "",
    "transfer-encoding": "",
    "if-none-match": "Validators come from the source.",
    "if-modified-since": "Validators come from the source.",
    "proxy-authorization": "A proxy's login stands in its address under `egress:`.",
    "referer": "None is ever sent.",
}


def spell_duration(length: timedelta) -> str:
    """Write a duration as `duration` reads it: 1h30m."""
    seconds = int(length.total_seconds())
    parts = zip((seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60, seconds % 60), "dhms", strict=True)
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"
