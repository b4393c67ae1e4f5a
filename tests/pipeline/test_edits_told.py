"""An article that its publisher edits, over real HTTP, through poll and curate, to the page and the feed of edits."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree, html
from newsstand import DAY, EVERYTHING, Newsstand, Told, told

from aggregator.model import Site, Strip, key_of
from aggregator.serve import ItemPages

BANNER = "Поддержите нас переводом на карту, без вас мы не можем работать."
WORDS = [f"слово{n}" for n in range(40)]


def article(title, *changed):
    """An article of forty words, of which those at these places are others now."""
    words = [f"иное{n}" if n in changed else word for n, word in enumerate(WORDS)]
    return [*told(2, 3), Told(n=1, title=title, text=f"<p>{' '.join(words)}</p><p>{BANNER}</p>")]


async def body(pages, path):
    found = await pages.find(path)
    return found.variants["identity"].full.body.decode()


async def test_edits_of_a_publisher_are_told_and_what_we_read_otherwise_is_not(world):
    stand = Newsstand(world)
    await world.configure(stand.source, topics=(EVERYTHING,))
    moments = []
    for edition in (
        article("Мост открыт"),
        article("Мост закрыт"),
        article("Мост закрыт", *range(10, 22)),
        article("Мост закрыт", *range(10, 22), 30, 31),
    ):
        await stand.shows(edition)
        moments.append(world.now)
    otherwise = replace(stand.source, strip=Strip(phrases=("Поддержите*",)))
    await world.configure(otherwise, topics=(EVERYTHING,))
    stand.source = otherwise
    assert [change.reread for change in (await stand.lives()).changes] == [True]
    world.now += DAY  # the fourth edit of a day would be held
    await stand.shows(article("Мост снова открыт", *range(10, 22), 30, 31))
    moments.append(world.now)

    pages = ItemPages(
        world.room.store,
        Site(public_url="https://feeds.example.org"),
        world.room.authority,
        sources=lambda: {otherwise.id: otherwise},
        topics=dict,
        sections=dict,
        clock=lambda: world.now,
    )
    key = key_of(otherwise.id, "news-1")
    diff = html.document_fromstring(await body(pages, f"/items/{key}/diff"))
    times = [f"{moment.isoformat()}" for moment in moments[:0:-1]]
    assert diff.xpath("//section/h2/time/@datetime") == times  # four edits; that the banner went is none
    assert diff.xpath("//section[2]//del/text()") == ["слово30 слово31"]
    assert diff.xpath("//section[2]//ins/text()") == ["иное30 иное31"]
    assert "Поддержите" not in diff.text_content()
    feed = etree.fromstring((await body(pages, "/feeds/_edits.atom")).encode())
    assert [(one.findtext("{*}title"), one.findtext("{*}updated")) for one in feed.iterfind("{*}entry")] == [
        (f"Изменено: {title}", f"{moment.replace(microsecond=0).isoformat()}")
        for title, moment in (
            ("Мост снова открыт", moments[4]),
            ("Мост закрыт", moments[2]),
            ("Мост закрыт", moments[1]),
        )
    ]
