"""What readers do not tell apart is equal, and safe HTML becomes the text that they read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text import fold, parted, plain, shorten, tokens, visible


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("ЁЛКА", "елка", id="case and ё"),
        pytest.param("и\u0306од", "йод", id="a letter written as two characters"),
        pytest.param("за\u0301мок", "замок", id="a stress mark"),
        pytest.param("об\u00adстрел", "обстрел", id="a soft hyphen"),
        pytest.param("об\u200bстрел", "обстрел", id="a zero-width space"),
        pytest.param("\u202eобстрел\u202c", "обстрел", id="bidi overrides"),
        pytest.param("10\u00a0000", "10 000", id="a no-break space"),
        pytest.param("п’ять", "п'ять", id="the Ukrainian apostrophe"),
        pytest.param("пʼять", "п`ять", id="its other spellings"),
        pytest.param("«Мир» — “мир”", '"мир" - "мир"', id="quotes and dashes"),
        pytest.param("  два \n слова ", "два слова", id="spacing"),
        pytest.param("STRASSE", "straße", id="a German sharp s"),
    ],
)
def test_spellings_that_readers_do_not_tell_apart_fold_alike(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("й", "и"), ("ї", "і"), ("ґ", "г"), ("и", "і"), ("э", "е"), ("є", "е")])
def test_letters_of_their_own_stay_apart(one, other):
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("Обстрел, Краматорска!", ["обстрел", "краматорска"], id="punctuation"),
        pytest.param("в Ивано-Франковске", ["в", "ивано", "франковске"], id="a hyphen separates"),
        pytest.param("Су-34 и F-16", ["су", "34", "и", "f", "16"], id="machines"),
        pytest.param("у Кам’янці п'ять", ["у", "кам'янці", "п'ять"], id="an apostrophe between Cyrillic letters stays"),
        pytest.param("Smith’s l'accord", ["smith", "s", "l", "accord"], id="between Latin letters it separates"),
        pytest.param("Киiв і Донeцьк", ["киів", "і", "донецьк"], id="a Latin i or e in a Cyrillic word"),
        pytest.param("İstanbul", ["istanbul"], id="a letter that case folding takes apart"),
        pytest.param("a_b", ["a", "b"], id="underscores separate"),
        pytest.param("—!?", [], id="no word at all"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_tokens_are_the_folded_words(text, found):
    assert tokens(text) == found


@given(st.text())
def test_every_token_has_its_place_in_the_visible_text(text):
    seen = visible(text)
    parts = parted(seen)
    assert "".join(parts) == seen.replace("_", " ")
    assert len(parts) == 2 * len(tokens(text)) + 1


@pytest.mark.parametrize(
    ("html", "text"),
    [
        pytest.param("<p>Один</p><p>Два</p>", "Один\nДва", id="blocks begin lines"),
        pytest.param("<p>До<b>нец</b>к</p>", "Донецк", id="inline tags join"),
        pytest.param("а<br>б", "а\nб", id="line break"),
        pytest.param("a &lt; b &amp;amp; c&nbsp;d", "a < b &amp; c d", id="entities are decoded once"),
        pytest.param('<a title="x > y">да</a> нет', "да нет", id="a > inside an attribute"),
        pytest.param("<ul><li>1</li><li>2</li></ul>", "1\n2", id="list"),
        pytest.param("<pre>a\nb</pre>", "a b", id="white space collapses"),
        pytest.param("просто текст", "просто текст", id="no tags"),
        pytest.param("<p", "", id="an unfinished tag"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_plain_gives_the_text_of_safe_html(html, text):
    assert plain(html) == text


@pytest.mark.parametrize("flood", ["<" * 300_000, '<a "' * 100_000, "<p>" * 100_000, "&" * 300_000])
def test_plain_is_linear_on_floods(flood):
    assert len(plain(flood)) <= len(flood)


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        pytest.param("короткий", 20, "короткий", id="short enough"),
        pytest.param("один два три", 9, "один два…", id="behind a word"),
        pytest.param("один, два", 6, "один…", id="without the comma"),
        pytest.param("неразрывное", 5, "нера…", id="one long word"),
    ],
)
def test_shorten_cuts_behind_a_word(text, limit, short):
    assert shorten(text, limit) == short


@given(st.text(), st.integers(2, 50))
def test_a_shortened_text_is_never_longer_than_asked(text, limit):
    assert len(shorten(text, limit)) <= limit
