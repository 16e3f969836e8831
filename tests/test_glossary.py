"""Every term of the glossary is used in the lesson that it names, and they stand in order."""

import re

import pytest

from autograder.lessons import ROOT, load

TERM = re.compile(r"^- \*\*(.+)\*\*: (.+) Lesson \[(\d\d)\]\(\.\./notebooks/(\w+)\.ipynb\)\.$", re.M)
TEXT = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
TERMS = TERM.findall(TEXT)
OTHER_WORDS = {  # as the lesson's text puts it
    "scaled dot product": "root of",
    "additive score": "additive",
    "top-k, top-p": "top-p",
    "feed-forward part": "feed-forward",
    "vanishing gradient": "vanishes",
    "greedy decoding": "greed",
    "causal mask": "causal",
    "layer normalization": "layer normalization",
    "receptive field": "receptive",
    "ablation": "ablat",
    "grouped-query attention": "grouped",
    "tiled attention": "tile",
}


def test_every_entry_has_its_form():
    assert len(TERMS) == len(re.findall(r"^- ", TEXT, re.M)) > 50


def test_the_order_is_that_of_the_alphabet():
    names = [term.lower() for term, *_ in TERMS]
    assert names == sorted(names)


@pytest.mark.parametrize(("term", "meaning", "number", "lesson"), TERMS, ids=[term for term, *_ in TERMS])
def test_a_term_stands_in_its_lesson(term, meaning, number, lesson):
    assert lesson.startswith(number)
    text = " ".join("".join(cell.source for cell in load(lesson).notebook.cells if cell.cell_type == "markdown").split()).lower()
    assert OTHER_WORDS.get(term, term).lower() in text
