"""Make senses.jsonl: sentences with words of two meanings, each beside a twin in which one word decides for the other meaning.

    python datasets/make_senses.py

The same bytes each time, on every system. The card beside it, senses.md, says what is in it and what it is not good for.
"""

import json
import random
from collections.abc import Iterator
from pathlib import Path

FILE = Path(__file__).with_name("senses.jsonl")
PAIRS = 150  # pairs of twins for each ambiguous word
HELD_OUT = 30  # of these pairs
PLAIN = 600  # sentences without an ambiguous word

# For each word its two senses, each with the clues: the words that decide for it.
SENSES = {
    "apple": {
        "fruit": "orange pear banana plum peach lemon cherry apricot",
        "company": "smartphone laptop tablet computer headset keyboard app charger",
    },
    "bank": {
        "money": "loan cheque account cashier mortgage vault coin deposit",
        "river": "river canoe ferry reed willow stream flood mill",
    },
    "bass": {
        "fish": "trout net hook lake fisherman pike bait fin",
        "music": "guitar drum concert singer chord melody stage song",
    },
    "crane": {
        "bird": "nest egg feather wing marsh heron stork beak",
        "machine": "scaffold builder girder tower hoist cargo crate brick",
    },
    "mercury": {
        "planet": "planet orbit telescope sun astronomer crater comet probe",
        "metal": "thermometer poison chemist alloy vapour flask zinc laboratory",
    },
    "python": {
        "snake": "cobra snake zoo reptile jungle prey viper cage",
        "language": "compiler script programmer loop function database editor module",
    },
}
WITH_ARTICLE = {"bank": "the bank", "crane": "the crane"}

# Both twins use the same frame: <w> the ambiguous word, <c> the clue, <the w> and <a c> the same with an article, <p> a person,
# <o> the same after a verb, <i> an aside.
FRAMES = [
    "<p> wrote about <the w> <i> and the <c>",
    "<p> wrote about the <c> <i> and <the w>",
    "<the w> <i> made <o> think of the <c>",
    "the <c> <i> made <o> think of <the w>",
    "<p> asked about <the w> <i> because of the <c>",
    "because of the <c> <p> asked <i> about <the w>",
    "<p> remembered <the w> <i> and also <a c>",
    "in the story there is <a c> <i> and then <the w>",
    "<p> heard of <the w> and <i> of a new <c>",
    "<p> ate <i> and talked about <the w> and the <c>",
    "<p> announced <i> that <the w> comes with <a c>",
    "<p> wanted <the w> <i> and not the <c>",
]
# Frames of one word; where there are two, the first sense has the one and the second sense the other.
OWN_FRAMES = {
    "apple": [
        ("<p> ate an <w> <i> and <a c>", "<p> ate <i> beside an <w> <c>"),
        ("<p> announced a new <w> <i> and <a c>", "<w> announced a new <c> <i>"),
        ("<p> wanted an <w> <i> and <a c>", "<p> wanted an <w> <c> <i>"),
    ],
    "bank": ["<p> walked <i> to the <w> with the <c>", "the <c> is <i> at the <w>"],
    "bass": ["<p> likes a good <w> <i> with <a c>", "the <c> and a big <w> are <i> here"],
    "crane": ["a <w> stood <i> above the <c>", "<p> watched a <w> <i> with <a c>"],
    "mercury": ["<p> looked for <w> <i> with the <c>", "the <c> is full of <w> <i>"],
    "python": ["<p> works with a <w> <i> and the <c>", "<p> was afraid of <w> <i> and the <c>"],
}
PEOPLE = {
    "she": "her",
    "he": "him",
    "we": "us",
    "they": "them",
    "anna": "anna",
    "ben": "ben",
    "the teacher": "the teacher",
    "a neighbour": "a neighbour",
}
ASIDES = ["", "", "yesterday", "last week", "in the morning", "on the way home", "for the first time", "after a long day in town"]
# What the lessons quote: (word, sense, sentence, clue). They are held out.
QUOTED = [
    ("apple", "fruit", "she ate an apple and an orange", "orange"),
    ("apple", "company", "apple announced a new smartphone", "smartphone"),
]
QUOTED_PLAIN = "the cat sat on the mat"

PLAIN_FRAMES = [
    ("the <animal> <rested> <where> the <place>", 6),
    ("a <animal> <rested> <where> the <place>", 2),
    ("the <animal> chased the <animal>", 1),
    ("<p> fed the <animal> near the <place>", 1),
    ("<p> washed and peeled the <fruit>", 1),
    ("the <fruit> is ripe and sweet", 1),
    ("<p> put the <fruit> in the basket", 1),
    ("the <fruit> and the <fruit> are in the bowl", 2),
    ("<p> charged the <device>", 1),
    ("the <device> is fast and expensive", 1),
    ("<p> put the <device> on the desk", 1),
    ("the <device> and the <device> are in the office", 2),
]
PLAIN_WORDS = {
    "animal": "cat dog horse rabbit hen fox mouse goat".split(),
    "rested": "sat slept lay stood waited".split(),
    "where": "on under beside behind near".split(),
    "place": "mat sofa chair table bed bench rug stool".split(),
    "fruit": SENSES["apple"]["fruit"].split(),
    "device": SENSES["apple"]["company"].split(),
    "p": list(PEOPLE),
}


class Draw:
    """Random choices that are the same in every version of Python: of its generator, only `random()` promises that."""

    def __init__(self, seed: int):
        self.random = random.Random(seed).random

    def one_of(self, items):
        return items[int(self.random() * len(items))]


def with_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def sentence(frame: str, word: str, clue: str, person: str, aside: str) -> str:
    """A frame with its places filled."""
    filled = {
        "<the w>": WITH_ARTICLE.get(word, word),
        "<w>": word,
        "<a c>": with_article(clue),
        "<c>": clue,
        "<p>": person,
        "<o>": PEOPLE[person],
        "<i>": aside,
    }
    for place, text in filled.items():
        frame = frame.replace(place, text)
    return " ".join(frame.split())


def record(text: str, split: str, word: str | None = None, sense: str | None = None, clue: str | None = None) -> dict:
    """A line of the file; positions count the words of `text.split()` from 0."""
    tokens = text.split()
    position, at = (tokens.index(word), tokens.index(clue)) if word else (None, None)
    return {"text": text, "word": word, "position": position, "sense": sense, "clue": at, "split": split}


def twins(word: str, draw: Draw) -> Iterator[list[dict]]:
    """Pairs of sentences, one for each sense, in the same frame; none comes twice."""
    frames, seen = FRAMES + OWN_FRAMES[word], {quoted for _, _, quoted, _ in QUOTED}
    made = 0
    while made < PAIRS:
        frame, person, aside = draw.one_of(frames), draw.one_of(list(PEOPLE)), draw.one_of(ASIDES)
        pair = []
        for sense, own in zip(SENSES[word], frame if isinstance(frame, tuple) else (frame, frame), strict=True):
            clue = draw.one_of(SENSES[word][sense].split())
            pair.append((sentence(own, word, clue, person, aside), sense, clue))
        if seen.isdisjoint(text for text, _, _ in pair):
            seen.update(text for text, _, _ in pair)
            split = "held-out" if made < HELD_OUT else "train"
            yield [record(text, split, word, sense, clue) for text, sense, clue in pair]
            made += 1


def plain(draw: Draw) -> Iterator[dict]:
    """Sentences without an ambiguous word; none comes twice, and no word twice in the places of one."""
    frames = [frame for frame, times in PLAIN_FRAMES for _ in range(times)]
    seen = {QUOTED_PLAIN}
    yield record(QUOTED_PLAIN, "train")
    while len(seen) < PLAIN:
        text, used = draw.one_of(frames), set()
        for place, words in PLAIN_WORDS.items():
            while f"<{place}>" in text:
                chosen = draw.one_of([word for word in words if word not in used])
                used.add(chosen)
                text = text.replace(f"<{place}>", chosen, 1)
        if text not in seen:
            seen.add(text)
            yield record(text, "train")


def records() -> list[dict]:
    """All lines of the data set: what is quoted, each word's twins, the plain sentences."""
    draw = Draw(0)
    quoted = [record(text, "held-out", word, sense, clue) for word, sense, text, clue in QUOTED]
    ambiguous = [line for word in SENSES for pair in twins(word, draw) for line in pair]
    return [*quoted, *ambiguous, *plain(draw)]


def content() -> bytes:
    return "".join(json.dumps(line) + "\n" for line in records()).encode()


if __name__ == "__main__":
    FILE.write_bytes(content())
    print(f"{FILE.name}: {len(records())} sentences, {FILE.stat().st_size:,} bytes")
