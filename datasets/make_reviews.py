"""Make reviews.jsonl: short reviews with negation, contrast and hearsay, and the words that decided each label.

    python datasets/make_reviews.py

The same bytes each time, on every system. The card beside it, reviews.md, says what is in it and what it is not good for.
"""

import json
import random
from pathlib import Path

FILE = Path(__file__).with_name("reviews.jsonl")
TRAIN, HELD_OUT = 4000, 1000
GOOD = "good great wonderful lovely excellent delightful pleasant charming".split()
BAD = "bad poor dreadful awful terrible dull unpleasant disappointing".split()
# What is reviewed, its aspects, and sentences that say nothing of its worth.
TOPICS = {
    "film": (
        "film acting plot ending music",
        "we saw it on a monday|it lasted two hours|my sister had the tickets|it was shown late",
    ),
    "hotel": (
        "hotel room breakfast view garden",
        "we stayed for two nights|it was our first visit|the train was late|we came in may",
    ),
    "restaurant": (
        "food service soup dessert wine",
        "we sat by the window|we were five at the table|it was a tuesday|we had booked",
    ),
    "book": (
        "book story beginning style ending",
        "i read it on a train|it has two hundred pages|a friend lent it to me|it came by post",
    ),
}
NEGATIONS = [["was", "not"], ["was", "never"], ["was", "hardly"], ["was", "not", "at", "all"], ["was", "anything", "but"]]
PERSONS = "my brother|my friend|a critic|our guide".split("|")
QUOTED = "the acting was not bad , but the plot was dull .".split()

_random = random.Random(0).random  # of Python's generator, only `random()` promises the same numbers in every version


def chance(share: float) -> bool:
    return _random() < share


def one_of(items):
    return items[int(_random() * len(items))]


def aspects(topic: str) -> list[list[str]]:
    """Two different ones."""
    names = TOPICS[topic][0].split()
    first = one_of(names)
    return [["the", name] for name in (first, one_of([name for name in names if name != first]))]


def clause(subject: list[str], good: bool, negated: bool) -> tuple[list[str], list[int]]:
    """(its words, the places of those that say whether it is good: the negation, if there is one, and the opinion)."""
    verb = one_of(NEGATIONS) if negated else ["was"]
    words = [*subject, *verb, one_of(GOOD if good != negated else BAD)]
    told = [place for place in range(len(subject), len(words)) if words[place] != "was"]
    return words, told


def joined(*parts) -> tuple[list[str], list[int]]:
    """Words after one another; the places in parts that are pairs are moved along."""
    words, told = [], []
    for part in parts:
        more, places = part if isinstance(part, tuple) else (part, [])
        told += [len(words) + place for place in places]
        words += more
    return words, told


def review() -> dict:
    topic, good, kind = one_of(list(TOPICS)), chance(0.5), one_of(["plain", "negation", "contrast", "contrast", "hearsay"])
    negated = kind == "negation" or (kind != "plain" and chance(0.5))
    mine, another = aspects(topic)
    own = clause(mine, good, negated)
    if kind == "contrast":
        other = clause(another, not good, chance(0.5))[0]
        core = one_of(
            [
                joined(other, [",", "but"], own, ["."]),
                joined(["although"], other, [","], own, ["."]),
                joined(own, [",", "although"], other, ["."]),
            ]
        )
    elif kind == "hearsay":
        said = clause(["it"], not good, chance(0.5))[0]
        core = joined(one_of(PERSONS).split(), ["said"], said, ["."], ["but"] if chance(0.5) else [], own, ["."])
    else:
        core = joined(own, ["."])
    aside = [*one_of(TOPICS[topic][1].split("|")).split(), "."]
    place = one_of(["before", "after", "nowhere"])
    tokens, deciding = core if place == "nowhere" else joined(aside, core) if place == "before" else joined(core, aside)
    return {"tokens": tokens, "label": "positive" if good else "negative", "deciding": deciding, "kind": kind}


def lines() -> list[dict]:
    """All reviews, held-out ones first; none comes twice."""
    made = [{"tokens": QUOTED, "label": "negative", "deciding": [10], "kind": "contrast", "split": "held-out"}]
    seen = {tuple(QUOTED)}
    while len(made) < HELD_OUT + TRAIN:
        one = review()
        if tuple(one["tokens"]) not in seen:
            seen.add(tuple(one["tokens"]))
            made.append(one | {"split": "held-out" if len(made) < HELD_OUT else "train"})
    return made


def content() -> bytes:
    return "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines()).encode()


if __name__ == "__main__":
    FILE.write_bytes(content())
    print(f"{FILE.name}: {HELD_OUT + TRAIN} reviews, {FILE.stat().st_size:,} bytes")
