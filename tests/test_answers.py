"""Every wrong answer loses points on a test that names its property; every right one gets all, under many class secrets.

An answer meets a quarter of a hundred secrets and the next answer the next quarter, so that an exercise with four right answers
has met them all. `benchmarks/answers.py --secrets` tries every answer under every one.
"""

from functools import cache
from pathlib import Path

import pytest

from autograder.answers import Answer, graded, lost_under, missed, read_answers, refused
from autograder.class_secret import Key
from autograder.lessons import lesson_names, load

HERE = Path(__file__).parent
KEYS = [Key(f"class {number}".encode()) for number in range(100)]
EACH = 25
TOGETHER = {"wrong": 20, "right": 4}  # answers per test, so that processes share the work evenly
WRONG, RIGHT = 8, 3  # at least so many for each exercise


@cache
def answers(kind: str, lesson: str) -> list[Answer]:
    return read_answers(HERE / f"{kind}_answers" / f"{lesson}.py")


def portions(kind: str):
    """Some answers at a time of each lesson."""
    for lesson in lesson_names():
        for first in range(0, len(answers(kind, lesson)), TOGETHER[kind]):
            yield pytest.param(lesson, first, id=f"{lesson}-{first}")


@pytest.mark.parametrize("lesson, first", portions("wrong"))
def test_wrong_answers_lose_points_on_a_test_that_names_the_property(grader, lesson, first):
    said = {}
    for answer in answers("wrong", lesson)[first : first + TOGETHER["wrong"]]:
        record = graded(grader, load(lesson), {answer.exercise: answer.source}, answer.exercise)
        if problem := missed(record, answer):
            said[f"line {answer.line}, {answer.exercise} | {answer.about}"] = problem
    assert not said, "\n".join(f"{where}: {problem}" for where, problem in said.items())


@pytest.mark.parametrize("lesson, first", portions("right"))
def test_right_answers_get_full_marks_under_many_class_secrets(grader, lesson, first):
    said = {}
    for number, answer in enumerate(answers("right", lesson)[first : first + TOGETHER["right"]], first):
        keys = KEYS[EACH * number % len(KEYS) :][:EACH]
        source = {answer.exercise: answer.source}
        problem = refused(graded(grader, load(lesson), source, answer.exercise), answer)
        problem = problem or lost_under(grader, load(lesson), source, answer.exercise, keys)
        if problem:
            said[f"line {answer.line}, {answer.exercise} | {answer.about}"] = problem
    assert not said, "\n".join(f"{where}: {problem}" for where, problem in said.items())


@pytest.mark.parametrize("lesson", lesson_names())
def test_every_exercise_has_enough_wrong_and_right_answers(lesson):
    for exercise in load(lesson).exercises:
        if not exercise.manual:
            for kind, enough in (("wrong", WRONG), ("right", RIGHT)):
                found = [answer for answer in answers(kind, lesson) if answer.exercise == exercise.name]
                assert len(found) >= enough, f"{exercise.name} has {len(found)} {kind} answers"


@pytest.mark.parametrize("kind", ["wrong", "right"])
@pytest.mark.parametrize("lesson", lesson_names())
def test_answers_belong_to_exercises(lesson, kind):
    exercises = {exercise.name for exercise in load(lesson).exercises}
    assert {answer.exercise for answer in answers(kind, lesson)} <= exercises


def test_a_header_that_says_nothing_is_refused(tmp_path):
    file = tmp_path / "05_softmax.py"
    file.write_text("# %% softmax\ndef softmax(scores): ...\n")
    with pytest.raises(ValueError, match="no header"):
        read_answers(file)


def test_a_wrong_answer_that_the_tests_let_through_is_noticed(grader):
    lesson = load("05_softmax")
    right = Answer("entropy", "a property", lesson.exercises[1].solution, 1)
    assert missed(graded(grader, lesson, {}, "entropy"), right) == "it gets full marks"


def test_a_wrong_answer_that_fails_for_another_reason_is_noticed(grader):
    wrong = Answer("entropy", "a property that no test names", "def entropy(weights, axis=-1):\n    return 0.0", 1)
    record = graded(grader, load("05_softmax"), {"entropy": wrong.source}, "entropy")
    assert missed(record, wrong).startswith("no failure names the property")
