"""How a message calls a cell."""

from autograder.lesson_given import LINE
from autograder.repair.plan import Plan


def called(plan: Plan, name: str) -> str:
    """The lesson's cell in words, to begin a sentence with."""
    role = plan.roles[name]
    if role == "test":
        return f"The test {name} of exercise {plan.tests[name].exercise}"
    if role == "solution":
        return f"The cell of exercise {name}"
    if role == "manual":
        return f"The written answer {name}"
    given = [line[1] for line in LINE.finditer(plan.cells[name].source)]
    if given:
        return f"The given cell with {', '.join(given)}"
    return f"The read-only cell {name}"
