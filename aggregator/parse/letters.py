"""Does a text look like language, or like the bytes of one alphabet read as another?

In:    a text, and the codec that made it of bytes.
Out:   a number: about 1 for what people write, 0 and less for mojibake.
Never: looks at words, or says which language it is.

Each language has some letters that make up most of what is not ASCII in it. A wrong reading of the bytes gives other
letters, capitals inside words, two alphabets in one word, or signs between letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache
from string import ascii_letters


@dataclass(frozen=True, slots=True)
class _Alphabet:
    """The usual letters beyond ASCII of one or more languages, and which share of all such letters they make up."""

    letters: str
    share: float = 1.0
    judged: str = "lcgxhk!"  # kinds it should explain; a text in Chinese may name a Russian in Cyrillic


_LATIN = tuple(
    map(
        _Alphabet,
        (
            "äöüßé",  # German
            "àâæçéèêëîïôœùûüÿ",  # French
            "áéíóúñüçàèòïªº",  # Spanish, Catalan
            "ãõáéíóúâêôçàü",  # Portuguese
            "àèéìíòóù",  # Italian
            "éèëïöüáóíê",  # Dutch
            "åäöéü",  # Swedish, Finnish
            "æøåéóòôä",  # Danish, Norwegian
            "áéíóúýðþæöø",  # Icelandic, Faroese
            "õäöüšž",  # Estonian
            "çğıöşüâîû",  # Turkish
            "çë",  # Albanian
            "ąćęłńóśźż",  # Polish
            "áčďéěíňóřšťúůýž",  # Czech
            "áäčďéíĺľňóôŕšťúýž",  # Slovak
            "áéíóöőúüű",  # Hungarian
            "ăâîşţ",  # Romanian,
            "ăâîșț",  # and as its academy writes it
            "čćđšž",  # Croatian, Slovene
            "ąčęėįšųūž",  # Lithuanian
            "āčēģīķļņšūž",  # Latvian
            "ċġħżàèìòù",  # Maltese
            "ĉĝĥĵŝŭ",  # Esperanto
            "âêîôûŵŷáéíóúàèìòùäëïöü",  # Welsh
            "áéíóúḃċḋḟġṁṗṡṫ",  # Irish
            "ăâđêôơưàáèéíóùú",  # Vietnamese
            "áâčđŋšŧžåäöøæï",  # Sami
        ),
    )
)
# The share is what these letters make up at least in a page of news.
_OTHERS = (
    _Alphabet(
        "оаиітсв", 0.4
    ),  # Russian, Ukrainian, Bulgarian, Serbian ...; KOI8 and windows-1251 swap them for rare ones
    _Alphabet("αοιετνη", 0.5),
    _Alphabet("יוהלתרב", 0.45),
    _Alphabet("اليمنرت", 0.5),
    _Alphabet("านรอกงเ่้", 0.45),
)
_CHINESE = _Alphabet(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所"
    "民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社"
    "义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提"
    "直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手期论运农指几九区强放决西被"
    "干做必战先回则任取据处队给色光门即保治北造百热领七海口东导器压志世金争济交受联什认六共权收证改美再更单风打白教速花带安场身车"
    "例真务具万每目至达走示议声报完类八离华名确才科张信马话米整空元况今集温传土许步群广石记需研界拉林律叫且究观越织装影低持音众书"
    "近周委技备半办省列习响约支般史感团往历市克何除府称太准值号率族维选标写存毛亲快效院查江眼王按格养易置派层片始却专状育厂京识适"
    "这們國會來說時對後過個為學發現經種產動還進點開關長問間見車東門電話業體總裡裏實當從與應樣將無線義變數結條麼處隊導聯號聲議報"
    "場員題軍團歷選親記設認論許計證讓車運達遠連邊區華萬園黨單師廣書來價億億優傳頭風飛馬魚點歲據戰戲擊擔給統維網線練買賣費資質輕輸",
    0.65,
    judged="h!",
)
_JAPANESE = _Alphabet(
    "あいうえおかがきぎくぐけげこごさざしじすずせそただちっつてでとどなにぬねのはばひびふぶへべほぼまみむめもやゃゆゅよょらりるれろわをん"
    "アイウエオカガキギクグケゲコゴサザシジスズセソタダチッツテデトドナニネノハバパヒビピフブプヘベペホボポマミムメモヤャュョラリルレロワンァィェォー"
    "日一国会人年大十二本中長出三同時政事自行社見月分議後前民生連五発間対上部東者党地合市業内相方四定今回新場金員九入選立開手米力学"
    "問高代明実円関決子動京全目表戦経通外最言氏現理調体化田当八六約主題下首意法不来作性的要用制治度務強気小七成期公野協取都和統以機"
    "平総加山思家話世受区領多県続進正安設保改数記院女初北午指権心界支第産結百派点教報済書府活原先共得解名交資予川向際査勝面委告軍文"
    "反元重近千考判認画海参売利組知案道信策集在件団別物側任引使求所次水半品昨論計死官増係感特情投示変打男基私各始島直両朝革価式確村",
    0.75,
    judged="hk!",
)
_KOREAN = _Alphabet(
    "이다는의에을가고하은지사기로한자도서아리나대어일인있해스시그라정수들보부제과원장전안상으주를했구게만것여오비공관우면동마무경진세유"
    "치적드선성조신와용년말없러미계모중소화개차국위생실내당문방려거간발음었였할된되산재단명바트금회연심분행통물감결터학요님민업법출남불"
    "월북식영호체양교크품반직니까네르며날하합입습열않때약점외많더새달강시",
    0.7,
    judged="h!",
)
# What a codec of many bytes is made for. Each could write Cyrillic, too, and each other's signs.
_MADE_FOR = {
    "gb18030": _CHINESE,
    "big5hkscs": _CHINESE,
    "cp932": _JAPANESE,
    "euc_jp": _JAPANESE,
    "iso2022_jp": _JAPANESE,
    "cp949": _KOREAN,
}
_CALM = 8  # letters that are taken to be as they should be, so that a word of rare ones proves little


_SCRIPTS = {
    "LATIN": "l",
    "CYRILLIC": "c",
    "GREEK": "g",
    "CJK": "h",
    "HANGUL": "h",
    "HALFWIDTH": "h",  # katakana that nobody writes; KOI8 read as Shift_JIS is full of it
    "HIRAGANA": "k",
    "KATAKANA": "k",
}
_SCRIPT = re.compile("|".join(_SCRIPTS))
_BETWEEN = "’‘ʼ–—‐‑·•…«»„“”\xad\u200b\u200c\u200d\u200e\u200f\ufeff"  # stand in and around words
_BOXES = "\u2500\u259f"  # the first and the last of the signs that frames are drawn with
_BEHIND = "°²³¹ªº™®©µ"  # stand behind words


class _Kinds(dict[int, str]):
    """Kinds of characters, for str.translate: small and capital letters of each alphabet, signs, what is no text."""

    def __missing__(self, point: int) -> str:
        kind = self[point] = _kind(chr(point))
        return kind


def _kind(char: str) -> str:
    category = unicodedata.category(char)
    if char in _BEHIND:
        return "s"
    if category[0] == "N" and not char.isascii():
        return "n"
    name = unicodedata.name(char, "")
    if category[0] in "LM" and not name.startswith("COMBINING"):
        script = _SCRIPT.match(name)
        letter = _SCRIPTS[script[0]] if script else "x"
        return letter.upper() if category == "Lu" else letter
    if char.isascii() or char in _BETWEEN or category[0] in "ZM":
        return " "
    return "!" if category[0] == "C" or char == "\ufffd" or _BOXES[0] <= char <= _BOXES[1] else "S"


_KINDS = _Kinds({ord(char): "A" if char.isupper() else "a" for char in ascii_letters})
_UNLIKELY = re.compile(
    "!"  # no text
    "|(?<=[alcg])[LCG]+|(?<=[lcg])A+"  # capitals behind a small letter; of ASCII only it is a brand's name
    "|(?<=[aAlL])[cCgGx]|(?<=[cCgGx])[aAlL]|(?<=[cC])[gGx]|(?<=[gG])[cCx]"  # two alphabets in one word
    "|(?<!h)h(?=a)|(?<=[aA])hh(?=[aA])"  # one or two Chinese signs in a Latin word
    "|(?<=lll)l"  # no language has four such letters in a row
    "|(?<=[aAlLcCgG])S|(?<=[aAlLcCgG])s(?=[aAlLcCgG])|(?<=[aAlLcCgGx])n"  # a sign in a word, or digits of Thai
    "|(?<=S)S"  # signs in a row
)
_SHOUTING = 0.3  # what a capital too many costs: headlines are written so, and so is KOI8 that is called windows-1251


def sense(text: str, codec: str) -> float:
    """Return how much the letters of a text look like language that people write in this codec: from about -2 to 1.

    1 for a text of ASCII, which says nothing against any codec.
    """
    kinds = text.translate(_KINDS)
    strange = len(_UNLIKELY.findall(kinds)) + kinds.count("!")  # what is no text is twice as strange
    alphabets = _alphabets(codec)
    judged = alphabets[0].judged
    counts = Counter(char for char in text.lower() if _KINDS[ord(char)] in judged)
    letters = counts.total()
    if not letters + strange:
        return 1.0
    usual = max(_usual(counts, letters, alphabet) for alphabet in alphabets)
    capitals, small = (sum(map(kinds.count, some)) for some in ("LCG", "lcg"))
    shouted = max(capitals - small, 0)
    plausible = (usual + _CALM - _SHOUTING * shouted) / (letters + _CALM)
    return plausible - 2 * strange / (letters + strange + 1)


def _usual(counts: Counter[str], letters: int, alphabet: _Alphabet) -> float:
    """Return how many letters an alphabet explains: all of them where the usual ones are as many as they should be."""
    found = sum(counts[letter] for letter in set(alphabet.letters))
    return min(letters, found / alphabet.share)


@cache
def _alphabets(codec: str) -> tuple[_Alphabet, ...]:
    """Return what may be written in a codec."""
    if codec in _MADE_FOR:
        return (_MADE_FOR[codec],)
    return tuple(one for one in (*_OTHERS, *_LATIN) if _can_write(codec, one.letters)) or _LATIN


def _can_write(codec: str, letters: str) -> bool:
    return len(letters.encode(codec, "ignore")) >= len(letters) - 1
