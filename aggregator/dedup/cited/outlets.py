"""Well-known outlets under the names that texts give them, and who is named beside them and never the source.

In:    nothing; the tables are data.
Out:   lines of names in the nominative, which `names` reads.
Never: complete; a name that is not here is judged by its form and by the words around it.
"""

from __future__ import annotations

# One line per outlet: its key, and its names in the nominative; a key may have several lines. A name that begins with
# "The" is none without it; one in quotes is a common word, too, so where it has no quotes in the text nothing may
# follow that it could describe.
OUTLETS = """
    interfax: Интерфакс | Interfax
    interfax-ukraine: Интерфакс-Украина | Interfax-Ukraine
    tass: ТАСС | ИТАР-ТАСС | TASS
    ria: РИА Новости | РИА Новини | RIA Novosti
    rt: RT | Russia Today
    sputnik: Sputnik | «Спутник»
    prime: «Прайм» | 1prime
    rosbalt: Росбалт
    regnum: Регнум | Regnum
    moskva: Агентство Москва
    rbc: РБК
    rbc-ukraine: РБК-Украина | RBC-Ukraine
    kommersant: Коммерсант | Коммерсантъ | Kommersant
    vedomosti: Ведомости | Vedomosti
    izvestia: Известия | Izvestia
    meduza: Медуза | Meduza
    mediazona: Медиазона | Mediazona
    the-insider: The Insider
    novaya: Новая газета | Novaya Gazeta
    rg: Российская газета
    mk: Московский комсомолец | «МК»
    kp: Комсомольская правда
    aif: Аргументы и факты | АиФ
    ng: Независимая газета
    gazeta-ru: Газета.Ru | Gazeta.ru
    lenta-ru: Лента.ру | Lenta.ru
    fontanka: Фонтанка | Фонтанка.ру
    dozhd: «Дождь»
    echo: Эхо Москвы
    ren-tv: РЕН ТВ | Рен-ТВ
    ntv: НТВ | NTV
    first: Первый канал
    rossia-24: Россия 24 | «Россия 1»
    vesti: «Вести»
    zvezda: «Звезда»
    mir-24: Мир 24
    forbes: Forbes | Форбс
    forbes-ukraine: Forbes Ukraine
    nastoyaschee-vremya: Настоящее время | Current Time
    svoboda: Радио Свобода | Радио Свободная Европа | Radio Free Europe | Radio Liberty | RFE/RL
    baza: Baza | «База»
    mash: Mash
    shot: SHOT
    znak: Znak.com
    ura: URA.RU | Ura.news
    the-bell: The Bell
    nakanune: Накануне.ру
    kavkaz-uzel: Кавказский узел
    belta: БелТА | BelTA
    onliner: Onliner
    tut-by: TUT.BY
    azertac: АЗЕРТАДЖ | Azertac
    armenpress: Арменпресс | Armenpress
    trend: Trend | «Тренд»
    delfi: Delfi
    leta: LETA
    bns: BNS

    ukrinform: Укринформ | Ukrinform
    unian: УНИАН | UNIAN
    unn: УНН | UNN
    pravda: Украинская правда | Ukrainska Pravda | Ukrainian Pravda
    epravda: Экономическая правда
    evropeyska-pravda: Европейская правда | European Pravda
    liga: ЛИГА.net | «Лига» | Liga.net
    nv: «НВ» | Новое время | NV
    babel: «Бабель» | Babel
    hromadske: «Громадское» | Hromadske
    suspilne: «Суспильне» | «Общественное» | Suspilne
    tsn: ТСН | TSN
    1plus1: 1+1
    ictv: ICTV
    zn: Зеркало недели | Дзеркало тижня | ZN.UA
    strana: Страна.ua | «Страна»
    lb: Левый берег | LB.ua
    censor: Цензор.НЕТ | «Цензор» | Censor.net
    obozrevatel: «Обозреватель» | Обозреватель.ua | Obozrevatel
    korrespondent: «Корреспондент» | Корреспондент.net
    segodnya: Сегодня.ua
    fakty: Факты ICTV
    espreso: Эспресо | Еспресо | Espreso
    kyiv-independent: Kyiv Independent
    kyiv-post: Kyiv Post
    skhemy: «Схемы» | «Схеми»
    bihus: Bihus.Info
    slidstvo: Слидство.Инфо | Слідство.Інфо
    detector: Детектор медиа | Детектор медіа
    ostrov: ОстроВ
    zaxid: Zaxid.net | ZAXID
    24-kanal: 24 канал
    priamyi: «Прямой» | «Прямий»

    reuters: Reuters | Рейтер | Рейтерс | Ройтерс | Thomson Reuters
    ap: Associated Press | AP | Ассошиэйтед Пресс | Ассошиейтед Пресс
    afp: Agence France-Presse | AFP | Франс Пресс | АФП
    dpa: DPA | ДПА
    bloomberg: Bloomberg | Bloomberg News | Блумберг
    bbc: BBC | BBC News | BBC World Service | BBC Radio | BBC Radio 4 | BBC Radio 5 Live | BBC Sport
    bbc: BBC Breakfast | BBC One | Би-би-си | Би-Би-Си | Бі-бі-сі
    bbc-russian: BBC Russian | Русская служба Би-би-си
    bbc-ukrainian: BBC Ukrainian | BBC News Украина
    cnn: CNN | Си-эн-эн
    cnbc: CNBC
    msnbc: MSNBC
    nbc: NBC | NBC News
    abc: ABC | ABC News
    cbs: CBS | CBS News
    fox: Fox News | Fox
    npr: NPR
    pbs: PBS | PBS NewsHour
    voa: Voice of America | Голос Америки
    dw: Deutsche Welle | DW | Немецкая волна | Немецкая хвиля | Німецька хвиля
    euronews: Euronews | Евроньюс
    al-jazeera: Al Jazeera | Аль-Джазира | Аль-Джазіра
    al-arabiya: Al Arabiya | Аль-Арабия
    sky: Sky News | Sky Sports | Sky
    itv: ITV | ITV News
    channel-4: Channel 4 | Channel 4 News
    guardian: The Guardian | Guardian
    times: The Times
    sunday-times: Sunday Times
    telegraph: The Telegraph | Daily Telegraph | Sunday Telegraph
    independent: The Independent
    ft: Financial Times | FT
    economist: The Economist | Economist
    daily-mail: Daily Mail | MailOnline | Mail Online | Mail on Sunday
    mirror: Daily Mirror | The Mirror
    sun: The Sun
    express: Daily Express
    daily-star: Daily Star
    metro: Metro.co.uk
    pa: PA Media | Press Association | PA
    nyt: New York Times | NYT | Нью-Йорк Таймс
    wsj: Wall Street Journal | WSJ
    wp: Washington Post
    usa-today: USA Today
    la-times: Los Angeles Times
    ny-post: New York Post
    politico: Politico
    axios: Axios
    the-hill: The Hill
    buzzfeed: BuzzFeed | BuzzFeed News
    huffpost: HuffPost | Huffington Post
    time: Time magazine | «Time»
    newsweek: Newsweek
    people: People magazine
    us-weekly: Us Weekly
    vanity-fair: Vanity Fair
    variety: Variety
    hollywood-reporter: Hollywood Reporter
    deadline: Deadline
    tmz: TMZ
    rolling-stone: Rolling Stone
    new-yorker: The New Yorker
    the-atlantic: The Atlantic
    the-verge: The Verge
    techcrunch: TechCrunch
    wired: Wired
    business-insider: Business Insider
    marketwatch: MarketWatch
    espn: ESPN
    the-athletic: The Athletic
    marca: Marca
    goal: Goal.com | «Goal»
    spiegel: Der Spiegel | Spiegel
    bild: Bild
    faz: Frankfurter Allgemeine Zeitung | FAZ
    sueddeutsche: Süddeutsche Zeitung
    die-welt: Die Welt | Welt am Sonntag
    zeit: Die Zeit
    le-monde: Le Monde
    le-figaro: Le Figaro
    liberation: Libération
    el-pais: El País | El Pais
    la-repubblica: La Repubblica
    corriere: Corriere della Sera
    ansa: ANSA
    efe: EFE
    pap: PAP
    rmf24: RMF24 | RMF FM
    tvn24: TVN24
    wyborcza: Gazeta Wyborcza
    polsat: Polsat News
    xinhua: Xinhua | Синьхуа
    cctv: CCTV
    global-times: Global Times
    kyodo: Kyodo | Kyodo News | Киодо
    nhk: NHK
    nikkei: Nikkei
    yonhap: Yonhap | Ёнхап | Рёнхап
    kcna: KCNA | ЦТАК
    pti: PTI | Press Trust of India
    ani: ANI
    irna: IRNA | ИРНА
    fars: Fars | Фарс
    tasnim: Tasnim | Тасним
    anadolu: Anadolu | Anadolu Agency | Анадолу | Анадолу ажансы
    haaretz: Haaretz | Гаарец
    jpost: Jerusalem Post
    sana: SANA | САНА
    scmp: South China Morning Post
    cbc: CBC | CBC News
    ctv: CTV | CTV News
    aap: AAP
    sbs: SBS News
    lloyds-list: Lloyd's List
    france-24: France 24
    rfi: RFI
    moscow-times: Moscow Times
    daily-beast: Daily Beast
    propublica: ProPublica
    vox: Vox
    vice: Vice
    fortune: Fortune
    the-conversation: The Conversation
    the-scotsman: The Scotsman
    the-times-of-israel: Times of Israel
    the-hindu: The Hindu
    ndtv: NDTV
    dawn: Dawn
    lequipe: L'Équipe
    mundo-deportivo: Mundo Deportivo
    gazzetta: Gazzetta dello Sport
    kicker: Kicker
    le-parisien: Le Parisien
    el-mundo: El Mundo
    ard: ARD
    zdf: ZDF
    yle: Yle
    err: ERR
    lrt: LRT
    lsm: LSM
    tvp: TVP
    onet: Onet
    rzeczpospolita: Rzeczpospolita
    ctk: ČTK | CTK
    mti: MTI
    bta: BTA
    tanjug: Tanjug
    bellingcat: Bellingcat
    belsat: Белсат | Belsat
    verstka: Вёрстка
    istories: Важные истории
    rfa: Radio Free Asia
    stuff: Stuff
    rte: RTÉ | RTE
    sports-ru: Sports.ru
    match-tv: Матч ТВ
    sport-express: Спорт-Экспресс
    parlamentskaya: Парламентская газета
    tsargrad: Царьград
    vzglyad: «Взгляд»
    glavcom: Главком
    gordon: «Гордон»
    apostrof: Апостроф
    radio-nv: Радио НВ
    hromadske-radio: Громадское радио | Громадське радіо
"""

# Companies and platforms that are often named beside words of citing, and never are the source.
NOBODY = """
    Facebook | Фейсбук | Фейсбуці | Фейсбуке | Twitter | Твиттер | Telegram | Телеграм | Телеграмм | Instagram
    Инстаграм | YouTube | Ютуб | TikTok | Тикток | WhatsApp | Viber | ВКонтакте | VK | Одноклассники | LinkedIn
    Snapchat | Reddit | Weibo | Threads | Google | Яндекс | Apple | Microsoft | Amazon | Netflix | Google Новости
    Яндекс.Дзен | Яндекс.Новости | Газпром | Роснефть | Сбербанк | Сбер | ВТБ | РЖД | Аэрофлот | АвтоВАЗ | Ростелеком
    МТС | МегаФон | Билайн | Нафтогаз | Укрзализныця | Укрзалізниця | Укрпошта | ПриватБанк | Новая почта | Киевстар
    ДТЭК | Укрэнерго | Samsung | Tesla | SpaceX | Huawei | Xiaomi | Intel | Nvidia | AMD | Sony | BMW | Volkswagen
    Boeing | Airbus | Uber | Nissan | Toyota | Mercedes | Renault | Visa | Mastercard | OpenAI | Meta | Starlink
    Lockheed Martin | Siemens | Depositphotos | Getty Images | Shutterstock | Unsplash | Pixabay
"""

# What means the same within a key: a country, its adjective, its name in other languages; one office in two countries.
SAME = """
    беларус: белорусск білорус белорусси Belarusian Belarus
    росси: российск російск рф рос Russian Russia
    украин: украинск Ukrainian Ukraine
    сша: американск американск US American
    польш: польск Polish Poland
    германи: немецк німецьк німеччин German Germany
    мид: мзс
    мвд: мвс
    гсчс: дснс
    всу: зсу
"""
