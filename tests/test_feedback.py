"""Feedback says what a student needs to know, shows no test, and does nothing that a notebook tells it to."""

import re
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder import class_files, feedback
from autograder.feedback import Scores, Standing, gradebook_scores
from autograder.feedback.cells import MOST
from autograder.nbgrader_settings import settings
from autograder.records import Cell
from autograder.templates.safe import code, markdown, visible
from autograder.trouble import Trouble
from tests.sample_records import (
    HIDDEN,
    HOSTILE,
    LESSON,
    give_by_hand,
    hand_grades,
    hostile_record,
    put_gradebook,
    record,
    ungraded,
    usual_cells,
)

ALLOWED = set(
    "a bdi blockquote body br code del details div em footer h1 h2 h3 head header hr html li meta ol p pre rect section span "
    "strong style summary svg table tbody td th thead title tr ul".split()
)
INLINE = {"bdi", "code", "em", "span", "strong"}
ATTRIBUTES = set(
    "aria-hidden charset class colspan content height href http-equiv id lang name preserveaspectratio scope start style viewbox "
    "width x".split()
)


class Reading(HTMLParser):
    """The elements and the text of a page."""

    def __init__(self, page: str):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.text += " " if tag not in INLINE else ""
        self.attributes += attributes

    def handle_data(self, data):
        self.text += data


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", Reading(re.sub(r"<style>.*?</style>", "", page, flags=re.S)).text)


def assert_harmless(page: str) -> None:
    reading = Reading(page)
    assert set(reading.tags) <= ALLOWED
    assert {name for name, _ in reading.attributes} <= ATTRIBUTES
    assert all(re.fullmatch(r"#cell-\d+", value) for name, value in reading.attributes if name == "href")
    assert all(re.fullmatch(r"text-align:(left|right|center)", value) for name, value in reading.attributes if name == "style")
    page.encode("utf-8")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page)


def test_the_page_says_what_is_earned_and_what_still_waits():
    text = text_of(feedback.page(record()))
    assert "4 of 12 points so far" in text
    assert "2 points to be graded by hand: why_before." in text
    assert "3 points could not be graded: softmax_extreme (it took too long), entropy_size (it used too much memory)." in text
    assert "This is not a grade of 0." in text


def test_a_failed_test_says_its_property_in_full():
    page = feedback.page(record())
    assert "This does not hold: every row is dealt shares of its own." in page
    assert "3 of 4 numbers are off, by up to 5e-01." in page
    assert '<pre class="numbers">Expected at [0, 1]: 0.75\nActual at [0, 1]:   0.375</pre>' in page
    assert "It raised ValueError: bad" in page and "<code>return -(weights * x)</code>" in page


def test_every_test_has_its_verdict_in_words():
    text = text_of(feedback.page(record()))
    for words in ("softmax_values ✓ passed 2 of 2", "softmax_rows ✗ not passed 0 of 1", "– of 2", "… to be graded by hand"):
        assert words in text


def test_hand_grades_replace_the_graders_own():
    page = feedback.page(record(), hand_grades())
    text = text_of(page)
    assert "8.5 of 12 points" in text and "so far" not in text
    assert "9.5 points less 1 for handing in late." in text
    assert "softmax_rows graded by hand 0.5 of 1" in text and "+ 0.5 extra" in text
    assert "could not be graded" not in text
    assert "Clear.\nSay &lt;b&gt;which&lt;/b&gt; rows." in page


def test_a_hand_grade_for_earlier_work_waits_until_somebody_looks_again():
    standing = Standing(record(), Scores(manual={"why_before": 2.0}, to_review={"why_before"}))
    assert [verdict.result.name for verdict in standing.waiting] == ["why_before"]
    assert standing.points is None
    assert "to be looked at again" in feedback.page(record(), standing.scores)


def test_a_penalty_takes_no_more_than_there_is():
    assert Standing(record(), Scores(late_penalty=100)).points_so_far == 0


def test_repairs_and_notes_are_told():
    repairs, notes = ["The test softmax_values was changed and has been restored."], ["Cell 4 ended the kernel (timeout)."]
    text = text_of(feedback.page(record(repairs=repairs, notes=notes)))
    assert "What happened when it was run Cell 4 ended the kernel (timeout)." in text
    assert "What was mended in your notebook The test softmax_values was changed and has been restored." in text


def test_work_that_could_not_be_graded_says_why_and_shows_no_zero():
    why = "The file is a PDF, not a notebook: hand in the file ending in .ipynb."
    tests = [ungraded(f"softmax_{n}", "softmax", 2, "malformed", why) for n in range(3)]
    text = text_of(feedback.page(record(cells=[], tests=tests, error=why)))
    assert text.count(why) == 1
    assert "– of 6 points" in text and "0 of" not in text


def test_answers_are_open_and_everything_else_is_folded():
    page = feedback.page(record())
    open_part = re.sub(r"<details>.*?</details>", "", page, flags=re.S)
    assert "exponentials" in open_part and "leaves rows that no longer" in open_part
    assert "arange" in page and "arange" not in open_part
    assert "Cells 1 to 4 · 5 · Softmax: from scores to weights · 1 ended in an error" in text_of(page)


def test_outputs_and_errors_are_shown():
    page = feedback.page(record())
    assert '<pre class="box output">tried: 0.25\n</pre>' in page
    assert '<pre class="box error">ValueError: bad shape</pre>' in page


def test_no_test_cell_is_ever_shown():
    cells = usual_cells()
    assert sum(HIDDEN in cell.source for cell in cells) == 5  # by role, by name alone, and by its markers alone
    page = feedback.page(record(cells=cells), hand_grades())
    assert HIDDEN not in page and "HIDDEN TESTS" not in page and "check.close" not in page
    assert "Cell 6 · test softmax_values: ✓ passed" in text_of(page)


def test_the_page_loads_and_runs_nothing():
    page = feedback.page(record(), hand_grades())
    assert_harmless(page)
    assert "default-src 'none'; style-src 'unsafe-inline'" in page
    assert "url(" not in page and "@import" not in page
    assert "prefers-color-scheme: dark" in page and "@media print" in page


def test_hostile_text_stays_text():
    page = feedback.page(hostile_record())
    assert_harmless(page)
    text = text_of(page)
    for words in ("<script>alert(1)</script>", "{{ 7 * 7 }}", "[U+202E]gnp.exe", "\ufffd half a pair, 🧑\u200d🚀 a whole one"):
        assert words in text
    assert page.count("<h1>") == 1 and page.count("<details>") == page.count("</details>")


@pytest.mark.parametrize("text", [*HOSTILE, "$<img src=x>$", "$$\n<b>\n$$", "[a](javascript:alert(1))", "<http://example.org>"])
def test_markdown_is_read_and_not_trusted(text):
    for written in (text, f"```{text}\ncode\n```", f"[x]({text})", f"| a |\n| :-: |\n| {text} |", f"# {text}", f"`{text}`"):
        page = str(markdown(written))
        assert_harmless(page)
        assert "href" not in page


def test_markdown_looks_like_text():
    page = str(markdown("# Why\n\nIt is **one**, see [there](https://example.org) ![map](x.png) $w_i$\n\n- a\n- b"))
    assert '<p class="heading level1">Why</p>' in page and "<strong>one</strong>" in page and "<li>a</li>" in page
    assert "there (<code>https://example.org</code>)" in page and "[picture: map]" in page and "$w_i$" in page


def test_what_would_lead_a_lexer_astray_is_shown_plainly():
    assert str(code("case" + " " * 20_000)) == "case" + " " * 20_000
    assert "<span" in code("def f(): pass") and code("'" + "<" * 30_000).startswith("&#39;&lt;")


def test_a_page_has_an_end():
    cells = [Cell("x" * 20_000, "code", output="y" * 64_000) for _ in range(100)]
    page = feedback.page(record(cells=cells))
    assert len(page) < 1.2 * MOST
    assert re.search(r"The last 8\d cells are not shown", page)


def test_characters_that_hide_or_turn_are_named():
    assert visible("a\x1b\u202eb\r\nc\rd\ud800\t") == "a\u241b[U+202E]b\nc\nd\ufffd\t"


def test_a_page_is_written_where_nbgrader_looks(tmp_path):
    path = feedback.write(hostile_record(), tmp_path)
    assert path == tmp_path / "mallory" / LESSON / f"{LESSON}.html"
    assert path.read_text(encoding="utf-8") == feedback.page(hostile_record())


@pytest.mark.parametrize("student", ["", ".", "..", "../ada", "a/b", "a\\b", "a\0b"])
def test_no_page_is_written_outside_its_folder(tmp_path, student):
    with pytest.raises(Trouble, match="cannot be the name of a folder"):
        feedback.write(record(student), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def class_folder(tmp_path) -> Path:
    """A class's folder after grading: ada was graded here, bob by something else."""
    graded = record(repairs=["Mended."])
    class_files.write_record(tmp_path, graded)
    with Gradebook(put_gradebook(tmp_path)) as gradebook:
        give_by_hand(gradebook, "ada", "why_before", 1.5)
        give_by_hand(gradebook, "ada", "softmax_rows", 1.0, look_again=True)
        gradebook.find_comment("softmax", LESSON, LESSON, "ada").manual_comment = "Look at `keepdims`."
        gradebook.find_comment("entropy", LESSON, LESSON, "ada").auto_comment = "No response."
        gradebook.find_submission_notebook(LESSON, LESSON, "ada").late_submission_penalty = 0.5
        gradebook.find_grade("entropy_values", LESSON, LESSON, "ada").extra_credit = 0.25
        gradebook.db.commit()
    notebook = new_notebook(cells=[new_code_cell(cell.source) for cell in usual_cells()])
    for student in ("ada", "bob"):
        path = tmp_path / "autograded" / student / LESSON / f"{LESSON}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    return tmp_path


EXPECTED = Scores(
    manual={"why_before": 1.5, "softmax_rows": 1.0},
    extra={"entropy_values": 0.25},
    comments={"softmax": "Look at `keepdims`."},
    late_penalty=0.5,
    to_review={"softmax_rows"},
)


def test_scores_are_what_people_entered(class_folder):
    with Gradebook(settings(class_folder).CourseDirectory.db_url) as gradebook:
        assert gradebook_scores(gradebook, "ada", LESSON) == EXPECTED
        assert gradebook_scores(gradebook, "bob", LESSON) == Scores()
        assert gradebook_scores(gradebook, "ada", "06_values") == Scores()


def configuration(class_folder: Path) -> Config:
    config = settings(class_folder)
    config.GenerateFeedback.preprocessors = ["autograder.feedback.nbgrader_step.FeedbackStep"]
    config.GenerateFeedback.exporter_class = "autograder.feedback.nbgrader_step.FeedbackExporter"
    return config


def assert_pages(class_folder: Path) -> None:
    pages = {student: class_folder / "feedback" / student / LESSON / f"{LESSON}.html" for student in ("ada", "bob")}
    assert pages["ada"].read_text(encoding="utf-8") == feedback.page(record(repairs=["Mended."]), EXPECTED)
    text = pages["bob"].read_text(encoding="utf-8")
    assert "There is no record of how this work was graded" in text
    assert "softmax(" not in text and HIDDEN not in text


def test_nbgraders_command_writes_the_same_page(class_folder):
    config = configuration(class_folder)
    GenerateFeedback(coursedir=CourseDirectory(config=config, assignment_id=LESSON), config=config).start()
    assert_pages(class_folder)


def test_formgraders_button_writes_the_same_page(class_folder):
    config = configuration(class_folder)
    config.HTMLExporter.template_name = "formgrade"  # as formgrader sets it for its own pages
    config.HTMLExporter.extra_template_basedirs = ["formgrader/templates"]
    result = NbGraderAPI(CourseDirectory(config=config), config=config).generate_feedback(LESSON)
    assert result["success"], result
    assert_pages(class_folder)


def test_without_the_step_nothing_of_the_notebook_is_written(class_folder):
    config = configuration(class_folder)
    config.GenerateFeedback.preprocessors = []
    result = NbGraderAPI(CourseDirectory(config=config), config=config).generate_feedback(LESSON)
    assert not result["success"]
    assert not list(class_folder.glob("feedback/*/*/*"))
