"""A PostgreSQL server as the gradebook: the same grades as in SQLite, from every command, backed up before a run."""

import os
import subprocess

import nbformat
import psycopg
import pytest
from postgres_server import PASSWORD, programs, server
from sqlalchemy.exc import OperationalError
from test_commands import autograder
from test_grading import as_bytes, filled_in

from autograder import __main__
from autograder.gradebook import ClassGradebook, GradebookError
from autograder.lessons import load
from autograder.nbgrader_settings import database
from autograder.release import build

LESSON = "05_softmax"
DATES = f"""
[due]
{LESSON} = 2026-11-20
[extensions.{LESSON}]
ada = 2026-11-25
[handed_in.{LESSON}]
ada = 2026-11-22
ben = 2026-11-22
cleo = 2026-11-20
"""


@pytest.fixture(scope="module")
def address():
    """The address of a database on a server of our own, without a password in it; that is in the environment."""
    if programs() is None:
        pytest.skip("PostgreSQL is not installed here: make postgresql")
    with server() as found:
        with psycopg.connect(f"{found}/postgres", autocommit=True) as connection:
            connection.execute("create database grades")
            connection.execute("create database copy")
        yield f"{found}/grades"


@pytest.fixture(scope="module")
def graded(address, sandboxed, tmp_path_factory):
    """The same class graded on the server and in a file: the folder with both, and what the commands said of the first."""
    folder = tmp_path_factory.mktemp("postgresql")
    (folder / "in").mkdir()
    (folder / "in" / f"ada_{LESSON}.ipynb").write_bytes(as_bytes(filled_in(load(LESSON))))
    (folder / "in" / f"ben_{LESSON}.ipynb").write_bytes(as_bytes(filled_in(load(LESSON))))
    (folder / "in" / f"cleo_{LESSON}.ipynb").write_text(nbformat.writes(build(load(LESSON))))
    said = []
    commands = [["grade", folder / "in", "--jobs", "1"], ["feedback"], ["export"], ["report"], ["due"]]
    for name, options, given in (("server", ["--gradebook", address], commands), ("file", [], commands[:3])):
        (folder / name).mkdir()
        (folder / name / "due.toml").write_text(DATES)
        (folder / name / "secret.key").write_text("5" * 64)
        for command in given:
            said.append(autograder(*command, "--class", folder / name, *options))
    return folder, said[:5]


def test_every_command_takes_it(graded):
    _, said = graded
    assert [done.returncode for done in said] == [0] * 5, [done.stderr for done in said]
    assert PASSWORD not in "".join(done.stdout + done.stderr for done in said)


def test_no_file_is_made_beside_it(graded):
    folder, _ = graded
    assert not (folder / "server" / "gradebook.db").exists() and (folder / "file" / "gradebook.db").exists()


def test_grades_late_penalties_and_pages_are_those_that_sqlite_gives(graded):
    folder, _ = graded
    first, second = ((folder / name / "grades-csv.csv").read_text("utf-8-sig") for name in ("server", "file"))
    assert first == second and ",8,10," in first
    pages = [sorted((folder / name / "feedback").rglob("*.html")) for name in ("server", "file")]
    assert len(pages[0]) == 3 and [page.read_text() for page in pages[0]] == [page.read_text() for page in pages[1]]


def test_a_rerun_grades_nothing_and_backs_the_server_up(graded, address):
    folder, _ = graded
    done = autograder("grade", folder / "in", "--jobs", "1", "--class", folder / "server", "--gradebook", address)
    assert done.returncode == 0, done.stderr
    newest = max((folder / "server" / "backups").glob("*.dump"))
    assert newest.stat().st_mode & 0o077 == 0
    into = address.replace("/grades", "/copy")
    subprocess.run(["pg_restore", f"--dbname={into}", "--no-owner", newest], check=True, timeout=60)
    with psycopg.connect(into) as copy, psycopg.connect(address) as original:
        question = "select student_id, late_submission_penalty from submitted_assignment join submitted_notebook on "
        question += "submitted_assignment.id = submitted_notebook.assignment_id order by 1"
        found = copy.execute(question).fetchall()
        assert found == original.execute(question).fetchall() and dict(found)["ben"] == 2


def test_a_hand_grade_on_the_server_stays(graded, address):
    folder, _ = graded
    with ClassGradebook(folder / "server", address).open() as book:
        grade = book.find_grade("entropy_values", LESSON, LESSON, "cleo")
        grade.manual_score = 0.5
        book.db.commit()
    assert autograder("grade", folder / "in", "--jobs", "1", "--class", folder / "server", "--gradebook", address).returncode == 0
    autograder("export", "--class", folder / "server", "--output", folder / "again.csv", "--gradebook", address)
    assert f"{LESSON},cleo,,,,0.5,10" in (folder / "again.csv").read_text("utf-8-sig")


def test_the_address_can_stand_in_the_environment(graded, address, monkeypatch):
    folder, _ = graded
    monkeypatch.setenv("AUTOGRADER_GRADEBOOK", address)
    done = autograder("export", "--class", folder / "server", "--output", folder / "from_environment.csv")
    assert done.returncode == 0 and not (folder / "server" / "gradebook.db").exists()


@pytest.mark.parametrize(
    "change, said",
    [(lambda at: at.replace(PASSWORD, "guess"), "password authentication failed"), (lambda at: at + "x", "does not exist")],
    ids=["password", "database"],
)
def test_a_server_that_does_not_let_us_in_is_told_in_a_sentence_without_the_password(address, tmp_path, change, said):
    with pytest.raises(GradebookError, match=f"cannot be reached.*{said}") as told:
        ClassGradebook(tmp_path, change(address))
    assert PASSWORD not in str(told.value) and "guess" not in str(told.value)


@pytest.mark.parametrize(
    "address, said",
    [
        ("postgresql://u@127.0.0.1:9/x", "cannot be reached"),
        ("grades", "not one of a database"),
        ("oracle://u@h/x", "no driver here|cannot be reached"),
        ("nosuch://u@h/x", "no driver here"),
    ],
)
def test_what_is_no_server_is_told_in_a_sentence(tmp_path, address, said):
    with pytest.raises(GradebookError, match=said):
        ClassGradebook(tmp_path, address)


@pytest.mark.parametrize("address", ["postgresql://u@h/x", "postgres://u@h/x", "postgresql+psycopg://u@h/x"])
def test_the_driver_is_the_one_that_is_installed(tmp_path, address):
    assert database(tmp_path, address) == "postgresql+psycopg://u@h/x"


def test_a_server_that_fails_in_the_middle_is_told_in_a_sentence(monkeypatch, capsys):
    def fail():
        raise OperationalError("select 1", {}, Exception("server closed the connection\nunexpectedly"))

    monkeypatch.setattr(__main__, "app", fail)
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert ended.value.code == 1
    assert "The gradebook failed (server closed the connection unexpectedly)" in capsys.readouterr().err


def test_this_machine_has_what_these_tests_need():
    if os.environ.get("CI"):
        assert programs() is not None
