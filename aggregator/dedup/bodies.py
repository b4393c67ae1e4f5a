"""Official bodies: the nouns that head their names, and how far a name reaches.

In:    the words of a sentence, and where a name may begin.
Out:   where it ends; whether it names one body or only a kind («полиция»); its nominative.
Never: tells whether the body is cited.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from aggregator.dedup.citing import lexicon
from aggregator.dedup.names import is_nobody, outlet_of, stem, stems
from aggregator.text import fold

# Names by themselves, one word each.
ALONE = """
    МИД МВД МЧС ФСБ ФСО СВР ГРУ ФСИН УФСИН ФССП УФССП ФНС УФНС ФАС УФАС ФТС ФМС ФМБА ЦИК ЦБ СК СКР СУ ГУ УМВД ГУВД УВД
    ГИБДД ГАИ ГИМС ЦОДД ГСУ ОМВД ЛНР ДНР ТФОМС ПФР ФАР АСВ ФОМС
    МЗС МВС ДСНС ГСЧС СБУ ДБР ГБР НАБУ САП НАЗК НБУ НКРЕКП ЦВК ОВА ОДА ОГА КМВА КГГА КМДА ЗСУ ВСУ ГУР СНБО РНБО ГПУ ОГП
    ДПСУ ДФС ГФС ГНС ДПС МОН МОЗ ГСА ДМС АМКУ НСЗУ ЦПД УГМЦ УЗЭ ООС ОТУ ФГИ ФДМУ НАПК САР БЭБ БЕБ УкрГМЦ
    ООН ВОЗ ВООЗ МВФ МАГАТЭ МАГАТЕ ОБСЕ ОБСЄ НАТО ЕС ЄС ОЗХО ЮНЕСКО ЮНИСЕФ ЮНІСЕФ ПАСЕ ЕЦБ ОПЕК ФБР ЦРУ АНБ НАСА ФРС ФИФА
    УЕФА МОК ВАДА РУСАДА ОДКБ ПАРЄ ОЭСР ОЕСР НАТО
    Минздрав Минтранс Минфин Минобороны Минобр Минобрнауки Минпросвещения Минкульт Минкультуры Минтруд Минэнерго
    Минэкономразвития Минэкономики Минюст Минспорт Минприроды Минстрой Минсельхоз Минпромторг Минцифры Минкомсвязь
    Минвостокразвития Минкавказ Минобразования Минсоцразвития Минпром Минимущества Минлесхоз Минздравсоцразвития
    Мінздоров'я Мінінфраструктури Мінфін Міноборони Мінкультури Міненерго Мінекономіки Мін'юст Мінсоцполітики
    Мінреінтеграції Мінцифри Мінрегіон Мінприроди Мінагрополітики Мінмолодьспорту Мінветеранів Мінстратегпром Мінекології
    Мінінфраструктура Мининфраструктуры Минсоцполитики Минреинтеграции Минрегион Минагрополитики Минэкологии
    Росстат Росреестр Роскомнадзор Росгвардия Роспотребнадзор Россельхознадзор Росздравнадзор Ростехнадзор Росавиация
    Росгидромет Рособрнадзор Росалкогольрегулирование Росфинмониторинг Роспатент Росархив Рослесхоз Росрыболовство
    Роструд Росавтодор Росприроднадзор Росимущество Роскачество Роскосмос Ространснадзор Россотрудничество
    Мосгорсуд Мосгордума Мосгорстат Мосприрода Гидрометцентр Гідрометцентр Укргідрометцентр Укргидрометцентр
    Держстат Держприкордонслужба Держспецзв'язок Держспоживслужба Держпродспоживслужба Держгеокадастр Держпраці
    Держекоінспекція Держаудитслужба Держлісагентство Держводагентство Держенергонагляд Держмитслужба Держкіно
    Госстат Госпогранслужба Госспецсвязь Госгеокадастр Госпродпотребслужба Госдума Госдеп Госдепартамент Госкомстат
    Нацполиция Нацполіція Нацгвардия Нацгвардія Нацбанк Нацсовет Нацрада Нацкомиссия Нацстандарт Центробанк Центризбирком
    Генпрокуратура Генштаб Генсекретариат Генконсульство Облпрокуратура Киберполиция Кіберполіція Еврокомиссия Єврокомісія
    Европарламент Європарламент Евростат Євростат Европол Європол Интерпол Інтерпол Кремль Пентагон Бундесбанк
    Еврокомісія Пограничкомитет Горгаз Ростуризм Роспечать Росмолодежь Белгидромет Белстат Госкомвоенпром Спорткомитет
    Следком Совбез Совбез Совфед  Белорусстат Облгосадминистрация
"""
# Nouns that are a name together with more: «прокуратура Коми», «Офіс генпрокурора». In the nominative.
HEADS = """
    пресс-служба пресс-центр пресслужба пресцентр прес-служба прес-центр прессцентр
    министерство міністерство департамент управление управління комитет комітет прокуратура полиция поліція мэрия мерія
    администрация адміністрація правительство уряд кабмин кабмін служба инспекция інспекція суд посольство консульство
    офис офіс комиссия комісія агентство агенція ведомство відомство главк горсовет міськрада облсовет облрада горадминистрация
    сельсовет миграционная-служба таможня митниця митрополия гарнизон округ флот штаб командование командування войска
    силы сили войско військо гвардия гвардія нацгвардия парламент дума рада совет совбез банк фонд институт інститут центр
    метрополитен главное-управление главное-управління отдел відділ отделение відділення военкомат горздрав облздрав
    следком сектор федерация федерація організація организация союз институт метеослужба гидрометцентр минздрав минтранс
    мвд умвд гу уфсин мид мчс дснс минсельхоз минспорт минкульт минстрой минобр минтруд минобразования минэнерго
    минэкономразвития госавтоинспекция госжилинспекция роспотребнадзор росгвардия росреестр обсерватория бюро
    вещатель мовник разведка розвідка спецслужба метеоцентр телерадиокомпания телерадіокомпанія секретариат секретаріат канцелярия канцелярія патруль миссия місія представительство представництво рэу коллегия
    горпрокуратура облпрокуратура спорткомитет казначейство палата статистика обладминистрация военная-прокуратура угибдд
"""
PLURAL = frozenset("войска силы сили".split())
# What makes a name of a common noun without a place: «Национальная полиция», «Верховний суд».
_PROPER_STEMS = frozenset(
    """национальн верховн государственн федеральн державн центральн следственн конституционн антимонопольн арбитражн
    конституцийн антикоррупционн антикорупцийн генеральн избирательн центральн виборч европейськ европейск воздушн
    повитрян слидч вищ мировой всемирн всесвитн международн мижнародн военно-морск""".split()
)
# Endings of places that are no place: «городская», «військовий».
_COMMON_ADJECTIVES = re.compile(
    "^(\\w*ическ|городск|миськ|сельск|сильськ|морск|морськ|гражданск|цивильн|медицинск|республиканск|детск|университетск|"
    "вийськ|областн|мест|шведск-|людск|адвокатск|судейск|тренерск|научно-|хозяйск|родительск|техническ|"
    "хоккейн|футбольн|человеческ|политическ|экономическ|историческ|академическ|оперативн)"
)
# Between the parts of a name, besides genitives and capitals.
_LINKS = frozenset("по з із зі с со в у и і та й на".split())
_TOPICS = frozenset("управлению управлінню питань вопросам справах делам делу делах борьбе боротьби противодействию надзору контролю охране".split())
STOP_BEFORE = frozenset(  # adjectives by their form that belong to no name
    """этой этого этот эта эти своей своего своем свой своих своим этому этом другой другого других самой самого такой той
    который которая которое которые которого которой которую которых которым одной одного данной данного каждой
    нашей нашего наша наш вашей вашего той цієї цього цій ця цей своєї своєму інший іншої інших якої якого який яка яких
    тієї того той такої такого такий одної нашої нашого вчорашній очередной нынешней первой второй самое само первый
    второй первым вторым другие иной иных иного иной какой какого последней последнего прежней новой нового новом
    новый новая старой старого молодой молодых простой многие многих многим некоторые некоторых местной местного
    местные местный местному местная місцевої місцевий місцева""".split()
)
_ADJECTIVE = re.compile(
    r"[^\W\d_]{2,}(?:ый|ий|ой|ая|яя|ое|ее|ые|ие|ого|его|ому|ему|ым|им|ую|юю|ых|их|ыми|ими|ою|ій|ої|ьої|[нк]ом|[нщ]ем|[нк]ім|"
    r"(?:ськ|цьк|зьк|н|ов)(?:а|у|і|е))$"
)
_NOUN = re.compile(r"\w+[аея]ние")  # «управление», though it ends as an adjective does
_PLACE_ADJECTIVE = re.compile(r"(?:ск|цк|ськ|цьк|зьк)(?:\w{1,3})$")
# Of an adjective that is not the subject, so never a first name («Дмитрий»).
_OBLIQUE = re.compile(r"[^\W\d_]{2,}(?:[ое]го|[ое]му|ой|[ыи]х|[ыи]ми|ої|[сцз]ькій|ній)")
_SOVEREIGN = re.compile(
    r"(?:росси|украин|україн|беларус|білорус|сша|рф|ес|єс|польш|польщ|герман|німеччин|франци|франці|китая|китаю|турци|"
    r"туреччин|израил|ізраїл|казахстан|молдав|грузи|грузі|латви|литв|эстони|великобритани|британи|итали|италі|япони|"
    r"республик|республік|кнр|днр|лнр|крым|криму|киев|києв|москв|санкт|петербург|одесс|одес|харьков|харков|львов|львів)"
)
_TIMES = frozenset(
    """утром вечером днем ночью сегодня вчера январь января февраля марта апреля мая июня июля августа сентября октября
    ноября декабря понедельник вторник среду четверг пятницу субботу воскресенье вранці ввечері вдень вночі сьогодні
    учора вчора січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня понеділок
    вівторок середу четвер п'ятницю суботу неділю ранее раніше также також передает передає ему им ей них его ним
    нее ней них ней её після после около близько ході ходе году году року""".split()
)
MOST_WORDS = 12  # of a name

# English: the words that end the name of a body, or stand before "of", "for" and "on".
ENGLISH_HEADS = frozenset(
    """ministry department office police service agency bureau commission force guard organization organisation council
    committee authority administration survey constabulary sheriff prosecutor prosecutors 
    embassy consulate navy army treasury pentagon kremlin nato nasa fbi cia nhs un eu imf who fda cdc epa sec doj
    statistics patrol staff forces intelligence tribunal assembly cabinet coastguard government reserve directorate registry board inspectorate watchdog ombudsman census centers centres
    secretariat brigade governorate""".split()
)
# Of these one word is a name; of the others two are.
ENGLISH_ALONE = frozenset(
    """pentagon kremlin nato nasa fbi cia imf fda epa unicef unesco opec interpol europol eurostat iaea osce usgs noaa
    fema doj efcc faa ntsb nypd lapd tsa nhs un centcom opcw unhcr eu cdc ons ofcom ofgem ofsted treasury sbu fsb nabu ecb wto""".split()
)
# Names of which no word tells what they are.
ENGLISH_NAMES = frozenset(
    """white house|downing street|scotland yard|buckingham palace|kensington palace|red cross|police scotland|met office
    world bank|united nations|public health england|homeland security|european union|general staff|capitol police
    elysee palace|capitol hill|foggy bottom""".replace("\n", "|").replace("    ", "").split("|")
)
ENGLISH_BANKS = frozenset("national central european reserve world federal".split())
ENGLISH_OUTLET_HEADS = frozenset(
    """times post news journal herald tribune telegraph gazette chronicle observer mail standard star mirror globe
    examiner inquirer enquirer courier register bulletin dispatch sentinel advertiser echo argus citizen press radio tv
    television broadcasting weekly magazine insider monitor review reporter leader today daily express nation record
    world independent ledger democrat republican beacon tribune mercury sun guardian pravda novosti zeitung
    zeit allgemeine media wire newswire broadcast publishing network advocate spectator digest pioneer
    punch vanguard argus age""".split()
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text."""

    text: str
    folded: str
    start: int
    end: int

    @property
    def capital(self) -> bool:
        return self.text[:1].isupper()


@dataclass(frozen=True, slots=True)
class Body:
    """The name of a body, or of a kind of bodies."""

    words: int  # how many it takes
    title: str
    named: bool


def is_adjective(folded: str) -> bool:
    """Tell whether a Russian or Ukrainian word looks like an adjective."""
    return bool(_ADJECTIVE.fullmatch(folded)) and not _NOUN.fullmatch(folded) and folded not in STOP_BEFORE and not lexicon().class_of(folded)


# Whose press service speaks for a company, not for the state.
COMPANIES = frozenset("ооо пао ао оао зао ано нко муп гуп ип фк хк бк пфк тов пат ат прат кп фоп компании компанії клуба клубу".split())


def body_at(words: Sequence[Word], *, opens: bool) -> Body | None:
    """Return the Cyrillic name of a body that begins with the first of these words.

    words: of one clause, without a mark between them. opens: whether the first one begins a sentence, so that its
    capital says nothing.
    """
    head = 0
    while head < min(len(words), 5) and is_adjective(words[head].folded) and not _head(words[head]):
        head += 1
    if head == len(words) or not (noun := _head(words[head])):
        return None
    if words[head].folded in ("офис", "офіс", "дума", "рада", "совет", "центр", "союз", "фонд", "банк") and (
        not words[head].capital and not head
    ):
        return None
    end = head + 1 + _complement(words[head + 1 : MOST_WORDS], common=not _is_alone(words[head]))
    if any(word.folded in COMPANIES for word in words[:end]):
        return Body(words=end, title="", named=False)
    named = _names(words[:end], head, opens=opens)
    return Body(words=end, title=_title(words[:end], head, noun), named=named)


def _head(word: Word) -> str | None:
    """Return the nominative of the head of a name."""
    part = stem(word.text)
    ukrainian = bool(_UKRAINIAN.search(word.folded))
    alone = _spelled(_alone(), part, ukrainian=ukrainian)
    if alone and (word.text[1:2].isupper() or not alone[1:2].isupper()):  # «минстрой» is one without a capital, too
        return alone
    return _spelled(_heads(), part, ukrainian=ukrainian) or (word.folded if _COMPOUND.search(part) else None)


def _spelled(table: Mapping[tuple[str, bool], str], part: str, *, ukrainian: bool) -> str | None:
    return table.get((part, ukrainian), table.get((part, False)))


def _is_head(word: Word) -> bool:
    return (stem(word.text), False) in _heads()


def _is_alone(word: Word) -> bool:
    alone = _alone().get((stem(word.text), False))
    return alone is not None and (word.text[1:2].isupper() or not alone[1:2].isupper())


def _names(words: Sequence[Word], head: int, *, opens: bool) -> bool:
    """Whether these words name one body: by a name, a place or a word that only one has."""
    if any(map(_is_alone, words)) or any(word.capital for word in words[1:]) or (words[0].capital and not opens):
        return True
    for word in words[:head]:
        part = stem(word.text)
        if word.capital and part in _PROPER_STEMS:
            return True
        if _PLACE_ADJECTIVE.search(word.folded) and not _COMMON_ADJECTIVES.match(part):
            return True
    return False


def _complement(words: Sequence[Word], *, common: bool) -> int:
    """Return how many words behind the head still belong to the name. common: the head is a noun like others."""
    taken = int(common and bool(words) and _is_genitive(words[0]))
    while taken < len(words):
        step = _step(words[taken:], common=common and not (taken and words[taken - 1].capital))
        if not step:
            break
        taken += step
    return taken


def _step(words: Sequence[Word], *, common: bool = False) -> int:
    """Return how many words the name goes on for: a genitive, a place, «по Омской области»; 0 where it ends."""
    word = words[0]
    if word.folded in _LINKS:
        return _linked(words)
    if word.folded in _TIMES or not _CYRILLIC.match(word.text):
        return 0
    if _OBLIQUE.fullmatch(word.folded) and word.folded not in STOP_BEFORE:
        return _described(words, common=common)
    if word.capital:
        return _capitals(words)
    fits = _is_head(word) or word.folded in _TERRITORIES or _in_genitive(word.folded) or (common and _is_genitive(word))
    return int(fits)


def _described(words: Sequence[Word], *, common: bool) -> int:
    """Return how many words an adjective brings: itself and its noun, which no verb or preposition can be."""
    if len(words) == 1:
        return int(words[0].capital)
    noun = words[1]
    if _OBLIQUE.fullmatch(noun.folded):
        more = _described(words[1:], common=common)
        return 1 + more if more else 0
    plain = _CYRILLIC.match(noun.text) and noun.folded not in _TIMES and not lexicon().class_of(noun.folded)
    return 2 if plain and (words[0].capital or noun.capital or _step(words[1:], common=common)) else int(words[0].capital)


def _linked(words: Sequence[Word]) -> int:
    """Return how many words a preposition brings into the name: with a place or a field behind it."""
    if len(words) == 1 or words[1].folded in _TIMES or is_nobody(stems(words[1].text)) or not _CYRILLIC.match(words[1].text):
        return 0
    link, after = words[0].folded, words[1]
    if after.folded in _TOPICS:
        return 2
    if link in ("и", "і", "та", "й"):
        return 2 if _in_genitive(after.folded) or after.text.isupper() else 0
    if link in ("с", "со", "на"):
        return 0
    if after.capital and not _is_alone(after) and not _is_head(after):
        return 1 + _step(words[1:])
    if after.folded in _TERRITORIES and link == "по":
        return 2
    return 0


def _capitals(words: Sequence[Word]) -> int:
    """Return how many capitalised words still are the name: two more that no adjective begins are a person."""
    run = 0
    while run < len(words) and words[run].capital and run < 4:  # noqa: PLR2004  no name has more
        run += 1
    first = words[0].folded
    if _SOVEREIGN.match(first) or _is_alone(words[0]):
        return 1
    if outlet_of(stems(words[0].text)):
        return 0
    return {1: 1, 3: 1}.get(run, 0)


_CYRILLIC = re.compile("[Ѐ-ӿ]")
_UKRAINIAN = re.compile("[іїєґ]|[сцз]ьк")
_TERRITORIES = frozenset(
    """области краю края районе району района области обл республике республики городу города округу округа столице
    столицы області краї районі району міста місту республіки столиці регіону региону регионе громади""".split()
)
_GENITIVE = re.compile("[^\\W\\d_]{4,}[иыаяйіївую]")
_COMMON_GENITIVES = frozenset(
    """безопасности безпеки статистики транспорта транспорту здравоохранения образования культуры обороны оборони финансов
    фінансів юстиции юстиції дел справ корупции коррупции корупції запобігання энергетики енергетики экономики економіки
    торговли торгівлі спорта спорту природы развития розвитку хозяйства господарства полиции поліції прокуратуры
    прокуратури генпрокурора генерального прокурора президента министров міністрів депутатов рады ради совета думы
    правительства уряду мэрии мерії губернатора мэра мера судов судів суда суду статистики доходов доходів налогов
    приставов исполнения наказаний ситуаций ситуацій связи зв'язку коммуникаций комунікації комунікацій информации
    інформації политики політики порядка порядку движения руху расследований розслідувань войск військ сил флота флоту
    округа гвардии гвардії штаба штабу границы кордону миграции міграції защиты захисту прав людини человека труда праці
    науки освіти медицины медицини охраны охорони окружающей среды середовища имущества майна строительства
    будівництва инфраструктуры інфраструктури ветеранов ветеранів метрополитена метрополітену аэропорта аеропорту
    водоканала водоканалу университета університету больницы лікарні таможни митниці службы служби управления
    управління департамента департаменту министерства міністерства ведомства відомства комитета комітету агентства
    инспекции інспекції администрации адміністрації следствия слідства закупок закупівель печати масс медиа медіа
    мониторинга моніторингу пропаганды пропаганди надзора нагляду рынка ринку труда занятости зайнятості""".split()
)


def _is_genitive(word: Word) -> bool:
    """Whether a small word that means nothing else may be what a kind of body is for: «отдел коммуникации»."""
    plain = not word.capital and not lexicon().class_of(word.folded) and word.folded not in _TIMES | _LINKS
    return plain and bool(_GENITIVE.fullmatch(word.folded)) and not is_adjective(word.folded)


def _in_genitive(folded: str) -> bool:
    return folded in _COMMON_GENITIVES


def _title(words: Sequence[Word], head: int, noun: str) -> str:
    """Return the name with its head and the adjectives before it in the nominative; the rest does not change."""
    if words[head].folded == fold(noun):
        return " ".join(word.text for word in words)
    nominative = words[head].text[:1] + noun[1:] if noun.islower() else noun
    ukrainian = any(_UKRAINIAN.search(word.folded) for word in words)
    before = [_agreeing(word.text, noun, ukrainian=ukrainian) for word in words[:head]]
    return " ".join([*before, nominative, *(word.text for word in words[head + 1 :])])


_COMPOUND = re.compile("(?:управлен|управлин|прокуратур|инспекц|администрац|комитет|департамент)(?:и|н)?$")
_TAIL = re.compile(r"(?:ого|его|ому|ему|ыми|ими|ым|им|ой|ый|ий|ій|ої|ою|ая|яя|ое|ее|ые|ие|ую|юю|ых|их|ом|ем|а|у|і|е)$")


def _agreeing(adjective: str, noun: str, *, ukrainian: bool) -> str:
    bare = _TAIL.sub("", adjective)
    soft = bare[-1:] in tuple("гкхжчшщ")
    if fold(noun) in PLURAL:
        ending = "і" if ukrainian else "ие" if soft else "ые"
    elif noun[-1:] in ("а", "я"):
        ending = "а" if ukrainian else "ая"
    elif noun[-1:] in ("о", "е"):
        ending = "е" if ukrainian else "ое"
    else:
        ending = "ий" if ukrainian or soft else "ый"
    return bare + ending


@cache
def _alone() -> Mapping[tuple[str, bool], str]:
    return _by_stem(ALONE)


@cache
def _heads() -> Mapping[tuple[str, bool], str]:
    return _by_stem(HEADS)


def _by_stem(names: str) -> Mapping[tuple[str, bool], str]:
    """Return names by stem, and whether they are spelled in Ukrainian only; the first also answers for both."""
    table: dict[tuple[str, bool], str] = {}
    for name in names.split():
        table.setdefault((stem(name), bool(_UKRAINIAN.search(name))), name)
        table.setdefault((stem(name), False), name)
    return table
