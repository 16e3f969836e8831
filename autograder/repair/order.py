"""Tests below their answers, once each; imports above everything that needs them."""

from autograder.repair.code import imported
from autograder.repair.draft import Draft, Piece
from autograder.repair.words import called


def settle_tests(draft: Draft, anchors: dict[str, Piece]) -> None:
    """Each test once, below the cell that answers its exercise. anchors: exercise to that cell."""
    for name, exercise in draft.plan.exercises.items():
        above = anchors[name]
        for test in exercise.tests:
            above = _settle_test(draft, test.name, anchors[name], above)


def _settle_test(draft: Draft, name: str, anchor: Piece, above: Piece) -> Piece:
    """The test's place, kept where it is below the answer; else below `above`, the answer or the test before it."""
    copies = draft.named(name)
    right = [piece for piece in copies if draft.index(piece) > draft.index(anchor)]
    title = called(draft.plan, name)
    if not copies:
        draft.say(f"{title} was missing and has been put back.")
    elif len(copies) > 1:
        draft.say(f"{title} was there {len(copies)} times; the copies have been removed.")
    elif not right:
        draft.say(f"{title} stood above the answer and has been moved below it.")
    kept = right[0] if right else (copies[0] if copies else None)
    for piece in copies:
        if piece is not kept or not right:
            draft.remove(piece)
    if kept is None:
        return draft.put_back(name, draft.index(above) + 1)
    if not right:
        draft.pieces.insert(draft.index(above) + 1, kept)
    return kept


def settle_imports(draft: Draft) -> None:
    """All that the lesson imports is imported above its first exercise, test and given cell."""
    plan = draft.plan
    needed = imported(plan.lesson.imports)
    users = (index for index, piece in enumerate(draft.pieces) if draft.role(piece) and piece.kind == "code")
    limit = next(users, len(draft.pieces))
    above = [piece for piece in draft.pieces[:limit] if piece.kind == "code"]
    if needed <= set().union(*(imported(piece.source) for piece in above)):
        return
    name = next(name for name in plan.order if plan.cells[name].cell_type == "code")
    edited = draft.named(name)
    for piece in edited:
        piece.name = ""
    draft.put_back(name, min([draft.place(name), limit, *map(draft.index, edited)]))
    draft.say("The cell with the imports was missing, moved or changed; it has been put back above the exercises.")
