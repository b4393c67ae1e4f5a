"""Names in Latin letters: an outlet or an official body by one of their words, else anybody's.

In:    the words of a clause from where a name may begin.
Out:   how many of them are the name, and what it is.
Never: knows outlets by heart (`outlets`), or tells whether they are cited.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from aggregator.dedup.cited.names import Word, listed, outlet_of, stems
from aggregator.dedup.cited.words import CLASSES, lexicon

Kind = Literal["outlet", "body", "anybody"]

# The words that end the name of a body, or stand before "of", "for" and "on".
_BODIES = listed(
    """
    administration agency army assembly authority board brigade bureau cabinet census centers centres coastguard
    commission committee constabulary consulate council department directorate embassy force forces government
    governorate guard inspectorate intelligence kremlin ministry navy office ombudsman organisation organization patrol
    police prosecutor prosecutors registry reserve secretariat service sheriff staff statistics survey treasury tribunal
    watchdog
    """
)
# One word is the name; the first or the last of several makes them one.
_ALONE = listed(
    """
    cdc centcom cia doj ecb efcc epa eu eurostat europol faa fbi fda fema fsb iaea imf interpol kremlin lapd nabu nasa
    nato nhs noaa ntsb nypd ofcom ofgem ofsted ons opcw opec osce pentagon sbu treasury tsa un unesco unhcr unicef usgs
    wto
    """
)
_COMMON = listed("pentagon treasury")  # but do not make a name of more words
# Names that no word tells.
_NAMES = frozenset(
    {"buckingham palace", "capitol police", "downing street", "european union", "general staff", "homeland security"}
    | {"kensington palace", "met office", "police scotland", "public health england", "red cross", "scotland yard"}
    | {"united nations", "white house", "world bank"}
)
_BANKS = listed("central european federal national reserve world")  # whose bank is not a company
# The last word of an outlet's name.
_OUTLETS = listed(
    """
    advertiser advocate age allgemeine argus beacon broadcast broadcasting bulletin chronicle citizen courier daily
    democrat digest dispatch echo enquirer examiner express gazette globe guardian herald independent inquirer insider
    journal leader ledger magazine mail media mercury mirror monitor nation network news newswire novosti observer
    pioneer post pravda press publishing punch radio record register reporter republican review sentinel spectator
    standard star sun telegraph television times today tribune tv vanguard weekly wire world zeit zeitung
    """
)
_OUTLET_WORDS = 4  # more are a headline: Wall Street Rises on Upbeat Trade News

# "Ukraine's defence ministry", "Latvian public radio": one proper word, the rest is small.
_SMALL_BODIES = listed(
    """
    administration agency army authority coastguard commission committee council department embassy government guard
    inspectorate intelligence military ministry navy office police prosecutors service
    """
)
_SMALL_OUTLETS = listed("media radio television tv")
_BETWEEN = listed(
    """
    agriculture air and anti-corruption attorney aviation border central city county culture customs defence defense
    district economy education election emergency energy environment finance fire foreign general health interior
    investigative justice labor labour local mayor's meteorological military national news police prosecutor's public
    regional rescue security state statistical statistics tax trade transport weather
    """
)
_SMALL_WORDS = 5

_JOINING = listed("& and de del della du for in la le of on the")
# With a capital at the beginning of a sentence only.
_OPENING = listed(
    """
    a according after also an and as at before but by dr earlier for from he her here his how i if in it its last later
    mr mrs ms my new of on our she since sir that the their there these they this those to we what when where while who
    why with your
    """
)
_PERSONS = listed("commissioner judge justice")
_POSSESSIVE = re.compile(r"['’]s?$")
# Classes of words that a name may hold, though small they would be something else: The Daily Mirror, Sunday Times.
_INSIDE = frozenset(CLASSES[name] for name in ("place", "kind", "source", "adjective")) | {"n"}


@dataclass(frozen=True, slots=True)
class Latin:
    """A name in Latin letters."""

    words: int  # how many it takes
    title: str
    kind: Kind
    possessive: bool  # Germany's


def latin_at(words: Sequence[Word], *, opens: bool, kinded: bool) -> Latin | None:
    """Return the name that begins with the first of these words.

    opens: it begins a sentence, so that its capital says nothing. kinded: a word like «издание» stands before it.
    """
    first = words[0]
    article = kinded and first.folded == "the" and len(words) > 1  # «газета The Daily Maverick»
    if not first.capital or (first.folded in _OPENING and not article) or (opens and first.folded in lexicon().words):
        return None
    count = _reach(words)
    if count > 1 and _POSSESSIVE.search(first.text) and outlet_of(stems(" ".join(w.text for w in words[1:count]))):
        count = 1  # Germany's Bild
    name = [_POSSESSIVE.sub("", word.folded) for word in words[:count]]
    if "of" in name[1:] and not set(name[: name.index("of")]) & (_BODIES | _BANKS | {"bank"}):
        count = name.index("of")  # somebody of it
    possessive = words[count - 1].folded != name[count - 1]
    kind: Kind
    if small := _small(words, count):
        count, kind = small
    elif kinded:
        kind = "outlet"
    else:
        kind = _kind(name[:count], possessive=possessive)
    if count < len(words) and lexicon().class_of(words[count].folded) == CLASSES["role"]:
        kind = "anybody"  # its vice-chairman
    written = " ".join(word.text for word in words[:count])
    return Latin(words=count, title=_POSSESSIVE.sub("", written), kind=kind, possessive=possessive)


def _reach(words: Sequence[Word]) -> int:
    """Return how many words the capitalised name has; small words count between capitals."""
    count = 1
    for ahead, word in enumerate(words[1:], 1):
        cites = lexicon().words.get(word.folded)
        if word.capital and (cites is None or cites in _INSIDE or word.folded in _OUTLETS | _BODIES):
            count = ahead + 1
        elif word.folded not in _JOINING or ahead - count > 1:
            break
    return count


def _small(words: Sequence[Word], count: int) -> tuple[int, Kind] | None:
    """Return the reach and kind of a name whose proper words are followed by small ones."""
    found: tuple[int, Kind] | None = None
    if count > 2 or words[0].folded.endswith("based"):  # noqa: PLR2004  "Puerto Rico's"
        return None
    for end in range(count, min(len(words), count + _SMALL_WORDS)):
        word = words[end].folded
        named = end + 1 < len(words) and words[end + 1].capital  # "the Ukrainian news agency Ukrinform"
        if word in _SMALL_BODIES and not named:
            found = end + 1, "body"
        elif word in _SMALL_OUTLETS and end > count and not named:
            found = end + 1, "outlet"
        if word not in _BETWEEN:
            break
    return found


def _kind(name: Sequence[str], *, possessive: bool) -> Kind:
    if lexicon().words.get(name[0]) == CLASSES["role"] or name[0] in _PERSONS:
        return "anybody"
    if _is_body(name):
        return "body"
    outlet = name[-1].rpartition("-")[2] in _OUTLETS and 1 < len(name) <= _OUTLET_WORDS
    return "outlet" if outlet and not possessive else "anybody"


def _is_body(name: Sequence[str]) -> bool:
    if " ".join(name) in _NAMES or (len(name) == 1 and name[0] in _ALONE):
        return True
    if len(name) == 1:
        return False
    if "bank" in name and (name[-1] != "bank" or name[0] in _BANKS):  # National Bank; Bank of England
        return name[-1] == "bank" or name[name.index("bank") + 1] == "of"
    heads = [place for place, part in enumerate(name) if part in _BODIES]
    if heads and (heads[-1] == len(name) - 1 or name[heads[-1] + 1] in _JOINING):
        return True
    return name[-1] in _ALONE or name[0] in _ALONE - _COMMON
