"""What comes out of a right configuration."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.config import load
from aggregator.config.presets import GAPS
from aggregator.errors import ConfigError
from aggregator.model import Active, Cron, Pause, PollRule, Retention, Section, Select, Source, Topic, Window

EXAMPLE = Path(__file__).parents[2] / "config"


def test_the_example_is_right():
    config = load(EXAMPLE, env={})
    assert len(config.sources) >= 18
    assert len(config.topics) >= 6
    assert {"ru", "uk", "en"} <= {source.language for source in config.sources.values()}
    assert config.sections["donbas"].parent == "ukraine"
    assert config.sources["mariupol-0629"].section == "donbas"
    assert [file.name for file in config.files] == ["aggregator.yaml", "sources.yaml", "topics.yaml"]
    assert config.root == EXAMPLE


def test_what_is_not_said_has_a_default(loaded):
    config = loaded({})
    assert (config.public_url, config.listen_host, config.listen_port) == ("http://127.0.0.1:8080", "127.0.0.1", 8080)
    assert (config.database, config.at_once, config.pause) == ("sqlite:///var/aggregator.db", 50, Pause(gaps=GAPS))
    assert (config.authority, config.contact, config.allow_private) == (None, "", ())
    assert config.sources == {"one": Source(id="one", url="https://one.example/rss")}
    assert config.sections == {"donbas": Section(id="donbas", title="donbas")}
    assert config.topics["all"] == Topic(id="all", title="all", match="lang:ru")


def test_all_that_is_said_of_the_process_arrives(loaded):
    settings = """
public_url: https://feeds.example.org/news/
listen: "[::1]:0"
database: postgresql://reader@db.example/news
poll: {floor: 30m, ceiling: 7d, at_once: 8}
hosts: {default: {at_once: 2, gap: 0s}}
retention: {items: 90d, revisions: 14d, max_size: 1.5GB}
authority: feeds.example.org
contact: https://example.org/feeds
allow_private: [10.0.0.0/8, 127.0.0.1, "::1"]
metrics: {allow: [172.16.0.0/12, 192.0.2.7]}
"""
    config = loaded({"aggregator.yaml": settings})
    assert (config.public_url, config.listen_host, config.listen_port) == ("https://feeds.example.org/news", "::1", 0)
    assert (config.database, config.at_once) == ("postgresql://reader@db.example/news", 8)
    assert config.pause == Pause(at_once=2, gap=timedelta(0), gaps=GAPS)
    assert (config.authority, config.contact) == ("feeds.example.org", "https://example.org/feeds")
    assert config.allow_private == ("10.0.0.0/8", "127.0.0.1/32", "::1/128")
    assert config.metrics_allow == ("172.16.0.0/12", "192.0.2.7/32")
    assert config.retention == Retention(items=timedelta(days=90), revisions=timedelta(days=14), max_size=1_500_000_000)
    assert config.sources["one"].poll == PollRule(floor=timedelta(minutes=30), ceiling=timedelta(days=7))


def test_the_environment_stands_above_where_the_file_listens_and_changes_nothing_else(loaded):
    files = {"aggregator.yaml": "listen: 127.0.0.1:9\npublic_url: https://feeds.example.org\n"}
    config = loaded(files, AGGREGATOR_LISTEN="0.0.0.0:8080")
    assert (config.listen_host, config.listen_port) == ("0.0.0.0", 8080)
    assert config.public_url == "https://feeds.example.org"
    assert loaded(files, AGGREGATOR_LISTEN="").listen_port == 9


def test_all_that_is_said_of_a_source_and_a_topic_arrives(loaded):
    sources = """
sources:
  ostrov:
    {url: "https://ostrov.example/rss?a=1#b", title: Остров, language: ru, zone: Europe/Kyiv, section: donbas,
     priority: 3, poll: 1h30m, hints: obey, map: {section: {Мир: world, 2014: donbas}}, first: 0,
     allow_private: [10.0.0.0/8]}
"""
    topics = """
sections:
  donbas: {title: Донбасс, parent: world, words: [Донецк, " Луганск "], not_words: ["2014"]}
  world: {title: Мир}
topics:
  war: {title: Война, description: Всё о ней, language: ru, match: 'section:donbas', not: 'section:world', fold: none,
        window: {items: 5, hours: 24}, backfill: 1000}
"""
    config = loaded({"sources.yaml": sources, "topics.yaml": topics})
    assert config.sources["ostrov"] == Source(
        id="ostrov",
        url="https://ostrov.example/rss?a=1#b",
        title="Остров",
        language="ru",
        zone="Europe/Kyiv",
        section="donbas",
        priority=3,
        poll=PollRule(every=timedelta(minutes=90), weight=3, hints="obey"),
        section_map={"Мир": "world", "2014": "donbas"},
        first=0,
        allow_private=("10.0.0.0/8",),
    )
    assert config.sections["donbas"] == Section(
        id="donbas", title="Донбасс", parent="world", words=("Донецк", "Луганск"), not_words=("2014",)
    )
    assert config.topics["war"] == Topic(
        id="war",
        title="Война",
        description="Всё о ней",
        language="ru",
        match="section:donbas",
        not_="section:world",
        fold="none",
        window=Window(items=5, hours=24),
        backfill=1000,
    )


@pytest.mark.parametrize(
    ("public_url", "topic", "republish"),
    [
        pytest.param("http://127.0.0.1:8080", "", "full", id="this machine"),
        pytest.param("http://localhost:8080", "", "full", id="this machine by its name"),
        pytest.param("http://[::1]:8080", "", "full", id="this machine in IPv6"),
        pytest.param("https://feeds.example.org", "", "teaser", id="anywhere else"),
        pytest.param("http://192.168.0.7", "", "teaser", id="a network of several"),
        pytest.param("https://feeds.example.org", ", visibility: private", "full", id="a private topic"),
        pytest.param("https://feeds.example.org", ", republish: full", "full", id="as said"),
        pytest.param("http://127.0.0.1:8080", ", republish: link", "link", id="as said, on this machine, too"),
    ],
)
def test_a_topic_shows_as_much_of_an_article_as_is_said_or_safe(loaded, public_url, topic, republish):
    topics = f"topics: {{all: {{title: Всё, match: 'lang:ru'{topic}}}}}\n"
    config = loaded({"aggregator.yaml": f"public_url: '{public_url}'\n", "topics.yaml": topics})
    assert config.topics["all"].republish == republish


def test_what_is_private_is_known_to_all_parts(loaded):
    sources = "sources: {a: {url: 'https://a.example/'}, b: {url: 'https://b.example/', visibility: private}}\n"
    topics = "topics: {c: {title: C, match: 'lang:ru'}, d: {title: D, match: 'lang:ru', visibility: private}}\n"
    config = loaded({"sources.yaml": sources, "topics.yaml": topics})
    assert (list(config.public_sources), list(config.public_topics)) == (["a"], ["c"])


@pytest.mark.parametrize(
    ("written", "length"),
    [
        pytest.param("30s", timedelta(seconds=30), id="seconds"),
        pytest.param("20m", timedelta(minutes=20), id="minutes"),
        pytest.param("2h", timedelta(hours=2), id="hours"),
        pytest.param("7d", timedelta(days=7), id="days"),
        pytest.param("1d2h3m4s", timedelta(days=1, hours=2, minutes=3, seconds=4), id="all of them"),
    ],
)
def test_a_fixed_pause_moves_the_limits_out_of_its_way(loaded, written, length):
    sources = f"sources: {{one: {{url: 'https://one.example/rss', poll: {{every: {written}, under_floor: true}}}}}}\n"
    rule = loaded({"sources.yaml": sources}).sources["one"].poll
    assert rule.every == length
    assert rule.floor <= length <= rule.ceiling


def test_the_times_that_a_person_fixed_arrive_with_the_zone_they_are_meant_in(loaded):
    sources = """
sources:
  day: {url: "https://day.example/rss", zone: Europe/Kyiv, poll: {every: 20m, active: {hours: 06-24}}}
  night: {url: "https://night.example/rss", poll: {active: {hours: 22-6, zone: Asia/Tokyo}}}
  clock: {url: "https://clock.example/rss", zone: Europe/Kyiv, priority: 0, poll: {cron: "0 6-22/2 * * 1-5"}}
"""
    process = "poll: {eager: 2}\nhints: {cap: 3h}\n"
    config = loaded({"sources.yaml": sources, "aggregator.yaml": process})
    day, night, clock = (config.sources[name].poll for name in ("day", "night", "clock"))
    assert (day.every, day.active) == (timedelta(minutes=20), Active(start=6, end=24, zone="Europe/Kyiv"))
    assert (night.every, night.active) == (None, Active(start=22, end=6, zone="Asia/Tokyo"))
    assert clock.cron == Cron(text="0 6-22/2 * * 1-5", zone="Europe/Kyiv")
    assert (clock.eager, clock.hints, clock.hints_cap, clock.weight) == (2, "cap", timedelta(hours=3), 0.25)


def test_a_source_has_what_its_groups_say_and_its_own_word_wins(loaded):
    sources = """
groups:
  wire: {sources: [one, two], priority: 4, defaults: {language: ru}}
  kyiv: {sources: [two, three], defaults: {zone: Europe/Kyiv, language: uk, map: {section: {Донбас: donbas}}}}
  none: {}
sources:
  one: {url: "https://one.example/rss"}
  two: {url: "https://two.example/rss", language: en, priority: 1}
  three: {url: "https://three.example/rss", map: {section: {}}}
"""
    one, two, three = loaded({"sources.yaml": sources}).sources.values()
    assert (one.groups, one.language, one.zone, one.priority) == (("wire",), "ru", None, 4)
    assert (two.groups, two.language, two.zone, two.priority) == (("wire", "kyiv"), "en", "Europe/Kyiv", 1)
    assert (three.groups, three.language, three.priority) == (("kyiv",), "uk", 1)
    assert (two.section_map, three.section_map) == ({"Донбас": "donbas"}, {})


def test_sources_may_stand_in_many_files(loaded, tmp_path):
    config = loaded(
        {
            "sources.yaml": "groups: {all: {sources: [one, two]}}\n",
            "sources.d/b.yaml": "sources: {two: {url: 'https://two.example/rss'}}\n",
            "sources.d/a.yaml": "sources: {one: {url: 'https://one.example/rss'}}\n",
            "sources.d/.a.yaml.swp": "\0",
            "sources.d/.#a.yaml": "{",
            "sources.d/notes.txt": "{",
        }
    )
    assert list(config.sources) == ["one", "two"]
    assert [str(file.relative_to(tmp_path)) for file in config.files] == [
        "sources.yaml",
        "sources.d/a.yaml",
        "sources.d/b.yaml",
        "topics.yaml",
    ]


def test_the_file_aggregator_yaml_may_be_named_instead_of_its_folder(folder):
    root = folder({"other.yaml": "listen: '127.0.0.1:9'\n", "aggregator.yaml": "listen: '127.0.0.1:8'\n"})
    assert load(root / "other.yaml", env={}).listen_port == 9
    assert load(root, env={}).listen_port == 8


def test_a_folder_that_is_not_there_says_what_to_do(tmp_path):
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "konfig", env={})
    assert str(caught.value) == (
        f"{tmp_path}/konfig:1:1  there is no such file or folder. "
        "Name the folder of your configuration with --config, or copy the example folder config/ there."
    )


def test_an_empty_folder_says_what_to_write(mistakes):
    assert mistakes({"sources.yaml": None, "topics.yaml": None}) == [
        'sources.yaml:1:1  no source is configured. Write `sources: {example: {url: "https://example.org/rss.xml"}}`.',
        "topics.yaml:1:1  no topic is configured. Write `topics: {all: {title: Everything, match: 'age:<7d'}}`.",
    ]


def test_what_an_empty_folder_says_to_write_is_right(loaded):
    files = {
        "sources.yaml": 'sources: {example: {url: "https://example.org/rss.xml"}}\n',
        "topics.yaml": "topics: {all: {title: Everything, match: 'age:<7d'}}\n",
    }
    assert loaded(files).topics["all"].title == "Everything"


@pytest.mark.parametrize(
    ("listen", "public_url"),
    [
        pytest.param("0.0.0.0:80", "http://127.0.0.1:80", id="everywhere"),
        pytest.param("[::]:8080", "http://127.0.0.1:8080", id="everywhere, IPv6"),
        pytest.param("[::1]:8080", "http://[::1]:8080", id="IPv6"),
        pytest.param("news.local:8080", "http://news.local:8080", id="a name"),
    ],
)
def test_without_a_public_address_readers_are_sent_to_where_we_listen(loaded, listen, public_url):
    assert loaded({"aggregator.yaml": f"listen: '{listen}'\n"}).public_url == public_url


@pytest.mark.parametrize(
    ("written", "read"),
    [
        pytest.param("no", "no", id="Norway"),
        pytest.param("22:30", "22:30", id="a clock is no number to base 60"),
        pytest.param("2026-12-31", "2026-12-31", id="a date"),
        pytest.param("'017'", "017", id="quoted"),
        pytest.param("&here Остров", "Остров", id="an anchor that nothing points to"),
        pytest.param('"\\u041e\\n"', "О\n", id="escapes"),
    ],
)
def test_texts_stay_texts_as_in_yaml_1_2(loaded, written, read):
    sources = f"\ufeffsources:\r\n  one:\r\n    url: https://one.example/rss\r\n    title: {written}\r\n"
    assert loaded({"sources.yaml": sources}).sources["one"].title == read


def test_a_page_and_a_sitemap_arrive_with_what_tells_how_to_read_them(loaded):
    sources = """
sources:
  ostrov:
    page: https://ostrov.example/
    zone: Europe/Kyiv
    select: {item: ".news li", link: a, title: a, summary: .teaser, published: time@datetime, section: .badge, day: h3}
    map: {section: {Донбасс: donbas}}
  map: {sitemap: "https://one.example/news.xml"}
"""
    found = loaded({"sources.yaml": sources}).sources
    assert found["ostrov"].url == "https://ostrov.example/"
    assert found["ostrov"].select == Select(
        item=".news li",
        link="a",
        title="a",
        summary=".teaser",
        published="time@datetime",
        section=".badge",
        day="h3",
    )
    assert found["ostrov"].section_map == {"Донбасс": "donbas"}
    assert (found["map"].url, found["map"].select, found["map"].sitemap) == ("https://one.example/news.xml", None, True)


def test_all_that_is_said_of_how_a_section_is_known_arrives(loaded):
    sources = 'sources: {a: {url: "https://a.example/rss", map: {path: {/sport/: sport, /a/b/: war}}}}\n'
    topics = r"""
sections:
  sport: {learned: true, hints: [матч, гол], patterns: ['/\d+:\d+/', '/^спорт/i']}
  war: {learned: false}
topics: {all: {match: 'lang:ru'}}
"""
    config = loaded({"sources.yaml": sources, "topics.yaml": topics})
    assert config.sources["a"].path_map == {"/sport/": "sport", "/a/b/": "war"}
    assert config.sections == {
        "sport": Section(
            id="sport", title="sport", learned="words", hints=("матч", "гол"), patterns=(r"/\d+:\d+/", "/^спорт/i")
        ),
        "war": Section(id="war", title="war"),
    }
