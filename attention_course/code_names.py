"""Which global names a piece of Python reads, binds and imports; nothing is run."""

import ast
import builtins
import symtable
from collections.abc import Iterator
from dataclasses import dataclass

BUILTINS = frozenset(dir(builtins))
AT_ONCE = "genexpr"  # the function scope that runs where it stands


@dataclass(frozen=True)
class Names:
    """The global names of a cell.

    binds: assigned, defined or imported at its top level (or by `global` in a function).
    reads: read at its top level before the cell itself binds them.
    later: read by its functions, when these are called, and not bound by the cell.
    Built-in names are not among the reads.
    """

    binds: frozenset[str]
    reads: frozenset[str]
    later: frozenset[str]

    @property
    def needs(self) -> frozenset[str]:
        """All names that must come from elsewhere."""
        return self.reads | self.later


def names(code: str) -> Names:
    """The names of a cell's code, which must be valid Python."""
    bound, reads, later = set(), set(), set()
    for step_reads, step_later, step_binds in _steps(ast.parse(code).body):
        reads |= step_reads - bound
        later |= step_later
        bound |= step_binds
    return Names(frozenset(bound), frozenset(reads - BUILTINS), frozenset(later - bound - BUILTINS))


def imports(code: str) -> dict[str, str]:
    """What each name imported at the top level stands for: {"np": "numpy", "check": "attention_course.check"}."""
    found = {}
    for statement in ast.parse(code).body:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                found[alias.asname or alias.name.split(".")[0]] = alias.name if alias.asname else alias.name.split(".")[0]
        elif isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                found[alias.asname or alias.name] = f"{'.' * statement.level}{statement.module or ''}.{alias.name}"
    return found


def _steps(statements: list[ast.stmt]) -> Iterator[tuple[set, set, set]]:
    """(reads now, reads later, binds) in the order in which the statements run."""
    for statement in statements:
        match statement:
            case ast.For():
                yield _scan(statement.iter)
                yield _scan(_assigned(statement.target))
                yield from _steps(statement.body + statement.orelse)
            case ast.If() | ast.While():
                yield _scan(statement.test)
                yield from _steps(statement.body + statement.orelse)
            case ast.With():
                for item in statement.items:
                    yield _scan(item.context_expr)
                    if item.optional_vars is not None:
                        yield _scan(_assigned(item.optional_vars))
                yield from _steps(statement.body)
            case ast.Try() | ast.TryStar():
                yield from _steps(statement.body)
                for handler in statement.handlers:
                    if handler.type is not None:
                        yield _scan(handler.type)
                    yield set(), set(), {handler.name} if handler.name else set()
                    yield from _steps(handler.body)
                yield from _steps(statement.orelse + statement.finalbody)
            case _:
                yield _scan(statement)


def _assigned(target: ast.expr) -> ast.stmt:
    return ast.Assign(targets=[target], value=ast.Constant(None), lineno=0)


def _scan(node: ast.AST) -> tuple[set, set, set]:
    """One simple statement, definition or expression, by Python's own symbol table."""
    table = symtable.symtable(ast.unparse(_Comprehensions().visit(node)), "cell", "exec")
    symbols = table.get_symbols()
    reads = {symbol.get_name() for symbol in symbols if symbol.is_referenced()}
    binds = {symbol.get_name() for symbol in symbols if symbol.is_assigned() or symbol.is_imported()}
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        reads.add(node.target.id)
    later = set()
    for child in table.get_children():
        _scan_inner(child, reads, later, binds, deferred=False)
    return reads, later, binds


class _Comprehensions(ast.NodeTransformer):
    """Makes generator expressions of them: from Python 3.12 on, their variables stand in the symbol table around them."""

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp) -> ast.expr:
        return self.generic_visit(ast.GeneratorExp(node.elt, node.generators))

    visit_SetComp = visit_ListComp

    def visit_DictComp(self, node: ast.DictComp) -> ast.expr:
        return self.generic_visit(ast.GeneratorExp(ast.Tuple([node.key, node.value], ast.Load()), node.generators))


def _scan_inner(table: symtable.SymbolTable, reads: set, later: set, binds: set, deferred: bool) -> None:
    runs_later = deferred or (table.get_type() == "function" and table.get_name() != AT_ONCE)
    for symbol in table.get_symbols():
        if symbol.is_global() and symbol.is_referenced():
            (later if runs_later else reads).add(symbol.get_name())
        if symbol.is_declared_global() and symbol.is_assigned():
            binds.add(symbol.get_name())
    for child in table.get_children():
        _scan_inner(child, reads, later, binds, runs_later)
