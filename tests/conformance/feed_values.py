"""What a value of a feed must look like: dates, addresses, names, languages, HTML.

In:    the text of an element or an attribute.
Out:   the name of what is wrong with it, None where it is right. The names are those of the W3C's feed validator.
Never: looks at where the value stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

Check = Callable[[str], str | None]


def words(text: str) -> frozenset[str]:
    """Some words."""
    return frozenset(text.split())


_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_W3CDTF = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?)?)?")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ZONES = "UT|GMT|EST|EDT|CST|CDT|MST|MDT|PST|PDT|[A-IK-Z]|[+-][0-9]{4}"
_RFC822 = re.compile(
    rf"(?:({'|'.join(DAYS)}), )?(\d\d?) ({'|'.join(MONTHS)}) (\d{{4}}|\d\d) (\d\d):(\d\d)(?::(\d\d))? ({_ZONES})"
)
_LOOSE = re.compile(r"(?:\w+,? *)?\d\d?[ -]\w{3,9}[ -]\d{2,4},? +\d\d?:\d\d(?::\d\d)?(?: *[A-Za-z+-][\w:+-]*)?")
_TAG = re.compile(
    r"tag:([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
    r"|[\w.+-]+@[A-Za-z0-9.-]+),(\d{4}(?:-\d\d(?:-\d\d)?)?):[0-9A-Za-z._~!$&'()*+,;=:@/?%-]*(#[0-9A-Za-z._~!$&'()*+,;=:@/?%-]*)?"
)
_URN = re.compile(r"urn:[A-Za-z0-9][A-Za-z0-9-]{1,31}:([A-Za-z0-9()+,.:=@;$_!*'/?#-]|%[0-9A-Fa-f]{2})+", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
REGISTERED = words(
    "http https ftp mailto tag urn news nntp telnet gopher file data tel sip sips nfs ldap geo go imap info xmpp cid "
    "mid about acct dav dns git im iris magnet pres rsync rtsp sms ssh svn ws wss"
)
_MIME = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+(?:\s*;\s*[\w.+-]+=(?:\"[^\"]*\"|[^\s;]+))*")
_LANGUAGE = re.compile(r"(?:[A-Za-z]{2,3}|[A-Za-z]{4,8}|[ixIX])(?:-[A-Za-z0-9]{1,8})*")
EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)+")
# A tag that HTML knows, or a named or numbered character, where only words should stand.
_MARKUP = re.compile(
    r"</?(?:a|abbr|b|big|blockquote|body|br|center|code|del|div|em|embed|font|form|frame|h[1-6]|hr|html|i|iframe|img|"
    r"input|ins|li|link|object|ol|p|pre|s|script|small|span|strong|style|sub|sup|table|td|th|tr|tt|u|ul)\b[^<]*>|"
    r"&(?:#\d+;?|#x(?!26;)[0-9A-Fa-f]+;?|[A-Za-z]{2,8}\d{0,2};)",
    re.IGNORECASE,
)
PLAUSIBLE = (datetime(1970, 1, 1, tzinfo=UTC), timedelta(days=1))  # not before; not later than so long from now


def rfc3339(text: str) -> str | None:
    """RFC 3339, section 5.6."""
    if not _RFC3339.fullmatch(text):
        return "InvalidRFC3339Date"
    return _plausible(text, "InvalidRFC3339Date")


def w3cdtf(text: str) -> str | None:
    """The profile of ISO 8601 that Dublin Core recommends."""
    if not _W3CDTF.fullmatch(text):
        return "InvalidW3CDTFDate"
    whole = text + "0000-01-01T00:00:00Z"[len(text) :] if len(text) in (4, 7, 10) else text
    whole = re.sub(r"T(\d\d:\d\d)(Z|[+-])", r"T\1:00\2", whole)
    return _plausible(whole, "InvalidW3CDTFDate")


def _plausible(text: str, otherwise: str) -> str | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return otherwise
    since, ahead = PLAUSIBLE
    return None if since <= moment <= datetime.now(UTC) + ahead else "ImplausibleDate"


def rfc822(text: str) -> str | None:
    """RFC 822, section 5, with four digits of the year."""
    text = re.sub(r"\\.", "", text)
    while (bare := re.sub(r"\([^()]*\)", " ", text)) != text:  # comments, and comments in comments
        text = bare
    text = " ".join(text.split()).replace(" ,", ",")
    if not (found := _RFC822.fullmatch(text)):
        return "ProblematicalRFC822Date" if _LOOSE.fullmatch(text) else "InvalidRFC2822Date"
    named, day, month, year, hour, minute, second, zone = found.groups()
    if len(year) == 2:
        return "ProblematicalRFC822Date"
    try:
        moment = datetime(
            int(year), MONTHS.index(month) + 1, int(day), int(hour), int(minute), min(int(second or 0), 59), tzinfo=UTC
        )
    except ValueError:
        return "InvalidRFC2822Date"
    if named and DAYS[moment.weekday()] != named:
        return "InvalidRFC2822Date"
    since, ahead = PLAUSIBLE
    if not since <= moment <= datetime.now(UTC) + ahead:
        return "ImplausibleDate"
    return "ProblematicalRFC822Date" if zone.isalpha() and zone != "GMT" and len(zone) != 3 else None


def link(text: str) -> str | None:
    """An address, absolute or relative (RFC 3987): what can be asked for when the base is known."""
    if re.search(r"[\s<>\"{}|\\^`]", text):
        return "InvalidUriChar"
    scheme, colon, _ = re.split(r"[/?#]", text, maxsplit=1)[0].partition(":")
    if (colon and not _SCHEME.fullmatch(scheme)) or not _has_place(text):
        return "InvalidLink"
    if scheme in ("tag", "urn") and colon:
        return tag(text) if scheme == "tag" else urn(text)
    return "SchemeNotIANARegistered" if colon and scheme.lower() not in REGISTERED else None


def _has_place(text: str) -> bool:
    """Whether it has a host where its scheme needs one, and a port that is a number."""
    try:
        parts = urlsplit(text)
        return bool(parts.hostname) and parts.port != 0 if parts.scheme in ("http", "https", "ftp") else True
    except ValueError:
        return False


def full_link(text: str) -> str | None:
    """An address with a scheme."""
    wrong = link(text)
    if wrong in ("InvalidTAG", "InvalidURN", "InvalidUUID"):
        return wrong
    return "InvalidFullLink" if wrong is None and not urlsplit(text).scheme else wrong


def rss_link(text: str) -> str | None:
    """The same, in RSS."""
    wrong = full_link(text)
    return "InvalidLink" if wrong in ("InvalidFullLink", "InvalidUriChar") else wrong


def identifier(text: str) -> str | None:
    """An atom:id: absolute, and spelled as its scheme spells it (RFC 4287, section 4.2.6.1)."""
    if text.startswith("tag:"):
        return tag(text)
    if (wrong := full_link(text)) or not text.lower().startswith(("http:", "https:")):
        return wrong
    parts = urlsplit(text)
    canonical = (
        parts.scheme == text.split(":", maxsplit=1)[0]
        and parts.netloc == parts.netloc.lower()
        and not parts.netloc.endswith((":80", ":"))
        and ":@" not in parts.netloc
        and parts.path != ""
        and "/../" not in parts.path
        and "/./" not in parts.path
        and not re.search(r"%[0-9a-f]?[a-f]|%(?:4[1-9A-F]|5[0-9A]|6[1-9A-F]|7[0-9AE]|3[0-9]|2[DE]|5F)", text)
    )
    return None if canonical else "NonCanonicalURI"


def tag(text: str) -> str | None:
    """RFC 4151, section 2.1."""
    if not (found := _TAG.fullmatch(text)):
        return "InvalidTAG"
    date = found[5]
    try:
        datetime.fromisoformat(date + "0000-01-01"[len(date) :])
    except ValueError:
        return "InvalidTAG"
    return None


def urn(text: str) -> str | None:
    """RFC 2141; of those that are UUIDs, RFC 4122."""
    if not _URN.fullmatch(text):
        return "InvalidURN"
    if text.lower().startswith("urn:uuid:") and not _UUID.fullmatch(text[9:]):
        return "InvalidUUID"
    return None


def mime(text: str) -> str | None:
    """A media type (RFC 2045, section 5.1)."""
    return None if _MIME.fullmatch(text.strip()) else "InvalidMIMEType"


def language(text: str) -> str | None:
    """RFC 5646, by its form; one letter alone, or a long first part, is no language."""
    return None if _LANGUAGE.fullmatch(text) and len(text.split("-", maxsplit=1)[0]) in (2, 3) else "InvalidLanguage"


def address(text: str) -> str | None:
    """What RSS wants of a person: an e-mail address, and a name beside it."""
    return None if EMAIL.search(unquote(text)) else "InvalidContact"


def email(text: str) -> str | None:
    """atom:email, which is an address and nothing else (RFC 4287, section 3.2.3)."""
    if EMAIL.fullmatch(text):
        return None
    return "InvalidContact" if "@" not in text or "<" in text or " " in text else "InvalidAddrSpec"


def number(least: int, most: int | None = None, otherwise: str = "InvalidInteger") -> Check:
    """A whole number within bounds."""

    def check(text: str) -> str | None:
        if not re.fullmatch(r"[+-]?\d+", text.strip()):
            return otherwise
        return None if least <= int(text) and (most is None or int(text) <= most) else otherwise

    return check


def one_of(words: str, otherwise: str) -> Check:
    """One of some words."""
    return lambda text: None if text in words.split() else otherwise


def point(text: str) -> str | None:
    """A latitude and a longitude (georss.org)."""
    try:
        north, east = map(float, text.replace(",", " ").split())
    except ValueError:
        return "InvalidCoord"
    return None if abs(north) <= 90 and abs(east) <= 180 else "InvalidCoord"


def plain(text: str) -> str | None:
    """Words and no markup."""
    return "ContainsHTML" if _MARKUP.search(text) else None


def undeclared(text: str) -> str | None:
    """The same, where a type could have said that it is HTML."""
    return "ContainsUndeclaredHTML" if _MARKUP.search(text) else None


SAFE_STYLES = re.compile(
    r"(?:azimuth|background|background-color|border[a-z-]*|clear|color|cursor|direction|display|elevation|float|"
    r"font[a-z-]*|height|letter-spacing|line-height|list-style[a-z-]*|margin[a-z-]*|max-[a-z]+|min-[a-z]+|overflow|"
    r"padding[a-z-]*|pause[a-z-]*|pitch[a-z-]*|quotes|richness|speak[a-z-]*|speech-rate|stress|text-[a-z-]+|"
    r"unicode-bidi|vertical-align|voice-family|volume|white-space|width|word-[a-z-]+|caption-side|border-collapse)"
    r"\s*:\s*[#\w\s.,%!()'\"-]*",
    re.IGNORECASE,
)
RISKY = words(
    "applet base basefont bgsound body embed form frame frameset head html iframe input link meta noframes object "
    "param plaintext script style title"
)


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        if name in RISKY:
            self.found.append("SecurityRisk")
        for key, value in attributes:
            if key.startswith("on"):
                self.found.append("SecurityRiskAttr")
            if key == "style" and not all(
                SAFE_STYLES.fullmatch(one.strip()) and "url" not in one and "expression" not in one
                for one in (value or "").split(";")
                if one.strip()
            ):
                self.found.append("DangerousStyleAttr")
            if key in ("href", "src") and value and not re.match(r"[A-Za-z][\w+.-]*:|#", value.strip()):
                self.found.append("ContainsRelRef")
            if key in ("href", "src") and value and value.strip().lower().startswith("javascript:"):
                self.found.append("SecurityRiskAttr")


def html(text: str) -> Iterator[str]:
    """Yield what is wrong with HTML that stands in a feed."""
    parser = _Html()
    parser.feed(text)
    parser.close()
    yield from parser.found
