"""Who is cited: the judged phrases, the page that this was thought up for, and what a text may never do to it."""

from __future__ import annotations

import json
from collections import Counter
from itertools import product
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.dedup.cited.cues import may_cite
from aggregator.dedup.cited.mentions import _units
from aggregator.dedup.cited.names import name_key
from aggregator.dedup.cited.tokens import tokens
from aggregator.dedup.credit import _CUES, HEAD, TAIL, _cited, credits_in
from aggregator.text import fold

JUDGED = Path(__file__).parents[2] / "bench" / "judged" / "credits.jsonl"
ROWS = [json.loads(line) for line in JUDGED.read_text("utf-8").splitlines()]
PRECISION, RECALL, VIA = 0.97, 0.85, 0.95


def found(text, *own):
    """Who is cited, by whose word, and via whom."""
    return [(credit.outlet, credit.phrase, credit.via) for credit in credits_in(text, own)]


def names(text, *own):
    return [credit.name for credit in credits_in(text, own)]


# --- the judged phrases -------------------------------------------------------------------------------------------


def pairs(row):
    """Each judged credit with the one that was found for it, or None; and the found ones that nobody judged."""
    left = list(credits_in(row["text"]))
    matched = []
    for judged in row["credits"]:
        words = set(fold(judged["phrase"]).split())
        same = (one for one in left if one.name == name_key(judged["outlet"]) and words & set(fold(one.phrase).split()))
        one = next(same, None)
        matched.append((judged, one))
        if one:
            left.remove(one)
    return matched, left


@pytest.mark.parametrize("language", ["ru", "uk", "en", "all"])
def test_the_judged_credits_are_found_and_hardly_any_others(language):
    count, wrong = Counter(), []
    for row in ROWS:
        if language in (row["lang"], "all"):
            matched, extra = pairs(row)
            hits = [(judged, one) for judged, one in matched if one]
            count["hit"] += len(hits)
            count["judged"] += len(matched)
            count["found"] += len(hits) + len(extra)
            count["via"] += sum(one.via == (judged["via"] and name_key(judged["via"])) for judged, one in hits)
            missed = [judged["outlet"] for judged, one in matched if not one]
            if missed or extra:
                wrong.append(f"{row['text']}\n    missed {missed}, too many {[(e.outlet, e.phrase) for e in extra]}")
    precision, recall = count["hit"] / count["found"], count["hit"] / count["judged"]
    told = f"{language}: precision {precision:.3f}, recall {recall:.3f}, via {count['via']}/{count['hit']}\n"
    assert precision >= PRECISION and recall >= RECALL, told + "\n".join(wrong)  # noqa: PT018  one figure tells little
    assert count["via"] >= VIA * count["hit"], told


# --- kinds of citing ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        pytest.param(
            "Мост откроют, сообщает газета «Озёрный вестник».", ["Озёрный вестник"], id="an unknown newspaper"
        ),
        pytest.param("Как стало известно порталу Мосток, рейс отменён.", ["Мосток"], id="a name behind its kind"),
        pytest.param(
            "Об этом «Заре» сообщили в мэрии Верхнего Устья.", ["Заре", "мэрия Верхнего Устья"], id="told to it"
        ),
        pytest.param("По предварительным данным МЧС, пострадавших нет.", ["МЧС"], id="an adjective inside the phrase"),
        pytest.param("— Стоим, — цитирует капитана ТАСС.", ["ТАСС"], id="what is quoted stands between"),
        pytest.param("Пpо це повідомляє Укpінфоpм.", ["Укрінформ"], id="Latin letters that look Cyrillic"),
        pytest.param("HARBOUR TOWN (Reuters) - Two ferries stayed in port.", ["Reuters"], id="a dateline"),
        pytest.param("Отопление вернут к вечеру — МЧС\nХолодно.", ["МЧС"], id="the end of a headline"),
        pytest.param("Источник: Сиб.фм", ["Сиб.фм"], id="a line of its own"),
        pytest.param("ТАСС и РИА Новости сообщают о тумане.", ["ТАСС", "РИА Новости"], id="two at once"),
        pytest.param("The Harbour Gazette reported that no ship left.", ["Harbour Gazette"], id="unknown, in English"),
        pytest.param(
            "Ships wait, Ruritania's defence ministry said.", ["Ruritania's defence ministry"], id="small letters"
        ),
    ],
)
def test_this_is_citing(text, cited):
    assert [credit.outlet for credit in credits_in(text)] == cited


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Читайте также: ТАСС сообщает о тумане.", id="an advertisement"),
        pytest.param("Фото: ТАСС", id="a picture"),
        pytest.param("ТАСС не сообщает, кто пострадал.", id="it does not say so"),
        pytest.param("Вопреки тому, что писали «Известия», паром ушёл.", id="it is set aside"),
        pytest.param("Прокуратура сообщила о проверке.", id="a kind of body"),
        pytest.param("Об этом рассказали в пресс-службе ООО «Причал».", id="a company's press service"),
        pytest.param("Об этом заявил глава МИД Руритании.", id="a person of a body"),
        pytest.param("Об этом рассказала сотрудница Би-би-си.", id="a person of an outlet"),
        pytest.param("Общественная палата сообщила о конкурсе.", id="a common word that is also an outlet"),
        pytest.param("The BBC said it would move to the harbour.", id="it speaks of itself"),
        pytest.param("The captain told Forbes to cast off.", id="an order"),
    ],
)
def test_this_is_not_citing(text):
    assert found(text) == []


def test_who_brought_it_is_told():
    assert found("Мост закрыт, сообщили в МЧС, передаёт «Интерфакс».") == [
        ("МЧС", "сообщили", "interfax"),
        ("Интерфакс", "передаёт", None),
    ]


# --- names --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spellings",
    [
        pytest.param(["Интерфакса", "«Интерфакс»", "Interfax", "ИНТЕРФАКСОМ", "Інтерфаксу"], id="a known agency"),
        pytest.param(["«Степной край»", "Степного края", "Степному краю"], id="an unknown newspaper"),
        pytest.param(["МИД Беларуси", "белорусский МИД", "белорусского МИД"], id="a ministry, by its country"),
        pytest.param(["пресс-служба МЧС", "МЧС", "пресс-центр МЧС"], id="a body and its press service"),
        pytest.param(["The Guardian", "Guardian", "The Guardian's"], id="with its article and without"),
        pytest.param(["Украинская правда", "Українській правді", "Ukrainska Pravda"], id="three languages"),
    ],
)
def test_the_spellings_of_a_name_have_one_key(spellings):
    assert len(set(map(name_key, spellings))) == 1


def test_a_name_is_told_in_the_nominative_where_it_is_known_or_a_body():
    text = "По данным «Медузы» и Киевской городской прокуратуры, дело закрыто."
    assert [credit.outlet for credit in credits_in(text)] == ["Медуза", "Киевская городская прокуратура"]


def test_a_name_is_credited_once_and_a_body_not_again_by_its_abbreviation():
    text = "Об этом сообщает ТАСС. Паром цел, сообщили в МЧС Руритании. ТАСС пишет о тумане. В МЧС уточнили детали."
    assert names(text) == ["tass", "мчс руритан"]


@pytest.mark.parametrize(
    ("text", "own"),
    [
        pytest.param("Как ранее сообщал «Озёрный вестник», паром ушёл.", "Озёрный вестник", id="its title"),
        pytest.param("Как выяснили журналисты «Зари», паром ушёл.", "zaria.example", id="its address, transliterated"),
        pytest.param("Об этом рассказали корреспонденту ТАСС.", "ТАСС", id="a known agency"),
    ],
)
def test_the_outlet_itself_is_no_credit(text, own):
    assert found(text, own) == []
    assert found(text)  # but another's text credits it


# --- where, and at what price -------------------------------------------------------------------------------------


def test_the_seed_page_credits_the_agency_and_the_ministry_it_cites(corpus):
    (page,) = (corpus / "seed-page").glob("*.txt")
    text = page.read_text("utf-8")
    agency, ministry = credits_in(text, ["ОстроВ"])
    assert (agency.outlet, agency.name, agency.via) == ("Интерфакс", "interfax", None)
    assert (ministry.outlet, ministry.phrase, ministry.via) == ("белорусский МИД", "со ссылкой на", "interfax")
    assert ministry.name == name_key("МИД Беларуси")
    assert text[slice(*agency.place)] == '"Интерфакс"'


def test_the_head_and_the_last_lines_are_read_and_what_lies_between_is_not():
    filler = "Паром стоит в порту. " * 300
    text = f"Туман, сообщает ТАСС. {filler} Об этом пишет РБК. {filler}Источник: LETA"
    assert names(text) == ["tass", "leta"]
    assert text[slice(*credits_in(text)[1].place)] == "LETA"
    assert len(filler) > HEAD + TAIL


@pytest.mark.parametrize(
    "unit",
    [
        *("«", '"a ', "А", "The ", ". ", "РИА «", "\n", "a-", "a.ru", "'A"),
        *("сообщает ", "министерство ", "и МИД ", "told ", "новой ", "of the Bank "),
        *("сообщает, ", "Интерфакс, и ", "со ссылкой на данные ", "сообщили Anna "),
    ],
)
def test_a_hostile_text_of_a_million_characters_takes_no_time(unit):
    text = unit * (1_000_000 // len(unit))
    credits_in("")  # the tables are read once
    begun = perf_counter()
    credits_in(text)
    assert perf_counter() - begun < 2  # some 0.05 s on an idle core


PIECES = sorted({word for row in ROWS for word in row["text"].split()})
MARKS = ["«", "»", '"', "“", "”", "'", "\n", " - ", "(", ")", ".", ", ", "\u0301", "ё", "i", "…", "1+1"]


@given(st.lists(st.sampled_from([*PIECES, *MARKS]), max_size=60).map(" ".join))
def test_a_credit_stands_where_it_says(text):
    for credit in credits_in(text):
        begin, end = credit.place
        assert 0 <= begin < end <= len(text)
        assert credit.phrase in text
        assert credit.outlet and credit.name  # noqa: PT018  neither may be empty


@given(st.lists(st.sampled_from([*PIECES, *MARKS]), max_size=12).map(" ".join), st.sampled_from(["", ".", "\n"]))
def test_nobody_is_cited_in_a_sentence_that_is_not_read(words, end):
    row = tokens(words.replace(".", "").replace("\n", "") + end)
    if not may_cite(row, _CUES):
        assert _cited("".join(unit.sign for unit in _units(row, frozenset()))) == []


@given(st.lists(st.sampled_from(ROWS), min_size=1, max_size=4), st.data())
def test_whoever_is_the_outlet_itself_is_not_among_the_credits(rows, data):
    text = " ".join(row["text"] for row in rows)
    cited = credits_in(text)
    own = data.draw(st.sets(st.sampled_from([credit.outlet for credit in cited]))) if cited else set()
    places = {credit.place for credit in cited if name_key(credit.outlet) in set(map(name_key, own))}
    assert not places & {credit.place for credit in credits_in(text, own)}


def test_every_order_of_an_agency_and_a_verb_is_read_in_each_language():
    agencies = ["«Интерфакс»", "Интерфакс", "агентство «Интерфакс»", "Interfax"]
    forms = ["Паром цел, сообщает {}.", "{} сообщает, что паром цел.", "Как пишет {}, паром цел.", "По данным {}, цел."]
    forms += ["Пором цілий, повідомляє {}.", "{} повідомляє, що пором цілий.", "За даними {}, пором цілий."]
    texts = [form.format(agency) for form, agency in product(forms, agencies)]
    assert [text for text in texts if names(text) != ["interfax"]] == []
