"""Build the course's site in build/site/html: every lesson with its figures, solutions folded, nothing from another host.

    python website/make.py                                    # everything; the lessons are run first, some 20 minutes
    python website/make.py --run 05_softmax                   # only this lesson is run, the others stand without outputs
    python website/make.py --only 00_start_here 05_softmax    # a site of these lessons alone

What was run is kept: the next time only lessons that changed are run. Open build/site/html/index.html, no server is needed.
"""

import argparse
import re
import shutil
import sys
from pathlib import Path

import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from autograder.lessons import ROOT, Lesson, lesson_names, load  # noqa: E402
from autograder.outer_cells import repository  # noqa: E402
from autograder.release import as_text, build  # noqa: E402
from autograder.terminal import progress  # noqa: E402
from website.conf import suppress_warnings  # noqa: E402
from website.pages import page, to_run  # noqa: E402
from website.picture import markup  # noqa: E402
from website.running import run  # noqa: E402

NOTEBOOK = re.compile(r"\(((?:\.\./)*\.\.)/notebooks/(\w+)\.ipynb")
REACHABLE = {  # what Sphinx writes, and what it lacks for a screen reader and for a keyboard
    'class="caption" role="heading"': 'class="caption" role="heading" aria-level="2"',
    "<pre>": '<pre tabindex="0">',
}


def main() -> None:
    """Write the pages, then let Sphinx make a site of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = lesson_names()
    parser.add_argument(
        "--only", nargs="+", choices=names, metavar="LESSON", default=names, help="lessons of the site (default: all)"
    )
    parser.add_argument(
        "--run", nargs="*", choices=names, metavar="LESSON", help="lessons that are run (default: all of the site)"
    )
    parser.add_argument("--to", type=Path, default=ROOT / "build" / "site", metavar="FOLDER", help="default: build/site")
    wanted = parser.parse_args()
    running = set(wanted.only if wanted.run is None else wanted.run)
    pages = wanted.to / "pages"
    _copy_texts(pages)
    with progress() as bar:
        task = bar.add_task("lessons", total=len(wanted.only))
        for name in wanted.only:
            bar.update(task, description=name)
            _write_lesson(load(name), pages, wanted.to / "extra", name in running)
            bar.update(task, advance=1)
    status = _sphinx(pages, wanted.to, whole=set(wanted.only) == set(names))
    print(wanted.to / "html" / "index.html")
    sys.exit(status)


def _copy_texts(pages: Path) -> None:
    """The front page, the guides and what the pages load."""
    shutil.rmtree(pages, ignore_errors=True)
    shutil.copytree(HERE, pages, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (pages / "picture.html").write_text(markup(), encoding="utf-8")
    shutil.copytree(ROOT / "docs", pages / "docs")
    for path in (pages / "docs").rglob("*.md"):  # in the repository they lead to the notebooks, here to the lessons' pages
        path.write_text(NOTEBOOK.sub(r"(\1/lessons/\2.ipynb", path.read_text(encoding="utf-8")), encoding="utf-8")


def _write_lesson(lesson: Lesson, pages: Path, extra: Path, runs: bool) -> None:
    notebook = to_run(lesson)
    if runs:
        try:
            notebook = run(notebook, ROOT / "build" / "site-runs")
        except CellExecutionError as error:
            raise SystemExit(
                f"{lesson.name} does not run to its end ({error.ename}: {error.evalue}); mend the lesson first."
            ) from None
        except CellTimeoutError:
            raise SystemExit(f"A cell of {lesson.name} took more than half an hour; run it again on a quieter machine.") from None
    for path, text in (
        (pages / "lessons" / f"{lesson.name}.ipynb", nbformat.writes(page(notebook, lesson, repository(ROOT)))),
        (extra / "notebooks" / f"{lesson.name}.ipynb", as_text(build(lesson))),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _sphinx(pages: Path, to: Path, whole: bool) -> int:
    """Sphinx's exit status. whole: with all lessons; links to those that are left out lead nowhere, which is no fault then."""
    from sphinx.cmd.build import build_main

    settings = ["-c", str(HERE), "-D", f"html_extra_path={to / 'extra'}", "-d", str(to / "doctrees")]
    if not whole:
        settings += ["-D", f"suppress_warnings={','.join([*suppress_warnings, 'myst.xref_missing', 'toc.not_readable'])}"]
    status = build_main(["-q", "-W", "--keep-going", "-E", "-b", "html", *settings, str(pages), str(to / "html")])
    for path in (to / "html").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        for before, after in REACHABLE.items():
            text = text.replace(before, after)
        path.write_text(text, encoding="utf-8")
    return status


if __name__ == "__main__":
    main()
