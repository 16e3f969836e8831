"""A lesson's source is read as it is meant, or refused in a sentence."""

import copy
import os
import re
import subprocess
import sys

import nbformat
import pytest

from autograder.lesson_regions import CODE_STUB, released
from autograder.lessons import ROOT, LessonError, lesson_names, load
from tests.small_lessons import DOUBLE, FOUR_TIMES, header, write_lessons

REAL = lesson_names()
HALF = "def half(x):\n    ### BEGIN SOLUTION\n    return x / 2\n    ### END SOLUTION"


@pytest.fixture
def double(tmp_path):
    return load("01_double", write_lessons(tmp_path, double=DOUBLE))


def test_a_lesson_holds_its_exercises_and_tests_in_order(double):
    assert (double.name, double.title, double.points) == ("01_double", "1 · Doubling", 5)
    assert [(exercise.name, exercise.points, exercise.manual) for exercise in double.exercises] == [
        ("double", 3, False),
        ("report", 2, True),
    ]
    assert [(test.name, test.points, test.exercise) for test in double.tests] == [
        ("double_values", 2, "double"),
        ("double_shape", 1, "double"),
    ]
    assert double.exercises[0].defines == ("double",)
    assert double.imports == "import numpy as np\n\nfrom attention_course import check"


def test_a_solution_is_kept_without_markers_and_its_stub_without_the_solution(double):
    exercise = double.exercises[0]
    assert exercise.solution.endswith("    twice_as_much = np.asarray(x) * 2\n    return twice_as_much")
    assert exercise.stub.endswith(
        'new array."""\n    # YOUR CODE HERE\n    raise NotImplementedError("there is no answer here yet")'
    )
    assert double.exercises[1].stub == "What is doubling good for?\n\nYOUR ANSWER HERE"


def test_a_test_knows_which_of_its_lines_are_hidden(double):
    test = double.test("double_values")
    lines = test.source.split("\n")
    assert test.visible == lines[0]
    assert [lines[number - 1] for number in sorted(test.hidden_lines)] == lines[2:4]
    assert double.test("double_shape").hidden_lines == frozenset()


def test_cell_ids_are_grade_ids_and_every_reading_gives_the_same(double, tmp_path):
    ids = [cell.id for cell in double.notebook.cells]
    assert {"double", "double_values", "double_shape", "report"} <= set(ids)
    assert len(set(ids)) == len(ids)
    nbformat.validate(double.notebook)
    (tmp_path / "again").mkdir()
    assert load("01_double", write_lessons(tmp_path / "again", double=DOUBLE)).notebook == double.notebook


def test_equal_cells_get_ids_of_their_own(tmp_path):
    twice = DOUBLE + "\n# %%\nprint(1)\n" * 2
    ids = [cell.id for cell in load("01_double", write_lessons(tmp_path, double=twice)).notebook.cells]
    assert len(set(ids)) == len(ids)


def test_a_long_grade_id_becomes_a_cell_id_that_jupyter_accepts(tmp_path):
    source = DOUBLE.replace("double_values", "double_" + "v" * 80).replace("double_shape", "double_" + "v" * 81)
    lesson = load("01_double", write_lessons(tmp_path, double=source))
    nbformat.validate(lesson.notebook)
    assert all(len(cell.id) <= 64 for cell in lesson.notebook.cells)


@pytest.mark.parametrize(
    "old, new", [("* 2\n", "+ np.asarray(x)\n"), ("12345", "54321"), ("import numpy as np", "import numpy as np\nimport os")]
)
def test_the_digest_follows_solution_tests_and_imports(double, tmp_path, old, new):
    (tmp_path / "other").mkdir()
    other = load("01_double", write_lessons(tmp_path / "other", double=DOUBLE.replace(old, new)))
    assert other.digest != double.digest


def test_the_digest_does_not_follow_the_text(double, tmp_path):
    (tmp_path / "other").mkdir()
    other = load("01_double", write_lessons(tmp_path / "other", double=DOUBLE.replace("*5 minutes", "*6 minutes")))
    assert other.digest == double.digest and other.notebook != double.notebook


def test_a_changed_source_is_read_again(tmp_path):
    root = write_lessons(tmp_path, double=DOUBLE)
    before = load("01_double", root)
    assert load("01_double", root) is before
    write_lessons(root, double=DOUBLE.replace("· Doubling", "· Twofold"))
    assert load("01_double", root).title == "1 · Twofold"


REFUSED = {
    "a solution without markers": ("    ### BEGIN SOLUTION\n", "", "END SOLUTION` closes nothing"),
    "a solution with no markers at all": (
        re.compile(r" *### (BEGIN|END) SOLUTION\n"),
        "",
        "without markers",
    ),
    "a misspelt begin": ("### BEGIN HIDDEN TESTS", "### BEGIN HIDEN TESTS", "looks like a marker"),
    "a misspelt end": ("### END HIDDEN TESTS", "### END HIDDEN TEST", "looks like a marker"),
    "one hash": ("### BEGIN SOLUTION\n    twice", "# BEGIN SOLUTION\n    twice", "`### BEGIN SOLUTION`"),
    "no blank": ("### BEGIN SOLUTION\n    twice", "###BEGIN SOLUTION\n    twice", "looks like a marker"),
    "two blanks": ("### BEGIN SOLUTION\n    twice", "###  BEGIN SOLUTION\n    twice", "looks like a marker"),
    "small letters": ("### BEGIN HIDDEN TESTS", "# begin hidden tests", "looks like a marker"),
    "letters swapped": ("### BEGIN HIDDEN TESTS", "### BEGNI HIDDEN TSETS", "looks like a marker"),
    "another verb": ("### BEGIN HIDDEN TESTS", "# START OF HIDDEN TESTS", "looks like a marker"),
    "behind code": ("### BEGIN HIDDEN TESTS", "x = 1  ### BEGIN HIDDEN TESTS", "looks like a marker"),
    "a marker of other tools": ("number = 21", "### AUTOTEST number", "looks like a marker"),
    "a marker in a markdown answer": ("# ### BEGIN SOLUTION", "# ## BEGIN SOLUTON", "looks like a marker"),
    "nested": ("    return twice_as_much\n", "    ### BEGIN SOLUTION\n    return twice_as_much\n", "inside a region"),
    "never closed": ("\n### END HIDDEN TESTS", "", "never closed"),
    "closed by the other kind": ("### END HIDDEN TESTS", "### END SOLUTION", "closes nothing"),
    "hidden tests in a plain cell": (
        "number = 21\n",
        "### BEGIN HIDDEN TESTS\nnumber = 21\n### END HIDDEN TESTS\n",
        "no test cell",
    ),
    "hidden tests in a solution cell": (
        "    ### END SOLUTION\n\n\n",
        "    ### END SOLUTION\n### BEGIN HIDDEN TESTS\nimport os\n### END HIDDEN TESTS\n",
        "no test cell",
    ),
    "hidden tests not last": (
        "### END HIDDEN TESTS",
        '### END HIDDEN TESTS\ncheck.equal(1, 1, "one is one")',
        "below the hidden",
    ),
    "two hidden regions": (
        "### END HIDDEN TESTS",
        "### END HIDDEN TESTS\n### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS",
        "2 hidden",
    ),
    "nothing visible": ('check.equal(double(3), 6, "twice three is six")\n', "", "shows students nothing"),
    "a solution in a plain cell": (f"# %% {header('double', False, True)}", "# %%", "no solution cell"),
    "a test in a plain cell": (f"# %% {header('double_values', True, False, 2)}", "# %%", "no test cell"),
    "a header cut off": ('"grade_id": "double_values"', '"grade_id": "double_values', "could not be read"),
    "a header in Python's spelling": ('"task": false}\ndef', '"task": False}\ndef', "could not be read"),
    "a header's key misspelt": ("nbgrader={", "nbgarder={", "nbgarder"),
    "a header with a title": ("# %%\nnumber", "# %% Numbers\nnumber", "Numbers"),
    "a header without its blank": ("# %%\nnumber", "# %%number\nnumber", "not Python"),
    "a header with one per cent": (
        '# %% nbgrader={"grade": true, "grade_id": "double_shape"',
        '# % nbgrader={"grade_id"',
        "header",
    ),
    "a header with two hashes": ("# %%\nnumber", "## %%\nnumber", "header"),
    "an unknown tag": ("# %%\nnumber", '# %% tags=["skip-exection"]\nnumber', "skip-exection"),
    "a tag on a test": ("# %% nbgrader", '# %% tags=["skip-execution"] nbgrader', "cannot be tagged"),
    "a magic": ("number = 21", "%timeit number", "not Python"),
    "a syntax error": ("number = 21", "number = = 21", "not Python"),
    "an unlocked test": ('"grade_id": "double_shape", "locked": true', '"grade_id": "double_shape", "locked": false', "no kind"),
    "an old schema": ('"schema_version": 3', '"schema_version": 2', "version 3"),
    "a flag missing": ('"grade": false, ', "", "no kind"),
    "a task cell": ('"task": false', '"task": true', "task cells"),
    "an unknown key": ('"task": false', '"tusk": false', "no kind"),
    "no name": ('"grade_id": "double"', '"grade_id": ""', "grade_id"),
    "a name with a blank": ('"grade_id": "double_shape"', '"grade_id": "double shape"', "grade_id"),
    "no points": ('"points": 1, ', "", "points"),
    "points below zero": ('"points": 1, ', '"points": -1, ', "points"),
    "points in words": ('"points": 1, ', '"points": "1", ', "points"),
    "a name twice": ("double_shape", "double_values", "is taken"),
    "another exercise's test": ('"double_shape"', '"treble_shape"', "double_PROPERTY"),
    "an exercise that is not defined": ("def double(x)", "def twice(x)", "does not define"),
    "an exercise without tests": (
        "# %%\nnumber",
        f"# %% {header('half', False, True)}\n{HALF}\n\n\n# %%\nnumber",
        "has no test",
    ),
    "a stub that is not Python": (
        "    twice_as_much = np",
        "    if x is None:\n        ### END SOLUTION\n        x = 1\n    ### BEGIN SOLUTION\n    twice_as_much = np",
        "as released",
    ),
    "no title": ("# # 1 · Doubling", "# Doubling", "no title"),
    "more than imports": ("from attention_course import check\n", "from attention_course import check\nx = 1\n", "nothing else"),
    "a name from nowhere": ("check.shape(double(np", "check.shape(treble(np", "`treble`"),
    "another test's name": ("check.shape(double(np.ones((2, 3)))", "check.shape(double(large_number)", "`large_number`"),
    "an imported name assigned": ("large_number = 12345", "large_number = np = 12345", "assigns `np`"),
    "an answer's name assigned": ("large_number = 12345", "large_number = double = 12345", "assigns `double`"),
    "a test's name read": ("print(double(number))", "print(double(large_number))", "`large_number`"),
    "a test's name read later": ("print(double(number))", "def show():\n    print(large_number)", "`large_number`"),
    "a given line without the tag": ("number = 21", "# given: double from 00_zero", "without the tag"),
}


@pytest.mark.parametrize("old, new, why", REFUSED.values(), ids=REFUSED.keys())
def test_a_source_that_could_be_misread_is_refused(tmp_path, old, new, why):
    source = old.sub(new, DOUBLE) if isinstance(old, re.Pattern) else DOUBLE.replace(old, new, 1)
    assert source != DOUBLE
    with pytest.raises(LessonError) as refused:
        load("01_double", write_lessons(tmp_path, double=source))
    message = str(refused.value)
    assert why in message and message.startswith("01_double.py") and message.endswith(".") and "\n" not in message


def test_a_source_that_jupytext_cannot_read_is_refused(tmp_path):
    with pytest.raises(LessonError, match="jupytext cannot read it"):
        load("01_double", write_lessons(tmp_path, double="# ---\n# jupyter:\n#   kernelspec: {\n# ---\n\n" + DOUBLE))
    (tmp_path / "solutions/01_double.py").write_bytes(b"\xff" + DOUBLE.encode())
    with pytest.raises(LessonError, match="UTF-8"):
        load("01_double", tmp_path)


def test_no_letter_left_out_of_a_marker_or_a_header_lets_a_secret_through(tmp_path):
    """Each marker and header with one letter less or cut short: refused, or harmless."""
    lines = DOUBLE.split("\n")
    held = [
        number for number, line in enumerate(lines) if "# ###" in line or "    ###" in line or line.startswith(("###", "# %%"))
    ]
    for number in held:
        line = lines[number]
        for place in range(len(line)):
            for damaged in (line[:place] + line[place + 1 :], line[:place]):
                source = "\n".join([*lines[:number], damaged, *lines[number + 1 :]])
                try:
                    lesson = load("01_double", write_lessons(tmp_path, double=source))
                except LessonError:
                    continue
                shown = "\n".join(released(cell.source, cell.cell_type == "code") for cell in lesson.notebook.cells)
                assert not any(secret in shown for secret in ("twice_as_much", "12345", "24690", "two out of one")), damaged


@pytest.mark.parametrize(
    "line",
    [
        "# the solution is unique",
        "# tests of the end",
        "x = 1  # hidden state, (n, d)",
        "# best solution so far",
        "# begin with zeros",
    ],
)
def test_an_ordinary_comment_is_no_marker(tmp_path, line):
    load("01_double", write_lessons(tmp_path, double=DOUBLE.replace("number = 21", f"number = 21\n{line}")))


@pytest.mark.parametrize("text", ["Hidden tests", "The solution of the puzzle", "Begin with the hidden state of the encoder"])
def test_ordinary_prose_is_no_marker(tmp_path, text):
    load("01_double", write_lessons(tmp_path, double=DOUBLE.replace("# ### Exercise 1", f"# ### {text}\n#\n# ### Exercise 1")))


def test_a_demonstration_may_use_a_name_that_it_binds_again(tmp_path):
    source = DOUBLE.replace("number = 21\nprint(double(number))", "large_number = 21\nprint(double(large_number))")
    load("01_double", write_lessons(tmp_path, double=source))


def test_a_missing_lesson_is_named_with_those_there_are(tmp_path):
    with pytest.raises(LessonError, match="'02_treble'.*01_double"):
        load("02_treble", write_lessons(tmp_path, double=DOUBLE))
    with pytest.raises(LessonError):
        load("../solutions/01_double", tmp_path)


def test_an_empty_given_cell_is_filled_in_from_the_solution(tmp_path):
    root = write_lessons(tmp_path, double=DOUBLE, four_times=FOUR_TIMES)
    given = load("02_four_times", root).notebook.cells[2].source
    assert given == f"# given: double from 01_double\n{load('01_double', root).exercises[0].solution}"


def test_the_same_code_in_a_given_cell_is_the_same_lesson(tmp_path):
    empty = load("02_four_times", write_lessons(tmp_path, double=DOUBLE, four_times=FOUR_TIMES))
    full = FOUR_TIMES.replace("# given: double from 01_double", empty.notebook.cells[2].source + "\n\n")
    assert load("02_four_times", write_lessons(tmp_path, double=DOUBLE, four_times=full)).digest == empty.digest


def test_a_given_cell_follows_the_lesson_it_takes_from(tmp_path):
    before = load("02_four_times", write_lessons(tmp_path, double=DOUBLE, four_times=FOUR_TIMES))
    changed = DOUBLE.replace("np.asarray(x) * 2", "2 * np.asarray(x)")
    after = load("02_four_times", write_lessons(tmp_path, double=changed, four_times=FOUR_TIMES))
    assert "2 * np.asarray(x)" in after.notebook.cells[2].source and after.digest != before.digest


GIVEN_REFUSED = {
    "code that differs": (
        "# given: double from 01_double",
        "# given: double from 01_double\ndef double(x): return x",
        "not the solution",
    ),
    "no such lesson": ("from 01_double", "from 01_treble", "no lesson '01_treble'"),
    "no such exercise": ("double from", "treble from", "no exercise `treble`"),
    "an answer in words": ("double from", "report from", "no exercise `report`"),
    "a later lesson": ("from 01_double", "from 02_four_times", "does not come before"),
    "no line": ("# given: double from 01_double", "x = 1", "takes nothing"),
    "a name not imported": ("import numpy as np\n", "import numpy as numbers\n", "`np`"),
    "a name imported as something else": ("import numpy as np\n", "import math as np\n", "import the same"),
    "used by a test": ("check.equal(four_times(np.array([1, 2])), ", "check.equal(double(np.array([2, 4])), ", "`double`"),
}


@pytest.mark.parametrize("old, new, why", GIVEN_REFUSED.values(), ids=GIVEN_REFUSED.keys())
def test_a_given_cell_that_is_not_what_it_says_is_refused(tmp_path, old, new, why):
    assert old in FOUR_TIMES
    with pytest.raises(LessonError, match=re.escape(why)):
        load("02_four_times", write_lessons(tmp_path, double=DOUBLE, four_times=FOUR_TIMES.replace(old, new, 1)))


def test_given_code_needs_what_it_calls_given_too(tmp_path):
    last = FOUR_TIMES.replace("four_times", "eightfold").replace("double(double(x))", "2 * four_times(x)")
    alone = last.replace("double from 01_double", "four_times from 02_four_times")
    with pytest.raises(LessonError, match="`double`"):
        load("03_eightfold", write_lessons(tmp_path, double=DOUBLE, four_times=FOUR_TIMES, eightfold=alone))
    both = alone.replace("# given: ", "# given: double from 01_double\n# given: ")
    given = load("03_eightfold", write_lessons(tmp_path, double=DOUBLE, four_times=FOUR_TIMES, eightfold=both)).notebook.cells[2]
    assert "def double" in given.source and "def four_times" in given.source


@pytest.mark.parametrize("name", REAL or ["01_double"])
def test_stubs_and_visible_tests_are_what_nbgrader_makes_of_them(name, tmp_path):
    from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions

    lesson = load(name) if REAL else load(name, write_lessons(tmp_path, double=DOUBLE))
    notebook = copy.deepcopy(lesson.notebook)
    for step in (ClearSolutions(code_stub={"python": "\n".join(CODE_STUB)}), ClearHiddenTests()):
        notebook, _ = step.preprocess(notebook, {})
    ours = {exercise.name: exercise.stub for exercise in lesson.exercises} | {test.name: test.visible for test in lesson.tests}
    assert {cell.id: cell.source for cell in notebook.cells if cell.id in ours} == ours


@pytest.mark.parametrize("name", REAL)
def test_the_text_says_the_points_that_are_given(name):
    lesson = load(name)
    text = "\n".join(cell.source for cell in lesson.notebook.cells if cell.cell_type == "markdown")
    assert re.search(rf"\b{lesson.points:g} points?\b", lesson.notebook.cells[0].source)
    said = dict(re.findall(r"^### Exercise \d+ · `(\w+)` · ([\d.]+) points?\b", text, flags=re.MULTILINE))
    given = {exercise.name: f"{exercise.points:g}" for exercise in lesson.exercises if not exercise.manual}
    assert said | given == said


def test_reading_a_lesson_does_not_load_nbgrader():
    code = "import sys, autograder.lessons; print([name for name in ('nbgrader', 'torch', 'numpy') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, env=os.environ)
    assert done.stdout.strip() == "[]", done.stderr
