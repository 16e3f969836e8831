"""Text of unknown origin as HTML that can do nothing but be read."""

import re
from functools import lru_cache

import mistune
from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

# Longer text is shown plainly: a lexer can be led to take hours, and a line of 20,000 blanks takes it seconds.
LONGEST, LONGEST_LINE = 20_000, 1_000
# Control characters, halves of surrogate pairs, and the marks that turn the direction of what follows.
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
HTML_TAG = re.compile(r"</?(?:details|summary)>")
NUMBERS = re.compile(r"\s*(?:Expected|Actual)\b")


def visible(value):
    """A string without a character that hides, that reorders its neighbours or that cannot be written to a file.

    Marked-up text stays marked up: none of the characters replaced means anything in HTML. Other values come back as they are.
    """
    if not isinstance(value, str):
        return value
    text = UNSEEN.sub(_named, str(value).replace("\r\n", "\n").replace("\r", "\n"))
    return Markup(text) if isinstance(value, Markup) else text


def _named(match: re.Match) -> str:
    point = ord(match[0])
    if point < 0x20:
        return chr(0x2400 + point)
    if point == 0x7F:
        return "\u2421"
    return f"[U+{point:04X}]" if 0x2000 < point < 0x2100 else "\ufffd"


def number(value: float) -> str:
    """A number of points with at most two decimals: 2, 2.5, 0.33."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def code(source: str) -> Markup:
    """Python in colours, as spans with pygments' classes."""
    source = visible(source)
    if _too_long(source):
        return escape(source)
    return Markup(highlight(source, PythonLexer(stripnl=False, ensurenl=False), HtmlFormatter(nowrap=True)))


def _too_long(text: str) -> bool:
    return len(text) > LONGEST or max(map(len, text.splitlines()), default=0) > LONGEST_LINE


@lru_cache(maxsize=1)
def highlighting() -> Markup:
    """The style sheet for `code`, by light and by dark."""
    light = HtmlFormatter(style="default").get_style_defs(".code")
    dark = HtmlFormatter(style="github-dark").get_style_defs(".code")
    return Markup(f"{_colours(light)}\n@media screen and (prefers-color-scheme: dark) {{\n{_colours(dark)}\n}}")


def _colours(css: str) -> str:
    """The rules for the tokens, without the box around them and the frames around what is no Python."""
    rules = [line for line in css.splitlines() if re.match(r"\.code \.(?!err)\w+ ", line)]
    return "\n".join(re.sub(r" */\*.*?\*/", "", line) for line in rules)


def message(text: str) -> Markup:
    """A verdict's message: its first line stands out, what was expected and what came stands in columns."""
    first, _, rest = visible(text).partition("\n")
    parts = [Markup('<p class="property">{}</p>').format(quoted(first))]
    words, columns = [], []
    for line in rest.splitlines():
        (columns if NUMBERS.match(line) or columns else words).append(line)
    if words:
        parts.append(Markup('<p class="lines">{}</p>').format(quoted("\n".join(words))))
    if columns:
        parts.append(Markup('<pre class="numbers">{}</pre>').format("\n".join(columns)))
    return Markup("").join(parts)


def quoted(text: str) -> Markup:
    """Text in which what stands between backticks is code."""
    pieces = re.split(r"`([^`\n]+)`", visible(text))
    return Markup("").join(Markup("<code>{}</code>").format(piece) if n % 2 else escape(piece) for n, piece in enumerate(pieces))


def markdown(source: str) -> Markup:
    """Markdown as text: no HTML, no pictures, no links that lead anywhere."""
    source = visible(source)
    if _too_long(source):
        return Markup("<pre>{}</pre>").format(source)
    return Markup(_reader()(source))


@lru_cache(maxsize=1)
def _reader() -> mistune.Markdown:
    return mistune.create_markdown(renderer=_TextOnly(escape=True), plugins=["table", "strikethrough", "math"])


class _TextOnly(mistune.HTMLRenderer):
    """Mistune's renderer without anything that takes an attribute from the text, loads something, or leads somewhere."""

    def link(self, text: str, url: str, title: str | None = None) -> str:
        address = str(escape(url))
        return text if text == address else f"{text} (<code>{address}</code>)"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return f'<span class="picture">[picture: {escape(text) or "no description"}]</span>'

    def heading(self, text: str, level: int, **attributes) -> str:
        return f'<p class="heading level{int(level)}">{text}</p>\n'

    def block_code(self, text: str, info: str | None = None) -> str:
        python = (info or "").split()[:1] in (["python"], ["py"])
        return f'<pre class="code">{code(text) if python else escape(text)}</pre>\n'

    def inline_html(self, html: str) -> str:
        return str(escape(HTML_TAG.sub("", html)))

    def block_html(self, html: str) -> str:
        text = HTML_TAG.sub("", html).strip()
        return f"<p>{escape(text)}</p>\n" if text else ""

    def inline_math(self, text: str) -> str:
        return f'<span class="math">${escape(text)}$</span>'

    def block_math(self, text: str) -> str:
        return f'<pre class="math">{escape(text)}</pre>\n'
