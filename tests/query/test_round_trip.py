"""Any query says the same after it was written down and read again, as text and as nested form."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import QueryError
from aggregator.query import And, Not, Or, Query, from_nested, parse
from aggregator.query.fields import ByRule, FromGroup, FromSource, InLanguage, InSection, OfAge
from aggregator.query.said import AtUrl, ByAuthor, HasWords, InCategory, LeadSays, TextSays, TitleSays
from aggregator.query.subject import PLACES
from aggregator.query.tree import joined
from aggregator.query.values import Age, Lang, Name, Pattern, Phrase, Raw, Sure, Words

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
    st.builds(ByRule, names("rule")),
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


@given(st.text(alphabet="ab абв():,\"«»/~><='\\ \n\t-andortilewsug", max_size=60))
def test_any_text_is_a_query_or_a_query_error(text):
    read = outcome(text)
    if isinstance(read, QueryError):
        assert 1 <= read.column <= len(text) + 1
    else:
        assert parse(read.text) == read


def outcome(text):
    try:
        return parse(text)
    except QueryError as error:
        return error
