"""How long a thousand wrong answers take: grades all there are, and extrapolates.

python benchmarks/answers.py [LESSON...] [--jobs 2]
python benchmarks/answers.py --secrets       # instead: every right answer under a hundred class secrets (half an hour)
python benchmarks/answers.py --visible       # instead: the wrong answers that no visible test catches
"""

import argparse
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from autograder.answers import graded, lost_in_sight, lost_under, missed, read_answers
from autograder.class_secret import Key
from autograder.grading import Grader
from autograder.lessons import ROOT, lesson_names, load

SHARE, SECRETS = 20, 100
_grader = None


def main() -> None:
    """Print one line per lesson and the time for a thousand answers on this machine."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=2, help="processes, each with warm processes of its own (default 2)")
    parser.add_argument("lessons", nargs="*", default=lesson_names(), metavar="LESSON", help="only these (default: all)")
    parser.add_argument("--secrets", action="store_true", help="try every right answer under a hundred class secrets")
    parser.add_argument("--visible", action="store_true", help="count the wrong answers that the visible tests catch")
    wanted = parser.parse_args()
    jobs = wanted.jobs
    if wanted.secrets:
        _try_secrets(wanted.lessons, jobs)
        return
    if wanted.visible:
        _look(wanted.lessons, jobs)
        return
    total = seconds = 0
    print(f"| lesson | wrong answers | got full marks | seconds with {jobs} processes | seconds each |")
    print("| --- | --- | --- | --- | --- |")
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for lesson in wanted.lessons:
            count = len(read_answers(ROOT / "tests" / "wrong_answers" / f"{lesson}.py"))
            began = time.perf_counter()
            passed = sum(pool.map(_grade, [(lesson, first) for first in range(0, count, SHARE)]))
            took = time.perf_counter() - began
            print(f"| {lesson} | {count} | {passed} | {took:.1f} | {took / count:.2f} |")
            total, seconds = total + count, seconds + took
    print(f"\n{total} answers in {seconds:.0f} s; a thousand would take {seconds / total * 1000 / 60:.1f} min.")


def _try_secrets(lessons: list[str], jobs: int) -> None:
    """Print one line per lesson: how many right answers there are, and what any of them lost under any secret."""
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for lesson in lessons:
            count = len(read_answers(ROOT / "tests" / "right_answers" / f"{lesson}.py"))
            lost = [problem for problem in pool.map(_under_all, [(lesson, number) for number in range(count)]) if problem]
            print(
                f"{lesson}: {count} right answers under {SECRETS} secrets each, {len(lost)} lost points",
                *lost,
                sep="\n  ",
                flush=True,
            )


def _look(lessons: list[str], jobs: int) -> None:
    """Print one line per lesson: how many of its wrong answers the visible tests catch, and which they do not."""
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for lesson in lessons:
            count = len(read_answers(ROOT / "tests" / "wrong_answers" / f"{lesson}.py"))
            unseen = [answer for answer in pool.map(_out_of_sight, [(lesson, number) for number in range(count)]) if answer]
            caught = count - len(unseen)
            print(
                f"{lesson}: visible tests catch {caught} of {count} wrong answers, {caught / count:.0%}",
                *unseen,
                sep="\n  ",
                flush=True,
            )


def _out_of_sight(which: tuple[str, int]) -> str:
    global _grader
    _grader = _grader or Grader()
    lesson = load(which[0])
    answer = read_answers(ROOT / "tests" / "wrong_answers" / f"{lesson.name}.py")[which[1]]
    lost = lost_in_sight(_grader, lesson, {answer.exercise: answer.source}, answer.exercise)
    return "" if lost else f"line {answer.line}, {answer.exercise} | {answer.about}"


def _under_all(which: tuple[str, int]) -> str:
    global _grader
    _grader = _grader or Grader()
    lesson, keys = load(which[0]), [Key(f"class {number}".encode()) for number in range(SECRETS)]
    answer = read_answers(ROOT / "tests" / "right_answers" / f"{lesson.name}.py")[which[1]]
    lost = lost_under(_grader, lesson, {answer.exercise: answer.source}, answer.exercise, keys)
    return f"line {answer.line}, {answer.exercise} | {answer.about}: {lost}" if lost else ""


def _grade(share: tuple[str, int]) -> int:
    """Grade a share of a lesson's wrong answers; returns how many of them got full marks."""
    global _grader
    _grader = _grader or Grader()
    lesson, first = load(share[0]), share[1]
    answers = read_answers(ROOT / "tests" / "wrong_answers" / f"{lesson.name}.py")[first : first + SHARE]
    records = [(graded(_grader, lesson, {answer.exercise: answer.source}, answer.exercise), answer) for answer in answers]
    return sum(missed(record, answer) == "it gets full marks" for record, answer in records)


if __name__ == "__main__":
    main()
