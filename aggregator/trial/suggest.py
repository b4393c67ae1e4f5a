"""The YAML of a source.

In:    the feeds that were found, and what is configured already.
Out:   what could stand in sources.yaml, ready to paste.
Never: guesses silently: a zone that the feed does not name says so in its line.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import chain, islice
from urllib.parse import urlsplit

from aggregator.config import Config
from aggregator.config.presets import Named, recognised
from aggregator.config.values import WrongError, address
from aggregator.fetch.moves import moved
from aggregator.model import Parsed, PollState, Select, Source
from aggregator.parse.zone import home_zone
from aggregator.tag import language_of
from aggregator.tag.language import base_of
from aggregator.trial.look import Asked, Trial

_ENOUGH = 10  # items whose language is looked at
_ID = re.compile(r"[^a-z0-9]+")
_LONGEST_ID = 64
_MOST_SECTIONS = 12  # words of a page that are listed to be mapped
_PLAIN_KEY = re.compile(r"(?!null\Z|true\Z|false\Z)[a-z].*")  # 112 would be a number


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Doors of a host and words of a path that tell nothing of whose feed it is.
_TELLS_NOTHING = _words("www m amp mobile rss rss2 feed feeds atom rdf xml json index php export news site all main")
_SECOND_LEVEL = _words("co com net org gov edu ac in")  # as in com.ua, co.uk


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What could stand in sources.yaml."""

    id: str
    url: str
    title: str = ""
    language: str | None = None
    zone: str | None = None
    zoneless: bool = False  # its dates carry no zone: one should be said
    allow_private: tuple[str, ...] = ()
    select: Select | None = None  # it is a page
    sections: tuple[str, ...] = ()  # the page's words for them
    sitemap: bool = False
    preset: str = ""  # the key that stands for its address and its selectors
    word: str = ""  # what that key says


def suggestions(
    trial: Trial, *, config: Config | None, name: str | None, allow_private: tuple[str, ...]
) -> tuple[Suggestion, ...]:
    """Return a source for each feed that was found, but for those that are configured already.

    name           the id that the person wants for the first; it may be that of a source that is to be replaced
    allow_private  the networks that had to be allowed to come here
    """
    known = dict(config.sources) if config else {}
    replaced = known.pop(name, None) if name else None
    places = {_place(source.url, source) for source in known.values()}
    made: dict[str, Suggestion] = {}
    for feed in trial.feeds:
        url = address_of(feed)
        place = _place(url, feed.source)
        if _configurable(url) and place not in places and not (replaced and _place(replaced.url, replaced) == place):
            places.add(place)
            taken = known.keys() | made.keys()
            made_id = name if name and not made else _new_id(url, feed, taken)
            made[made_id] = _suggestion(made_id, url, feed, allow_private)
    return tuple(made.values())


def _place(url: str, source: Source) -> tuple[str, str]:
    """Return what a source reads: an address, and of a page which items."""
    return url, source.select.item if source.select else ""


def address_of(feed: Asked) -> str:
    """Return the address to configure: where permanent redirects lead, else the one that was asked."""
    own = feed.source.url.partition("#")[0]
    goal = moved(PollState(), own, feed.fetched.hops if feed.fetched else (), _ANY_TIME).moved_url
    return goal if goal and _configurable(goal) else own


def _configurable(url: str) -> bool:
    """Tell whether an address may stand in the configuration: a redirect can lead to one with a user name in it."""
    try:
        address(url)
    except WrongError:
        return False
    return True


_ANY_TIME = datetime.min.replace(tzinfo=UTC)  # the goal of a redirect does not depend on it


def _suggestion(made_id: str, url: str, feed: Asked, allow_private: tuple[str, ...]) -> Suggestion:
    assert feed.parsed is not None
    named = _named(url, feed)
    language = feed.source.language or _language(feed.parsed)
    select = None if named else feed.source.select
    if select:  # needs a zone, and was read in this one
        zoneless, guessed = not feed.source.zone, home_zone(url) or "UTC"
    else:
        zoneless = any(flaw.code == "date-without-zone" for flaw in feed.parsed.flaws)
        guessed = home_zone(url, language) or ""
    words = (category.term for item in feed.parsed.items for category in item.categories)
    return Suggestion(
        id=made_id,
        url=url,
        title=feed.source.title or feed.parsed.feed.title,
        language=language,
        zone=feed.source.zone or (guessed if zoneless else "") or None,
        zoneless=zoneless,
        allow_private=allow_private,
        select=select,
        sections=tuple(islice(dict.fromkeys(words), _MOST_SECTIONS)) if select else (),
        sitemap=feed.source.sitemap,
        preset=named.preset.name if named else "",
        word=named.word if named else "",
    )


def _named(url: str, feed: Asked) -> Named | None:
    """Return the preset that asks this address and reads it so."""
    named = recognised(url)
    return named if named and (named.url, named.preset.select) == (url, feed.source.select) else None


def _language(parsed: Parsed) -> str | None:
    """Return the language that most items are in, else the one that the feed tells."""
    told = base_of(parsed.feed.language)
    seen = Counter(language_of(item, declared=told) for item in parsed.items[:_ENOUGH])
    most, times = seen.most_common(1)[0] if seen else (None, 0)
    return most if most and 2 * times > seen.total() else told


def _new_id(url: str, feed: Asked, taken: Collection[str]) -> str:
    assert feed.parsed is not None
    title, named = feed.parsed.feed.title, _named(url, feed)
    own = (title if named.preset.opaque else named.word) if named else ""
    return id_for(url, title=title, own=own, taken=taken)


def id_for(url: str, *, title: str, taken: Collection[str], own: str = "") -> str:
    """Return an id nobody has: by the host, else with what the path adds to it, else with a number.

    own  what tells more than the host does, where there is such a word
    """
    parts = urlsplit(url)
    path = [word for word in _ID.split(parts.path.lower()) if word and word not in _TELLS_NOTHING]
    base = slug(own) or _of_host(parts.hostname or "") or slug(title) or "source"
    together = slug(f"{base}-{'-'.join(path)}")
    return together if base in taken and together not in taken else free(base, taken)


def free(base: str, taken: Collection[str]) -> str:
    """Return the id, with a number where somebody has it."""
    numbered = (f"{base[: _LONGEST_ID - 6]}-{number}" for number in range(2, len(taken) + 3))
    return next(one for one in chain([base], numbered) if one not in taken)


def _of_host(host: str) -> str:
    """Return "unian" for rss.unian.net, "news-bbc" for news.bbc.co.uk; nothing for an address in numbers."""
    labels = host.lower().split(".")
    if ":" in host or labels[-1].isdigit():
        return ""
    if len(labels) > 1:
        labels.pop()
    if len(labels) > 1 and labels[-1] in _SECOND_LEVEL:
        labels.pop()
    return slug("-".join([*(label for label in labels[:-1] if label not in _TELLS_NOTHING), labels[-1]]))


def slug(text: str) -> str:
    """Return what an id may hold of a text."""
    return _ID.sub("-", text.lower()).strip("-")[:_LONGEST_ID].strip("-")


def yaml(found: Collection[Suggestion]) -> str:
    """Return the suggestions as a file for sources.d, or lines for sources.yaml."""
    return "sources:\n" + "".join(map(_block, found)) if found else ""


def _block(one: Suggestion) -> str:
    name = one.id if _PLAIN_KEY.fullmatch(one.id) else quoted(one.id)
    kind = one.preset or ("page" if one.select else "sitemap" if one.sitemap else "url")
    lines = [f"  {name}:", f"    {kind}: {quoted(one.word or one.url.replace('${', '$%7B'))}"]
    if one.title:
        lines.append(f"    title: {quoted(one.title.replace('${', '$ {'))}")  # `${` would name a variable
    if one.language:
        lines.append(f"    language: {one.language}")
    if one.zone:
        lines.append(f"    zone: {one.zone}" + ("  # a guess: its dates name none" if one.zoneless else ""))
    elif one.zoneless:
        lines.append("    # zone: Europe/Kyiv  # its dates name none; say which it is")
    if one.select:
        lines += ["    select:"]
        lines += [f"      {key}: {quoted(css)}" for key, css in asdict(one.select).items() if css]
    if one.sections:
        mapped = ", ".join(f"{quoted(word)}: ..." for word in one.sections)
        lines.append(f"    # map: {{section: {{{mapped}}}}}  # its words, and what they are among your sections")
    if one.allow_private:
        lines.append(f"    allow_private: [{', '.join(map(quoted, one.allow_private))}]")
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """Return the text as YAML; JSON is YAML, but for the control characters that it lets stand."""
    return json.dumps(re.sub("[\x7f-\x9f]", " ", text).strip(), ensure_ascii=False)
