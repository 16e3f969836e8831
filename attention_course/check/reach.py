"""Which statements of a notebook an answer rests on; nothing is run.

A trial beside it, `print(softmax(x) - torch.softmax(x, -1))`, is none of them; what could change the answer is, also from afar.
"""

import ast
from collections.abc import Iterator

from attention_course.check.code_names import names

# With one of these a statement can reach what no name in it says.
FAR = set(
    "globals locals vars dir exec eval compile get_ipython setattr __import__ __main__ importlib sys gc inspect builtins".split()
) | {"__builtins__", "ctypes"}


def reached(statements: list[ast.stmt], name: str) -> list[ast.stmt]:
    """The statements that give a name its meaning, and those that could change it; all of them where none defines it.

    A statement belongs to the answer if it binds a name that the answer uses, if it hands on such a name without calling it
    (`also = softmax`, `table["f"] = ...`), or if it could do anything (`exec`, `from ... import *`, `np.exp = ...`).
    """
    waiting = [_Statement(statement) for statement in statements]
    if not any(name in statement.binds for statement in waiting):
        return statements
    modules = {bound for statement in waiting if statement.imports for bound in statement.binds}
    constants = {bound for statement in waiting if statement.is_constant for bound in statement.binds}
    wanted, found = {name}, []
    while now := [
        each for each in waiting if each.goes_far(modules) or wanted & (each.binds | each.hands_on - modules - constants)
    ]:
        waiting = [each for each in waiting if each not in now]
        found += now
        wanted |= {used for each in now for used in each.uses}
    return [each.node for each in found]


class _Statement:
    """A top-level statement: binds and uses (global names), hands_on (names that it reads and does not call)."""

    def __init__(self, node: ast.stmt):
        self.node = node
        own = names(ast.unparse(node))
        self.binds = own.binds
        self.uses = own.needs | own.binds
        self.hands_on = own.needs & {used.id for used in _not_called(node)}
        self.imports = isinstance(node, ast.Import | ast.ImportFrom)
        self.is_constant = isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        self.words = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
        self.changes = {each.value.id for each in ast.walk(node) if _is_attribute_set(each)}

    def goes_far(self, modules: set[str]) -> bool:
        star = isinstance(self.node, ast.ImportFrom) and self.node.names[0].name == "*"
        return star or bool(self.words & FAR) or bool(self.changes & modules)


def _not_called(node: ast.AST) -> Iterator[ast.Name]:
    """The names in it that are read, apart from `f` in `f(x)`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Name):
            called = isinstance(node, ast.Call) and child is node.func
            if not called and isinstance(child.ctx, ast.Load):
                yield child
        else:
            yield from _not_called(child)


def _is_attribute_set(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name)
