"""What a publisher writes is shown as it is: no markup of ours, no pictures, no colours by its wish."""

from __future__ import annotations

from sample import document

from aggregator.lab.origin import Origin

ODD = "[red]Кот[/red] :cat: [link=https://evil.example]сюда[/link]"


def test_a_title_is_words_and_not_our_markup(place):
    with Origin() as origin:
        place.write(
            {"one": {"url": origin.serve("/1.xml", document([ODD]))}}, {"all": {"title": "Всё", "match": "source:one"}}
        )
        place.json("poll", "--all")
    for words in (place.command("preview", "all").stdout, place.command("why", "https://news.example/news/1").stdout):
        assert ODD in " ".join(words.split())
