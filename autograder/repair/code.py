"""What a cell's code says: its definitions, whether two cells are the same, what was added to one."""

import ast
import re
import warnings
from functools import lru_cache

from attention_course.check.source import TIMED
from attention_course.code_names import names

LONGEST = 50_000  # characters that are parsed; a longer cell is searched line by line
CANNOT_PARSE = (SyntaxError, ValueError, RecursionError, MemoryError)
DEFINITION = re.compile(r"^(?:(?:async[ \t]+)?def|class)[ \t]+(\w+)", re.MULTILINE)


def statements(code: str) -> list[ast.stmt] | None:
    """The top-level statements, or None for what is no Python or too long."""
    if len(code) > LONGEST:
        return None
    try:
        return _parsed(code)
    except CANNOT_PARSE:
        return None


@lru_cache(maxsize=256)
def definitions(code: str) -> frozenset[str]:
    """The functions and classes defined at the top level, also in code with a syntax error."""
    parsed = statements(code)
    if parsed is None:
        return frozenset(DEFINITION.findall(code))
    return frozenset(name for statement in parsed for name in _defined(statement))


@lru_cache(maxsize=256)
def fingerprint(text: str, kind: str) -> str:
    """The same for two cells that say the same: layout and comments do not count in code, spaces at line ends nowhere."""
    parsed = statements(text) if kind == "code" else None
    if parsed:
        try:
            return "\n".join(ast.dump(statement) for statement in parsed)
        except RecursionError:
            pass
    return "\n".join(line.rstrip() for line in text.strip().split("\n"))


def own_part(edited: str, released: str) -> str:
    """What a student added to a released cell and other cells may use: the new statements that bind new names, or "".

    A cell that has nothing of the released one left in it is the student's as a whole, and so is one that is no Python,
    unless that is due to a single line.
    """
    new_lines = _lines(edited) - _lines(released)
    parsed = statements(edited)
    if new_lines == _lines(edited) or (parsed is None and len(new_lines) > 1):
        return edited
    if parsed is None:
        return ""
    taken = names(released).binds
    lines = edited.split("\n")
    segments = ["\n".join(lines[_first_line(statement) - 1 : statement.end_lineno]) for statement in parsed]
    return "\n".join(segment for segment in dict.fromkeys(segments) if _binds(segment) - taken)


def imported(code: str) -> set[tuple]:
    """What a cell imports at its top level: (module, name, as name) each."""
    found = set()
    for statement in statements(as_python(code)) or []:
        if isinstance(statement, ast.Import):
            found |= {("", alias.name, alias.asname) for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom):
            found |= {("." * statement.level + (statement.module or ""), alias.name, alias.asname) for alias in statement.names}
    return found


def as_python(code: str) -> str:
    """The code as valid Python: IPython's commands become `pass`; what is no Python even so becomes a comment."""
    if _parses(code):
        return code
    lines = code.split("\n")
    if len(lines) == 1 and _parses(statement := TIMED.sub(r"\1", f"%{code.lstrip()}")):  # a cell of one line needs no `%`
        return statement
    without = "\n".join(_without_command(line) if _is_command(line.strip()) else line for line in lines)
    return without if _parses(without) else "\n".join(f"# {line}" for line in lines)


def _parses(code: str) -> bool:
    try:
        _parsed(code)
    except CANNOT_PARSE:
        return False
    return True


def _parsed(code: str) -> list[ast.stmt]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "\d" in a student's string is no concern of the grader's
        return ast.parse(code).body


def _is_command(line: str) -> bool:
    """Whether a line could be one that only IPython understands: %magic, !shell, help?, /f x, files = !ls."""
    target, assigned, value = line.partition("=")
    return line.startswith(tuple("%!?/,;")) or line.endswith("?") or bool(assigned and value.lstrip().startswith(("%", "!")))


def _without_command(line: str) -> str:
    """What IPython runs of the line: `%time x = 1` binds x."""
    if (statement := TIMED.sub(r"\1", line)) != line and _parses(statement.strip()):
        return statement
    command = line.lstrip()
    return f"{line[: len(line) - len(command)]}pass  # {command}"


def _lines(text: str) -> set[str]:
    return {line.strip() for line in text.split("\n") if line.strip()}


def _defined(statement: ast.stmt) -> list[str]:
    """`def f`, `class F`, `f = lambda ...` and `f = g`."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Lambda | ast.Name | ast.Attribute):
        return [target.id for target in statement.targets if isinstance(target, ast.Name)]
    return []


def _binds(code: str) -> frozenset[str]:
    try:
        return names(code).binds
    except CANNOT_PARSE:
        return definitions(code)


def _first_line(statement: ast.stmt) -> int:
    return min([statement.lineno, *(decorator.lineno for decorator in getattr(statement, "decorator_list", []))])
