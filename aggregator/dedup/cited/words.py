"""The words of citing in Russian, Ukrainian and English, by what they do in a sentence.

In:    nothing; the tables are data.
Out:   for a folded word, or several, the letter of its class; of which letters the patterns of `credit` are made.
Never: decides who is cited.

In a table `сообщил~` stands for all genders and the plural of a past tense, `газет*` for all forms of a noun or an
adjective, and a phrase is written with underscores.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from aggregator.dedup.cited.names import cut, stem

# The letter of each class, as it stands in a pattern. What has none of them is "w", or "N" with a capital.
CLASSES = {
    "passes": "v",  # what media do: he writes, passes on, quotes
    "says": "s",  # one speaks, present tense
    "said": "p",  # one spoke
    "they": "m",  # several speak or spoke, which in Slavic languages also means nobody in particular
    "stated": "i",  # is said, stands, was published: behind it the place
    "english": "E",  # any of these in English, where the one who speaks may hardly follow the verb
    "prints": "R",  # as "passes", in English
    "told": "t",  # to whom it is said follows at once (English)
    "citing": "L",
    "data": "D",  # according to, figures of
    "words": "W",  # in the words of: a person, unless an official body or the source of an outlet follows
    "interview": "I",
    "learned": "Z",  # as became known to
    "by": "A",  # quoted by: only of media
    "given": "G",  # reported by: of bodies, too
    "shows": "F",  # the data of
    "denies": "q",  # a report of
    "source": "S",
    "journalists": "J",
    "speaker": "H",  # who speaks for a body
    "kind": "K",  # makes an outlet of the name behind it
    "place": "h",  # where it was said: site, post, report
    "when": "d",
    "in": "e",
    "on": "n",
    "of": "o",  # other prepositions
    "to": "u",
    "and": "&",
    "joins": "c",  # begins a clause
    "adjective": "a",
    "not": "x",
    "contrary": "y",
    "own": "z",  # its, our
    "role": "r",  # a person of the name behind it
    "photo": "g",  # a credit for a picture
    "advert": "b",  # the sentence wants the reader to do something
}

RUSSIAN = """
passes: пишет пишут цитирует цитируют ссылается ссылаются слова_приводит слова_приводят приводит_слова приводят_слова
    приводит приводят передает передают процитировал~ сослался~ написал~ написали опубликовал~ передал~ обнародовал~
    перепечатал~ распространил~ комментирует комментируют транслирует
says: сообщает отмечает уточняет утверждает информирует подтверждает рассказывает поясняет добавляет подчеркивает
    предупреждает заявляет напоминает указывает говорит прогнозирует выяснил~ узнал~ установил~ считает докладывает
    полагает оценивает объясняет замечает констатирует обещает анонсирует призывает заверяет
they: сообщают отмечают уточняют утверждают информируют подтверждают рассказывают поясняют добавляют подчеркивают
    предупреждают заявляют напоминают указывают говорят прогнозируют докладывают заверяют полагают считают объясняют
    замечают констатируют обещают анонсируют призывают ожидают
said: сообщил~ заявил~ рассказал~ уточнил~ отметил~ добавил~ подтвердил~ подчеркнул~ предупредил~ пояснил~ указал~
    проинформировал~ напомнил~ объяснил~ заверил~ сказал~ поведал~ выяснил~ узнал~ раскрыл~ утверждал~ сообщал~ писал~
    передавал~ отмечал~ уточнял~ информировал~ ответил~ поделился~ прокомментировал~ доложил~ констатировал~
    отчитался~ отчитались заметил~ подсчитал~ посчитал~ спрогнозировал~ пообещал~ анонсировал~ акцентировал~
    зафиксировал~ предостерег предостерегла предостерегли оповестил~ рассказывал~ подтверждал~ ознакомился~
    ознакомились изучил~ оценил~ убедил~ обратил_внимание обратили_внимание обратила_внимание
stated: сообщается говорится сказано указано указывается отмечается опубликовано опубликована опубликован опубликованы
    размещено размещена размещены уточняется подчеркивается утверждается сообщалось говорилось отмечалось обнародовано
    появилось следует_из вытекает_из прозвучало
citing: со_ссылкой_на с_ссылкой_на ссылаясь_на сославшись_на ссылаются_на ссылается_на
data: из_материала из_статьи из_публикации из_сообщения из_отчета из_доклада из_ответа по_данным по_информации
    по_сведениям по_сообщению по_сообщениям по_оценке по_оценкам по_утверждению по_подсчетам по_прогнозу по_прогнозам
    согласно_данным согласно_информации согласно_сообщению согласно_сведениям согласно_прогнозу согласно_статистике
    согласно_отчету согласно_публикации следует_из_данных следует_из_сообщения следует_из_отчета следует_из_материалов
    следует_из_доклада следует_из_ответа следует_из_публикации следует_из_статистики свидетельствуют_данные
    исходя_из_данных судя_по_данным судя_по_сообщению опираясь_на_данные на_основании_данных в_статье в_расследовании
    в_колонке по_просьбе по_запросу в_ответ_на_запрос на_запрос на_вопрос есть_у имеется_у оказалась_у оказался_у
    в_материале в_публикации по_материалам в_распоряжении в_распоряжение согласно показали_данные
words: по_словам со_слов словам
interview: в_интервью интервью_с в_беседе_с в_разговоре_с в_комментарии в_эфире интервью_для комментируя_для
    для_интервью в_комментариях беседуя_с поговорил_с поговорила_с поговорили_с побеседовал_с побеседовала_с
    пообщался_с пообщалась_с комментарий_для комментарии_для рассказал_для рассказала_для в_подкасте разговоре_с
    беседе_с
learned: стало_известно стали_известны
source: источник* собеседник*
journalists: журналист* корреспондент* репортер* редакци* корр
speaker: официальный_представитель официального_представителя официальным_представителем пресс-секретарь
    пресс-секретаря пресс-секретарем представитель представителя представителем
kind: издание изданию издания изданием изданий газет* журнал* агентство агентства агентству агентством агентстве
    информагентств* телеканал* радиостанци* радио портал* интернет-издание интернет-издания интернет-изданию
    интернет-газет* интернет-портал* еженедельник* телеграм-канал* telegram-канал* телекомпани* ресурс* новостной_сайт
    иа риа ан гтрк таблоид* интернет-ресурс* медиапроект* интернет-проект* паблик* дзен-канал* сетевое_издание
    медиагрупп* телепрограмм* медиахолдинг*
place: сайт* страниц* канал* эфир* сообщени* отчет* пресс-релиз* релиз* заявлени* блог* микроблог* бюллетен* доклад*
    данны* пост портале материал* аккаунт* сообществ* мессенджер* сводк* прогноз* обзор* исследовани* справк*
    комментари* статистик* публикаци* ответ* письм* передач* программ* выпуск*
when: сегодня вчера накануне ранее позже утром вечером днем ночью также тоже уже еще недавно затем впоследствии
    понедельник вторник сред* четверг пятниц* суббот* воскресенье января февраля марта апреля мая июня июля августа
    сентября октября ноября декабря об_этом это этом эту года году в_свою_очередь официально эксклюзивно теперь
    неоднократно подробно регулярно впервые числа
in: в во
on: на
of: о об обо про из от для к ко с со по за под над при без до через после перед между против из-за
and: и
joins: а но что как чтобы если когда где пока хотя поскольку так который которая которое которые которого которой
    которую которых которым которому зато однако
not: не ни ли вряд отказался~ отказались
contrary: вопреки несмотря в_отличие_от
denies: опроверг опровергла опровергло опровергли опровергает опровергают отрицает отрицают
shows: показывают свидетельствуют показали показал показала показывает свидетельствует
own: свой своего своей своему своих своим своими свою свое свои наш нашего нашей нашему нашим наше наша наших нашу
    убыток убытки прибыль прибыли выручку собственного собственной главного_редактора главному_редактору редактора
role: глава главы главе главу директор* гендиректор* руководител* начальник* заместител* зам замглавы министр*
    главред* редактор* главный_редактор ведущ* ведущий сотрудник* сотрудниц* председател* секретар* депутат* советник*
    эксперт* аналитик* обозревател* колумнист* владел* основател* президент* губернатор* прокурор* инспектор*
    специалист* подписчик* читател* зрител* пользовател* адвокат* юрист* телеведущ* работник* гост* акционер*
photo: фото иллюстрация фотография видео скриншот снимок изображение коллаж
advert: подписывайтесь подпишитесь читайте смотрите следите присоединяйтесь вступайте слушайте переходите подписаться
    узнавайте скачайте добавьте
"""

UKRAINIAN = """
passes: пише пишуть цитує цитують посилається посилаються слова_наводить слова_наводять наводить_слова наводить
    наводять передає передають процитував~ послався~ написав~ опублікував~ передав~ оприлюднив~ поширив~ поширює
    поширюють коментує коментують
says: повідомляє зазначає уточнює стверджує інформує підтверджує розповідає пояснює додає підкреслює попереджає
    заявляє нагадує вказує каже говорить прогнозує наголошує констатує оцінює вважає зауважує твердить застерігає
    обіцяє анонсує закликає запевняє
they: повідомляють зазначають уточнюють стверджують інформують підтверджують розповідають пояснюють додають
    підкреслюють попереджають заявляють нагадують вказують кажуть прогнозують наголошують запевняють вважають
    зауважують твердять застерігають обіцяють анонсують закликають очікують констатують
said: повідомив~ заявив~ розповів~ розповіла розповіли розповіло уточнив~ зазначив~ додав~ підтвердив~ підкреслив~
    попередив~ пояснив~ вказав~ поінформував~ проінформував~ нагадав~ наголосив~ запевнив~ сказав~ дізнався~ дізналися
    з'ясував~ встановив~ стверджував~ повідомляв~ писав~ передавав~ зазначав~ відповів~ відповіла відповіли
    прокоментував~ звітував~ прозвітував~ зауважив~ розказав~ ствердив~ розкрив~ застеріг застерегла застерегли
    підрахував~ спрогнозував~ пообіцяв~ анонсував~ акцентував~ зафіксував~ довідався~ довідалися інформував~
    поділився~ поділилися констатував~ ознайомився~ ознайомилися вивчив~ поскаржився~ розповідав~ розповідала
    розповідали звернув_увагу звернули_увагу звернула_увагу попереджав~
stated: повідомляється йдеться мовиться сказано вказано зазначається зазначено опубліковано опублікована опублікований
    оприлюднено оприлюднена оприлюднений розміщено уточнюється наголошується стверджується повідомлялося випливає_з
    з'явилося говориться сповіщається наведено підтверджено
citing: з_посиланням_на із_посиланням_на зі_посиланням_на посилаючись_на пославшись_на посилаються_на посилається_на
data: з_матеріалу зі_статті з_публікації з_повідомлення зі_звіту з_доповіді з_відповіді за_даними за_інформацією
    за_відомостями за_повідомленням за_повідомленнями за_оцінкою за_оцінками за_твердженням за_підрахунками
    за_прогнозом за_прогнозами згідно_з_даними згідно_з_інформацією згідно_з_повідомленням згідно_з_прогнозом
    згідно_зі_звітом згідно_даних згідно_із_даними відповідно_до_даних випливає_з_даних випливає_з_повідомлення
    випливає_зі_звіту свідчать_дані у_розпорядженні в_розпорядженні за_матеріалами у_статті в_статті у_розслідуванні
    в_розслідуванні випливає_з_матеріалів випливає_з_відповіді випливає_з_доповіді згідно_зі_зведенням
    відповідно_до_інформації судячи_з_даних на_підставі_даних у_відповідь_на_запит на_запит на_запитання є_у
    згідно_зі_статистикою за_зведенням згідно_з у_матеріалі у_публікації в_матеріалі показали_дані
words: за_словами зі_слів
interview: в_інтерв'ю у_інтерв'ю інтерв'ю_з у_розмові_з в_розмові_з у_розмові_із у_коментарі в_коментарі в_ефірі
    у_ефірі у_бесіді_з в_бесіді_з інтерв'ю_для розмові_з коментар_для у_коментарях поговорив_з поговорила_з
    поспілкувався_з поспілкувалася_з поспілкувалися_з у_подкасті
learned: стало_відомо стали_відомі
source: джерел* співрозмовник* співбесідник*
journalists: журналіст* журналістк* кореспондент* репортер* редакці*
speaker: речник речниця речника речницю речницею речником пресс-секретар прессекретар прессекретарка прес-секретар
    пресекретар представник представниця офіційний_представник
kind: видання виданню виданням газет* журнал* агенція агенції агенцію агенцією агентство агентству агентства
    інформагентств* інформагенці* телеканал* радіостанці* радіо портал* інтернет-видання інтернет-газет*
    інтернет-портал* тижневик* телеграм-канал* telegram-канал* телекомпані* ресурс* іа таблоїд* часопис* щотижневик*
    медіапроєкт* медіапроект* паблік* інтернет-ресурс* сайті_новин
place: сайт* сторінк* сторінц* канал* ефір* повідомленн* звіт* пресреліз* прес-реліз* заяв* блог* допис* доповід*
    даних дані пост матеріал* акаунт* спільнот* месенджер* публікаці* відповід* портал* релізі програм* зведенн*
    прогноз* огляд* дослідженн* довідк* коментар* статистик*
when: сьогодні вчора напередодні раніше пізніше вранці ввечері вдень вночі також теж вже уже ще нещодавно згодом потім
    понеділок вівторок серед* четвер п'ятниц* субот* неділ* січня лютого березня квітня травня червня липня серпня
    вересня жовтня листопада грудня про_це цьому року офіційно ексклюзивно тепер неодноразово вперше
in: в у
on: на
of: о про із з зі від для до за під над при без через після перед між проти щодо біля по
and: і й та
joins: а але що як щоб якщо коли де поки хоча оскільки так який яка яке які якого якої яку яких яким якому проте
not: не ні чи навряд відмовився~ відмовилися
contrary: всупереч усупереч попри незважаючи на_відміну_від
denies: спростував спростувала спростували спростувало спростовує спростовують заперечує заперечують заперечив
    заперечили
shows: показують свідчать показали показав показує свідчить засвідчили
own: свій свого своєї своєму своїх своїм своїми свою своє свої наш нашого нашої нашому нашій нашим наше наша наших
    нашу збиток збитки прибуток прибутки виручку власного головного_редактора редактора
role: голова голови очільник* директор* гендиректор* керівник* начальник* заступник* міністр* головред* редактор*
    ведуч* співробітник* працівник* секретар* депутат* радник* експерт* аналітик* оглядач* власник* засновник*
    президент* губернатор* прокурор* інспектор* спеціаліст* підписник* читач* глядач* адвокат* гість* акціонер*
photo: фото ілюстрація світлина відео скріншот скрин знімок зображення колаж
advert: підписуйтесь підписуйтеся підпишіться читайте дивіться стежте слідкуйте приєднуйтесь приєднуйтеся слухайте
    переходьте дізнавайтеся дізнавайтесь завантажуйте
"""

ENGLISH = """
prints: writes wrote quotes quoted cited cites carries carried
english: says reports notes adds states claims confirms estimates warns understands explains reveals learns say report
    said reported confirmed stated noted added warned claimed revealed learned learnt estimated disclosed concluded
    has_learned has_learnt has_reported had_reported has_confirmed has_said had_said has_seen tweeted is_reporting
    are_reporting was_reporting previously_reported first_reported found finds predicted forecast expects expected
    insisted insists alleged alleges recalled observed
told: told tells telling has_told had_told speaking_to spoke_to speaks_to speaking_with spoke_with spoken_to
    talking_to talked_to speaking_on appearing_on comments_to remarks_to email_to emailed confirmed_with said_to
    writing_in writing_for wrote_in wrote_for statement_to statements_to comment_to informed has_informed confirmed_to
    revealed_to
citing: citing quoting referring_to with_reference_to
data: according_to as_per figures_from data_from statistics_from numbers_from estimates_from findings_from report_from
    report_by report_in reports_from reports_by reports_in story_in story_by article_in article_by reporting_by
    reporting_from investigation_by reports_in_the statement_from statement_by statement_released_by
    press_release_from press_release_by news_release_from news_release_by release_from obtained_by seen_by analysis_by
    poll_by poll_for survey_by survey_for study_by forecast_from warning_from per_the per_a report_on reported_in
    cited_in quoted_in op-ed_in column_in essay_in interview_published_in records_from reports_on data_released_by
    figures_released_by figures_published_by
interview: interview_with interview_to interview_for interviewed_by conversation_with
by: via carried_by quoted_by cited_by picked_up_by relayed_by reproduced_by translated_by
given: reported_by confirmed_by published_by first_reported_by revealed_by compiled_by conducted_by collected_by
    disclosed_by announced_by confirmed_in verified_by
source: source sources
journalists: journalist journalists correspondent correspondents reporter reporters
speaker: spokesman spokeswoman spokesperson spokespeople
kind: newspaper newspapers agency broadcaster broadcasters outlet website tabloid magazine daily weekly paper network
    channel station radio site publication portal programme program wire newswire journal television tv podcast
    outlets
place: post statement report website page account release data figures statistics survey poll analysis numbers
    estimates investigation story article research study bulletin forecast tally
when: has have had today yesterday earlier later also monday tuesday wednesday thursday friday saturday sunday january
    february march april may june july august september october november december first exclusively previously
    separately recently last week night now then
in: in on at
to: to
of: of for by with from about over under after before against into since through between
and: and
joins: but that which who as while when where if because although though whether
not: not never would_not did_not no refused declined n't can't couldn't cannot
contrary: contrary despite unlike
denies: denies denied disputed disputes rejected rejects refuted refutes dismissed dismisses contradicted
shows: show shows showed suggest suggests suggested indicate indicates indicated
own: it its itself our ours this loss losses profit profits revenue
role: ceo president chief director editor executive minister secretary chairman officer anchor host presenter analyst
    critic columnist staff employee founder owner boss head lawyer
photo: photo image picture video illustration screenshot courtesy photograph
advert: subscribe follow read watch listen join sign_up click download
"""

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Phrases by their folded words; single words by themselves, else by their stem."""

    phrases: Mapping[Phrase, str]
    words: Mapping[str, str]
    stems: Mapping[str, str]
    begins: frozenset[str]  # a phrase
    longest: int  # words of a phrase

    def class_of(self, word: str) -> str | None:
        """Return the class of a folded word; a «шеф-редактор» is a «редактор»."""
        found = self.words.get(word) or self.stems.get(cut(word))
        return found or (self.class_of(word.rpartition("-")[2]) if "-" in word else None)


@cache
def lexicon() -> Lexicon:
    """Return the three tables as one: hardly any word means another thing in another of these languages."""
    phrases: dict[Phrase, str] = {}
    words: dict[str, str] = {}
    by_stem: dict[str, str] = {}
    for letter, entry in _entries():
        if "_" in entry:
            phrases.setdefault(tuple(entry.split("_")), letter)
        elif entry.endswith("*"):
            by_stem.setdefault(stem(entry[:-1]), letter)
        else:
            for form, plural in _past(entry):
                words.setdefault(form, CLASSES["they"] if plural and letter in "sp" else letter)
    begins = frozenset(phrase[0] for phrase in phrases)
    return Lexicon(phrases=phrases, words=words, stems=by_stem, begins=begins, longest=max(map(len, phrases)))


def _entries() -> Iterator[tuple[str, str]]:
    for table in (RUSSIAN, UKRAINIAN, ENGLISH):
        letter = ""
        for word in table.split():
            if word.endswith(":"):
                letter = CLASSES[word[:-1]]
            else:
                yield letter, word


def _past(entry: str) -> Iterator[tuple[str, bool]]:
    """Yield the forms of a past tense and whether they are plural: сообщил-а-о-и, повідомив -ла -ло -ли, узнался."""
    if not entry.endswith("~"):
        yield entry, False
        return
    masculine = entry[:-1]
    reflexive = "ся" if masculine.endswith("ся") else ""
    bare = masculine.removesuffix("ся")
    base = bare if bare.endswith("л") else bare[:-1] + "л"
    yield masculine, False
    for ending in "аои":
        yield base + ending + reflexive.replace("ся", "сь"), ending == "и"
        yield base + ending + reflexive, ending == "и"
