"""The pages' templates, and the one way to fill them.

Everything is escaped, and everything printed goes through `visible`: records come from notebooks that strangers wrote.
"""

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from autograder.templates.safe import code, highlighting, markdown, message, number, quoted, visible


def render(template: str, **values) -> str:
    """The page made from a template of this folder."""
    return _environment().get_template(template).render(**values)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"code": code, "markdown": markdown, "message": message, "number": number, "quoted": quoted}
    environment.globals["highlighting"] = highlighting
    return environment
