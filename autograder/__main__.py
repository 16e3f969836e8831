"""The instructor's and the self-learner's commands: `python -m autograder COMMAND`."""

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

GRADEBOOK = "AUTOGRADER_GRADEBOOK"  # where the address can stand in place of the command line, which others may see

INTERRUPTED = 130  # the exit status after Ctrl-C
STOPPED = "autograder: Stopped; what was graded is kept, and the same command goes on from there."

app = typer.Typer(
    name="autograder",
    help="Releases lessons, grades notebooks, and tells students and instructors what came out.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)


class Sandbox(StrEnum):
    """The walls around a student's code."""

    bubblewrap = "bubblewrap"
    container = "container"
    none = "none"


Lessons = Annotated[
    list[str] | None, typer.Argument(metavar="[LESSON]...", help="Lessons such as 05_softmax; all of them if none is named.")
]
Class = Annotated[Path | None, typer.Option("--class", metavar="FOLDER", help="The class's data [default: build/class].")]
Gradebook = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS", envvar=GRADEBOOK, help="A database server's address, such as postgresql://..., in place of SQLite."
    ),
]
Walls = Annotated[Sandbox, typer.Option(help="bubblewrap, or container if this whole machine is a throw-away container.")]
NoWalls = Annotated[bool, typer.Option("--no-sandbox", help="Run students' code without walls; every record will say so.")]


@app.command(epilog="Example: `python -m autograder release 05_softmax`")
def release(
    lessons: Lessons = None,
    repository: Annotated[
        str | None, typer.Option(metavar="URL", help="Where students get the course, in place of pyproject.toml's setting.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if a notebook differs from what would be built.")
    ] = False,
) -> None:
    """Build the students' notebooks from solutions/."""
    from autograder.commands.release import release_lessons

    release_lessons(lessons, repository, check)


@app.command(epilog="Example: `python -m autograder check work/05_softmax.ipynb`")
def check(
    notebooks: Annotated[list[Path], typer.Argument(metavar="NOTEBOOK...")],
    as_json: Annotated[bool, typer.Option("--json", help="Print a list with one object per notebook.")] = False,
    lesson: Annotated[str | None, typer.Option(help="The lesson, if the notebook does not tell.")] = None,
    sandbox: Walls = Sandbox.bubblewrap,
    no_sandbox: NoWalls = False,
) -> None:
    """Grade single notebooks, hidden tests included, and print a line per test."""
    from autograder.commands.check import check_notebooks

    check_notebooks(notebooks, as_json, lesson, _walls(sandbox, no_sandbox))


@app.command(epilog="Example: `python -m autograder grade submissions/ --lesson 05_softmax --jobs 4`")
def grade(
    folder: Annotated[
        Path,
        typer.Argument(
            help="STUDENT/LESSON/LESSON.ipynb, nbgrader's exchange, a flat folder, a download of Canvas, Moodle or Brightspace, "
            "or a zip of these."
        ),
    ],
    lesson: Annotated[
        str | None, typer.Option(help="Only this lesson; also says what the notebooks of a flat folder are.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="How many submissions at the same time.")] = os.cpu_count() or 1,
    again: Annotated[
        bool, typer.Option("--again", help="Grade also what has been graded before; grades given by hand stay.")
    ] = False,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Grade on the Dask cluster of this scheduler, such as tcp://10.0.0.1:8786."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a list with one object per submission, for machines.")] = False,
    class_folder: Class = None,
    gradebook: Gradebook = None,
    sandbox: Walls = Sandbox.bubblewrap,
    no_sandbox: NoWalls = False,
) -> None:
    """Grade a class into the gradebook."""
    from autograder.commands.find import find

    found = find(folder, lesson, not scheduler)
    from autograder.commands.grade import grade_class

    grade_class(found, jobs, again, class_folder, gradebook, _walls(sandbox, no_sandbox), scheduler, as_json)


@app.command(epilog="Example: `python -m autograder feedback 05_softmax`")
def feedback(lessons: Lessons = None, class_folder: Class = None, gradebook: Gradebook = None) -> None:
    """Write a page for each student and lesson."""
    from autograder.commands.results import write_feedback

    write_feedback(lessons, class_folder, gradebook)


@app.command(epilog="Example: `python -m autograder export --to csv --output grades.csv`")
def export(
    lessons: Lessons = None,
    to: Annotated[str, typer.Option(help="csv, canvas, moodle or gradescope.")] = "csv",
    into: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The file downloaded from Canvas or Moodle, which is filled in.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write it [default: in the class's folder].")
    ] = None,
    class_folder: Class = None,
    gradebook: Gradebook = None,
) -> None:
    """Write the grades for another program. What is not graded yet is left empty there, never 0.

    For Gradescope, which grades by itself: an autograder archive for each lesson.
    """
    from autograder.commands.results import export_grades

    export_grades(lessons, to, output, class_folder, gradebook, into)


@app.command(epilog="Example: `python -m autograder workflow 05_softmax --course OWNER/REPOSITORY`")
def workflow(
    lesson: Annotated[str, typer.Argument()],
    course: Annotated[str, typer.Option(metavar="OWNER/REPOSITORY", help="Where the course's private copy is on GitHub.")],
    ref: Annotated[str, typer.Option(help="Its branch or tag.")] = "main",
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write it, such as .github/workflows/classroom.yml.")
    ] = None,
) -> None:
    """Print the workflow with which GitHub Classroom grades a lesson at each push.

    Students can change workflows where they can push, and so read what a workflow can read: for grades that count, use `grade`.
    """
    from autograder.commands.workflow import write_workflow

    write_workflow(lesson, course, ref, output)


@app.command(epilog="Example: `python -m autograder due`")
def due(class_folder: Class = None, gradebook: Gradebook = None) -> None:
    """Show when lessons are due, who has longer, who was late; the first time, write the file that you fill in."""
    from autograder.commands.due import show_dates

    show_dates(class_folder, gradebook)


@app.command(epilog="Example: `python -m autograder report 05_softmax`")
def report(lessons: Lessons = None, class_folder: Class = None, gradebook: Gradebook = None) -> None:
    """Draw how the class did: points per exercise, what was missed most, who is missing."""
    from autograder.commands.results import write_report

    write_report(lessons, class_folder, gradebook)


@app.command(epilog="Example: `python -m autograder lessons 05_softmax`")
def lessons(lessons: Lessons = None) -> None:
    """Run lessons from top to bottom, training included, and print seconds and memory."""
    from autograder.commands.lessons import run_lessons

    run_lessons(lessons)


@app.command(epilog="Example: `python -m autograder demo`")
def demo(jobs: Annotated[int, typer.Option(min=1, help="How many submissions at the same time.")] = os.cpu_count() or 1) -> None:
    """The whole cycle on a sample class: release, twelve submissions, grading, feedback, export, report."""
    from autograder.demo import run

    run(jobs)


def _walls(sandbox: Sandbox, no_sandbox: bool) -> str:
    return "none" if no_sandbox else sandbox.value


def main() -> None:
    """Run a command; what went wrong is told in one sentence, and shows in the exit status."""
    from autograder.trouble import Trouble

    try:
        app()
    except Trouble as trouble:
        print(f"autograder: {trouble}", file=sys.stderr)
        sys.exit(trouble.status)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            print(STOPPED, file=sys.stderr)
        raise
    except OSError as problem:
        if not problem.filename:
            raise
        print(f"autograder: {problem.filename} cannot be read or written ({problem.strerror}).", file=sys.stderr)
        sys.exit(1)
    except Exception as problem:
        if not any(kind.__module__.startswith("sqlalchemy.") for kind in type(problem).__mro__):
            raise
        said = " ".join(str(getattr(problem, "orig", problem)).split())
        print(
            f"autograder: The gradebook failed ({said}); what was graded is kept, and the same command goes on.", file=sys.stderr
        )
        sys.exit(1)
    except KeyboardInterrupt:
        print(STOPPED, file=sys.stderr)
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
