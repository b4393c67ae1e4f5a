"""The same small news in many languages: a title, a sentence or two. Fictional."""

from __future__ import annotations

NEWS = {
    "ru": (
        "Мост через реку открыли после ремонта",
        ("Движение началось в понедельник утром. Подъезд к мосту расширят летом, объявили в районном совете."),
    ),
    "uk": (
        "Міст через річку відкрили після ремонту",
        ("Рух розпочався в понеділок уранці. Під'їзд до мосту розширять улітку, оголосили в районній раді."),
    ),
    "be": (
        "Мост праз раку адкрылі пасля рамонту",
        ("Рух пачаўся ў панядзелак раніцай. Пад'езд да моста пашыраць летам, абвясцілі ў раённым савеце."),
    ),
    "bg": (
        "Мостът над реката бе отворен след ремонт",
        ("Движението започна в понеделник сутринта. Подходът към моста ще бъде разширен през лятото, съобщи общината."),
    ),
    "sr": (
        "Мост преко реке отворен после поправке",
        ("Саобраћај је почео у понедељак ујутру. Прилаз мосту биће проширен лети, саопштила је општина."),
    ),
    "el": (
        "Η γέφυρα του ποταμού άνοιξε μετά την επισκευή",
        ("Η κυκλοφορία ξεκίνησε τη Δευτέρα το πρωί. Ο δρόμος θα διαπλατυνθεί το καλοκαίρι, ανακοίνωσε ο δήμος."),
    ),
    "he": (
        "הגשר מעל הנהר נפתח לאחר שיפוץ",
        "התנועה החלה ביום שני בבוקר. הגישה לגשר תורחב בקיץ, הודיעה המועצה.",
    ),
    "ar": (
        "افتتاح الجسر فوق النهر بعد الترميم",
        "بدأت حركة المرور صباح الاثنين. سيتم توسيع الطريق في الصيف كما أعلن المجلس.",
    ),
    "th": (
        "สะพานข้ามแม่น้ำเปิดใช้หลังการซ่อมแซม",
        ("การจราจรเริ่มขึ้นในเช้าวันจันทร์ ถนนจะถูกขยายในฤดูร้อนตามที่สภาเทศบาลประกาศ"),
    ),
    "tr": (
        "Nehir üzerindeki köprü onarımdan sonra açıldı",
        (
            "Trafik pazartesi sabahı başladı. Köprüye giden yol yazın genişletilecek, diye "
            "açıkladı belediye meclisi. Belediye başkanı çocukların yine yürüyerek okula "
            "gidebileceğini söyledi. Geçen ilkbahardaki taşkının zararı beklenenden büyük oldu. "
            "Cumartesi günü iki kıyıda şenlik yapılacak: şarkılar, börek, kayık yarışı ve havai "
            "fişek. İşler zamanında bitti, dedi yapı şefi Işık Doğan; korkuluğu kendisi sarıya "
            "boyadı. Yaya yolu artık ışıklı, daha geniş ve daha güvenli olacak. Ağaçların gölgesi "
            "değişti."
        ),
    ),
    "pl": (
        "Most przez rzekę otwarto po długim remoncie",
        (
            "Ruch ruszył w poniedziałek rano. Dojazd zostanie poszerzony, ogłosiła rada. "
            "Mieszkańcy są zadowoleni, że żyją bliżej. Burmistrz powiedział, że dzieci znów mogą "
            "przejść pieszo do szkoły. Szkody po wiosennej powodzi były większe, niż się "
            "spodziewano. W sobotę odbędzie się święto na obu brzegach: śpiew, pieśni, pierogi i "
            "wyścig łodzi. Prace ukończono na czas, oświadczył kierownik Świętosławski, który sam "
            "pomalował poręcz na żółto. Ścieżka dla pieszych będzie oświetlona, jaśniejsza i "
            "szersza. Źródło ciepła ćmi."
        ),
    ),
    "cs": (
        "Most přes řeku byl po opravě otevřen",
        (
            "Provoz začal v pondělí ráno. Příjezd k mostu bude v létě rozšířen, oznámila městská "
            "rada. Lidé mají větší jistotu. Starosta řekl, že děti mohou znovu chodit pěšky do "
            "školy. Škody po jarní povodni byly větší, než se čekalo. V sobotu se na obou březích "
            "uskuteční slavnost: písně, koláče, závod loděk a ohňostroj. Práce skončily včas, "
            "uvedl vedoucí Tomáš Šťastný, který sám natřel zábradlí žlutě. Chodník bude osvětlený, "
            "širší a též bezpečnější. Ať žije most, dodal ještě ředitel. Tři žáci šli napříč."
        ),
    ),
    "hu": (
        "Megnyílt a híd a folyó fölött a felújítás után",
        (
            "A forgalom hétfőn reggel indult. A hídhoz vezető utat nyáron kiszélesítik, közölte a "
            "község, amely őrzi a műemléket. A polgármester szerint a gyerekek ismét gyalog "
            "járhatnak az iskolába. A tavaszi árvíz okozta kár nagyobb volt, mint ahogy előre "
            "gondolták. Szombaton mindkét parton ünnepség lesz: zenés műsor, kürtőskalács, "
            "csónakverseny és tűzijáték. A munkát időben befejezték, mondta az építésvezető, Szűcs "
            "Jenő, aki maga festette zöldre a korlátot. A gyűrű alakú kőút őszre erősebb és "
            "szélesebb, a vízmű fűtőműve ötödére szűkül. Nőtt a bőség."
        ),
    ),
    "ro": (
        "Podul peste râu a fost deschis după reparații",
        (
            "Circulația a început luni dimineață. Drumul va fi lărgit în vară, a anunțat "
            "consiliul. Oamenii își văd viața în oraș."
        ),
    ),
    "hr": (
        "Most preko rijeke otvoren je nakon obnove",
        (
            "Promet je počeo u ponedjeljak ujutro. Prilaz će biti proširen, kažu u općini, a đaci "
            "će kući ići kraćim putem već ljeti. Načelnik je rekao da djeca opet mogu pješice u "
            "školu. Šteta od proljetne poplave bila je veća nego što se očekivalo. U subotu će na "
            "obje obale biti svečanost: pjesme, kolači, utrka čamaca i vatromet. Radovi su "
            "završeni na vrijeme, kaže voditelj Božić, koji je sam obojio ogradu žuto. Šetnica će "
            "biti osvijetljena, šira i ljepša. Između kuća cvjeta đurđica, a građani šeću. Što će "
            "još reći mještani?"
        ),
    ),
    "lt": (
        "Tiltas per upę atidarytas po remonto",
        (
            "Eismas prasidėjo pirmadienio rytą. Privažiavimą vasarą praplatins, pranešė "
            "savivaldybė. Žmonės džiaugiasi, kad šį kelią įrengė."
        ),
    ),
    "lv": (
        "Tilts pār upi atvērts pēc remonta",
        (
            "Satiksme sākās pirmdienas rītā. Ceļu vasarā paplašinās, paziņoja dome. Iedzīvotāji "
            "priecājas, ka ķermeņi vairs nešķērso ūdeņus."
        ),
    ),
    "et": (
        "Sild üle jõe avati pärast remonti",
        (
            "Liiklus algas esmaspäeva hommikul. Tee laiendatakse suvel, ütles vallavalitsus. "
            "Õpilased jõuavad nüüd kooli ööseks. Vallavanem ütles, et lapsed võivad jälle üle jõe "
            "kooli kõndida. Kevadise üleujutuse kahjud olid arvatust suuremad. Laupäeval "
            "tähistatakse avamist mõlemal kaldal: lõõtspill, õunad, väike söömaaeg ja võistlus. "
            "Tööd lõpetati õigel ajal, kõneles ehitaja Jõesäär, kes värvis käsipuu ise üle. "
            "Möödunud nädala külm öö ei lõhkunud sõiduteed."
        ),
    ),
    "de": (
        "Die Brücke über den Fluss ist wieder geöffnet",
        (
            "Der Verkehr begann am Montag früh. Die Straße wird im Sommer größer, erklärte der "
            "Rat. Das hätte man früher tun können."
        ),
    ),
    "fr": (
        "Le pont sur la rivière a été rouvert après les travaux",
        (
            "La circulation a repris lundi à l'aube. L'accès sera élargi cet été, a déclaré la "
            "mairie, où l'on espère fêter ça dès août. Le maire a précisé que les élèves pourront "
            "à nouveau traverser à pied. Les dégâts de la crue de février ont coûté très cher, où "
            "qu'on regarde. Là-bas, près du château, la fête se prépare déjà: théâtre, crêpes, "
            "bière légère et même un numéro de cirque. «Voilà un vrai succès», a dit le père Noël "
            "à sa nièce, sœur aînée de la fermière; leur bœuf goûte le blé mûr."
        ),
    ),
    "es": (
        "El puente sobre el río se abrió después de la reparación",
        (
            "El tráfico comenzó el lunes por la mañana. El próximo año ampliarán también la vía, "
            "anunció el alcalde en la reunión. El alcalde señaló que los niños del barrio podrán "
            "cruzar a pie. Los daños de la riada de otoño costaron más de cuatro millones, según "
            "un español que dirigió la obra. Mañana habrá música, baños públicos gratis y un "
            "pequeño desfile; el señor Núñez, dueño de la viña, invitará a los compañeros. La "
            "compañía extrañó el sueño de diseñar un túnel."
        ),
    ),
    "pt": (
        "A ponte sobre o rio foi aberta após a reparação",
        (
            "A circulação começou na segunda-feira de manhã. A estrada será alargada no verão, "
            "informou a câmara. Não há prazos até lá."
        ),
    ),
    "is": (
        "Brúin yfir ána var opnuð eftir viðgerð",
        (
            "Umferð hófst á mánudagsmorgun. Vegurinn verður breikkaður í sumar, sagði bæjarráð. "
            "Það þykir íbúum mjög gott mál."
        ),
    ),
    "sv": (
        "Bron över ån har öppnats efter reparationen",
        (
            "Trafiken började på måndagsmorgonen. Vägen breddas i sommar, meddelade rådet. Många "
            "är nöjda på båda sidor. Borgmästaren sade att småbarnen åter får gå över till skolan. "
            "Skadorna efter översvämningen i våras blev dyrare än väntat. På lördag är det fest på "
            "båda stränderna med sång, kåldolmar och båttävling. Vägverket höll tidsplanen, "
            "förklarade chefen Åke Öberg, som själv målade räcket blått. Ån är åtta meter bred här "
            "och får nya lås åt slussarna."
        ),
    ),
    "da": (
        "Broen over åen er åbnet efter reparationen",
        (
            "Trafikken begyndte mandag morgen. Vejen gøres større til sommer, oplyste rådet. Mange "
            "glæder sig på begge sider af søen. Borgmesteren sagde, at skolebørnene igen må gå "
            "over åen. Skaderne efter oversvømmelsen i foråret blev større end ventet. På lørdag "
            "er der fest på begge sider med sang, pølser og rejseskildringer på råt træ. Så længe "
            "går færgen også, forklarede lederen Åse Nørgård, som selv malede rækværket blåt. "
            "Næste år bygges støttemure, så vægge ikke gør skade."
        ),
    ),
    "mt": (
        "Il-pont fuq ix-xmara nfetaħ wara t-tiswija",
        (
            "It-traffiku beda t-Tnejn filgħodu. It-triq se titwessa' fis-sajf, ħabbar il-kunsill. "
            "Iż-żgħażagħ jgħixu viċin, qalu ċerti nies. Is-sindku qal li t-tfal jistgħu jerġgħu "
            "jimxu sal-iskola. Il-ħsara tal-għargħar kienet akbar milli ħsibna. Nhar is-Sibt se "
            "ssir festa fuq iż-żewġ naħat: għana, ħelu, tiġrija tad-dgħajjes u logħob tan-nar. "
            "Ix-xogħol tlesta fil-ħin, qal il-kap Ġużeppi Żammit, li żebagħ il-poġġaman hu stess. "
            "Ċertament, żgur, hawn ħafna ħbieb, ġirien u ċkejknin jiċċelebraw. Għada jiġi "
            "l-ħabbar."
        ),
    ),
    "cy": (
        "Mae'r bont dros yr afon wedi agor, meddai'r tŷ",
        (
            "Dechreuodd y traffig fore Llun. Bydd y ffordd i'r dŵr yn lletach yn yr haf, a bydd "
            "gêm ar lan y môr, lle mae'r tân a'r ŵyl. Dywedodd y maer y caiff plant gerdded i'r "
            "ysgol eto. Roedd difrod y llif yn fwy nag y tybiwyd. Ddydd Sadwrn bydd gŵyl ar y ddwy "
            "lan: cân, bwyd, ras gychod a thân gwyllt. Mae'r gŵr a'r wraig o'r tŷ gerllaw yn falch "
            'iawn: "Dŵr, dŵr ym mhobman," meddai\'r hen ŵr. Tŷ gwyn, sŵn y môr, ŷd yn y cae, gwŷdd '
            "ar y bryn, ŵyn bach, brân ddu a thŵr yr eglwys. Llŷr a Siân sydd wrth y llyw; pŵer "
            "newydd."
        ),
    ),
    "vi": (  # windows-1258 writes the tones behind their letters
        "Câ\u0300u qua sông đa\u0303 mơ\u0309 la\u0323i",
        (
            "Xe cô\u0323 ba\u0301t đâ\u0300u cha\u0323y tư\u0300 sa\u0301ng thư\u0301 hai. Đươ\u0300ng se\u0303 "
            "đươ\u0323c mơ\u0309 rô\u0323ng va\u0300o mu\u0300a he\u0300."
        ),
    ),
    "zh-Hans": (
        "河上的新桥在维修后重新开放",
        "星期一早上开始通车。市政府表示，这条道路将在今年夏天扩建，因为很多人每天都要经过这里去上班。",
    ),
    "zh-Hant": (
        "河上的新橋在維修後重新開放",
        "星期一早上開始通車。市政府表示，這條道路將在今年夏天擴建，因為很多人每天都要經過這裡去上班。",
    ),
    "ja": (
        "川に架かる橋が修理を終えて開通した",
        "月曜日の朝から車の通行が始まった。町によると、橋へ向かう道路は今年の夏に広げられる予定だという。",
    ),
    "ko": (
        "강을 건너는 다리가 수리를 마치고 다시 열렸다",
        ("월요일 아침부터 차량 통행이 시작되었다. 시의회는 올해 여름에 다리로 가는 도로를 넓힐 것이라고 밝혔다."),
    ),
}
