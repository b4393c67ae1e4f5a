"""Any query says the same after it was written down and read again, as text and as nested form; no text is too much."""

from __future__ import annotations

import contextlib
import time

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import QueryError
from aggregator.query import FIELDS, And, Not, Or, Query, from_nested, json_schema, parse
from aggregator.query.enclosed import WithEnclosure
from aggregator.query.fields import ByRule, FromGroup, FromOwner, FromSource, InLanguage, InSection
from aggregator.query.measured import OfAge, OfLength, ToldBy
from aggregator.query.said import AtUrl, ByAuthor, Credits, HasWords, InCategory, LeadSays, TextSays, TitleSays
from aggregator.query.subject import PLACES
from aggregator.query.tree import joined
from aggregator.query.values import Age, Bound, Lang, Media, Name, Pattern, Phrase, Raw, Sure, Words

SAID = st.one_of(
    st.sampled_from(["and", "not", "in:title", "lang:ru", "/a/", '"a"', 'а"б', "a\\", "(a)", "a,b", "~0.7", "«мир»"]),
    st.text(max_size=12).map(lambda text: f"a{text}"),
    st.text(max_size=12).map(lambda text: f'"{text}б'),
)
IDS = st.from_regex(r"[a-z0-9][a-z0-9-]{0,8}", fullmatch=True)
PLACES_IN = st.sets(st.sampled_from(PLACES), min_size=1).map(lambda said: tuple(p for p in PLACES if p in said))
PATTERNS = st.builds(
    Pattern.read,
    st.sampled_from(["/а|б/", "/[её]ж/i", r"/a\/b/", r"/\\/i", "/ /", '/"/', "/(x, y)/"]).map(
        lambda source: Raw(source, "regex", 1)
    ),
)
AGES = st.builds(lambda sign, n, unit: Age.read(Raw(f"{sign}{n}{unit}", "word", 1)),
                 st.sampled_from([">", ">=", "<", "<="]), st.integers(0, 999_999), st.sampled_from("mhdw"))  # fmt: skip
BOUNDS = st.builds(Bound, st.sampled_from([">", ">=", "<", "<="]), st.integers(0, 999_999_999)).map(lambda one: (one,))
MEDIA = st.builds(Media, st.sampled_from(["any", "audio", "image", "*/*", "*/ogg", "video/*", "image/svg+xml"]))


def some(values):
    return st.lists(values, min_size=1, max_size=3).map(lambda found: tuple(dict.fromkeys(found)))


def names(kind):
    return some(st.builds(Name, st.just(kind), IDS))


SURE = st.builds(Sure, st.builds(Name, st.just("section"), IDS), st.integers(0, 10_000).map(lambda n: n / 10_000))
PHRASES = some(st.one_of(st.builds(Phrase, SAID), PATTERNS))
CLAUSES = st.one_of(
    st.builds(InSection, some(SURE)),
    st.builds(FromSource, names("source")),
    st.builds(FromGroup, names("group")),
    st.builds(FromOwner, names("owner")),
    st.builds(ByRule, names("rule")),
    st.builds(Credits, some(st.builds(Words, SAID))),
    st.builds(WithEnclosure, some(MEDIA)),
    st.builds(OfLength, BOUNDS),
    st.builds(ToldBy, BOUNDS),
    st.builds(InLanguage, some(st.builds(Lang, st.sampled_from(["ru", "uk", "en", "be", "or", "not"])))),
    st.builds(OfAge, AGES.map(lambda age: (age,))),
    st.builds(TextSays, PHRASES, PLACES_IN),
    st.builds(HasWords, some(st.builds(Words, SAID)), PLACES_IN),
    *(st.builds(field, PHRASES) for field in (TitleSays, LeadSays, ByAuthor, AtUrl, InCategory)),
)
TREES = st.recursive(
    CLAUSES,
    lambda parts: st.one_of(
        st.lists(parts, min_size=2, max_size=3).map(lambda found: joined(And, found)),
        st.lists(parts, min_size=2, max_size=3).map(lambda found: joined(Or, found)),
        parts.map(Not),
    ),
    max_leaves=8,
)


@given(TREES.map(Query))
def test_the_text_of_a_query_is_the_same_query(query):
    assert parse(query.text) == query


@given(TREES.map(Query))
def test_the_nested_form_of_a_query_is_the_same_query(query):
    assert from_nested(query.nested()) == query


SCHEMA = jsonschema.Draft202012Validator(json_schema())


@given(TREES.map(Query))
def test_the_schema_takes_every_nested_form(query):
    SCHEMA.validate(query.nested())


@pytest.mark.parametrize(
    "form",
    [{"lnag": "ru"}, {"outlets": 3}, {"age": [">1h"]}, {"lang": "russian"}, {"in": ["title"]}, {"any": []}, {}, [], 3],
    ids=str,
)
def test_what_the_schema_refuses_is_refused(form):
    assert not SCHEMA.is_valid(form)
    if form != {"age": [">1h"]}:  # a list of one is a value, too
        with pytest.raises(QueryError):
            from_nested(form)


def test_every_field_is_drawn_here():
    drawn = set()

    @settings(max_examples=500, database=None)
    @given(CLAUSES)
    def draw(clause):
        drawn.add(clause.name)

    draw()
    assert drawn == FIELDS.keys()


@given(st.text(alphabet="ab абв():,\"«»/~><='\\ \n\t-andortilewsug", max_size=60))
def test_any_text_is_a_query_or_a_query_error(text):
    read = outcome(text)
    if isinstance(read, QueryError):
        assert 1 <= read.column <= len(text) + 1
    else:
        assert parse(read.text) == read


PIECES = st.sampled_from(
    [*(f"{name}:" for name in FIELDS), "in:", "and", "or", "not", "(", ")", ",", '"', "«", "»", "/", ">=3", "<2h",
     "~0.7", "a", "МИД", "audio/*", "*", "\\", "\n", " ", "\x00", "\u202e", "🙂", "=", "title", "0" * 400]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join))
def test_garbage_of_all_fields_is_a_query_or_a_query_error(text):
    read = outcome(text)
    assert isinstance(read, QueryError) or parse(read.text) == read


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9) | PIECES,
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | PIECES.map(
                        lambda piece: piece.rstrip(":")), inner, max_size=3)))  # fmt: skip
def test_a_garbled_nested_form_is_a_query_or_a_query_error(form):
    with contextlib.suppress(QueryError):
        assert parse(from_nested(form).text)


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_is_read_in_a_time_that_grows_with_its_text_only(name):
    """Ten times the text takes less than sixty times the time: a quadratic reader would need a hundred."""
    piece = FIELDS[name].example
    short, long = " or ".join([piece] * 12), " or ".join([piece] * 120)
    assert took(long) < 60 * max(took(short), 0.001)


def took(text):
    times = []
    for _ in range(3):
        began = time.perf_counter()
        parse(text)
        times.append(time.perf_counter() - began)
    return min(times)


def outcome(text):
    try:
        return parse(text)
    except QueryError as error:
        return error
