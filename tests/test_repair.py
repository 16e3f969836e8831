"""A submitted notebook is read, recognised and made to fit its lesson, whatever was done to it."""

import ast
import copy
import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.utils import compute_checksum

from attention_course.check.reach import TEST
from autograder.lessons import lesson_names, load
from autograder.release import build
from autograder.repair import Unreadable, read, recognise, repair, student_code, wrong_lesson
from autograder.repair.code import definitions
from tests.broken_notebooks import STEPS, answered, cell_of, damage, label, marks
from tests.small_lessons import DOUBLE, write_lessons

GITHUB = "https://github.com/someone/some-course"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return write_lessons(tmp_path_factory.mktemp("course"), double=DOUBLE, steps=STEPS)


@pytest.fixture(scope="module")
def lesson(root):
    return load("02_steps", root)


@pytest.fixture(scope="module")
def released(lesson, root):
    return build(lesson, GITHUB, root)


@pytest.fixture
def work(released, lesson):
    """A student's notebook with every answer right."""
    return answered(released, lesson)


@pytest.fixture(scope="module")
def ids(root):
    loaded = [load(name, root) for name in lesson_names(root)]
    return {each.name: [item.name for item in (*each.exercises, *each.tests)] for each in loaded}


def index(notebook, grade_id):
    return notebook.cells.index(cell_of(notebook, grade_id))


def remove(notebook, *grade_ids):
    notebook.cells = [cell for cell in notebook.cells if label(cell) not in grade_ids]


def as_bytes(notebook):
    return nbformat.writes(notebook).encode()


# What can be read


def test_a_released_notebook_is_read_as_it_is(released):
    notebook = read(as_bytes(released))
    assert [(cell.cell_type, cell.id, cell.source) for cell in notebook.cells] == [
        (cell.cell_type, cell.id, cell.source) for cell in released.cells
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_any_unicode_encoding_is_read(encoding):
    text = json.dumps({"nbformat": 4, "cells": [{"cell_type": "code", "source": "é = '→'"}]}, ensure_ascii=False)
    assert read(text.encode(encoding)).cells[0].source == "é = '→'"


def test_a_notebook_of_format_3_is_read():
    cells = [
        {"cell_type": "heading", "level": 2, "source": ["Part"]},
        {"cell_type": "code", "input": ["a = 1\n", "b = 2"], "language": "python", "outputs": [], "prompt_number": 3},
        {"cell_type": "markdown", "source": "text"},
    ]
    notebook = read(json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}]}).encode())
    assert [(cell.cell_type, cell.source) for cell in notebook.cells] == [
        ("markdown", "## Part"),
        ("code", "a = 1\nb = 2"),
        ("markdown", "text"),
    ]


def test_broken_cells_are_put_right():
    cells = [
        None,
        7,
        {},
        {"source": ["x = ", 3, "1"], "outputs": 5, "metadata": []},
        {"cell_type": "video", "source": {"a": 1}, "id": "not an id"},
        {"cell_type": "code", "source": "a\r\nb\rc", "metadata": {"nbgrader": [], "tags": ["a", 3]}},
        {"cell_type": "code", "source": "'\\ud800\0'", "id": "fine"},
    ]
    notebook = read(json.dumps({"cells": cells}).encode())
    nbformat.validate(notebook)
    assert [(cell.cell_type, cell.source) for cell in notebook.cells] == [
        ("markdown", ""),
        ("code", "x = 1"),
        ("raw", ""),
        ("code", "a\nb\nc"),
        ("code", "'\\ud800\ufffd'"),
    ]
    assert notebook.cells[3].metadata == {"tags": ["a"]}


def test_half_a_character_is_replaced():
    notebook = read(b'{"cells": [{"cell_type": "code", "source": "\\ud83d and \\ud83d\\ude00"}]}')
    assert notebook.cells[0].source == "\ufffd and \U0001f600"


def test_outputs_are_dropped(released):
    notebook = copy.deepcopy(released)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [new_output("stream", text="full marks")]
    assert "full marks" not in as_bytes(read(as_bytes(notebook))).decode()


def test_pictures_in_an_answer_are_kept(work, lesson):
    cell_of(work, "report").attachments = {"plot.png": {"image/png": "aGVsbG8="}}
    repaired, said = repair(read(as_bytes(work)), lesson)
    assert cell_of(repaired, "report").attachments == {"plot.png": {"image/png": "aGVsbG8="}} and said == []


@pytest.mark.parametrize(
    ("data", "said"),
    {
        "empty": (b"", "is empty"),
        "blank": (b" \n\0\0", "is empty"),
        "pdf": (b"%PDF-1.7 ...", "a PDF"),
        "zip": (b"PK\x03\x04....", "a zip archive"),
        "web page": (b"\xef\xbb\xbf<!DOCTYPE html><html>", "a web page"),
        "text": (b"def softmax(x):\n    return x", "not JSON"),
        "binary": (bytes(range(256)), "not JSON"),
        "cut off": (b'{"cells": [{"cell_type": "code", "sou', "breaks off"),
        "merge conflict": (b'{"cells": [\n<<<<<<< HEAD\n {}\n=======\n]}\n>>>>>>> main\n', "merge conflict"),
        "other JSON": (b'{"a": 1}', "no notebook"),
        "a list": (b"[1, 2]", "no notebook"),
        "cells no list": (b'{"cells": {"a": 1}}', "no cells"),
        "from the future": (b'{"nbformat": 5, "cells": []}', "format 5"),
        "deep": (b'{"cells": ' + b"[" * 100_000, "nested deeper"),
        "many brackets": (b'{"cells": [' + b"[]," * 1_100_000 + b"1]}", "far more data"),
        "large": (b" " * 50_000_000 + b"{}", "50 MB"),
        "many cells": (b'{"cells": [' + b"{}," * 2001 + b"{}]}", "2002 cells"),
        "much code": (b'{"cells": [{"cell_type": "code", "source": "' + b"1" * 1_000_001 + b'"}]}', "1 MB of code"),
        "a huge number": (b'{"cells": ' + b"1" * 5000 + b"}", "not JSON"),
    }.values(),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_notebook_is_refused_in_a_sentence(data, said):
    with pytest.raises(Unreadable) as refused:
        read(data)
    text = str(refused.value)
    assert said in text and text.endswith(".") and "\n" not in text and len(text) < 200


# Nothing to repair


def test_a_notebook_that_fits_is_left_as_it_is_and_nothing_is_said(work, lesson):
    repaired, said = repair(work, lesson)
    assert said == []
    assert [label(cell) or cell.cell_type for cell in repaired.cells] == [label(cell) or cell.cell_type for cell in work.cells]
    assert marks(repaired) == marks(work)


def test_the_repaired_notebook_holds_the_hidden_tests(work, lesson):
    repaired, _ = repair(work, lesson)
    assert [cell_of(repaired, test.name).source for test in lesson.tests] == [test.source for test in lesson.tests]


def test_reformatting_and_comments_in_a_test_are_no_change(work, lesson):
    cell = cell_of(work, "four_times_shape")
    cell.source = "# looks good\n" + cell.source.replace("(2, 3)", "( 2, 3 )") + "  \n"
    assert repair(work, lesson)[1] == []


def test_cells_of_the_students_own_stay_where_they_are(work, lesson):
    work.cells.insert(3, new_code_cell("scratch = 1  # mine: scratch"))
    work.cells.append(new_markdown_cell("mine: a note"))
    repaired, said = repair(work, lesson)
    assert said == [] and repaired.cells[3].source.startswith("scratch") and repaired.cells[-1].source == "mine: a note"


def test_training_stays_marked_as_not_to_be_run_also_when_it_was_changed(work, lesson):
    training = next(cell for cell in work.cells if "skip-execution" in cell.metadata.get("tags", []))
    training.source = training.source.replace("3", "30")
    repaired, _ = repair(work, lesson)
    assert next(cell for cell in repaired.cells if "range(30)" in cell.source).metadata.tags == ["skip-execution"]


# One repair each


def test_a_missing_test_is_put_back_below_its_answer_and_the_test_before_it(work, lesson):
    remove(work, "four_times_shape", "Counter_steps")
    repaired, said = repair(work, lesson)
    assert index(repaired, "four_times_shape") == index(repaired, "four_times_values") + 1
    assert index(repaired, "Counter_steps") == index(repaired, "Counter") + 1
    assert said == [
        "The test four_times_shape of exercise four_times was missing and has been put back.",
        "The test Counter_steps of exercise Counter was missing and has been put back.",
    ]


def test_a_changed_test_is_restored(work, lesson):
    cell = cell_of(work, "Counter_steps")
    cell.source = cell.source.replace("[2, 3]", "[counter.step(), counter.step()]")
    repaired, said = repair(work, lesson)
    assert cell_of(repaired, "Counter_steps").source == lesson.test("Counter_steps").source
    assert said == ["The test Counter_steps of exercise Counter was changed and has been restored."]


def test_what_a_student_defined_in_a_test_cell_is_kept_above_it(work, lesson):
    cell = cell_of(work, "Counter_steps")
    cell.source = "@staticmethod\ndef helper(x):\n    return x  # mine: helper\n\n" + cell.source
    repaired, said = repair(work, lesson)
    own = repaired.cells[index(repaired, "Counter_steps") - 1]
    assert own.source == "@staticmethod\ndef helper(x):\n    return x  # mine: helper" and label(own) == ""
    assert said == [
        "The test Counter_steps of exercise Counter was changed and has been restored; "
        "what you added to it is kept in a cell of its own."
    ]


def test_a_test_that_was_copied_is_there_once(work, lesson):
    work.cells.append(copy.deepcopy(cell_of(work, "Counter_steps")))
    repaired, said = repair(work, lesson)
    assert sum(label(cell) == "Counter_steps" for cell in repaired.cells) == 1
    assert said == ["The test Counter_steps of exercise Counter was there 2 times; the copies have been removed."]


def test_a_test_moved_above_its_answer_is_moved_back(work, lesson):
    work.cells.insert(0, work.cells.pop(index(work, "Counter_steps")))
    repaired, said = repair(work, lesson)
    assert index(repaired, "Counter_steps") == index(repaired, "Counter") + 1
    assert said == ["The test Counter_steps of exercise Counter stood above the answer and has been moved below it."]


def test_a_copied_answer_keeps_all_copies_and_the_last_above_the_tests_counts(work, lesson):
    first = copy.deepcopy(cell_of(work, "Counter"))
    first.source += "\n# mine: first try"
    work.cells.insert(index(work, "Counter"), first)
    after = copy.deepcopy(cell_of(work, "Counter"))
    after.source += "\n# mine: after the tests"
    work.cells.append(after)
    repaired, said = repair(work, lesson)
    assert marks(repaired) == marks(work)
    assert cell_of(repaired, "Counter").source.endswith("# mine: Counter")
    assert said == ["Exercise Counter has 3 cells; all are kept, and the last one above its tests counts."]


def test_a_copy_without_an_answer_does_not_undo_the_answer(work, released, lesson):
    work.cells.insert(index(work, "Counter") + 1, copy.deepcopy(cell_of(released, "Counter")))
    repaired, said = repair(work, lesson)
    assert sum("class Counter" in cell.source for cell in repaired.cells) == 1
    assert "mine: Counter" in cell_of(repaired, "Counter").source
    assert len(said) == 1 and "still was as released has been removed" in said[0]


def test_an_answer_in_a_new_cell_counts(released, lesson):
    work = copy.deepcopy(released)
    work.cells.append(new_code_cell("def four_times(x):\n    return 4 * x  # mine"))
    repaired, said = repair(work, lesson)
    assert "mine" in cell_of(repaired, "four_times").source
    assert index(repaired, "four_times_values") == index(repaired, "four_times") + 1
    assert any("recognised by what stands in it" in sentence for sentence in said)


def test_two_answers_merged_into_one_cell_count_for_both(work, lesson):
    cell_of(work, "four_times").source += "\n\n\n" + cell_of(work, "Counter").source
    remove(work, "Counter")
    repaired, said = repair(work, lesson)
    assert not any(label(cell) == "Counter" for cell in repaired.cells)
    assert index(repaired, "Counter_steps") > index(repaired, "four_times") and said == []


def test_an_answer_merged_with_its_test_counts(work, lesson):
    test = cell_of(work, "Counter_steps")
    test.source = cell_of(work, "Counter").source + "\n\n" + test.source
    remove(work, "Counter")
    repaired, _ = repair(work, lesson)
    assert "self.value += 1" in cell_of(repaired, "Counter").source
    assert index(repaired, "Counter") < index(repaired, "Counter_steps")


def test_an_answer_turned_to_text_is_turned_back(work, lesson):
    for kind, name in (("markdown", "Counter"), ("raw", "four_times")):
        cell_of(work, name).cell_type = kind
    repaired, said = repair(work, lesson)
    assert cell_of(repaired, "Counter").cell_type == cell_of(repaired, "four_times").cell_type == "code"
    assert "The cell of exercise Counter was a text cell and has been turned back into code." in said


def test_a_missing_answer_is_put_back_as_released(work, lesson):
    remove(work, "Counter")
    repaired, said = repair(work, lesson)
    assert cell_of(repaired, "Counter").source == lesson.exercises[1].stub
    assert index(repaired, "Counter_steps") == index(repaired, "Counter") + 1
    assert said == [
        "The cell of exercise Counter was missing, and no other cell defines Counter; it has been put back as released."
    ]


def test_an_answer_with_a_syntax_error_is_found_without_its_label(work, lesson):
    cell = cell_of(work, "Counter")
    cell.source, cell.metadata, cell.id = cell.source + "\n)(", {}, "x"
    repaired, _ = repair(work, lesson)
    assert cell_of(repaired, "Counter").source.endswith(")(")


def test_points_and_locks_are_restored(work, lesson):
    cell_of(work, "Counter_steps").metadata.nbgrader |= {"points": 100, "locked": False}
    repaired, said = repair(work, lesson)
    assert cell_of(repaired, "Counter_steps").metadata.nbgrader.points == 3
    assert cell_of(repaired, "Counter_steps").metadata.nbgrader.locked is True
    assert said == ["The test Counter_steps of exercise Counter had other points or settings; they have been restored."]


def test_a_label_from_elsewhere_is_removed(work, lesson):
    settings = {"grade": True, "solution": False, "locked": True, "points": 50, "grade_id": "bonus\x1b[2J", "schema_version": 3}
    work.cells.append(new_code_cell("bonus = 1", metadata={"nbgrader": settings}))
    repaired, said = repair(work, lesson)
    assert "nbgrader" not in repaired.cells[-1].metadata
    assert said == ["A cell carried the label bonus__2J, which this lesson does not have; the label has been removed."]


def test_a_notebook_without_any_metadata_is_recognised_by_what_stands_in_it(work, lesson):
    for number, cell in enumerate(work.cells):
        cell.id, cell.metadata = f"c{number}", {}
    repaired, said = repair(work, lesson)
    assert said == ["6 cells had lost the labels that nbgrader gave them and were recognised by what they say."]
    assert [label(cell) for cell in repaired.cells if label(cell)] == [
        *("four_times", "four_times_values", "four_times_shape", "rules", "Counter", "Counter_steps", "report"),
    ]
    assert cell_of(repaired, "report").source.endswith("<!-- mine: report -->")


def test_swapped_labels_are_put_right(work, lesson):
    one, other = cell_of(work, "four_times"), cell_of(work, "Counter")
    one.metadata, other.metadata = other.metadata, one.metadata
    one.id, other.id = other.id, one.id
    repaired, _ = repair(work, lesson)
    assert "mine: Counter" in cell_of(repaired, "Counter").source
    assert "mine: four_times" in cell_of(repaired, "four_times").source


def test_given_cells_are_restored_and_stand_above_what_needs_them(work, lesson):
    given = next(cell for cell in work.cells if "given" in cell.metadata.get("tags", []))
    right = given.source
    given.source = right.replace("* 2", "* 3") + "\n\n\ndef mine(x):\n    return x"
    given.metadata = {}
    work.cells.append(work.cells.pop(work.cells.index(given)))
    repaired, said = repair(work, lesson)
    place = next(place for place, cell in enumerate(repaired.cells) if cell.source == right)
    assert place < index(repaired, "four_times")
    assert repaired.cells[place].metadata == {"tags": ["given"], "deletable": False, "editable": False}
    assert repaired.cells[-1].source == "def mine(x):\n    return x"
    assert said == [
        "The given cell with double was changed and has been restored; what you added to it is kept in a cell of its own.",
        "The given cell with double stood below an exercise that needs it and has been moved back up.",
    ]


def test_a_missing_given_cell_is_put_back(work, lesson):
    work.cells = [cell for cell in work.cells if "given" not in cell.metadata.get("tags", [])]
    repaired, said = repair(work, lesson)
    assert sum("given" in cell.metadata.get("tags", []) for cell in repaired.cells) == 1
    assert said == ["The given cell with double was missing and has been put back."]


@pytest.mark.parametrize("source", [None, "import numpy as np", "import numpy as np\n)"])
def test_missing_imports_are_put_back_and_the_students_stay(source, work, lesson):
    cell = next(cell for cell in work.cells if cell.source == lesson.imports)
    if source is None:
        work.cells.remove(cell)
    else:
        cell.source = source
    repaired, said = repair(work, lesson)
    first = next(cell for cell in repaired.cells if cell.cell_type == "code" and "setup" not in cell.metadata.get("tags", []))
    assert first.source == lesson.imports and len(said) == 1
    assert source is None or any(cell.source == source for cell in repaired.cells)


def test_imports_may_be_written_otherwise_and_added_to(work, lesson):
    cell = next(cell for cell in work.cells if cell.source == lesson.imports)
    cell.source = "%matplotlib inline\nimport math, random\nimport numpy as np\nfrom attention_course import check, plots"
    assert repair(work, lesson)[1] == []


def test_a_written_answer_is_kept_and_a_missing_one_put_back(work, lesson):
    twice = copy.deepcopy(cell_of(work, "report"))
    twice.source = "mine: second thoughts"
    work.cells.append(twice)
    repaired, _ = repair(work, lesson)
    assert cell_of(repaired, "report").source == "mine: second thoughts" and marks(repaired) == marks(work)
    remove(work, "report")
    repaired, said = repair(work, lesson)
    assert cell_of(repaired, "report").source == lesson.exercises[2].stub
    assert said == ["The written answer report was missing and has been put back as released."]


def test_an_empty_notebook_becomes_the_lessons_skeleton(lesson):
    repaired, said = repair(new_notebook(), lesson)
    assert [label(cell) for cell in repaired.cells if label(cell)] == [
        *("four_times", "four_times_values", "four_times_shape", "rules", "Counter", "Counter_steps", "report"),
    ]
    assert len(said) == 9


def test_hostile_metadata_do_no_harm(work, lesson):
    cell_of(work, "four_times").metadata.nbgrader["points"] = float("nan")
    cell_of(work, "Counter").metadata = {"deep": "DEEP", "nbgrader": {"grade_id": ["a", "list"]}, "tags": {"a": 1}}
    data = as_bytes(work).replace(b'"DEEP"', b'{"a": ' * 500 + b"1" + b"}" * 500)
    repaired, _ = repair(read(data), lesson)
    assert "deep" not in cell_of(repaired, "Counter").metadata and marks(repaired) == marks(work)


@pytest.mark.parametrize("code", ["1" + "+1" * 30_000, "-" * 30_000 + "1", "(" * 5_000, "a = '\\d'", "\\", "x" * 60_000])
def test_code_that_parsers_choke_on_stays_as_it_is(code, work, lesson):
    cell_of(work, "Counter").source += f"\n{code}"
    repaired, said = repair(work, lesson)
    assert cell_of(repaired, "Counter").source.endswith(code) and said == []
    ast.parse(student_code(repaired, lesson))


# Any damage at all


@pytest.mark.parametrize("block", range(8))
def test_whatever_was_damaged_every_test_is_there_once_and_every_answer_survives(block, lesson, released):
    work = answered(released, lesson)
    for seed in range(block * 50, block * 50 + 50):
        damaged = damage(work, seed)
        handed_in = copy.deepcopy(damaged)
        repaired, said = repair(damaged, lesson)
        assert damaged == handed_in, f"{seed}: the input was changed"
        _fits(repaired, lesson, seed)
        lost = set(marks(damaged)) - set(marks(repaired))
        assert not lost, f"{seed}: {lost} did not survive"
        assert [mark for mark in marks(repaired) if "helper" not in mark] == [
            mark for mark in marks(damaged) if "helper" not in mark
        ], seed
        assert all(sentence.endswith(".") and "\n" not in sentence for sentence in said)
        again, said_again = repair(repaired, lesson)
        assert again == repaired and said_again == [], f"{seed}: repaired anew, {said_again}"


def _fits(repaired, lesson, seed):
    nbformat.validate(repaired)
    MetadataValidator().validate_nb(repaired)
    labels = [label(cell) for cell in repaired.cells if label(cell)]
    assert len(labels) == len(set(labels)), seed
    for test in lesson.tests:
        cell = cell_of(repaired, test.name)
        assert (cell.cell_type, cell.source, cell.metadata.nbgrader.points) == ("code", test.source, test.points)
    for exercise in lesson.exercises:
        answers = [
            place
            for place, cell in enumerate(repaired.cells)
            if cell.cell_type == "code"
            and exercise.name in definitions(cell.source)
            and "given" not in cell.metadata.get("tags", [])
        ]
        for test in exercise.tests:
            assert not answers or answers[0] < index(repaired, test.name), f"{seed}: {test.name} above its answer"
        if exercise.name in labels:
            assert all(index(repaired, exercise.name) < index(repaired, test.name) for test in exercise.tests), seed
        else:
            assert answers, f"{seed}: no cell for {exercise.name}"


@pytest.mark.parametrize("name", lesson_names())
def test_a_real_lessons_release_fits_it_with_and_without_its_metadata(name):
    lesson = load(name)
    work = answered(build(lesson, GITHUB), lesson)
    assert repair(work, lesson)[1] == []
    for number, cell in enumerate(work.cells):
        cell.id, cell.metadata = f"c{number}", {}
    repaired, _ = repair(work, lesson)
    _fits(repaired, lesson, name)
    assert marks(repaired) == marks(work)


# Which lesson it is


def test_a_lesson_is_recognised_by_labels_ids_or_definitions(work, ids):
    assert recognise(work, ids) == "02_steps"
    for cell in work.cells:
        cell.metadata.pop("nbgrader", None)
    assert recognise(work, ids) == "02_steps"
    for number, cell in enumerate(work.cells):
        cell.id = f"c{number}"
    assert recognise(work, ids) == "02_steps"


def test_what_is_given_does_not_make_it_the_earlier_lesson(released, ids):
    notebook = new_notebook(cells=[cell for cell in released.cells if "given" in cell.metadata.get("tags", [])])
    assert recognise(notebook, ids) is None


def test_another_notebook_is_no_lesson(ids):
    assert recognise(new_notebook(cells=[new_code_cell("print('hello')")]), ids) is None
    assert recognise(new_notebook(), ids) is None


def test_the_wrong_lesson_is_told_in_a_sentence(work, root, ids):
    assert wrong_lesson(work, "02_steps", ids) == ""
    assert wrong_lesson(work, "01_double", ids) == (
        "This notebook is lesson 02_steps, handed in as 01_double: hand in the notebook of 01_double."
    )
    assert "Nothing in this notebook belongs to lesson 01_double" in wrong_lesson(new_notebook(), "01_double", ids)
    only_an_answer = new_notebook(cells=[new_code_cell("def double(x):\n    return x + x")])
    assert wrong_lesson(only_an_answer, "01_double", ids) == ""


# What the student wrote


def test_the_students_code_is_what_differs_from_the_release(released, work, lesson):
    assert student_code(repair(released, lesson)[0], lesson) == ""
    work.cells.insert(3, new_code_cell("import torch  # mine"))
    code = student_code(repair(work, lesson)[0], lesson)
    assert "import torch" in code and "# mine: four_times" in code and "# mine: Counter" in code
    assert (
        "check.equal" not in code and "print(four_times(21))" not in code and "twice_as_much" not in code and "%pip" not in code
    )


def test_the_students_code_says_where_tests_stand(released, work, lesson):
    work.cells.append(new_code_cell("last = 1"))
    parts = student_code(repair(work, lesson)[0], lesson).split(f"\n\n{TEST!r}\n\n")
    assert len(parts) > 2 and "last = 1" in parts[-1] and "four_times" in parts[0] and not parts[0].startswith(repr(TEST))


def test_the_students_code_is_python_whatever_ipython_commands_are_in_it(work, lesson):
    work.cells += [
        new_code_cell("%%time\nfrom torch import softmax"),
        new_code_cell("if True:\n    %timeit 1\nfiles = !ls\nprint?"),
        new_code_cell("total = (1\n  % 2)"),
        new_code_cell("this is no Python\nat all"),
    ]
    code = student_code(repair(work, lesson)[0], lesson)
    ast.parse(code)
    assert "\nfrom torch import softmax" in code and "total = (1\n  % 2)" in code and "# this is no Python\n# at all" in code


def test_a_set_up_cell_with_code_of_the_students_is_read(work, lesson):
    setup = next(cell for cell in work.cells if "setup" in cell.metadata.get("tags", []))
    setup.source += "\nsoftmax = torch.softmax"
    assert "softmax = torch.softmax" in student_code(repair(work, lesson)[0], lesson)


def test_a_test_that_the_course_has_changed_since_is_not_laid_at_the_students_door(work, lesson):
    cell = next(cell for cell in work.cells if cell.metadata.get("nbgrader", {}).get("grade"))
    cell.source = "earlier_version = 1\n" + cell.source
    told = repair(copy.deepcopy(work), lesson)[1]
    assert any("was changed and has been restored" in sentence for sentence in told)
    cell.metadata.nbgrader.checksum = compute_checksum(cell)
    repaired, told = repair(work, lesson)
    assert told == [] and not any("earlier_version" in each.source for each in repaired.cells)
