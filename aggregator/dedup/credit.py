"""Who is cited in a text as the source of its news: «сообщает Интерфакс со ссылкой на МИД Беларуси».

In:    plain text, its title first, and the names of the outlet that wrote it.
Out:   the credits in order of the text: an outlet or an official body, the words that cite it, who brought it.
Never: credits persons and companies who speak of themselves, platforms, pictures, or the outlet itself; opens a link.

Who is cited stands at the beginning of a text or in its last lines, so only these are read. A text becomes a row of
letters, one for each unit (`mentions`), and what a citation looks like is a pattern over them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from aggregator.dedup.cited.mentions import BODY, OUTLET, Unit, sentences
from aggregator.dedup.cited.own import keys_of
from aggregator.model import Credit

HEAD = 2200  # characters: the title, and what a reader sees before he scrolls
TAIL = 400  # "Reporting by", «Источник: ...»

# What the patterns share. Each part is bounded, so that reading stays linear whatever stands in a text.
_SHARED = {
    "at": "(?:[en]?d|[en][az]{0,3}[hX](?:eX)?|_|X)",  # во вторник; на своей странице в Facebook
    "like": "(?:[aKJ]{0,4}|a?[Nw]{1,3}K|N{1,3}oa?)",  # издание; the Ukrainian news agency; Anna Smith of the
    "begins": r"(?:(?<=^)|(?<=[.,:()\-\"&c_|dK]))",  # a clause, behind a mark or what joins
    "aside": r"[JK]?(?:\([NOBUX]{1,2}\))?(?:,?L[^,.]{1,8},?)?",  # its correspondent; (IAEA); со ссылкой на Y
    "ends": r"(?=$|[.\n,:\")/-]|[en]?d)",  # a clause
    "not": "(?<!x)(?<!xw)(?<!xa)",
    "to": "(?:e(?=[BQUXwN])|[wNaJKBdhQUX])",  # who told it, and where, before whom he told
}
# A pattern a line, over the letters of `CLASSES` and of names: <what cites>, @who is cited, ~what is shared. The first
# line that finds a name keeps it.
_CITATIONS = r"""
    ~not <L> [aKhJdSo]{0,4} @[OBQU]                     # со ссылкой на данные X
    ~not <D> (?:[aKhJdo]|[en]h){0,4} @[OB]              # по данным X
    <D> ~like @O                                        # according to the news agency X
    <D> [aw]{1,3} o a? @[OB]                            # according to a filing from X
    <W> H? a? @B                                           # по словам пресс-службы X
    ~not <I> [aKhJo]{0,4} @O                            # в интервью X
    <I> [aKJo]{0,3} @[QU]
    <I> h? [NQ]? [en] [aK]{0,3} @O                      # в эфире программы на телеканале X
    <Z> [aKJ]{0,3} @[OQU]                               # стало известно X
    <S> : [aKJ]{0,3} @[OBQ]                             # Источник: X
    <S> : [^.]{0,6} [oen] K? @O                         # Источник: выступление в X
    <S> [aK]{0,2} @[OQU]                                # источник X в полиции
    ~not <A> ~at{0,2} ~like @O                          # quoted by X
    ~not <G> ~at{0,2} ~like @[OB]                       # confirmed by X
    h @B <F>                                            # данные X показывают
    @[OB] w? h <[EF]>                                   # X figures show
    [en] a{0,2} h{1,2} @[OB] d? <[imspv]>               # на сайте X говорится
    <i> @[OB]                                           # опубликовано X
    <H> o? a? @B [Na]{0,3} ~at{0,2} [spmtE]             # речник X сказав
    [spm] a? <H> a? @B                                  # підтвердив речник X
    @B a? <H> [Na]{0,3} ~at{0,2} [spmtE]                # an X spokesman said
    ~not <t> ~like (?:[NhdK]{1,3}[en])? @O (?!,z)(?![^c.]{0,4}u)  # told X, not: told X to be quiet
    ~not <i> ~at{0,2} [en] [ahKen]{0,4} @[OB]           # говорится на сайте X
    ~not <[mv]> (?:[aKJw]{0,3}[OXQN]{1,2})? ~at{0,3} [en] [ahKen]{0,4} @[OB]  # сообщили в X
    ~not <v> N{1,3} @[OB]                               # цитирует Петрова X
    ~not <v> ~at{0,3} ~like @[OBQU]                     # пишет X
    ~not <[spm]> ~at{0,3} ~like @[OB]                   # сообщает X
    ~not <[sm]> ~at{0,3} ~like @Q                       # several can only have told it to X
    ~not <s> ~at{0,3} ~like @U
    ~not <[vs]> a? h @[OB]                              # сообщает сайт X
    (?<=d) @Q <m>                                       # об этом X сообщили
    ~not <[spm]> L [^.]{1,3} @O                         # сообщает со ссылкой на Y X
    ~not <[spm]> ~to{1,6} (?<![erB]) @O                 # рассказала пассажирка X
    ~not <[spm]> ~to{1,5} (?<=B) @O                     # уточнили в Минздраве X
    ~not <[ER]> ~like @O ~ends                          # reports X
    ~not <E> a? @B ~ends
    N e @O <[ER]>                                       # Smith at X reports
    ~begins [aKJ]{0,3} @[OB] ~aside ~at{0,2} <E> (?!(?:[en]d)?a?z) # X reported, not: its profit
    ~begins [aKJ]{0,3} @O ~aside ~at{0,2} <R>                      # X wrote
    ~begins [aKJ]{0,3} @O ~aside ~at{0,2} <[vspmi]> (?!.{0,2}z)    # X сообщает
    ~begins e? a? @B ~aside ~at{0,2} <[spmtE]>  # в МЧС сообщили
    ~begins [aKJ]{0,3} @[OB] & [aKJ]{0,2} [OB] ~at{0,2} <[vspmiER]>  # X and Y report
    ~begins [aKJ]{0,3} @[QU] ~aside ~at{0,2} <v>                   # X пишет
    @O ~at{0,2} <L>                                     # X со ссылкой на Y
    ^ @O <:>                                            # a headline, X: ...
    <:> @O (?=\n)
    <\(> @O \) -                                        # KYIV (X) -
    <-> @[OB] (?=\n|$)                                  # at the end of a headline: — X
"""


def _compiled(line: str) -> re.Pattern[str]:
    marked = re.sub(r"<(\[\w+\]|\\\(|[\w:-])>", r"(?P<c>\1)", line)
    named = re.sub(r"@(\[\w+\]|\w)", r"(?P<n>\1)", marked)
    return re.compile(re.sub(r"~(\w+)", lambda shared: _SHARED[shared[1]], named), re.VERBOSE)


_PATTERNS = tuple(_compiled(line) for line in _CITATIONS.strip().splitlines())
_CUES = frozenset(letter for cue in re.findall(r"<(\[\w+\]|\\\(|[\w:-])>", _CITATIONS) for letter in cue.strip("[]\\"))
_MORE = re.compile("(?:,?&[,doea]{0,4}|,[,doea]{0,3}&[,doea]{0,3})(?P<n>[OB])")  # X and, later, Y
_CITED_BY = re.compile(".,[oen]?c.?v")  # X, на которого ссылается Y
_SHUT = re.compile('(?:^|[-:"|(])b')  # «Читайте также»
_SET_ASIDE = re.compile("y(?:w,c)?[^,.]{0,8}")  # вопреки тому, что писал X
_PICTURE = re.compile("g.{0,8}")
_OURS = re.compile("(?<=z)[aKJ]{0,3}[OQ]")
_DENIED = re.compile("q[aKhoDSd]{1,4}[OBQ]")  # опроверг сообщение X


@dataclass(frozen=True, slots=True)
class _Found:
    """A name and what cites it, as places in the row of a sentence."""

    name: int
    cue: int


def credits_in(text: str, own: Collection[str] = ()) -> tuple[Credit, ...]:
    """Return who is cited in a text, each name once, in order. own: the names of the outlet that wrote it."""
    mine = keys_of(frozenset(own))
    return tuple(_once(credit for start, part in _read(text) for credit in _credits(part, start, mine)))


def _read(text: str) -> Iterator[tuple[int, str]]:
    """Yield where the parts that are read begin, and the parts, cut between words."""
    if len(text) <= HEAD + TAIL:
        yield 0, text
        return
    yield 0, text[: max(text.rfind(" ", 0, HEAD), HEAD // 2)]
    start = text.find(" ", len(text) - TAIL)
    if start != -1:
        yield start, text[start:]


def _credits(part: str, start: int, own: frozenset[str]) -> Iterator[Credit]:
    """Yield who is cited in a part that begins at `start`."""
    for inside in sentences(part, own, _CUES):
        signs = "".join(unit.sign for unit in inside)
        found = _cited(signs)
        vias = _vias(found, inside, signs)
        for one, via in zip(found, vias, strict=True):
            name, cue = inside[one.name], inside[one.cue]
            phrase, where = part[cue.start : cue.end], (start + name.start, start + name.end)
            body = name.sign == BODY
            yield Credit(outlet=name.title, name=name.name, body=body, phrase=phrase, place=where, via=via)


def _cited(signs: str) -> list[_Found]:
    """Return who is cited in a sentence, in its order."""
    if _SHUT.search(signs):
        return []
    for silent in (_PICTURE, _SET_ASIDE, _OURS, _DENIED):
        signs = silent.sub(_unsaid, signs)
    found: dict[int, int] = {}
    for pattern in _PATTERNS:
        for match in pattern.finditer(signs):
            name, cue = match.start("n"), match.start("c")
            found.setdefault(name, cue)
            more = _MORE.match(signs, name + 1)
            while more:
                found.setdefault(more.start("n"), cue)
                more = _MORE.match(signs, more.end())
    return [_Found(name=name, cue=found[name]) for name in sorted(found)]


def _unsaid(found: re.Match[str]) -> str:
    return "_" * len(found[0])


def _vias(found: Sequence[_Found], row: Sequence[Unit], signs: str) -> Iterator[str | None]:
    """Yield for each who brought it: the outlet that cites it. Outlets bring bodies, and bodies nobody."""
    outlets = [one for one in found if signs[one.name] == OUTLET]
    citers = [one for one in outlets if not _is_cited(one, signs)]
    last = outlets[-1] if outlets and signs[outlets[-1].cue] in "DA" else None  # X said, according to Y
    for one in found:
        others = [other for other in citers if other != one]
        by: _Found | None = None
        if signs[one.name] == BODY or _is_cited(one, signs):
            by = min(others, key=lambda other: abs(other.name - one.name), default=None)
        elif _CITED_BY.match(signs, one.name):
            by = next((other for other in others if other.name > one.name), None)
        elif last and last not in (found[0], one) and last.cue != one.cue:
            by = last
        yield row[by.name].name if by else None


def _is_cited(one: _Found, signs: str) -> bool:
    """Whether somebody else cites it: behind «со ссылкой на»."""
    return signs[one.cue] == "L" and one.cue < one.name


def _once(found: Iterable[Credit]) -> Iterator[Credit]:
    """Yield each name once; a body that was named in full may come back by a part of its name alone."""
    outlets: set[str] = set()
    bodies: list[set[str]] = []
    for credit in found:
        parts = set(credit.name.split())
        known = any(parts <= earlier for earlier in bodies) if credit.body else credit.name in outlets
        if not known:
            yield credit
        if credit.body:
            bodies.append(parts)
        else:
            outlets.add(credit.name)
