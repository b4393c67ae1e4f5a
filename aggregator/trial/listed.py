"""A list of feeds that another reader has written (OPML), as sources of ours. The only file that knows listparser.

In:    the bytes of a list; what is configured already.
Out:   sources with ids of their own, in the groups that its folders make, ready for a file of sources.d; what is left
       out, and why.
Never: asks the network: whether a feed is there, the first poll tells. Follows a list that a list names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import listparser

from aggregator.config.values import WrongError, address
from aggregator.parse.encoding import decode
from aggregator.parse.flaws import Flaws
from aggregator.trial.suggest import Suggestion, free, id_for, quoted, slug, yaml
from aggregator.urls import public

MAX_BYTES = 20_000_000  # a list of 100,000 feeds
DECLARED = b'<?xml version="1.0" encoding="utf-8"?>\n'
_DECLARATION = re.compile(r"\A\s*<\?xml\b[^>]*\?>")
_LONGEST_TITLE = 200  # characters
_DOOR = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)
_ROMAN = str.maketrans(
    dict(zip("абвгґдеєёзиіїйклмнопрстуфы", "abvhgdeeeziiiiklmnoprstufy", strict=True))
    | {
        "ж": "zh",
        "х": "kh",
        "ц": "ts",
        "ч": "ch",
        "ш": "sh",
        "щ": "shch",
        "ъ": "",
        "ь": "",
        "э": "e",
        "ю": "iu",
        "я": "ia",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A line of a list that becomes no source."""

    url: str  # without a secret
    title: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What a list brings."""

    sources: tuple[Suggestion, ...]
    groups: Mapping[str, tuple[str, ...]]  # id -> ids of its sources
    titles: Mapping[str, str]  # of the groups
    left: tuple[Left, ...]
    flaw: str  # what is wrong with the list as a whole; "" if nothing


def read_list(document: bytes, *, sources: Mapping[str, str], groups: Collection[str]) -> Listed:
    """Return what a list brings that is not configured yet.

    sources  id -> address, of those that are configured
    groups   ids of those that are
    """
    found = listparser.parse(_utf8(document))
    places = {_place(url) for url in sources.values()}
    hosts = Counter(_host(feed.url) for feed in found.feeds)
    made: dict[str, Suggestion] = {}
    members: dict[str, list[str]] = {}  # by the words of a folder
    left = []
    for feed in found.feeds:
        url, title = _web(feed.url.strip()), " ".join(feed.title.split())[:_LONGEST_TITLE]
        if why := _refusal(url) or ("it is configured already" if _place(url) in places else ""):
            left.append(Left(url=public(url), title=title, why=why))
            continue
        places.add(_place(url))
        roman = _roman(title)
        own = roman if hosts[_host(feed.url)] > 1 else ""  # of a host with many, the address tells little
        named = id_for(url, title=roman, own=own, taken=sources.keys() | made.keys())
        made[named] = Suggestion(id=named, url=url, title=title)
        for folder in {" / ".join(filter(None, map(str.strip, path))) for path in feed.categories} - {""}:
            members.setdefault(folder, []).append(named)
    ids = _group_ids(members, taken=groups)
    return Listed(
        sources=tuple(made.values()),
        groups={ids[folder]: tuple(inside) for folder, inside in members.items()},
        titles={ids[folder]: folder for folder in members},
        left=tuple(left),
        flaw=str(found.bozo_exception or "") or ("" if found.version else "it is no OPML"),
    )


def written(listed: Listed, head: Iterable[str]) -> str:
    """Return a file of sources.d. head: lines of comment that it begins with."""
    lines = [f"# {' '.join(line.split())}" for line in head]
    if listed.groups:
        lines += ["groups:", *_groups(listed)]
    return "\n".join((*lines, yaml(listed.sources)))


def _groups(listed: Listed) -> Iterator[str]:
    for name, inside in listed.groups.items():
        title = " ".join(listed.titles[name].split())
        yield f"  {quoted(name)}:" + (f"  # {title}" if title != name else "")
        yield f"    sources: [{', '.join(map(quoted, inside))}]"


def _utf8(document: bytes) -> bytes:
    """Return a list in the one encoding that is never mistaken: a list that says nothing would be read as Latin."""
    text = decode(document, "text/xml", Flaws())
    return DECLARED + _DECLARATION.sub("", text, count=1).encode(errors="replace")


def _web(url: str) -> str:
    """Return the address that is meant by one of the old scheme "feed:", which stood for http or before it."""
    if not url.lower().startswith("feed:"):
        return url
    bare = url[len("feed:") :].removeprefix("//")
    return bare if bare.lower().startswith("http") else f"http://{bare}"


def _refusal(url: str) -> str:
    try:
        address(url)
    except WrongError as error:
        return error.problem.replace("{here}", "something else")
    return ""


def _host(url: str) -> str:
    return _place(url).partition("/")[0].lower()


def _place(url: str) -> str:
    """Return what tells one feed's address from another's: not the door by which one comes."""
    return _DOOR.sub("", url).rstrip("/").partition("#")[0]


def _group_ids(folders: Iterable[str], *, taken: Collection[str]) -> dict[str, str]:
    ids: dict[str, str] = {}
    for folder in folders:
        ids[folder] = free(slug(_roman(folder)) or "group", {*taken, *ids.values()})
    return ids


def _roman(title: str) -> str:
    """Return a title in letters that an id may have, whether it is Russian or Ukrainian."""
    return title.lower().translate(_ROMAN)
