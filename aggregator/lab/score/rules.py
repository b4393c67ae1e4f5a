"""The table of rules: what is promised, and the exchange that shows it.

docs/reference/politeness.md says the same to people; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aggregator.lab.score import asking, failures, hints, hosts, hubs, pacing, pushes, reach, redirects, validators
from aggregator.lab.score.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One promise to publishers. `shown` returns what was seen, or raises Broken with it."""

    id: str
    promise: str  # one sentence
    shown: Callable[[World], Awaitable[str]]


def _rule(name: str, shown: Callable[[World], Awaitable[str]], promise: str) -> Rule:
    return Rule(id=name, promise=promise, shown=shown)


RULES = (
    _rule(
        "P01",
        validators.whole_once,
        "The whole document is asked for once in a source's life, and once more after 30 days of nothing but 304.",
    ),
    _rule("P02", validators.etags, "If-None-Match is the ETag byte for byte, however odd."),
    _rule("P03", validators.moments, "If-Modified-Since is the Last-Modified byte for byte, even if it is no date."),
    _rule(
        "P04",
        validators.both_or_each,
        "Both validators are sent if both came, each only if it came; a new document without one ends it.",
    ),
    _rule(
        "P05",
        validators.from_the_right_answers,
        "Validators are taken from 200 and 304, never from errors, pages, challenges or half answers.",
    ),
    _rule(
        "P06",
        validators.reset_when_asked_otherwise,
        "Validators are forgotten when the address or the access is configured anew, not when a feed has moved.",
    ),
    _rule(
        "P07", pacing.floor, "No source is asked within 15 minutes unless its YAML says so; its due time is never lost."
    ),
    _rule(
        "P08",
        hints.freshness,
        "max-age (minus Age) and Expires are waited for, six hours or what fits the feed; never sooner for them.",
    ),
    _rule("P09", hints.never_faster, "no-cache, no-store, must-revalidate and max-age=0 bring nobody sooner."),
    _rule(
        "P10",
        hints.feeds_own_wishes,
        "ttl, sy:updatePeriod, skipHours and skipDays of a feed are kept; a list of all hours is no wish.",
    ),
    _rule(
        "P11",
        hints.retry_after,
        "Retry-After is kept on 429, 503, 403 and redirects, as seconds or any date of HTTP, up to a week.",
    ),
    _rule("P12", hosts.whole_host, "429 and 503 speak for the whole host: none of its feeds is asked meanwhile."),
    _rule(
        "P13",
        pacing.unwelcome,
        "After 403 or 429 we stay away for four hours or more, ever longer, and come back step by step.",
    ),
    _rule(
        "P14",
        failures.never_given_up,
        "A failing source is asked ever more rarely, with chance, daily at the least, and is never given up.",
    ),
    _rule(
        "P15",
        failures.lost_and_gone,
        "404 is asked daily and called dead after 30 days; 410 is marked as gone and asked monthly.",
    ),
    _rule(
        "P16",
        redirects.moved_for_good,
        "301 and 308 are stored after three times in a row over a day, if a feed is there; temporary ones never.",
    ),
    _rule(
        "P17",
        redirects.told_to_nobody_else,
        "Logins, cookies and configured headers go to the source's own origin only; nobody gets a Referer.",
    ),
    _rule(
        "P18",
        asking.address_as_configured,
        "The configured address is sent unchanged, and no cookie that a server has set.",
    ),
    _rule(
        "P19",
        asking.one_name,
        "The User-Agent is ours: version, contact, feed, and subscribers where they are known; or a source's own.",
    ),
    _rule(
        "P20",
        asking.what_can_be_read,
        "Accept lists the kinds of feeds, Accept-Encoding only what is read.",
    ),
    _rule(
        "P22",
        validators.not_modified,
        "304 renews what is remembered and needs no body; 304 to an unconditional request is a failure.",
    ),
    _rule("P23", failures.odd_answers, "Odd successes and an empty 200 are failures, and cost nothing."),
    _rule(
        "P24",
        hosts.one_at_a_time,
        "A host gets one request at a time, with a pause between two, over a kept connection.",
    ),
    _rule(
        "P25",
        hosts.after_downtime,
        "What fell due while we were away comes spread over ten minutes, and nothing is planned for the full hour.",
    ),
    _rule("P26", reach.one_request_per_poll, "A poll is one GET of the feed: no HEAD, favicon, robots.txt or guess."),
    _rule(
        "P27",
        reach.discovery_when_added,
        "Feeds are searched for when a person asks for it, and never because a feed has become a page.",
    ),
    _rule(
        "P28", pacing.with_the_feed, "A feed is asked as often as it brings something; one that has died, once a day."
    ),
    _rule(
        "P29",
        reach.archives_once,
        "Archives are walked at first contact or after a gap, at most ten pages, no loops; they bring backfill only.",
    ),
    _rule(
        "P30",
        pacing.gaps,
        "A document in which nothing known is left is told, halves the pause, and lets its archives be asked for.",
    ),
    _rule(
        "P31", hints.their_clock, "Age is taken off; Expires counts by the server's clock, unless that is a day off."
    ),
    _rule(
        "P32",
        reach.only_the_feed,
        "robots.txt is not asked about a feed that a person has configured, and nothing else is fetched; where a "
        "person wants full texts, the pages of new items are, as robots.txt allows.",
    ),
    _rule("P33", validators.useless_answers, "The same bytes under a new ETag cause no work, and are noted."),
    _rule(
        "P34",
        asking.sane_connections,
        "TLS 1.2 or newer, HTTP/1.1 is enough, IPv6 and IPv4 are both tried, Connection is plain.",
    ),
    _rule(
        "P35",
        reach.removed_is_left_alone,
        "A source that is removed is not asked any more, and its hub is told that it is over.",
    ),
    _rule("W100", hubs.in_headers, "A hub and a topic are found in Link headers."),
    _rule("W101", hubs.in_a_page, "A hub and a topic are found in the <link> elements of a page."),
    _rule("W102", hubs.in_atom, "A hub and a topic are found in an Atom feed."),
    _rule("W103", hubs.in_rss, "A hub and a topic are found in an RSS feed."),
    _rule("W104", hubs.headers_first, "Link headers stand above what the document says."),
    _rule(
        "W110",
        hubs.confirmed,
        "A hub is asked with a callback, a lease and a secret, and its question is answered with its challenge.",
    ),
    _rule("W200", hubs.another_self, "The topic is what a document calls itself, not the address that is polled."),
    _rule("W201", hubs.topic_moved_for_now, "A topic that redirects with 302 is subscribed to where it is."),
    _rule("W202", hubs.topic_moved_for_good, "A topic that redirects with 301 is subscribed to where it is."),
    _rule("W203", hubs.hub_moved_for_now, "A hub that redirects with 302 or 307 is asked where it is."),
    _rule("W204", hubs.hub_moved_for_good, "A hub that redirects with 301 or 308 is asked where it is."),
    _rule("W205", hubs.unknown_topic, "What was not asked for is not confirmed."),
    _rule("W300", pushes.right_signatures, "What is signed with the secret is stored, by any of four methods."),
    _rule("W301", pushes.wrong_signatures, "What is signed wrongly is thrown away."),
    _rule("W302", pushes.no_signature, "What is not signed is thrown away."),
    _rule("W303", pushes.unknown_methods, "What is signed by an unknown method is thrown away."),
    _rule("W400", pushes.renewed, "A lease is renewed before it ends, and a failing hub asked ever more rarely."),
    _rule("W401", pushes.denied, "A denial is kept with its reason, and the hub asked again after days."),
    _rule("W402", pushes.ended_when_wanted, "A subscription is ended when its feed names the hub no more."),
    _rule("W403", pushes.answered_at_once, "A hub is answered within a second, whatever it delivers."),
    _rule(
        "W404",
        pushes.polled_less,
        "What is pushed is polled every 6 h at most, but is polled; an item that was not told ends it.",
    ),
    _rule("W405", pushes.called_by_its_hub, "An empty delivery causes one conditional poll, and never many."),
)
