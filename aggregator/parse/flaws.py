"""What can be wrong in a document that we read nevertheless.

In:    a code of the table, the place, a detail.
Out:   at most MOST flaws, few places per code; the rest is counted, not listed.
Never: stops anything. What cannot be worked around is a ParseError.
"""

from __future__ import annotations

from collections import Counter

from aggregator.model import Flaw

# code -> sentence. Codes are stable: people search for them, and the reference page is printed from here.
FLAWS = {
    "author-cut": "An author's name was longer than 200 characters and was cut.",
    "category-too-many": "An item named more than 50 categories; the first 50 were kept.",
    "channel-unreadable": "What the document says of itself could not be read; its items could.",
    "character-reference": "Character references that name no XML character (such as &#xD800;) were replaced.",
    "control-characters": "Characters that XML forbids were removed.",
    "date-absurd": "A date lies before 1990 and was taken as missing.",
    "date-in-future": "A date lies in the future; the time of reading stands in its place.",
    "date-unreadable": "A date could not be read.",
    "date-without-zone": "A date names no zone and the source has none configured; it was read as UTC.",
    "date-zone-unknown": "A date names a zone that does not exist; the source's zone or UTC was used.",
    "deleted-too-many": "The document took back more than 2,000 entries; the first 2,000 were looked at.",
    "enclosure-too-many": "An item had more than 20 enclosures; the first 20 were kept.",
    "encoding-damaged": "Some bytes are not text in the document's encoding; U+FFFD stands in their place.",
    "encoding-doubtful": "The letters look like no language in any encoding that we know; the text may be garbled.",
    "encoding-guessed": "The document names no encoding that fits; it was found by looking at the letters.",
    "encoding-refused": "The document names an encoding that we do not read for safety; it was ignored.",
    "encoding-unknown": "The document names an encoding that does not exist; it was ignored.",
    "encoding-wrong": "The document is in another encoding than it or its server says.",
    "full-text-gone": "Most pages are gone, says their host (410). It is not believed; they are asked for again.",
    "full-text-missing": "The page of an item could not be fetched, or no article is in it; it has its feed's text.",
    "full-text-refused": "The robots.txt of its host asks programs not to fetch the page of an item; it was left.",
    "full-text-skipped": "One poll asks for ten pages at most; the others wait for later polls, for two days.",
    "full-text-stopped": "A host did not want its pages fetched, or time was up; they are asked for again later.",
    "html-cut": "A text was longer than 512 kB, or its markup too deep, and was cut.",
    "id-repeated": "Several items share an id; later ones carry their link or a hash beside it.",
    "id-too-long": "An id was longer than 1,000 characters; its hash stands in its place.",
    "item-cut": "The document breaks off inside its last item; that item waits for the next poll.",
    "item-empty": "An item had nothing in it and was left out.",
    "item-repeated": "The same item stood in the document twice; it was kept once.",
    "item-too-many": "The document held more than 2,000 items; the newest 2,000 were kept.",
    "item-unreadable": "One item could not be read and was left out.",
    "item-without-id": "An item has neither id nor link; it is recognised by its title, date and text.",
    "item-without-title": "An item of a page had no title where its selector looks, and was left out.",
    "json-value": "A value in a JSON Feed has the wrong type and was ignored.",
    "junk-before-document": "Something stood before the document and was skipped.",
    "link-refused": "An address is not http or https, or not an address, and was left out.",
    "link-too-long": "An address was longer than 4,096 characters and was left out.",
    "not-well-formed": "The document is not well-formed XML; it was read by a forgiving parser.",
    "selector-finds-nothing": "A selector found nothing in any item of a page; the page may have been rebuilt.",
    "title-cut": "A title was longer than 1,000 characters and was cut.",
    "zone-mislabelled": "Dates are in local time and call it GMT; items are sorted by when they must have appeared.",
    "truncated": "The document breaks off before its end; items missing from it are not gone.",
}

MOST = 50
_PLACES = 4  # listed per code
_DETAIL = 200  # characters


class Flaws:
    """Collects the flaws of one document."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], str] = {}
        self._times: Counter[str] = Counter()

    def add(self, code: str, where: str = "document", detail: str = "") -> None:
        """Note a flaw once per place. detail: the publisher's words, as far as they help."""
        if code not in FLAWS:
            raise KeyError(code)
        if (code, where) not in self._found:
            self._times[code] += 1
            if self._times[code] <= _PLACES:
                self._found[code, where] = " ".join(detail.split())[:_DETAIL]

    def listed(self) -> tuple[Flaw, ...]:
        """Return what was noted, in the order of finding; then how many more places each code has."""
        flaws = [Flaw(code=code, where=where, detail=detail) for (code, where), detail in self._found.items()]
        more = [
            Flaw(code=code, where="elsewhere", detail=f"{times - _PLACES} more")
            for code, times in self._times.items()
            if times > _PLACES
        ]
        return tuple((flaws + more)[:MOST])
