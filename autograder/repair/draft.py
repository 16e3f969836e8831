"""The submitted cells on their way into the lesson."""

from dataclasses import dataclass, field

from nbformat import NotebookNode

from autograder.repair.code import definitions
from autograder.repair.plan import Plan


@dataclass(eq=False)
class Piece:
    """A cell of the notebook in repair.

    label: the grade id that it was handed in with; settings: the rest of nbgrader's metadata, as handed in.
    name: the lesson's cell that it stands for; "" for one of the student's own.
    added: it was not handed in.
    """

    kind: str
    source: str
    id: str = ""
    label: str = ""
    settings: dict = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    attachments: dict = field(default_factory=dict)
    name: str = ""
    added: bool = False

    @property
    def definitions(self) -> frozenset[str]:
        return definitions(self.source)


class Draft:
    """The cells, in order, and what was said about them."""

    def __init__(self, plan: Plan, notebook: NotebookNode):
        self.plan = plan
        self.pieces = [_piece(cell) for cell in notebook.cells]
        self.messages: list[str] = []
        for piece in self.pieces:
            self.identify(piece)

    def identify(self, piece: Piece) -> Piece:
        """Name a piece by its text as released or its `# given:` line, since labels move; else by its label, then its id."""
        plan = self.plan
        labelled = piece.label if piece.label in plan.cells else plan.name_by_id(piece.id)
        piece.name = plan.name_by_text(piece.kind, piece.source) or plan.name_by_line(piece.source) or labelled
        return piece

    def say(self, sentence: str) -> None:
        if sentence not in self.messages:
            self.messages.append(sentence)

    def named(self, name: str) -> list[Piece]:
        """The cells that stand for the lesson's cell of that name, in order."""
        return [piece for piece in self.pieces if piece.name == name]

    def role(self, piece: Piece) -> str:
        return self.plan.roles.get(piece.name, "")

    def index(self, piece: Piece) -> int:
        return self.pieces.index(piece)

    def put_back(self, name: str, index: int) -> Piece:
        """The lesson's cell, as released, inserted at an index."""
        cell = self.plan.cells[name]
        piece = Piece(cell.cell_type, cell.source, cell.id, name=name, added=True)
        self.pieces.insert(index, piece)
        return piece

    def remove(self, piece: Piece) -> None:
        self.pieces.remove(piece)

    def place(self, name: str) -> int:
        """The index at which a missing cell belongs: below the nearest of the lesson's earlier cells that is there."""
        order = self.plan.order
        for earlier in reversed(order[: order.index(name)]):
            found = self.named(earlier)
            if found:
                return self.index(found[-1]) + 1
        return 0

    def first_below(self, name: str, *roles: str) -> int:
        """The index of the first cell of these roles that comes after the named one in the lesson; the end if there is none."""
        later = set(self.plan.order[self.plan.order.index(name) + 1 :])
        users = (index for index, piece in enumerate(self.pieces) if piece.name in later and self.role(piece) in roles)
        return next(users, len(self.pieces))


def _piece(cell: NotebookNode) -> Piece:
    settings = dict(cell.metadata.get("nbgrader", {}))
    label = settings.pop("grade_id", "")
    tags, attachments = cell.metadata.get("tags", []), cell.get("attachments", {})
    return Piece(cell.cell_type, cell.source, cell.id, label, settings, list(tags), dict(attachments))
