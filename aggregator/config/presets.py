"""Presets: places of the web that a source names by a word of its own, `telegram: ozero_news`.

In:    what a person wrote: the word, or an address of that place as it was pasted.
Out:   the word as it is written best, the address to ask, the selectors where that is a page, the host's pace.
Never: asks the network, or guesses: a handle that leads to no feed by itself is refused with the way to one.

A preset is a row of the table, made from documented addresses and known markup; none was tried against the live site.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from aggregator.config.values import WrongError, address
from aggregator.model import Select

_ADDRESS = re.compile(
    r"(?:https?://)?(?P<host>[^/?#\s]+\.[a-z]{2,})(?::443)?(?:/(?P<tail>[^#]*))?(?:#.*)?", re.IGNORECASE
)
_PREFIXED = re.compile(r"\s*([a-z]+):\s*(?!//)(\S.*?)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One way to name a source of a preset, and the address that it means."""

    shape: str  # regular expression of the word, which is also what follows the host in addresses that people paste
    word: str  # as it is written best; {name} is the group of that name in the shape
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What people write although nothing can be polled there."""

    shape: str
    problem: str
    hint: str  # {said} is what was written


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One place of the web."""

    name: str  # its key in sources.yaml
    takes: str  # what may be written, as the end of a sentence
    example: str
    hosts: tuple[str, ...] = ()  # whose addresses are its own; none: every host may be
    forms: tuple[Form, ...]
    refusals: tuple[Refusal, ...] = ()
    select: Select | None = None  # it is a page
    gap: timedelta | None = None  # at least so long between two requests to its hosts, of all sources together
    opaque: bool = False  # its words tell a person nothing, so that no id is made of them
    untried: str  # what the live site would have to show

    def read(self, text: str) -> Named:
        """Return what a word or a pasted address names. Raises WrongError with what to write instead."""
        said = self._own_part(text.strip())
        for refusal in self.refusals:
            if re.fullmatch(refusal.shape, said, re.IGNORECASE):
                raise WrongError(refusal.problem, refusal.hint.replace("{said}", said))
        for form in self.forms:
            if found := re.fullmatch(form.shape, said, re.IGNORECASE):
                parts = found.groupdict()
                return Named(preset=self, word=form.word.format(**parts), url=form.address.format(**parts))
        raise WrongError(f"{self.takes} is expected, here stands {{here}}.", f"Write it like {self.example}.")

    def word(self, text: str) -> str:
        """Return a word as it is written best. Raises WrongError."""
        return self.read(text).word

    def _own_part(self, text: str) -> str:
        """Return what follows the host in an address of this preset, and anything else as it is."""
        found = _ADDRESS.fullmatch(address(text) if "://" in text else text)
        if not found or not self.hosts:
            return re.sub(r"\Ahttps?://", "", text, flags=re.IGNORECASE).strip("/")
        if found["host"].lower() in self.hosts:
            return (found["tail"] or "").strip("/")
        other = recognised(text)
        hint = f"Did you mean `{other.preset.name}: {other.word}`?" if other else f"Write it like {self.example}."
        raise WrongError(f"an address at {self.hosts[0]} is expected, here stands {{here}}.", hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a word of a preset names."""

    preset: Preset
    word: str
    url: str  # what is asked


_SUBREDDITS = r"r/(?P<name>[A-Za-z0-9_]{2,}(?:\+[A-Za-z0-9_]{2,})*)"
_REDDITOR = r"(?:user|u)/(?P<name>[A-Za-z0-9_-]{3,20})"
_SORT = r"(?P<sort>hot|new|top|rising|controversial)"
_SPAN = r"(?P<span>hour|day|week|month|year|all)"
_RSS = r"(?:/?\.rss)?/?"
# Names at the top of github.com that are no owner's.
_NOBODY = "about|apps|collections|explore|features|login|marketplace|notifications|orgs|search|settings|sponsors|topics"
_REPOSITORY = (
    rf"(?!(?:{_NOBODY}|trending|users)/)"
    r"(?P<owner>[A-Za-z0-9][A-Za-z0-9-]{0,38})/(?P<repo>(?!\.+(?:/|\Z))[\w.-]{1,100}?)(?:\.git)?"
)
_MASTODON_HOST = r"(?P<host>(?:[\w-]+\.)+[a-z][a-z0-9-]+)"
# Of a message on t.me: what is said in it, but for the words it replies to; what is shown, but for what it links to.
_SAID = (
    ".tgme_widget_message_text:not(.js-message_reply_text)",
    ".tgme_widget_message_poll_question",
    ".tgme_widget_message_poll_option_text",
    ".tgme_widget_message_document_title",
    ".link_preview_title",
    ".link_preview_description",
)
_SHOWN = tuple(
    f".tgme_widget_message_{one}:not(.tgme_widget_message_link_preview *)"
    for one in ("photo_wrap", "video_thumb", "roundvideo_thumb")
)

PRESETS = (
    Preset(
        name="telegram",
        takes="the name of a public channel",
        example="ozero_news",
        hosts=("t.me", "telegram.me", "telegram.dog"),
        forms=(
            Form(
                shape=r"(?:s/)?@?(?P<name>[a-z][a-z0-9_]{3,31})(?:/\d+)?(?:\?(?:after|before|comment|embed|single)\b.*)?",
                word="{name}",
                address="https://t.me/s/{name}",
            ),
        ),
        refusals=(
            Refusal(
                shape=r"\+.*|joinchat(?:/.*)?|c/.*",
                problem="this leads into a private chat, which has no public page.",
                hint="Only public channels can be read; they have a name.",
            ),
        ),
        select=Select(
            item=".tgme_widget_message[data-post]:not(.service_message)",
            id="@data-post",
            link=".tgme_widget_message_date",
            content=", ".join(_SAID),
            published=".tgme_widget_message_date time",
            author=".tgme_widget_message_from_author",
            credit=".tgme_widget_message_forwarded_from_name",
            image=", ".join(_SHOWN),
            absent="Telegram shows no public posts there: the channel is private, gone or empty, is a group, "
            "or is shown in the app only",
        ),
        gap=timedelta(seconds=10),  # nothing is documented; t.me is known to throttle whoever reads many channels
        untried="the page itself, its selectors above all; polls, documents and albums of videos most of all",
    ),
    Preset(
        name="youtube",
        takes="the id of a channel or of a playlist",
        example="UCaaaaaaaaaaaaaaaaaaaaaa",
        hosts=("www.youtube.com", "youtube.com", "m.youtube.com"),
        forms=(
            Form(
                shape=r"(?:channel/|feeds/videos\.xml\?channel_id=)?(?P<channel>(?-i:UC)[\w-]{22})(?:/\w*)?(?:\?.*)?",
                word="{channel}",
                address="https://www.youtube.com/feeds/videos.xml?channel_id={channel}",
            ),
            Form(
                shape=r"(?:(?:playlist|watch)\?(?:.*&)?list=|feeds/videos\.xml\?playlist_id=)?"
                r"(?P<playlist>(?-i:PL|UU|FL|OLAK5uy_)[\w-]{10,})(?:&.*)?",
                word="{playlist}",
                address="https://www.youtube.com/feeds/videos.xml?playlist_id={playlist}",
            ),
            Form(
                shape=r"(?:user/|feeds/videos\.xml\?user=)(?P<name>[\w-]+)(?:/\w*)?",
                word="user/{name}",
                address="https://www.youtube.com/feeds/videos.xml?user={name}",
            ),
        ),
        refusals=(
            Refusal(
                shape=r"@.+|c/.+",
                problem="a handle has no feed of its own.",
                hint="Write the channel's id, UC and 22 characters: in a browser it is under About, Share channel; "
                "`aggregator try` with the address of the channel looks for it.",
            ),
            Refusal(
                shape=r"watch\?(?!.*\blist=).*|shorts/.*|live/.*",
                problem="this is a video, not a channel.",
                hint="Write the id of its channel, UC and 22 characters.",
            ),
        ),
        gap=timedelta(seconds=10),  # 150 playlists one after the other were answered 429 (RSS-Bridge #1941)
        opaque=True,
        untried="whether its feeds answer: in 2026 many gave 404 or 500 for weeks (miniflux #4261); then UULF and the "
        "22 characters of a channel's id, a playlist of its videos, was the way round",
    ),
    Preset(
        name="reddit",
        takes="a subreddit or a user",
        example="r/ukraine",
        hosts=("www.reddit.com", "reddit.com", "old.reddit.com", "new.reddit.com", "np.reddit.com", "m.reddit.com"),
        forms=(
            Form(
                shape=rf"{_SUBREDDITS}/{_SORT}{_RSS}\?(?:.*&)?t={_SPAN}(?:&.*)?",
                word="r/{name}/{sort}?t={span}",
                address="https://www.reddit.com/r/{name}/{sort}/.rss?t={span}",
            ),
            Form(
                shape=rf"{_SUBREDDITS}/{_SORT}{_RSS}(?:\?.*)?",
                word="r/{name}/{sort}",
                address="https://www.reddit.com/r/{name}/{sort}/.rss",
            ),
            Form(
                shape=rf"{_SUBREDDITS}{_RSS}(?:\?.*)?",
                word="r/{name}",
                address="https://www.reddit.com/r/{name}/.rss",
            ),
            Form(
                shape=_REDDITOR + _RSS,
                word="user/{name}",
                address="https://www.reddit.com/user/{name}/.rss",
            ),
            Form(
                shape=rf"{_REDDITOR}/(?P<what>submitted|comments){_RSS}",
                word="user/{name}/{what}",
                address="https://www.reddit.com/user/{name}/{what}/.rss",
            ),
            Form(
                shape=_REDDITOR + r"/m/(?P<multi>\w{1,50})" + _RSS,
                word="user/{name}/m/{multi}",
                address="https://www.reddit.com/user/{name}/m/{multi}/.rss",
            ),
        ),
        refusals=(
            Refusal(
                shape=r"[a-z0-9_]{2,21}",
                problem="it does not say whether this is a subreddit or a user.",
                hint='Did you mean "r/{said}"?',
            ),
        ),
        gap=timedelta(minutes=1),  # since June 2026 one request a minute and address (FreshRSS #8928)
        untried="its pace: since June 2026 it lets in about one request a minute, and some addresses not at all",
    ),
    Preset(
        name="github",
        takes="a repository as owner/repo, with /tags, /commits or /commits/BRANCH behind it if not its releases,",
        example="owner/repo",
        hosts=("github.com", "www.github.com"),
        forms=(
            Form(
                shape=_REPOSITORY + r"(?:/releases(?:\.atom)?)?",
                word="{owner}/{repo}",
                address="https://github.com/{owner}/{repo}/releases.atom",
            ),
            Form(
                shape=_REPOSITORY + r"/tags(?:\.atom)?",
                word="{owner}/{repo}/tags",
                address="https://github.com/{owner}/{repo}/tags.atom",
            ),
            Form(
                shape=_REPOSITORY + r"/commits(?:\.atom)?",
                word="{owner}/{repo}/commits",
                address="https://github.com/{owner}/{repo}/commits.atom",
            ),
            Form(
                shape=_REPOSITORY + r"/(?:commits|tree)/(?P<branch>(?!.*\.\.)[\w+@-][\w./+@-]{0,200}?)(?:\.atom)?",
                word="{owner}/{repo}/commits/{branch}",
                address="https://github.com/{owner}/{repo}/commits/{branch}.atom",
            ),
        ),
        refusals=(
            Refusal(
                shape=r"[a-z0-9-]{1,39}",
                problem="this is an owner without a repository.",
                hint='Write "{said}/REPOSITORY".',
            ),
        ),
        gap=timedelta(seconds=5),  # its API allows 60 requests an hour without a login; of its feeds nothing is said
        untried="how many requests it allows; releases of a repository without any are its tags",
    ),
    Preset(
        name="mastodon",
        takes="an account as user@host, or host/tags/NAME,",
        example="news@social.example",
        forms=(
            Form(
                shape=rf"@?(?P<name>\w[\w.-]*)@{_MASTODON_HOST}",
                word="{name}@{host}",
                address="https://{host}/@{name}.rss",
            ),
            Form(
                shape=rf"{_MASTODON_HOST}/(?:@|users/)(?P<name>\w[\w.-]*?)(?:\.rss|/\d+)?",
                word="{name}@{host}",
                address="https://{host}/@{name}.rss",
            ),
            Form(
                shape=rf"{_MASTODON_HOST}/tags/(?P<tag>\w+)(?:\.rss)?",
                word="{host}/tags/{tag}",
                address="https://{host}/tags/{tag}.rss",
            ),
        ),
        refusals=(
            Refusal(
                shape=rf"{_MASTODON_HOST}/@[^/]+@.+",
                problem="this server shows an account of another one.",
                hint="Write user@host with the host where the account is at home.",
            ),
        ),
        untried="servers that show posts to those only who are logged in; GoToSocial and others name feeds otherwise",
    ),
)
BY_NAME = {preset.name: preset for preset in PRESETS}
GAPS = {host: preset.gap for preset in PRESETS if preset.gap for host in preset.hosts}


def recognised(text: str) -> Named | None:
    """Return what an address names, with or without https://, None where it is of no preset."""
    found = _ADDRESS.fullmatch(text.strip())
    if not found:
        return None
    host = found["host"].lower()
    for preset in PRESETS:
        # `host/@name` is how others write names, too: of any other host only the address of a feed is believed
        if host in preset.hosts or (not preset.hosts and re.fullmatch(r"@[^/]+\.rss", found["tail"] or "")):
            try:
                return preset.read(text)
            except WrongError:
                continue
    return None


def prefixed(text: str) -> Named | None:
    """Return what `telegram: ozero_news` names, None where no preset stands in front. Raises WrongError."""
    found = _PREFIXED.fullmatch(text)
    preset = BY_NAME.get(found[1]) if found else None
    return preset.read(found[2]) if found and preset else None
