"""Addresses: the one that an article's links share, and the forms that may be printed.

In:    an address as a publisher or a person wrote it.
Out:   its canonical form for comparing, its ASCII form for documents, its form without secrets for the public.
Never: asks the network, or guesses: two addresses become equal only by what is written in them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from operator import itemgetter
from urllib.parse import quote

_HTTP = re.compile(r"https?://([^/?#\\]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?\Z", re.IGNORECASE | re.DOTALL)
_PARTS = re.compile(r"([a-z][a-z0-9+.-]*://)([^/?#]*@)?([^/?#:]*)(.*)\Z", re.IGNORECASE | re.DOTALL)
_AUTHORITY = re.compile(r"(?:.*@)?(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::(\d*))?\Z", re.DOTALL)
_BAD_HOST = re.compile(r"[\x00-\x20\x7f\"%<>\\^`{|}]")
_NAME = re.compile(r"[a-z0-9._-]+\Z")
_BREAKS = str.maketrans("", "", "\t\r\n")  # browsers drop them from an address, feeds wrap long ones

# One site, several doors. What follows must still be a name with a dot, so `m.com` and `amp.dev` stay whole.
_DOORS = ("www.", "m.", "amp.", "mobile.", "pda.", "wap.")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Who sent the reader, never what he reads. Checked against 25,242 real article addresses: no two articles become one.
_TRACKING = _words("""
    fbclid gclid gclsrc dclid gbraid wbraid msclkid twclid ttclid igshid igsh li_fat_id epik rdt_cid srsltid
    yclid ysclid ymclid yadclid yadordid _openstat openstat rb_clickid vkclid vk_ad_id tg_rhash admitad_uid
    fb_action_ids fb_action_types fb_ref fb_source fb_comment_id __twitter_impression cn-reloaded

    mc_cid mc_eid mkt_tok _hsenc _hsmi __hssc __hstc __hsfp hsctatracking vero_id vero_conv oly_enc_id oly_anon_id
    _ga _gl _ke ga_source ga_medium ga_campaign ga_content ga_term wickedid s_cid trk trkcampaign sc_campaign
    pk_campaign pk_kwd pk_keyword pk_source pk_medium pk_content pk_cid
    mtm_campaign mtm_kwd mtm_keyword mtm_source mtm_medium mtm_content mtm_cid mtm_group mtm_placement
    at_medium at_campaign at_custom1 at_custom2 at_custom3 at_custom4 at_link_id at_link_type at_format
    roistat roistat_referrer calltouch_tm etext from_mail frommail rpop

    cmpid cmp ncid icid ocid ito smid smtyp ns_mchannel ns_source ns_campaign ns_linkname ns_fee
    ref_src ref_url referrer referer guccounter guce_referrer guce_referrer_sig feature_from
    amp_js_v amp_gsa usqp
""")
# These say where the reader comes from only when their value names such a place; else they may be an id.
_SAID_FROM = _words("from ref source src via share")
_PLACES = _words("""
    rss feed rssfeed atom newsfeed twitter tw x telegram tg tgm vk vkontakte ok odnoklassniki facebook fb instagram
    whatsapp viber google googlenews yandex yxnews yandexnews dzen zen mail mailru pulse smi2 flipboard push email
    newsletter main main_page mainpage top topnews social share sharing copy link reddit linkedin
""")
_AMP_VALUES = {
    "amp": {"", "1", "true", "yes", "y"},
    "_amp": {"", "1", "true"},
    "output": {"amp"},
    "outputtype": {"amp"},
}
_SESSION = _words("phpsessid jsessionid sessionid session_id zenid oscsid cfid cftoken")
_SITE_NAME = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}\Z")
_SESSION_VALUE = re.compile(r"[0-9a-f]{32}\Z", re.IGNORECASE)
_SECRET = re.compile(
    r"(?:.*[_-])?(?:token|key|apikey|auth|secret|password|passwd|pwd|sig|signature|login)\Z", re.IGNORECASE
)

_AND = re.compile(r"&(?:amp;)*")  # some feeds escape it twice
_PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid)=[^/;]*", re.IGNORECASE)
_UNTIDY = re.compile(r"%|//|/\.|;|[^\x21-\x7e]|[\"<>\\^`{|}]")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})?")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_LEGAL = "%/:@!$&'()*+,;=?-._~"
_DEFAULT_PAGE = re.compile(r"/(?:index\.(?:html?|php|shtml|aspx?)|default\.aspx?)\Z", re.IGNORECASE)
_AMP_PATH = re.compile(r"\A/amp(?=/.)|(?<=.)/amp\Z|\.amp(?=\.html?\Z)|(?<=[^/])\.amp\Z", re.IGNORECASE)
_AMP_CACHE = re.compile(
    r"\Ahttps?://(?:(?:www\.)?google\.[a-z.]+/amp/|[^/]+\.cdn\.ampproject\.org/[cv]/)(s/)?(?=[^/]+\.)", re.IGNORECASE
)


def canonical(url: str) -> str | None:
    """Return the address that all links to one article share, or None for what is not http(s).

    The scheme becomes https; gone are the doors of a host (www, m, amp ...), default ports, user names, the fragment
    (but `#!`), what tracks or names a session, AMP's forms, default pages and the last slash; the query is sorted by
    name. A parameter that may be an article's id stays. For comparing only: the result need not answer.
    Source: RFC 3986, section 6; the lists above.
    """
    found = _HTTP.match(_AMP_CACHE.sub("https://", url.strip().translate(_BREAKS)))
    if not found:
        return None
    authority, path, query, fragment = found.groups()
    host = _authority(authority)
    if host is None:
        return None
    tail = _query(query) if query else ""
    if fragment and fragment[0] == "!":
        tail += "#" + _legal(fragment)
    return f"https://{host}{_path(path)}{tail}"


def ascii_only(url: str) -> str:
    """Return the address as an ASCII URI (punycode host, percent-encoded rest); unchanged where it is one already."""
    if url.isascii():
        return url
    scheme, user, host, rest = _parts(url)
    return quote(scheme + user + (_idna(host) or host) + rest, safe=_LEGAL + "#[]", errors="surrogatepass")


def public(url: str) -> str:
    """Return the address without a user name, a password or a parameter named like a secret: fit for any reader."""
    scheme, _, host, rest = _parts(url)
    path, mark, query = rest.partition("?")
    kept = "&".join(part for part in query.split("&") if not _SECRET.match(part.partition("=")[0]))
    return scheme + host + path + (mark + kept if kept else "")


def _parts(url: str) -> tuple[str, str, str, str]:
    """Return "scheme://", "user@", "host" and the rest, port included; only a rest where there is no host."""
    found = _PARTS.match(url)
    return (found[1], found[2] or "", found[3], found[4]) if found else ("", "", "", url)


@lru_cache(maxsize=4096)
def _authority(authority: str) -> str | None:
    """Return host[:port] as compared, or None if no host is in it."""
    found = _AUTHORITY.match(authority)
    host = _idna(found[1]) if found else None
    if not found or not host or _BAD_HOST.search(host):
        return None
    host = _front_door(host)
    return host if found[2] in {None, "", "80", "443"} else f"{host}:{found[2]}"


def _idna(host: str) -> str | None:
    """Return the host in lower case and ASCII, or None if it cannot be."""
    if host.isascii():
        return host.lower().strip(".")
    try:
        name = host.encode("idna").decode("ascii").lower().strip(".")
    except UnicodeError:
        return None
    return name if _NAME.match(name) else None  # "℀" becomes "a/c"


def _front_door(host: str) -> str:
    """Return the host without www., m., amp. and the like, as long as a name with a dot remains."""
    for door in _DOORS:
        if host.startswith(door) and "." in host[len(door) :]:
            return _front_door(host[len(door) :])
    return host


def _path(path: str) -> str:
    """Return the path as compared: escapes in one form, no dot segments, no AMP, no default page, no last slash."""
    if _UNTIDY.search(path):
        path = _no_dots(_legal(_PATH_SESSION.sub("", path)))
    path = path.rstrip("/")
    while (shorter := _DEFAULT_PAGE.sub("", _AMP_PATH.sub("", path)).rstrip("/")) != path:
        path = shorter
    return path


def _legal(text: str) -> str:
    """Return the text with escapes in one form: none for unreserved characters, upper case for the others."""
    return quote(_ESCAPE.sub(_escape, text), safe=_LEGAL, errors="surrogatepass")


def _escape(found: re.Match[str]) -> str:
    code = found[1]
    if code is None:
        return "%25"
    char = chr(int(code, 16))
    return char if char in _UNRESERVED else f"%{code.upper()}"


def _no_dots(path: str) -> str:
    """Return the path without `.`, `..` and empty segments (RFC 3986, section 5.2.4)."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in {"", "."}:
            kept.append(segment)
    return "/" + "/".join(kept)


def untracked(url: str) -> str:
    """Return the address without the parameters that only tell who sent the reader; all else stays as it is written."""
    page, hash_, fragment = url.partition("#")
    path, mark, query = page.partition("?")
    kept = "&".join(part for part in query.split("&") if not _tracks(part.partition("=")[0].lower()))
    return url if kept == query else path + (mark if kept else "") + kept + hash_ + fragment


def _tracks(name: str) -> bool:
    return name in _TRACKING or name.startswith(("utm_", "hsa_"))


def _query(query: str) -> str:
    """Return "?..." sorted by name, of the parameters that may decide which article it is; "" if there are none."""
    if "+" in query or _UNTIDY.search(query):
        query = _legal(query.replace("+", "%20"))
    kept = []
    for part in _AND.split(query):
        name, equals, value = part.partition("=")
        if part and not _idle(name.lower(), value, bare=not equals):
            kept.append((name, part))
    if len(kept) > 1:  # a lone `sid` or `s` of any shape may be the article's own id
        kept = [(name, part) for name, part in kept if not _session(name, part)]
    kept.sort(key=itemgetter(0))
    return "?" + "&".join(part for _, part in kept) if kept else ""


def _idle(name: str, value: str, *, bare: bool) -> bool:
    """Tell whether a parameter never decides which article is shown."""
    if _tracks(name) or name in _SESSION or name.startswith("aspsessionid"):
        return True
    if name in _AMP_VALUES:
        return value.lower() in _AMP_VALUES[name]
    if not value:
        return not bare  # `?mTitle=` says nothing, but in `?12345` the name is the id
    if name in _SAID_FROM:
        said = value.lower()
        return said in _PLACES or (name == "ref" and _SITE_NAME.match(said) is not None)
    return False


def _session(name: str, part: str) -> bool:
    return name.lower() in {"sid", "s"} and _SESSION_VALUE.match(part[len(name) + 1 :]) is not None
