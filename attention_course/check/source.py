"""Was the answer written, or was the library's own answer called?"""

import ast
import inspect
import re
import textwrap
from functools import lru_cache

from attention_course.check.borrowed import Taking, takings
from attention_course.check.failure import CheckFailed
from attention_course.check.reach import reached

TIMED = re.compile(r"^([ \t]*)%(?:time|timeit|prun)\b(?:[ \t]+-[a-z]\S*)*[ \t]*(?=\w)", re.MULTILINE)  # before a statement
FAMILIES = {  # what has it inside, ready made
    "softmax": set(
        "softmax Softmax log_softmax LogSoftmax softmin Softmin Softmax2d gumbel_softmax safe_softmax logsumexp "
        "logcumsumexp cross_entropy CrossEntropyLoss AdaptiveLogSoftmaxWithLoss Transformer MultiheadAttention "
        "scaled_dot_product_attention multi_head_attention_forward TransformerEncoderLayer TransformerDecoderLayer".split()
    )
}
LIBRARIES = {"numpy", "scipy", "torch"}


def library(*names: str, used_by) -> None:
    """The function is the student's own work: it calls none of the library functions with these names.

    names: without their module, `"softmax"` for `scipy.special.softmax`, `torch.softmax` and `x.softmax(-1)` alike.
    used_by: the student's function or class; its source is read, with what it rests on, and nothing is run. Ways to call what is
    not written there fail too: `eval`, `getattr` with a name that is put together, a module that is no library's.
    """
    name = getattr(used_by, "__name__", "the answer")
    property = f"{name} is your own work"
    if (getattr(used_by, "__module__", None) or "").split(".")[0] in LIBRARIES:
        raise CheckFailed(property, "It is the library's own function under another name; write it with simpler operations.")
    try:
        source = _source(used_by)
    except (OSError, TypeError):
        raise CheckFailed(property, "Its source cannot be read: define it with `def` or `class`, in the cell above.") from None
    found = _takings(source, name, frozenset(names))
    if borrowed := next((taking for taking in found if not taking.hidden_in), None):
        raise CheckFailed(property, f"It uses the library's `{borrowed.name}`; write it with simpler operations.")
    if found:
        told = f"`{found[0].hidden_in}` hides what it calls; write names out and everything into the notebook."
        raise CheckFailed(property, told)


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


@lru_cache(maxsize=16)
def _takings(source: str, name: str, names: frozenset[str]) -> list[Taking]:
    """What the answer of this name takes of these names, and where it hides what it takes."""
    plain = {each.strip("_") for each in names.union(*(FAMILIES.get(each, ()) for each in names))}
    try:
        statements = reached(ast.parse(_without_magics(source)).body, name)
        return [taking for taking in takings(statements) if taking.hidden_in or taking.name in plain]
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # no Python, or Python that its parser chokes on
        return [Taking(each) for each in names if re.search(rf"\.\s*{each}\b", source)]


def _without_magics(source: str) -> str:
    """The source with IPython's own lines (`!ls`) as comments, so that Python can read the rest; `%time` is left out."""
    return re.sub(r"^(\s*)([%!?])", r"\1pass  # \2", re.sub(TIMED, r"\1", source), flags=re.MULTILINE)
