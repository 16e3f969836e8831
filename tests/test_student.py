"""The student's functions, classes and objects from outside: what goes in, what comes out, what is seen of what happened."""

import random
import time
from contextlib import suppress

import numpy as np
import pytest
import torch

from attention_course import check
from attention_course.check.compare import a_kind
from autograder.sandbox import Limits, SandboxedKernel, TimeOver
from autograder.student import Proxy, Student, StudentError, Ungradable

ANSWERS = '''
import numpy as np
import torch
from torch import nn


def same(*arguments, **keywords):
    return (arguments, keywords)


def one(x):
    return x


def fill(x, value=7):
    x[...] = value


memory = np.empty(2)


def again(x):
    memory[:] = x
    return memory


def reshape(x):
    x.resize_(4) if isinstance(x, torch.Tensor) else setattr(x, "shape", (2, 2))


def extend(items):
    items.append("more")
    items[0] = "other"


def change(table):
    table["new"] = table.pop("old")


def fail(kind, *arguments):
    raise getattr(__builtins__, kind)(*arguments) if not isinstance(__builtins__, dict) else __builtins__[kind](*arguments)


class Odd(KeyError):
    """An exception of the student's own."""


def fail_oddly():
    raise Odd("odd")


def count(to):
    for number in range(to):
        yield number


def for_ever():
    while True:
        yield object()


def deep(levels):
    return levels and deep(levels - 1) + 1


class Doubler(nn.Module):
    def __init__(self, size, bias=True):
        super().__init__()
        self.size = size
        self.linear = nn.Linear(size, size, bias=bias)
        self.layers = nn.ModuleList([nn.Linear(size, size) for _ in range(3)])

    def forward(self, x, mask=None):
        return self.linear(x) * 2

    def __len__(self):
        return 3

    def __getitem__(self, key):
        return key


def apply(model, x):
    return model(x)


def ask(model, ids, times):
    for _ in range(times):
        ids = torch.cat([ids, model(ids, scale=2)[-1:].long()])
    return ids


def ask_and_catch(model):
    try:
        return model()
    except Exception as error:
        return type(error).__name__


def ask_for_ever(model):
    while True:
        try:
            model()
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise


kept = []


def keep_function(model):
    kept.append(model)


def call_kept(model):
    try:
        return str(kept[-1]())
    except RuntimeError as error:
        return str(error)


def call_in_thread(model):
    import threading

    found = []

    def work():
        try:
            found.append(str(model()))
        except RuntimeError as error:
            found.append(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return found[0]


def noise(size):
    return np.random.rand(size), torch.rand(size)


class Everything:
    def __getattr__(self, name):
        return Everything()

    __getitem__ = __call__ = lambda self, *arguments: Everything()


def large(tell):
    return np.zeros(10**6, dtype=np.int8)


def tell_large(tell):
    while True:
        tell(large(tell))


def many_parts(tell):
    return [[] for _ in range(10**4)]


def tell_many_parts(tell):
    while True:
        tell(many_parts(tell))
'''


@pytest.fixture(scope="module")
def student(warm):
    with SandboxedKernel(warm, Limits(call=5, test=600, total=600)) as kernel:
        run = kernel.run(ANSWERS)
        assert not run.error, run.error
        yield Student(kernel, ANSWERS)


@pytest.fixture
def answer(student):
    """The student's functions and classes by name, at the start of a test."""
    student.begin_test()
    return lambda name: student.name(name, "a test")


VALUES = [
    None, True, -(2**80), 1.5, "\u03c0", b"\0", 1j, [1, (2, {"a": {3}})], {2: 2, (3, "x"): None, None: 0, 1.5: "y", True: False},
    slice(1, None),
    np.float32(2.5), np.bool_(False), np.dtype("int8"), torch.bfloat16, torch.device("cpu"), range(3), ...,
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=lambda value: ascii(value)[:30])
def test_data_go_in_and_come_out_as_they_are(answer, value):
    (back,), keywords = answer("same")(value, key=value)
    assert (type(back), repr(back)) == (type(value), repr(value))
    assert repr(keywords["key"]) == repr(value)


def test_arrays_go_in_and_come_out_with_their_layout(answer):
    array = np.arange(24.0).reshape(4, 6)[::-1, ::2].T
    array[0, 0] = np.nan
    back = answer("one")(array)
    np.testing.assert_array_equal(back, array)
    assert back.strides == array.strides


def test_tensors_go_in_and_come_out_with_their_type(answer):
    tensor = torch.tensor([[1.5, float("nan")], [-0.0, 3.0]], dtype=torch.bfloat16).T
    back = answer("one")(tensor)
    assert back.dtype == torch.bfloat16 and back.stride() == tensor.stride()
    check.equal(back.float(), tensor.float(), "the same")


def test_what_is_no_data_cannot_be_handed_over(answer):
    with pytest.raises(TypeError, match="Random"):
        answer("one")(random.Random(0))


def test_a_function_of_the_test_runs_on_the_tests_side(answer):
    asked = []

    def model(ids, scale=1):
        asked.append(ids)
        return scale * ids.float()

    result = answer("ask")(model, torch.arange(3), 4)
    assert [len(ids) for ids in asked] == [3, 4, 5, 6] and result.tolist() == [0, 1, 2, 4, 8, 16, 32]
    with pytest.raises(check.CheckFailed, match="once"):
        check.unchanged(answer("ask"), lambda ids, scale: check.equal(1, 2, "it is asked once"), torch.arange(3), 1)
    assert answer("one")(model) is model and answer("same")([model], key=model)[0][0][0] is model


def test_what_a_function_of_the_test_cannot_work_with_is_the_answers_exception(answer):
    with pytest.raises(StudentError) as caught:
        answer("ask")(lambda ids, scale: ids.missing, torch.arange(3), 1)
    assert caught.value.kind == "AttributeError" and caught.value.place and "missing" not in caught.value.text
    assert answer("ask_and_catch")(lambda: 1 / 0) == "ZeroDivisionError"


def test_functions_of_the_test_cannot_be_kept_or_called_from_a_thread(answer):
    answer("keep_function")(lambda: 7)
    for later in ("call_kept", "call_in_thread"):
        assert "while the test waits" in answer(later)(lambda: 7)


def test_an_answer_that_never_stops_asking_is_stopped(warm):
    with SandboxedKernel(warm, Limits(call=1, test=600, total=600)) as kernel:
        assert not kernel.run(ANSWERS).error
        student = Student(kernel, ANSWERS)
        for model in (lambda: 1, lambda: time.sleep(0.3), lambda: time.sleep(1.5)):
            student.begin_test()
            with pytest.raises(TimeOver):
                student.name("ask_for_ever", "a test")(model)
            assert student.name("one", "a test")(3) == 3
        student.begin_test()
        with pytest.raises(check.CheckFailed):
            student.name("ask_for_ever", "a test")(lambda: check.equal(1, 2, "no"))
        assert student.name("one", "a test")(3) == 3


def test_a_function_of_the_test_may_not_call_an_answer(answer):
    one = answer("one")
    with pytest.raises(Ungradable, match="hands to an answer"):
        answer("ask")(lambda ids, scale: one(ids), torch.arange(3), 1)


def test_arguments_that_a_call_writes_into_are_seen(answer):
    array, view, tensor = np.zeros(3), np.zeros((4, 4))[:, 1], torch.zeros(2, 3)
    for argument in (array, view, tensor):
        assert answer("fill")(argument) is None
        assert (argument == 7).all()
    answer("fill")(array, value=9)
    assert array.tolist() == [9, 9, 9]


def test_lists_and_dictionaries_that_a_call_changes_are_seen(answer):
    inner = np.zeros(2)
    items, table = [1, inner], {"old": inner, "kept": 1}
    answer("extend")(items)
    answer("change")(table)
    assert items[0] == "other" and items[1].tolist() == [0, 0] and items[2] == "more"
    assert list(table) == ["kept", "new"] and table["new"].tolist() == [0, 0]


@pytest.mark.parametrize("argument", [np.arange(4.0), torch.zeros(2, 2)], ids=["array", "tensor"])
def test_an_argument_that_changes_its_shape_is_seen(answer, argument):
    with pytest.raises(check.CheckFailed, match="arguments are left as they were"):
        answer("reshape")(argument)


def test_a_change_to_an_argument_fails_the_check_for_it(answer):
    with pytest.raises(check.CheckFailed):
        check.unchanged(answer("fill"), np.ones(3))
    check.unchanged(answer("one"), np.ones(3))


@pytest.mark.parametrize(
    "kind", ["ValueError", "KeyError", "IndexError", "TypeError", "ZeroDivisionError", "NotImplementedError", "RuntimeError"]
)
def test_exceptions_are_the_built_in_kind_they_are(answer, kind):
    with pytest.raises(getattr(__import__("builtins"), kind)) as caught:
        answer("fail")(kind, "because")
    assert isinstance(caught.value, StudentError)
    assert caught.value.kind == kind and "because" in caught.value.text and caught.value.place[0] == 1


def test_exceptions_of_the_students_own_are_the_built_in_kind_they_descend_from(answer):
    with pytest.raises(KeyError) as caught:
        answer("fail_oddly")()
    assert caught.value.kind == "KeyError"


@pytest.mark.parametrize("kind", ["SystemExit", "OSError", "GeneratorExit", "Warning"])
def test_exceptions_that_a_test_should_not_catch_by_kind_are_named(answer, kind):
    with pytest.raises(StudentError) as caught:
        answer("fail")(kind)
    assert caught.value.kind == kind


def test_a_missing_name_is_a_name_error_without_a_place(answer):
    with pytest.raises(NameError) as caught:
        answer("nobody")(1)
    assert caught.value.place is None


def test_endless_recursion_is_a_recursion_error(answer):
    with pytest.raises(RecursionError):
        answer("deep")(10**6)


@pytest.mark.parametrize("kind, reason", [("KeyboardInterrupt", "timeout"), ("MemoryError", "memory")])
def test_some_exceptions_leave_a_test_ungraded(answer, kind, reason):
    with pytest.raises(Ungradable) as caught:
        answer("fail")(kind)
    assert caught.value.reason == reason


def test_instances_stay_there_and_work_through_a_handle(answer):
    model = answer("Doubler")(4, bias=False)
    assert isinstance(model, Proxy) and a_kind(model) == "a Doubler"
    assert model.size == 4 and model.training is True
    x = torch.randn(2, 4)
    weight = model.linear.weight
    torch.testing.assert_close(model(x), 2 * x @ weight.T)
    assert not model(x).requires_grad or model(x).is_leaf


def test_a_state_goes_into_a_model_and_comes_out_of_it(answer):
    model, oracle = answer("Doubler")(3), torch.nn.Linear(3, 3)
    state = dict(model.state_dict())
    assert list(state)[:2] == ["linear.weight", "linear.bias"]
    state |= {f"linear.{name}": value for name, value in oracle.state_dict().items()}
    model.load_state_dict(state)
    x = torch.randn(5, 3)
    torch.testing.assert_close(model(x), 2 * oracle(x).detach())


def test_methods_of_modules_work(answer):
    model = answer("Doubler")(3)
    assert len(list(model.parameters())) == 8
    assert dict(model.named_parameters())["linear.bias"].shape == (3,)
    assert model.eval().training is False and model.train().training is True
    assert model.to(torch.float64).linear.weight.dtype == torch.float64


def test_attributes_items_lengths_and_iteration_work(answer):
    model = answer("Doubler")(3)
    model.size = 11
    assert model.size == 11
    assert len(model) == 3 and model["key"] == "key" and model[1:3] == slice(1, 3)
    assert [layer.in_features for layer in model.layers] == [3, 3, 3]
    assert list(answer("count")(4)) == [0, 1, 2, 3]


def test_objects_can_be_handed_back(answer):
    model, x = answer("Doubler")(3), torch.randn(2, 3)
    torch.testing.assert_close(answer("apply")(model, x), model(x))


def test_an_iterator_without_end_comes_to_one(answer):
    assert len(list(answer("for_ever")())) == 10_000


def test_gradients_are_taken_where_the_function_lives(answer):
    model, x = answer("Doubler")(3), torch.randn(2, 3)
    found = check.gradient(model, x, output_gradient=torch.ones(2, 3))
    torch.testing.assert_close(found.arguments[0], 2 * model.linear.weight.sum(0).expand(2, 3))
    torch.testing.assert_close(found.parameters["linear.bias"], torch.full((3,), 4.0))
    assert found.parameters["layers.0.bias"] is None


def test_seeds_are_set_where_the_function_lives(answer):
    first, second = check.seeded(3, answer("noise"), 4), check.seeded(3, answer("noise"), 4)
    assert first[0].tolist() == second[0].tolist() == np.random.RandomState(3).rand(4).tolist()
    torch.manual_seed(3)
    assert first[1].tolist() == second[1].tolist() == torch.rand(4).tolist()


def test_results_of_two_calls_are_compared_where_the_function_lives(answer):
    check.separate(answer("one"), (np.ones(2),), (np.zeros(2),))
    with pytest.raises(check.CheckFailed, match="array of its own"):
        check.separate(answer("again"), (np.ones(2),), (np.zeros(2),))


def test_names_are_what_they_were_at_their_test(student):
    student.kernel.run("def late(): return 1")
    student.snapshot("the first", ["late"])
    student.kernel.run("def late(): return 2")
    assert student.name("late", "the first")() == 1
    assert student.name("late", "another")() == 2


FORGED = {
    "a reply that is no dictionary": [1, 2],
    "a reply without a result": {},
    "an error of another form": {"error": 5},
    "an error with kinds of another form": {"error": {"kinds": 5}},
    "a name for a result": None,
}


@pytest.mark.parametrize("reply", FORGED.values(), ids=FORGED)
def test_forged_replies_are_malformed(student, answer, monkeypatch, reply):
    from autograder.student_side.codec import Name, encode

    message = encode(reply) if reply is not None else encode({"result": Name("x" * 1000, "")})
    monkeypatch.setattr(student.kernel, "call", lambda request, seconds, tell: message)
    with pytest.raises(Ungradable) as caught:
        student.name("one", "a test")(1)
    assert caught.value.reason == "malformed"


@pytest.mark.parametrize(
    "reply",
    [
        {"error": {"kinds": ["print", "object", 5], "text": 7, "place": ["cell", 1]}},
        {"error": {"kinds": ["BaseException"], "text": "x" * 10_000, "place": ["cell 99999999999999999999", 10**30]}},
        {"error": {"kinds": ["ValueError"], "text": "\x1b]0;title\x07 \ud800", "place": ["cell 1"]}},
    ],
)
def test_forged_errors_say_no_more_than_an_error_can(student, answer, monkeypatch, reply):
    from autograder.student_side.codec import encode

    monkeypatch.setattr(student.kernel, "call", lambda request, seconds, tell: encode(reply))
    with pytest.raises(StudentError) as caught:
        student.name("one", "a test")(1)
    assert len(caught.value.text) <= 400 and caught.value.text.isprintable()
    assert caught.value.kind in ("Exception", "BaseException", "ValueError")


def test_forged_changes_to_arguments_are_malformed_or_without_effect(student, answer, monkeypatch):
    from autograder.student_side.codec import encode

    array = np.zeros(3)
    for returned in ([1, 2], "no arguments", ((np.zeros(5),), {}), ((np.array(["a", "b", "c"]),), {}), {"x": 1}):
        monkeypatch.setattr(
            student.kernel, "call", lambda request, seconds, tell, told=returned: encode({"result": 1, "arguments": told})
        )
        with suppress(check.CheckFailed, Ungradable):
            assert student.name("one", "a test")(array) == 1
        assert array.tolist() == [0, 0, 0]


def test_the_name_of_a_type_is_shown_only_if_the_students_code_has_it(student, answer, monkeypatch):
    from autograder.student_side.codec import Handle, encode

    for name, shown in (
        ("Doubler", "a Doubler"),
        ("0.123 0.456", "an object"),
        ("n_0_123_456", "an object"),
        ("generator", "a generator"),
    ):
        monkeypatch.setattr(student.kernel, "call", lambda request, seconds, tell, name=name: encode({"result": Handle(1, name)}))
        assert a_kind(student.name("one", "a test")(1)) == shown


def test_a_test_that_calls_without_end_is_stopped(student, answer, monkeypatch):
    monkeypatch.setattr("autograder.student.CALLS", 50)
    student.begin_test()
    with pytest.raises(Ungradable):
        while True:
            student.name("one", "a test")(1)
    student.deadline = 0
    student.calls = 0
    with pytest.raises(Ungradable) as caught:
        student.name("one", "a test")(1)
    assert caught.value.reason == "timeout"


def hoard(student, answer, name):
    """How many results a test came to hold that keeps all that an answer tells it, and how that ended."""
    student.begin_test()
    held = []

    def keep(told):
        held.append(told)

    with pytest.raises(Ungradable) as caught:
        while True:
            held.append(answer(name)(keep))
    return len(held), caught.value


def test_a_test_that_keeps_what_it_gets_is_not_made_to_hold_too_much(student, answer, monkeypatch):
    monkeypatch.setattr("autograder.student.RECEIVED", 20_000_000)
    for name, most in (("large", 19), ("tell_large", 19), ("many_parts", 4), ("tell_many_parts", 4)):
        held, problem = hoard(student, answer, name)
        assert problem.reason == "malformed" and 0 < held <= most, name
    student.begin_test()
    assert answer("one")(1) == 1


def test_an_object_that_answers_everything_is_not_true(answer):
    everything = answer("Everything")()
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(everything[2:].isfinite().all())
    with pytest.raises(TypeError):
        bool(answer("Doubler")(3))
    assert bool(answer("Everything"))
