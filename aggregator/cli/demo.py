"""The verb `demo`: a complete newsroom without internet, told on the terminal while it works."""

from __future__ import annotations

import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer
from rich.live import Live
from rich.text import Text

from aggregator import clock
from aggregator.cli import show
from aggregator.cli.ground import app, fail

if TYPE_CHECKING:
    from aggregator.lab.demo import Demo, Line, Sums

PREFERRED_PORT = 8080
STYLES = {"polled": "cyan", "failed": "red", "folded": "magenta", "kept out": "yellow", "published": "green"}
BEST = "clean"  # the topic that shows most of what is done
WIDEST = 18  # the longest title of an outlet or a topic, and a gap
LEAST = 20  # characters of a title that are shown even on a narrow terminal
SUBSCRIBE = ("donbas", "world", "english", "clean")  # a few of the feeds; the index lists all
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@app.command()
def demo(
    port: Annotated[int | None, typer.Option(help="Listen here; 8080 or the next free one if not said.")] = None,
    seconds: Annotated[float | None, typer.Option(help="End by itself after so long.")] = None,
) -> None:
    """Show it all at work, without internet: invented outlets, the real daemon, feeds to subscribe to.

    Example: aggregator demo
    """
    from aggregator.lab.demo import Demo

    if port is not None and not _is_free(port):
        raise fail(f"127.0.0.1:{port} is taken by another program; leave out --port and a free one is found")
    running = Demo(port=_free_port() if port is None else port)
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup means it
            signal.signal(number, lambda *_: running.stop())
    with running, suppress(OSError):  # the terminal is gone: there is nobody to tell, and everything to clear up
        _tell(running, seconds)
    with suppress(OSError):
        _say(f"The demo has ended: {_sums(running.sums)}. Nothing of it is left behind.")
        _say("Your own: docs/guide/first-ten-minutes.md, or `aggregator --help`.")


def _free_port() -> int:
    if _is_free(PREFERRED_PORT):
        return PREFERRED_PORT
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _tell(running: Demo, seconds: float | None) -> None:
    """Print the head, then what happens; on a terminal the sums stand below it."""
    for text in _head(running):
        _say(text)
    began, ready = time.monotonic(), False
    live = Live(
        get_renderable=lambda: _foot(running.sums, time.monotonic() - began),
        console=show.out,
        transient=True,
        auto_refresh=show.out.is_terminal,
    )
    with live:
        for lines in running.news(seconds=seconds):
            for line in lines:
                _say(_happened(line), cut=True)
            if not ready and running.entries(BEST):
                ready = True
                for text in _ready(running):
                    _say(text)
    _say("\nEnding ...")


def _say(text: Text | str, *, cut: bool = False) -> None:
    """Print one line; cut: to the width of a terminal. Addresses are never cut."""
    if cut and show.out.is_terminal:
        show.out.print(text, no_wrap=True, overflow="ellipsis", crop=True)
    else:
        show.out.print(text, markup=False, soft_wrap=True)


def _head(running: Demo) -> Iterator[Text | str]:
    """What this is, and what a person can do with it."""
    site, config = running.config.public_url, running.folder
    yield Text("aggregator demo: a whole newsroom on this machine, no internet needed", style="bold")
    yield ""
    yield "Eleven invented outlets write in Russian, Ukrainian and English, something new every few seconds."
    yield "The real daemon asks them, joins what several carry, keeps advertisements out, and publishes feeds."
    yield ""

    def place(verb: str, where: str, what: str) -> Text:
        wide = len(f"{site}/feeds/{max(SUBSCRIBE, key=len)}.atom")
        return Text.assemble("  ", (f"{verb:<11}", "bold"), (f"{where:<{wide}}", "cyan"), "  ", (what, "dim"))

    yield place("open", f"{site}/", "in a browser: every topic as a page")
    for number, topic in enumerate(SUBSCRIBE):
        yield place("" if number else "subscribe", f"{site}/feeds/{topic}.atom", running.config.topics[topic].title)
    yield place("look at", str(config), "the three files that make it so")
    yield place("ask", f"{_program()} --config {config} status", "from another terminal")
    yield place("end", "Ctrl-C", "and nothing is left behind")
    yield ""


def _program() -> str:
    """Return how the person calls us."""
    if shutil.which("aggregator"):
        return "aggregator"
    return sys.argv[0] if sys.argv[0].endswith("aggregator") else f"{sys.executable} -m aggregator"


def _ready(running: Demo) -> Iterator[Text | str]:
    topic, site = running.config.topics[BEST], running.config.public_url
    yield ""
    yield Text.assemble(
        ("  ready  ", "bold reverse green"),
        f"  {site}/feeds/{topic.id}.atom",
        (f"  {show.count(running.entries(BEST), 'entry', 'entries')}: subscribe to it in any feed reader", "dim"),
    )
    yield Text.assemble("           ", f"{site}/topics/{topic.id}", ("  the same as a page, for a browser", "dim"))
    yield ""


def _happened(line: Line) -> Text:
    """One line; on a terminal a long title gives way to what stands behind it."""
    head = Text.assemble(
        (f"{clock.now().astimezone():%H:%M:%S}", "dim"),
        "  ",
        (f"{line.verb:<11}", STYLES[line.verb]),
        (f"{line.who:<{WIDEST}}", "bold"),
    )
    what = Text(line.what)
    if show.out.is_terminal:
        room = show.out.width - head.cell_len - len(line.more) - 1
        what.truncate(max(room, LEAST), overflow="ellipsis")
    return Text.assemble(head, what, (f" {line.more}" if line.more else "", "dim"))


def _sums(sums: Sums) -> str:
    articles = f"{show.count(sums.articles, 'article')}, {sums.folded} folded, {sums.kept_out} kept out"
    return f"{show.count(sums.polls, 'poll')}, {sums.quiet} without news, {sums.failed} failed; {articles}"


def _foot(sums: Sums, elapsed_s: float) -> Text:
    minutes, seconds = divmod(int(elapsed_s), 60)
    return Text.assemble((f" {minutes:02}:{seconds:02}  Ctrl-C ends it ", "reverse"), f"  {_sums(sums)}")
