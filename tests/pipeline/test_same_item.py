"""The same entry of the same source again, over real HTTP, through poll, curate and publish (content.md A39 to A45).

In every telling it is counted: the items in the store, the entries in the topic. Nothing is doubled, nothing is lost.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from newsstand import DAY, EVERYTHING, HOUR, SITE, Newsstand, Told, document, told
from sqlalchemy import func, select

from aggregator.model import key_of
from aggregator.store import deliveries, identity, items
from aggregator.store.items import REVISIONS_KEPT
from aggregator.store.schema import delivery, item_alias, item_revision


@pytest.fixture
async def stand(world):
    """A source that has shown six articles of the last hour."""
    stand = Newsstand(world)
    await world.configure(stand.source, topics=(EVERYTHING,))
    await stand.shows(told(*range(6)))
    assert await stand.stand() == (6, 6)
    return stand


@pytest.mark.parametrize(
    ("edit", "told_again"),
    [
        pytest.param({"title": "Заголовок переписан"}, True, id="title"),
        pytest.param({"text": "Теперь тут стоит совсем иное, и много больше, чем было прежде."}, True, id="text"),
        pytest.param({"minutes": 30}, False, id="date"),
        pytest.param({"link": f"{SITE}/news/2-isprav"}, False, id="link"),
    ],
)
async def test_an_edited_entry_is_one_item_with_a_revision(stand, edit, told_again):
    before = {id_: updated for id_, _, updated in await stand.entries()}
    articles = told(*range(6))
    articles[2] = Told(n=2, **edit)
    outcome = await stand.shows(articles)
    assert [(one.kind, one.item.id) for one in outcome.changes] == [("changed", "news-2")]
    assert (await stand.stand(), await stand.count(item_revision)) == ((6, 6), 1)
    moved = [id_ for id_, _, updated in await stand.entries() if updated != before[id_]]
    assert len(moved) == told_again


UUIDS = {"guid": lambda n: f"uuid-{n}"}


@pytest.mark.parametrize(
    ("other", "edited"),
    [
        pytest.param({"guid": lambda n: f"https://new.example/?p={n}"}, False, id="guids"),
        pytest.param({"guid": None}, False, id="guids are gone"),
        pytest.param(UUIDS | {"link": lambda n: f"https://vestnik.example/news/{n}"}, True, id="https"),
        pytest.param(UUIDS | {"link": lambda n: f"https://new.example/news/{n}"}, True, id="host"),
        pytest.param(UUIDS | {"link": lambda n: f"{SITE}/n/{n}?token=abc"}, True, id="program"),
    ],
)
async def test_ids_that_change_at_once_publish_nothing_again(stand, other, edited):
    before = await stand.entries()
    outcome = await stand.shows(told(9, *range(6), **other))
    assert Counter(one.kind for one in outcome.changes) == Counter(new=1, changed=6 * edited)
    assert not any(one.held for one in outcome.changes)
    assert await stand.stand() == (7, 7)
    after = await stand.entries()
    assert set(before) <= set(after), "no entry has another id, title or `updated`"
    again = await stand.shows(told(*range(6), **other))  # from now on the new ids are known
    assert (again.changes, again.aliases, await stand.stand()) == ((), (), (7, 7))
    key = key_of(stand.source.id, "news-3")
    ((alias, _),) = await stand.world.read(identity.aliases_of, key)
    assert alias.why
    await stand.shows(told(*range(6)))  # and the old ones still
    assert await stand.stand() == (7, 7)


async def test_a_feed_that_moves_to_another_host_is_the_same_feed(stand):
    new = stand.world.publisher()
    stand.publisher.redirects(new.url)
    moved = {"guid": lambda n: f"http://new.example/{n}", "link": lambda n: f"http://new.example/news/{n}"}
    new.serves(document(told(9, *range(6), **moved), site="http://new.example"))
    for _ in range(3):
        await stand.lives()
    assert await stand.stand() == (7, 7)


async def test_a_person_who_writes_the_new_address_gets_no_article_again(stand):
    new = stand.world.publisher()
    moved = {"guid": lambda n: f"https://new.example/{n}", "link": lambda n: f"https://new.example/news/{n}"}
    new.serves(document(told(9, *range(6), **moved)))
    stand.source = replace(stand.source, url=new.url)
    await stand.world.configure(stand.source, topics=(EVERYTHING,))
    await stand.lives()
    assert await stand.stand() == (7, 7)


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(lambda n, poll: {"guid": f"uuid-{n}-{poll}"}, id="guids"),
        pytest.param(lambda n, poll: {"guid": f"news-{n}?token={poll}"}, id="tokens in guids"),
        pytest.param(lambda n, poll: {"guid": None, "link": f"{SITE}/news/{n}?token={poll}"}, id="tokens in links"),
        pytest.param(lambda n, poll: {"guid": None, "link": f"{SITE}/news/{n}?utm_id={poll}"}, id="trackers in links"),
        pytest.param(lambda n, poll: {"guid": f"u-{n}-{poll}", "minutes": None}, id="guids, undated"),
        pytest.param(lambda n, poll: {"guid": f"u-{n}-{poll}", "link": None}, id="guids, without links"),
        pytest.param(lambda n, poll: {"guid": f"u-{n}-{poll}", "link": SITE}, id="guids, one link for all"),
    ],
)
async def test_ids_made_anew_for_each_reading_double_nothing_and_lose_nothing(world, made):
    stand = Newsstand(world)
    await world.configure(stand.source, topics=(EVERYTHING,))
    for poll in range(10):
        outcome = await stand.shows([Told(n=n, **made(n, poll)) for n in range(10 - poll, 20 - poll)])
        news = [one for one in outcome.changes if one.kind == "new"]
        assert (len(news), [one.held for one in news if one.held]) == (10 if poll == 0 else 1, [])
    assert (await stand.count(), (await stand.stand())[0]) == (19, 19)
    entered = await world.read(lambda conn: conn.scalar(select(func.count(delivery.c.entry_id.distinct()))))
    undated = made(0, 0).get("minutes", 0) is None
    assert entered == (9 if undated else 19), "on first contact what has no date is old"
    assert await stand.count(item_alias) <= 3 * 19


async def test_a_publisher_who_makes_everything_anew_each_time_floods_nobody(world):
    """Neither ids nor words nor dates stay: nothing tells that it is the same."""
    stand = Newsstand(world)
    await world.configure(stand.source, topics=(EVERYTHING,))
    await stand.shows(told(*range(60)))
    entered = []
    for poll in range(1, 6):
        anew = {"guid": lambda n, p=poll: f"u{p}-{n}", "link": None, "minutes": 60 * poll}
        outcome = await stand.shows(told(*range(60), title=lambda n, p=poll: f"Показание {n}.{p}", **anew))
        held = [one for one in outcome.changes if one.held == "flood"]
        entered.append(len(outcome.changes) - len(held))
        assert [flaw.code for flaw in outcome.flaws].count("document-flooded") == 1
    assert (entered[0] <= 15, entered[1:]) == (True, [0] * 4)
    assert (await world.row(stand.source)).held == {"flood": 300 - entered[0]}
    assert (await stand.lives()).ended == "unchanged"
    assert (await world.row(stand.source)).held == {"flood": 240 - entered[0]}, "what it shows still, was real"


@pytest.mark.parametrize(
    ("left", "enter"), [pytest.param(6, 30, id="beside what is known"), pytest.param(0, 10, id="alone")]
)
async def test_a_flood_that_stays_was_real_and_goes_on_an_hour_later(stand, left, enter):
    many = told(*range(100, 160), minutes=16 * 60)
    outcome = await stand.shows([*many, *told(*range(left))])
    assert Counter(one.held for one in outcome.changes) == Counter({None: enter, "flood": 60 - enter})
    assert await stand.stand() == (66, 6 + enter)
    newest = {one.item.title for one in outcome.changes if not one.held}
    assert newest == {article.headline for article in many[:enter]}
    await stand.lives()  # 304
    assert await stand.stand() == (66, 66)
    assert not (await stand.world.row(stand.source)).held


async def test_text_that_changes_at_every_poll_is_told_three_times_a_day(stand):
    updated, ended = [], []
    for poll in range(50):
        advert = ("Реклама: окна и двери со скидкой", "Реклама: пылесосы почти даром")[poll % 2] + " только сегодня" * 3
        outcome = await stand.shows([Told(n=0, text=advert), *told(*range(1, 6))])
        ended.append(outcome.ended)
        updated.append({id_: at for id_, _, at in await stand.entries()})
    days = 50 * HOUR / DAY
    assert set(ended) == {"changed"}
    assert await stand.stand() == (6, 6)
    assert await stand.count(item_revision) <= min(REVISIONS_KEPT, 3 * (days + 1))
    key = next(id_ for id_ in updated[0] if updated[0][id_] != updated[-1][id_])
    assert len({at[key] for at in updated}) <= 3 * days + 1
    rows = await stand.world.read(deliveries.history, "all", key)
    assert len(rows) <= 3 * (days + 1)
    assert all(at[other] == updated[0][other] for at in updated for other in at if other != key)


async def test_what_an_item_said_last_is_told_when_the_day_is_over(stand):
    for edition in range(6):
        await stand.shows([Told(n=0, title=f"Издание {edition} вышло"), *told(*range(1, 6))])
    assert "Издание 2 вышло" in [title for _, title, _ in await stand.entries()]
    key = key_of(stand.source.id, "news-0")
    assert (await stand.world.read(items.by_key, key)).item.title == "Издание 5 вышло"
    assert (await stand.world.row(stand.source)).held == {"edits": 1}
    stand.world.now += DAY
    assert (await stand.lives()).ended == "unchanged"
    assert "Издание 5 вышло" in [title for _, title, _ in await stand.entries()]
    assert not (await stand.world.row(stand.source)).held
    assert await stand.stand() == (6, 6)


async def test_a_guid_that_is_given_to_another_article_hides_neither(stand):
    articles = told(*range(6))
    articles[0] = Told(n=11, guid="news-0", minutes=200)
    for _ in range(3):
        await stand.shows(articles)
        assert await stand.stand() == (7, 7)
        articles = [Told(n=11, guid="news-0", minutes=200), *articles[1:]]


async def test_guids_that_number_the_places_of_a_document_lose_no_article(world):
    stand = Newsstand(world)
    await world.configure(stand.source, topics=(EVERYTHING,))
    for poll in range(8):
        newest_first = range(8 - poll, 14 - poll)
        await stand.shows([replace(one, guid=str(place)) for place, one in enumerate(told(*newest_first))])
    assert await stand.stand() == (13, 13)


@pytest.mark.parametrize(
    "alike",
    [
        pytest.param({"title": "Без названия", "text": lambda n: f"Запись {n}"}, id="one title"),
        pytest.param({"link": f"{SITE}/podcast", "text": lambda n: f"Выпуск {n}"}, id="one link"),
        pytest.param(
            {"link": SITE, "title": "Расследуется", "text": lambda n: f"Сбой {n}"}, id="one link and one title"
        ),
        pytest.param({"guid": None, "link": None}, id="neither guid nor link"),
        pytest.param(
            {"guid": None, "link": None, "title": "Показание", "text": lambda n: f"Уровень воды {n} см"},
            id="neither guid nor link, one title",
        ),
    ],
)
async def test_articles_that_are_alike_are_never_one(world, alike):
    stand = Newsstand(world)
    await world.configure(stand.source, topics=(EVERYTHING,))
    for poll in range(6):
        await stand.shows(told(*range(6 - poll, 10 - poll), **alike))
    assert (await stand.count(), len(await stand.entries())) == (9, 9)


CASINO = "Best casino bonus {} with free spins and the jackpot of the week for all our players"


def casino(*numbers):
    """What a domain shows after it was sold."""
    return told(
        *numbers,
        guid=lambda n: f"spam-{n}",
        link=lambda n: f"https://spins.example/{n}",
        title=CASINO.format,
        text="Play now at the best casino and get the bonus for free.",
        minutes=10 * 60,
    )


@pytest.mark.parametrize("days", [pytest.param(0, id="at once"), pytest.param(40, id="after forty days")])
async def test_what_a_sold_domain_shows_is_held_until_a_person_looks(stand, days):
    before = await stand.entries()
    stand.world.now += days * DAY
    for poll in range(4):
        spam = casino(*range(100 - 30 * poll, 140 - 30 * poll))
        outcome = await stand.shows(spam, title="Spins of Fortune", language="en")
        assert {one.held for one in outcome.changes} == {"drift"}
        assert "document-drifted" in {flaw.code for flaw in outcome.flaws}
    row = await stand.world.row(stand.source)
    assert (row.held, row.feed.title) == ({"drift": 130}, "Вестник города")
    assert set(await stand.entries()) <= set(before)
    back = await stand.shows(told(*range(20, 26), minutes=14 * 60 + 24 * 60 * days))  # the publisher has it again
    assert [one.held for one in back.changes] == [None] * 6
    assert not any("casino" in title for _, title, _ in await stand.entries())


async def test_a_person_releases_what_is_held(stand):
    async def casinos():
        return sum("casino" in title for _, title, _ in await stand.entries())

    await stand.shows(casino(1, 2, 3), title="Spins of Fortune", language="en")
    assert await casinos() == 0
    assert await stand.world.release(stand.source) == 3
    assert await casinos() == 3
    await stand.shows(casino(4, 5, 6), title="Spins of Fortune", language="en")  # it is this one now
    assert await casinos() == 6
    assert (await stand.world.row(stand.source)).feed.title == "Spins of Fortune"
    assert await stand.world.release(stand.source) == 0


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"title": "Городские новости"}, id="another title"),
        pytest.param({"language": "uk"}, id="another language is declared"),
        pytest.param({}, id="nothing but news"),
    ],
)
async def test_a_publisher_who_renames_himself_after_a_pause_is_believed(stand, how):
    outcome = await stand.shows(told(*range(20, 26), minutes=16 * 60), **how)
    assert {(one.kind, one.held) for one in outcome.changes} == {("new", None)}
    assert await stand.stand() == (12, 12)
