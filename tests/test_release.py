"""What students get: the same bytes at every build, and nothing they must not see."""

import copy
import dataclasses

import nbformat
import pytest

from autograder.leaks import refuse_leaks, secrets
from autograder.lessons import ROOT, LessonError, load
from autograder.release import as_text, build, out_of_step, release
from tests.small_lessons import DOUBLE, FOUR_TIMES, write_lessons

GITHUB = "https://github.com/someone/some-course"


@pytest.fixture
def root(tmp_path):
    return write_lessons(tmp_path, double=DOUBLE, four_times=FOUR_TIMES)


@pytest.fixture
def double(root):
    return load("01_double", root)


@pytest.fixture
def built(double, root):
    return build(double, GITHUB, root)


def cell(notebook, name):
    return next(cell for cell in notebook.cells if cell.id == name)


def test_students_get_stubs_and_visible_tests(double, built):
    nbformat.validate(built)
    for exercise in double.exercises:
        assert cell(built, exercise.name).source == exercise.stub
    for test in double.tests:
        assert cell(built, test.name).source == test.visible


def test_tests_are_locked_and_answers_are_not(built):
    assert cell(built, "double_values").metadata.editable is False
    assert cell(built, "double_values").metadata.deletable is False
    assert "editable" not in cell(built, "double").metadata


def test_nothing_that_was_between_markers_is_in_the_release(double, built):
    text = as_text(built)
    assert set(secrets(double).values()) == {"double", "double_values", "report"}
    for secret in ("twice_as_much", "12345", "24690", "two out of one", "BEGIN", "END"):
        assert secret in as_text(double.notebook) and secret not in text


def test_what_a_later_lesson_needs_is_given(root):
    notebook = build(load("02_four_times", root), GITHUB, root)
    given = next(cell for cell in notebook.cells if "given" in cell.metadata.get("tags", []))
    assert "twice_as_much" in given.source


def test_every_build_gives_the_same_bytes(root, tmp_path):
    first = [path.read_bytes() for path in release(root=root, repository=GITHUB)]
    assert [path.read_bytes() for path in release(["01_double", "02_four_times"], root, GITHUB)] == first
    (tmp_path / "elsewhere").mkdir()
    other = write_lessons(tmp_path / "elsewhere", double=DOUBLE, four_times=FOUR_TIMES)
    assert [path.read_bytes() for path in release(root=other, repository=GITHUB)] == first
    assert all(text.endswith(b"}\n") and b"\r" not in text for text in first)


def test_the_notebook_holds_no_versions_and_no_outputs(built):
    assert built.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in built.cells)


def test_nbgrader_finds_source_and_release_where_it_looks(root):
    (path,) = release(["01_double"], root, GITHUB)
    assert path == root / "notebooks/01_double.ipynb"
    assert (root / "build/class/release/01_double/01_double.ipynb").read_bytes() == path.read_bytes()
    source = nbformat.read(root / "build/class/source/01_double/01_double.ipynb", as_version=4)
    assert [cell.id for cell in source.cells] == [cell.id for cell in nbformat.read(path, as_version=4).cells]
    assert "### BEGIN HIDDEN TESTS" in cell(source, "double_values").source


def test_nothing_is_written_when_one_lesson_is_refused(root):
    write_lessons(root, double=DOUBLE, four_times=FOUR_TIMES.replace("### END", "### ENDE"))
    with pytest.raises(LessonError):
        release(root=root, repository=GITHUB)
    assert not (root / "notebooks").exists() and not (root / "build").exists()


@pytest.mark.parametrize("hide", ["source", "output", "metadata", "attachment", "notebook metadata"])
def test_a_release_that_holds_a_hidden_line_is_refused(double, built, hide):
    secret, page = "large_number = 12345", built.cells[-3]
    if hide == "source":
        built.cells.append(nbformat.v4.new_markdown_cell(f"As the tests say, {secret}.", id="more"))
    elif hide == "output":
        output = nbformat.v4.new_output("stream", text=secret)
        built.cells.append(nbformat.v4.new_code_cell("", id="more", outputs=[output]))
    elif hide == "metadata":
        page.metadata["note"] = {"deep": [secret]}
    elif hide == "attachment":
        page["attachments"] = {"a": {"text/plain": secret}}
    else:
        built.metadata["note"] = secret
    with pytest.raises(LessonError):
        refuse_leaks(double, built)


def test_a_release_with_outputs_a_marker_or_another_text_is_refused(double, built):
    output = nbformat.v4.new_output("stream", text="42")
    for key, value in (("outputs", [output]), ("execution_count", 3), ("source", "x = 1\n### BEGN SOLUTION")):
        notebook = copy.deepcopy(built)
        notebook.cells[1][key] = value
        with pytest.raises(LessonError):
            refuse_leaks(double, notebook)
    cell(built, "double").source += "\n# a line more"
    with pytest.raises(LessonError, match="`double`"):
        refuse_leaks(double, built)


def test_a_missing_cell_is_refused(double, built):
    built.cells.remove(cell(built, "double_shape"))
    with pytest.raises(LessonError, match="`double_shape`"):
        refuse_leaks(double, built)


def test_what_nbgrader_refuses_is_said_in_a_sentence(double, root, capfd):
    notebook = copy.deepcopy(double.notebook)
    cell(notebook, "double").source += "\n### BEGIN SOLUTION"
    with pytest.raises(LessonError, match="01_double: nbgrader .*no end solution statement"):
        build(dataclasses.replace(double, notebook=notebook), GITHUB, root)
    assert capfd.readouterr() == ("", "")


def test_the_badge_opens_the_notebook_on_colab_and_the_next_cell_installs_the_course(built):
    badge, setup = built.cells[:2]
    assert "https://colab.research.google.com/github/someone/some-course/blob/main/notebooks/01_double.ipynb" in badge.source
    assert setup.metadata.tags == ["setup"]
    install = '    %pip install -q "attention-step-by-step @ git+https://github.com/someone/some-course@main"'
    assert install in setup.source.splitlines()
    assert "Nothing came from https://github.com/someone/some-course" in setup.source
    compile(setup.source.replace("%pip", "pass  # %pip"), "setup", "exec")


def test_the_last_cell_runs_all_tests_and_grading_leaves_it_out(built):
    about, run = built.cells[-2:]
    assert about.cell_type == "markdown" and run.source == 'check.lesson("01_double")'
    assert run.metadata.tags == ["skip-execution"] and "nbgrader" not in run.metadata


@pytest.mark.parametrize(
    "address", [GITHUB + "/", GITHUB + ".git", "git@github.com:someone/some-course.git", "github.com/someone/some-course"]
)
def test_an_address_on_github_may_be_written_in_any_way(double, root, built, address):
    assert as_text(build(double, address, root)) == as_text(built)


def test_an_address_elsewhere_gives_a_hint_to_download(double, root):
    where, setup = build(double, "https://git.example.org/course", root).cells[:2]
    assert "/github/" not in where.source and "Download `01_double.ipynb` from <https://git.example.org/course>" in where.source
    assert "git+https://git.example.org/course@main" in setup.source


def test_the_address_and_the_branch_are_settings(double, root):
    settings = '[tool.attention-course]\nrepository = "https://github.com/a/b"\nbranch = "autumn"\n'
    (root / "pyproject.toml").write_text(settings, encoding="utf-8")
    where, setup = build(double, root=root).cells[:2]
    assert "/github/a/b/blob/autumn/notebooks/" in where.source and "a/b@autumn" in setup.source
    assert "/github/someone/some-course/blob/autumn/" in build(double, GITHUB, root).cells[0].source


@pytest.mark.parametrize(
    "settings", [None, "", "[tool.attention-course]\n", "[tool", '[tool.attention-course]\nrepository = "course"\n']
)
def test_a_missing_or_wrong_address_is_said_in_a_sentence(double, root, settings):
    if settings is not None:
        (root / "pyproject.toml").write_text(settings, encoding="utf-8")
    with pytest.raises(LessonError, match="pyproject.toml|https://HOST"):
        build(double, root=root)


def test_lessons_out_of_step_are_named(root):
    assert out_of_step(root, GITHUB) == ["01_double", "02_four_times"]
    release(root=root, repository=GITHUB)
    assert out_of_step(root, GITHUB) == []
    write_lessons(root, double=DOUBLE.replace("5 minutes", "6 minutes"))
    assert out_of_step(root, GITHUB) == ["01_double"]
    (root / "notebooks/09_gone.ipynb").write_text("{}", encoding="utf-8")
    (root / "notebooks/02_four_times.ipynb").unlink()
    assert out_of_step(root, GITHUB) == ["01_double", "02_four_times", "09_gone"]


def test_the_repositorys_notebooks_are_in_step_with_its_lessons():
    assert out_of_step(ROOT) == []


def test_a_notebook_that_somebody_has_worked_in_is_kept(root):
    (path,) = release(["01_double"], root, GITHUB)
    told = []
    assert release(["01_double"], root, GITHUB, told.append) == [path] and not told
    mine = nbformat.read(path, as_version=4)
    cell(mine, "double").source = "def double(x):\n    return 2 * x  # mine"
    cell(mine, "double").execution_count = 1
    nbformat.write(mine, path)
    (root / "work").mkdir()
    (root / "work" / path.name).write_text("another copy, from before")
    release(["01_double"], root, GITHUB, told.append)
    kept = root / "work" / "01_double (2).ipynb"
    assert "# mine" in kept.read_text() and "# mine" not in path.read_text()
    assert (root / "work" / path.name).read_text() == "another copy, from before"
    assert len(told) == 1 and str(kept) in told[0]


@pytest.mark.parametrize("text", ["{\n<<<<<<< HEAD\n", '{"cells": 7}', "[]"])
def test_what_is_no_notebook_any_more_is_kept(root, text):
    (path,) = release(["01_double"], root, GITHUB)
    path.write_text(text)
    release(["01_double"], root, GITHUB)
    assert (root / "work" / path.name).read_text() == text and "cells" in nbformat.read(path, as_version=4)


def test_only_the_named_lessons_are_compared(root):
    release(None, root, GITHUB)
    (root / "notebooks" / "02_four_times.ipynb").unlink()
    assert out_of_step(root, GITHUB, ["01_double"]) == []
    assert out_of_step(root, GITHUB, ["02_four_times"]) == out_of_step(root, GITHUB) == ["02_four_times"]
