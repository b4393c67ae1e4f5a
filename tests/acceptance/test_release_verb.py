"""A domain that was sold, as the person sees it who runs the real process: status, why, release."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from aggregator.lab.origin import Document, Origin


def feed(title, language, *articles):
    published = format_datetime(datetime.now(UTC) - timedelta(minutes=9))
    items = "".join(
        f"<item><guid>{link}</guid><link>{link}</link><title>{said}</title><pubDate>{published}</pubDate></item>"
        for link, said in articles
    )
    channel = f"<title>{title}</title><language>{language}</language>{items}"
    return Document(body=f'<rss version="2.0"><channel>{channel}</channel></rss>'.encode())


CITY = feed(
    "Вестник города",
    "ru",
    *((f"https://vestnik.example/{n}", f"Новости о мостах и дорогах города {n}") for n in range(6)),
)
CASINO = feed("Spins of Fortune", "en", ("https://spins.example/1", "The best casino bonus of the week is for you"))


def test_what_is_held_is_told_and_released(place):
    with Origin() as origin:
        url = origin.serve("/f.xml", CITY, host="127.0.0.9")
        place.write({"city": {"url": url}}, {"all": {"title": "Всё", "match": "source:city"}})
        assert place.command("release", "city").stdout == "Nothing of city is held.\n"
        assert place.command("poll").returncode == 0
        origin.replace(url, CASINO)
        assert place.command("poll", "city").returncode == 0
    (row,) = place.json("status")
    assert (row["held"], row["feed_title"]) == ({"drift": 1}, "Вестник города")
    said = place.command("status", "city").stdout
    assert "1 item held: the feed looks like another publisher's" in said
    assert "document-drifted (document): it is called «Spins of Fortune» and was «Вестник города»" in said
    why = place.command("why", "https://spins.example/1").stdout
    assert "held      the feed looks like another publisher's; if it is right: aggregator release SOURCE" in why
    assert place.command("release", "city").stdout == "1 item of city released.\n"
    (told,) = place.json("why", "https://spins.example/1")
    assert (told["held"], [one["topic"] for one in told["in"]]) == (None, ["all"])
    unknown = place.command("release", "town")
    assert (unknown.returncode, 'no source is named "town"' in unknown.stderr.lower()) == (2, True), unknown.stderr
