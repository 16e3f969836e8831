"""Commands in a guide: its fenced blocks, and whether they are to be run."""

import re
from dataclasses import dataclass

BLOCK = re.compile(r"(?:<!-- not run: (?P<reason>[^\n]+) -->\n)?```sh\n(?P<text>.*?)```", re.S)


@dataclass(frozen=True)
class Block:
    """reason: why it cannot be run here, "" where it is run."""

    text: str
    reason: str


def blocks(text: str) -> list[Block]:
    """The shell blocks of a Markdown text, in order."""
    return [Block(found["text"], found["reason"] or "") for found in BLOCK.finditer(text)]
