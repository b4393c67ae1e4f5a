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
        ("Trafik pazartesi sabahı başladı. Köprüye giden yol yazın genişletilecek, diye açıkladı belediye meclisi."),
    ),
    "pl": (
        "Most przez rzekę otwarto po długim remoncie",
        (
            "Ruch ruszył w poniedziałek rano. Dojazd zostanie poszerzony, ogłosiła rada. "
            "Mieszkańcy są zadowoleni, że żyją bliżej."
        ),
    ),
    "cs": (
        "Most přes řeku byl po opravě otevřen",
        (
            "Provoz začal v pondělí ráno. Příjezd k mostu bude v létě rozšířen, oznámila městská "
            "rada. Lidé mají větší jistotu."
        ),
    ),
    "hu": (
        "Megnyílt a híd a folyó fölött a felújítás után",
        (
            "A forgalom hétfőn reggel indult. A hídhoz vezető utat nyáron kiszélesítik, közölte a "
            "község, amely őrzi a műemléket."
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
            "će kući ići kraćim putem već ljeti."
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
            "Õpilased jõuavad nüüd kooli ööseks."
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
            "mairie, où l'on espère fêter ça dès août."
        ),
    ),
    "es": (
        "El puente sobre el río se abrió después de la reparación",
        (
            "El tráfico comenzó el lunes por la mañana. El próximo año ampliarán también la vía, "
            "anunció el alcalde en la reunión."
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
        ("Trafiken började på måndagsmorgonen. Vägen breddas i sommar, meddelade rådet. Många är nöjda på båda sidor."),
    ),
    "da": (
        "Broen over åen er åbnet efter reparationen",
        (
            "Trafikken begyndte mandag morgen. Vejen gøres større til sommer, oplyste rådet. Mange "
            "glæder sig på begge sider af søen."
        ),
    ),
    "mt": (
        "Il-pont fuq ix-xmara nfetaħ wara t-tiswija",
        (
            "It-traffiku beda t-Tnejn filgħodu. It-triq se titwessa' fis-sajf, ħabbar il-kunsill. "
            "Iż-żgħażagħ jgħixu viċin, qalu ċerti nies."
        ),
    ),
    "cy": (
        "Mae'r bont dros yr afon wedi agor, meddai'r tŷ",
        (
            "Dechreuodd y traffig fore Llun. Bydd y ffordd i'r dŵr yn lletach yn yr haf, a bydd "
            "gêm ar lan y môr, lle mae'r tân a'r ŵyl."
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
