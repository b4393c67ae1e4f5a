"""What left a topic's document stands in the archive of the day on which it entered, asked over real HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest
from lxml import etree
from serve_making import AUTHORITY, NOON, Stand, ask, serving, topic

from aggregator.model import Delivery, Face, Origin, Person, Source
from aggregator.store import Store, artefacts, topics

ATOM = "{http://www.w3.org/2005/Atom}"
DAY = timedelta(days=1)
HERE = "https://feeds.example.org/feeds/sea"
SOURCES = {name: Source(id=name, url=f"https://{name}.example/rss") for name in ("mayak", "parus")}


def row(number, days_ago, *, state="live", source="mayak", rev=1, title=None):
    key, at = f"{number:016x}", NOON - days_ago * DAY
    face = Face(
        title=title or f"Шторм {number}",
        link=f"https://{source}.example/{number}",
        published=at - timedelta(minutes=number),
        authors=(Person(name="Вахтенный"),),
        categories=(),
        summary="<p>Прошёл мимо.</p>",
        content="",
        enclosures=(),
        language="ru",
        comments=None,
        origin=Origin(source=source, title=source.title(), url=f"https://{source}.example/rss"),
    )
    return Delivery(
        topic="sea",
        entry_id=AUTHORITY.entry_id(key),
        anchor=key,
        story=None,
        entered_at=at,
        rev=rev,
        updated=at,
        state=state,
        face=face,
        sha256=b"",
        listed=0,
    )


LEDGER = [
    row(1, 9, state="aged"),
    row(2, 9, state="aged", source="parus"),
    row(3, 9, state="withdrawn"),
    row(4, 9, state="absorbed"),
    row(5, 3),
    row(5, 3, rev=2, title="Шторм прошёл"),
    row(6, 1),
    row(7, 0),
]


@pytest.fixture
def stand(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path}/news.db")
    store.write_now(topics.sync_topics, {"sea": b"rules"}, NOON)
    made = {"entered": {}, "kept_out": {}, "due_at": None, "artefacts": [], "flaw": "", "now": NOON}
    store.write_now(artefacts.publish, topic="sea", dirty=1, rows=LEDGER, **made)
    yield Stand(store=store, sources=dict(SOURCES))
    store.close()


@pytest.fixture
def server(stand):
    with serving(stand.app()) as server:
        yield server


def archive(server, days_ago, topic="sea"):
    return ask(server, "GET", f"/feeds/{topic}/archive/{NOON - days_ago * DAY:%Y%m%d}.atom")


def read(reply):
    assert reply.status == 200
    return etree.fromstring(reply.body)


def links(feed):
    return {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}


def test_an_archive_holds_what_entered_on_its_day_and_is_not_gone(server, corpus):
    feed = read(archive(server, 9))
    assert [entry.findtext(f"{ATOM}title") for entry in feed.findall(f"{ATOM}entry")] == ["Шторм 1", "Шторм 2"]
    assert feed.findtext(f"{ATOM}id") == AUTHORITY.entry_id("topic:sea")
    assert feed.find("{http://purl.org/syndication/history/1.0}archive") is not None
    etree.RelaxNG(etree.parse(corpus / "schemas/atom-rfc4287.rng")).assertValid(feed)


def test_an_archive_shows_an_entry_as_readers_saw_it_last(server):
    assert read(archive(server, 3)).findtext(f"{ATOM}entry/{ATOM}title") == "Шторм прошёл"


def test_archives_lead_to_each_other_and_to_the_feed_of_now(server):
    days = [f"{HERE}/archive/{NOON - days_ago * DAY:%Y%m%d}.atom" for days_ago in (9, 3, 1)]
    shared = {"alternate": "https://feeds.example.org/topics/sea", "current": f"{HERE}.atom"}
    assert [links(read(archive(server, days_ago))) for days_ago in (9, 3, 1)] == [
        {**shared, "self": days[0], "next-archive": days[1]},
        {**shared, "self": days[1], "prev-archive": days[0], "next-archive": days[2]},
        {**shared, "self": days[2], "prev-archive": days[1]},
    ]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(f"/feeds/sea/archive/{NOON:%Y%m%d}.atom", id="a day that is not over"),
        pytest.param(f"/feeds/sea/archive/{NOON - 2 * DAY:%Y%m%d}.atom", id="a day of nothing"),
        pytest.param("/feeds/sea/archive/20261399.atom", id="no day"),
        pytest.param("/feeds/sea/archive/1.atom", id="a number"),
        pytest.param(f"/feeds/sea/archive/{NOON - 9 * DAY:%Y%m%d}.rss", id="another format"),
        pytest.param(f"/feeds/lake/archive/{NOON - 9 * DAY:%Y%m%d}.atom", id="another topic"),
        pytest.param("/feeds/sea/archive/../../etc/passwd", id="a way out"),
    ],
)
def test_nothing_stands_elsewhere(server, path):
    assert ask(server, "GET", path).status == 404


def test_a_private_topic_has_no_archive(stand):
    stand.topics = {"sea": topic(private=True)}
    with serving(stand.app()) as server:
        assert archive(server, 9).status == 404


def test_what_became_private_is_in_no_archive(stand):
    stand.sources["parus"] = Source(id="parus", url="https://parus.example/rss", private=True)
    with serving(stand.app()) as server:
        assert b"parus" not in archive(server, 9).body


def test_the_archives_of_a_renamed_topic_are_found_under_its_old_name(stand):
    stand.topics = {"sea": topic(was=("ocean",))}
    with serving(stand.app()) as server:
        moved = archive(server, 9, "ocean")
        assert (moved.status, moved.headers["location"]) == (301, f"/feeds/sea/archive/{NOON - 9 * DAY:%Y%m%d}.atom")


def test_an_archive_is_asked_for_once(server):
    etag = archive(server, 9).headers["etag"]
    again = ask(server, "GET", f"/feeds/sea/archive/{NOON - 9 * DAY:%Y%m%d}.atom", If_None_Match=etag)
    assert (again.status, again.headers["cache-control"].split(",")[:2]) == (304, ["public", " max-age=900"])
