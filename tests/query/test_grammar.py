"""What the query language accepts, and in which plain words it refuses the rest."""

from __future__ import annotations

import contextlib
import re

import pytest

from aggregator.errors import QueryError
from aggregator.query import FIELDS, from_nested, parse

# what a person writes | how we write it
SAME = [
    ("section:donbas~0.7 or (lang:ru,uk and rule:shelling)", "section:donbas~0.7 or lang:ru,uk and rule:shelling"),
    ('words:(обстрел, обстріл, "ракетный удар") in:title,lead', None),
    ("title:/реклама|партн[её]рский/i or category:Реклама", None),
    ("rule:ads or (group:wire age:>12h)", "rule:ads or group:wire and age:>12h"),
    ("обстрел Краматорска", "words:обстрел and words:Краматорска"),
    ("«ракетный удар», обстрел", 'words:("ракетный удар", обстрел)'),
    ("обстрел in:title", "words:обстрел in:title"),
    ("words:обстрел in:text,title", "words:обстрел"),
    ("words:обстрел in:LEAD", "words:обстрел in:lead"),
    ("a OR b AND NOT c", "words:a or words:b and not words:c"),
    ("(a or b) c", "(words:a or words:b) and words:c"),
    ("not (a b)", "not (words:a and words:b)"),
    ("not not a", "not not words:a"),
    ("((a)) and (b and c)", "words:a and words:b and words:c"),
    ("LANG:RU", "lang:ru"),
    ("lang:ru,uk,ru", "lang:ru,uk"),
    ("lang:ru, uk", "lang:ru,uk"),
    ("age:<=48h", "age:<=2d"),
    ("age:>90m", None),
    ("age:<1w", None),
    ("age:<0h", "age:<0m"),
    ("owner:ozero-group", None),
    ('credit:interfax,"МИД Беларуси"', 'credit:(interfax, "МИД Беларуси")'),
    ("enclosure:AUDIO,any", "enclosure:audio,any"),
    ("enclosure:application/pdf", 'enclosure:"application/pdf"'),
    ("enclosure:*/ogg", 'enclosure:"*/ogg"'),
    ("length:>=0200 length:<9000", "length:>=200 and length:<9000"),
    ("outlets:>=3", None),
    ("section:donbas~0", "section:donbas"),
    ("section:donbas~.50", "section:donbas~0.5"),
    ("url:https://example.org/a", 'url:"https://example.org/a"'),
    (r"url:/example\.org\/news/", None),
    (r'title:"сказал: \"нет\""', None),
    ("title:“обзор СМИ”", 'title:"обзор СМИ"'),
    ("title:not", None),
    ("title:10:30", 'title:"10:30"'),
    ("android orange notice", "words:android and words:orange and words:notice"),
    ("words:112", None),
    ("words:(обстрел,\n  обстріл)\n  lang:uk", "words:обстрел,обстріл and lang:uk"),
    ("(" * 100 + "a" + ")" * 100, "words:a"),
]


@pytest.mark.parametrize(("written", "canonical"), SAME, ids=[written[:40] for written, _ in SAME])
def test_a_query_has_one_canonical_text(written, canonical):
    query = parse(written)
    assert query.text == (canonical or written)
    assert parse(query.text) == query


WRONG = [
    ("", 1, "the query is empty"),
    (" \n ", 1, "the query is empty"),
    ("(lang:ru", 9, "a closing parenthesis is missing"),
    ("words:(a, b  ", 12, "a closing parenthesis is missing"),
    ("(a b))", 6, "this parenthesis closes nothing"),
    (")", 1, "this parenthesis closes nothing"),
    ("()", 2, "there is nothing between these parentheses"),
    ("a and", 6, 'something is missing behind "and"'),
    ("a and or b", 7, 'something is missing beside "or"'),
    ("or b", 1, 'something is missing beside "or"'),
    ("NOT", 4, 'something is missing behind "NOT"'),
    ("lang:", 6, '"lang:" needs a value right behind it'),
    ("lang: ru", 6, '"lang:" needs a value right behind it'),
    ("lang:)", 6, '"lang:" needs a value right behind it'),
    ("lang:ru,", 9, "a value is missing behind the comma"),
    ("words:(a,,b)", 10, "a value is missing behind the comma"),
    (", a", 1, "a comma stands between two values"),
    ("words:(a b)", 10, 'a comma or a closing parenthesis is missing before "b"'),
    ("words:(a or b)", 10, 'a comma or a closing parenthesis is missing before "or"'),
    ("words:(a (b))", 10, 'a comma or a closing parenthesis is missing before "("'),
    ('a title:"abc', 9, "this quotation mark is never closed"),
    ("«abc", 1, "this quotation mark is never closed"),
    ("abc»", 4, "this quotation mark closes nothing"),
    ("title :a", 7, 'a ":" stands right behind the name of a field'),
    ("lnag:ru", 1, 'no field is named "lnag". Did you mean "lang"?'),
    ("a or Titel:x", 6, 'no field is named "Titel". Did you mean "title"?'),
    ("zzz:ru", 1, f'no field is named "zzz". Fields are {", ".join(FIELDS)}.'),
    ("https://example.org", 1, f'no field is named "https". Fields are {", ".join(FIELDS)}.'),
    ("/a/", 1, "a regular expression needs a field, as in title:/…/"),
    ("title:/a", 7, "this regular expression is never closed by a /"),
    ("title:/a/g", 10, '"g" is no flag of a regular expression; only i is: case does not matter'),
    ("title:/(a/", 7, "this regular expression cannot be used: missing ): (a"),
    (r"title:/(?<=a)b/", 7, "this regular expression cannot be used: invalid perl operator: (?<="),
    (r"title:/\bмир/", 7, r"\b and \w know Latin letters only. Write \pL for any letter, or words: for whole words."),
    ("title:/" + "a" * 1001 + "/", 7, "this regular expression is longer than 1000 characters"),
    ("lang:/ru/", 6, "a regular expression cannot stand here; this is the code of a language"),
    ("words:/a/", 7, "a regular expression cannot stand here; this is a word, which matches in any inflected form"),
    ("lang:русский", 6, '"русский" is not a language of two or three letters, as ru'),
    (
        "lang:ru-RU",
        6,
        '"ru-RU" is not a language of two or three letters, as ru. Only the part before the hyphen counts: ru',
    ),
    ("section:donbas~7", 16, "a confidence is a number from 0 to 1, as in ~0.7"),
    ("section:donbas~", 16, "a confidence is a number from 0 to 1, as in ~0.7"),
    ('source:"Новости дня"', 8, '"Новости дня" cannot be the name of a source'),
    ("age:12h", 5, '"12h" is not an age; write >12h or <=2d (units m, h, d, w)'),
    ("age:>1h,<2h", 9, "age: takes one value; join two by `and`"),
    ("outlets:3", 9, '"3" is no bound on a number; write >=3 or <2000. Did you mean ">=3"?'),
    ("outlets:=3", 9, '"=3" is no bound on a number; write >=3 or <2000. Did you mean ">=3"?'),
    ("outlets:many", 9, '"many" is no bound on a number; write >=3 or <2000'),
    ("length:>2k", 8, '">2k" is no bound on a number; write >=3 or <2000'),
    ("length:>1,<9", 11, "length: takes one value; join two by `and`"),
    ("outlets:/3/", 9, "a regular expression cannot stand here; this is a bound on a number"),
    (
        "enclosure:vidoe",
        11,
        '"vidoe" is no kind of file; write any, audio, video, image, or a type as audio/mpeg. Did you mean "video"?',
    ),
    ("enclosure:mp3", 11, '"mp3" is no kind of file; write any, audio, video, image, or a type as audio/mpeg'),
    (
        'enclosure:"text/m*g"',
        11,
        '"text/m*g" is no kind of file; write any, audio, video, image, or a type as audio/mpeg',
    ),
    ('credit:"«»"', 8, 'there is no word in "«»"'),
    ("credit:МИД in:lead", 12, '"in:" limits words: and text:, not credit:'),
    ("outlet:>=3", 1, 'no field is named "outlet". Did you mean "outlets"?'),
    ("words:a in:body", 12, '"in:" takes title, lead and text, not "body"'),
    ("words:a in:", 12, '"in:" needs title, lead or text behind it'),
    ("lang:ru in:title", 9, '"in:" limits words: and text:, not lang:'),
    ("in:title words:a", 1, '"in:" stands behind the words that it limits'),
    ("(words:a) in:title", 11, '"in:" stands behind the words that it limits'),
    ('words:""', 7, 'there is no word in ""'),
    ("title:!!!", 7, 'there is no word in "!!!"'),
    ('author:""', 8, "there is nothing to look for between these quotes"),
    ("a" * 10_001, 10_001, "the query is longer than 10000 characters"),
    ("(" * 101 + "a" + ")" * 101, 101, "more than 100 parentheses stand within each other"),
    ("not " * 101 + "a", 1, "more than 100 parts stand within each other"),
]


@pytest.mark.parametrize(("written", "column", "sentence"), WRONG, ids=[written[:30] for written, *_ in WRONG])
def test_a_mistake_is_told_with_its_column_in_a_plain_sentence(written, column, sentence):
    with pytest.raises(QueryError) as caught:
        parse(written)
    assert str(caught.value) == f"column {column}: {sentence}"
    assert caught.value.column == column


@pytest.mark.parametrize(
    "flood",
    [
        "(" * 9999,
        "not " * 2400,
        "a or " * 1999,
        '"' * 9999,
        "a,b" * 3000,
        "/a" * 5000,
        "outlets:>=" * 990,
    ],
)
def test_no_flood_breaks_the_parser(flood):
    with contextlib.suppress(QueryError):
        parse(flood)


def test_names_tell_what_a_query_refers_to_and_where():
    query = parse("section:donbas~0.7,world or source:ostrov and not (rule:ads or group:wire) lang:ru")
    assert [(name.kind, name.value, name.column) for name in query.names()] == [
        ("section", "donbas", 9),
        ("section", "world", 20),
        ("source", "ostrov", 36),
        ("rule", "ads", 57),
        ("group", "wire", 70),
    ]


@pytest.mark.parametrize("field", FIELDS.values(), ids=list(FIELDS))
def test_every_field_has_a_sentence_and_an_example_that_parses(field):
    assert field.sentence().startswith("Items ")
    assert field.sentence().endswith(".")
    assert isinstance(parse(field.example).root, field)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        pytest.param(
            {"any": [{"section": "donbas~0.7"}, {"all": [{"lang": ["ru", "uk"]}, {"rule": "shelling"}]}]},
            "section:donbas~0.7 or (lang:ru,uk and rule:shelling)",
            id="the example of the design",
        ),
        pytest.param({"lang": "ru", "not": {"rule": "ads"}}, "lang:ru not rule:ads", id="several keys are all of them"),
        pytest.param({"words": ["a", "b c"], "in": ["lead", "title"]}, 'words:(a, "b c") in:title,lead', id="in"),
        pytest.param({"words": "a", "in": "title, lead"}, "words:a in:title,lead", id="in as text"),
        pytest.param({"title": "/a|b/i"}, "title:/a|b/i", id="regular expression"),
        pytest.param({"title": '"/a/"'}, 'title:"/a/"', id="quoted"),
        pytest.param({"words": [112, "a"]}, "words:112,a", id="number"),
        pytest.param({"any": ["lang:ru", "words:a or b"]}, "lang:ru or words:a or b", id="texts inside"),
        pytest.param("lang:ru", "lang:ru", id="only a text"),
        pytest.param({"any": [{"lang": "ru"}]}, "lang:ru", id="any of one"),
    ],
)
def test_the_nested_form_equals_the_text_form(form, text):
    assert from_nested(form) == parse(text)


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        pytest.param({"lnag": "ru"}, 'lnag: no field is named "lnag". Did you mean "lang"?', id="field"),
        pytest.param({"any": [{"lang": "ru"}, {"age": "x"}]}, 'any.2.age: "x" is not an age;', id="deep"),
        pytest.param({"any": ["lang:ru", "a and"]}, 'any.2: column 6: something is missing behind "and"', id="text"),
        pytest.param({"any": []}, "any: a list with something in it is missing here", id="empty list"),
        pytest.param({"any": {"lang": "ru"}}, "any: a list with something in it is missing here", id="no list"),
        pytest.param({"lang": []}, "lang: the list is empty", id="no value"),
        pytest.param({"lang": None}, "lang: a value is a text, a number, or a list of these", id="null"),
        pytest.param({"words": True}, "words: a value is a text, a number, or a list of these", id="boolean"),
        pytest.param({"words": [["a"]]}, "words: a value is a text, a number, or a list of these", id="list in a list"),
        pytest.param({}, "a mapping is missing here, as {section: donbas} or {any: [...]}", id="empty"),
        pytest.param(["lang:ru"], "a mapping is missing here, as {section: donbas} or {any: [...]}", id="list"),
        pytest.param({"lang": "ru", "in": ["title"]}, "in: it limits words and text, and stands beside", id="in alone"),
        pytest.param({"words": "a", "in": ["body"]}, 'in: "in:" takes title, lead and text, not "body"', id="in what"),
        pytest.param({"words": ["слово"] * 1 + [f"слово{n}" for n in range(1500)]}, "as text the query", id="too long"),
    ],
)
def test_a_mistake_in_the_nested_form_says_where_it_is(form, sentence):
    with pytest.raises(QueryError) as caught:
        from_nested(form)
    assert str(caught.value).startswith(f"column 1: {sentence}")


def test_a_number_alone_is_no_bound_in_the_nested_form_either():
    with pytest.raises(QueryError, match=re.escape('outlets: "3" is no bound on a number; write >=3 or <2000. Did')):
        from_nested({"outlets": 3})


def test_a_nested_form_of_absurd_depth_is_refused():
    form: object = {"lang": "ru"}
    for _ in range(5000):
        form = {"not": form}
    with pytest.raises(QueryError, match="more than 100 parts"):
        from_nested(form)
