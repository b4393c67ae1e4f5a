"""deploy/nginx.conf with the real nginx before the real daemon: what is kept, and what readers get meanwhile."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import httpx
import pytest
from harness import PATIENCE_S, free_port
from sample import document

from aggregator.lab.origin import Origin

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(not Path(NGINX).exists(), reason="nginx is not installed")


@pytest.fixture
def front(place):
    """Start nginx before a daemon that is not started yet; give its address."""
    port = free_port()
    (place.root / "tmp").mkdir()
    text = (ROOT / "deploy/nginx.conf").read_text("utf-8")
    text = text.replace("listen 8080", f"listen 127.0.0.1:{port}").replace("serve:8080", f"127.0.0.1:{place.port}")
    text = text.replace("/tmp/", f"{place.root}/tmp/").replace("resolver 127.0.0.11", "resolver 127.0.0.1")
    file = place.root / "nginx.conf"
    user = "user root;\n" if os.geteuid() == 0 else ""  # else its workers are nobody, who may not write here
    file.write_text(f"daemon off;\n{user}{text}", "utf-8")
    with (place.root / "nginx.log").open("w") as log:
        process = subprocess.Popen([NGINX, "-c", file, "-p", place.root], stderr=log, stdout=log)
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not _listens(port):
            assert process.poll() is None, (place.root / "nginx.log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _listens(port):
    try:
        httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False)
    except httpx.TransportError:
        return False
    return True


def test_a_cache_keeps_what_may_be_kept_and_readers_outlive_the_daemon(place, front):
    with Origin() as origin:
        sources = {"one": {"url": origin.serve("/1.xml", document(["Мост открыт"], host="one.example"))}}
        topics = {"all": {"match": "source:one"}, "inner": {"match": "source:one", "visibility": "private"}}
        place.write(sources, topics)
        with place.start() as daemon, httpx.Client(base_url=front, trust_env=False) as client:
            daemon.wait_for(lambda: "Мост открыт" in daemon.get("/feeds/all.atom").text, "the entry")
            first, second = (client.get("/feeds/all.atom") for _ in range(2))
            assert (first.headers["x-cache"], second.headers["x-cache"]) == ("MISS", "HIT")
            assert second.headers["cache-control"] == daemon.get("/feeds/all.atom").headers["cache-control"]
            assert second.content == daemon.get("/feeds/all.atom").content
            same = client.get("/feeds/all.atom", headers={"If-None-Match": first.headers["etag"]})
            assert same.status_code == 304
            plain = client.get("/feeds/all.atom", headers={"Accept-Encoding": "identity"})
            assert (plain.headers["x-cache"], plain.text) == ("MISS", first.text)  # another form of it
            assert client.get("/sources").headers["x-cache"] in ("MISS", "EXPIRED")
            assert client.get("/sources").headers["x-cache"] != "HIT"  # `no-cache`
            for path in ("/metrics", "/healthz", "/readyz"):
                assert client.get(path).status_code == 404
            token = place.json("topic", "token", "new", "inner")
            private = client.get(token["addresses"]["atom"].removeprefix("http://127.0.0.1:8080"))
            assert private.status_code == 200
            assert not private.headers.get("x-cache")  # is never kept
            assert daemon.stop() == 0
            assert client.get("/feeds/all.atom").content == first.content
            assert client.get("/topics/nothing").status_code in (502, 504)
