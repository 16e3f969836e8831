"""The data set `reviews`: what its script makes, what its card says, and what the lessons rely on."""

import runpy
from collections import Counter
from pathlib import Path

import pytest

from attention_course import data

FOLDER = Path(__file__).resolve().parents[1] / "datasets"
CARD = (FOLDER / "reviews.md").read_text(encoding="utf-8")
SCRIPT = runpy.run_path(str(FOLDER / "make_reviews.py"))
ROWS = data.load("reviews")
TRAIN, HELD_OUT = ([row for row in ROWS if row["split"] == split] for split in ("train", "held-out"))
OPINIONS = SCRIPT["GOOD"] + SCRIPT["BAD"]
NEGATORS = {word for words in SCRIPT["NEGATIONS"] for word in words} - {"was"}


def test_the_counts_on_the_card_are_those_of_the_file():
    lengths = [len(row["tokens"]) for row in ROWS]
    assert f"{len(TRAIN):,} `train`, {len(HELD_OUT):,} `held-out`" in CARD
    words = {word for row in ROWS for word in row["tokens"]}
    assert (
        f"{min(lengths)} to {max(lengths)} tokens, {sum(lengths) / len(lengths):.0f} on average; {len(words)} different ones"
        in CARD
    )
    for kind, count in Counter(row["kind"] for row in ROWS).items():
        assert f"| {kind} | {count:,} |" in CARD


def test_the_splits_share_no_review_and_none_comes_twice():
    assert len({tuple(row["tokens"]) for row in ROWS}) == len(ROWS) == len(TRAIN) + len(HELD_OUT)


def test_training_has_seen_every_word_of_a_held_out_review():
    assert {word for row in HELD_OUT for word in row["tokens"]} <= {word for row in TRAIN for word in row["tokens"]}


@pytest.mark.parametrize("word", OPINIONS)
def test_no_opinion_word_tells_the_label(word):
    labels = [row["label"] == "positive" for row in ROWS if word in row["tokens"]]
    assert 0.44 < sum(labels) / len(labels) < 0.56


def test_what_decided_is_one_opinion_with_its_negation_and_gives_the_label():
    for row in ROWS:
        words = [row["tokens"][place] for place in row["deciding"]]
        opinions = [word for word in words if word in OPINIONS]
        assert len(opinions) == 1 and set(words) - set(opinions) <= NEGATORS
        good = (opinions[0] in SCRIPT["GOOD"]) != (len(words) > 1)
        assert row["label"] == ("positive" if good else "negative")


def test_what_comes_after_but_or_is_the_main_clause_decides():
    for row in ROWS:
        if row["kind"] == "contrast":
            tokens, first = row["tokens"], min(row["deciding"])
            for place, word in enumerate(tokens):
                if word == "but" and tokens[place - 1] == ",":
                    assert first > place
                if word == "although":
                    later = tokens.index(",", place) if "," in tokens[place:] else None
                    assert first < place if later is None else first > later


def test_the_sentence_that_lessons_quote_is_held_out():
    assert HELD_OUT[0]["tokens"] == "the acting was not bad , but the plot was dull .".split()
