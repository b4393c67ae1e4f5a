"""story show|split|merge|pin|rebuild: which items tell of one event, and a person's word about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli import show
from aggregator.cli.asking import here_or_there, or_fail
from aggregator.cli.ground import FAILED, AsJson, app, fail, read_config, reading
from aggregator.cli.inspect import evidence, find

if TYPE_CHECKING:
    from aggregator.config import Config
    from aggregator.store import Store

SHOWN = 50  # changes that `rebuild` prints; --json prints all
KEPT = (
    "Entries that readers have keep their ids, faces and lists; what comes from now on goes where the stories are now."
)
Item = Annotated[str, typer.Argument(metavar="ITEM", help="An item: 16 hex digits, an entry's id or an address.")]

story = typer.Typer(
    name="story",
    help="Show a story, and have the last word: what you say holds, also after a restart and a rebuild.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(story)


@story.command(name="show")
def show_(
    item: Annotated[str, typer.Argument(metavar="ID|ITEM|URL", help="A story, or an item of it.")],
    as_json: AsJson = False,
) -> None:
    """Show who tells of an event, why each is in its story, and what persons said of it.

    Example: aggregator story show https://ostrov.example/news/1234
    """
    config = read_config()
    with reading(config) as store:
        told = _told(store, config, one_key(store, item))
    if as_json:
        show.json_out(told)
        return
    _tell(told)


@story.command()
def split(
    items: Annotated[list[str], typer.Argument(metavar="ITEM", help="Items of one story: keys, ids or addresses.")],
    as_json: AsJson = False,
) -> None:
    """Take items out of their story: they tell of another event. Several stay together.

    Neither the curator nor a rebuild brings them back to the others; `story merge` takes it back.

    Example: aggregator story split https://ostrov.example/news/1234
    """
    done = _do("split", items)
    if as_json:
        show.json_out(done)
        return
    show.line(
        f"{show.count(len(done['out']), 'item')} taken out of the story, which has {len(done['left'])} left. {KEPT}"
    )


@story.command()
def merge(one: Item, other: Item, as_json: AsJson = False) -> None:
    """Make the stories of two items one: they tell of the same event.

    The elder story keeps its name. `story split` takes it back.

    Example: aggregator story merge 0123456789abcdef https://ostrov.example/news/1234
    """
    done = _do("merge", [one, other])
    if as_json:
        show.json_out(done)
        return
    show.line(f"One story of {show.count(len(done['story']), 'item')}. {KEPT}")
    show.line("Where both stood in a topic as entries of their own, both stay there.")


@story.command()
def pin(
    item: Item,
    off: Annotated[bool, typer.Option("--off", help="End it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let an item keep its story whatever comes, and be its face in topics that have not shown it yet.

    Example: aggregator story pin https://ostrov.example/news/1234
    """
    done = _do("unpin" if off else "pin", [item])
    if as_json:
        show.json_out(done)
    elif off:
        show.line("Not pinned any more.")
    else:
        show.line(
            f"Pinned, in a story of {show.count(len(done['story']), 'item')}. Delivered entries keep their faces."
        )


@story.command()
def rebuild(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    as_json: AsJson = False,
) -> None:
    """Group the items of the last days anew, by the present rules and what persons said; show the difference.

    Example: aggregator story rebuild --dry-run
    """
    messages: list[dict[str, Any]] = []
    request = {"verb": "story", "do": "try-rebuild" if dry_run else "rebuild"}
    here_or_there(read_config(), request, messages.append)
    or_fail(messages)
    by_event = {word: [m for m in messages if m.get("event") == word] for word in ("split", "merged", "moved")}
    (counts,) = [message for message in messages if message.get("event") == "rebuilt"]
    if as_json:
        plain = {
            word: [{k: v for k, v in m.items() if k != "event"} for m in found] for word, found in by_event.items()
        }
        show.json_out({"dry_run": dry_run, "items": counts["items"], **plain})
        return
    _tell_difference(by_event)
    parts = f"{counts['moved']} moved; stories: {counts['split']} split, {counts['merged']} merged"
    show.line(f"{show.count(counts['items'], 'item')} of the last days grouped anew: {parts}.")
    show.line("Nothing was changed (--dry-run)." if dry_run else KEPT)


def _tell_difference(by_event: dict[str, list[dict[str, Any]]]) -> None:
    for word, found in by_event.items():
        for one in found[:SHOWN]:
            _tell_change(word, one)
        if (more := len(found) - SHOWN) > 0:
            show.line(f"  {word:7} and {more} more (--json shows all)")


def _tell_change(word: str, one: dict[str, Any]) -> None:
    if word != "moved":
        how = "what it held is in" if word == "split" else "holds what was in"
        show.line(f"  {word:7} {_named(one['story'], one['title'])}: {how} {len(one['stories'])} stories", "yellow")
        return
    to = "stands alone" if one["to"] == one["item"] else f"joins {_named(one['to'], one['titles']['to'])}"
    left = "" if one["from"] == one["item"] else f", leaves {_named(one['from'], one['titles']['from'])}"
    show.line(f"  moved   {_named(one['item'], one['title'])}: {to}{left}")
    if one.get("method", "first") != "first":
        show.line(f"          {one['method']}, {one['score']:.2f}: {one['evidence']}")


def _named(key: str, title: str) -> str:
    return f"{key} «{title or 'without a title'}»"


def _do(do: str, asked: list[str]) -> dict[str, Any]:
    """Have it done; return what came of it."""
    config = read_config()
    with reading(config) as store:
        keys = list(dict.fromkeys(one_key(store, one) for one in asked))
    if do == "merge" and len(keys) == 1:
        raise fail(f"{asked[0]} and {asked[1]} are one item; name one of each story")
    messages: list[dict[str, Any]] = []
    here_or_there(config, {"verb": "story", "do": do, "items": keys}, messages.append)
    or_fail(messages)
    (done,) = [message for message in messages if message.get("event") == "regrouped"]
    topics = [message["topic"] for message in messages if message.get("event") == "published"]
    return {name: value for name, value in done.items() if name != "event"} | {"topics": topics}


def one_key(store: Store, asked: str) -> str:
    """Return the key of the one item that is meant."""
    found = find(store, asked)
    if not found:
        raise fail(f"nothing is stored under {asked}; its source may not have shown it yet (aggregator status)", FAILED)
    if len(found) > 1:
        which = ", ".join(f"{one.key} of {one.source}" for one in found)
        raise fail(f"{show.count(len(found), 'item')} are at {asked}; name one of them by its key: {which}")
    return found[0].key


def _told(store: Store, config: Config, key: str) -> dict[str, Any]:
    """Return a story for --json."""
    from dataclasses import asdict

    from aggregator.store import items, rulings, stories

    name = store.read_now(stories.group_of, "story", key)
    members = {one.item: one for one in store.read_now(stories.members, "story", name)} if name else {}
    rows = []
    for member in members or [key]:
        stored = store.read_now(items.by_key, member)
        if stored is None:
            continue
        source = config.sources.get(stored.source)
        how = asdict(members[member]) if member in members else {}
        rows.append(
            {
                "item": member,
                "title": stored.item.title,
                "link": stored.item.link,
                "source": stored.source,
                "outlet": source.title if source and source.title else stored.source,
                "at": stored.sort_at,
                "withdrawn": stored.withdrawn,
                **{word: how[word] for word in ("of", "method", "score", "evidence", "rule") if how},
            }
        )
    said = store.read_now(rulings.about, list(members) or [key])
    return {"story": name or key, "items": rows, "said": [asdict(one) for one in said]}


def _tell(told: dict[str, Any]) -> None:
    items = told["items"]
    show.line(f"story {told['story']}: {show.count(len(items), 'item')}", "bold")
    for one in items:
        show.line(f"  {one['at']:%Y-%m-%d %H:%M} {one['outlet']}: {one['title'] or '(without a title)'}")
        show.line(f"    {one['item']}, {evidence(one) if 'method' in one else 'alone'}")
        if one["withdrawn"]:
            show.line(f"    withdrawn: {one['withdrawn']}", "yellow")
        if one["link"]:
            show.line(f"    {one['link']}")
    for said in told["said"]:
        if said["says"] == "pinned":
            show.line(f"  said: {said['item']} is pinned", "yellow")
        else:
            show.line(f"  said: {said['item']} and {said['other']} are {said['says']}", "yellow")
