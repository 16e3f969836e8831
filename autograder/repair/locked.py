"""Tests and given cells as the lesson has them; what a student added to one is kept in a cell of its own."""

from nbformat import NotebookNode

from autograder.lesson_given import LINE
from autograder.repair.code import fingerprint, own_part
from autograder.repair.draft import Draft, Piece
from autograder.repair.plan import FIXED
from autograder.repair.words import called


def restore_texts(draft: Draft) -> None:
    """Every copy of a test, hidden part included, and of a given or read-only cell with the lesson's text."""
    for piece in list(draft.pieces):
        role = draft.role(piece)
        if role not in ("test", FIXED):
            continue
        cell = draft.plan.cells[piece.name]
        released = draft.plan.tests[piece.name].visible if role == "test" else cell.source
        if not _says(piece, cell.cell_type, released, cell.source) and not _as_handed_out(piece):
            kept = _keep_own_part(draft, piece, released, above=role == "test")
            draft.say(f"{called(draft.plan, piece.name)} was changed and has been restored{kept}.")
        piece.kind, piece.source = cell.cell_type, cell.source


def settle_fixed(draft: Draft) -> None:
    """Each given or read-only cell once, a given one above the exercises that follow it."""
    for name in draft.plan.order:
        if draft.plan.roles[name] == FIXED:
            _settle_fixed(draft, name)


def _settle_fixed(draft: Draft, name: str) -> None:
    title = called(draft.plan, name)
    first, *copies = draft.named(name) or [None]
    for copy in copies:
        draft.remove(copy)
    if copies:
        draft.say(f"{title} was there {len(copies) + 1} times; the copies have been removed.")
    limit = draft.first_below(name, "solution", "test")
    if first is None:
        draft.put_back(name, min(draft.place(name), limit))
        draft.say(f"{title} was missing and has been put back.")
    elif first.kind == "code" and draft.index(first) > limit:
        draft.remove(first)
        draft.pieces.insert(min(draft.place(name), limit), first)
        draft.say(f"{title} stood below an exercise that needs it and has been moved back up.")


def _says(piece: Piece, kind: str, *texts: str) -> bool:
    return piece.kind == kind and fingerprint(piece.source, kind) in {fingerprint(text, kind) for text in texts}


def _as_handed_out(piece: Piece) -> bool:
    """Whether the cell fits the checksum of its release: then the lesson has changed since, and the student's copy has not."""
    from nbgrader.utils import compute_checksum  # slow to import, and seldom needed

    settings = NotebookNode(piece.settings | {"grade_id": piece.label})
    cell = NotebookNode(cell_type=piece.kind, source=piece.source, metadata=NotebookNode(nbgrader=settings))
    try:
        return bool(piece.label) and compute_checksum(cell) == piece.settings.get("checksum")
    except (KeyError, AttributeError, TypeError):  # metadata that nbgrader did not write
        return False


def _keep_own_part(draft: Draft, piece: Piece, released: str, above: bool) -> str:
    """Insert what the student added to a released cell as a cell of its own; return how to say so."""
    kind = draft.plan.cells[piece.name].cell_type
    if piece.kind == kind == "code":
        own = own_part(piece.source, released)
    else:
        own = "" if fingerprint(piece.source, kind) == fingerprint(released, kind) else piece.source
    own = LINE.sub("", own).strip("\n")
    if not own.strip():
        return ""
    draft.pieces.insert(draft.index(piece) + (not above), draft.identify(Piece(piece.kind, own)))
    return "; what you added to it is kept in a cell of its own"
