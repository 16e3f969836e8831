"""A student's text on formgrader's pages: looks as in a notebook, and holds nothing that would act in the instructor's name.

nbgrader shows text cells as they are, scripts included, on a page from which grades can be changed.
"""

import re

import bleach
from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter

TAGS = set(
    "a b blockquote br code del details div em h1 h2 h3 h4 h5 h6 hr i img li ol p pre s span strong sub summary sup "
    "table tbody td th thead tr ul".split()
)
PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,")
# What TeX can do to a page when MathJax draws it: links to code, loading of parts, styles.
COMMANDS = re.compile(r"\\(?=(?:href|require|style|class|cssId|csname|data)\b)")


@pass_context
def markdown(context, source: str) -> str:
    """nbconvert's HTML of a text cell, without scripts, handlers, styles, forms, and pictures from elsewhere."""
    made = HTMLExporter().markdown2html(context, COMMANDS.sub(r"\\ ", source))
    return bleach.clean(made, tags=TAGS, attributes=_allowed, protocols=["http", "https", "mailto", "data"])


def _allowed(tag: str, name: str, value: str) -> bool:
    if (tag, name) == ("img", "src"):
        return PICTURE.match(value) is not None
    if (tag, name) == ("a", "href"):
        return re.match(r"(https?|mailto):|#", value) is not None
    return (tag, name) in {
        ("img", "alt"),
        ("td", "align"),
        ("th", "align"),
        ("code", "class"),
        ("span", "class"),
        ("div", "class"),
    }
