"""Chromium, driven by Playwright; tests that need it say why they cannot run where there is none."""

import contextlib
import functools
import http.server
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
PLACES = ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "C:/Program Files/Google/Chrome/Application/chrome.exe")
# Nothing is asked of other hosts, and root may start it: the pages are our own.
FLAGS = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-sandbox"]


def executable() -> str | None:
    """The path of a Chromium or a relative of it."""
    found = [path for path in map(shutil.which, NAMES) if path] + [path for path in PLACES if Path(path).exists()]
    return found[0] if found else None


@contextlib.contextmanager
def browser() -> Iterator:
    """A browser; skips where there is none."""
    path = executable()
    if path is None:
        pytest.skip(f"there is no Chromium on this {sys.platform}: `make chromium` installs it")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        with contextlib.closing(playwright.chromium.launch(executable_path=path, args=FLAGS)) as started:
            yield started


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address at which a folder is served."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Watched:
    """A page, with what went wrong on it: errors in its console and requests to other places than `home`."""

    def __init__(self, context, home: str):
        self.page, self.home, self.wrong = context.new_page(), home, []
        self.page.on("console", lambda message: self.wrong.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", lambda request: self._asked(request.url))

    def _asked(self, url: str) -> None:
        if not url.startswith((self.home, "data:", "blob:")):
            self.wrong.append(f"asked {url}")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass
