"""`check.lesson`: the whole lesson on the work in one's own notebook."""

import linecache

import pytest

from attention_course import check
from attention_course.check.lesson_text import read
from attention_course.check.own_work import print_verdicts, verdicts
from attention_course.check.published import NotToBeHad, source
from autograder.lesson_source import role
from autograder.lessons import load

LESSON = "05_softmax"


def answers(blank: bool = False) -> dict:
    """The names that the lesson's import and solution cells define, with answers or without."""
    names: dict = {}
    stubs = {exercise.name: exercise.stub for exercise in load(LESSON).exercises}
    exec(load(LESSON).imports, names)
    for cell in load(LESSON).notebook.cells:
        if role(cell) == "solution":
            name = cell.metadata.nbgrader.grade_id
            _run_as_a_cell(stubs[name] if blank else cell.source, f"<cell {name}>", names)
    return names


def _run_as_a_cell(text: str, name: str, names: dict) -> None:
    """So that its lines can be looked up, as those of a notebook's cells can."""
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    exec(compile(text, name, "exec"), names)


def test_the_source_is_read_as_the_grader_reads_it():
    mine, theirs = read(source(LESSON)).tests, load(LESSON).tests
    assert [(test.name, test.points, test.source, test.visible) for test in mine] == [
        (test.name, test.points, test.source, test.visible) for test in theirs
    ]


def test_solutions_get_everything():
    found = list(verdicts(read(source(LESSON)), answers()))
    assert [verdict.outcome for verdict in found] == ["passed"] * len(found)


def test_a_blank_notebook_gets_nothing_and_ends_well(capsys):
    print_verdicts(LESSON, read(source(LESSON)), answers(blank=True))
    said = capsys.readouterr().out
    assert "`softmax` has no answer yet." in said and said.endswith(f"{LESSON}: 0 of 10 points\n")


def test_a_hidden_failure_names_the_property_and_no_numbers():
    names = answers()
    right = names["softmax"]
    names["softmax"] = lambda scores, axis=-1: right(scores, axis if scores.ndim < 4 else 0)  # only hidden tests try four
    failed = [verdict for verdict in verdicts(read(source(LESSON)), names) if verdict.outcome == "failed"]
    assert failed and all("This does not hold:" in verdict.message for verdict in failed)
    assert not any("Expected" in verdict.message for verdict in failed)


def test_an_unknown_lesson_is_one_sentence(capsys):
    check.lesson("no lesson")
    assert capsys.readouterr().out == "'no lesson' is no lesson: write its name as in check.lesson('05_softmax').\n"
    with pytest.raises(NotToBeHad):
        source("99_nothing")


def test_nbgrader_runs_the_tests_by_itself(capsys, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    check.lesson(LESSON)
    assert capsys.readouterr().out == ""
