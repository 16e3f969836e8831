"""What a cell showed, as text: taken out of Jupyter messages that a student's code may have forged."""

from dataclasses import dataclass

from autograder.sandbox.plain_text import plain

ERROR = 500


@dataclass
class CellRun:
    """What running a cell gave. text: what it printed and displayed; error: the one that ended it, in a line, or "".

    cut: whether some of the text is missing; timed_out: whether the cell was stopped.
    """

    text: str = ""
    error: str = ""
    timed_out: bool = False
    cut: bool = False

    def take(self, kind: str, content: dict, most: int) -> None:
        """Take in a message that the cell sent; no more than so many characters are kept of them all."""
        if kind == "error":
            self.error = " ".join(plain(f"{content.get('ename')}: {content.get('evalue')}", ERROR).split())
        elif kind == "stream":
            self._add(content.get("text"), most)
        elif kind in ("display_data", "execute_result"):
            data = content.get("data")
            text = data.get("text/plain") if isinstance(data, dict) else None
            if text and isinstance(text, str):
                self._add(f"{text}\n", most)

    def _add(self, text, most: int) -> None:
        room = most - len(self.text)
        if self.cut or not isinstance(text, str):
            return
        self.cut = len(text) > room
        self.text += plain(text, room)
