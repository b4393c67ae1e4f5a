"""The benchmark on a corpus of three small fictional documents: what it prints, and that both systems did the work."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import pytest

from bench.feeds import NEW_ITEMS, documents, feeds
from bench.rounds import table

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 3, 1, 15, 44, tzinfo=UTC)

RSS = """<?xml version="1.0" encoding="windows-1251"?>
<rss version="2.0"><channel><title>Заречье</title><link>https://zarechye.example/</link><description>Новости</description>
<item><title>Мост открыли после ремонта</title><link>https://zarechye.example/1</link><guid>z-1</guid>
<pubDate>Sun, 01 Feb 2026 10:00:00 +0300</pubDate><description>Движение по мосту началось утром.</description></item>
<item><title><![CDATA[Футбол: «Заря» выиграла]]></title><link>https://zarechye.example/2</link>
<description>Второй тайм решил всё.</description></item>
</channel></rss>""".encode("windows-1251")

ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Harbour Notes</title><id>https://harbour.example/</id>
<updated>2026-02-01T10:00:00Z</updated><link href="https://harbour.example/"/>
<entry><title>New software for the lighthouse</title><id>https://harbour.example/a</id>
<link rel="alternate" href='https://harbour.example/a'/><updated>2026-02-01T10:00:00Z</updated>
<summary>It counts ships.</summary></entry>
<entry><title>Fog</title><id>https://harbour.example/b</id><link href="https://harbour.example/b"/>
<updated>2026-01-31T10:00:00Z</updated><summary>All day.</summary></entry></feed>"""

RDF = b"""<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
<channel rdf:about="https://valley.example/"><title>Valley</title><link>https://valley.example/</link>
<items><rdf:Seq><rdf:li rdf:resource="https://valley.example/x"/></rdf:Seq></items></channel>
<item rdf:about="https://valley.example/x"><title>Apples</title><link>https://valley.example/x</link></item></rdf:RDF>"""


@pytest.fixture(scope="module")
def small_corpus(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("small-corpus")
    files = {"rsparser/rss.xml": RSS, "feedjira/atom.xml": ATOM, "ru-uk-feeds/rdf.xml": RDF, "rsparser/no.html": b"<p>"}
    for name, body in files.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(body)
    return root


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "bench.rounds", *arguments]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)


@pytest.fixture(scope="module")
def report(small_corpus):
    ended = bench("--feeds", "5", "--runs", "1", "--json", "--corpus", str(small_corpus))
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_there_is_a_row_for_each_system_and_round_with_every_figure(report):
    rounds = [(row["system"], row["round"]) for row in report["rows"]]
    assert rounds == [(s, r) for s in ("aggregator", "plain") for r in ("cold", "same", "changed")]
    for row in report["rows"]:
        assert set(row) == {"system", "round", "wall_s", "cpu_s", "peak_mb", "items"}
        assert min(row["wall_s"], row["cpu_s"], row["peak_mb"]) > 0
    assert [row["round"] for row in report["ratios"]] == ["cold", "same", "changed"]
    assert {"date", "cpu", "cores", "python", "feeds", "runs"} <= set(report["machine"])


def test_both_systems_store_the_same_items_in_each_round(report):
    items = {(row["system"], row["round"]): row["items"] for row in report["rows"]}
    for system in ("aggregator", "plain"):
        # five feeds of three documents: 2 + 2 + 1 items, and 2 + 2 again under other names
        assert [items[system, name] for name in ("cold", "same", "changed")] == [9, 0, NEW_ITEMS]


def test_the_table_for_people_holds_every_row(report):
    said = table(report)
    assert said.startswith("5 feeds from 3 documents, 1 runs, medians; ")
    lines = [line.split()[:2] for line in said.splitlines()]
    assert all([row["system"], row["round"]] in lines for row in report["rows"])
    assert max(map(len, said.splitlines()[1:])) <= 80


def test_without_a_corpus_it_says_so_and_ends(tmp_path):
    ended = bench("--corpus", str(tmp_path / "nowhere"))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        f"no folder of real feeds at {tmp_path / 'nowhere'}; name it with --corpus or AGGREGATOR_CORPUS\n"
    )


def test_a_corpus_without_feeds_is_refused(tmp_path):
    ended = bench("--corpus", str(tmp_path))
    assert (ended.returncode, ended.stderr) == (1, f"no feeds in {tmp_path}\n")


def ids_and_links(body: bytes) -> list[tuple[str, str]]:
    return [(entry.get("id", ""), entry.link) for entry in feedparser.parse(body).entries]


def test_a_document_used_again_shares_no_id_and_no_link(small_corpus):
    made = feeds(documents(small_corpus), 9, NOW)
    assert len({feed.body for feed in made}) == 9
    links = [link for feed in made for _, link in ids_and_links(feed.body)]
    assert len(links) == len(set(links)) == 15
    ids = [id_ for feed in made for id_, _ in ids_and_links(feed.body) if id_]
    assert len(ids) == len(set(ids))


def test_the_same_arguments_make_the_same_feeds(small_corpus):
    assert feeds(documents(small_corpus), 9, NOW) == feeds(documents(small_corpus), 9, NOW)


@pytest.mark.parametrize("number", range(3))
def test_a_changed_feed_has_new_items_on_top_and_one_edited(small_corpus, number):
    chosen = feeds(documents(small_corpus)[number : number + 1], 1, NOW)[0]
    before, after = (feedparser.parse(body).entries for body in (chosen.body, chosen.later))
    new, edited, rest = after[:NEW_ITEMS], after[NEW_ITEMS], after[NEW_ITEMS + 1 :]
    assert len({entry.link for entry in [*new, *before]}) == NEW_ITEMS + len(before)
    assert edited.title == f"{before[0].title} (edited)"
    assert edited.link == before[0].link
    assert rest == before[1:]
    if "published_parsed" in before[0]:
        assert [entry.published_parsed[:5] for entry in new[:1]] == [(2026, 3, 1, 15, 43)]
