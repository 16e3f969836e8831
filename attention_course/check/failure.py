"""The one exception that a check raises."""


class CheckFailed(AssertionError):
    """A property that an answer should have and has not.

    property: the property, in words.
    difference: what is wrong, without a number that could be handed in next time (shapes, types, how far off).
    numbers: what was expected and what came, at the first place that differs; "" where there is none.
    """

    def __init__(self, property: str, difference: str, numbers: str = ""):
        self.property, self.difference, self.numbers = property, difference, numbers
        super().__init__(self.without_numbers() + (f"\n{numbers}" if numbers else ""))

    def without_numbers(self) -> str:
        """The message of a hidden test."""
        return f"This does not hold: {self.property}.\n{self.difference}"

    def __reduce__(self):
        return type(self), (self.property, self.difference, self.numbers)

    def _render_traceback_(self) -> list[str]:
        """IPython shows this in place of a traceback through the course's own code."""
        return str(self).splitlines()
