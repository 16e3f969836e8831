"""The instructor's package: lessons to notebooks, submissions to grades."""

import sys

# jsonschema, which nbformat loads, has this parse a grammar for most of a second, to check addresses that no notebook has.
sys.modules.setdefault("rfc3987_syntax", None)
