"""The pictures of README and guides, taken anew in a browser.

python -m autograder demo && python -m tests.pictures     # writes docs/pictures/*.png
"""

import shutil
import tempfile
from pathlib import Path

from PIL import Image

from autograder.lessons import ROOT, load
from tests.chromium import browser
from tests.jupyterlab import OpenNotebook, lab

TO = ROOT / "docs" / "pictures"
CLASS = ROOT / "build" / "demo" / "class"
LESSON = "05_softmax"


def main() -> None:
    TO.mkdir(exist_ok=True)
    with browser() as chromium:
        _failing_test(chromium)
        for name, path, size in (
            ("feedback", CLASS / "feedback" / "chloe" / LESSON / f"{LESSON}.html", {"width": 900, "height": 830}),
            ("report", CLASS / "report.html", {"width": 1000, "height": 800}),
        ):
            page = chromium.new_context(viewport=size).new_page()
            page.goto(path.as_uri())
            if name == "report":
                page.locator("h2", has_text="Softmax").scroll_into_view_if_needed()
                page.evaluate("document.querySelectorAll('h2')[1].scrollIntoView()")
            _save(page, name)


def _failing_test(chromium) -> None:
    """A wrong softmax in JupyterLab, and the test that names what does not hold."""
    solution = next(exercise.solution for exercise in load(LESSON).exercises if exercise.name == "softmax")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "work").mkdir()
        (folder / "exchange").mkdir()
        shutil.copy(ROOT / "notebooks" / f"{LESSON}.ipynb", folder / "work")
        with lab(folder, folder / "exchange") as address:
            page = chromium.new_context(viewport={"width": 1180, "height": 760}).new_page()
            notebook = OpenNotebook(page, address, f"{LESSON}.ipynb")
            for setup in ("import attention_course", "import matplotlib.pyplot"):
                notebook.run(setup)
            page.keyboard.press("Control+B")  # the file browser
            notebook.write("def softmax(", solution.replace("axis=axis", "axis=None"))
            notebook.run("def softmax(")
            notebook.run("check.unchanged(softmax")
            _save(page, "failing_test")


def _save(page, name: str) -> None:
    """As few colours as a page needs: a tenth of the size."""
    path = TO / f"{name}.png"
    page.screenshot(path=path)
    Image.open(path).convert("P", palette=Image.Palette.ADAPTIVE, colors=64).save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
