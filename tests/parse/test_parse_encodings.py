"""Every encoding that we read, declared rightly, not at all, and as each of the common wrong ones: the right text."""

from __future__ import annotations

import time

import pytest
from encoding_samples import NEWS

from aggregator.parse.encoding import decode
from aggregator.parse.flaws import Flaws

# As feeds call them, and in which languages they are written.
WRITTEN = {
    "windows-1251": "ru uk be bg sr",
    "koi8-r": "ru bg",
    "koi8-u": "ru uk",
    "ibm866": "ru",
    "ibm855": "ru bg sr",
    "iso-8859-5": "ru be bg sr",
    "x-mac-cyrillic": "ru uk bg sr",
    "us-ascii": "de fr es",
    "iso-8859-1": "de es pt is sv da",
    "windows-1252": "de fr es pt is sv da",
    "iso-8859-15": "de fr es pt et",
    "macintosh": "de fr es pt",
    "ibm437": "de es",
    "ibm850": "de es pt",
    "windows-1250": "pl cs hu hr de",
    "iso-8859-2": "pl cs hu hr",
    "ibm852": "pl cs hu hr",
    "iso-8859-16": "ro pl hu",
    "windows-1257": "lt lv et",
    "iso-8859-13": "lt lv",
    "iso-8859-4": "lt lv et",
    "iso-8859-10": "is",
    "iso-8859-3": "mt",
    "iso-8859-14": "cy",
    "windows-1253": "el",
    "iso-8859-7": "el",
    "windows-1254": "tr",
    "iso-8859-9": "tr",
    "windows-1255": "he",
    "iso-8859-8": "he",
    "windows-1256": "ar",
    "iso-8859-6": "ar",
    "windows-1258": "vi",
    "windows-874": "th",
    "tis-620": "th",
    "iso-8859-11": "th",
    "gb2312": "zh-Hans",
    "gbk": "zh-Hans zh-Hant",
    "gb18030": "zh-Hans",
    "big5": "zh-Hant",
    "big5-hkscs": "zh-Hant",
    "shift_jis": "ja",
    "euc-jp": "ja",
    "iso-2022-jp": "ja",
    "euc-kr": "ko",
    "ks_c_5601-1987": "ko",
    "utf-8": "ru uk de ja ko",
    "utf-16": "ru ja",
}
_PYTHONS = {"x-mac-cyrillic": "mac-cyrillic", "macintosh": "mac-roman", "windows-874": "cp874", "us-ascii": "cp1252"}
WRONG = (
    *("utf-8", "us-ascii", "iso-8859-1", "windows-1252", "windows-1251", "koi8-r", "windows-1250", "iso-8859-2"),
    *("iso-8859-5", "windows-1254", "gb2312", "big5", "shift_jis", "euc-jp", "euc-kr", "iso-2022-jp"),
)
# One or two letters of a text differ, and the rest is what people write: declared so, it is believed.
TOO_ALIKE = {
    *(("x-mac-cyrillic", language, "windows-1251") for language in ("ru", "uk", "bg", "sr")),
    ("iso-8859-14", "cy", "windows-1254"),
    *(("iso-8859-16", "hu", wrong) for wrong in ("windows-1250", "iso-8859-2")),
}
# As near, to another encoding that is commoner: what is wrong is said.
FLAWED = {*(("x-mac-cyrillic", language) for language in ("ru", "uk", "bg", "sr")), ("iso-8859-16", "hu")}
_CEDILLAS = str.maketrans("șțȘȚ", "şţŞŢ")  # the older letters of Romanian have the same bytes

CELLS = [(name, language) for name, languages in WRITTEN.items() for language in languages.split()]
TITLES = [
    *((name, language) for name in ("windows-1251", "koi8-u") for language in ("ru", "uk")),
    *(("gb2312", "zh-Hans"), ("big5", "zh-Hant"), ("shift_jis", "ja"), ("euc-jp", "ja"), ("euc-kr", "ko")),
]


def feed(texts, declared="", *, name):
    says = f' encoding="{declared}"' if declared else ""
    items = "".join(f"<item><title>{text}</title></item>" for text in texts)
    text = f'<?xml version="1.0"{says}?><rss version="2.0"><channel><title>News</title>{items}</channel></rss>'
    return text.encode(_PYTHONS.get(name, name))


def read(body):
    flaws = Flaws()
    return decode(body, "application/xml", flaws), [flaw.code for flaw in flaws.listed()]


def has(texts, got):
    return all(text.translate(_CEDILLAS) in got.translate(_CEDILLAS) for text in texts)


@pytest.mark.parametrize(("name", "language"), CELLS)
def test_what_is_declared_rightly_is_read_without_a_flaw(name, language):
    texts = NEWS[language]
    got, flaws = read(feed(texts, name, name=name))
    assert has(texts, got)
    assert flaws == []


@pytest.mark.parametrize(("name", "language"), CELLS)
def test_what_is_not_declared_is_read_by_its_letters_and_said(name, language):
    texts = NEWS[language]
    got, flaws = read(feed(texts, name=name))
    assert has(texts, got) or (name, language) in FLAWED
    assert flaws == ([] if name.startswith("utf") else ["encoding-guessed"])


@pytest.mark.parametrize(("name", "language"), CELLS)
def test_what_is_declared_wrongly_is_read_by_its_letters(name, language):
    texts = NEWS[language]
    for wrong in WRONG:
        if wrong != name and (name, language, wrong) not in TOO_ALIKE:
            got, flaws = read(feed(texts, wrong, name=name))
            assert has(texts, got) or (flaws and (name, language) in FLAWED), (wrong, flaws)
            assert flaws in ([], ["encoding-wrong"])


@pytest.mark.parametrize(("name", "language"), TITLES)
@pytest.mark.parametrize("declared", ["", *WRONG])
def test_a_title_is_enough(name, language, declared):
    title = NEWS[language][0]
    got, flaws = read(feed([title], declared, name=name))
    assert title in got
    assert flaws in ([[], ["encoding-wrong"]] if declared else [["encoding-guessed"]])


@pytest.mark.parametrize(
    "word",
    ["Рубрика", "Рублей", "Через", "День", "Подробнее", "Будущего", "Декабря", "Крыму", "Щёлково", "Жінки", "Цього"],
)
@pytest.mark.parametrize("name", ["windows-1251", "koi8-u"])
def test_one_word_again_and_again_says_no_more_than_once(name, word):
    """Pages say so what their links have in common."""
    body = feed([f"{word} {n}" for n in range(30)], name, name=name)
    assert read(body)[0].count(word) == 30


@pytest.mark.parametrize(
    ("name", "title"),
    [
        pytest.param("gb2312", "新桥", id="Chinese"),
        pytest.param("big5", "新橋樑", id="Chinese, traditional"),
        pytest.param("shift_jis", "橋", id="Japanese"),
        pytest.param("euc-kr", "새 다리", id="Korean"),
        pytest.param("windows-1251", "Ещё", id="Russian"),
        pytest.param("koi8-u", "ЇЖАК", id="Ukrainian, capitals"),
        pytest.param("windows-1251", "МОСТ ЧЕРЕЗ РЕКУ ОТКРЫТ ПОСЛЕ РЕМОНТА", id="Russian, capitals"),
        pytest.param("iso-8859-1", "Þú", id="Icelandic"),
        pytest.param("windows-1252", "It’s 5 µm — “£3”", id="signs only"),
    ],
)
def test_a_word_says_too_little_against_what_is_declared(name, title):
    assert title in read(feed([title], name, name=name))[0]


def test_letters_of_no_language_are_doubtful():
    body = b"<rss><title>" + bytes(range(0x80, 0x100)) * 4 + b"</title></rss>"
    assert "encoding-doubtful" in read(body)[1]


def test_one_broken_byte_costs_one_character():
    title = NEWS["zh-Hans"][0]
    body = feed([title, "@", title], "gb2312", name="gb2312").replace(b"@", b"\xff")
    got, flaws = read(body)
    assert got.count(title) == 2
    assert flaws == ["encoding-damaged"]


def test_an_encoding_that_no_codec_knows_is_said():
    """Big5 was read in its place, which gives other signs."""
    got, flaws = read(feed(NEWS["zh-Hant"], "euc-tw", name="big5"))
    assert has(NEWS["zh-Hant"], got)
    assert flaws == ["encoding-unknown", "encoding-guessed"]


def test_a_long_document_is_not_looked_through():
    body = feed(NEWS["uk"] * 20_000, name="windows-1251")
    assert len(body) > 2_000_000
    start = time.process_time()
    got, _ = read(body)
    assert time.process_time() - start < 5  # 0.15 s are usual
    assert has(NEWS["uk"], got)
