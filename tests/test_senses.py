"""The data set `senses`: what its script makes, what its card says, and what the lessons rely on."""

import re
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

import pytest

from attention_course import data

FOLDER = Path(__file__).resolve().parents[1] / "datasets"
CARD = (FOLDER / "senses.md").read_text(encoding="utf-8")
LINES = data.load("senses")
AMBIGUOUS = [line for line in LINES if line["word"]]


def clues() -> dict[tuple[str, str], set[str]]:
    found = defaultdict(set)
    for line in AMBIGUOUS:
        found[line["word"], line["sense"]].add(line["text"].split()[line["clue"]])
    return found


def without_clue(line: dict) -> list[str]:
    """The other words; "a" and "an", which follow the clue, are one word here."""
    tokens = line["text"].split()
    return ["a" if token == "an" else token for place, token in enumerate(tokens) if place != line["clue"]]


def test_the_counts_on_the_card_are_those_of_the_file():
    split = Counter(line["split"] for line in LINES)
    words = {token for line in LINES for token in line["text"].split()}
    lengths = [len(line["text"].split()) for line in LINES]
    assert f"{len(LINES):,}: {len(AMBIGUOUS):,} with an ambiguous word, {len(LINES) - len(AMBIGUOUS)} plain" in CARD
    assert f"{split['train']:,} `train` ({len(LINES) - len(AMBIGUOUS)} of them plain), {split['held-out']} `held-out`" in CARD
    assert f"{len(words)} words, lower case, no punctuation; {min(lengths)} to {max(lengths)} words a sentence" in CARD
    counts = Counter((line["word"], line["sense"], line["split"]) for line in AMBIGUOUS)
    for word, senses, train, held_out in re.findall(r"^\| (\w+) \| (\w+, \w+) \| (\d+), (\d+) \|$", CARD, flags=re.MULTILINE):
        for sense in senses.split(", "):
            assert counts.pop((word, sense, "train")) == int(train)
            assert counts.pop((word, sense, "held-out")) == int(held_out)
    assert not counts


def test_every_ambiguous_word_stands_at_its_position_in_both_senses():
    senses = defaultdict(set)
    for line in AMBIGUOUS:
        assert line["text"].split()[line["position"]] == line["word"]
        senses[line["word"]].add(line["sense"])
    assert set(senses) == {"apple", "bank", "bass", "crane", "mercury", "python"}
    assert all(len(each) == 2 for each in senses.values())
    assert len(set().union(*senses.values())) == 12, "a sense's name is one word's alone"


def test_one_clue_decides_and_its_distance_varies():
    of = clues()
    assert {len(each) for each in of.values()} == {8}
    for line in AMBIGUOUS:
        tokens = line["text"].split()
        for (word, sense), each in of.items():
            if word == line["word"]:
                found = [place for place, token in enumerate(tokens) if token in each]
                assert found == ([line["clue"]] if sense == line["sense"] else [])
    assert not any(of[one] & of[other] for one in of for other in of if one < other)
    distances = [line["clue"] - line["position"] for line in AMBIGUOUS]
    assert (min(map(abs, distances)), max(map(abs, distances))) == (1, 13)
    assert "1 to 13 words away" in CARD
    assert f"({sum(distance < 0 for distance in distances) / len(distances):.0%} of" in CARD.replace(" %", "%")


def test_without_the_clue_twins_of_most_frames_are_the_same():
    quoted, rest = AMBIGUOUS[:2], AMBIGUOUS[2:]
    assert [line["text"] for line in quoted] == ["she ate an apple and an orange", "apple announced a new smartphone"]
    same = Counter()
    for one, other in zip(rest[::2], rest[1::2], strict=True):
        assert (one["word"], one["split"]) == (other["word"], other["split"])
        assert one["sense"] != other["sense"]
        same[one["word"]] += without_clue(one) == without_clue(other)
    assert all(count == 150 for word, count in same.items() if word != "apple")
    assert same["apple"] > 100


@pytest.mark.parametrize("split", ["train", "held-out"])
def test_both_senses_are_equally_frequent(split):
    counts = Counter((line["word"], line["sense"]) for line in AMBIGUOUS if line["split"] == split)
    per_word = defaultdict(set)
    for (word, _), count in counts.items():
        per_word[word].add(count)
    assert all(len(each) == 1 for each in per_word.values())


def test_no_sentence_comes_twice_and_training_has_seen_every_held_out_word():
    texts = [line["text"] for line in LINES]
    assert len(set(texts)) == len(texts)
    seen = {token for line in LINES if line["split"] == "train" for token in line["text"].split()}
    as_clue = {(line["sense"], line["text"].split()[line["clue"]]) for line in AMBIGUOUS if line["split"] == "train"}
    for line in LINES:
        if line["split"] == "held-out":
            assert seen.issuperset(line["text"].split())
            assert (line["sense"], line["text"].split()[line["clue"]]) in as_clue


def test_plain_sentences_have_no_ambiguous_word_and_hold_what_the_lessons_quote():
    plain = [line for line in LINES if not line["word"]]
    ambiguous = {line["word"] for line in AMBIGUOUS}
    assert plain[0]["text"] == "the cat sat on the mat"
    for line in plain:
        assert ambiguous.isdisjoint(line["text"].split())
        assert (line["position"], line["sense"], line["clue"], line["split"]) == (None, None, None, "train")
    words = Counter(token for line in plain for token in line["text"].split())
    assert all(words[word] >= 10 for word in ["cat", "sat", "mat", "orange", "smartphone"])


def test_the_tokens_are_lower_case_words():
    for line in LINES:
        assert re.fullmatch(r"[a-z]+( [a-z]+)*", line["text"])
        assert all(one != other for one, other in pairwise(line["text"].split()))
