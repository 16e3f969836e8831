"""The workflow for GitHub Classroom is valid, its grading step runs, and what it tells adds up to the points."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from nbformat import writes
from test_grading import as_bytes, filled_in

from autograder.commands.workflow import write_workflow
from autograder.exports.github import results, workflow
from autograder.exports.github.results import summary
from autograder.lessons import ROOT, lesson_names, load
from autograder.trouble import Trouble
from tests.sample_records import failed, hostile_record, passed, record
from tests.workflow_files import complaints, is_read_by_the_shell, read, scripts

LESSON, COURSE = "05_softmax", "teacher/course-with-tests"


def steps(text: str) -> dict[str, dict]:
    return {step["name"]: step for step in read(text)["jobs"]["grade"]["steps"]}


@pytest.mark.parametrize("lesson", ["00_start_here", LESSON, "16_train_a_transformer"])
def test_the_file_is_a_workflow(tmp_path, lesson):
    write_workflow(lesson, COURSE, "main", tmp_path / "classroom.yml")
    assert not complaints(tmp_path / "classroom.yml")


@pytest.mark.parametrize("lesson", lesson_names())
def test_every_exercise_with_tests_is_reported_under_a_name_of_its_own(lesson):
    report = steps(workflow(load(lesson), COURSE))["Report"]
    named = report["with"]["runners"].split(",")
    assert named == [exercise.name for exercise in load(lesson).exercises if not exercise.manual]
    assert list(report["env"]) == [f"{name.upper()}_RESULTS" for name in named] and len(report["env"]) == len(named)
    assert list(report["env"].values()) == [f"${{{{ steps.grade.outputs.{name} }}}}" for name in named]


def test_the_course_is_fetched_with_a_token_that_is_not_kept():
    found = steps(workflow(load(LESSON), COURSE, "v2"))
    fetched = found["Fetch the course"]["with"]
    assert (fetched["repository"], fetched["ref"], fetched["token"]) == (COURSE, "v2", "${{ secrets.COURSE_TOKEN }}")
    assert not fetched["persist-credentials"] and not found["Fetch the notebook"]["with"]["persist-credentials"]
    assert "COURSE_TOKEN" not in json.dumps({name: step for name, step in found.items() if name != "Fetch the course"})


def test_the_file_says_that_students_can_read_what_it_reads():
    assert "can print the token and the hidden tests" in " ".join(workflow(load(LESSON), COURSE).replace("#", "").split())


def test_no_test_is_in_the_file():
    text = workflow(load(LESSON), COURSE)
    assert not [test.name for test in load(LESSON).tests if test.name in text]


@pytest.mark.parametrize("course", ["course", "https://github.com/me/course", "me/course\n", "me/course }}", "a/b/c", ""])
def test_what_is_no_repository_is_refused(course):
    with pytest.raises(Trouble, match="OWNER/REPOSITORY"):
        workflow(load(LESSON), course)


def test_what_is_no_branch_is_refused():
    with pytest.raises(Trouble, match="branch or tag"):
        workflow(load(LESSON), COURSE, "main\nrun: rm")


@pytest.fixture
def job(tmp_path, sandboxed):
    """Runs the grading step as GitHub does, on a notebook; what it told the next step, decoded, and how it ended."""
    (tmp_path / "submission").mkdir()
    (tmp_path / "course").mkdir()
    for name in ("attention_course", "autograder", "datasets", "solutions"):
        (tmp_path / "course" / name).symlink_to(ROOT / name)

    def run(data: bytes | None):
        if data is not None:
            (tmp_path / "submission" / f"{LESSON}.ipynb").write_bytes(data)
        step = steps(workflow(load(LESSON), COURSE))["Grade"]
        places = {"GITHUB_OUTPUT": str(tmp_path / "output"), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-e", "-c", step["run"]],
            cwd=tmp_path / step["working-directory"],
            env=os.environ | places | {"PATH": path},
            capture_output=True,
            text=True,
            timeout=300,
        )
        file = tmp_path / "output"
        lines = file.read_text().splitlines() if file.exists() else []
        told = {name: json.loads(base64.b64decode(value)) for name, _, value in (line.partition("=") for line in lines)}
        return done, told, tmp_path / "summary"

    return run


def test_its_commands_grade_a_right_notebook_in_full(job):
    (done, told, page) = job(as_bytes(filled_in(load(LESSON))))
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(told) == [exercise.name for exercise in load(LESSON).exercises]
    assert (
        sum(one["max_score"] for one in told.values())
        == 10
        == sum(test["score"] for one in told.values() for test in one["tests"])
    )
    assert {one["status"] for one in told.values()} == {"pass"}
    assert "**10 of 10 points**" in page.read_text()


def test_what_cannot_be_judged_is_reported_as_no_points_at_all(job):
    notebook = filled_in(load(LESSON))
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "entropy":
            cell.source = "def entropy(weights, axis=-1):\n    import os\n    os._exit(3)"
    done, told, page = job(writes(notebook).encode())
    assert done.returncode == 1 and not told
    assert "::error::Not everything could be graded" in done.stdout and "| ? of 1 |" in page.read_text()


@pytest.mark.parametrize("data, said", [(None, "No notebook was handed in"), (b"{}", "::error::")])
def test_without_a_notebook_the_step_fails_in_a_sentence(job, data, said):
    done, told, _ = job(data)
    assert done.returncode == 1 and not told and said in done.stdout and "Traceback" not in done.stdout + done.stderr


def test_the_scripts_of_all_steps_are_read_by_the_shell():
    assert all(map(is_read_by_the_shell, scripts(workflow(load(LESSON), COURSE))))


def test_a_wrong_answer_fails_its_exercise_alone():
    tests = [passed("a_one", "a", 2), failed("a_two", "a", 1, "This does not hold: one."), passed("b_one", "b", 3)]
    found = results(record(tests=tests))
    assert (found["a"]["status"], found["a"]["max_score"], found["b"]["status"]) == ("fail", 3, "pass")
    assert [test["score"] for test in found["a"]["tests"]] == [2, 0]


def test_what_a_student_wrote_marks_nothing_up_in_the_table():
    lines = summary(hostile_record()).splitlines()
    assert not [line for line in lines if line.startswith("::")]
    assert all(line.startswith(("|", "**", "- ")) or not line for line in lines)
    assert not [line for line in lines if "<script" in line.replace("\\<", "")]
