"""Lists of other readers: what becomes of their feeds; whatever they hold, the file that is written is right."""

from __future__ import annotations

import pytest

from aggregator.config import load
from aggregator.trial.listed import read_list, written

HEAD = '<?xml version="1.0"?><opml version="2.0"><head><title>Мои ленты</title></head><body>'
TAIL = "</body></opml>"


def of(body, *, sources=None, groups=()):
    return read_list(f"{HEAD}{body}{TAIL}".encode(), sources=sources or {}, groups=groups)


def line(url, title="", more=""):
    return f'<outline type="rss" text="{title}" xmlUrl="{url}" {more}/>'


def right(folder, listed):
    """Have it stand in sources.d beside the least there can be, and load it all."""
    (folder / "sources.d").mkdir(parents=True)
    (folder / "aggregator.yaml").write_text("")
    (folder / "topics.yaml").write_text('topics: {all: {match: "age:<7d"}}')
    (folder / "sources.d" / "list.yaml").write_text(written(listed, ["of a list"]), encoding="utf-8")
    return load(folder, env={})


def test_feeds_become_sources_and_folders_groups(tmp_path):
    inner = line("http://www.lviv.example/feed/?a=1&amp;b=2", "Львівський &quot;портал&quot; &amp; ко")
    daily = f'<outline text="Щоденні">{inner}</outline>'
    folder = f'<outline text="Новости / Львів">{line("https://zaxid.net/rss", "ZAXID.NET")}{daily}</outline>'
    listed = of(folder + line("feed://sea.example/atom.xml", "Море") + line("feed:https://air.example/rss"))
    config = right(tmp_path, listed)
    assert {name: (one.url, one.title, one.groups) for name, one in config.sources.items()} == {
        "zaxid": ("https://zaxid.net/rss", "ZAXID.NET", ("novosti-lviv",)),
        "lviv": (
            "http://www.lviv.example/feed/?a=1&b=2",
            'Львівський "портал" & ко',
            ("novosti-lviv-shchodenni",),
        ),
        "sea": ("http://sea.example/atom.xml", "Море", ()),
        "air": ("https://air.example/rss", "", ()),
    }
    assert (listed.left, listed.flaw) == ((), "")


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "windows-1251", "koi8-u", "utf-16"])
@pytest.mark.parametrize("declared", [True, False])
def test_letters_are_read_whatever_the_list_says_of_them(codec, declared):
    name = codec.removesuffix("-sig")
    body = line("https://sea.example/rss", "Вітер і хвиля над Азовським морем: новини узбережжя")
    text = f'<?xml version="1.0" encoding="{name}"?>{body}' if declared else body
    listed = read_list(f"{text}".replace(body, f"<opml>{body}</opml>").encode(codec), sources={}, groups=())
    assert [one.title for one in listed.sources] == ["Вітер і хвиля над Азовським морем: новини узбережжя"]


def test_what_is_there_already_is_left_out_by_whatever_door_it_was_found():
    listed = of(
        line("http://www.sea.example/rss/") + line("https://sea.example/rss") + line("https://sea.example/rss?all"),
        sources={"sea": "https://sea.example/rss"},
    )
    assert [one.url for one in listed.sources] == ["https://sea.example/rss?all"]
    assert [(one.url, one.why) for one in listed.left] == [
        ("http://www.sea.example/rss/", "it is configured already"),
        ("https://sea.example/rss", "it is configured already"),
    ]


def test_ids_and_groups_are_nobody_elses_and_many_of_one_host_go_by_their_titles():
    feeds = "".join(line(f"https://host.example/{number}", title) for number, title in enumerate(["Ёж", "Чиж", ""]))
    listed = of(
        f'<outline text="Daily">{feeds}{line("https://sea.example/rss")}</outline><outline text="daily!">'
        f"{line('https://air.example/rss')}</outline>",
        sources={"sea": "https://elsewhere.example/"},
        groups={"daily"},
    )
    assert [one.id for one in listed.sources] == ["ezh", "chizh", "host", "sea-2", "air"]
    assert dict(listed.groups) == {"daily-2": ("ezh", "chizh", "host", "sea-2"), "daily-3": ("air",)}


@pytest.mark.parametrize(
    ("url", "why"),
    [
        pytest.param("https://reader:w0rd@sea.example/rss", "user name", id="with a password"),
        pytest.param("ftp://sea.example/rss", "http", id="no web address"),
        pytest.param("javascript:alert(1)", "http", id="a script"),
        pytest.param("https://sea.example:99999/", "", id="no port"),
        pytest.param("https://sea.example/" + "x" * 9000, "characters", id="without end"),
    ],
)
def test_what_cannot_be_polled_is_left_out_with_its_reason_and_without_its_secret(url, why):
    listed = of(line(url, "Море") + line("https://air.example/rss"))
    assert [one.url for one in listed.sources] == ["https://air.example/rss"]
    [left] = listed.left
    assert why in left.why
    assert left.why
    assert "w0rd" not in str(left)


ENTITIES = "".join(f'<!ENTITY {one} "{10 * f"&{other};"}">' for one, other in zip("bcdefg", "abcdef", strict=True))
BOMB = f'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">{ENTITIES}]>'


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x00\xff\xfe" * 1000, id="no text"),
        pytest.param(b"<html><body><p>Not found</p></body></html>", id="a page"),
        pytest.param(f'{BOMB}<opml><body><outline text="&g;"/></body></opml>'.encode(), id="a bomb"),
        pytest.param(
            b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><opml><body><outline text="&a;"/></body></opml>',
            id="another file",
        ),
        pytest.param(b"<opml><body>" + b'<outline text="x">' * 20_000, id="deep"),
    ],
)
def test_what_is_no_list_brings_nothing_and_says_so(document):
    listed = read_list(document, sources={}, groups=())
    assert (listed.sources, listed.left) == ((), ())
    assert bool(listed.flaw) == (b"<opml" not in document)


def test_words_that_mean_something_to_yaml_or_to_us_stay_words(tmp_path):
    odd = [
        "${HOME}",
        "a: b",
        "- x",
        "# no",
        "&amp;b *c",
        "null",
        "\u2028\u0085",
        "'\\'",
        "&lt;script&gt;",
        "{}",
        "!!python/x",
    ]
    feeds = "".join(line(f"https://s{number}.example/rss?q=${{HOME}}", title) for number, title in enumerate(odd))
    config = right(tmp_path, of(f'<outline text="x: [&#10;]">{feeds}</outline>'))
    assert len(config.sources) == len(odd)
    assert config.sources["s1"].title == "a: b"
    assert {source.groups for source in config.sources.values()} == {("x",)}


def test_every_list_of_the_corpus_is_read_and_what_is_written_of_it_is_right(corpus, tmp_path):
    feeds = 0
    for number, path in enumerate(sorted(corpus.rglob("*.opml"))):
        listed = read_list(path.read_bytes(), sources={}, groups=())
        feeds += len(listed.sources)
        if listed.sources:
            config = right(tmp_path / str(number), listed)
            assert {one.url for one in listed.sources} == {source.url for source in config.sources.values()}, path
        else:
            assert listed.left or listed.flaw or b"xmlUrl" not in path.read_bytes(), path
    assert feeds > 700
