"""Was the answer written, or was the library's own answer called?"""

import ast
import inspect
import re
import textwrap
from functools import lru_cache

from attention_course.check.failure import CheckFailed

LIBRARIES = {"numpy", "scipy", "torch"}


def library(*names: str, used_by) -> None:
    """The function is the student's own work: it calls none of the library functions with these names.

    names: without their module, `"softmax"` for `scipy.special.softmax`, `torch.softmax` and `x.softmax(-1)` alike.
    used_by: the student's function or class; its source is read, and nothing is run. So this catches who borrows, and not who
    hides it: a name that is put together when the code runs is not seen.
    """
    name = getattr(used_by, "__name__", "the answer")
    property = f"{name} is your own work"
    if (getattr(used_by, "__module__", None) or "").split(".")[0] in LIBRARIES:
        raise CheckFailed(property, "It is the library's own function under another name; write it with simpler operations.")
    try:
        source = _source(used_by)
    except (OSError, TypeError):
        raise CheckFailed(property, "Its source cannot be read: define it with `def` or `class`, in the cell above.") from None
    found = sorted(_borrowed(source, set(names)))
    if found:
        raise CheckFailed(property, f"It uses the library's `{found[0]}`; write it with simpler operations.")


def mentions(answer, text: str) -> bool:
    """Whether the source of a function, a class or an instance holds this text; False where it cannot be read."""
    try:
        known = callable(getattr(answer, "_where_it_lives_", None)) or inspect.isroutine(answer) or inspect.isclass(answer)
        return text in _source(answer if known else type(answer))
    except (OSError, TypeError):
        return False


def _source(answer) -> str:
    elsewhere = getattr(answer, "_source_", None)
    if elsewhere is not None:
        return elsewhere
    if not inspect.isclass(answer):
        return textwrap.dedent(inspect.getsource(answer))
    # a class defined in a notebook has no file, and Python finds the source of its methods only
    methods = [member for member in vars(answer).values() if inspect.isfunction(member)]
    return "\n".join(textwrap.dedent(inspect.getsource(method)) for method in methods)


def _borrowed(source: str, names: set[str]) -> set[str]:
    """Which of these names the source takes from a module or object."""
    taken = _taken(source)
    return {name for name in names if re.search(rf"\.\s*{name}\b", source)} if taken is None else taken & names


@lru_cache(maxsize=4)
def _taken(source: str) -> frozenset[str] | None:
    """All names taken from a module or object, `m.name`, `from m import name`, `getattr(m, "name")`; None if it is no Python."""
    try:
        tree = ast.parse(_without_magics(source))
    except SyntaxError:
        return None
    used = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and not _is_own(node):
            used.add(node.attr)
        elif isinstance(node, ast.ImportFrom):
            used.update(alias.name for alias in node.names)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
            used.update(part.value for part in node.args[1:2] if isinstance(part, ast.Constant))
    return frozenset(used)


def _without_magics(source: str) -> str:
    """The source with IPython's own lines (`%time`, `!ls`) as comments, so that Python can read the rest."""
    return re.sub(r"^(\s*)([%!?])", r"\1pass  # \2", source, flags=re.MULTILINE)


def _is_own(node: ast.Attribute) -> bool:
    """`self.softmax` is the student's own attribute."""
    return isinstance(node.value, ast.Name) and node.value.id == "self"
