"""The cell that holds the answer to each exercise, found by its label or by what it defines."""

from autograder.repair.code import statements
from autograder.repair.draft import Draft, Piece
from autograder.repair.words import called


def settle_answers(draft: Draft) -> dict[str, Piece]:
    """Give every exercise one cell; return exercise to the cell below which its tests belong."""
    exercises = draft.plan.exercises.values()
    anchors = {exercise.name: _written_answer(draft, exercise.name) for exercise in exercises if exercise.manual}
    to_code = [exercise.name for exercise in exercises if not exercise.manual]
    for name in to_code:
        if answers := _answers(draft, name, draft.named(name)) or _answers_elsewhere(draft, name):
            anchors[name] = _choose(draft, name, answers)
    for name in to_code:
        if name not in anchors:
            anchors[name] = _without_answer(draft, name)
    return anchors


def _choose(draft: Draft, name: str, answers: list[Piece]) -> Piece:
    """One of the answers as the exercise's cell; the others, and the cells that bore its label, stay as the student's own."""
    labelled = draft.named(name)
    _drop_stubs(draft, name, [piece for piece in labelled if piece not in answers])
    chosen = _last_above_tests(draft, name, answers)
    if sum(piece.label == name for piece in answers) > 1:
        draft.say(f"Exercise {name} has {len(answers)} cells; all are kept, and the last one above its tests counts.")
    for piece in labelled:
        piece.name = ""
    chosen.name = name
    if chosen.kind != "code":
        chosen.kind = "code"
        draft.say(f"{called(draft.plan, name)} was a text cell and has been turned back into code.")
    return chosen


def _without_answer(draft: Draft, name: str) -> Piece:
    """The cell of an exercise that nothing answers, or another exercise's cell that answers this one too."""
    labelled = draft.named(name)
    stubs = [piece for piece in labelled if draft.plan.is_stub(name, piece.source)]
    tried = [piece for piece in labelled if piece not in stubs and piece.kind == "code"]
    shared = _shared(draft, name)
    if shared:
        _drop_stubs(draft, name, labelled)
        for piece in tried[:-1]:
            piece.name = ""
        return shared[-1]
    left = tried or stubs[-1:] or [piece for piece in labelled if _reads_as_code(piece)][-1:]
    if left:
        return _choose(draft, name, left)
    for piece in labelled:
        piece.name = ""
    return _put_back(draft, name)


def _answers(draft: Draft, name: str, pieces: list[Piece]) -> list[Piece]:
    """The pieces that define what the exercise asks for; text cells only where no code cell does."""
    found = [p for p in pieces if draft.plan.targets(name) & p.definitions and not draft.plan.is_stub(name, p.source)]
    code = [piece for piece in found if piece.kind == "code"]
    return code or [piece for piece in found if _reads_as_code(piece)]


def _answers_elsewhere(draft: Draft, name: str) -> list[Piece]:
    """Answers in cells that do not answer another exercise and are not the lesson's own."""
    others = [piece for piece in draft.pieces if piece.name != name and not _is_released(draft, piece)]
    return _answers(draft, name, [piece for piece in others if not _answers_its_own(draft, piece)])


def _shared(draft: Draft, name: str) -> list[Piece]:
    """Cells of other exercises that hold this answer too."""
    cells = [piece for piece in draft.pieces if piece.kind == "code" and piece.name != name and _answers_its_own(draft, piece)]
    return _answers(draft, name, cells)


def _answers_its_own(draft: Draft, piece: Piece) -> bool:
    return draft.role(piece) == "solution" and bool(draft.plan.targets(piece.name) & piece.definitions)


def _is_released(draft: Draft, piece: Piece) -> bool:
    if draft.role(piece) in ("test", "fixed", "manual"):
        return True
    return draft.plan.is_released(piece.kind, piece.source)


def _reads_as_code(piece: Piece) -> bool:
    return bool(statements(piece.source))


def _last_above_tests(draft: Draft, name: str, answers: list[Piece]) -> Piece:
    """The last answer above the first test that has one above it; the last of all if no test has."""
    places = [draft.index(piece) for piece in answers]
    tests = {test.name for test in draft.plan.exercises[name].tests}
    below = [index for index, piece in enumerate(draft.pieces) if piece.name in tests and index > places[0]]
    first = below[0] if below else len(draft.pieces)
    return [piece for piece, place in zip(answers, places, strict=True) if place < first][-1]


def _drop_stubs(draft: Draft, name: str, pieces: list[Piece]) -> None:
    """Remove those that still are as released: run below the answer, they would undo it."""
    stubs = [piece for piece in pieces if draft.plan.is_stub(name, piece.source)]
    for stub in stubs:
        draft.remove(stub)
    if stubs:
        draft.say(f"A cell of exercise {name} that still was as released has been removed, since the answer stands in another.")


def _put_back(draft: Draft, name: str) -> Piece:
    tests = {test.name for test in draft.plan.exercises[name].tests}
    first = next((index for index, piece in enumerate(draft.pieces) if piece.name in tests), len(draft.pieces))
    draft.say(f"{called(draft.plan, name)} was missing, and no other cell defines {name}; it has been put back as released.")
    return draft.put_back(name, min(draft.place(name), first))


def _written_answer(draft: Draft, name: str) -> Piece:
    labelled = draft.named(name)
    stubs = [piece for piece in labelled if draft.plan.is_stub(name, piece.source)]
    answers = [piece for piece in labelled if piece not in stubs] or _answer_in_place(draft, name, labelled) or stubs[-1:]
    _drop_stubs(draft, name, [stub for stub in stubs if stub not in answers])
    if not answers:
        draft.say(f"{called(draft.plan, name)} was missing and has been put back as released.")
        return draft.put_back(name, draft.place(name))
    if len(answers) > 1:
        draft.say(f"{called(draft.plan, name)} is there {len(answers)} times; all are kept, and the last one counts.")
    for piece in labelled:
        piece.name = ""
    answers[-1].name, kind = name, draft.plan.cells[name].cell_type
    if answers[-1].kind != kind:
        answers[-1].kind = kind
        draft.say(f"{called(draft.plan, name)} was a {'code' if kind == 'markdown' else 'text'} cell and has been turned back.")
    return answers[-1]


def _answer_in_place(draft: Draft, name: str, labelled: list[Piece]) -> list[Piece]:
    """A cell of the student's own that stands where the written answer belongs, if its label is lost."""
    place = draft.place(name)
    here = draft.pieces[place : place + 1]
    kind = draft.plan.cells[name].cell_type
    return [piece for piece in here if not labelled and not piece.name and piece.kind == kind and piece.source.strip()]
