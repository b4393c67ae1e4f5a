"""What a publisher takes back is gone for ever, and nobody can take back more than his own (publication.md R8, R10)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from newsstand import DAY, EVERYTHING, HOUR, Newsstand
from sqlalchemy import select

from aggregator.lab.origin import Document, Response
from aggregator.lab.score.feeds import ARTICLE, article
from aggregator.lab.score.world import START
from aggregator.model import Article, Pause, key_of
from aggregator.pipeline.articles import PAGE_GONE, believed
from aggregator.store import deliveries, items, sources, topics, withdrawal
from aggregator.store.schema import topic_item

QUICK = Pause(at_once=1, gap=timedelta(milliseconds=1))
AT = "http://purl.org/atompub/tombstones/1.0"


def moment(minutes):
    return f"{START + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"


def entry(n, *, words="", updated=None, id_="", at="https://vestnik.example"):
    """An article, the older the higher its number."""
    facts = {
        "id": id_ or f"tag:vestnik.example,2026:{n}",
        "title": words or f"Мост номер {n} открыт",
        "updated": moment(-n if updated is None else updated),
        "summary": f"Читайте: мост {n} открыт. " * 5,
    }
    said = "".join(f"<{name}>{value}</{name}>" for name, value in facts.items())
    return f'<entry>{said}<link href="{at}/news/{n}"/></entry>'


def deleted(*numbers, minutes=60, comment=""):
    said = f"<at:comment>{comment}</at:comment>" if comment else ""
    ids = (f"tag:vestnik.example,2026:{n}" for n in numbers)
    return "".join(f'<at:deleted-entry ref="{id_}" when="{moment(minutes)}">{said}</at:deleted-entry>' for id_ in ids)


def flaws_of(outcome):
    """What is wrong with what it brought, as (code, detail); how often it is polled is no matter here."""
    return sorted((flaw.code, flaw.detail) for flaw in outcome.flaws if flaw.code != "document-too-short")


def atom(*inside, title="Вестник города"):
    head = f"<title>{title}</title><id>tag:vestnik.example,2026:f</id><updated>{moment(0)}</updated>"
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="{AT}" xml:lang="ru">{head}{"".join(inside)}</feed>'
    return Document(body=feed.encode())


class Stand(Newsstand):
    """One source in a topic, and what is withdrawn of it."""

    async def tells(self, *inside, **how):
        """Serve an Atom feed with this inside, and do what the daemon does with it."""
        self.publisher.serves(atom(*inside, **how))
        return await self.lives()

    def key(self, n):
        return key_of(self.source.id, f"tag:vestnik.example,2026:{n}")

    async def withdrawn(self, *numbers):
        """Which of these items are withdrawn, and why."""
        found = {n: await self.world.read(withdrawal.withdrawn, self.key(n)) for n in numbers}
        return {n: one.why for n, one in found.items() if one}

    async def moved(self):
        """The items that publishing is to look at."""
        t = topic_item.c
        mine = select(t.item).where(t.moved).order_by(t.item)
        return await self.world.read(lambda conn: list(conn.scalars(mine)))


@pytest.fixture
async def stand(world):
    """A source that has shown four articles of the last minutes."""
    stand = Stand(world)
    await world.configure(stand.source, topics=(EVERYTHING,))
    await stand.tells(*map(entry, range(4)))
    assert await stand.stand() == (4, 4)
    return stand


async def test_what_its_source_takes_back_is_withdrawn_with_its_words_on_it(stand):
    outcome = await stand.tells(*map(entry, range(3)), deleted(3, comment="Снято по просьбе автора"))
    assert outcome.withdrawn == {stand.key(3): "its publisher took it back: «Снято по просьбе автора»"}
    assert await stand.withdrawn(*range(4)) == {3: outcome.withdrawn[stand.key(3)]}
    assert outcome.changes == ()
    again = await stand.tells(*map(entry, range(2)), deleted(3))
    assert again.withdrawn == {}


async def test_what_its_source_takes_back_leaves_the_document(stand):
    (gone,) = [id_ for id_, title, _ in await stand.entries() if title == "Мост номер 3 открыт"]
    await stand.tells(*map(entry, range(3)), deleted(3))
    assert gone not in [id_ for id_, _, _ in await stand.entries()]
    assert (await stand.stand(), await stand.moved()) == ((4, 3), [])


async def test_what_a_source_merely_does_not_show_any_more_stays(stand):
    await stand.tells(entry(9))
    assert (await stand.withdrawn(*range(4)), await stand.stand()) == ({}, (5, 5))


async def test_one_source_takes_back_nothing_of_another(world, stand):
    other = Stand(world)
    other.source = world.source(other.publisher, every=HOUR, first=100)
    await world.configure(stand.source, other.source, topics=(EVERYTHING,))
    await other.tells(entry(8, at="https://bereg.example"), title="Берег")
    outcome = await other.tells(entry(8, at="https://bereg.example"), deleted(1, 2), title="Берег")
    assert (outcome.withdrawn, await stand.withdrawn(*range(4))) == ({}, {})


async def test_an_item_is_taken_back_by_its_other_id_too(stand):
    """The publisher's program is a new one and made new ids; then an article is taken back by its new one."""
    new = [entry(n, id_=f"https://vestnik.example/?p={n}") for n in range(4)]
    assert not [one for one in (await stand.tells(*new)).changes if one.kind == "new"]
    tombstone = f'<at:deleted-entry ref="https://vestnik.example/?p=2" when="{moment(60)}"/>'
    outcome = await stand.tells(*new[:2], new[3], tombstone)
    assert list(outcome.withdrawn) == [stand.key(2)]


async def test_old_ids_that_are_taken_back_take_nothing_with_them_that_stands_under_new_ones(stand):
    new = [entry(n, id_=f"https://vestnik.example/?p={n}") for n in range(4)]
    outcome = await stand.tells(*new, deleted(*range(4)))
    assert (outcome.withdrawn, await stand.stand()) == ({}, (4, 4))


async def test_what_stands_there_and_was_changed_since_it_was_taken_back_stays(stand):
    outcome = await stand.tells(entry(0, updated=70), deleted(0, minutes=60))
    assert outcome.withdrawn == {}
    outcome = await stand.tells(entry(0, updated=70), deleted(0, minutes=80))
    assert list(outcome.withdrawn) == [stand.key(0)]


@pytest.mark.parametrize(
    ("taken_back", "flaws"),
    [
        pytest.param(range(14, 29), [], id="half of them"),
        pytest.param(range(14, 30), ["document-emptied"], id="more than half"),
        pytest.param(range(14, 4000), ["deleted-too-many", "document-emptied"], id="thousands"),
    ],
)
async def test_a_feed_that_takes_back_nearly_everything_is_not_believed(world, taken_back, flaws):
    stand = Stand(world)
    await world.configure(stand.source, topics=(EVERYTHING,))
    await stand.tells(*map(entry, range(30)))
    outcome = await stand.tells(*map(entry, range(14)), deleted(*taken_back))
    assert [code for code, _ in flaws_of(outcome)] == flaws
    assert len(outcome.withdrawn) == (0 if flaws else 15)
    assert len(await stand.withdrawn(*range(30))) == len(outcome.withdrawn)


async def test_few_are_taken_back_also_where_they_are_all(stand):
    assert len((await stand.tells(deleted(*range(4)))).withdrawn) == 4


async def test_a_domain_that_was_sold_takes_nothing_back(world):
    stand = Stand(world)
    await world.configure(stand.source, topics=(EVERYTHING,))
    await stand.tells(*map(entry, range(6)))
    casino = entry(99, words="The best casino bonus of the week is for you", at="https://spins.example")
    outcome = await stand.tells(casino, deleted(1, 2), title="Spins of Fortune")
    assert "document-drifted" in [flaw.code for flaw in outcome.flaws]
    assert (outcome.withdrawn, await stand.withdrawn(*range(6))) == ({}, {})


async def test_what_is_withdrawn_comes_back_by_no_showing_no_edit_and_no_rule(stand):
    world = stand.world
    await stand.tells(*map(entry, range(3)), deleted(3))
    await stand.tells(*map(entry, range(4)))
    await stand.tells(*map(entry, range(3)), entry(3, words="Совсем другой заголовок тут", updated=200))
    held = await world.read(items.by_key, stand.key(3))
    assert (held.item.title, bool(held.withdrawn)) == ("Совсем другой заголовок тут", True)
    assert await stand.withdrawn(3) == {3: "its publisher took it back"}
    rivers = EVERYTHING.__class__(id="rivers", title="Реки", match="lang:ru", backfill=99)
    await world.configure(stand.source, topics=(EVERYTHING, rivers))
    await world.publish("rivers")
    anchors = {row.anchor for row in await world.read(deliveries.live, "rivers")}
    assert anchors == {stand.key(n) for n in range(3)}


async def test_a_source_that_is_gone_withdraws_nothing(stand):
    stand.publisher.says(410)
    outcome = await stand.world.poll(stand.source)
    assert (outcome.status, outcome.withdrawn, await stand.withdrawn(*range(4))) == (410, {}, {})


class Paper(Stand):
    """A source whose articles are fetched."""

    def __init__(self, world):
        super().__init__(world, full_text=True)

    def page(self, n, response):
        self.publisher.also(f"/news/{n}", response)

    async def tells(self, *numbers):
        """Show these articles, whose pages stand at the publisher."""
        return await super().tells(*(entry(n, at=self.publisher.at("").rstrip("/")) for n in numbers))


@pytest.fixture
async def paper(world):
    paper = Paper(world)
    await world.configure(paper.source, topics=(EVERYTHING,), pause=QUICK)
    for n in range(30):
        paper.page(n, Response(body=article(n)))
    await paper.tells(29)  # on first contact no pages are asked for
    return paper


async def test_an_item_whose_page_is_gone_never_enters_a_topic(paper):
    paper.page(2, Response(status=410))
    outcome = await paper.tells(1, 2, 3, 29)
    assert outcome.withdrawn == {paper.key(2): PAGE_GONE}
    assert flaws_of(outcome) == []
    assert {row.anchor for row in await paper.world.read(deliveries.live, "all")} == {paper.key(n) for n in (1, 3, 29)}
    (standing,) = await paper.world.read(topics.verdicts_of, paper.key(2))
    assert (standing.verdict.admitted, PAGE_GONE in standing.verdict.why) == (False, True)
    asked = len(paper.publisher.requests)
    await paper.world.live(paper.source, DAY)
    assert not [one for one in paper.publisher.requests[asked:] if one.target == b"/news/2"]


@pytest.mark.parametrize(
    ("response", "withdrawn"),
    [
        pytest.param(Response(status=410), True, id="410"),
        pytest.param(Response(status=302, headers=[(b"Location", b"/gone")]), True, id="a redirect to 410"),
        pytest.param(Response(status=404), False, id="404"),
        pytest.param(Response(status=403), False, id="403"),
        pytest.param(Response(status=500), False, id="500"),
        pytest.param(Response(body=b"<html><body></body></html>"), False, id="no article"),
    ],
)
async def test_only_410_withdraws(paper, response, withdrawn):
    paper.page("gone", Response(status=410))
    paper.publisher.also("/gone", Response(status=410))
    paper.page(2, response)
    await paper.tells(2, 29)
    assert bool(await paper.withdrawn(2)) is withdrawn


async def test_the_rules_of_a_host_that_are_gone_withdraw_nothing(paper):
    paper.publisher.also("/robots.txt", Response(status=410))
    await paper.tells(1, 2, 29)
    assert await paper.withdrawn(1, 2) == {}


async def test_an_item_that_stands_in_a_topic_goes_when_its_page_is_gone_afterwards(paper):
    paper.page(2, Response(status=500))
    await paper.tells(2, 29)
    assert await paper.moved() == []
    paper.page(2, Response(status=410))
    await paper.world.live(paper.source, timedelta(hours=8))
    assert (await paper.withdrawn(2), await paper.moved()) == ({2: PAGE_GONE}, [paper.key(2)])


async def test_a_host_that_says_410_to_everything_is_not_believed_and_asked_again(paper):
    for n in range(1, 9):
        paper.page(n, Response(status=410))
    outcome = await paper.tells(*range(1, 9), 29)
    assert (outcome.withdrawn, await paper.withdrawn(*range(1, 9))) == ({}, {})
    assert flaws_of(outcome) == [("full-text-gone", "8 of the last 8")]
    for n in range(2, 9):
        paper.page(n, Response(body=article(n)))
    await paper.world.live(paper.source, timedelta(hours=8))
    assert await paper.withdrawn(*range(1, 9)) == {1: PAGE_GONE}
    assert ARTICLE in (await paper.world.read(items.by_key, paper.key(2))).full_text
    said = await paper.world.read(sources.flaws_of, paper.source.id)
    assert not [flaw for flaw in said if flaw.code.startswith("full-text-")]


@pytest.mark.parametrize(
    ("came", "before", "are_believed"),
    [
        pytest.param("g", "", True, id="the first page of all"),
        pytest.param("gg", "", False, id="the first two of all"),
        pytest.param("ga", "", True, id="one of two"),
        pytest.param("gga", "", False, id="two of three"),
        pytest.param("ggaa", "", True, id="two of four"),
        pytest.param("g", "gaaaa", True, id="the second in a row, and three that were had"),
        pytest.param("g", "ggaaa", False, id="the third in a row"),
        pytest.param("g", "aaaagggg", True, id="what is long ago counts no more"),
        pytest.param("gggaaa", "gggg", True, id="as many as one poll asks for"),
        pytest.param("gwww", "", True, id="what waits says nothing"),
    ],
)
def test_pages_are_gone_where_most_others_are_there(came, before, are_believed):
    due = {"w": START}
    articles = tuple(Article(key=str(n), due_at=due.get(one), gone=one == "g") for n, one in enumerate(came))
    after, flaws = believed(articles, [one == "g" for one in before], START)
    assert (after == articles, flaws == ()) == (are_believed, are_believed)
    if not are_believed:
        assert [one.due_at for one in after if articles[int(one.key)].gone] == [START + 6 * HOUR] * came.count("g")
