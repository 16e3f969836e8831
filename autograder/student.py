"""The student's functions, classes and objects as the grader sees them: from outside the process they live in.

A `Proxy` stands for one of them. Calling it sends the arguments to the sandbox and brings the result back as data; what is no
data stays there and comes back as a proxy too. A function of the test goes the other way: it stays here, and the answer gets
one that has it called. Arguments that the call wrote into are written into here as well, so that a
test cell sees what it would see beside the student's code.
"""

import builtins
import re
import time
from types import FunctionType
from typing import Any

from attention_course.check import CheckFailed
from attention_course.check.compare import a_kind
from attention_course.measure import MB
from autograder.sandbox import SandboxedKernel
from autograder.student_errors import StudentError, Ungradable, student_error
from autograder.student_side.codec import Callback, Handle, Malformed, Name, cost, decode, encode
from autograder.write_back import Reshaped, write_back

__all__ = ["Proxy", "Student", "StudentError", "Ungradable"]
CALLS = 20_000
RECEIVED = 1 << 30  # bytes of memory that all an answer sends in one test may come to; right answers need a fiftieth
KINDS = {*dir(builtins), "builtin_function_or_method", "function", "generator", "method", "module", "ndarray", "Tensor", "Module"}
KINDS |= {"dict_items", "dict_keys", "dict_values"}
STOP = encode({"stop": True})


class Student:
    """The other side of a kernel: sends requests to its agent, within the time of one test.

    source: the student's own code, for tests that read it.
    """

    def __init__(self, kernel: SandboxedKernel, source: str = ""):
        self.kernel, self.source = kernel, source
        self.deadline, self.calls, self.received = time.monotonic() + kernel.limits.test, 0, 0
        self.last = ""
        self.functions: list[FunctionType] = []  # of the test
        self.trouble: Exception | None = None  # that came up in one of them
        self.telling = False  # whether one of them is at work

    def name(self, name: str, at: str) -> "Proxy":
        """The object that a name of the notebook stood for at the test cell `at`."""
        return Proxy(self, Name(name, at))

    def snapshot(self, at: str, names: list[str]) -> None:
        """Remember what these names stand for now, under the name of a test cell."""
        self.deadline = time.monotonic() + self.kernel.limits.call
        self.request(do="snapshot", at=at, names=names)

    def begin_test(self) -> None:
        """Start the clock for one test cell, and forget the objects that the last one made."""
        self.deadline, self.last = time.monotonic() + self.kernel.limits.test, ""
        self.calls = self.received = 0
        self.functions.clear()
        self.request(do="forget")

    def request(self, **request) -> Any:
        """Ask the agent; returns the result, raises `StudentError` or `Ungradable`, or what the kernel raises."""
        self.calls += 1
        if self.calls > CALLS:
            raise Ungradable("malformed", f"The test made more than {CALLS} calls without coming to an end.")
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise Ungradable("timeout", "The test did not come to an end in time.")
        if self.telling:
            raise Ungradable("fault", "The test calls an answer from a function that it hands to an answer.")
        self.trouble = None
        reply = self._understood(
            self.kernel.call(encode(request, self._reference), min(self.kernel.limits.call, left), self._told)
        )
        if self.trouble:
            raise self.trouble
        if "error" in reply:
            raise student_error(reply["error"])
        if "result" not in reply:
            raise Ungradable("malformed", "The answer sent something that is no reply.")
        if "arguments" in reply:
            self._write_back((request["arguments"], request["keywords"]), reply["arguments"])
        return reply["result"]

    def kind(self, name: str) -> str:
        """The name of a type, if the student's code or Python has it: a type can be called anything, a test's numbers as well."""
        known = name in KINDS or name.isidentifier() and re.search(rf"\b{name}\b", self.source)
        return name if known else "object"

    def _understood(self, message: bytes) -> dict:
        self.received += cost(message)
        if self.received > RECEIVED:  # a test may keep all that it gets
            raise Ungradable("malformed", "The answer sent more in this test than can be judged.")
        try:
            reply = decode(message, self._found)
        except Malformed as problem:
            raise Ungradable("malformed", f"The answer's result could not be read: {problem}.") from None
        if not isinstance(reply, dict):
            raise Ungradable("malformed", "The answer sent something that is no reply.")
        return reply

    def _told(self, message: bytearray | None) -> bytes:
        """What the answer gets from a function of the test that it calls; None where its time is over.

        What the function finds wrong ends the answer and then the test; any other exception goes to the answer, by name only.
        """
        if message is None or self.trouble:
            return STOP
        try:
            self.calls += 1
            if self.calls > CALLS:
                raise Ungradable("malformed", f"The answer made more than {CALLS} calls without coming to an end.")
            self.telling = True
            asked = self._understood(message)
            result = self._found(Callback(asked["function"]))(*asked["arguments"], **asked["keywords"])
            return encode({"result": result}, self._reference)
        except (CheckFailed, StudentError, Ungradable) as problem:
            self.trouble = problem
            return STOP
        except Exception as error:
            kinds = (kind.__name__ for kind in type(error).__mro__ if getattr(builtins, kind.__name__, None) is kind)
            return encode({"error": next(kinds)})
        finally:
            self.telling = False

    def _reference(self, thing) -> Callback | Handle | Name:
        if isinstance(thing, Proxy):
            return thing._reference
        if isinstance(thing, FunctionType):
            if thing not in self.functions:
                self.functions.append(thing)
            return Callback(self.functions.index(thing))
        raise TypeError(f"a test may hand data to an answer, and a {type(thing).__name__} is none")

    def _found(self, reference: Callback | Handle | Name) -> "Proxy | FunctionType":
        if isinstance(reference, Name):
            raise Malformed("it refers to a name")
        if isinstance(reference, Handle):
            return Proxy(self, reference)
        if not 0 <= reference.number < len(self.functions):
            raise Malformed("it refers to a function that is not there")
        return self.functions[reference.number]

    def _write_back(self, sent: tuple, returned) -> None:
        try:
            write_back(sent, returned)
        except Reshaped:
            raise CheckFailed("the arguments are left as they were", "It changed the shape or type of its argument.") from None
        except Exception:  # what comes back may have been forged
            raise Ungradable("malformed", "The answer sent something that is no reply.") from None


class Proxy:
    """A function, class, instance or module that lives in the sandbox."""

    def __init__(self, student: Student, reference: Handle | Name):
        object.__setattr__(self, "_student", student)
        object.__setattr__(self, "_reference", reference)

    def __call__(self, *arguments, **keywords):
        result = self._student.request(do="call", target=self, arguments=arguments, keywords=keywords)
        self._student.last = a_kind(result)
        return result

    def __getattr__(self, name: str):
        if name.startswith("__") and name.endswith("__"):
            if name == "__name__" and isinstance(self._reference, Name):
                return self._reference.name
            raise AttributeError(name)
        return self._student.request(do="get", target=self, name=name)

    def __setattr__(self, name: str, value) -> None:
        self._student.request(do="set", target=self, name=name, value=value)

    def __getitem__(self, key):
        return self._student.request(do="item", target=self, key=key)

    def __len__(self) -> int:
        length = self._student.request(do="length", target=self)
        if type(length) is not int or not 0 <= length < 1 << 40:
            raise Ungradable("malformed", "The answer has a length that is no number.")
        return length

    def __bool__(self) -> bool:
        if isinstance(self._reference, Handle):  # `(result > 0).all()` of an object that answers everything would be true
            raise TypeError(f"{self._kind_} is neither true nor false")
        return True

    def __iter__(self):
        items = self._student.request(do="items", target=self)
        if not isinstance(items, list):
            raise Ungradable("malformed", "The answer sent something that is no list of items.")
        return iter(items)

    def __deepcopy__(self, memo) -> "Proxy":
        return self

    def __repr__(self) -> str:
        return f"<{self._kind_}>"

    @property
    def _kind_(self) -> str:
        return self._reference.name if isinstance(self._reference, Name) else self._student.kind(self._reference.kind)

    @property
    def _source_(self) -> str:
        """The student's own code, as handed in: what `check.library` reads."""
        return self._student.source

    def _watched_(self, *arguments, **keywords) -> tuple:
        """The result of a call and how much memory it needed, as `attention_course.measure.watched` has it."""
        memory = self._student.kernel.memory()
        self._where_it_lives_("_hold_still", memory.exact)
        with memory:
            result = self(*arguments, **keywords)
        self._where_it_lives_("take_alone", False)
        return result, memory.needed / MB

    def _where_it_lives_(self, work: str, *arguments):
        """Have a piece of `attention_course.check` done beside the object."""
        return self._student.request(do="work", name=work, arguments=arguments)
