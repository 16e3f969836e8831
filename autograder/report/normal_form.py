"""Code as a sequence of the parts of its syntax tree, the same for two texts that differ only in what is easily disguised.

Names, constants, docstrings, comments, annotations, imports and prints do not count. Attributes and methods do
(`.exp` stays `.exp`), but not those that the code itself sets (`self.w_q`), since these can be named at will.
"""

import ast

from autograder.repair.code import as_python, statements

PLAIN = {"annotation", "returns", "type_comment", "type_params", "ctx"}  # fields that say nothing about what the code does


def normal_form(code: str) -> tuple[str, ...]:
    """The kinds of its syntax nodes from the top to the leaves; () for what is no Python or too long."""
    stack: list[ast.AST] = list(reversed(statements(code) or statements(as_python(code)) or []))
    own = _own_attributes(stack)
    found = []
    while stack:  # no recursion: an answer may be nested as deeply as the parser allows
        node = stack.pop()
        if _says_nothing(node):
            continue
        found.append(_word(node, own))
        stack += reversed(_children(node))
    return tuple(found)


def _own_attributes(roots: list[ast.AST]) -> set[str]:
    return {
        node.attr
        for root in roots
        for node in ast.walk(root)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    }


def _word(node: ast.AST, own: set[str]) -> str:
    if isinstance(node, ast.Attribute) and node.attr not in own:
        return f".{node.attr}"
    return "Assign" if isinstance(node, ast.AnnAssign) else "Constant" if _is_number(node) else type(node).__name__


def _says_nothing(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr):
        value = node.value
        printed = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "print"
        return printed or isinstance(value, ast.Constant)
    return isinstance(node, ast.Import | ast.ImportFrom | ast.Pass)


def _is_number(node: ast.AST) -> bool:
    """Also a negative one, which is no constant to Python."""
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant)


def _children(node: ast.AST) -> list[ast.AST]:
    if _is_number(node):
        return []
    found = []
    for name, value in ast.iter_fields(node):
        if name not in PLAIN:
            found += [part for part in (value if isinstance(value, list) else [value]) if isinstance(part, ast.AST)]
    return found
