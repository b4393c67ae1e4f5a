"""What an Atom feed takes back (RFC 6721): told plainly it is believed, quoted or in a broken document it is not."""

from __future__ import annotations

import pytest

NAMESPACE = "http://purl.org/atompub/tombstones/1.0"
XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'
DAY = "2026-11-{:02}T12:00:00Z"


def atom(inside, declared=f'xmlns:at="{NAMESPACE}"'):
    head = (
        '<title>Искра</title><id>feed</id><link href="https://iskra.example/"/><updated>2026-11-20T12:00:00Z</updated>'
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {declared}>{head}{inside}</feed>'


def deleted(ref, day=15, inside=""):
    return f'<at:deleted-entry ref="{ref}" when="{DAY.format(day)}">{inside}</at:deleted-entry>'


def entry(name, day=10, inside=""):
    return f"<entry><id>{name}</id><title>Мост {name}</title><updated>{DAY.format(day)}</updated>{inside}</entry>"


@pytest.mark.parametrize(
    ("inside", "taken_back"),
    [
        pytest.param(deleted("tag:iskra.example,2026:1"), {"tag:iskra.example,2026:1": ""}, id="plain"),
        pytest.param('<at:deleted-entry ref="1" when="2026-11-15T12:00:00Z"/>', {"1": ""}, id="empty element"),
        pytest.param(deleted("1") + entry("2") + deleted("3"), {"1": "", "3": ""}, id="among entries"),
        pytest.param('<at:deleted-entry ref="1"/>', {"1": ""}, id="without a date"),
        pytest.param('<at:deleted-entry ref="1" when="soon"/>', {"1": ""}, id="a date that is none"),
        pytest.param(deleted("1", day=30), {"1": ""}, id="in the future"),
        pytest.param('<at:deleted-entry when="2026-11-15T12:00:00Z"/>', {}, id="without an id"),
        pytest.param(deleted(" 1\n 2 "), {"1 2": ""}, id="blanks, as in an entry's id"),
        pytest.param(deleted("1") + deleted("1", day=16), {"1": ""}, id="twice"),
        pytest.param(
            deleted("1", inside="<at:comment>  Удалено &amp; забыто </at:comment>"),
            {"1": "Удалено & забыто"},
            id="comment",
        ),
        pytest.param(
            deleted("1", inside='<at:comment type="html">&lt;b&gt;Снято&lt;/b&gt; судом</at:comment>'),
            {"1": "Снято судом"},
            id="comment in HTML",
        ),
        pytest.param(
            deleted("1", inside=f'<at:comment type="xhtml"><div {XHTML}>По <i>просьбе</i></div></at:comment>'),
            {"1": "По просьбе"},
            id="comment in XHTML",
        ),
        pytest.param(
            f'<d:deleted-entry xmlns:d="{NAMESPACE}" ref="1"><d:comment>x</d:comment></d:deleted-entry>',
            {"1": "x"},
            id="another prefix",
        ),
        pytest.param(f'<deleted-entry xmlns="{NAMESPACE}" ref="1"/>', {"1": ""}, id="no prefix"),
        pytest.param('<deleted-entry ref="1"/>', {}, id="Atom's own namespace"),
        pytest.param('<x:deleted-entry xmlns:x="https://x.example/" ref="1"/>', {}, id="a foreign namespace"),
        pytest.param(entry("2", inside='<at:deleted-entry ref="1"/>'), {}, id="inside an entry"),
        pytest.param(
            entry("2", inside='<content type="html">&lt;at:deleted-entry ref="1"/></content>'), {}, id="quoted"
        ),
        pytest.param(
            entry("2", inside='<content type="html"><![CDATA[<at:deleted-entry ref="1"/>]]></content>'),
            {},
            id="quoted in CDATA",
        ),
        pytest.param('<!-- <at:deleted-entry ref="1"/> -->', {}, id="in a comment"),
    ],
)
def test_an_atom_feed_takes_back_what_it_says_plainly(parse, inside, taken_back):
    assert parse(atom(inside)).deleted == taken_back


@pytest.mark.parametrize(
    ("inside", "alive"),
    [
        pytest.param(deleted("1", 15) + entry("1", 16), True, id="changed after it was taken back"),
        pytest.param(entry("1", 15) + deleted("1", 15), True, id="at the same moment"),
        pytest.param(entry("1", 14) + deleted("1", 15), False, id="taken back afterwards"),
        pytest.param('<at:deleted-entry ref="1"/>' + entry("1"), True, id="taken back nobody knows when"),
        pytest.param(deleted("1") + "<entry><id>1</id><title>Мост</title></entry>", True, id="without a date"),
        pytest.param(entry("1", 14) + deleted("1", 15) + entry("1", 16), True, id="in two versions"),
    ],
)
def test_of_an_entry_that_stands_there_and_is_taken_back_the_later_word_counts(parse, inside, alive):
    parsed = parse(atom(inside))
    assert (bool(parsed.items), bool(parsed.deleted)) == (alive, not alive)


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(atom(deleted("1") + entry("2"))[:-20], id="cut"),
        pytest.param(atom(deleted("1") + "<b>" + entry("2")), id="not well-formed"),
        pytest.param(atom(deleted("1"), declared=f'about="{NAMESPACE}"'), id="a prefix that nobody declared"),
        pytest.param(
            f'<rss version="2.0" xmlns:at="{NAMESPACE}"><channel><title>Искра</title>{deleted("1")}</channel></rss>',
            id="RSS",
        ),
    ],
)
def test_nothing_else_takes_anything_back(parse, document):
    assert parse(document).deleted == {}


def test_what_stands_in_a_deleted_entry_is_not_the_feeds_own(parse):
    source = '<source><id>s</id><title>Чужое</title><link href="https://other.example/"/></source>'
    inside = f'<link href="https://other.example/1"/><at:by><name>N</name></at:by>{source}'
    quoted = '<content type="html"><![CDATA[<at:deleted-entry ref="x">]]></content>'
    parsed = parse(atom(entry("1", inside=quoted) + deleted("2", inside=inside) + entry("3")))
    assert (parsed.feed.title, parsed.feed.link) == ("Искра", "https://iskra.example/")
    assert [item.id for item in parsed.items] == ["1", "3"]
    assert parsed.flaws == ()


def test_an_id_that_is_too_long_is_known_by_its_hash_when_it_is_taken_back(parse):
    long = "tag:" + "x" * 2000
    (item,) = parse(atom(entry(long))).items
    assert list(parse(atom(deleted(long))).deleted) == [item.id]


def test_thousands_of_deleted_entries_are_bounded_and_cost_little(parse):
    parsed = parse(atom("".join(deleted(n) for n in range(30_000)) + entry("2026")))
    assert ([item.id for item in parsed.items], len(parsed.deleted)) == (["2026"], 2000)
    assert [flaw.code for flaw in parsed.flaws] == ["deleted-too-many"]


def test_a_comment_is_bounded(parse):
    (said,) = parse(atom(deleted("1", inside=f"<at:comment>{'слово ' * 99_999}</at:comment>"))).deleted.values()
    assert len(said) == 200
