"""Which entry of a document is which item: new, changed, known, or known under another id."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.dedup import by_id, ranks, recognise
from aggregator.model import Item, Known, key_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SOURCE = "ostrov"


def item(name, day=None, digest=b"1"):
    published = datetime(2026, 3, day, tzinfo=UTC) if day else None
    return Item(id=name, published=published, sha256=digest)


def entry(n, **other):
    """The n-th article, as a document shows it."""
    facts = {
        "id": f"guid-{n}",
        "title": f"Новость номер {n}",
        "link": f"http://vestnik.example/news/{n}",
        "published": NOON - n * HOUR,
    }
    made = Item(**(facts | other))
    words = repr(replace(made, id="", sha256=b""))
    return replace(made, sha256=hashlib.sha256(words.encode()).digest())


def entries(*numbers, **other):
    """These articles; what stands in `other` may be a function of the number."""
    return [
        entry(n, **{name: value(n) if callable(value) else value for name, value in other.items()}) for n in numbers
    ]


def held(some):
    """What the store holds after a document has shown these."""
    names = ("id", "sha256", "title", "link", "published")
    return [
        Known(key=key_of(SOURCE, one.id), document=1, **{name: getattr(one, name) for name in names}) for one in some
    ]


def recognised(before, now):
    """What comes of a document where another one was before."""
    ours = held(before)
    return recognise(SOURCE, now, {one.id: one for one in ours if one.id in {item.id for item in now}}, ours)


def kinds(found):
    """What is to be stored, by the id it has with us."""
    return {change.item.id: change.kind for change in found.changes}


def test_an_unseen_id_is_new_an_other_hash_is_changed_the_same_is_nothing():
    known = {name: Known(key=key_of("ostrov", name), id=name, sha256=b"1") for name in ("same", "edited")}
    found = recognise("ostrov", [item("same"), item("edited", digest=b"2"), item("fresh")], known)
    assert [(change.kind, change.item.id) for change in found.changes] == [("changed", "edited"), ("new", "fresh")]
    assert found.keys == tuple(key_of("ostrov", name) for name in ("same", "edited", "fresh"))


def test_a_key_depends_on_the_source_so_that_no_source_can_speak_for_another():
    assert key_of("ostrov", "1") != key_of("unian", "1")


def test_a_key_is_what_the_design_promises():
    assert key_of("ostrov", "№1") == hashlib.sha256("ostrov\0№1".encode()).hexdigest()[:16]


def test_a_changed_item_keeps_the_key_it_was_stored_under():
    known = {"a": Known(key="0123456789abcdef", id="a", sha256=b"1")}
    found = recognise("ostrov", [item("a", digest=b"2")], known)
    assert (found.changes[0].key, found.keys) == ("0123456789abcdef", ("0123456789abcdef",))


def test_ranks_follow_the_dates_and_undated_items_stand_behind_in_document_order():
    assert ranks([item("u1"), item("old", 1), item("new", 9), item("u2")]) == {"new": 0, "old": 1, "u1": 2, "u2": 3}


def test_what_an_older_store_hashed_with_the_id_is_no_edit():
    stamp = hashlib.sha256(b"a\0" + b"1").digest()
    known = {"a": Known(key=key_of("ostrov", "a"), id="a", sha256=stamp)}
    assert recognise("ostrov", [item("a")], known).changes == ()


UNDATED = {"published": None}
HTTPS = {"link": lambda n: f"https://vestnik.example/news/{n}"}
MOVED = {"link": lambda n: f"https://new.example/news/{n}"}
UUID = {"id": lambda n: f"uuid-of-{n}-again"}
PERMALINK = {"id": lambda n: f"http://vestnik.example/news/{n}"}
ONE_LINK = {"link": "https://vestnik.example/"}
STATUS = ONE_LINK | {"title": "Расследуется"}


@pytest.mark.parametrize(
    ("before", "now", "changed"),
    [
        pytest.param({}, UUID, False, id="new guids"),
        pytest.param({}, UUID | HTTPS, True, id="new guids and https"),
        pytest.param(PERMALINK, {"id": lambda n: f"https://www.vestnik.example/news/{n}"} | HTTPS, True, id="https"),
        pytest.param(
            PERMALINK | UNDATED,
            {"id": lambda n: f"https://vestnik.example/news/{n}/"} | HTTPS | UNDATED,
            True,
            id="https, undated",
        ),
        pytest.param({}, UUID | MOVED, True, id="new guids at another host"),
        pytest.param(UNDATED, UUID | MOVED | UNDATED, True, id="new guids at another host, undated"),
        pytest.param({}, UUID | {"link": lambda n: f"https://new.example/?p={n}"}, True, id="another program"),
        pytest.param(
            {"link": lambda n: f"http://vestnik.example/news/{n}?token=one"},
            UUID | {"link": lambda n: f"http://vestnik.example/news/{n}?token=two"},
            True,
            id="tokens",
        ),
        pytest.param(UNDATED, UUID | UNDATED, False, id="new guids, undated"),
        pytest.param({"link": None}, UUID | {"link": None}, False, id="new guids without links"),
        pytest.param({"title": ""}, UUID | {"title": ""}, False, id="new guids without titles"),
        pytest.param({"title": "Без названия"}, UUID | {"title": "Без названия"} | HTTPS, True, id="one title for all"),
        pytest.param(ONE_LINK, UUID | ONE_LINK, False, id="one link for all"),
        pytest.param(STATUS, UUID | STATUS, False, id="one link and one title for all"),
    ],
)
def test_the_same_entries_under_other_ids_are_the_same_items(before, now, changed):
    found = recognised(entries(1, 2, 3, 4, 5, **before), entries(0, 1, 2, 3, 4, **now))
    fresh = entry(0, **{name: value(0) if callable(value) else value for name, value in now.items()})
    ours = [one.id for one in entries(1, 2, 3, 4, **before)]
    assert kinds(found) == {fresh.id: "new"} | (dict.fromkeys(ours, "changed") if changed else {})
    assert found.keys == tuple(key_of(SOURCE, id_) for id_ in [fresh.id, *ours])
    assert [alias.item for alias in found.aliases] == [key_of(SOURCE, id_) for id_ in ours]
    assert all(alias.why for alias in found.aliases)


@pytest.mark.parametrize(
    "edit", [pytest.param({"title": "Другой заголовок"}, id="title"), pytest.param({"summary": "О"}, id="text")]
)
def test_what_is_edited_when_all_ids_change_is_edited(edit):
    now = entries(1, 2, 3, 4, **UUID)
    now[0] = replace(entry(1, **edit), id="uuid-1")
    assert kinds(recognised(entries(1, 2, 3, 4), now)) == {"guid-1": "changed"}


def test_one_entry_alone_is_known_by_link_title_and_date_under_another_id():
    found = recognised(entries(1, 2, 3), [*entries(1, 2), entry(3, id="corrected")])
    assert (found.changes, [(alias.id, alias.item) for alias in found.aliases]) == (
        (),
        [("corrected", key_of(SOURCE, "guid-3"))],
    )


def test_a_guid_that_counts_its_editions_is_one_item():
    before, now = (entry(3, id=f"https://vestnik.example/news/3#{edition}") for edition in (0, 1))
    found = recognised([before, entry(4)], [replace(now, published=NOON, sha256=b"2"), entry(4)])
    assert kinds(found) == {before.id: "changed"}


@pytest.mark.parametrize(
    ("before", "now"),
    [
        pytest.param(STATUS, STATUS | {"id": lambda n: f"another-{n}"}, id="a status page, other times"),
        pytest.param(
            {"link": lambda n: f"https://zodiac.example/{n}", "title": lambda n: f"Знак {n}"},
            {
                "id": lambda n: f"tomorrow-{n}",
                "link": lambda n: f"https://zodiac.example/{n}",
                "title": lambda n: f"Знак {n}",
                "published": lambda n: NOON + 24 * HOUR - n * HOUR,
            },
            id="horoscopes of another day",
        ),
        pytest.param(
            UNDATED | {"title": "Без названия"},
            UUID | UNDATED | {"title": "Без названия", "link": lambda n: f"http://vestnik.example/other/{n}"},
            id="one title for all, undated, other links",
        ),
        pytest.param(
            UNDATED | ONE_LINK,
            UUID | UNDATED | ONE_LINK | {"title": lambda n: f"Выпуск {n + 100}"},
            id="a podcast, undated, other episodes",
        ),
        pytest.param(
            {"link": None, "title": "Погода"},
            UUID | {"link": None, "title": "Погода", "published": NOON + HOUR},
            id="neither link nor a title of its own",
        ),
        pytest.param(
            {"id": lambda n: f"https://list.example/changes#{n}", "link": "https://list.example/changes"},
            {
                "id": lambda n: f"https://list.example/changes#{n + 100}",
                "link": "https://list.example/changes",
                "title": lambda n: f"Версия {n + 100}",
                "published": lambda n: NOON + n * HOUR,
            },
            id="ids that differ behind the # alone",
        ),
    ],
)
def test_other_articles_are_never_taken_for_those_before_them(before, now):
    if now.get("published") is None and "published" not in now:
        now = now | {"published": lambda n: NOON + 24 * HOUR - n * HOUR}
    fresh = entries(1, 2, 3, 4, **now)
    found = recognised(entries(1, 2, 3, 4, **before), fresh)
    assert kinds(found) == {one.id: "new" for one in fresh}
    assert found.aliases == ()


def test_one_of_many_that_share_a_link_is_not_taken_for_one_that_left():
    shared = {"link": "https://status.example/", "title": "Расследуется", "published": NOON}
    before = [entry(n, **shared, id=f"case-{n}", summary=f"Случай {n}") for n in range(4)]
    fresh = entry(9, **shared, id="case-9", summary="Случай 9")
    assert kinds(recognised(before, [fresh, *before[:3]])) == {"case-9": "new"}


def test_undated_entries_need_many_of_their_kind_to_be_known_by_their_words():
    before, now = entries(1, 2, **UNDATED), entries(1, 2, **UUID, **UNDATED)
    assert kinds(recognised(before, now)) == {one.id: "new" for one in now}


def test_two_entries_that_look_alike_are_taken_for_nobody():
    before = [entry(1, id="one"), entry(1, id="two"), entry(5)]
    now = [entry(1, id="three"), entry(1, id="four"), entry(5)]
    assert kinds(recognised(before, now)) == {"three": "new", "four": "new"}


def test_an_id_that_is_given_to_another_article_makes_a_new_item():
    found = recognised([entry(1, id="7")], [entry(2, id="7", title="Паром снова ходит")])
    assert kinds(found) == {"7 http://vestnik.example/news/2": "new"}
    assert found.aliases == ()


def test_ids_that_number_the_places_of_a_document_lose_nothing_and_double_nothing():
    titles = ["Мост открыли утром", "Паром ушёл в ремонт", "Рынок закрыли", "Школу построят", "Цены на хлеб"]

    def placed(*numbers):
        return [entry(n, id=str(place), title=titles[n]) for place, n in enumerate(numbers)]

    store = {one.id: one for one in held(placed(3, 4))}
    for numbers, fresh in (((2, 3, 4), 2), ((1, 2, 3, 4), 1), ((0, 1, 2, 3), 0)):
        found = recognise(SOURCE, now := placed(*numbers), store, store.values())
        (change,) = found.changes
        assert (change.kind, change.item.title) == ("new", titles[fresh])
        assert len(set(found.keys)) == len(now)
        store |= {one.id: one for one in held([change.item])}


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param({"title": "Совсем другие слова", "link": "http://vestnik.example/new-slug"}, id="the date stays"),
        pytest.param({"title": "Совсем другие слова", "published": NOON}, id="the link stays"),
        pytest.param({"link": "http://vestnik.example/new-slug", "published": NOON}, id="the title stays"),
        pytest.param(
            {"title": "Совсем другие слова", "link": "http://vestnik.example/slug-1234567.html", "published": NOON},
            id="the article's number stays",
        ),
        pytest.param({"title": "Совсем другие слова", "link": None, "published": NOON}, id="the link goes"),
    ],
)
def test_an_edited_entry_keeps_its_item_however_much_is_edited(edit):
    before = entry(3, link="http://vestnik.example/1234567") if "slug-1" in str(edit) else entry(3)
    assert kinds(recognised([before], [entry(3, **edit)])) == {"guid-3": "changed"}


def test_a_day_in_two_addresses_is_no_number_of_an_article():
    before, now = (entry(n, id="x", link=f"http://vestnik.example/20260301/{n}") for n in (1, 2))
    assert kinds(recognised([before], [replace(now, title="Паром")])) == {"x http://vestnik.example/20260301/2": "new"}


def test_of_two_ids_of_one_item_in_one_document_its_own_is_believed():
    ours = held(entries(1))[0]
    both = [entry(1, id="alias", title="Что-то другое"), entry(1)]
    told = by_id(both, {"alias": ours, "guid-1": ours})
    assert told.keys() == {"guid-1"}
