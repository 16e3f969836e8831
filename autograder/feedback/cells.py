"""A record's cells as the feedback shows them: answers open, tests by name only, everything else folded."""

import re
from dataclasses import dataclass, field

from autograder.feedback.scores import Standing, Verdict
from autograder.records import Cell

HIDDEN = re.compile(r"(BEGIN|END)\s+HIDDEN\s+TESTS", re.I)
MOST = 1_000_000  # characters of a page that a notebook may fill


@dataclass
class Block:
    """What stands together on the page: an answer, a test, or a run of other cells.

    kind: "answer", "test" or "others"; cells: with their numbers in the notebook, from 1; verdict: of a test.
    """

    kind: str
    cells: list[tuple[int, Cell]] = field(default_factory=list)
    verdict: Verdict | None = None

    @property
    def numbers(self) -> str:
        first, last = self.cells[0][0], self.cells[-1][0]
        return f"Cell {first}" if first == last else f"Cells {first} to {last}"

    @property
    def heading(self) -> str:
        """The first heading in it, to tell one run of cells from another."""
        for _, cell in self.cells:
            found = re.search(r"^#{1,6}\s+(\S.{0,99})", cell.source, re.M) if cell.kind == "markdown" else None
            if found:
                return plain(found[1])
        return ""

    @property
    def errors(self) -> int:
        return sum(bool(cell.error) for _, cell in self.cells)


def plain(heading: str) -> str:
    """A heading without Markdown's quotes, its formulas as words: `Why $\\sqrt{d}$` is "Why √d"."""
    text = re.sub(r"\\sqrt\{?(\w+)\}?", r"√\1", heading.replace("`", ""))
    return re.sub(r"[${}]|\\(?=\w)", "", text).strip()


def blocks(standing: Standing) -> tuple[list[Block], int]:
    """The page's blocks in the notebook's order, and how many cells are left out because a page has an end.

    The source and the output of a test cell are in no block: the source that is kept holds the hidden tests.
    """
    verdicts = {verdict.result.name: verdict for verdict in standing.verdicts}
    exercises = set(standing.exercises)
    found: list[Block] = []
    room = MOST
    cells = standing.record.cells
    for number, cell in enumerate(cells, start=1):
        room -= len(cell.source) + len(cell.output)
        if room < 0:
            return found, len(cells) - number + 1
        if _is_test(cell, set(verdicts) - exercises):
            found.append(Block("test", [(number, Cell("", "code", cell.grade_id, "test"))], verdicts.get(cell.grade_id)))
        elif cell.role in ("solution", "manual"):
            found.append(Block("answer", [(number, cell)]))
        elif found and found[-1].kind == "others":
            found[-1].cells.append((number, cell))
        else:
            found.append(Block("others", [(number, cell)]))
    return found, 0


def _is_test(cell: Cell, tests: set[str]) -> bool:
    """Whether a cell is a test, by any sign: its role, its name, or a marker of hidden tests in it."""
    return cell.role == "test" or cell.grade_id in tests or HIDDEN.search(cell.source) is not None
