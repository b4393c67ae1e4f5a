"""Days of news, read by eight readers: nothing is lost, doubled or brought back, little is unread again.

Four days that hold every scene; the fourteen of docs/reference/publication.md are among the long tests.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass

import pytest
from reader_documents import Parser, parsed
from reader_judge import Held, Judge, Verdict, complaints
from reader_models import MODELS
from reader_page import of_documents, of_readers
from reader_run import Run
from reader_script import BRIEF, FORTNIGHT, subjects
from reader_stream import DAY, Stream

TOPICS = [one.topic.id for one in subjects(DAY)]
KINDS = (
    "lost",
    "doubled",
    "resurrected",
    "median",
    "growth",
    "more bumps than edits",
    "edits a day",
    "pin",
    "purge",
    "other",
)
RULES = ("twice", "uninvited", "unreached", "hasty", "parted", "withdrawn")


@dataclass(frozen=True)
class Judged:
    made: Run
    verdicts: dict[tuple[str, str], Verdict]  # by topic and reader
    held: dict[str, Held]  # by topic


def judged(made):
    judge = Judge(made)
    verdicts = {(one.topic, one.reader): one for one in judge.verdicts()}
    return Judged(made, verdicts, {one.topic: one for one in judge.held()})


@pytest.fixture(scope="module", params=[
    pytest.param(BRIEF, id="four days"), pytest.param(FORTNIGHT, marks=pytest.mark.slow, id="fourteen days"),
])  # fmt: skip
def form(request):
    return request.param


@pytest.fixture(scope="module")
def news(form, tmp_path_factory):
    return judged(asyncio.run(form.lives(tmp_path_factory.mktemp("readers"))))


@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("reader", range(len(MODELS)), ids=[model.__name__ for model in MODELS])
def test_a_reader_has_nothing_to_complain_of(news, form, kind, topic, reader):
    assert dict(complaints(news.verdicts[topic, form.models[reader].name])).get(kind, "") == ""


@pytest.mark.timeout(900)
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("topic", TOPICS)
def test_no_document_breaks_a_rule(news, rule, topic):
    assert getattr(news.held[topic], rule) == ()


@pytest.mark.timeout(900)
def test_the_product_groups_the_stream_as_it_was_invented(news, form):
    truth, by_happening, by_story = news.made.truth, defaultdict(set), defaultdict(set)
    told = {link: truth.happening(link, news.made.end) for link in news.made.groups}
    # What came again after the restore came at once, not one after another: that may be grouped otherwise.
    at_once = {told[link] for link in truth.came_again if link in told}
    for link, story in news.made.groups.items():
        if told[link] not in at_once:
            by_story[story].add(link)
            by_happening[told[link]].add(link)
    assert len(by_story) > 25 * form.days
    assert sorted(map(sorted, by_story.values())) == sorted(map(sorted, by_happening.values()))


@pytest.mark.timeout(900)
def test_every_scene_was_played(news):
    assert news.made.put_off == []


@pytest.mark.timeout(900)
def test_the_tables_have_a_row_for_each_reader_and_each_topic(news):
    assert of_readers(news.verdicts.values()).count("\n") == 2 + len(TOPICS) * len(MODELS)
    assert of_documents(news.held.values()).count("\n") == 2 + len(TOPICS)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("format_", ["atom", "rss"])
def test_a_document_read_in_parts_is_what_it_is_as_a_whole(news, format_):
    for body in news.made.last[format_]:
        assert Parser().entries(format_, body) == parsed(body)


def test_the_same_seed_invents_the_same_news():
    assert [news.rss() for news in Stream(7).news] == [news.rss() for news in Stream(7).news]


@pytest.mark.slow
@pytest.mark.timeout(3000)
async def test_twice_as_much_news_of_another_seed_brings_no_other_complaints(tmp_path):
    made = judged(await FORTNIGHT.lives(tmp_path, seed=7, denser=2.0))
    said = {(kind, *one) for one, verdict in made.verdicts.items() for kind, _ in complaints(verdict)}
    said |= {(rule, topic) for topic, held in made.held.items() for rule in RULES if getattr(held, rule)}
    assert said == set()
