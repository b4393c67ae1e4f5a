"""What a podcast says of an episode is carried where it is what its name says."""

from __future__ import annotations

import json

import pytest

from aggregator.parse.extras import cleaned

EPISODE = (
    '<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    ' xmlns:podcast="https://podcastindex.org/namespace/1.0" xmlns:media="http://search.yahoo.com/mrss/"><channel>'
    "<title>Волна</title><link>https://volna.example/</link><item><guid>1</guid><title>Выпуск</title>"
    '<enclosure url="/1.mp3" type="audio/mpeg" length="5"/><itunes:duration>1:02:03</itunes:duration>'
    "<itunes:episode>7</itunes:episode><itunes:season>2</itunes:season><itunes:episodeType>bonus</itunes:episodeType>"
    '<itunes:explicit>yes</itunes:explicit><itunes:image href="/1.jpg"/>'
    '<podcast:transcript url="/1.vtt" type="text/vtt"/>'
    '<podcast:chapters url="/c.json"/><media:credit role="photo">Иван Лис</media:credit>'
    '<media:thumbnail url="/t.jpg"/></item></channel></rss>'
)


def test_an_episode_keeps_what_is_said_of_it(parse):
    (item,) = parse(EPISODE).items
    assert item.extras == {
        "itunes:duration": "3723",
        "itunes:episode": "7",
        "itunes:season": "2",
        "itunes:episodeType": "bonus",
        "itunes:explicit": "true",
        "podcast:transcript": "https://volna.example/1.vtt",
        "podcast:chapters": "https://volna.example/c.json",
        "media:credit": "Иван Лис",
    }
    files = [file.href.removeprefix("https://volna.example/") for file in item.enclosures]
    assert files == ["1.mp3", "t.jpg", "1.jpg"]


def test_an_episode_keeps_everybody_who_is_heard_in_it(parse):
    people = (
        '<podcast:person role="host" href="/lis" img="//i.example/lis.jpg">Иван &lt;b&gt;Лис&lt;/b&gt;</podcast:person>'
        '<podcast:person>Анна Вал</podcast:person><podcast:person href="javascript:x" group="a&lt;b">Нет'
        "</podcast:person><podcast:person> </podcast:person>"
    )
    (item,) = parse(EPISODE.replace("<media:credit", people + "<media:credit")).items
    assert json.loads(item.extras["podcast:person"]) == [
        {"name": "Иван Лис", "role": "host", "href": "https://volna.example/lis", "img": "https://i.example/lis.jpg"},
        {"name": "Анна Вал"},
        {"name": "Нет"},
    ]
    assert item.extras["media:credit"] == "Иван Лис"


def test_of_a_crowd_the_first_are_kept(parse):
    people = "".join(f"<podcast:person>Голос {n}</podcast:person>" for n in range(500))
    (item,) = parse(EPISODE.replace("<media:credit", people + "<media:credit")).items
    assert [one["name"] for one in json.loads(item.extras["podcast:person"])] == [f"Голос {n}" for n in range(20)]


def test_an_item_keeps_whose_it_is_and_where_it_happened(parse):
    (item,) = parse(
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:georss="http://www.georss.org/georss"'
        ' xmlns:cc="http://backend.userland.com/creativeCommonsRssModule"'
        ' xmlns:slash="http://purl.org/rss/1.0/modules/slash/"><channel><title>Волна</title><item><guid>1</guid>'
        "<dc:rights>© <![CDATA[<b>Волна</b>]]></dc:rights><cc:license>https://cc.example/by/4.0/</cc:license>"
        "<georss:point>48.01 37.8</georss:point><slash:comments>5</slash:comments></item></channel></rss>"
    ).items
    assert item.extras == {
        "dc:rights": "© Волна",
        "creativeCommons:license": "https://cc.example/by/4.0/",
        "georss:point": "48.01 37.8",
    }


def test_atom_says_it_in_words_of_its_own(parse):
    (item,) = parse(
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Волна</title><entry><id>1</id><title>t</title>'
        '<rights>© Волна</rights><link rel="license" href="https://cc.example/by/4.0/"/></entry></feed>'
    ).items
    assert item.extras == {"dc:rights": "© Волна", "creativeCommons:license": "https://cc.example/by/4.0/"}


def test_an_edited_length_is_an_edit(parse):
    (one,), (other,) = (parse(body).items for body in (EPISODE, EPISODE.replace("1:02:03", "1:02:04")))
    assert one.sha256 != other.sha256


def test_a_json_feed_tells_how_long_its_attachment_lasts(parse):
    files = [{"url": "https://volna.example/1.mp3", "mime_type": "audio/mpeg", "duration_in_seconds": 61.5}]
    body = {"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "title": "t", "attachments": files}]}
    assert parse(json.dumps(body)).items[0].extras == {"itunes:duration": "61"}


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        pytest.param("itunes:duration", "62:03", "3723", id="minutes"),
        pytest.param("itunes:duration", " 3723.5 ", "3723", id="seconds"),
        pytest.param("itunes:duration", "0", None, id="nothing"),
        pytest.param("itunes:duration", "an hour", None, id="words"),
        pytest.param("itunes:duration", "9" * 5000, None, id="too long a number"),
        pytest.param("itunes:episode", "7<b>", None, id="no number"),
        pytest.param("itunes:explicit", "none", None, id="neither"),
        pytest.param("podcast:transcript", "javascript:alert(1)", None, id="no address"),
        pytest.param("media:credit", "<script>x</script>Лис" + "а" * 999, "Лис" + "а" * 197, id="markup"),
        pytest.param("itunes:owner", "x", None, id="not of the table"),
    ],
)
def test_only_what_is_what_its_name_says_is_kept(name, value, kept):
    assert cleaned({name: value}, "https://volna.example/") == ({name: kept} if kept else {})
