"""The page at `/about`: what a publisher who found us in his logs wants to know. It stands in our User-Agent.

In:    the figures that the configuration sets.
Out:   the text in Markdown; the page.
Never: says a figure that is not the one in force.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from markdown_it import MarkdownIt
from markupsafe import Markup

from aggregator.model import Pause, PollRule, Site
from aggregator.publish.page import environment, frame_of
from aggregator.schedule.words import spoken
from aggregator.serve.answer import Resource, encoded, make_resource
from aggregator.serve.shelf import CACHE, MEDIA_TYPES, PAGE_HEADERS

EXAMPLE = "aggregator/1.0 (+https://feeds.example.org/about; feed-id=interfax)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How this one behaves, as far as a person sets it."""

    agent: str = EXAMPLE  # our User-Agent
    contact: str = ""  # where the person who runs us is reached
    floor: timedelta = PollRule().floor
    ceiling: timedelta = PollRule().ceiling
    hints_cap: timedelta = PollRule().hints_cap
    at_once: int = Pause().at_once
    gap: timedelta = Pause().gap


def about(manners: Manners) -> str:
    """Return the page in Markdown."""
    template = environment("aggregator.serve").get_template("about.md")
    return template.render(
        agent=Markup(manners.agent),  # noqa: S704 - Markdown is not HTML; what makes HTML of it escapes everything
        contact=Markup(manners.contact),  # noqa: S704
        floor=spoken(manners.floor),
        ceiling=spoken(manners.ceiling),
        hints_cap=spoken(manners.hints_cap),
        at_once="One poll" if manners.at_once == 1 else f"{manners.at_once} polls",
        gap=spoken(manners.gap),
    )


@lru_cache(maxsize=1)
def about_page(manners: Manners, site: Site) -> Resource:
    """Return the page as it is handed out; made again only after a change."""
    text = MarkdownIt("commonmark", {"html": False}).enable("table").render(about(manners))
    page = environment("aggregator.serve").get_template("about.html").render(
        text=Markup(text),  # noqa: S704 - made by the line above, which lets no HTML through
        **frame_of(site, "en"),
    )  # fmt: skip
    return make_resource(encoded(page.encode()), media_type=MEDIA_TYPES["html"], cache=CACHE, more=PAGE_HEADERS)
