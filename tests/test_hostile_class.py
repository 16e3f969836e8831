"""All hostile submissions as one class, with thirty honest students between them, graded by one run of `grade`."""

import ctypes
import json
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest
from canaries import Canaries
from course_copy import autograder, copy_course
from hostile_files import FILES as DAMAGES
from nbformat import writes
from nbgrader.api import Gradebook
from secret_lesson import SCALE
from small_lessons import write_lessons
from test_feedback import Reading, assert_harmless
from test_hostile import CANARY, FOLDER, LIMITS, PLANTED, notebook, parts

from autograder.lessons import load
from autograder.sandbox.limits import MB

LESSON = "01_scale"
SHORT = replace(LIMITS, cell=5)  # a search takes seconds
SUBREAPER = 36  # of prctl: whatever loses its parent becomes a child of this process
HONEST = {  # an answer, and the points it deserves
    "return np.asarray(x) * factor": 4,
    "return np.array([value * factor for value in np.ravel(x)]).reshape(np.shape(x))": 4,
    "print('so far', x)\n    return factor * np.array(x, dtype=float)": 4,
    "import warnings\n    warnings.warn('careful')\n    return np.multiply(x, factor)": 4,
    "return np.einsum('...,->...', x, factor)": 4,
    "return np.asarray(x) * 2": 2,
    "x *= factor\n    return x": 2,
    "return x": 0,
    "raise ValueError('not yet')": 0,
    "return x *": 0,
}


@dataclass
class Graded:
    """A class after it was graded: what its students handed in, where its data are, what was said, and what was planted."""

    deserved: dict[str, float]
    folder: Path
    said: subprocess.CompletedProcess
    canaries: Canaries

    def records(self) -> dict[str, dict]:
        return {path.stem: json.loads(path.read_text()) for path in (self.folder / "records" / LESSON).glob("*.json")}

    def grades(self) -> dict[str, tuple]:
        """Points in the gradebook, by student: of each test, and whether a person must look."""
        with Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}") as gradebook:
            return {
                submission.student_id: [
                    (grade.name, grade.auto_score, grade.manual_score, grade.needs_manual_grade)
                    for grade in sorted(submission.notebooks[0].grades, key=lambda grade: grade.name)
                ]
                for submission in gradebook.assignment_submissions(LESSON)
            }


def honest(number: int) -> str:
    return f"student{number:02}"


def hand_in(folder: Path, student: str, data: bytes) -> None:
    file = folder / student / LESSON / f"{LESSON}.ipynb"
    file.parent.mkdir(parents=True)
    file.write_bytes(data)


@contextmanager
def leaving_nothing():
    """Fails if a process, a file where all may write, or something in shared memory is there that was not there before."""
    before, own = left_over(), psutil.Process()
    children = set(own.children(recursive=True))
    libc = ctypes.CDLL(None)
    libc.prctl(SUBREAPER, 1, 0, 0, 0)
    try:
        yield
        _, alive = psutil.wait_procs(set(own.children(recursive=True)) - children, timeout=10)
        assert alive == []
    finally:
        libc.prctl(SUBREAPER, 0, 0, 0, 0)
    deadline = time.monotonic() + 60  # other tests run at the same time; what is theirs goes away
    while left_over() - before and time.monotonic() < deadline:
        time.sleep(0.2)
    assert left_over() - before == set()


def left_over() -> set[str]:
    """Sockets and groups of graders that have ended, and what there is in shared memory and queues."""
    owned = [*Path("/tmp").glob("k-*-*"), *Path("/sys/fs/cgroup").glob("**/attention-course-*-*")]
    owners = {path: path.name.removeprefix("attention-course-").removeprefix("k-").split("-")[0] for path in owned}
    found = {str(path) for path, owner in owners.items() if not Path("/proc", owner).exists()}
    found |= {str(path) for folder in ("/var/tmp", "/dev/shm", "/dev/mqueue") for path in Path(folder).glob("*")}
    for table in ("shm", "msg", "sem"):
        found |= {f"{table} {line.split()[1]}" for line in Path("/proc/sysvipc", table).read_text().splitlines()[1:]}
    return found


@contextmanager
def neighbour(word: str, folder: Path):
    """A process that keeps a word in its arguments, its environment, its memory, and everywhere where it could be found."""
    command, pipe = [sys.executable, Path(__file__).with_name("neighbour.py"), word, folder], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, env=os.environ | {"KEPT": word}) as process:
        assert process.stdout.readline() == b"ready\n"
        yield
        process.stdin.close()
        assert process.wait(10) == 0


@pytest.fixture(scope="module")
def course(sandboxed, tmp_path_factory):
    """A copy of the course whose one lesson has words planted in its hidden tests, its solution and its text."""
    canaries, root = Canaries(), tmp_path_factory.mktemp("course")
    copy_course(root, SHORT, grace=0.5)
    source = SCALE.replace(CANARY, canaries.plant("a hidden test"))
    source = source.replace("    ### BEGIN SOLUTION\n", f"    ### BEGIN SOLUTION\n    # {canaries.plant('the solution')}\n")
    source = source.replace("check.equal(count, 7", f"kept = {canaries.plant('another hidden test')!r}\ncheck.equal(count, 7")
    write_lessons(root, scale=source)
    (root / "notes.txt").write_text(canaries.plant("a file of the course"))
    return root, canaries


def secret(canaries: Canaries) -> str:
    """A class secret that begins with a word, as its file has it."""
    return canaries.plant("the class secret").encode().ljust(32, b".").hex() + "\n"


def honest_work(folder: Path, lesson, canaries: Canaries) -> dict[str, float]:
    deserved = {}
    for number, (answer, points) in enumerate(list(HONEST.items()) * 3):
        mark = canaries.plant(f"the work of {honest(number)}")
        cells = {"scale": f"def scale(x, factor=2.0):\n    {answer}", "first": f"# {mark}\nprint('hello')"}
        hand_in(folder, honest(number), writes(notebook(lesson, cells)).encode())
        deserved[honest(number)] = points
    return deserved


def hostile_work(folder: Path, lesson) -> dict[str, float]:
    deserved = {}
    for file in sorted(FOLDER.glob("*.py")):
        points, cells = parts(file)
        hand_in(folder, file.stem, writes(notebook(lesson, cells)).encode())
        deserved[file.stem] = points
    for name, (points, damage) in DAMAGES.items():
        hand_in(folder, name, damage(notebook(lesson, {}), lesson))
        deserved[name] = points
    return deserved


@pytest.fixture(scope="module")
def told(course, classes):
    """The folder of the class with hostile work after everything was written that people get to see."""
    folder = classes[1].folder
    for command in (["feedback"], ["export", "--to", "csv"], ["report"]):
        done = autograder(course[0], *command, "--class", folder)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def classes(course, tmp_path_factory):
    """The honest students alone, and all together: two runs of `grade` with the same secret."""
    root, canaries = course
    lesson, handed_in, secret_key = load(LESSON, root), tmp_path_factory.mktemp("handed-in"), secret(canaries)
    alone = honest_work(handed_in, lesson, canaries)
    first = graded(course, handed_in, alone, secret_key, tmp_path_factory.mktemp("alone"))
    together = alone | hostile_work(handed_in, lesson)
    return first, graded(course, handed_in, together, secret_key, tmp_path_factory.mktemp("together"))


def graded(course, handed_in: Path, deserved: dict, secret_key: str, place: Path) -> Graded:
    """A class graded by one run of `grade`, with words in all that the grader and a neighbour have."""
    root, canaries = course
    folder = place / canaries.plant(f"the grader's arguments, {place.name}") / "class"
    (folder / "journal").mkdir(parents=True)
    (folder / "secret.key").write_text(secret_key)
    (folder / "journal" / "kept").write_text(canaries.plant(f"the journal, {place.name}"))
    variable = canaries.plant(f"the grader's environment, {place.name}")
    with leaving_nothing(), neighbour(canaries.plant(f"a neighbour, {place.name}"), place):
        said = autograder(root, "grade", handed_in, "--jobs", 2, "--class", folder, KEPT=variable)
    return Graded(dict(deserved), folder, said, canaries)


def test_honest_work_is_graded_to_the_byte_as_without_hostile_work_beside_it(classes):
    alone, together = classes
    assert alone.said.returncode == 0, alone.said.stderr

    def kept(found):
        records = {student: record for student, record in found.records().items() if student in alone.deserved}
        return {student: json.dumps(record | {"seconds": 0}, sort_keys=True) for student, record in records.items()}

    assert len(alone.deserved) == 30
    assert {student: json.loads(text) for student, text in kept(together).items()} == {
        student: json.loads(text) for student, text in kept(alone).items()
    }
    assert kept(together) == kept(alone)
    assert {student: grade for student, grade in together.grades().items() if student in alone.deserved} == alone.grades()


def test_everybody_has_the_points_they_deserve(classes):
    for each in classes:
        points = {student: sum(test["points"] or 0 for test in record["tests"]) for student, record in each.records().items()}
        assert points == each.deserved
        assert {student: sum(auto or 0 for _, auto, *_ in grades) for student, grades in each.grades().items()} == each.deserved


def test_no_record_takes_more_room_than_outputs_may(classes):
    """A character takes twelve bytes at most; the notebooks themselves are small."""
    for file in (classes[1].folder / "records" / LESSON).glob("*.json"):
        assert file.stat().st_size < 12 * SHORT.outputs + 5 * MB, file.name


def test_the_table_has_a_line_for_each_and_the_exit_status_says_that_some_wait(classes):
    _, together = classes
    assert together.said.returncode == 1 and "could not be graded in full" in together.said.stderr
    assert "Traceback" not in together.said.stderr + together.said.stdout
    lines = {line.split()[1]: line for line in together.said.stdout.splitlines() if LESSON in line}
    assert set(lines) == set(together.deserved)
    for student, record in together.records().items():
        waits = any(test["points"] is None for test in record["tests"])
        assert (" + ?" in lines[student]) is waits
        assert re.search(rf"{together.deserved[student]:g}{' . .' if waits else ''} of 4", lines[student]), lines[student]


def test_no_planted_word_is_in_what_a_hostile_submission_could_tell(classes):
    """What a search found, it prints; and all that a submission prints, raises and returns is in its record.

    A record has the whole source of the tests, too; that never leaves it.
    """
    _, together = classes
    for student, record in together.records().items():
        for cell in record["cells"]:
            cell["source"] = "" if cell["role"] == "test" else cell["source"]
        assert together.canaries.found_in(json.dumps(record).encode()) <= {f"the work of {student}"}, student


def test_no_planted_word_is_on_a_page_an_export_or_a_report(course, classes, told):
    """A student's own words are on the student's own page, and nowhere else."""
    found = course[1].found_below(told)
    pages = {name: places for name, places in found.items() if name.startswith("feedback/")}
    assert pages == {f"feedback/{name}/{LESSON}/{LESSON}.html": {f"the work of {name}"} for name in classes[0].deserved}
    assert not {"report.html", "grades-csv.csv"} & set(found) and (told / "report.html").exists()


def test_no_page_does_anything_but_be_read(classes, told):
    pages = list((told / "feedback").glob("*/*/*.html"))
    assert len(pages) == len(classes[1].deserved)
    for page in pages:
        assert_harmless(page.read_text())
    report = Reading((told / "report.html").read_text())
    assert not {"script", "iframe", "object", "embed", "img", "form", "link", "base"} & set(report.tags)
    assert not [name for name, _ in report.attributes if name.startswith("on")]


def test_the_words_are_where_they_were_planted(classes):
    """Without this, a word that is found nowhere would say nothing."""
    _, together = classes
    found = set().union(*together.canaries.found_below(together.folder).values())
    assert {"the class secret", "the journal, together0"} | {f"the work of {name}" for name in classes[0].deserved} <= found


def test_the_searches_came_to_their_end(classes):
    records = classes[1].records()
    for name in (*PLANTED, "neighbours"):
        assert not [cell["error"] for cell in records[name]["cells"] if "stopped" in cell["error"]], name


def test_no_hostile_work_says_that_it_found_something(classes):
    for student, record in classes[1].records().items():
        told = [cell[part] for cell in record["cells"] for part in ("output", "error")]
        told += [*record["notes"], *record["repairs"], *(test["message"] for test in record["tests"])]
        assert "FOUND" not in "\n".join(told), student
