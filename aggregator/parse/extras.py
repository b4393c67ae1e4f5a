"""What an item says of itself beyond the fields of an Item: a podcast's length, whom it is taken from, whose it is.

In:    values by their names in RSS (itunes:duration), as published; JSON Feed's are named alike.
Out:   those that are what their names say, cleaned; a duration in seconds, an address absolute, the people of an
       episode as a JSON list of {name, role, group, href, img}.
Never: carries what is not in the table: the rest of these namespaces is markup for shops. A thumbnail and an episode's
       picture are enclosures. How many comments there are is not carried: it would be wrong within the hour.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from aggregator.parse.draft import Text
from aggregator.parse.links import absolute
from aggregator.parse.markup import plain

ADDRESSES = ("podcast:transcript", "podcast:chapters")
WORDS = ("media:credit",)
RIGHTS, LICENSE, PLACE = "dc:rights", "creativeCommons:license", "georss:point"
# Of pages: whom an item is taken from, and where it stands there (Dublin Core: of the terms, `source` is a resource).
TAKEN_FROM, TAKEN_AT = "dc:source", "dcterms:source"
PEOPLE = "podcast:person"
_LONGEST = 200  # characters
_MOST_PEOPLE = 20
_PART = re.compile(r"[\w /-]{1,50}\Z")  # of somebody in an episode: "guest", "sound engineer"
_FORMS = {
    "itunes:episode": re.compile(r"[0-9]{1,9}\Z"),
    "itunes:season": re.compile(r"[0-9]{1,9}\Z"),
    "itunes:episodeType": re.compile(r"(?:full|trailer|bonus)\Z"),
    "itunes:explicit": re.compile(r"(?:true|false)\Z"),
    PLACE: re.compile(r"-?[0-9]{1,2}(?:\.[0-9]{1,15})? -?[0-9]{1,3}(?:\.[0-9]{1,15})?\Z"),  # latitude, longitude
}
NAMES = ("itunes:duration", *(name for name in _FORMS if name != PLACE), *ADDRESSES, *WORDS)
_CLOCK = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,4}):)?(\d{1,7})(?:\.\d+)?\Z")


def cleaned(published: Mapping[str, str], base: str) -> dict[str, str]:
    """Return what may be stored. base: what its addresses are relative to."""
    names = (*NAMES, PEOPLE, RIGHTS, LICENSE, PLACE, TAKEN_FROM, TAKEN_AT)
    found = {name: _value(name, published[name].strip(), base) for name in names if name in published}
    return {name: value for name, value in found.items() if value}


def _value(name: str, value: str, base: str) -> str:
    if name == "itunes:duration":
        return _seconds(value)
    if name == PEOPLE:
        return _people(json.loads(value)[:_MOST_PEOPLE], base)
    if name in {*ADDRESSES, TAKEN_AT, LICENSE}:
        return absolute(value, base) or ""
    if name in {*WORDS, TAKEN_FROM, RIGHTS}:
        return plain(Text(value=value))[:_LONGEST]
    return value if _FORMS[name].match(value) else ""


def _people(said: Iterable[Mapping[str, str]], base: str) -> str:
    people = [
        {"name": plain(Text(value=one.get("name", "")))[:_LONGEST]}
        | {part: one[part] for part in ("role", "group") if _PART.match(one.get(part, ""))}
        | {place: href for place in ("href", "img") if (href := absolute(one.get(place, ""), base))}
        for one in said
    ]
    named = [one for one in people if one["name"]]
    return json.dumps(named, ensure_ascii=False) if named else ""


def _seconds(value: str) -> str:
    """Return 3723 for 1:02:03; a podcast's length comes in either form."""
    found = _CLOCK.match(value)
    if not found:
        return ""
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return str(3600 * hours + 60 * minutes + seconds or "")
