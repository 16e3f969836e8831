"""The data set `phrases`: what its script makes, what its card says, and what the lessons rely on."""

import re
from pathlib import Path

import pytest

from attention_course import data

FOLDER = Path(__file__).resolve().parents[1] / "datasets"
CARD = (FOLDER / "phrases.md").read_text(encoding="utf-8")
ROWS = data.load("phrases")
TRAIN, HELD_OUT = ([row for row in ROWS if row["split"] == split] for split in ("train", "held-out"))
LANGUAGES = ("english", "french")


def words(sentence: str) -> list[str]:
    return re.findall(r"'s|[^\s']+'(?!s\b)|[^\s']+", sentence)


def places(row: dict) -> list[int]:
    return [int(place) for place in row["alignment"].split()]


def test_the_counts_on_the_card_are_those_of_the_file():
    assert f"{len(TRAIN):,} `train`, {len(HELD_OUT)} `held-out`" in CARD
    for language in LANGUAGES:
        lengths = [len(words(row[language])) for row in ROWS]
        different = {word for row in ROWS for word in words(row[language])}
        average = sum(lengths) / len(lengths)
        assert f"{min(lengths)} to {max(lengths)} words, {average:.1f} on average; {len(different)} different words" in CARD
    crossing = sum(places(row) != sorted(places(row)) for row in ROWS) / len(ROWS)
    assert f"in {crossing:.0%} of the sentences".replace("%", " %") in CARD


def test_the_row_on_the_card_is_one_of_the_file():
    shown = re.search(r"^ {4}(my .*?) {2,}(.*?) {2,}([\d ]+?) {2,}(train|held-out)$", CARD, flags=re.MULTILINE)
    assert dict(zip(("english", "french", "alignment", "split"), shown.groups(), strict=True)) in ROWS


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_splits_share_no_sentence_and_none_comes_twice(language):
    assert {row[language] for row in TRAIN}.isdisjoint(row[language] for row in HELD_OUT)
    assert len({row[language] for row in ROWS}) == len(ROWS) == len(TRAIN) + len(HELD_OUT)


@pytest.mark.parametrize("language", LANGUAGES)
def test_training_has_seen_every_word_of_a_held_out_sentence(language):
    assert {word for row in HELD_OUT for word in words(row[language])} <= {word for row in TRAIN for word in words(row[language])}


def test_every_french_word_comes_from_an_english_word_of_its_sentence():
    for row in ROWS:
        assert len(places(row)) == len(words(row["french"]))
        assert 0 <= min(places(row)) and max(places(row)) < len(words(row["english"]))


def test_what_lessons_quote_is_held_out():
    assert HELD_OUT[2]["english"] == "the small black cat slept under the old tree"
    assert places(HELD_OUT[2])[2:4] == [3, 2]


def test_no_vowel_follows_what_must_be_elided_and_nothing_stays_uncontracted():
    for row in ROWS:
        french = f" {row['french']} "
        assert not re.search(r" (le|la|de|ne|ce|beau|nouveau) (?!hibou|hérisson)[aeiouhéâœ]", french)
        assert not re.search(r" (un|le|ce|mon) vieux (?!hibou|hérisson)[aeiouhéâœ]", french)
        assert not re.search(r" (ma|ta|sa) [aeiouéâœ]| de le | de les | de des | à le ", french)
        assert not re.search(r"[ld]'(hibou|hérisson)", french)


def test_articles_agree_with_the_number_of_what_follows():
    for row in ROWS:
        for following in re.findall(r"\b(?:les|des|mes|ces|deux) (\w+)", row["french"]):
            assert following.endswith(("s", "x")), row["french"]
