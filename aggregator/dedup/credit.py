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

from aggregator.dedup.mentions import BODY, OUTLET, Unit, units
from aggregator.dedup.names import latin, name_key
from aggregator.model import Credit

HEAD = 2200  # characters: the title, and what a reader sees before he scrolls
TAIL = 400  # "Reporting by", «Источник: ...»

# Between what cites and who is cited. Of what is optional nothing may begin like what follows, so matching is linear.
_WHEN = "(?:[en]?d)"
_WHERE = "(?:[en][az]{0,3}[hX](?:eX)?)"
_AT = f"(?:{_WHEN}|{_WHERE}|_|X)"
_LIKE = "(?:[aKJ]{0,4}|a?[Nw]{1,3}K|N{1,3}oa?)"  # издание; the Ukrainian news agency
_AND = "(?:,?&[,doea]{0,4}|,[,doea]{0,3}&[,doea]{0,3})"
_BEGINS = r"(?:(?<=^)|(?<=[.,:()\-\"&c_|dK]))"
_ASIDE = "(?:,?L[^,.]{1,8},?)?"
_STOPS = r"(?=$|[.\n,:\"()/-]|[en]?d)"
_NO = "(?<!x)(?<!xw)(?<!xa)"

# The patterns. `c`: what cites; `n`: who is cited. The first that finds a name keeps it.
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        f"{_NO}(?P<c>L)[aKhJdSo]{{0,4}}(?P<n>[OBQU])",  # со ссылкой на данные X
        f"{_NO}(?P<c>D)(?:[aKhJdo]|[en]h){{0,4}}(?P<n>[OB])",  # по данным X
        f"(?P<c>D){_LIKE}(?P<n>O)",  # according to the news agency X
        f"(?P<c>W)a?(?P<n>B)",  # по словам пресс-службы
        f"{_NO}(?P<c>I)[aKhJo]{{0,4}}(?P<n>O)",  # в интервью X
        f"(?P<c>I)[aKJo]{{0,3}}(?P<n>[QU])",
        f"(?P<c>I)h?[NQ]?[en][aK]{{0,3}}(?P<n>O)",  # в эфире программы на телеканале X
        f"(?P<c>Z)[aKJ]{{0,3}}(?P<n>[OQU])",  # стало известно X
        f"(?P<c>S):[aKJ]{{0,3}}(?P<n>[OBQ])",  # Источник: X
        "(?P<c>S):[^.]{0,6}[oen]K?(?P<n>O)",  # Источник: выступление в X
        f"(?P<c>S)[aK]{{0,2}}(?P<n>[OQU])",  # источник X в полиции
        f"{_NO}(?P<c>A){_AT}{{0,2}}{_LIKE}(?P<n>O)",  # quoted by X
        f"{_NO}(?P<c>G){_AT}{{0,2}}{_LIKE}(?P<n>[OB])",  # confirmed by X
        "h(?P<n>B)(?P<c>F)",  # данные X показывают
        "(?P<n>[OB])w?h(?P<c>[EF])",  # X figures show
        "[en]a{0,2}h{1,2}(?P<n>[OB])d?(?P<c>[imspv])",  # на сайте X говорится
        "(?P<c>i)(?P<n>[OB])",  # опубликовано X
        f"(?P<c>H)o?a?(?P<n>B)[Na]{{0,3}}{_AT}{{0,2}}[spmtE]",  # речник X сказав
        f"(?P<n>B)a?(?P<c>H)[Na]{{0,3}}{_AT}{{0,2}}[spmtE]",  # an X spokesman said
        f"{_NO}(?P<c>t){_LIKE}(?:[NhdK]{{1,3}}[en])?(?P<n>O)(?!,z)(?![^c.]{{0,4}}u)",  # told X
        f"{_NO}(?P<c>i){_AT}{{0,2}}[en][ahKen]{{0,4}}(?P<n>[OB])",  # говорится на сайте X
        f"{_NO}(?P<c>[mv])(?:[aKJ]{{0,2}}[OXQN]{{1,2}})?{_AT}{{0,3}}[en][ahKen]{{0,4}}(?P<n>[OB])",  # сообщили в X
        f"{_NO}(?P<c>v)N{{1,3}}(?P<n>[OB])",  # цитирует Петрова X
        f"{_NO}(?P<c>v){_AT}{{0,3}}{_LIKE}(?P<n>[OBQU])",  # пишет X
        f"{_NO}(?P<c>[spm]){_AT}{{0,3}}{_LIKE}(?P<n>[OB])",  # сообщает X
        f"{_NO}(?P<c>[sm]){_AT}{{0,3}}{_LIKE}(?P<n>Q)",  # сообщает Q; several can only have told it to Q
        f"{_NO}(?P<c>s){_AT}{{0,3}}{_LIKE}(?P<n>U)",
        f"{_NO}(?P<c>[vs])a?h(?P<n>[OB])",  # сообщает сайт X
        "(?<=d)(?P<n>Q)(?P<c>m)",  # об этом Q сообщили
        f"{_NO}(?P<c>[spm])L[^.]{{1,3}}(?P<n>O)",
        f"{_NO}(?P<c>[spm])(?:e(?=[BQUXwN])|[wNaJKBdhQUX]){{1,6}}(?<![erB])(?P<n>O)",  # рассказала пассажирка X
        f"{_NO}(?P<c>[spm])(?:e(?=[BQUXwN])|[wNaJKBdhQUX]){{1,5}}(?<=B)(?P<n>O)",
        f"{_NO}(?P<c>[ER]){_LIKE}(?P<n>O){_STOPS}",  # reports X
        f"{_NO}(?P<c>E)a?(?P<n>B){_STOPS}",
        "Ne(?P<n>O)(?P<c>[ER])",  # Smith at X reports
        f"{_BEGINS}[aKJ]{{0,3}}(?P<n>[OB]){_ASIDE}{_AT}{{0,2}}(?P<c>E)(?!(?:[en]d)?a?z)",  # X reported
        f"{_BEGINS}[aKJ]{{0,3}}(?P<n>O){_ASIDE}{_AT}{{0,2}}(?P<c>R)",  # X wrote
        f"{_BEGINS}[aKJ]{{0,3}}(?P<n>O){_ASIDE}{_AT}{{0,2}}(?P<c>[vspmi])(?!.{{0,2}}z)",  # X сообщает
        f"{_BEGINS}e?a?(?P<n>B){_ASIDE}{_AT}{{0,2}}(?P<c>[spmtE])",  # МЧС сообщает
        f"{_BEGINS}[aKJ]{{0,3}}(?P<n>[QU]){_ASIDE}{_AT}{{0,2}}(?P<c>v)",
        f"(?P<n>O){_AT}{{0,2}}(?P<c>L)",  # X со ссылкой на
        r"(?P<c>\()(?P<n>O)\)-",  # KYIV (Reuters) -
        r"(?P<c>-)(?P<n>[OB])(?=\n|$)",  # a headline — X
    )
)
_MORE = re.compile(f"{_AND}(?P<n>[OB])")
_SENTENCE = re.compile(r"[^.\n]*[.\n]?")
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


def credits(text: str, own: Collection[str] = ()) -> tuple[Credit, ...]:  # noqa: A001  it is what they are called
    """Return who is cited in a text, each name once, in order. own: the names of the outlet that wrote it."""
    mine = frozenset(key for name in own for key in (name_key(name), latin(name.rpartition(".")[0] or name)))
    found = [credit for start, part in _read(text) for credit in _credits(part, start, mine)]
    return tuple(_once(found))


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
    row = units(part, own)
    signs = "".join(unit.sign for unit in row)
    for sentence in _SENTENCE.finditer(signs):
        inside = row[sentence.start() : sentence.end()]
        found = _cited(sentence[0])
        vias = _vias(found, inside, sentence[0])
        for one, via in zip(found, vias, strict=True):
            name, cue = inside[one.name], inside[one.cue]
            yield Credit(
                outlet=name.title,
                name=name.name,
                phrase=part[cue.start : cue.end],
                place=(start + name.start, start + name.end),
                via=via,
            )


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
    """Yield for each who brought it: an outlet that cites it; outlets bring bodies, never bodies outlets."""
    outlets = [one for one in found if signs[one.name] == OUTLET]
    citers = [one for one in outlets if signs[one.cue] != "L" or one.cue > one.name]
    last = outlets[-1] if outlets and signs[outlets[-1].cue] in "DA" and outlets[-1] != found[0] else None
    for one in found:
        others = [other for other in citers if other != one]
        by = None
        if signs[one.name] == BODY or (signs[one.cue] == "L" and one.cue < one.name):
            by = min(others, key=lambda other: abs(other.name - one.name), default=None)
        elif last and one != last and last.cue != one.cue:
            by = last
        elif "v" in signs[one.name : one.name + 8] and re.match(".,[oen]?c.?v", signs[one.name :]):
            by = next((other for other in others if other.name > one.name), None)
        yield row[by.name].name if by else None


def _once(found: Iterable[Credit]) -> Iterator[Credit]:
    """Each name once; a body that was named in full before may come back by its abbreviation alone."""
    seen: list[set[str]] = []
    for credit in found:
        parts = set(credit.name.split())
        if not any(parts <= earlier for earlier in seen):
            yield credit
        seen.append(parts)
