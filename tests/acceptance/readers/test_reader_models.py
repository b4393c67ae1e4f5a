"""The eight readers behave as they are described, and the judge sees what is done to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from reader_documents import Entry
from reader_judge import Judge, complaints
from reader_models import MODELS, ByContent, ByUpdated, ByUser, Daily, Dropping, Newcomer, Purging, Reader
from reader_run import Run
from reader_stream import BEGIN, DAY, HOUR, News
from reader_truth import Truth, subject

from aggregator.model import Topic

ONE = Entry(
    id="tag:1",
    title="Мост открыт",
    link="http://gazeta-0.example/news/1",
    authors=("Газета 0",),
    content="По мосту пошли машины.",
    tags=("Город",),
    published=BEGIN,
    updated=BEGIN,
)
OTHER = replace(ONE, id="tag:2", title="Машины на мосту", link="http://gazeta-1.example/news/1", authors=("Газета 1",))
LIST = '<p>Также:</p><ul><li><a href="http://gazeta-1.example/news/1">Газета 1</a></li></ul>'
GROWN = replace(ONE, content=ONE.content + LIST)
RENAMED = replace(ONE, title="Мост открыт снова", updated=BEGIN + HOUR)


def fed(reader, *documents, topic="all"):
    """Let a reader see one document an hour; return how often the first entry was unread."""
    for hour, entries in enumerate(documents):
        reader.takes_in(topic, entries, BEGIN + hour * HOUR)
    return len(reader.topics[topic].unread.get(ONE.id, ()))


@pytest.mark.parametrize(
    ("model", "documents", "times"),
    [
        pytest.param(Reader, [[ONE], [RENAMED], [GROWN]], 1, id="by id: once, whatever changes"),
        pytest.param(Reader, [[ONE], [], [ONE]], 1, id="by id: not even when it comes back"),
        pytest.param(ByContent, [[ONE], [GROWN], [GROWN]], 2, id="content hash: again when the list grows"),
        pytest.param(ByContent, [[ONE], [replace(ONE, updated=BEGIN + HOUR)]], 1, id="content hash: not by updated"),
        pytest.param(ByUpdated, [[ONE], [GROWN]], 1, id="updated: not when the list grows"),
        pytest.param(ByUpdated, [[ONE], [RENAMED], [ONE]], 3, id="updated: whenever it moves, back too"),
        pytest.param(Dropping, [[replace(ONE, published=BEGIN - DAY - HOUR)]], 0, id="dropping: never what is old"),
        pytest.param(Dropping, [[ONE], *[[RENAMED]] * 30], 1, id="dropping: what was young once stays"),
        pytest.param(Purging, [[ONE]] * (7 * 24 + 1), 1, id="purging: seven days it is kept"),
        pytest.param(Purging, [[ONE]] * (7 * 24 + 2), 2, id="purging: then it is new again"),
    ],
)
def test_a_reader_marks_unread(model, documents, times):
    assert fed(model(), *documents) == times


def test_a_reader_keyed_by_user_shows_an_entry_in_one_topic():
    reader = ByUser()
    assert [fed(reader, [ONE], topic="one"), fed(reader, [ONE], topic="other")] == [1, 0]


@pytest.mark.parametrize(
    ("model", "hours"),
    [(Reader, [0, 1, 2]), (Daily, [0, 24]), (Newcomer, [7 * 24, 7 * 24 + 1])],
    ids=["hourly", "daily", "a newcomer"],
)
def test_a_reader_asks(model, hours):
    asked = [hour for hour in range(7 * 24 + 2) if model().asks(timedelta(hours=hour))]
    assert asked[: len(hours)] == hours


def news(paper, happening=1, **how):
    link = f"http://gazeta-{paper}.example/news/1"
    known = {"paper": paper, "number": 1, "at": BEGIN, "published": BEGIN, "happening": happening, "text_of": link}
    worded = {"category": "Город", "title": "", "text": "", "guid": f"{paper}-1", "link": link}
    return News(**{**known, **worded, **how})


def judged(*documents, told=None, **of_truth):
    """Judge what an hourly reader and the documents of a story topic would say; return the kinds of complaints."""
    truth, all_ = Truth(**of_truth), subject(BEGIN, Topic(id="all", title="", match="", fold="story"))
    for one in told or [news(0), news(1)]:
        truth.prints(one, one.guid)
    reader = ByContent()
    fed(reader, *documents)
    shown = {"all": [(BEGIN + hour * HOUR, entries) for hour, entries in enumerate(documents)]}
    end = BEGIN + len(documents) * HOUR
    run = Run(
        subjects={"all": all_}, truth=truth, documents=shown, readers=[reader], stories={}, groups={}, last={}, end=end
    )
    judge = Judge(run)
    (verdict,), (held,) = judge.verdicts(), judge.held()
    rules = ("twice", "uninvited", "unreached", "hasty", "parted", "withdrawn")
    said = {kind for kind, _ in complaints(verdict)} - {"median"}  # of one entry it says nothing
    return said | {rule for rule in rules if getattr(held, rule)}


@pytest.mark.parametrize(
    ("documents", "how", "complains"),
    [
        pytest.param([[ONE], [GROWN]], {}, set(), id="of nothing where a story grows"),
        pytest.param([[], []], {}, {"lost", "unreached"}, id="of what is never shown"),
        pytest.param([[ONE]], {}, {"unreached"}, id="of an outlet that is named nowhere"),
        pytest.param([[ONE], [ONE, OTHER]], {}, {"doubled", "twice"}, id="of a story under two ids"),
        pytest.param([[GROWN], [], [GROWN]], {}, {"resurrected"}, id="of what comes back"),
        pytest.param([[GROWN], [], [GROWN]], {"back": {ONE.link: BEGIN}}, set(), id="but not of what may (R7)"),
        pytest.param(
            [[GROWN], [replace(RENAMED, content=GROWN.content)]], {}, {"more bumps than edits"},
            id="of an edit that nobody made",
        ),
        pytest.param([[GROWN], [GROWN]], {"withdrawn": {ONE.link: BEGIN}}, {"withdrawn"}, id="of what was withdrawn"),
        pytest.param([[GROWN]], {"told": [news(0, old=True), news(1)]}, {"uninvited"}, id="of the past"),
        pytest.param([[GROWN]], {"told": [news(0), news(1, category="Погода")]}, {"uninvited"}, id="of other matters"),
    ],
)  # fmt: skip
def test_the_judge_complains(documents, how, complains):
    assert judged(*documents, **how) == complains


def test_a_split_is_no_double_and_a_merge_leaves_one():
    told = [news(0), news(1, happening=2)]
    truth = Truth()
    for one in told:
        truth.prints(one, one.guid)
    truth.merges(BEGIN + HOUR, 1, 2)
    truth.splits(BEGIN + 2 * HOUR, [OTHER.link], "parted")
    same = [
        truth.happening(ONE.link, at) == truth.happening(OTHER.link, at) for at in (BEGIN, BEGIN + HOUR, BEGIN + DAY)
    ]
    assert same == [False, True, False]


def test_there_are_eight():
    assert len({model.name for model in MODELS}) == 8
