"""topic token new|revoke|list: the addresses at which a private topic is read."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli import show
from aggregator.cli.asking import here_or_there, or_fail
from aggregator.cli.ground import FAILED, AsJson, app, fail, read_config, reading

if TYPE_CHECKING:
    from aggregator.config import Config

BYTES = 32  # of chance in a token: 43 characters
_TOKEN = re.compile(r"(?:\A|/private/)([A-Za-z0-9_-]{43})(?=/|\Z)")
Topic = Annotated[str, typer.Argument(metavar="TOPIC", help="A topic with `visibility: private`.")]

topic = typer.Typer(name="topic", help="Look after topics.", no_args_is_help=True, rich_markup_mode=None)
token = typer.Typer(
    name="token",
    help="Give and take back addresses of a private topic. Who has one reads the topic; give each reader his own.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
topic.add_typer(token)
app.add_typer(topic)


@token.command()
def new(topic: Topic, as_json: AsJson = False) -> None:
    """Print new addresses of a private topic. They are shown this once: only a hash of the token is kept.

    Example: aggregator topic token new family
    """
    from aggregator.store import tokens

    config = _of_private(topic)
    made = secrets.token_urlsafe(BYTES)
    while made.startswith("-"):  # `revoke` would take it for an option
        made = secrets.token_urlsafe(BYTES)
    hashed = tokens.hash_of(made)
    _do(config, {"do": "new", "topic": topic, "hashes": [hashed.hex()]})
    under = f"{config.public_url}/private/{made}"
    addresses = {kind: f"{under}/feeds/{topic}.{kind}" for kind in ("atom", "rss", "json")}
    addresses["page"] = f"{under}/topics/{topic}"
    if as_json:
        show.json_out({"topic": topic, "token": made, "mark": hashed.hex()[: tokens.MARK], "addresses": addresses})
        return
    for kind, address in addresses.items():
        show.line(f"{kind:5} {address}")
    show.line(f"Whoever has one of these reads the topic. To end that: aggregator topic token revoke {topic} {made}")


@token.command()
def revoke(
    topic: Topic,
    given: Annotated[
        str | None, typer.Argument(metavar="TOKEN", help="A token, an address with it, or its mark as `list` shows it.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All that were given out for this topic.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take an address of a private topic back: it opens nothing any more, at once.

    Example: aggregator topic token revoke family --all
    """
    from aggregator.store import tokens

    config = _of_private(topic)
    if (given is None) is not every:
        raise fail("name one token, or say --all")
    with reading(config) as store:
        known = [one.sha256 for one in store.read_now(tokens.given, topic)]
    if given is not None:
        found = _TOKEN.search(given)
        hashed = tokens.hash_of(found[1]).hex() if found else given.lower()
        known = [one for one in known if len(hashed) >= tokens.MARK and one.hex().startswith(hashed)]
        if not known:
            raise fail(f"no address of {topic} has this token; aggregator topic token list shows what there is", FAILED)
    done = _do(config, {"do": "revoke", "topic": topic, "hashes": [one.hex() for one in known]})
    if as_json:
        show.json_out({"topic": topic, "revoked": done["tokens"]})
        return
    show.line(f"{show.count(done['tokens'], 'token')} of {topic} revoked.")


@token.command(name="list")
def list_(as_json: AsJson = False) -> None:
    """Show which addresses were given out: the topic, the mark of the token, when. The tokens themselves nobody knows.

    Example: aggregator topic token list
    """
    from aggregator.store import tokens

    config = read_config()
    with reading(config) as store:
        given = store.read_now(tokens.given)
    if as_json:
        show.json_out([{"topic": one.topic, "mark": one.mark, "at": one.at} for one in given])
        return
    if not given:
        show.line("No token was given out yet.")
        return
    show.table(
        ["topic", "mark", "since", ""],
        [[one.topic, one.mark, f"{one.at:%Y-%m-%d %H:%M} UTC", _standing(config, one.topic)] for one in given],
    )


def _standing(config: Config, topic: str) -> str:
    known = config.topics.get(topic)
    return (
        "opens nothing: the topic is not private" if known and not known.private else "" if known else "opens nothing"
    )


def _of_private(topic: str) -> Config:
    """Return the configuration, in which this topic is private."""
    config = read_config()
    known = config.topics.get(topic)
    if known is None:
        raise fail(show.unknown("topic", topic, config.topics))
    if not known.private:
        raise fail(f"{topic} is public and needs no token; `visibility: private` in topics.yaml makes it private")
    return config


def _do(config: Config, request: dict[str, Any]) -> dict[str, Any]:
    """Have it done by whoever holds the store; return what came of it."""
    said: list[dict[str, Any]] = []
    here_or_there(config, {"verb": "token", **request}, said.append)
    or_fail(said)
    return said[0]
