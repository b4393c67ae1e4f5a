"""On which terms an article is shown (publication.md, Rights).

In:    a topic, and the source of the article in the configuration, where it still stands there.
Out:   Terms; safe HTML with its pictures as the terms have them.
Never: changes what is pinned: terms are applied when an entry is rendered, so that a change of them holds for all
       entries at once, delivered ones too. They are law and no rule of the newsroom: R11 is not about them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from aggregator.model import Republish, Source, Topic

_MOST_FIRST: tuple[Republish, ...] = get_args(Republish)
# Faces hold HTML as nh3 writes it: names in small letters, each attribute in double quotes.
_TAG = re.compile(r'<(?P<end>/?)(?P<name>[a-z][a-z0-9]*)(?P<said>(?: [a-z]+="[^"]*")*) ?/?>')
_POSTER = re.compile(r' poster="[^"]*"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How much of an article is shown, and how."""

    republish: Republish = "full"
    images: Literal["link", "drop"] = "link"
    # How an entry leads to the page of its story, where those stand who came too late for its list (R3): by a link
    # beside its text, in its text as well (of a list that never grows), or not at all, where an entry is no story, and
    # where who is private might be missing on a page that all may read.
    story: Literal["beside", "inside", "nowhere"] = "beside"
    hidden: frozenset[str] = frozenset()  # sources that its topic must not name


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """The terms of a topic's entries. A source that is configured no more narrows nothing."""

    topic: Topic
    sources: Mapping[str, Source]  # by id, as configured
    hidden: frozenset[str] = frozenset()
    _known: dict[str, Terms] = field(default_factory=dict, init=False, compare=False, repr=False)

    def of(self, source: str) -> Terms:
        """Return the terms on which articles of this source are shown: the same object each time."""
        if source not in self._known:
            self._known[source] = self._of(source)
        return self._known[source]

    def _of(self, source: str) -> Terms:
        known = self.sources.get(source)
        return Terms(
            republish=narrower(self.topic.republish, known.republish if known else None),
            images=known.images if known else "link",
            story=_leads(self.topic),
            hidden=self.hidden,
        )


def rights_of(topic: Topic, sources: Mapping[str, Source]) -> Rights:
    """Return the rights of a topic. sources: by id, as configured."""
    private = frozenset(name for name, source in sources.items() if source.private and not topic.private)
    return Rights(topic=topic, sources=sources, hidden=private)


def _leads(topic: Topic) -> Literal["beside", "inside", "nowhere"]:
    if topic.private or topic.fold == "none":
        return "nowhere"
    return "inside" if topic.growth == "off" else "beside"


def narrower(topic: Republish, source: Republish | None) -> Republish:
    """Return the less of both; a source that says nothing narrows nothing."""
    return max(topic, source or topic, key=_MOST_FIRST.index)


def pictured(html: str, images: Literal["link", "drop"]) -> str:
    """Return safe HTML without its pictures, or with pictures whose hosts are not told who shows them.

    What a picture stood in stays: a figure's caption says something without it, too.
    """
    if images == "drop":
        return _TAG.sub(_without, html)
    return _TAG.sub(_unreferred, html) if "<img" in html else html


def _unreferred(tag: re.Match[str]) -> str:
    return f'<img referrerpolicy="no-referrer"{tag["said"]}>' if tag["name"] == "img" else tag[0]


def _without(tag: re.Match[str]) -> str:
    name, said = tag["name"], tag["said"]
    if name in ("img", "picture") or (name == "source" and ' src="' not in said):  # of a picture; a film's has src
        return ""
    return f"<video{_POSTER.sub('', said)}>" if name == "video" and said else tag[0]
