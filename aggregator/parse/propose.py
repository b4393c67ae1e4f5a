"""Selectors for a page that repeats something: what `aggregator try` proposes where no feed is named.

In:    the text of a page.
Out:   selectors of its items, the best first.
Never: asks anything, or proposes what it has not tried: every selector was held against every item it is for.

Items are elements of one class, or of one tag in one parent, that each have a title: a heading, else the longest link.
What has dates, teasers and long titles is news rather than a menu. Inside an item the date is what reads as one, the
section a short word that others share (or that a class calls so), the teaser the longest text that is left.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from aggregator.model import Select
from aggregator.parse import dates
from aggregator.parse.page import Element, Reading, address, tree_of, words, xpath
from aggregator.parse.told import day_told, told

LEAST = 3  # items; two of a kind are a pair
_MOST_ELEMENTS = 20_000  # of a page, looked at
_MOST_ITEMS = 30  # of a group, looked at
_MOST_INSIDE = 200  # elements; what holds more is no item but a part of the page
_MOST_GROUPS = 400
_NEAR = 4  # elements around an item in which a name is looked for
_FINALISTS = 12  # groups whose fields are looked for
_MOST = 2  # proposed: many a front page has news beside articles

_CLASS = re.compile(r"-?[A-Za-z_][\w-]{1,60}\Z")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_NO_ITEMS = {"html", "head", "body", "nav", "form", "option", "script", "br", "img", "time", "i", "b", "em", "strong"}
_ELSEWHERE = {"nav", "footer", "form", "head", "select"}  # what stands in these is no news
_NO_NAMES = {"b", "em", "i", "span", "strong", "small", "div", "td", "th"}  # tags that say nothing of what is in them
_CALLED_SECTION = re.compile(r"badg|categ|rubri|section|topic|label|(?<![a-z])tag", re.IGNORECASE)
_CALLED_OTHERWISE = re.compile(r"credit|author|byline|photo|comment|share|more", re.IGNORECASE)
_TIME_ALONE = re.compile(r"\D{0,3}\d{1,2}:\d{2}\D{0,3}")
_SHORTEST_TITLE, _LONGEST_TITLE = 12, 250  # characters: menus are shorter, teasers longer
_SURE_TITLE = 25  # no rubric and no author's name is so long
_FULL_TITLE = 60  # characters; a longer title is no better
_LONGEST_DATE = 60
_LONGEST_SECTION = 30
_SHORTEST_SUMMARY = 40
_ENOUGH = 0.7  # of the items must agree in their titles; the rest are advertisements
_MANY = 0.5  # of them must have what not every item need have


def proposals(text: str, *, now: datetime) -> tuple[Select, ...]:
    """Return selectors for what a page repeats, the best first; nothing where it repeats nothing like news."""
    tree = tree_of(text)
    if tree is None:
        return ()
    groups = sorted(_groups(tree), key=lambda group: -group.rating)[:_FINALISTS]
    rated = [(_worth(group, select), group, select) for group in groups if (select := _fields(group, now))]
    rated.sort(key=lambda one: -one[0])
    found: list[tuple[_Group, Select]] = []
    for worth, group, select in rated:
        rivals = worth < rated[0][0] / 2 or any(_overlap(group, other) for other, _ in found)
        if len(found) < _MOST and not rivals:
            found.append((group, select))
    return tuple(select for _, select in found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Elements that may be the items of a page."""

    css: str
    all: tuple[Element, ...]
    titled: tuple[tuple[Element, Element], ...]  # the first of them that have a title, and its element
    share: float  # of those that have one

    @property
    def rating(self) -> float:
        """How many titles there are, the long ones counting most."""
        return self.share * sum(min(len(words(title)), _FULL_TITLE) / _FULL_TITLE for _, title in self.titled)


def _worth(group: _Group, select: Select) -> float:
    """Return how much a group looks like news: dates tell most."""
    return group.rating * (1 + 2 * bool(select.published) + bool(select.summary) / 2 + bool(select.section) / 2)


def _overlap(one: _Group, other: _Group) -> bool:
    """Tell whether items of one group stand in, or around, items of the other."""
    mine, theirs = set(one.all), set(other.all)
    return any(mine.intersection(inside.iterancestors()) or inside in mine for inside in theirs) or any(
        theirs.intersection(inside.iterancestors()) for inside in mine
    )


# --- items --------------------------------------------------------------------------------------------------------


def _groups(tree: Element) -> Iterator[_Group]:
    named: dict[str, list[Element]] = {}
    for element in islice(tree.iter(), _MOST_ELEMENTS):
        if element.tag not in _NO_ITEMS:
            for css in dict.fromkeys(_item_names(element)):
                named.setdefault(css, []).append(element)
    often = sorted((css for css in named if len(named[css]) >= LEAST), key=lambda css: -len(named[css]))[:_MOST_GROUPS]
    for css in (css for css in named if css in set(often)):  # in the page's order: what is around before what is inside
        if group := _group(css, named[css]):
            yield group


def _item_names(element: Element) -> Iterator[str]:
    """Yield selectors by which an element may be one of several."""
    yield from (f".{name}" for name in _classes(element))
    if element.tag == "article":
        yield "article"
    parents = [parent for parent in islice(element.iterancestors(), _NEAR) if parent.tag != "tbody"]
    if not parents:
        return
    between = " " if element.tag == "tr" else " > "
    if name := _own_name(parents[0]):
        yield f"{name}{between}{element.tag}"
    elif name := next(filter(None, map(_own_name, parents)), ""):
        yield f"{name} {parents[0].tag}{between}{element.tag}"
    else:
        yield between.join(str(one.tag) for one in (*parents[1::-1], element))


def _own_name(element: Element) -> str:
    """Return the id or the first class of an element, as a selector."""
    if _CLASS.match(name := element.get("id") or ""):
        return f"#{name}"
    return next((f".{name}" for name in _classes(element)), "")


def _classes(element: Element) -> list[str]:
    return [name for name in (element.get("class") or "").split()[:6] if _CLASS.match(name)]


def _group(css: str, items: list[Element]) -> _Group | None:
    """Return the elements of a selector, if most of them have a title each, and none is in another or in a menu."""
    known = set(items)
    if any(one in known or one.tag in _ELSEWHERE for item in items for one in item.iterancestors()):
        return None
    looked_at = [item for item in items if len(item) or item.text][:_MOST_ITEMS]
    if any(next(islice(item.iter(), _MOST_INSIDE, None), None) is not None for item in looked_at):
        return None
    titled = [(item, title) for item in looked_at if (title := _title(item)) is not None]
    distinct = {words(title) for _, title in titled}
    if len(distinct) < max(LEAST, _ENOUGH * len(looked_at)):
        return None
    return _Group(css=css, all=tuple(items), titled=tuple(titled), share=len(titled) / len(looked_at))


def _title(item: Element) -> Element | None:
    """Return an item's heading that leads somewhere, else the first link that is long enough for a title, else any."""
    headings = list(islice(item.iter(*_HEADINGS), 2))
    if len(headings) > 1:  # two headings are two items
        return None
    links = [(len(words(link)), link) for link in item.iter("a") if link.get("href")]
    long = [link for length, link in links if _SURE_TITLE <= length <= _LONGEST_TITLE]
    longest = [link for _, link in sorted(links, key=lambda one: -one[0])]
    leading = [heading for heading in headings if address(heading)]
    return next((one for one in (*leading, *long, *headings, *longest) if _fits(words(one))), None)


def _fits(title: str) -> bool:
    return _SHORTEST_TITLE <= len(title) <= _LONGEST_TITLE and " " in title


# --- fields -------------------------------------------------------------------------------------------------------

_Pairs = Sequence[tuple[Element, Element]]  # an item, and something in it


def _fields(group: _Group, now: datetime) -> Select | None:
    """Return the selectors of what is in a group's items; None if the titles have no selector in common."""
    titles = dict(group.titled)
    title = _named(group.titled, len(titles), share=_ENOUGH)
    if not title:
        return None
    taken = {item: {title, *title.iterdescendants(), *title.iterancestors()} for item, title in titles.items()}

    def found(pick: Callable[[Element], bool]) -> _Pairs:
        """Return in each item the first of the innermost elements that are picked, outside of the title."""
        pairs = []
        for item in titles:
            inside = (one for one in item.iter() if one not in taken[item])
            picked = [one for one in inside if pick(one)]
            if innermost := [one for one in picked if not any(child in picked for child in one.iterdescendants())]:
                pairs.append((item, innermost[0]))
                taken[item] |= {innermost[0], *innermost[0].iterdescendants()}
        return pairs

    dated = found(lambda one: _is_date(one, now))
    clocks = found(_is_time) if dated and not any(map(_tells_time, dated)) else ()
    published = ", ".join(filter(None, (_named(pairs, len(titles), only=True) for pairs in (dated, clocks))))
    summary = _named(_summaries(titles, taken), len(titles))
    section = _section(found(_may_be_section), len(titles))
    times_only = bool(dated) and all(_TIME_ALONE.fullmatch(words(one)) for _, one in dated)
    link = _link(titles, title)
    if not (link or published):
        return None
    return Select(
        item=group.css,
        title=title,
        link=link,
        summary=summary,
        published=published,
        section=section,
        day=_day(group, now) if times_only else "",
    )


def _names(element: Element) -> Iterator[str]:
    """Yield selectors of an element inside an item, the most telling first."""
    own = [f".{name}" for name in _classes(element)]
    around = next(filter(None, map(_own_name, islice(element.iterancestors(), _NEAR))), "")
    below = [f"{around} {element.tag}"] if around else []
    if element.tag in {"td", "th"}:
        below = [f"{element.tag}:nth-child({1 + len(list(element.itersiblings(preceding=True)))})"]
    tags = [str(element.tag), *(f"{element.tag}{name}" for name in own)]
    yield from (*own, *below, *tags) if element.tag in _NO_NAMES else (*own, *tags, *below)


def _named(pairs: _Pairs, of: int, *, only: bool = False, share: float = _MANY) -> str:
    """Return the selector that finds these elements in most of the items, "" if none does.

    only   it finds nothing beside them
    share  of so many items at least
    """
    hits: Counter[str] = Counter()
    for item, element in pairs:
        for name in dict.fromkeys(_names(element)):
            found = Reading(name, "").elements(item)
            hits[name] += found == [element] if only else found[:1] == [element]
    best, times = next(iter(hits.most_common(1)), ("", 0))
    return best if times >= max(LEAST, share * of) else ""


def _is_date(element: Element, now: datetime) -> bool:
    said = (element.get("datetime") if element.tag == "time" else None) or words(element)
    if not said or len(said) > _LONGEST_DATE or not any(char.isdigit() for char in said):
        return False
    return dates.read(told(said, day=None, zone="UTC", now=now), "UTC")[0] is not None


def _is_time(element: Element) -> bool:
    return bool(_TIME_ALONE.fullmatch(words(element)))


def _tells_time(pair: tuple[Element, Element]) -> bool:
    said = pair[1].get("datetime") or words(pair[1])
    return bool(dates.TIME.search(said.lower())) or not any(char.isdigit() for char in said)


def _may_be_section(element: Element) -> bool:
    said = words(element)
    if _CALLED_OTHERWISE.search(element.get("class") or ""):
        return False
    return 1 < len(said) <= _LONGEST_SECTION and not any(char.isdigit() for char in said)


def _section(pairs: _Pairs, of: int) -> str:
    """Return the selector of sections: short words that items share, or elements whose class says so."""
    said = {words(element) for _, element in pairs}
    called = any(_CALLED_SECTION.search(element.get("class") or "") for _, element in pairs)
    shared = 1 < len(said) < len(pairs)
    return _named(pairs, of, only=True) if called or shared else ""


def _summaries(titles: dict[Element, Element], taken: dict[Element, set[Element]]) -> _Pairs:
    """Return in each item the element with the longest text that is neither title nor date; of equal ones the inner."""
    pairs = []
    for item in titles:
        left = [one for one in item.iter() if not _holds(one, taken[item])]
        best = max(reversed(left), key=lambda one: len(words(one)), default=None)
        if best is not None and len(words(best)) >= _SHORTEST_SUMMARY:
            pairs.append((item, best))
            taken[item] |= {best, *best.iterdescendants()}
    return pairs


def _holds(element: Element, taken: set[Element]) -> bool:
    return element in taken or any(one in taken for one in element.iterdescendants())


def _link(titles: dict[Element, Element], title: str) -> str:
    """Return where the links are: on the titles, else on the first <a>; "" where there are none."""
    if all(address(element) for element in titles.values()):
        return title
    return "a" if all(address(item) for item in titles) else ""


def _day(group: _Group, now: datetime) -> str:
    """Return the selector of headings that tell the day, beside or above the items."""
    known, first, last = set(group.all), group.all[0], set(group.all[-1].iterancestors())
    around = next(one for one in first.iterancestors() if one in last)
    said = [
        one
        for one in islice(around.iter(), _MOST_ELEMENTS)
        if not known.intersection((one, *one.iterancestors())) and _is_heading_of_day(one, now)
    ]
    innermost = [one for one in said if not any(child in said for child in one.iterdescendants())][:_MOST_ITEMS]
    telling = Counter(name for one in innermost for name in dict.fromkeys(_names(one)))
    page = around.getroottree().getroot()
    return max(telling, key=lambda name: (telling[name], -len(xpath(name)(page))), default="")


def _is_heading_of_day(element: Element, now: datetime) -> bool:
    said = words(element)
    short = 0 < len(said) <= _LONGEST_DATE and not dates.TIME.search(said)
    return short and day_told(said, zone="UTC", now=now) is not None
