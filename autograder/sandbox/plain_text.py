"""Text that came out of a sandbox, made fit to be shown, written to a file and sent on."""

import re

COLOURS = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?")
# Control characters, halves of characters that no file can hold, and marks that turn the direction of reading around.
UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def plain(text, most: int) -> str:
    """At most so many characters of a text, without colours and control characters; "" for what is no text."""
    if not isinstance(text, str):
        return ""
    text = text[: 4 * most].replace("\r\n", "\n")  # what is taken out would not have counted
    return UNFIT.sub("", COLOURS.sub("", text))[:most]
