"""What `grade` says of late work, and of work of which it is not known."""

from autograder.due import Dates
from autograder.feedback import Standing, lesson_scores
from autograder.gradebook import ClassGradebook
from autograder.records import Record


def lateness(records: list[Record], gradebook: ClassGradebook) -> dict[tuple[str, str], Standing]:
    """Of the records those that came late, by student and lesson, with what that costs."""
    with gradebook.open() as book:
        found = {lesson: lesson_scores(book, lesson) for lesson in {record.lesson for record in records}}
    standings = [Standing(record, found[record.lesson].get(record.student)) for record in records]
    return {(each.record.student, each.record.lesson): each for each in standings if each.lateness}


def nobodys(gradebook: ClassGradebook) -> str:
    """What to say of names in `due.toml` that are no student's; "" if there are none."""
    lessons = *gradebook.dates.extensions.values(), *gradebook.dates.handed_in.values()
    named = {who for times in lessons for who in times}
    strange = sorted(named - gradebook.students()) if named else []
    return f"due.toml names nobody in this class with {', '.join(strange)}: is it spelt as in the table?" if strange else ""


def in_the_dark(found: list, dates: Dates) -> str:
    """What to say of submissions that do not tell when they were handed in, if that matters; "" if it does not."""
    due = [each for each in found if each.lesson in dates.due and each.student not in dates.handed_in.get(each.lesson, {})]
    unknown = [each for each in due if each.handed_in is None]
    if not unknown:
        return ""
    late = ", ".join(sorted({each.student for each in unknown if each.said and each.said.late}))
    marked = f", but the platform calls {late} late" if late else ""
    return (
        f"{len(unknown)} of {len(found)} submissions do not tell when they were handed in and count as in time{marked}: "
        "what is to count goes under [handed_in] in due.toml."
    )
