"""Chromium, as Debian has it: opens our pages and says what they did that they should not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")

CHROMIUM = shutil.which("chromium")
installed = pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed (Debian: chromium)")

# What a document could run by, or be led by; asked of the tree that the browser itself has made of it.
ACTIVE = """
() => [...document.querySelectorAll('*')].flatMap(node => [
  ...(node.matches('script,iframe,frame,object,embed,applet,base,form:not([action^="/"]),template,noscript,math,' +
    'meta[http-equiv],style,svg') ? [node.localName] : []),
  ...[...node.attributes].filter(a => a.name.startsWith('on') || a.name === 'style' || a.name === 'srcdoc' ||
    /^[\\s\\x00-\\x20]*(javascript|vbscript|data:(?!image\\/(png|gif|jpeg|webp)))/i.test(a.value) &&
    ['href', 'src', 'action', 'formaction', 'poster', 'background', 'data', 'xlink:href'].includes(a.name)
  ).map(a => `${node.localName} ${a.name}=${a.value}`),
])
"""
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Window:
    """A page of the browser, and what was seen of it."""

    page: sync_api.Page
    own: str  # scheme://host:port of what may be loaded
    dialogs: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)  # of the console, of scripts
    elsewhere: list[tuple[str, str]] = field(default_factory=list)  # kind and address; none of them is let through

    def watch(self) -> None:
        self.page.on("dialog", self._dialog)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda said: self.errors.append(f"{said.type}: {said.text}"))
        self.page.route("**/*", self._route)

    def _dialog(self, dialog: sync_api.Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _route(self, route: sync_api.Route) -> None:
        parts = urlsplit(route.request.url)
        if f"{parts.scheme}://{parts.netloc}" == self.own:
            route.continue_()
            return
        self.elsewhere.append((route.request.resource_type, route.request.url))
        route.abort()

    def ran(self) -> bool:
        return bool(self.page.evaluate("'ran' in window"))

    def active(self) -> list[str]:
        return self.page.evaluate(ACTIVE)

    def wider(self) -> int:
        """By how many pixels the page is wider than the window."""
        return self.page.evaluate(WIDER)

    def barriers(self) -> list[str]:
        """What axe finds serious for people with a screen reader, a keyboard or weak eyes."""
        found = axe_playwright.Axe().run(self.page).response["violations"]
        return [
            f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in ("serious", "critical")
        ]


@contextmanager
def chromium() -> Iterator[sync_api.Browser]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def window(browser: sync_api.Browser, own: str, *, scheme: str = "light", width: int = 1280) -> Iterator[Window]:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    context.add_init_script("window.alert = message => { window.ran = message }")
    opened = Window(page=context.new_page(), own=own)
    opened.watch()
    yield opened
    context.close()
