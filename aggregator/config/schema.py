"""The keys of the configuration: each once, with its type and what it means.

In:    the plain value of a file.
Out:   the same as typed values.
Never: reads files, compares one key with another, or knows lines.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, create_model

from aggregator.config.kinds import (
    Authority,
    Contact,
    CookieName,
    CookieValue,
    CronLine,
    Css,
    Database,
    Duration,
    EgressName,
    EgressUrl,
    Folders,
    HeaderName,
    HeaderValue,
    Hours,
    Id,
    Keys,
    Language,
    Listen,
    Login,
    Networks,
    Number,
    Phrase,
    PublicUrl,
    Reading,
    SectionName,
    Size,
    SourceName,
    Url,
    Visibility,
    Zone,
    empty,
    known_of,
)
from aggregator.config.presets import PRESETS, Preset
from aggregator.config.settings import Watch
from aggregator.config.values import WrongError, shortest_pause, spell_duration
from aggregator.model import CEILING, FLOOR, HINTS_CAP, Hub, Pause, Republish, Retention, WebSub


class ActiveHours(Keys):
    """The hours of the day in which a source is polled."""

    hours: Hours = Field(description="From an hour to another: 06-24; 22-06 goes over midnight.")
    zone: Zone | None = Field(default=None, description="Of these hours; that of the source if not said, else UTC.")


class Poll(Keys):
    """When to poll a source. `poll: 20m` is short for `poll: {every: 20m}`."""

    every: Duration | None = Field(
        default=None, description="A fixed pause between two polls, instead of one that follows the source."
    )
    cron: CronLine | None = Field(
        default=None, description="Fixed times, as minute, hour, day of month, month, day of week: */20 6-23 * * 1-5."
    )
    zone: Zone | None = Field(default=None, description="Of `cron`; that of the source if not said, else UTC.")
    active: ActiveHours | None = Field(default=None, description="Only at these hours.")
    under_floor: bool = Field(
        default=False, description="Poll more often than `poll.floor` allows: the publisher has agreed to it."
    )


def _short_poll(value: object) -> object:
    return value if isinstance(value, dict) else {"every": value}


def _not_under_floor(poll: Poll, info: ValidationInfo) -> Poll:
    floor = known_of(info).floor
    if poll.every and poll.cron:
        raise WrongError("`every` and `cron` contradict each other.", "Write one of them.")
    if poll.under_floor and not (poll.every or poll.cron):
        raise WrongError("`under_floor` belongs to `every` or `cron`, and there is none.")
    pause = poll.every or (shortest_pause(poll.cron) if poll.cron else None)
    if floor and pause and pause < floor and not poll.under_floor:
        hint = "If the publisher has agreed to it, write `poll: {every: ..., under_floor: true}`."
        raise WrongError(f"this is under the floor of {spell_duration(floor)} (`poll.floor`).", hint)
    return poll


PollOrDuration = Annotated[Poll, BeforeValidator(_short_poll), AfterValidator(_not_under_floor)]


class TermMap(Keys):
    """What the publisher's words for sections mean."""

    section: dict[str, SectionName] = Field(
        default_factory=dict, description="A category's term, as the feed writes it, and the section it means."
    )
    path: dict[Folders, SectionName] = Field(
        default_factory=dict,
        description="Folders in the addresses of its items, as /sport/ or /news/sport/, and the section they mean; "
        "of several the longest counts, of these the first in the address.",
    )


class Strip(Keys):
    """What is no content in the texts of a source, and goes before they are cleaned."""

    select: list[Css] = Field(
        default_factory=list, description="CSS selectors of elements that go with all that is in them: .donate."
    )
    phrases: list[Phrase] = Field(
        default_factory=list,
        description="Lines that go, whole and as a reader sees them, whatever their case; * stands for any words.",
    )


class SourceDefaults(Keys):
    """The keys of a source that a group may set for all its sources."""

    language: Language | None = Field(default=None, description="BCP 47 tag of all its items: ru, uk, en.")
    zone: Zone | None = Field(default=None, description="Time zone of dates that carry none: Europe/Kyiv.")
    zone_labels: Literal["believe", "ignore"] | None = Field(
        default=None, description="ignore: its dates are in `zone`, whatever zone they name; for local time called GMT."
    )
    future: Literal["clamp", "allow"] | None = Field(
        default=None,
        description="allow: a date ahead of us is that of an event and kept; else the time of reading stands there.",
    )
    section: SectionName | None = Field(default=None, description="The section of all its items.")
    priority: float | None = Field(
        default=None, ge=0, le=1000, description="Whose copy of an article leads: the higher one; 1 if not said."
    )
    poll: PollOrDuration | None = Field(default=None, description="When to poll it.")
    hints: Literal["obey", "cap", "ignore"] | None = Field(
        default=None,
        description="What its own wishes for a pause may do (max-age, Expires, ttl, skipHours ...): obey: a week; "
        "cap: `hints.cap`, or what fits its rhythm, and that if not said; ignore: nothing.",
    )
    map: TermMap | None = Field(default=None, description="What its own words for sections mean.")
    strip: Strip | None = Field(default=None, description="What is no content in its texts: banners.")
    full_text: bool | None = Field(
        default=None, description="true: fetch the articles that its new items link to, as robots.txt allows."
    )
    first: Number | None = Field(
        default=None, ge=0, le=1000, description="So many of its newest items may enter topics on first contact; 10."
    )
    allow_private: Networks | None = Field(
        default=None, description="Networks that are not public and that it may be fetched from."
    )
    via: EgressName | None = Field(default=None, description="The egress it is fetched through.")
    user_agent: HeaderValue | None = Field(default=None, description="A User-Agent instead of ours.")
    headers: dict[HeaderName, HeaderValue] | None = Field(
        default=None, description="Headers that are sent to its own host only."
    )
    cookies: dict[CookieName, CookieValue] | None = Field(
        default=None, description="Cookies that are sent to its own host only."
    )
    basic: Login | None = Field(default=None, description="user:password, for its own host only; best as ${NAME}.")
    websub: Literal["on", "off"] | None = Field(
        default=None, description="off: its hubs are left alone, and it is polled only."
    )
    verify: bool | None = Field(default=None, description="false: believe whoever answers, whatever his certificate.")
    visibility: Visibility | None = Field(
        default=None,
        description="private: its items stand in private topics and nowhere else; public if not said.",
    )
    republish: Republish | None = Field(
        default=None, description="Topics show no more of its articles than this: full, teaser or link."
    )
    images: Literal["link", "drop"] | None = Field(
        default=None, description="drop: the pictures in its texts are left out; link if not said."
    )


class Select(Keys):
    """Where the items of a page are."""

    item: Css = Field(description="A CSS selector of each item of the page; the others look inside it.")
    title: Reading | None = Field(
        default=None,
        description="Its title; the first sentence of its `content` or `summary` if not said. `CSS@NAME` reads an "
        "attribute instead of words, here and below; `@NAME` the item's own.",
    )
    id: Reading | None = Field(default=None, description="What it is recognised by; its address if not said.")
    link: Reading | None = Field(
        default=None,
        description="Its address: the `href` of what is selected, in it or around it; that of its title if not said.",
    )
    summary: Reading | None = Field(default=None, description="Its teaser, with its markup.")
    content: Reading | None = Field(
        default=None, description="Its whole text, with its markup; of several elements one after the other."
    )
    author: Reading | None = Field(default=None, description="Who wrote it; each that is found.")
    image: Reading | None = Field(
        default=None, description="Its pictures: each <img>, or an element with a picture as its background."
    )
    credit: Reading | None = Field(default=None, description="Whom it is taken from, and if it is a link, from where.")
    published: Reading | None = Field(
        default=None,
        description="Its date; of several elements the words together (`.date, .time`), of a <time> its `datetime`.",
    )
    section: Reading | None = Field(
        default=None, description="The page's words for its section; each that is found is a category, for `map`."
    )
    day: Css | None = Field(
        default=None, description="Headings of the page, outside of items: the day of the items behind them."
    )


def _titled(select: Select) -> Select:
    if not (select.title or select.content or select.summary):
        raise WrongError('the key "title" is missing.', "`content` would do: its first sentence is a title, too.")
    return select


def _word(preset: Preset) -> Any:
    """Return the key of a preset: its type and what it means."""
    meaning = f"In place of `url`: {preset.takes.rstrip(',')}, or its address."
    return Annotated[str, AfterValidator(preset.word)] | None, Field(default=None, description=meaning)


Presets = create_model("Presets", __base__=SourceDefaults, **{preset.name: _word(preset) for preset in PRESETS})


class Source(Presets, SourceDefaults):
    """One feed, page or sitemap that is polled."""

    url: Url | None = Field(default=None, description="Address of the feed; this, `page` or `sitemap` is required.")
    page: Url | None = Field(
        default=None, description="Address of a page without a feed; `select` and `zone` are required then."
    )
    sitemap: Url | None = Field(default=None, description="Address of a sitemap, best one for news.")
    select: Annotated[Select, AfterValidator(_titled)] | None = Field(
        default=None, description="Where the items of the page are."
    )
    title: str | None = Field(default=None, description="What to call it, instead of what it calls itself.")


class Group(Keys):
    """Sources that have something in common."""

    sources: list[SourceName] = Field(default_factory=list, description="Ids of its sources.")
    defaults: SourceDefaults = Field(
        default_factory=SourceDefaults, description="Keys that its sources have unless they say otherwise."
    )
    priority: float | None = Field(default=None, ge=0, le=1000, description="Short for `defaults: {priority: ...}`.")


class Sources(Keys):
    """sources.yaml and sources.d/*.yaml: what to poll."""

    groups: Annotated[dict[Id, Group], BeforeValidator(empty)] = Field(
        default_factory=dict, description="Groups, for common keys and for `group:` in queries."
    )
    owners: Annotated[dict[Id, list[SourceName]], BeforeValidator(empty)] = Field(
        default_factory=dict,
        description="Sources that have one owner count as one where independent outlets are counted: "
        "`ozero-group: [ozero, channel]`.",
    )
    sources: Annotated[dict[Id, Source], BeforeValidator(empty)] = Field(
        default_factory=dict, description="The sources by id."
    )


class PollSettings(Keys):
    """How often sources are polled, and how many at once."""

    eager: float = Field(
        default=1, ge=0.25, le=4, description="How much fresh news is worth a request: 4 polls most, 0.25 least."
    )

    floor: Duration = Field(default=FLOOR, ge=timedelta(seconds=1), description="No source is polled more often.")
    ceiling: Duration = Field(default=CEILING, ge=timedelta(seconds=1), description="No source is polled more rarely.")
    at_once: Number = Field(default=50, ge=1, le=1000, description="So many sources are polled at the same time.")


class HintSettings(Keys):
    """How far we follow what publishers ask for."""

    cap: Duration = Field(
        default=HINTS_CAP,
        description="The longest pause that max-age, Expires or ttl gets, beyond what fits the source.",
    )


class HostPause(Keys):
    """Politeness to one host."""

    at_once: Number = Field(default=Pause().at_once, ge=1, le=100, description="So many requests at the same time.")
    gap: Duration = Field(default=Pause().gap, description="Pause between two requests.")


class Hosts(Keys):
    """What we grant to hosts."""

    default: HostPause = Field(default_factory=HostPause, description="For every host.")


class Metrics(Keys):
    """Who may see our numbers."""

    allow: Networks = Field(
        default_factory=list, description="Networks that may ask for /metrics; this machine always may."
    )


class RetentionSettings(Keys):
    """For how long the past is kept, counted from the last time an item stood in its source's document."""

    items: Duration = Field(
        default=Retention().items,
        ge=timedelta(days=30),
        description="Items; at least 30d: so long an article told again is known as a copy. Of the oldest that go, one "
        "row of their id stays, so that they never come back as news.",
    )
    revisions: Duration = Field(
        default=Retention().revisions, ge=timedelta(days=1), description="What they said before they were edited."
    )
    max_size: Size | None = Field(
        default=None,
        description="The store's size, 5GB: above it the oldest items go earlier, but none before 30d. No limit if not "
        "said.",
    )


class Settings(Keys):
    """aggregator.yaml: the process."""

    public_url: PublicUrl | None = Field(
        default=None, description="Where readers reach us; links in feeds begin with it. http://LISTEN if not said."
    )
    listen: Listen = Field(default="127.0.0.1:8080", description="host:port that the server listens on.")
    database: Database = Field(default="sqlite:///var/aggregator.db", description="sqlite:///PATH or postgresql://...")
    poll: PollSettings = Field(default_factory=PollSettings, description="How often and how many.")
    hints: HintSettings = Field(default_factory=HintSettings, description="What publishers may ask for.")
    hosts: Hosts = Field(default_factory=Hosts, description="Politeness to hosts.")
    authority: Authority | None = Field(
        default=None, description="Host name in the ids of entries, fixed for ever; that of the first public_url."
    )
    contact: Contact = Field(
        default="",
        description="Address in our User-Agent, so that a publisher can reach us; PUBLIC_URL/about if not said.",
    )
    subscribers: int | None = Field(
        default=None, ge=0, description="How many people read through us; publishers are told in our User-Agent."
    )
    allow_private: Networks = Field(
        default_factory=list, description="Networks that are not public and that sources may be fetched from."
    )
    egress: dict[Id, EgressUrl] = Field(
        default_factory=dict, description="Other ways out, for `via:`: http://HOST:PORT or socks5h://HOST:PORT."
    )
    metrics: Metrics = Field(default_factory=Metrics, description="The numbers at /metrics.")
    websub: WebSub = Field(
        default="auto",
        description="Whether hubs may push to us: auto does where `public_url` is on the public internet; on; off.",
    )
    hub: Hub = Field(
        default="on", description="on: PUBLIC_URL/hub tells subscribers (WebSub) what is new in public topics."
    )
    watch: Watch = Field(
        default="on",
        description="on: a change of these files is read by itself, as after SIGHUP; with a mistake in it the last "
        "good configuration stays in force.",
    )
    hubs: list[Url] = Field(default_factory=list, description="Hubs of others that are told what is new, and named.")
    retention: RetentionSettings = Field(default_factory=RetentionSettings, description="How long the past is kept.")
    state_dir: str | None = Field(
        default=None,
        min_length=1,
        description="Folder of what is not in the database: the record of what was delivered, which a restore needs, "
        "and copies of documents that the parser could not bear. Default: the folder of an SQLite database, or `var`.",
    )
