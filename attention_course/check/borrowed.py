"""What a piece of code takes from modules and objects by name, and where it hides what it takes."""

import ast
from contextlib import suppress
from dataclasses import dataclass

from attention_course.check.reach import CHANGES_ALL

LOOKS_UP = {"getattr", "setattr"}  # harmless where the name is written out
STRANGE_NAMES = LOOKS_UP | set("eval exec compile globals locals vars __import__ __builtins__ get_ipython".split())
# By these an answer gets at what it does not name; so it does by the insides of PyTorch in the last lines.
STRANGE_ATTRIBUTES = CHANGES_ALL | set(
    "__dict__ __getattribute__ __getattr__ __globals__ __subclasses__ __builtins__ __reduce__ __reduce_ex__ attrgetter "
    "methodcaller import_module getmembers getattr_static get_field get_type_hints get_referents get_ipython _getframe "
    "currentframe run_line_magic run_cell_magic ctypeslib runstring "
    "_C fx jit ops overrides distributions onnx package hub library export masked _refs _decomp _prims _dynamo _inductor".split()
)
# What answers import; anything else, a file of one's own among it, could bring anything.
MODULES = set(
    "math cmath numpy scipy torch collections itertools functools typing dataclasses copy random re time warnings operator "
    "numbers abc enum contextlib types heapq bisect json textwrap string unicodedata os sys pathlib matplotlib IPython "
    "attention_course einops tqdm __future__".split()
)
WITHOUT_MODELS = {"math", "cmath", "numpy", "typing", "collections", "itertools", "functools", "re", "random", "operator", "time"}
SHOWN = 70  # characters of a line


@dataclass(frozen=True)
class Taking:
    """A name that is taken; or a way by which any could be, such as "eval", and the line where it hides."""

    name: str
    hidden_in: str = ""


def takings(statements: list[ast.stmt]) -> list[Taking]:
    """All names that these statements take from a module or object: `m.name`, `from m import name`, `getattr(m, "name")`.

    `self.name` is the student's own where the class defines it. Underscores around a name do not count: `torch._softmax`.
    """
    reader = _Reader(_own(part for part in statements if _is_method(part)), _own_objects(statements))
    for statement in statements:
        reader.visit(statement)
    return reader.found


class _Reader(ast.NodeVisitor):
    def __init__(self, own: set[str], objects: dict[str, set[str]]):
        self.found: list[Taking] = []
        self.own = own  # attributes of self that are defined where we are
        self.objects = objects  # and those of the student's own classes and of objects of them, by name
        self.texts: dict[str, list[str]] = {}  # what a loop's variable stands for

    def take(self, node: ast.AST, name: str, hidden: bool = False) -> None:
        if hidden:
            line = ast.unparse(node).split("\n")[0]
            self.found.append(Taking(name, line if len(line) <= SHOWN else f"{line[:SHOWN]} …"))
        else:
            self.found.append(Taking(name.strip("_") or name))

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        outside, self.own = self.own, _own([node])
        self.generic_visit(node)
        self.own = outside

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if node.name in ("__reduce__", "__reduce_ex__"):
            self.take(node, node.name, hidden=True)
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.generic_visit(node)
        name = node.value.id if isinstance(node.value, ast.Name) else ""
        if node.attr in self.objects.get(name, ()) or (name == "self" and node.attr in self.own | {"__dict__"}):
            return
        self.take(node, node.attr)
        if node.attr in STRANGE_ATTRIBUTES or (name == "builtins" and node.attr in STRANGE_NAMES):
            self.take(node, node.attr, hidden=True)

    def visit_Name(self, node: ast.Name) -> None:
        if node.id in STRANGE_NAMES and isinstance(node.ctx, ast.Load):
            self.take(node, node.id, hidden=True)

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func.id if isinstance(node.func, ast.Name) else ""
        if function == "eval" and node.args and (said := _expression(node.args[0])):
            return self.visit(said)
        if function not in LOOKS_UP | {"vars"} or not node.args:
            return self.generic_visit(node)
        for part in [*node.args, *node.keywords]:
            self.visit(part)
        if _is_self(node.args[0]):
            return None
        names = self._meant(node.args[1]) if len(node.args) > 1 else []
        for name in names:
            self.take(node, name)
        if not names:
            self.take(node, function, hidden=True)

    def visit_For(self, node: ast.For) -> None:
        self._note(node)
        self.generic_visit(node)

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        for part in node.generators:  # they stand behind what uses their variables
            self._note(part)
        self.generic_visit(node)

    visit_SetComp = visit_GeneratorExp = visit_DictComp = visit_ListComp

    def visit_Import(self, node: ast.Import) -> None:
        for module in (alias.name for alias in node.names):
            self._import(node, module)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = "." * node.level + (node.module or "")
        self._import(node, module)
        for name in (alias.name for alias in node.names):
            self.take(node, name)
            if name in STRANGE_ATTRIBUTES or (name == "*" and module not in WITHOUT_MODELS):
                self.take(node, name, hidden=True)

    def visit_MatchClass(self, node: ast.MatchClass) -> None:
        for name in node.kwd_attrs:
            self.take(node, name)
        self.generic_visit(node)

    def _note(self, loop: ast.For | ast.comprehension) -> None:
        if isinstance(loop.target, ast.Name):
            self.texts[loop.target.id] = _texts(loop.iter)

    def _import(self, node: ast.stmt, module: str) -> None:
        root, *parts = module.split(".")
        if root not in MODULES or STRANGE_ATTRIBUTES & set(parts):
            self.take(node, module, hidden=True)

    def _meant(self, name: ast.expr) -> list[str]:
        """What the name that is looked up can be; nothing where that cannot be told."""
        return self.texts.get(name.id, []) if isinstance(name, ast.Name) else _texts(ast.List([name]))


def _texts(value: ast.expr) -> list[str]:
    """The texts of a list or tuple of nothing else, or the letters of one text."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return list(value.value)
    items = value.elts if isinstance(value, ast.List | ast.Tuple | ast.Set) else []
    texts = [item.value for item in items if isinstance(item, ast.Constant) and isinstance(item.value, str)]
    return texts if len(texts) == len(items) else []


def _own(parts) -> set[str]:
    """What these classes or methods define: functions, and attributes of `self` that are set."""
    found = set()
    for node in (node for part in parts for node in ast.walk(part)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and _is_self(node.value):
            found.add(node.attr)
    return found


def _own_objects(statements: list[ast.stmt]) -> dict[str, set[str]]:
    """What the student's own classes define, by the name of the class and of what `x = Class(...)` makes of it."""
    found = {node.name: _own([node]) for node in statements if isinstance(node, ast.ClassDef)}
    for node in statements:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id=kind))) if kind in found:
                found[name] = found[kind]
    return found


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def _is_method(node: ast.stmt) -> bool:
    """A function whose first parameter is `self`, outside its class: how the source of a notebook's class is found."""
    return isinstance(node, ast.FunctionDef) and bool(node.args.args) and node.args.args[0].arg == "self"


def _expression(value: ast.expr) -> ast.expr | None:
    """The expression in a text that is written out, if it is one."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        with suppress(SyntaxError, ValueError):
            return ast.parse(value.value.strip(), mode="eval").body
    return None
