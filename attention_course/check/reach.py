"""Which statements of a notebook an answer rests on; nothing is run.

A trial beside it, `print(softmax(x) - torch.softmax(x, -1))`, is none of them; what could change the answer from afar is.
"""

import ast
from collections.abc import Iterator

from attention_course.code_names import names

TEST = "a test of the lesson"  # as a statement: here stands one
READS = {"keys", "values", "items", "get", "copy"}  # methods of a table of names that leave it as it is
RUNS = {"time", "timeit", "prun", "run", "capture"}  # IPython's commands that run what follows them
CHANGES_ALL = set(
    "run_cell run_cell_async run_code user_ns user_global_ns ast_transformers input_transformers_post get_objects "
    "input_transformers_cleanup input_transformer_manager get_referrers f_globals f_locals f_back".split()
)
CHANGES_ONE = set(
    "append extend insert update setdefault add appendleft extendleft push heappush insort setitem update_wrapper wraps "
    "register_forward_hook register_forward_pre_hook register_module add_module __setitem__ __setattr__ __ior__".split()
)


def reached(statements: list[ast.stmt], name: str) -> list[ast.stmt]:
    """The statements that give a name its meaning, and those that could change it; all of them where none defines it.

    A statement belongs to the answer if it binds a name that the answer uses, if it changes something that such a name stands
    for (`table["f"] = ...`, also under another name), or if it could change anything (`exec`, `np.exp = ...`).
    """
    waiting = _without_given_up([_Statement(statement) for statement in statements])
    if not any(name in statement.binds for statement in waiting):
        return statements
    modules = {bound for each in waiting if each.imports for bound in each.binds}
    constants = {bound for each in waiting if each.is_constant for bound in each.binds}
    own = {bound for each in waiting for bound in each.binds} - modules - constants
    changing = {bound for each in waiting if each.is_function and each.changes for bound in each.binds}
    used, known, found = {name}, {name}, []  # known: names for what the used ones stand for
    while True:
        now = [
            each
            for each in waiting
            if each.reaches_far
            or each.sets_attributes_of - own
            or used & (each.binds | each.called & changing)
            or (each.changes or each.called & changing)
            and known & each.hands_on & own
        ]
        also = {bound for each in waiting if known & each.hands_on & own for bound in each.binds} - known
        if not now and not also:
            return [each.node for each in found]
        waiting = [each for each in waiting if each not in now]
        found += now
        used |= {other for each in now for other in each.uses}
        known |= used | also


def _without_given_up(statements: list["_Statement"]) -> list["_Statement"]:
    """All but the definitions that another one of the same name replaces before a test, and before anything keeps the first."""

    def is_given_up(place: int) -> bool:
        name = statements[place].defines
        for later in statements[place + 1 :] if name else []:
            if later.defines == name:
                return True
            if later.is_test or name in later.hands_on:
                return False
        return False

    return [statement for place, statement in enumerate(statements) if not is_given_up(place)]


class _Statement:
    """A top-level statement: what it binds and uses (global names), and hands_on: names that it reads and does not call.

    changes: whether it writes into something, a function into more than its own variables; that may have other names.
    """

    def __init__(self, node: ast.stmt):
        self.node = node
        own, parts = names(ast.unparse(node)), list(ast.walk(node))
        self.binds = own.binds
        self.uses = own.needs | own.binds
        self.hands_on = (own.needs | own.binds) & {used.id for used in _not_called(node)}
        called = [each.func for each in parts if isinstance(each, ast.Call)]
        called += [decorator for each in parts for decorator in getattr(each, "decorator_list", [])]
        self.called = {each.id for each in called if isinstance(each, ast.Name)}
        self.imports = isinstance(node, ast.Import | ast.ImportFrom)
        is_plain = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.decorator_list
        self.defines = node.name if is_plain else ""
        self.is_test = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node.value.value == TEST
        self.is_function = isinstance(node, ast.FunctionDef)
        self.is_constant = isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        self.sets_attributes_of = own.needs & {each.value.id for each in parts if _is_attribute_set(each)}
        outside = _outside(node, own.needs) if self.is_function else None
        self.changes = any(_changes(each) and (outside is None or _root(each) in outside) for each in parts)
        parents = {child: parent for parent in parts for child in ast.iter_child_nodes(parent)}
        self.reaches_far = any(_reaches_far(each, parents) for each in parts)


def _outside(function: ast.FunctionDef, needs: frozenset[str]) -> set[str | None]:
    """The names by which a function gets at what it did not make: global ones, parameters, and other names for these."""
    found = {None, *needs, *(each.arg for each in ast.walk(function.args) if isinstance(each, ast.arg))}
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=other)], value=ast.Name(id=name)) if name in found:
                found.add(other)
    return found


def _root(node: ast.AST) -> str | None:
    """The name at the left end of `a.b[0].c`; None where there is none."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) and node.id not in CHANGES_ONE | {"setattr"} else None


def _changes(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id="self")):
            return False
        case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()) | ast.Name(id="setattr") | ast.Global():
            return True
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name in CHANGES_ONE
    return False


def _reaches_far(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    match node:
        case ast.Name(id="exec" | "setattr" | "delattr" | "__builtins__") | ast.Attribute(attr="__builtins__"):
            return True
        case ast.Attribute(attr=name) if name in CHANGES_ALL:
            return True
        case ast.Attribute(value=ast.Name(id="sys"), attr="modules"):
            return True
        case ast.Attribute(attr="__code__" | "__globals__" | "__defaults__" | "cell_contents", ctx=ast.Store()):
            return True
        case ast.Call(func=ast.Name(id="globals" | "locals" | "vars"), args=[]):
            return not _is_read(parents[node])
        case ast.Call(func=ast.Attribute(attr="run_line_magic" | "run_cell_magic"), args=[command, *_]):
            return not isinstance(command, ast.Constant) or str(command.value).split()[0].strip("%") in RUNS
        case ast.ImportFrom(names=[ast.alias(name="*")]):
            return True
    return False


def _is_read(parent: ast.AST) -> bool:
    """Whether a table of names is only looked into, by what stands around it: `"x" in globals()`, `globals().keys()`."""
    match parent:
        case ast.Compare() | ast.Subscript(ctx=ast.Load()):
            return True
        case ast.Attribute(attr=name):
            return name in READS
        case ast.Call(func=ast.Name(id="len" | "sorted" | "list" | "print")):
            return True
    return False


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
