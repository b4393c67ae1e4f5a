"""What happens beside news: edits, persons, deaths, other rules; in fourteen days, or closer together in four.

In:    the stage.
Out:   FORTNIGHT and BRIEF: scenes in the order of the days; the topics.
Never: does anything without telling the truth of it (reader_truth.py).

To add a scene: a function that does it and notes in `stage.truth` what is so from then on, and a line at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from reader_models import MODELS, SOONER, Purging, PurgingSooner, Reader
from reader_run import Happens, Nobody, Run, Scene, Stage, began, run
from reader_stream import CATEGORIES, DAY, HOUR, MINUTE, PAPERS, News, Stream
from reader_tales import corrected
from reader_truth import Subject, subject

from aggregator import rounds
from aggregator.model import Fold, Growth, Topic, Window

FOLDS: tuple[Fold, ...] = ("story", "copy", "none")
GROWTHS: tuple[Growth, ...] = ("quiet", "off", "loud")  # how a story's list may grow (R5)
USUAL = Window(items=10, hours=24)  # the least that a document may span (R9)
OLD = 300  # items in the first document of a paper that comes later


def subjects(purged: timedelta) -> list[Subject]:
    """Return the topics: each fold and growth, all over the same items; three that differ in more.

    purged  after which a reader throws away what it has
    """
    grid = [(fold, growth) for fold in FOLDS for growth in GROWTHS if fold != "none"]
    grid.append(("none", "quiet"))  # where nothing folds, nothing grows
    # of some items only (R3), and with a document that spans more than the days after which a reader purges
    window = Window(items=10, hours=(purged + DAY) // HOUR)
    long = Topic(id="long", title="long", match="", fold="story", window=window)
    return [
        *(subject(began(), _topic(f"{fold}-{growth}", fold=fold, growth=growth)) for fold, growth in grid),
        subject(began(), long, ["Область"]),
        subject(began(), _topic("refolded", fold="copy")),
        subject(began(), _topic("settled", fold="story", settle=15 * MINUTE)),
    ]


def _topic(id_: str, **known: Any) -> Topic:
    return Topic(id=id_, title=id_, match="", window=USUAL, **known)


# --- whom a scene is about ----------------------------------------------------------------------------------------


def told_by(
    stage: Stage, tellers: int, *, ago: tuple[int, int] = (1, 5), where: Callable[[News], bool] = lambda _: True
) -> list[News]:
    """Return all items of a happening that so many papers tell, none of them a reprint, and no one will any more.

    where  what each of them must be
    ago  so many hours ago, at least and at most, the first came; the last came an hour ago or before
    No happening is found twice. Raises Nobody: the scene is put off by an hour then.
    """
    found: dict[int, list[News]] = {}
    for news in stage.stream.news:
        found.setdefault(news.happening, []).append(news)
    for number, told in found.items():
        fits = len(told) == tellers and all(one.text_of == one.link for one in told)
        lately = ago[0] * HOUR <= stage.now - told[0].at <= ago[1] * HOUR and told[-1].at < stage.now
        if fits and lately and all(map(where, told)) and number not in stage.taken and _all_stand(stage, told):
            stage.taken.add(number)
            return told
    raise Nobody


def _of_town(news: News) -> bool:
    """Of a matter that every topic wants all the time."""
    return news.category == "Город"


def _all_stand(stage: Stage, told: list[News]) -> bool:
    stands = {(one.paper, one.number) for outlet in stage.outlets.values() for one in outlet.paper.stands}
    return all((one.paper, one.number) in stands for one in told)


# --- publishers ---------------------------------------------------------------------------------------------------


async def corrects(stage: Stage) -> None:
    """A publisher corrects two words of an article."""
    (news,) = told_by(stage, 1, where=_of_town)
    stage.edits(news, text=corrected(news.text))


async def renames(stage: Stage) -> None:
    """A publisher gives an article that others tell, too, another title."""
    news, *_ = told_by(stage, 3)
    stage.edits(news, title=f"{news.title}: новые подробности")


async def rewrites(stage: Stage) -> None:
    """A publisher adds much to an article."""
    (news,) = told_by(stage, 1, where=_of_town)
    stage.edits(news, text=f"{news.text} {stage.stream.tales.happening().words['town']} тоже ждёт новостей. " * 3)


async def edits_all_day(stage: Stage) -> None:
    """A publisher gives one article another title each hour, seven times."""
    (news,) = told_by(stage, 1, where=_of_town)
    for time in range(7):
        stage.later(time * HOUR, partial(_edited, news=news, title=f"{news.title}: обновление {time + 1}"))


async def _edited(stage: Stage, *, news: News, title: str) -> None:
    stage.edits(news, title=title)


async def renumbers(stage: Stage) -> None:
    """A publisher moves to another system: all ids are other ones."""
    _moves(stage, 0, lambda news: replace(news, guid=f"https://cms.example/{news.guid}"))


async def moves_house(stage: Stage) -> None:
    """A publisher moves to another system: all ids and all addresses are other ones."""

    def moved(news: News) -> News:
        link = f"{news.link.replace('/news/', '/articles/')}.html"
        stage.truth.moves(stage.truth.news[news.link], link)
        return replace(news, guid=link, link=link)

    _moves(stage, 1, moved)
    for news in stage.outlets[1].paper.stands:
        stage.truth.edits[stage.truth.news[news.link].link].append(stage.now)


def _moves(stage: Stage, paper: int, how: Callable[[News], News]) -> None:
    outlet = stage.outlets[paper]
    outlet.paper.stands = [how(news) for news in outlet.paper.stands]
    outlet.renames, outlet.due = how, True


async def comes_late(stage: Stage) -> None:
    """Publishers print what they date a day before, which is news but to who drops it, and three days before."""
    stage.prints(stage.stream.lone(2, stage.now, ago=DAY + 20 * MINUTE))
    stage.prints(replace(stage.stream.lone(3, stage.now, ago=3 * DAY), old=True))


async def joins(stage: Stage) -> None:
    """A person adds a source with three hundred old items and three that are news."""
    news = [stage.stream.lone(PAPERS, stage.now, ago=place * 10 * MINUTE) for place in range(3)]
    stage.opens(PAPERS, [*news, *stage.stream.old(PAPERS, OLD)], shown=OLD + 30)
    await stage.configures()


async def takes_back(stage: Stage) -> None:
    """A publisher says in its feed that an article was deleted (at:deleted-entry, R8)."""
    (news,) = told_by(stage, 1, ago=(2, 8), where=lambda one: stage.outlets[one.paper].paper.is_atom)
    outlet = stage.outlets[news.paper]
    outlet.paper.takes_back(stage.stands(news), stage.now)
    outlet.due = True
    stage.truth.withdrawn[news.link] = stage.now


# --- persons ------------------------------------------------------------------------------------------------------


async def merges(stage: Stage) -> None:
    """A person makes one of two stories that readers have."""
    await _merged(stage, told_by(stage, 2, ago=(2, 8)), told_by(stage, 2, ago=(2, 8)))


async def merges_two_loners(stage: Stage) -> None:
    """A person makes one of two articles that stand alone, hours after each other."""
    await _merged(stage, told_by(stage, 1, ago=(8, 20)), told_by(stage, 1, ago=(1, 3)))


async def merges_and_repents(stage: Stage) -> None:
    """A person merges, and parts it again within a day: who was absorbed comes back (R7)."""
    one, other = told_by(stage, 2, ago=(2, 8)), told_by(stage, 2, ago=(2, 8))
    await _merged(stage, one, other)
    stage.later(4 * HOUR, partial(_parted, leaving=other, returns=[*one, *other]))


async def merges_and_repents_late(stage: Stage) -> None:
    """A person merges, and parts it again more than a day later: nobody comes back (R7)."""
    one, other = told_by(stage, 2, ago=(2, 8)), told_by(stage, 2, ago=(2, 8))
    await _merged(stage, one, other)
    stage.later(28 * HOUR, partial(_parted, leaving=other))


async def wavers(stage: Stage) -> None:
    """A person merges, parts and merges again: from then on both stay as they are for two days (R7)."""
    one, other = told_by(stage, 2, ago=(2, 8)), told_by(stage, 2, ago=(2, 8))
    await _merged(stage, one, other)
    stage.later(HOUR, partial(_parted, leaving=other, returns=[*one, *other]))
    stage.later(2 * HOUR, partial(_merged_again, one=one, other=other))


async def _merged_again(stage: Stage, *, one: list[News], other: list[News]) -> None:
    await stage.says("merge", one[0], other[0])
    stage.truth.merges(stage.now, one[0].happening, _part(other))


async def splits(stage: Stage) -> None:
    """A person takes an item out of a story of three that is some hours old: it is an entry of its own (R7)."""
    *_, last = told_by(stage, 3, ago=(1, 5))
    await _parted(stage, [last])
    stage.truth.parted[last.link] = stage.now


async def splits_late(stage: Stage) -> None:
    """A person takes an item out of a story that is a day old: it only leaves the list (R7)."""
    *_, last = told_by(stage, 3, ago=(20, 44))
    await _parted(stage, [last])


async def pins(stage: Stage) -> None:
    """A person gives a story another face (R4)."""
    *_, last = told_by(stage, 3, ago=(2, 8))
    await stage.says("pin", last)
    stage.truth.pinned[last.link] = stage.now


async def withdraws(stage: Stage) -> None:
    """A person withdraws the face of a story: `aggregator withdraw ITEM`."""
    news, *_ = told_by(stage, 3, ago=(2, 8))
    request = {"verb": "withdraw", "items": [stage.key(news)]}
    answers = rounds.answer(stage.room, request, published=lambda _: None)
    assert {"event": "withdrawn", "withdrawn": 1} in [one async for one in answers]
    stage.truth.withdrawn[news.link] = stage.now


async def _merged(stage: Stage, one: list[News], other: list[News]) -> None:
    await stage.says("merge", one[0], other[0])
    stage.truth.merges(stage.now, one[0].happening, other[0].happening)


async def _parted(stage: Stage, leaving: list[News], *, returns: Collection[News] = ()) -> None:
    """returns: of whom one was absorbed so lately that its entry is revived (R7)."""
    await stage.says("split", *leaving)
    stage.truth.splits(stage.now, [news.link for news in leaving], _part(leaving))
    stage.truth.back |= {news.link: stage.now for news in returns}


def _part(leaving: list[News]) -> str:
    return f"parted: {leaving[0].link}"


# --- the process and its configuration ----------------------------------------------------------------------------


async def dies_before_curating(stage: Stage) -> None:
    """The process is lost between polling and curating."""
    stage.dies_before.add("curate")


async def dies_before_publishing(stage: Stage) -> None:
    """The process is lost between curating and publishing."""
    stage.dies_before.add("publish")


async def is_upgraded(stage: Stage) -> None:
    """The process is started again as another version: every document says so."""
    await stage.world.restart()
    room = stage.room
    room.site = replace(room.site, version="99.0")
    await stage.configures()


async def wants_no_sport(stage: Stage) -> None:
    """A person edits the rules of all topics but one."""
    await _wants(stage, ("Город", "Область"))


async def wants_sport_again(stage: Stage) -> None:
    """A person takes that back: what came meanwhile stays out (R11)."""
    await _wants(stage, CATEGORIES)


async def _wants(stage: Stage, categories: tuple[str, ...]) -> None:
    for one in stage.subjects.values():
        if one.topic.id != "long":
            one.edits(stage.now, wants=categories)
    await stage.configures()


async def folds_otherwise(stage: Stage) -> None:
    """A person changes the fold mode of a topic that readers have: nobody is shown anything again (R11)."""
    stage.subjects["refolded"].folds_by(stage.now, "story")
    await stage.configures()


async def is_restored(stage: Stage) -> None:
    """A person goes back to the backup of twelve hours ago."""
    stage.later(12 * HOUR, partial(_restored, backup=await stage.backup(), since=stage.now))


async def _restored(stage: Stage, *, backup: Path, since: datetime) -> None:
    await stage.restore(backup)
    stage.truth.came_again = {news.link for news in stage.truth.news.values() if news.at > since}
    for outlet in stage.outlets.values():
        outlet.due = True


# Day and hour of each scene in the fourteen days, and in the four, where none needs to be played twice. Hours in which
# there is news, so that whom a scene needs is there; each is alone in its hour. Nobody speaks in the twelve hours that
# a restore forgets.
_TIMES: tuple[tuple[tuple[int, int], tuple[int, int] | None, Happens], ...] = (
    ((1, 12), (0, 12), corrects),
    ((1, 15), (0, 15), dies_before_curating),
    ((2, 9), (0, 16), renames),
    ((2, 14), (0, 20), comes_late),
    ((3, 12), (0, 17), merges),
    ((3, 16), (1, 17), splits),
    ((4, 11), (1, 13), joins),
    ((4, 13), (1, 11), dies_before_publishing),
    ((4, 15), (1, 12), merges_and_repents),
    ((5, 10), (1, 10), edits_all_day),
    ((6, 10), (2, 14), renumbers),
    ((6, 14), (2, 12), pins),
    ((6, 16), (1, 18), rewrites),
    ((7, 11), (3, 11), merges_two_loners),
    ((7, 16), (2, 13), merges_and_repents_late),
    ((8, 10), (3, 10), takes_back),
    ((8, 13), (2, 11), is_upgraded),
    ((8, 15), (2, 10), folds_otherwise),
    ((8, 16), (2, 16), is_restored),
    ((9, 12), (2, 9), wants_no_sport),
    ((9, 14), (3, 12), withdraws),
    ((9, 16), (3, 18), splits_late),
    ((10, 11), (3, 8), moves_house),
    ((10, 15), None, comes_late),
    ((11, 0), (3, 9), wants_sport_again),
    ((11, 12), (3, 14), wavers),
    ((12, 10), None, rewrites),
    ((12, 13), None, edits_all_day),
    ((13, 10), None, corrects),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How long it takes, and what happens when."""

    days: int
    script: tuple[Scene, ...]
    models: tuple[type[Reader], ...]
    purged: timedelta  # after which a reader throws away what it has
    news: Mapping[str, Any] = field(default_factory=dict)  # what a stream is told beside its length

    async def lives(self, folder: Path, **how: Any) -> Run:
        """Live through it. how: what a stream is told otherwise."""
        stream, topics = Stream(span=self.days * DAY, **{**self.news, **how}), subjects(self.purged)
        return await run(folder, stream=stream, script=self.script, subjects=topics, models=self.models)


def _scene(at: tuple[int, int], does: Happens) -> Scene:
    return Scene(day=at[0], hour=at[1], does=does)


FORTNIGHT = Form(days=14, script=tuple(_scene(at, does) for at, _, does in _TIMES), models=MODELS, purged=Purging.keeps)
# Less news, but each day some of which a scene can be sure.
BRIEF = Form(
    days=4,
    script=tuple(_scene(at, does) for _, at, does in _TIMES if at),
    models=SOONER,
    purged=PurgingSooner.keeps,
    news={"denser": 0.3, "sure": True},
)
