"""The data set `stories`: what its card says, and what the lessons rely on, told anew by a reader that knows the rules."""

import runpy
from collections import Counter
from pathlib import Path

from attention_course import data

FOLDER = Path(__file__).resolve().parents[1] / "datasets"
CARD = (FOLDER / "stories.md").read_text(encoding="utf-8")
SCRIPT = runpy.run_path(str(FOLDER / "make_stories.py"))
ROWS = data.load("stories")
TRAIN, HELD_OUT = ([row for row in ROWS if row["split"] == split] for split in ("train", "held-out"))


def words(row) -> list[str]:
    return " ".join(row["sentences"]).split()


def world(row) -> tuple[dict, dict]:
    """(room of each person, (holder or None, room) of each thing that was taken), read from the sentences."""
    at, things = {}, {}
    for sentence in row["sentences"]:
        who, *rest = sentence.split()[:-1]
        if who not in SCRIPT["PEOPLE"]:
            continue
        text = " ".join(rest)
        if text.startswith(("took", "picked up")):
            things[rest[-1]] = who
        elif text.startswith("put down"):
            things[rest[-1]] = (at[who],)
        else:
            at[who] = text.split(" to ", 1)[1]
    return at, {
        thing: (None, holder[0]) if isinstance(holder, tuple) else (holder, at[holder]) for thing, holder in things.items()
    }


def test_the_counts_on_the_card_are_those_of_the_file():
    lengths = [len(words(row)) for row in ROWS]
    different = {word for row in ROWS for word in [*words(row), *row["question"].split(), *row["summary"].split()]}
    assert f"{len(TRAIN):,} `train`, {len(HELD_OUT):,} `held-out`" in CARD
    assert (
        f"{min(lengths)} to {max(lengths)} tokens, {sum(lengths) / len(lengths):.0f} on average; {len(different)} different"
        in CARD
    )
    for kind, count in Counter(row["kind"] for row in ROWS).items():
        assert f"| {kind} | {count:,} |" in CARD


def test_the_splits_share_no_story_and_none_comes_twice():
    assert len({tuple(row["sentences"]) for row in ROWS}) == len(ROWS) == len(TRAIN) + len(HELD_OUT)


def test_training_has_seen_every_word_of_a_held_out_story():
    seen = {word for row in TRAIN for word in words(row)}
    assert {word for row in HELD_OUT for word in words(row)} <= seen


def test_the_answer_is_true_of_the_story():
    for row in ROWS:
        at, things = world(row)
        asked = row["question"].split()[-2]
        assert row["answer"] == (at[asked] if row["kind"] == "person" else things[asked][1])


def test_the_span_holds_the_answer_in_the_sentence_that_told_it():
    for row in ROWS:
        first, last = row["span"]
        assert " ".join(words(row)[first : last + 1]) == row["answer"]
        before = 0
        for sentence in row["sentences"]:
            if before <= first < before + len(sentence.split()):
                assert " to " in sentence
            before += len(sentence.split())


def test_the_summary_is_true_of_the_story():
    for row in ROWS:
        ((thing, (holder, room)),) = world(row)[1].items()
        told = f"{holder} has the {thing} . {holder} is in {room} ." if holder else f"the {thing} lies in {room} ."
        assert row["summary"] == told


def test_nobody_takes_a_thing_in_another_room_than_where_it_lies():
    for row in ROWS:
        for end in range(1, len(row["sentences"]) + 1):
            at, things = world({"sentences": row["sentences"][: end - 1]})
            who, *rest = row["sentences"][end - 1].split()[:-1]
            if rest and rest[0] in ("took", "picked") and rest[-1] in things:
                holder, room = things[rest[-1]]
                assert holder is None and room == at[who]
