"""Telephone tones: numbers as somebody keys them in, slips included, drawn on the fly, the same for the same seed.

    sounds, lengths, pressed, numbers, owners = tones.draw(1000, seed=0)

The card, datasets/tones.md, says what is in them and what they are not good for.
"""

from typing import NamedTuple

import numpy as np

RATE = 8000  # numbers per second
LOW, HIGH = (697, 770, 852, 941), (1209, 1336, 1477)  # hertz: rows and columns of the keys (ITU-T, 1988, recommendation Q.23)
KEYS = ("123", "456", "789", "*0#")
FREQUENCIES = {key: (LOW[row], HIGH[column]) for row, keys in enumerate(KEYS) for column, key in enumerate(keys)}
TONE, PAUSE = (0.05, 0.10), (0.03, 0.09)  # seconds, shortest and longest
EDGE = 0.004  # seconds in which a tone begins and ends
VOLUME, NOISE = (0.2, 0.5), 0.1  # amplitude of each of the two sines; standard deviation
TAKES_BACK = "*"
SLIP = 0.25  # so often a key that was pressed is taken back


class Drawn(NamedTuple):
    """What `draw` returns; row number i of each belongs to sound i."""

    sounds: np.ndarray  # (n, longest), float32, padded with zeros
    lengths: np.ndarray  # (n,), int64: samples before the padding
    pressed: list[str]  # the keys, such as "41*7": 4, then 1, which is taken back, then 7
    numbers: list[str]  # what was meant, such as "47"
    owners: np.ndarray  # (n, longest), int8: at a sample of tone k its k, from 1; 0 in pauses and in the padding


def draw(n: int, seed: int, n_digits: tuple[int, int] = (2, 5)) -> Drawn:
    """n sounds of numbers with so many digits, fewest and most, in noise.

    Of the same seed, more sounds begin with the same ones.
    """
    rng = np.random.default_rng(seed)
    made = [_sound(rng, n_digits) for _ in range(n)]
    longest = max((len(sound) for sound, *_ in made), default=0)
    sounds, owners = np.zeros((n, longest), np.float32), np.zeros((n, longest), np.int8)
    for row, (sound, owner, *_) in enumerate(made):
        sounds[row, : len(sound)], owners[row, : len(sound)] = sound, owner
    lengths = np.array([len(sound) for sound, *_ in made], np.int64)
    return Drawn(sounds, lengths, [pressed for *_, pressed, _ in made], [number for *_, number in made], owners)


def split(drawn: Drawn) -> tuple[Drawn, Drawn]:
    """(train, held out): numbers that 7 divides are held out, so that no number stands in both."""
    held_out = np.array([int(number) % 7 == 0 for number in drawn.numbers], bool)
    return _rows(drawn, ~held_out), _rows(drawn, held_out)


def _rows(drawn: Drawn, kept: np.ndarray) -> Drawn:
    texts = ([text for text, keep in zip(column, kept, strict=True) if keep] for column in (drawn.pressed, drawn.numbers))
    return Drawn(drawn.sounds[kept], drawn.lengths[kept], *texts, drawn.owners[kept])


def _sound(rng, n_digits: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, str, str]:
    """(samples, owners, keys pressed, number meant)."""
    pressed, number = _keys(rng, n_digits)
    pieces, owners = [], []
    for place, key in enumerate(pressed, start=1):
        for seconds, owner in ((rng.uniform(*PAUSE), 0), (rng.uniform(*TONE), place)):
            size = int(seconds * RATE)
            pieces.append(_tone(rng, key, size) if owner else np.zeros(size))
            owners.append(np.full(size, owner, np.int8))
    last = int(rng.uniform(*PAUSE) * RATE)
    sound, owner = np.concatenate([*pieces, np.zeros(last)]), np.concatenate([*owners, np.zeros(last, np.int8)])
    return (sound + NOISE * rng.standard_normal(len(sound))).astype(np.float32), owner, pressed, number


def _keys(rng, n_digits: tuple[int, int]) -> tuple[str, str]:
    """(keys pressed, number meant): every digit may come after one that is taken back."""
    pressed, number = "", "".join(str(digit) for digit in rng.integers(10, size=rng.integers(n_digits[0], n_digits[1] + 1)))
    for digit in number:
        if rng.random() < SLIP:
            wrong = (int(digit) + rng.integers(1, 10)) % 10
            pressed += f"{wrong}{TAKES_BACK}"
        pressed += digit
    return pressed, number


def _tone(rng, key: str, size: int) -> np.ndarray:
    """Two sines of phases and volumes of their own, with soft edges."""
    seconds = np.arange(size) / RATE
    phases, volumes = rng.uniform(0, 2 * np.pi, size=2), rng.uniform(*VOLUME, size=2)
    waves = volumes[:, None] * np.sin(2 * np.pi * np.outer(FREQUENCIES[key], seconds) + phases[:, None])
    edge = np.minimum(1, np.minimum(seconds, seconds[::-1]) / EDGE)
    return waves.sum(axis=0) * edge
