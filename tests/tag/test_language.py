"""The language of an item: its letters first, then what was declared, then its small words."""

from __future__ import annotations

import gzip
import json

import pytest

from aggregator.model import Item
from aggregator.tag import language_of


def case(title, declared, language, *, own=None, text="", id):  # noqa: A002  as pytest.param has it
    return pytest.param(Item(id="1", title=title, language=own, content=text), declared, language, id=id)


@pytest.mark.parametrize(
    ("item", "declared", "language"),
    [
        case("Мэр города рассказал о выборах", None, "ru", id="Russian by its letters"),
        case("Міський голова розповів про вибори", None, "uk", id="Ukrainian by its letters"),
        case("Гарадскі галоўны ўрач расказаў аб выбарах", None, "be", id="Belarusian by its letters"),
        case("Мы і яны: гэта важна", "ru", "be", id="Belarusian without ў"),
        case("Обстріл Краматорська", "ru", "uk", id="plainly Ukrainian, declared Russian"),
        case("Это было только начало", "uk", "ru", id="plainly Russian, declared Ukrainian"),
        case("Погода на завтра", "uk", "uk", id="neutral: as declared"),
        case("Погода на завтра", "ru-RU", "ru", id="neutral: declared with a region"),
        case("Погода на завтра", "en", None, id="neutral, and declared what it cannot be"),
        case("Погода на завтра", None, None, id="neutral, nothing declared"),
        case("Погода на завтра", "ru", "uk", own="uk", id="the item's own declaration goes first"),
        case("Погода на завтра", None, "uk", text="<p>Сонячно, без опадів.</p>", id="the text tells, the title not"),
        case("Погода на завтра", "UA", "uk", id="a country for a language"),
        case("Речь президента", None, None, id="neutral words"),
        case("Как это было", None, "ru", id="Russian by its small words"),
        case("Фільм «Вы и мы» показали, що їх чекає, ніхто із глядачів ще не відає", "ru", "uk", id="a quotation"),
        case("Это новый iPhone 17 Pro Max Ultra", "en", "ru", id="Russian with a long Latin name"),
        case("The new «Мир» station", "en", "en", id="English with a Russian name"),
        case("Обявиха новите правила за движението по пътищата, съобщиха съдът и съветът", None, None, id="Bulgarian"),
        case("Обявиха новите правила", "bg", "bg", id="Bulgarian, declared"),
        case("Љубав и мржња у граду, каже она", "ru", None, id="Serbian, declared Russian"),
        case("The mayor of the city was at the station", None, "en", id="English by its small words"),
        case("Der Bürgermeister und die Stadt sind nicht bereit", None, "de", id="German"),
        case("Le maire de la ville est dans les rues avec des amis", None, "fr", id="French"),
        case("El alcalde de la ciudad y los vecinos por una calle", None, "es", id="Spanish"),
        case("Il sindaco della città è con gli amici nel centro", None, "it", id="Italian"),
        case("Burmistrz miasta nie jest w domu, ale się nie boi", None, "pl", id="Polish"),
        case("O prefeito da cidade não foi para a rua com os amigos", None, "pt", id="Portuguese"),
        case("De burgemeester van de stad is niet bij het feest", None, "nl", id="Dutch"),
        case("The mayor of the city was at the station", "de", "de", id="Latin letters: as declared"),
        case("The mayor of the city was at the station", "ru", "en", id="Latin letters, declared Russian"),
        case("Acme Widget 9000", "ru", "ru", id="a name says nothing: as declared"),
        case("Acme Widget 9000", None, None, id="a name says nothing, nothing declared"),
        case("東京の天気", "ja", "ja", id="another script: as declared"),
        case("東京の天気", None, None, id="another script, nothing declared"),
        case("", "ru", "ru", id="no text: as declared"),
        case("", "xx-nonsense!", "xx", id="whatever was declared, its base"),
        case("", "русский", None, id="a declaration that is no tag"),
    ],
)
def test_the_language_of_an_item(item, declared, language):
    assert language_of(item, declared=declared) == language


def test_real_news_in_russian_ukrainian_and_english_are_told_apart(corpus):
    stream = corpus / "news-stream/telegram-20191115.jsonl.gz"
    if not stream.exists():
        pytest.skip("the corpus holds no news stream")
    right = total = 0
    with gzip.open(stream, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row["lang_guess"] in ("ru", "uk", "en"):
                item = Item(id=row["id"], title=row["title"] or "", content=(row["text"] or "").replace("<", "&lt;"))
                total += 1
                right += language_of(item) == row["lang_guess"]
    assert right / total > 0.99
