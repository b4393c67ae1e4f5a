"""What a text without a title is called by."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text import first_sentence


@pytest.mark.parametrize(
    ("text", "title"),
    [
        pytest.param("Міст відкрито. Рух пустили о 9:00.", "Міст відкрито", id="a full stop"),
        pytest.param("Мост открыт! Движение пустили.", "Мост открыт!", id="an exclamation"),
        pytest.param("Мост открыт\nДвижение пустили", "Мост открыт", id="a line"),
        pytest.param("«Мост открыт?» Так спросил мэр.", "«Мост открыт?»", id="a quote"),
        pytest.param("В г. Краматорске открыт мост. Ура", "В г. Краматорске открыт мост", id="an abbreviation"),
        pytest.param("Музей им. А. П. Чехова закрыт. Он", "Музей им. А. П. Чехова закрыт", id="initials"),
        pytest.param("Атака ВСУ. Есть раненые", "Атака ВСУ", id="capitals end a sentence"),
        pytest.param("Он… ушёл. Да", "Он… ушёл", id="a small letter goes on"),
        pytest.param("Ждём...\nНовости", "Ждём...", id="three dots stay"),
        pytest.param("🔥🔥 ‼️ Обстріл Краматорська 🔥", "Обстріл Краматорська", id="emoji around"),
        pytest.param("1️⃣ Перше", "Перше", id="a number in a box"),
        pytest.param("-5 градусів уночі", "-5 градусів уночі", id="a minus"),
        pytest.param("⚡️\nhttps://ozero.example/1\nМіст", "Міст", id="lines of emoji and of addresses"),
        pytest.param("#міст @ozero_news\nМіст відкрито", "Міст відкрито", id="a line of tags and names"),
        pytest.param("Відкрито #міст у Вінниці", "Відкрито #міст у Вінниці", id="a tag among words"),
        pytest.param("Читайте: ozero.example/most?x=1", "Читайте", id="an address behind words"),
        pytest.param("https://ozero.example/most", "", id="nothing but an address"),
        pytest.param("🔥🔥🔥", "", id="nothing but emoji"),
        pytest.param("", "", id="nothing"),
        pytest.param("слово " * 20, "слово слово слово слово слово слово…", id="cut behind a word"),
    ],
)
def test_a_title_is_the_first_sentence(text, title):
    assert first_sentence(text, 40) == title


@given(st.text(st.sampled_from("аБ .!?…🔥\n#@/\ufe0f-—»«1."), max_size=60), st.integers(5, 30))
def test_a_title_is_short_and_says_something_or_is_nothing(text, limit):
    title = first_sentence(text, limit)
    assert len(title) <= limit
    assert title == title.strip()
    assert not title or any(char.isalnum() for char in title)


@pytest.mark.parametrize("flood", ["a.a-", "http://", "🔥", ".", "\n", "#", "а. "])
def test_a_flood_costs_no_more_than_a_post(flood):
    began = time.perf_counter()
    first_sentence(flood * 500_000, 140)
    assert time.perf_counter() - began < 2
