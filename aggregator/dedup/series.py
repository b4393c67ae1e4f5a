"""Issues of a series: alike each day, and each about something else.

In:    the folded words of a title.
Out:   what an issue shares with the next one; whether it calls itself an issue of something.
Never: looks at texts.

Two horoscopes share more words than two reports of one fire, and so do two towns on one World Day. So what calls itself
a digest, a forecast, a quotation, a campaign or a live page, and what stands under the title of an earlier article of
its outlet but for numbers and days, is in none.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable
from functools import cache

from aggregator import text
from aggregator.dedup.roots import Root, root

_DAYS = """
    понедельник вторник среда четверг пятница суббота воскресенье сегодня завтра вчера
    січень лютий березень квітень травень червень липень серпень вересень жовтень листопад грудень
    январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь января февраля марта мая июня июля
    понеділок вівторок середа п'ятниця неділя сьогодні вчора утро ранок вечер вечір день год рік
    monday tuesday wednesday thursday friday saturday sunday today tomorrow yesterday morning evening
    january february march april may june july august september october november december week day
"""
# Titles that name a series, in any of its issues. On folded words, so case, ё and quotes do not count.
_NAMED = re.compile(
    r"\b(?:гороскоп\w*|дайджест\w*|прогноз\w* погод\w*|погод[аы] (?:на|в|у)\b|календар\w*|именин\w*|лотере\w*"
    r"|курс\w* (?:валют\w*|доллар\w*|долар\w*|евро|євро)|обзор (?:сми|прессы|рынк\w*|дня)|огляд (?:змі|преси|ринк\w*)"
    r"|итоги (?:дня|недели|суток)|підсумки (?:дня|тижня|доби)|главн\w+ (?:за|новост\w*)|головн\w+ (?:за|новин\w*)"
    r"|новост\w+ (?:дня|к этому часу)|новини дня|что нужно знать|онлайн трансляци\w*|текстов\w+ трансляци\w*"
    r"|horoscopes?|weather forecast|exchange rates?|newsletter|digest|round ?up|in brief|news briefs?|briefing"
    r"|потеплени\w*|похолодани\w*|потепління|похолодання"  # each region has its own
    r"|единый день|єдиний день|(?:всемирн|международн|всесвітн|міжнародн)\w+ д(?:ень|ня|ню|нем|не|ні)"  # a campaign
    r"|world \w+ day|international \w+ day|top (?:five|ten|\d+)|\d+ things|things to know|key (?:moments|takeaways)"
    r"|what to (?:watch|know)|live stream\w*|астролог\w*"
    r"|lottery|crossword|live updates?|live blog|\Athe latest|this week in|photos of the day|top stories|week ahead)\b"
)


def issue_of(title: Iterable[str]) -> array[Root]:
    """Return the roots of a title's words without numbers and days, sorted; none where fewer than two remain."""
    days = _days()
    roots = {one for token in title if (one := root(token)) not in days and not token[0].isdigit()}
    return array("I", sorted(roots) if len(roots) > 1 else ())


def names_a_series(title: Iterable[str]) -> bool:
    """Whether a title says itself that this is an issue of something."""
    return _NAMED.search(" ".join(title)) is not None


@cache
def _days() -> frozenset[Root]:
    return frozenset(root(token) for token in text.tokens(_DAYS))
