"""The verb that looks at an address before it becomes a source: try. It needs no store, and no configuration."""

from __future__ import annotations

import asyncio
import re
import sys
from dataclasses import asdict, replace
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli import show
from aggregator.cli.ground import FAILED, AsJson, app, fail, read_config

if TYPE_CHECKING:
    from aggregator.config import Config
    from aggregator.config.values import WrongError
    from aggregator.model import Fetched, Parsed, Select, Source
    from aggregator.parse.discover import Candidate
    from aggregator.trial import Asked, Prospect, Suggestion, Trial

NEW = "try"  # feed-id in the User-Agent, while a source has no id
HOW = {
    "header": "in a Link header",
    "link": "in <link>",
    "anchor": "in a link",
    "guess": "guessed",
    "refresh": "",
    "page": "repeated on the page",
}


@app.command("try")
def try_(  # noqa: PLR0917 - typer gives each by its name
    context: typer.Context,
    url: Annotated[
        str,
        typer.Argument(
            metavar="URL",
            help="A feed, a sitemap, a page that names its feeds, or lists news; or telegram:NAME and its like.",
        ),
    ],
    guess: Annotated[
        bool, typer.Option("--guess", help="Ask the usual places too, where no feed is named: /feed, /rss.xml ...")
    ] = False,
    as_id: Annotated[
        str | None,
        typer.Option("--as", metavar="ID", help="The source's id; of one that exists: ask and sort as that one."),
    ] = None,
    allow_private: Annotated[
        list[str] | None,
        typer.Option("--allow-private", metavar="CIDR", help="A network that is not public and may be asked."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Look at a feed, or find the feeds of a page; show what would be stored, and suggest the YAML.

    A page without a feed may repeat items: selectors for them are proposed. Nothing is stored. Exit code 1 if nothing
    was found that can become a source.

    Example: aggregator try https://www.example.org/
    """
    from aggregator import clock, log, trial

    url, select = place_of(url)
    networks = checked(url, as_id, allow_private or [])
    folder: Path = context.find_root().params["config"]
    config = read_config() if _is_one(folder) else None
    if config is None:
        say(f"There is no configuration in {folder}, so sections and topics are not told.", "yellow")
    log.set_up(level="error")  # what happens is told here
    found = asyncio.run(
        trial.look(
            asked_of(url, select, as_id, config),
            config=config,
            allow_private=networks,
            guess=guess,
            clock=clock.now,
            say=say,
        )
    )
    suggested = trial.suggestions(found, config=config, name=as_id, allow_private=networks)
    now = clock.now()
    becomes = [trial.prospects(asked, config=config, now=now) for asked in found.asked]
    if as_json:
        show.json_out(_as_dict(found, becomes, suggested))
    else:
        _tell(found, becomes, config, guess=guess, now=now)
        _tell_yaml(found, suggested, config)
    if not found.feeds:
        raise typer.Exit(FAILED)


def _is_one(folder: Path) -> bool:
    """Tell whether there is a configuration; one with mistakes is one, since it may say how to go to an address."""
    return folder.is_file() or any(folder.glob("*.y*ml"))


def say(text: str, style: str = "dim") -> None:
    """Tell the person what goes on, beside what the verb prints."""
    show.talk.print(text, style=style, markup=False, emoji=False, soft_wrap=True)


def place_of(text: str) -> tuple[str, Select | None]:
    """Return the address to ask, and the selectors that a preset has for it; end with a sentence if a word is wrong."""
    from aggregator.config.presets import prefixed, recognised
    from aggregator.config.values import WrongError

    try:
        named = prefixed(text) or recognised(text)
    except WrongError as error:
        raise fail(_sentence(error)) from None
    return (named.url, named.preset.select) if named else (text, None)


def _sentence(error: WrongError) -> str:
    return f"{error.problem.replace('{here}', 'something else')} {error.hint}".strip()


def checked(url: str, as_id: str | None, allow_private: list[str]) -> tuple[str, ...]:
    """Return the networks; end with a sentence where something that was written is wrong."""
    from aggregator.config.values import WrongError, address, identifier, network

    try:
        address(url)
        if as_id is not None:
            identifier(as_id)
        return tuple(map(network, allow_private))
    except WrongError as error:
        raise fail(_sentence(error)) from None


def asked_of(url: str, select: Select | None, as_id: str | None, config: Config | None) -> Source:
    """Return the source to ask as: the configured one where there is one, for its headers, its egress, its zone."""
    from aggregator.model import Source
    from aggregator.trial import toward

    sources = config.sources if config else {}
    if as_id is not None and as_id in sources:
        return replace(toward(sources[as_id], url), select=select or sources[as_id].select)
    same = next((source for source in sources.values() if source.url == url), None)
    if same and as_id is None:
        return same
    return Source(id=as_id or NEW, url=url, select=select)


# --- for people ---------------------------------------------------------------------------------------------------


def _tell(
    found: Trial, becomes: list[tuple[Prospect, ...]], config: Config | None, *, guess: bool, now: datetime
) -> None:
    for asked, items in zip(found.asked, becomes, strict=True):
        _tell_asked(asked)
        if items:
            show.line()
            _tell_items(items, config, now, words=bool(asked.source.select and asked.source.select.section))
        show.line()
    asked_urls = {asked.candidate.url for asked in found.asked}
    left = [candidate for candidate in found.candidates if candidate.url not in asked_urls]
    if left:
        show.line("Named there too, and not asked:", "bold")
        for candidate in left:
            show.line(f"  {_candidate(candidate)}")
        show.line()
    if not found.feeds:
        way_out(found, guess=guess)


def _candidate(candidate: Candidate) -> str:
    if candidate.how == "refresh":
        return f"{candidate.url}  where browsers are sent on to; try that"
    return "  ".join(filter(None, [candidate.url, candidate.type, _seen(candidate.title), HOW[candidate.how]]))


def _tell_asked(asked: Asked) -> None:
    from aggregator.config.presets import recognised

    show.line(asked.source.url, "bold")
    candidate = asked.candidate
    if named := recognised(asked.source.url):
        show.line(f"  preset     {named.preset.name}: {named.word}")
    if candidate.how != "given":
        called = f", called «{_seen(candidate.title)}»" if candidate.title else ""
        show.line(f"  found      {HOW[candidate.how]}{called}")
    if asked.fetched and candidate.how != "page":  # of a page it is told already
        _tell_answer(asked, asked.fetched)
    if asked.parsed:
        _tell_document(asked, asked.parsed)
    for hub in asked.hubs.hubs if asked.hubs else ():
        show.line(f"  hub        {hub} tells of its news (WebSub)")
    _tell_flaws(asked)
    if asked.error:
        show.line(f"  no feed    {_seen(asked.error.problem)}", None if asked.kind == "HTML" else "red")
    if hint := _hint(asked):
        show.line(f"  do         {_seen(hint)}")


def _tell_answer(asked: Asked, fetched: Fetched) -> None:
    kind = {"HTML": "a page", "sitemap": "a sitemap", "other": "something else"}.get(asked.kind or "", asked.kind)
    took = f"{asked.took.total_seconds():.1f} s"
    content_type = _seen(fetched.content_type) or "no Content-Type"
    show.line(f"  came       {kind}: {fetched.status}, {content_type}, {fetched.bytes_read:,} bytes, {took}")
    for hop in fetched.hops:
        lasting = "for good" if hop.status in {301, 308} else "for now"
        show.line(f"  redirects  {hop.status}, {lasting}, to {hop.url}")
    if not fetched.hops and fetched.url != asked.source.url.partition("#")[0]:
        show.line(f"  redirects  to {fetched.url}")


def _tell_document(asked: Asked, parsed: Parsed) -> None:
    show.line(f"  validators {_validators(asked)}")
    language = f", in {parsed.feed.language}" if parsed.feed.language else ""
    title = f"«{_seen(parsed.feed.title)}»" if parsed.feed.title else "without a title"
    select = asked.source.select
    kind = "page" if select else "sitemap" if asked.source.sitemap else "feed"
    show.line(f"  {kind:<10} {title}{language}, {show.count(len(parsed.items), 'item')}")
    said = [f"{name}: {css}" for name, css in asdict(select).items() if css] if select and not select.absent else []
    for head, line in zip_longest(["select"] if said else [], said, fillvalue=""):
        show.line(f"  {head:<10} {line}")


def _validators(asked: Asked) -> str:
    assert asked.fetched is not None
    named = {"ETag": asked.fetched.etag, "Last-Modified": asked.fetched.last_modified}
    said = [f"{name} {_seen(value.decode('latin-1'))}" for name, value in named.items() if value]
    return ", ".join(said) or "none: each poll would bring the whole document"


def _tell_flaws(asked: Asked) -> None:
    from aggregator.fetch.flaws import FLAWS as OF_ANSWERS
    from aggregator.parse.flaws import FLAWS

    sentences = OF_ANSWERS | FLAWS
    places: dict[str, list[str]] = {}
    flaws = (*(asked.fetched.flaws if asked.fetched else ()), *(asked.parsed.flaws if asked.parsed else ()))
    for flaw in flaws:
        where = flaw.detail if flaw.where == "elsewhere" else flaw.where
        places.setdefault(flaw.code, []).append(where)
    for code, wheres in places.items():
        detail = next((f" [{_seen(flaw.detail)}]" for flaw in flaws if flaw.code == code and flaw.detail), "")
        show.line(f"  flaw       {code} ({', '.join(wheres)}): {sentences.get(code, '')}{detail}", "yellow")


def _tell_items(items: tuple[Prospect, ...], config: Config | None, now: datetime, *, words: bool) -> None:
    heads, rows = ["when", "title"], []
    for one in items:
        when = show.ago(one.item.published, now) if one.item.published else "no date"
        rows.append([when, _seen(one.item.title) or "(without a title)"])
    if config:
        heads[1:1] = ["sections", "topics"]
        for row, one in zip(rows, items, strict=True):
            topics = [verdict.topic if verdict.admitted else f"({verdict.topic})" for verdict in one.verdicts]
            row[1:1] = [", ".join(tag.section for tag in one.sections) or "-", ", ".join(topics) or "-"]
    if words:
        heads[-1:-1] = ["its section"]
        for row, one in zip(rows, items, strict=True):
            row[-1:-1] = [_seen(", ".join(category.term for category in one.item.categories)) or "-"]
    show.table(heads, rows)
    kept = next((verdict for one in items for verdict in one.verdicts if not verdict.admitted), None)
    if kept:
        show.line(f"In brackets: it matches, but would stay out. {kept.topic}: {_seen(kept.why)}.", "yellow")


def _hint(asked: Asked) -> str:
    """Return what can be done about an address that is no feed."""
    if asked.error is None or asked.candidate.how == "guess" or asked.error.kind == "empty-page":
        return ""
    if asked.kind == "HTML" and asked.error.kind == "not-a-feed":
        return "" if asked.candidate.how == "given" else f"it may list feeds: aggregator try {asked.source.url}"
    hint = asked.error.hint
    needed = re.search(r"allow_private: \[(\S+)\]", hint)
    return f"{hint}; for this look, --allow-private {needed[1]}" if needed else hint


def way_out(found: Trial, *, guess: bool) -> None:
    """Say what can be done where no feed was found."""
    first = found.asked[0]
    if first.error and first.error.kind == "challenged":
        return
    if first.kind == "HTML" and not found.candidates:
        show.line("The page names no feed.", "bold")
        show.line("Nothing on it looks like a list of news, for which selectors could be proposed.")
    if first.fetched:
        or_ = "." if guess else ", or let the usual places be asked: --guess."
        show.line(f"Look for a link called RSS on the site and try its address{or_}")


def _tell_yaml(found: Trial, suggested: tuple[Suggestion, ...], config: Config | None) -> None:
    from aggregator.trial import address_of, yaml

    names = {source.url: source.id for source in config.sources.values()} if config else {}
    for feed in found.feeds:
        if name := names.get(address_of(feed)):
            show.line(f"{address_of(feed)} is configured already, as {name}.", "green")
    if suggested:
        say(f"Paste it into sources.yaml, or save it as sources.d/{suggested[0].id}.yaml:", "bold")
        sys.stdout.write(yaml(suggested))  # byte for byte: rich would make a picture of ":cat:"


def _seen(text: str) -> str:
    """Return what others wrote as it may reach a terminal: no control characters."""
    return re.sub("[\x00-\x1f\x7f-\x9f]+", " ", text)


# --- for programs -------------------------------------------------------------------------------------------------


def _as_dict(found: Trial, becomes: list[tuple[Prospect, ...]], suggested: tuple[Suggestion, ...]) -> dict[str, Any]:
    from aggregator.trial import yaml

    return {
        "url": found.asked[0].source.url,
        "feeds": len(found.feeds),
        "asked": [_asked(asked, items) for asked, items in zip(found.asked, becomes, strict=True)],
        "candidates": [asdict(candidate) for candidate in found.candidates],
        "sources": [asdict(one) for one in suggested],
        "yaml": yaml(suggested),
    }


def _asked(asked: Asked, items: tuple[Prospect, ...]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "url": asked.source.url,
        "how": asked.candidate.how,
        "kind": asked.kind,
        "took_ms": round(asked.took.total_seconds() * 1000),
        "problem": asked.error.problem if asked.error else "",
        "error": asked.error.kind if asked.error else "",
        "hint": _hint(asked),
        "select": asdict(asked.source.select) if asked.source.select else None,
    }
    if fetched := asked.fetched:
        told |= {
            "status": fetched.status,
            "content_type": fetched.content_type,
            "bytes": fetched.bytes_read,
            "redirects": [asdict(hop) for hop in fetched.hops],
            "final_url": fetched.url,
            "etag": fetched.etag.decode("latin-1") if fetched.etag else None,
            "last_modified": fetched.last_modified.decode("latin-1") if fetched.last_modified else None,
            "hubs": asked.hubs.hubs if asked.hubs else (),
            "topic": asked.hubs.topic if asked.hubs else None,
        }
    else:
        told["status"] = getattr(asked.error, "status", None)
    if parsed := asked.parsed:
        told |= {
            "title": parsed.feed.title,
            "language": parsed.feed.language,
            "link": parsed.feed.link,
            "items": len(parsed.items),
            "flaws": [asdict(flaw) for flaw in (*(fetched.flaws if fetched else ()), *parsed.flaws)],
            "newest": [_item(one) for one in items],
        }
    return told


def _item(one: Prospect) -> dict[str, Any]:
    return {
        "id": one.item.id,
        "title": one.item.title,
        "link": one.item.link,
        "published": one.item.published,
        "language": one.language,
        "sections": [asdict(tag) for tag in one.sections],
        "topics": [asdict(verdict) for verdict in one.verdicts],
    }
