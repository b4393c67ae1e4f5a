"""`why` and `preview` by the real process: what became of an item in each topic, and for which reason."""

from __future__ import annotations

from email.utils import format_datetime

from aggregator import clock
from aggregator.lab.origin import Document, Origin

BRIDGE = "Мост через реку Ясную закрыт на ремонт до осени"


def feed(*titles):
    now = format_datetime(clock.now())
    items = "".join(
        f"<item><link>https://gorod.example/{n}</link><title>{title}</title><pubDate>{now}</pubDate></item>"
        for n, title in enumerate(titles)
    )
    return Document(body=f'<rss version="2.0"><channel><title>Город</title>{items}</channel></rss>'.encode())


def test_each_decision_about_an_entry_is_told_and_what_kept_others_out(place):
    with Origin() as origin:
        url = origin.serve("/gorod.xml", feed(BRIDGE, "Рыба вернулась"))
        topics = {
            "bridges": {"title": "Мосты", "match": "мост"},
            "rest": {"title": "Прочее", "match": "source:gorod", "after": ["bridges"]},
        }
        place.write({"gorod": {"url": url}}, topics)
        assert place.command("poll").returncode == 0
        origin.replace(url, feed("Мост через реку Ясную открыт", "Рыба вернулась"))
        assert place.command("poll", "gorod").returncode == 0
    (told,) = place.json("why", "https://gorod.example/0")
    (inside,) = told["in"]
    assert [(row["state"], row["why"]) for row in inside["history"]] == [
        ("live", "entered with gorod as its face (priority 1)"),
        ("live", "edited by its publisher: another title"),
    ]
    (outside,) = [one for one in told["not_in"] if one["topic"] == "rest"]
    assert outside["why"].endswith("after: the topic bridges has delivered it")
    said = place.command("why", "https://gorod.example/0").stdout
    assert all(f"live: {row['why']}" in said for row in inside["history"])
    assert place.json("preview", "rest")["kept_out"] == {"after": 1}
    assert (
        "1 item matched and stayed out: 1 that a topic of `after` delivered." in place.command("preview", "rest").stdout
    )
