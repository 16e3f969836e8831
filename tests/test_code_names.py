"""Reads and binds, as the rules about test cells need them."""

import pytest

from attention_course.code_names import imports, names


@pytest.mark.parametrize(
    "code, reads",
    [
        ("print(a)", {"a"}),
        ("a = 1\nprint(a)", set()),
        ("a = a + 1", {"a"}),
        ("a += 1", {"a"}),
        ("a[0] = b", {"a", "b"}),
        ("for a in (1, 2):\n    print(a)", set()),
        ("for a in a:\n    print(a)", {"a"}),
        ("with f() as a:\n    print(a)", {"f"}),
        ("[a for a in b if a > c]", {"b", "c"}),
        ("x = {a for a in [b for b in c]} | {a: b for a, b in d}", {"c", "d"}),
        ("with a as b: [c for c in b if [c for c in b]]", {"a"}),
        ("try:\n    f()\nexcept E as e:\n    print(e)", {"f", "E"}),
        ("class A(B):\n    x = c\n    def f(self):\n        return self", {"B", "c"}),
        ("def f(x=a):\n    return x", {"a"}),
        ("if a:\n    b = 1\nprint(b)", {"a"}),
        ("import a.b\nprint(a)", set()),
    ],
)
def test_reads_are_the_names_a_cell_needs_at_once(code, reads):
    assert names(code).reads == reads


@pytest.mark.parametrize(
    "code, later",
    [
        ("def f():\n    return a", {"a"}),
        ("def f():\n    return a\na = 1", set()),
        ("def f(a):\n    return f(a)", set()),
        ("class A:\n    def f(self):\n        return a", {"a"}),
        ("f = lambda x: x + a", {"a"}),
        ("def f():\n    return [a + x for x in y]", {"a", "y"}),
        ("def f(a):\n    def g():\n        return a\n    return g", set()),
    ],
)
def test_names_that_functions_read_are_needed_later(code, later):
    assert names(code).later == later


def test_binds_are_what_stays_after_the_cell():
    code = "import a\nfrom b import c as d\ne, (f, *g) = 1, (2, 3)\nfor h in e: [n for n in g]\ndef i(j): k = 1\nclass L: m = 1"
    assert names(code).binds == {"a", "d", "e", "f", "g", "h", "i", "L"}


def test_a_global_statement_in_a_function_binds():
    assert "a" in names("def f():\n    global a\n    a = 1").binds


def test_imports_say_what_each_name_stands_for():
    code = "import numpy as np\nimport os.path\nfrom attention_course import check, plots as p"
    assert imports(code) == {"np": "numpy", "os": "os", "check": "attention_course.check", "p": "attention_course.plots"}
