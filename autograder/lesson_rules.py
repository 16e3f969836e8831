"""What a lesson's cells owe one another: names, order, points."""

import ast

from nbformat import NotebookNode

from attention_course.code_names import Names, imports, names
from autograder.lesson_regions import regions, released
from autograder.lesson_source import LessonError, grade_id, role, tags


def check_regions(cell: NotebookNode, place: str) -> None:
    """Solution cells have a solution between markers, hidden tests end test cells, and no other cell has either."""
    code = cell.cell_type == "code"
    found = [region.kind for region in regions(cell.source, place, code)]
    kind = role(cell)
    if kind in ("solution", "manual") and "SOLUTION" not in found:
        raise LessonError(f"{place}: a solution without markers; put it between `### BEGIN SOLUTION` and `### END SOLUTION`.")
    if kind not in ("solution", "manual") and "SOLUTION" in found:
        raise LessonError(f"{place}: a solution region in a cell that is no solution cell; give the header nbgrader's metadata.")
    if kind != "test" and "HIDDEN TESTS" in found:
        raise LessonError(f"{place}: hidden tests in a cell that is no test cell; give the header nbgrader's metadata.")
    if kind == "test":
        _check_hidden_last(cell.source, place)
    if code and kind:
        _check_release_parses(cell.source, kind, place)


def check_imports(source: str, place: str) -> None:
    """The first code cell holds imports and nothing else."""
    statements = ast.parse(source).body
    if not statements or not all(isinstance(statement, (ast.Import, ast.ImportFrom)) for statement in statements):
        raise LessonError(f"{place}: the first code cell holds the imports and nothing else; move the rest to a later cell.")


def check_test_name(name: str, exercise: str | None, place: str) -> None:
    """A test stands below its exercise and bears its name."""
    if exercise is None:
        raise LessonError(f"{place}: a test with no exercise above it; put it below the solution cell that it tests.")
    if not name.startswith(f"{exercise}_"):
        raise LessonError(f"{place}: the test stands below `{exercise}`; call it `{exercise}_PROPERTY` or move it.")


def check_names(placed: list[tuple[NotebookNode, str]], lesson_imports: str) -> None:
    """Test cells use only imports, answers asked for above and names of their own, and no other cell uses theirs."""
    cells = [(cell, place, names(cell.source)) for cell, place in placed if cell.cell_type == "code"]
    known = set(imports(lesson_imports))
    for cell, place, used in cells:
        if role(cell) == "test":
            _check_test_names(used, known, place)
        elif role(cell) == "solution":
            known |= used.binds - set(imports(cell.source))
    _check_that_tests_keep_their_names(cells)


def _check_that_tests_keep_their_names(cells: list[tuple[NotebookNode, str, Names]]) -> None:
    """Refuse a cell that reads what a test bound last, or whose functions read what any test binds."""
    of_any_test = {name: grade_id(cell) for cell, _, used in cells if role(cell) == "test" for name in used.binds}
    of_last_test = {}
    for cell, place, used in cells:
        if role(cell) == "test":
            of_last_test |= dict.fromkeys(used.binds, grade_id(cell))
            continue
        taken = {name: of_last_test[name] for name in used.reads if name in of_last_test}
        taken |= {name: of_any_test[name] for name in used.later if name in of_any_test}
        if taken:
            name = min(taken)
            raise LessonError(f"{place}: `{name}` is read here and comes from the test `{taken[name]}`; rename one of the two.")
        for name in used.binds:
            of_last_test.pop(name, None)


def _check_test_names(used: Names, known: set[str], place: str) -> None:
    unknown = used.needs - known
    if unknown:
        name = min(unknown)
        raise LessonError(
            f"{place}: the test uses `{name}`, no import and no answer asked for above; make it in the test itself."
        )
    taken = used.binds & known
    if taken:
        raise LessonError(f"{place}: the test assigns `{min(taken)}`, an imported name or an answer's; use another name.")


def _check_hidden_last(source: str, place: str) -> None:
    hidden = regions(source, place)
    if len(hidden) > 1:
        raise LessonError(f"{place}: {len(hidden)} hidden regions; put all hidden tests into one at the end.")
    if hidden and any(line.strip() for line in source.split("\n")[hidden[0].end + 1 :]):
        raise LessonError(f"{place}: lines stand below the hidden tests; move them above `### BEGIN HIDDEN TESTS`.")


def _check_release_parses(source: str, kind: str, place: str) -> None:
    """What is left without the regions must itself be Python, and a test must show something."""
    try:
        statements = ast.parse(released(source)).body
    except SyntaxError as error:
        reason = f"as released, line {error.lineno} is not Python ({error.msg}); move the markers"
        raise LessonError(f"{place}: {reason}.") from None
    if kind == "test" and not statements:
        raise LessonError(f"{place}: the test shows students nothing; put a visible check above the hidden tests.")


def check_tags(cell: NotebookNode, place: str) -> None:
    """A `# given:` line stands in a cell tagged so, and exercises and tests are always run."""
    if cell.cell_type == "code" and "given" not in tags(cell) and "# given:" in cell.source:
        raise LessonError(f'{place}: a `# given:` line in a cell without the tag; write `# %% tags=["given"]` above it.')
    if role(cell) in ("solution", "test") and tags(cell):
        raise LessonError(f"{place}: an exercise or a test cannot be tagged `{tags(cell)[0]}`; leave the tag out.")
