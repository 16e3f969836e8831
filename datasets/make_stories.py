"""Make stories.jsonl: short stories, each with a question, the place of its answer, and a summary.

    python datasets/make_stories.py

The same bytes each time, on every system. The card beside it, stories.md, says what is in it and what it is not good for.
After the tasks of Weston et al. (2015), Towards AI-complete question answering; text and code are this course's own.
"""

import json
import random
from pathlib import Path

FILE = Path(__file__).with_name("stories.jsonl")
TRAIN, HELD_OUT = 3000, 500
PEOPLE = "anna ben clara david emma felix".split()
THINGS = "apple letter lamp key ball cup".split()
ROOMS = "the kitchen|the dining room|the hall|the attic|the back garden|the old barn|the cellar under the stairs".split("|")
MOVES = ["went to", "walked to", "ran to"]
ASIDES = "it was raining .|the clock struck three .|a dog barked .|nobody spoke .".split("|")
SENTENCES = (5, 8)  # fewest and most in a story

_random = random.Random(0).random  # of Python's generator, only `random()` promises the same numbers in every version


def chance(share: float) -> bool:
    return _random() < share


def one_of(items):
    return items[int(_random() * len(items))]


def some_of(items, count: int) -> list:
    """So many different ones, in any order."""
    left = list(items)
    return [left.pop(int(_random() * len(left))) for _ in range(count)]


def tokens_of(sentences) -> list[str]:
    return [word for sentence in sentences for word in sentence.split()]


class Story:
    """Sentences that say who goes where with which thing; what they say is remembered."""

    def __init__(self):
        self.people, self.things = some_of(PEOPLE, 2 + chance(0.5)), some_of(THINGS, 2)
        self.sentences, self.summary = [], []
        self.at = {}  # a person's room, and the number of the sentence that told it
        self.holder = {}  # a thing's person
        self.left_in = {}  # the room of a thing that was put down, and the number of the sentence that told the room

    def where(self, thing: str):
        """(room, sentence) of a thing that was taken at some time; None of another."""
        return self.at[self.holder[thing]] if thing in self.holder else self.left_in.get(thing)

    def move(self, person: str) -> None:
        room = one_of([room for room in ROOMS if room != self.at.get(person, ("",))[0]])
        self.at[person] = room, len(self.sentences)
        self.sentences.append(f"{person} {one_of(MOVES)} {room} .")

    def take(self, person: str, thing: str) -> None:
        self.left_in.pop(thing, None)
        self.holder[thing] = person
        self.sentences.append(f"{person} {one_of(['took', 'picked up'])} the {thing} .")

    def put_down(self, thing: str) -> None:
        person = self.holder.pop(thing)
        self.left_in[thing] = self.at[person]
        self.sentences.append(f"{person} put down the {thing} .")

    def go_on(self) -> None:
        """One more sentence, about something that can happen."""
        kind = one_of(["move", "move", "move", "take", "take", "put down", "aside"])
        free = [thing for thing in self.things if thing not in self.holder]
        person = one_of(self.people)
        if kind == "put down" and self.holder:
            self.put_down(one_of(sorted(self.holder)))
        elif kind == "take" and free and person in self.at:
            thing = one_of(free)
            if self.left_in.get(thing, self.at[person])[0] == self.at[person][0]:
                self.take(person, thing)
        elif kind == "aside":
            self.sentences.append(one_of(ASIDES))
        elif kind == "move":
            self.move(person)


def span(story: Story, room: str, sentence: int) -> list[int]:
    """[first, last]: the places of a room's words, in the sentence that told it."""
    before = len(tokens_of(story.sentences[:sentence]))
    words = story.sentences[sentence].split()
    first = before + len(words) - 1 - len(room.split())
    return [first, first + len(room.split()) - 1]


def summary_of(story: Story, thing: str) -> str:
    """Who has the thing, or where it lies, and where that is."""
    room = story.where(thing)[0]
    if thing in story.holder:
        person = story.holder[thing]
        return f"{person} has the {thing} . {person} is in {room} ."
    return f"the {thing} lies in {room} ."


def line() -> dict | None:
    """A story with its question; None where it did not become one."""
    story = Story()
    story.move(story.people[0])
    length = SENTENCES[0] + int(_random() * (SENTENCES[1] - SENTENCES[0] + 1))
    while len(story.sentences) < length:
        story.go_on()
    known = [thing for thing in story.things if story.where(thing)]
    if len(known) != 1 or len(story.at) < 2:
        return None
    (thing,) = known
    if kind_is_person := chance(0.5):
        who = one_of(sorted(story.at))
        question, (room, sentence) = f"where is {who} ?", story.at[who]
    else:
        question, (room, sentence) = f"where is the {thing} ?", story.where(thing)
    return {
        "sentences": story.sentences,
        "question": question,
        "answer": room,
        "span": span(story, room, sentence),
        "summary": summary_of(story, thing),
        "kind": "person" if kind_is_person else "thing",
    }


def lines() -> list[dict]:
    """All stories, held-out ones first; none comes twice."""
    made, seen = [], set()
    while len(made) < HELD_OUT + TRAIN:
        one = line()
        if one and tuple(one["sentences"]) not in seen:
            seen.add(tuple(one["sentences"]))
            made.append(one | {"split": "held-out" if len(made) < HELD_OUT else "train"})
    return made


def content() -> bytes:
    return "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines()).encode()


if __name__ == "__main__":
    FILE.write_bytes(content())
    print(f"{FILE.name}: {HELD_OUT + TRAIN} stories, {FILE.stat().st_size:,} bytes")
