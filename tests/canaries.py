"""Random words planted where nobody may read, and where they came out."""

import re
import secrets
from pathlib import Path

WORD = b"canary-"
PATTERN = re.compile(rb"canary-[0-9a-f]{12}")
IN_HEX = re.compile(WORD.hex().encode() + rb"(?:3[0-9]|6[1-6]){12}")


class Canaries:
    """words: each word by the place it was planted in."""

    def __init__(self):
        self.words: dict[str, str] = {}

    def plant(self, place: str) -> str:
        """A new word for a place."""
        self.words[place] = f"{WORD.decode()}{secrets.token_hex(6)}"
        return self.words[place]

    def found_in(self, data: bytes) -> set[str]:
        """The places whose words are in the data, as text or in hexadecimal."""
        seen = {word.decode() for word in PATTERN.findall(data)}
        seen |= {bytes.fromhex(word.decode()).decode() for word in IN_HEX.findall(data)}
        return {place for place, word in self.words.items() if word in seen} | {word for word in seen - {*self.words.values()}}

    def found_below(self, folder: Path) -> dict[str, set[str]]:
        """The places whose words are in a file's name or contents, for each file of a folder that has any."""
        found = {
            str(path.relative_to(folder)): self.found_in(str(path.relative_to(folder)).encode() + b"\n" + path.read_bytes())
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        return {name: places for name, places in found.items() if places}
