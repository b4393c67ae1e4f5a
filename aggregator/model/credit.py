"""Who a text names as the source of its news."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """An outlet, an agency or an official body that a text cites; not whoever merely speaks of himself."""

    outlet: str  # as written, where it is cheap in the nominative, without quotes
    name: str  # by which its spellings and inflections meet: «Интерфакса», Interfax
    body: bool  # an official body, not an outlet
    phrase: str  # the words that cite, as written: "со ссылкой на"
    place: tuple[int, int]  # where its name begins and ends in the text
    via: str | None = None  # `name` of the outlet that brought it: of the agency that cites a ministry


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """Who is cited, by the names by which a query may ask for him."""

    outlet: str  # as of Credit
    names: frozenset[str]  # `name` of Credit, and the ids of our sources that are meant


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """An item of a story, as its first teller is found by."""

    item: str  # its key
    source: str
    first_seen_at: datetime
    copy: str | None  # its group of copies
    credits: tuple[Credit, ...]  # in the order of its text


@dataclass(frozen=True, slots=True, kw_only=True)
class TellerWords:
    """What is said of who told a story, in English unless it is said otherwise; {} stands for names and numbers."""

    cites_nobody: str = "it cites nobody"
    cited_by: str = "cited by {}"
    before: str = "before {} by {}"
    being_ours: str = "being a source of ours"
    by_name: str = "its name"
    by_priority: str = "priority {:g} over {:g}"
    by_time: str = "when we saw it"
    one_outlet: str = "{} outlet, {} independent: {}"
    outlets: str = "{} outlets, {} independent: {}"
    is_cited: str = "{} is cited"
    one_text: str = "one text"
    one_owner: str = "one owner"
