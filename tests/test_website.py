"""The site: complete, folded, readable by everybody, and content with itself."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import numpy as np
import pytest

from autograder.lessons import ROOT, lesson_names, load
from autograder.release import build
from tests.chromium import Watched, browser, served

LESSON = "05_softmax"
PAGES = ["index.html", f"lessons/{LESSON}.html", "docs/student_guide.html", "docs/glossary.html"]
PHONE, DESK = {"width": 390, "height": 800}, {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """All lessons; one of them was run."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, str(ROOT / "website" / "make.py"), "--run", LESSON, "--to", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder / "html"


@pytest.fixture(scope="module")
def chromium():
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def address(site):
    with served(site) as at:
        yield at


def opened(chromium, address: str, path: str, **settings) -> Watched:
    watched = Watched(
        chromium.new_context(viewport=DESK, **settings) if "viewport" not in settings else chromium.new_context(**settings),
        address,
    )
    watched.page.goto(f"{address}/{path}", wait_until="networkidle")
    return watched


class Links(HTMLParser):
    """What a page refers to, the anchors it has, and its pictures without an alternative text."""

    def __init__(self, text: str):
        super().__init__()
        self.to, self.anchors, self.silent = [], set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.anchors |= {found[name] for name in ("id", "name") if found.get(name)}
        self.to += [found[name] for name in ("href", "src") if found.get(name)]
        if tag == "img" and not (found.get("alt") or "").strip():
            self.silent.append(found.get("src"))


@pytest.fixture(scope="module")
def links(site) -> dict[Path, Links]:
    return {path: Links(path.read_text(encoding="utf-8")) for path in site.rglob("*.html") if "_static" not in path.parts}


def test_every_internal_link_leads_somewhere(site, links):
    dead = []
    for path, found in links.items():
        for link in found.to:
            target, anchor = urldefrag(link)
            if re.match(r"[a-z]+:", target):
                continue
            there = (path.parent / unquote(target.split("?")[0])).resolve() if target else path
            page = links.get(there)
            if not there.exists() or (anchor and page and unquote(anchor) not in page.anchors and anchor != "furo-main-content"):
                dead.append(f"{path.relative_to(site)}: {link}")
    assert not dead


def test_every_lesson_has_a_page_a_download_and_a_place_on_colab(site, links):
    for name in lesson_names():
        to = links[site / "lessons" / f"{name}.html"].to
        assert f"../notebooks/{name}.ipynb" in to
        assert any(link.startswith("https://colab.research.google.com/github/") and link.endswith(f"{name}.ipynb") for link in to)
        assert (site / "notebooks" / f"{name}.ipynb").read_bytes() == (ROOT / "notebooks" / f"{name}.ipynb").read_bytes()


def test_every_figure_says_what_it_shows(links):
    assert not [source for found in links.values() for source in found.silent]
    page = next(path for path in links if path.stem == LESSON)
    alternatives = re.findall(r'<img alt="([^"]*)"', page.read_text(encoding="utf-8"))
    assert len(alternatives) >= 3 and all(text.startswith("Figure: ") and len(text) > 20 for text in alternatives)


def test_no_hidden_test_is_on_the_site(site):
    everything = {
        path: path.read_text(encoding="utf-8", errors="replace")
        for path in site.rglob("*")
        if path.suffix in (".html", ".js", ".txt", ".ipynb")
    }
    assert not [path for path, text in everything.items() if "BEGIN HIDDEN" in text or "hidden tests</span>" in text.lower()]
    for name in lesson_names():
        page = plain(re.sub(r"<[^>]+>", "", everything[site / "lessons" / f"{name}.html"]))
        lesson = load(name)
        shown = plain(
            " ".join([*(cell.source for cell in build(lesson).cells), *(exercise.solution for exercise in lesson.exercises)])
        )
        for test in lesson.tests:
            hidden = [line for number, line in enumerate(test.source.splitlines(), 1) if number in test.hidden_lines]
            telling = [plain(line) for line in hidden if len(line) > 60 and not re.search(r"[<>&\"']", line)]
            assert not [line for line in telling if line in page and line not in shown], test.name


def plain(text: str) -> str:
    return " ".join(text.split())


def test_solutions_are_there_and_folded(chromium, address):
    page = opened(chromium, address, f"lessons/{LESSON}.html").page
    folded = page.locator("details:has-text('A solution')")
    assert folded.count() == len(load(LESSON).exercises)
    code = folded.first.locator("pre")
    assert not code.is_visible()
    folded.first.locator("summary").click()
    assert code.is_visible() and "def softmax" in code.inner_text()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_content_and_fits_a_phone(chromium, address, path):
    for settings in ({}, {"viewport": PHONE}):
        watched = opened(chromium, address, path, **settings)
        assert not watched.wrong
        wide = watched.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{path} is {wide} pixels wider than {settings or DESK}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_nobody_is_kept_out(chromium, address, path, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page = opened(chromium, address, path, color_scheme=scheme).page
    found = [one for one in Axe().run(page).response["violations"] if one["impact"] in ("serious", "critical")]
    assert not found, [(one["id"], one["nodes"][0]["html"][:200], one["nodes"][0].get("failureSummary")) for one in found]


def test_search_finds_a_lesson(chromium, address):
    watched = opened(chromium, address, "search.html?q=softmax")
    watched.page.wait_for_selector("#search-results li a")
    found = watched.page.locator("#search-results li a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert any(LESSON in link for link in found) and not watched.wrong


def test_the_picture_shows_the_softmax_of_its_numbers_without_a_server(chromium, site):
    watched = Watched(chromium.new_context(viewport=DESK), "file:")
    page = watched.page
    page.goto((site / "index.html").as_uri())
    for number, sentence in enumerate(json.loads((ROOT / "website" / "picture.json").read_text())):
        page.locator(".attention-choice button").nth(number).click()
        query, key = np.array(sentence["query"]), np.array(sentence["key"])
        for asks, sharpness in ((sentence["asks"], 1), (0, 0.5), (len(query) - 1, 0)):
            page.locator(".attention-asks button").nth(asks).click()
            page.locator(".attention input").fill(str(sharpness))
            powers = np.exp(sharpness * query[asks] @ key.T / np.sqrt(query.shape[1]))
            shown = [int(text.split()[0]) for text in page.locator(".attention-asked b").all_inner_texts()]
            assert np.abs(np.array(shown) - 100 * powers / powers.sum()).max() <= 0.51
    assert not watched.wrong


def test_the_picture_can_be_used_from_the_keyboard(chromium, address):
    page = opened(chromium, address, "index.html").page
    page.locator(".attention-choice button").nth(1).focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    before = page.locator(".attention-said").inner_text()
    page.locator(".attention input").focus()
    page.keyboard.press("Home")
    assert page.locator(".attention-said").inner_text() != before
