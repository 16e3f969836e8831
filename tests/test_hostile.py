"""Submissions that attack: none gains a point beyond those it states, reads what is hidden, or harms the next one."""

import re
import time
from pathlib import Path

import pytest
from conftest import CANARY
from nbformat.v4 import new_code_cell
from probes import resident
from secret_lesson import HIDDEN_NUMBERS, SCALE
from small_lessons import write_lessons

from autograder.grading import Grader
from autograder.lesson_source import grade_id, role
from autograder.lessons import load
from autograder.release import build
from autograder.sandbox import Limits, SandboxedKernel
from autograder.sandbox.limits import MB
from autograder.student_side.codec import Name, decode, encode

FOLDER = Path(__file__).parent / "hostile"
FILES = sorted(FOLDER.glob("*.py"))
LIMITS = Limits(cell=3, call=2, test=5, total=40, memory=300 * MB, scratch=8 * MB, file=4 * MB, processes=30)
HONEST = "def scale(x, factor=2.0):\n    return x * factor"


@pytest.fixture(scope="module")
def lesson(tmp_path_factory):
    return load("01_scale", write_lessons(tmp_path_factory.mktemp("lessons"), scale=SCALE))


@pytest.fixture
def attacked(grader, lesson, monkeypatch):
    """A grader with tight limits and little patience, on a warm process that the attacks share."""
    monkeypatch.setattr("autograder.sandbox.kernel.GRACE", 0.5)
    monkeypatch.setattr("autograder.student_side.wire.MOMENT", 0.3)
    other = Grader(grader.walls, grader.key, LIMITS)
    other._warm = grader._warm
    return other


def parts(file: Path) -> tuple[float, dict[str, str]]:
    """The points that a hostile file says it deserves, and its cells: "first", "last" and the answers by name."""
    text = file.read_text()
    points = float(re.search(r"^# points: (\S+)$", text, re.M)[1])
    names, sources = re.findall(r"^# %% (\w+)$", text, re.M), re.split(r"^# %% \w+$", text, flags=re.M)[1:]
    return points, {name: source.strip("\n") for name, source in zip(names, sources, strict=True)}


def notebook(lesson, cells: dict[str, str]):
    """The release with answers in it, a cell of the student's own behind the imports, and one at the end."""
    found = build(lesson)
    for cell in found.cells:
        if role(cell) == "solution" and grade_id(cell) in cells:
            cell.source = cells[grade_id(cell)]
    place = next(index for index, cell in enumerate(found.cells) if role(cell) == "solution")
    found.cells.insert(place, new_code_cell(cells.get("first", "")))
    found.cells.append(new_code_cell(cells.get("last", "")))
    return found


def told(record) -> str:
    """Everything that a record tells the student or the instructor, but for the student's own cells."""
    shown = [part for cell in record.cells for part in (cell.output, cell.error)]
    return "\n".join([*shown, *record.remarks, *(result.message for result in record.tests)])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_attack_gains_nothing_reads_nothing_and_harms_nobody(grader, attacked, lesson, file):
    deserved, cells = parts(file)
    warm = attacked.warm(lesson)
    began, before = time.monotonic(), resident()
    record = attacked.grade_notebook(notebook(lesson, cells), lesson)
    assert time.monotonic() - began < LIMITS.total + 10
    assert resident() - before < 500 * MB
    assert record.points == deserved, told(record)
    text = told(record)
    assert "FOUND" not in text and CANARY not in text, text
    assert not [number for number in HIDDEN_NUMBERS if number in text], text
    assert all(line.isprintable() for line in text.replace("\t", " ").split("\n"))
    assert all(result.message.endswith((".", "`.")) or result.message.count("\n") for result in record.tests if result.message)
    assert grader.grade_notebook(notebook(lesson, {"scale": HONEST}), lesson).points == lesson.points
    assert grader.warm(lesson) is attacked.warm(lesson) is warm


def test_what_one_submission_leaves_on_disk_the_next_does_not_find(attacked, lesson):
    _, cells = parts(FOLDER / "left_on_disk.py")
    for _ in range(2):
        assert "FOUND" not in told(attacked.grade_notebook(notebook(lesson, cells), lesson))


PLANTED = {
    "every_name": f"open('/scratch/{CANARY}', 'w').close()",
    "inherited_descriptors": f"import os\nos.open('/scratch/{CANARY}', os.O_CREAT)",
    "own_memory": f"planted = ''.join([{CANARY[:8]!r}, {CANARY[8:]!r}])",
    "thawed_objects": f"planted = [''.join([{CANARY[:8]!r}, {CANARY[8:]!r}])]",
    "memory_dump": f"planted = [{CANARY!r}]",
    "readable_files": f"open('/scratch/planted', 'w').write({CANARY!r})",
    "stack_walk": f"original = 1\ndef outer(*a, **k):\n    planted = {CANARY!r}\n    return scale(*a, **k)",
}


@pytest.mark.parametrize("name", PLANTED)
def test_the_searches_find_what_is_there_to_be_found(attacked, lesson, name):
    """Without this, a search that finds nothing would say nothing."""
    _, cells = parts(FOLDER / f"{name}.py")
    with SandboxedKernel(attacked.warm(lesson)) as kernel:
        shown = kernel.run(PLANTED[name]).text
        shown += "".join(kernel.run(source).text for source in cells.values())
        target = Name("outer" if name == "stack_walk" else "scale")
        if "scale" in cells:
            reply = decode(kernel.call(encode({"do": "call", "target": target, "arguments": (1,), "keywords": {}}), 20))
            shown += reply.get("error", {}).get("text", "")
    assert "FOUND canary-" in shown


def test_every_attack_says_what_it_tries_and_what_it_deserves():
    assert len(FILES) >= 15
    for file in FILES:
        first, second = file.read_text().splitlines()[:2]
        assert re.fullmatch(r"# [A-Z].*\.", first) and re.fullmatch(r"# points: \d", second), file.name
