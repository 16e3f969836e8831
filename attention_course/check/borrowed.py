"""What a piece of code takes from modules and objects by name, and where it hides what it takes."""

import ast
import importlib.util
import sys
from contextlib import suppress
from dataclasses import dataclass

LOOKS_UP = {"getattr", "setattr"}  # harmless where the name is written out
STRANGE_NAMES = LOOKS_UP | set("eval exec compile globals locals vars __import__ __builtins__".split())
STRANGE_ATTRIBUTES = set(
    "__dict__ __getattribute__ __globals__ __code__ __subclasses__ attrgetter methodcaller import_module getmembers "
    "getattr_static get_objects get_referents get_referrers _getframe currentframe user_ns run_cell run_line_magic "
    "CompilationUnit".split()
)
SHOWN = 70  # characters of a line


@dataclass(frozen=True)
class Taking:
    """A name that is taken; or, if hidden, a way by which any could be, such as "eval". line: where it stands."""

    name: str
    hidden: bool
    line: str


def takings(statements: list[ast.stmt]) -> list[Taking]:
    """All names that these statements take from a module or object: `m.name`, `from m import name`, `getattr(m, "name")`.

    `self.name` is the student's own where the class defines it. Underscores around a name do not count: `torch._softmax`.
    """
    reader = _Reader(_own(part for part in statements if _is_method(part)))
    for reader.statement in statements:
        reader.visit(reader.statement)
    return reader.found


class _Reader(ast.NodeVisitor):
    def __init__(self, own: set[str]):
        self.found: list[Taking] = []
        self.own = own  # attributes of self that are defined where we are
        self.texts: dict[str, list[str]] = {}  # what a loop's variable stands for
        self.statement = ast.Pass()

    def take(self, node: ast.AST, name: str, hidden: bool = False) -> None:
        line = ast.unparse(node if isinstance(node, ast.expr) else self.statement).split("\n")[0]
        short = line if len(line) <= SHOWN else f"{line[:SHOWN]} …"
        self.found.append(Taking(name if hidden else name.strip("_") or name, hidden, short))

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        outside, self.own = self.own, _own([node])
        self.generic_visit(node)
        self.own = outside

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.generic_visit(node)
        if _is_self(node.value) and (node.attr in self.own or node.attr == "__dict__"):
            return
        self.take(node, node.attr)
        of_builtins = isinstance(node.value, ast.Name) and node.value.id == "builtins" and node.attr in STRANGE_NAMES
        if node.attr in STRANGE_ATTRIBUTES or of_builtins:
            self.take(node, node.attr, hidden=True)

    def visit_Name(self, node: ast.Name) -> None:
        if node.id in STRANGE_NAMES and isinstance(node.ctx, ast.Load):
            self.take(node, node.id, hidden=True)

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func.id if isinstance(node.func, ast.Name) else ""
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

    def visit_For(self, node: ast.For | ast.comprehension) -> None:
        if isinstance(node.target, ast.Name):
            self.texts[node.target.id] = _texts(node.iter)
        self.generic_visit(node)

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        for part in node.generators:  # they stand behind what uses their variables
            self.visit_For(part)
        self.generic_visit(node)

    visit_SetComp = visit_GeneratorExp = visit_DictComp = visit_ListComp

    def visit_Import(self, node: ast.Import) -> None:
        for module in (alias.name for alias in node.names):
            self._import(node, module)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self._import(node, "." * node.level + (node.module or ""))
        for name in (alias.name for alias in node.names):
            self.take(node, name)
            if name == "*" or name in STRANGE_ATTRIBUTES or (node.module == "builtins" and name in STRANGE_NAMES):
                self.take(node, "import *" if name == "*" else name, hidden=True)

    def visit_MatchClass(self, node: ast.MatchClass) -> None:
        for name in node.kwd_attrs:
            self.take(node, name)
        self.generic_visit(node)

    def _import(self, node: ast.stmt, module: str) -> None:
        if not _is_installed(module):
            self.take(node, f"import {module}", hidden=True)

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


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def _is_method(node: ast.stmt) -> bool:
    """A function whose first parameter is `self`, outside its class: how the source of a notebook's class is found."""
    return isinstance(node, ast.FunctionDef) and bool(node.args.args) and node.args.args[0].arg == "self"


def _is_installed(module: str) -> bool:
    """Whether it is a library's, and not a file that the code itself may have written."""
    root = module.split(".")[0]
    with suppress(ImportError, ValueError):
        return root in sys.stdlib_module_names or bool(root and importlib.util.find_spec(root))
    return False
