"""Presets: what a person may write, what is asked then, and that each row of the table is whole."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.config.presets import BY_NAME, GAPS, PRESETS, prefixed, recognised
from aggregator.config.values import WrongError, address
from aggregator.model import PollRule

CHANNEL, PLAYLIST = "UC" + "a" * 22, "PL" + "b" * 32
VIDEOS = "https://www.youtube.com/feeds/videos.xml"
REDDIT, GITHUB = "https://www.reddit.com", "https://github.com"

WRITTEN = [
    ("telegram", "ozero_news", "ozero_news", "https://t.me/s/ozero_news"),
    ("telegram", "@ozero_news", "ozero_news", "https://t.me/s/ozero_news"),
    ("telegram", "t.me/ozero_news", "ozero_news", "https://t.me/s/ozero_news"),
    ("telegram", "https://t.me/s/ozero_news?before=90", "ozero_news", "https://t.me/s/ozero_news"),
    ("telegram", "https://telegram.me/ozero_news/101?single", "ozero_news", "https://t.me/s/ozero_news"),
    ("youtube", CHANNEL, CHANNEL, f"{VIDEOS}?channel_id={CHANNEL}"),
    ("youtube", f"https://www.youtube.com/channel/{CHANNEL}/videos", CHANNEL, f"{VIDEOS}?channel_id={CHANNEL}"),
    ("youtube", f"{VIDEOS}?channel_id={CHANNEL}", CHANNEL, f"{VIDEOS}?channel_id={CHANNEL}"),
    ("youtube", f"https://youtube.com/playlist?list={PLAYLIST}&si=x", PLAYLIST, f"{VIDEOS}?playlist_id={PLAYLIST}"),
    ("youtube", f"https://m.youtube.com/watch?v=x&list={PLAYLIST}", PLAYLIST, f"{VIDEOS}?playlist_id={PLAYLIST}"),
    ("youtube", "https://www.youtube.com/user/ozero", "user/ozero", f"{VIDEOS}?user=ozero"),
    ("reddit", "r/ukraine", "r/ukraine", f"{REDDIT}/r/ukraine/.rss"),
    ("reddit", "/r/ukraine/", "r/ukraine", f"{REDDIT}/r/ukraine/.rss"),
    ("reddit", "https://old.reddit.com/r/ukraine/.rss", "r/ukraine", f"{REDDIT}/r/ukraine/.rss"),
    ("reddit", "r/ukraine+kyiv/new", "r/ukraine+kyiv/new", f"{REDDIT}/r/ukraine+kyiv/new/.rss"),
    (
        "reddit",
        "https://www.reddit.com/r/ukraine/top/?sort=top&t=week",
        "r/ukraine/top?t=week",
        f"{REDDIT}/r/ukraine/top/.rss?t=week",
    ),
    ("reddit", "u/lys_ozero", "user/lys_ozero", f"{REDDIT}/user/lys_ozero/.rss"),
    ("reddit", "user/lys_ozero/submitted", "user/lys_ozero/submitted", f"{REDDIT}/user/lys_ozero/submitted/.rss"),
    ("reddit", "reddit.com/user/lys/m/news/", "user/lys/m/news", f"{REDDIT}/user/lys/m/news/.rss"),
    ("github", "ozero/most", "ozero/most", f"{GITHUB}/ozero/most/releases.atom"),
    ("github", "https://github.com/ozero/most.git", "ozero/most", f"{GITHUB}/ozero/most/releases.atom"),
    ("github", "ozero/most.js/releases", "ozero/most.js", f"{GITHUB}/ozero/most.js/releases.atom"),
    ("github", "ozero/most/tags", "ozero/most/tags", f"{GITHUB}/ozero/most/tags.atom"),
    ("github", "ozero/most/commits", "ozero/most/commits", f"{GITHUB}/ozero/most/commits.atom"),
    (
        "github",
        "https://github.com/ozero/most/tree/feature/arch",
        "ozero/most/commits/feature/arch",
        f"{GITHUB}/ozero/most/commits/feature/arch.atom",
    ),
    ("mastodon", "@ozero@social.example", "ozero@social.example", "https://social.example/@ozero.rss"),
    ("mastodon", "https://social.example/@ozero", "ozero@social.example", "https://social.example/@ozero.rss"),
    ("mastodon", "https://social.example/users/ozero.rss", "ozero@social.example", "https://social.example/@ozero.rss"),
    ("mastodon", "social.example/tags/міст", "social.example/tags/міст", "https://social.example/tags/міст.rss"),
]
REFUSED = [
    ("telegram", "https://t.me/joinchat/abc"),
    ("telegram", "https://t.me/c/1234/5"),
    ("telegram", "https://t.me/share/url?url=https://a.example"),
    ("telegram", "ozero.news"),
    ("telegram", "https://user:secret@t.me/ozero_news"),
    ("telegram", "../../etc"),
    ("youtube", "ozero"),
    ("youtube", "UCtooshort"),
    ("youtube", "https://www.youtube.com/c/ozero"),
    ("youtube", "https://youtu.be/abc"),
    ("reddit", "r/ukraine/comments/1abc/most/"),
    ("reddit", "r/a/b?x#y"),
    ("github", "https://github.com/topics/bridges"),
    ("github", "ozero/most/issues"),
    ("github", "ozero/.."),
    ("github", "ozero/most/commits/../../other"),
    ("mastodon", "ozero"),
    ("mastodon", "ozero@localhost"),
    ("mastodon", "ozero@127.0.0.1"),
    ("mastodon", "https://social.example:8443/@ozero"),
]


@pytest.mark.parametrize(("preset", "written", "word", "url"), WRITTEN)
def test_a_word_and_a_pasted_address_mean_one_address(preset, written, word, url):
    named = BY_NAME[preset].read(written)
    assert (named.word, named.url) == (word, url)
    assert BY_NAME[preset].read(word) == named
    assert address(url) == url


@pytest.mark.parametrize(("preset", "written"), REFUSED)
def test_what_names_nothing_is_refused_with_what_to_write(preset, written):
    with pytest.raises(WrongError) as caught:
        BY_NAME[preset].read(written)
    assert caught.value.hint


@pytest.mark.parametrize("preset", PRESETS, ids=list(BY_NAME))
def test_each_row_of_the_table_is_whole(preset):
    example = preset.read(preset.example)
    assert example.word == preset.example
    assert preset.untried
    assert all(GAPS[host] == preset.gap for host in preset.hosts)
    if preset.hosts:
        assert all(any(form.address.startswith(f"https://{host}/") for host in preset.hosts) for form in preset.forms)


@pytest.mark.parametrize(("preset", "_", "word", "url"), WRITTEN)
def test_what_is_asked_is_recognised_again(preset, _, word, url):
    named = recognised(url)
    if preset == "mastodon" and "/tags/" in word:
        assert named is None  # so may the address of any blog be
    else:
        assert (named.preset.name, named.word) == (preset, word)


@pytest.mark.parametrize(
    "url",
    [
        "https://one.example/@ozero",  # a blog, a shop, a channel of videos
        "https://one.example/tags/news.rss",
        "https://github.com/ozero",
        "https://www.youtube.com/@ozero",
        "https://t.me/+Kj3bQ",
        "https://nott.me/ozero_news",
        "ozero",
        "",
    ],
)
def test_an_address_that_may_be_anything_is_not_recognised(url):
    assert recognised(url) is None


def test_a_word_may_follow_the_name_of_its_preset():
    assert prefixed("telegram: @ozero_news").url == "https://t.me/s/ozero_news"
    assert prefixed("github:https://github.com/ozero/most").word == "ozero/most"
    assert prefixed("https://t.me/ozero_news") is None
    assert prefixed("gopher: ozero") is None
    with pytest.raises(WrongError):
        prefixed("youtube: @ozero")


def test_presets_arrive_as_sources_of_their_address_and_their_hosts_have_their_pace(loaded):
    channel, code = (
        loaded(
            {
                "sources.yaml": "sources:\n  channel: {telegram: https://t.me/ozero_news}\n"
                "  code: {github: ozero/most/tags, poll: 20m, title: Мост}\n"
            }
        )
    ).sources.values()
    assert (channel.url, channel.zone) == ("https://t.me/s/ozero_news", None)
    assert channel.select == BY_NAME["telegram"].select
    assert (code.url, code.select, code.title) == ("https://github.com/ozero/most/tags.atom", None, "Мост")
    assert code.poll == PollRule(every=timedelta(minutes=20))


def test_the_longer_gap_of_a_host_counts(loaded):
    usual = loaded({}).pause
    slow = loaded({"aggregator.yaml": "hosts: {default: {gap: 5m}}\n"}).pause
    minute = timedelta(minutes=1)
    assert [usual.gap_of(host) for host in ("one.example", "www.reddit.com")] == [timedelta(seconds=2), minute]
    assert [slow.gap_of(host) for host in ("one.example", "www.reddit.com")] == [5 * minute] * 2


def test_selectors_of_a_person_may_do_what_those_of_a_preset_do(loaded):
    sources = """
sources:
  wall:
    page: https://wall.example/
    zone: Europe/Kyiv
    select: {item: .post, id: "@data-id", content: .text, author: .who, image: .photo, credit: .from}
"""
    select = loaded({"sources.yaml": sources}).sources["wall"].select
    assert (select.title, select.id, select.content) == ("", "@data-id", ".text")
    assert (select.author, select.image, select.credit) == (".who", ".photo", ".from")
