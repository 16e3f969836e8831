"""The pages that a class gets, in a browser: content with themselves, on a desk, on a phone, and on paper."""

import pytest

from autograder import report
from autograder.feedback import page as feedback_page
from tests.chromium import Watched, browser
from tests.sample_records import a_class, hostile_record


@pytest.fixture(scope="module")
def chromium():
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A class's report, and one student's page, with texts that would like to be more than text."""
    folder = tmp_path_factory.mktemp("pages")
    texts = {"report": report.page([*a_class(), hostile_record()]), "feedback": feedback_page(hostile_record())}
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", ["report", "feedback"])
def test_a_page_does_nothing_but_be_read(chromium, pages, name):
    for width in (390, 1280):
        watched = Watched(chromium.new_context(viewport={"width": width, "height": 800}), pages.as_uri())
        watched.page.on("dialog", lambda dialog, wrong=watched.wrong: wrong.append(dialog.message))
        watched.page.goto((pages / f"{name}.html").as_uri())
        watched.page.wait_for_timeout(200)
        assert not watched.wrong
        assert watched.page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


@pytest.mark.parametrize("name", ["report", "feedback"])
def test_a_page_can_be_printed(chromium, pages, name):
    page = chromium.new_page()
    page.goto((pages / f"{name}.html").as_uri())
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 718, "height": 1000})  # a sheet of A4 without its margins
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert page.pdf(format="A4").startswith(b"%PDF")
