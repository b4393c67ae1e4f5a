"""A daemon over a few small papers: what most rows of the fault matrix need that are not about dying."""

from __future__ import annotations

import signal
import socket
from contextlib import contextmanager

from harness import Place
from sample import document

TOPICS = {"all": {"title": "Всё", "match": "age:<7d"}}


def papers(origin, number, **more):
    """Return the configuration of so many sources, each at a host of its own with one article."""
    return {
        f"s{n}": {
            "url": origin.serve(f"/{n}.xml", document([f"Новость {n}"], host=f"s{n}.example"), host=f"127.0.1.{n + 1}"),
            **more,
        }
        for n in range(number)
    }


def entries(daemon, topic="all"):
    """Return the titles of a topic's entries; of one that was never published yet, none."""
    answer = daemon.get(f"/feeds/{topic}.json")
    return set() if answer.status_code == 503 else {item["title"] for item in answer.json()["items"]}


def metric(daemon, name):
    """Return a number without labels."""
    lines = daemon.get("/metrics").text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"aggregator_{name} "))


@contextmanager
def told(root):
    """Give a socket as systemd has one, and the environment that names it; nobody has read what is said there."""
    path = root / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(path))
        listening.settimeout(0.05)
        yield listening, {"NOTIFY_SOCKET": str(path)}


def heard(listening):
    """Return what was said since the last time."""
    said = []
    while True:
        try:
            said.append(listening.recv(4096).decode())
        except TimeoutError:
            return said


def reload(daemon, place, *configuration):
    """Write a configuration and wait until it is in force."""
    before = len(daemon.told("config.reloaded"))
    place.write(*configuration)
    daemon.process.send_signal(signal.SIGHUP)
    daemon.wait_for(lambda: len(daemon.told("config.reloaded")) > before, "the reload")


__all__ = ["TOPICS", "Place", "entries", "heard", "metric", "papers", "reload", "told"]
