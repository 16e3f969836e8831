"""JupyterLab as `make lab` opens it, on a folder of its own, and what a student does in it with hands and eyes."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import TimeoutError

from autograder.lessons import ROOT

SETTINGS = {  # nothing is asked of other hosts, and every cell is there, in sight or not
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
}
CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "attention"
c.Exchange.root = {exchange!r}
"""
PATIENCE = 120_000  # milliseconds, on a busy machine


@contextlib.contextmanager
def lab(folder: Path, exchange: Path) -> Iterator[str]:
    """The address of JupyterLab on `folder/work`, for a student of the course "attention"."""
    for name, settings in SETTINGS.items():
        path = folder / "settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings))
    (folder / "config").mkdir()
    (folder / "config" / "nbgrader_config.py").write_text(CONFIG.format(exchange=str(exchange)))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token=", "--ServerApp.open_browser=False"]
    variables = {
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "PYTHONPATH": str(ROOT),
    }
    with open(folder / "server.txt", "w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options, str(folder / "work")],
            env=os.environ | variables,
            cwd=folder / "work",
            stdout=log,
            stderr=log,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(f"{address}/api", server)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait(address: str, server: subprocess.Popen, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            assert server.poll() is None and time.monotonic() < end, "JupyterLab did not start"
            time.sleep(0.2)


class OpenNotebook:
    """A notebook in JupyterLab; cells are found by what stands in them."""

    def __init__(self, page, address: str, name: str):
        self.page = page
        page.set_default_timeout(PATIENCE)
        page.goto(f"{address}/lab/tree/{name}?reset")
        page.wait_for_selector(".jp-Notebook .jp-CodeCell .cm-content")
        self.idle()

    def idle(self) -> None:
        """Wait until the kernel has nothing to do."""
        self.page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]')

    def cell(self, text: str):
        """The first code cell with this text."""
        return self.page.locator(".jp-Notebook .jp-CodeCell", has=self.page.locator(".cm-content", has_text=text)).first

    def run(self, text: str) -> str:
        """Run a cell; what stands under it then."""
        cell = self.cell(text)
        before = cell.locator(".jp-InputPrompt").inner_text()
        for _ in range(8):  # while it opens, a notebook may take the focus back and miss the keys
            cell.locator(".cm-content").click()
            self.page.keyboard.press("Control+Enter")
            with contextlib.suppress(TimeoutError):
                self._prompt(cell, "now !== before", before, PATIENCE // 8)
                break
        self._prompt(cell, "now !== before && !now.includes('*')", before, PATIENCE)
        self.idle()
        return "\n".join(cell.locator(".jp-OutputArea-output").all_inner_texts())

    def _prompt(self, cell, condition: str, before: str, milliseconds: float) -> None:
        """Wait until this is true of `now`, what stands beside a cell, and of what stood there before."""
        look = "([cell, before]) => { const now = cell.querySelector('.jp-InputPrompt').innerText; return " + condition + "; }"
        self.page.wait_for_function(look, arg=[cell.element_handle(), before], timeout=milliseconds)

    def write(self, text: str, source: str) -> None:
        """Put another source into a cell."""
        self.cell(text).locator(".cm-content").click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(source)

    def validate(self) -> str:
        """Press nbgrader's button; what its dialog says."""
        self.page.get_by_role("button", name="Validate").or_(self.page.locator(".validate-button button")).first.click()
        dialog = self.page.locator(".jp-Dialog-content").last
        dialog.wait_for()
        said = dialog.inner_text()
        dialog.locator("button").last.click()
        return said
