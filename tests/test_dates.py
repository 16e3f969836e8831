"""The data set `dates`: what its script makes, what its card says, and what the lesson relies on."""

import re
from collections import Counter
from datetime import date
from pathlib import Path

import matplotlib.font_manager as fonts

from attention_course import data

FOLDER = Path(__file__).resolve().parents[1] / "datasets"
CARD = (FOLDER / "dates.md").read_text(encoding="utf-8")
ROWS = data.load("dates")
TRAIN, HELD_OUT = ([row for row in ROWS if row["split"] == split] for split in ("train", "held-out"))


def of(rows: list[dict], column: str) -> set[str]:
    return {row[column] for row in rows}


def words(rows: list[dict]) -> set[str]:
    return {word for row in rows for word in re.findall(r"[^\W\d]+", row["written"])}


def test_the_counts_on_the_card_are_those_of_the_file():
    lengths = [len(row["written"]) for row in ROWS]
    characters = {character for row in ROWS for character in row["written"]}
    in_numbers = sum(re.fullmatch(r"[\d./ ]+", row["written"]) is not None for row in ROWS) / len(ROWS)
    assert f"{len(ROWS):,} different ones" in CARD and "Unicode-3.0" in CARD
    assert f"{len(TRAIN):,} `train`, {len(HELD_OUT):,} `held-out`" in CARD
    assert f"{min(lengths)} to {max(lengths)} characters, {sum(lengths) / len(lengths):.0f} on average" in CARD
    assert f"{len(characters)} different characters" in CARD and f"{len(words(ROWS))} different words" in CARD
    assert f"in numbers alone ({100 * in_numbers:.0f} % of all)" in CARD
    counts = Counter((row["language"], row["split"]) for row in ROWS)
    for language, train, held_out in re.findall(r"^\| ([a-z]{2}) \| .* \| (\d+), (\d+) \|$", CARD, flags=re.MULTILINE):
        assert counts.pop((language, "train")) == int(train)
        assert counts.pop((language, "held-out")) == int(held_out)
    assert not counts


def test_the_examples_on_the_card_are_rows_of_the_file():
    for language, examples in re.findall(r"^\| ([a-z]{2}) \| (.*) \| \d+, \d+ \|$", CARD, flags=re.MULTILINE):
        assert set(examples.split("; ")) <= of([row for row in ROWS if row["language"] == language], "written")


def test_the_splits_share_no_date_and_no_written_form():
    assert len(TRAIN) + len(HELD_OUT) == len(ROWS)
    assert of(TRAIN, "iso").isdisjoint(of(HELD_OUT, "iso"))
    assert of(TRAIN, "written").isdisjoint(of(HELD_OUT, "written"))


def test_no_date_and_no_written_form_comes_twice():
    assert len(of(ROWS, "iso")) == len(of(ROWS, "written")) == len(ROWS)


def test_training_has_seen_every_character_and_every_word_of_a_held_out_date():
    assert {character for row in HELD_OUT for character in row["written"]} <= {c for row in TRAIN for c in row["written"]}
    assert words(HELD_OUT) <= words(TRAIN)


def test_every_date_exists_and_its_year_and_day_stand_in_the_written_form():
    for row in ROWS:
        day = date.fromisoformat(row["iso"])
        assert row["iso"] == day.isoformat() and 1900 <= day.year <= 2099
        numbers = [int(number) for number in re.findall(r"\d+", row["written"])]
        assert len(numbers) in (2, 3) and {day.year, day.day} <= set(numbers)


def test_a_date_in_numbers_is_day_month_year_or_the_year_comes_first():
    for row in ROWS:
        numbers = [int(number) for number in re.findall(r"\d+", row["written"])]
        if len(numbers) == 3:
            day = date.fromisoformat(row["iso"])
            year_first = row["language"] == "hu"
            assert numbers == ([day.year, day.month, day.day] if year_first else [day.day, day.month, day.year])


def test_a_written_form_has_one_meaning_and_leaves_room_for_what_lines_are_made_of():
    for row in ROWS:
        assert ";" not in row["written"] and row["written"] == row["written"].strip()
        assert not set(row["written"]) & set('\t\n"\u00a0\u202f')


def test_there_are_ten_languages_and_the_font_of_the_pictures_has_all_their_letters():
    assert len(of(ROWS, "language")) == 10
    glyphs = fonts.get_font(fonts.findfont("DejaVu Sans")).get_charmap()
    assert all(ord(character) in glyphs for row in ROWS for character in row["written"] + "␣")
