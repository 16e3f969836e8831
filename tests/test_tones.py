"""The sounds of `attention_course.tones`: the same for the same seed, and true of their keys."""

import numpy as np

from attention_course import tones

DRAWN = tones.draw(200, seed=5)


def test_the_same_seed_draws_the_same_and_another_seed_does_not():
    again, other = tones.draw(200, seed=5), tones.draw(200, seed=6)
    assert np.array_equal(again.sounds, DRAWN.sounds) and again.numbers == DRAWN.numbers
    assert other.pressed != DRAWN.pressed


def test_more_sounds_of_a_seed_begin_with_the_same_ones():
    few = tones.draw(20, seed=5)
    assert few.pressed == DRAWN.pressed[:20]
    assert np.array_equal(few.sounds, DRAWN.sounds[:20, : few.sounds.shape[1]])


def test_a_star_takes_back_the_digit_before_it():
    for pressed, number in zip(DRAWN.pressed, DRAWN.numbers, strict=True):
        meant = ""
        for key in pressed:
            meant = meant[:-1] if key == "*" else meant + key
        assert meant == number and 2 <= len(number) <= 5
    assert sum("*" in pressed for pressed in DRAWN.pressed) > 80


def test_sounds_are_float32_and_silent_behind_their_length():
    assert DRAWN.sounds.dtype == np.float32
    for sound, owner, length in zip(DRAWN.sounds, DRAWN.owners, DRAWN.lengths, strict=True):
        assert not sound[length:].any() and not owner[length:].any()


def test_every_tone_sounds_at_the_two_frequencies_of_its_key():
    grid = np.array([*tones.LOW, *tones.HIGH])
    for sound, owner, pressed in zip(DRAWN.sounds, DRAWN.owners, DRAWN.pressed, strict=True):
        assert owner.max() == len(pressed)
        for place, key in enumerate(pressed, start=1):
            samples = np.flatnonzero(owner == place)
            assert tones.TONE[0] - 0.001 <= len(samples) / tones.RATE <= tones.TONE[1]
            waves = np.exp(-2j * np.pi * np.outer(grid, samples) / tones.RATE)
            strength = np.abs(waves @ sound[samples])
            found = tones.LOW[strength[:4].argmax()], tones.HIGH[strength[4:].argmax()]
            assert found == tones.FREQUENCIES[key]


def test_digits_are_pressed_evenly():
    digits = "".join(tones.draw(1000, seed=0).numbers)
    counts = [digits.count(str(digit)) for digit in range(10)]
    assert max(counts) < 1.2 * min(counts)
    assert tones.draw(5, seed=1, n_digits=(3, 3)).numbers[0].isdigit()


def test_the_parts_share_no_number_and_lose_none():
    train, held_out = tones.split(DRAWN)
    assert not set(train.numbers) & set(held_out.numbers)
    assert sorted(train.numbers + held_out.numbers) == sorted(DRAWN.numbers)
    for part in (train, held_out):
        row = DRAWN.sounds.tolist().index(part.sounds[3].tolist())
        assert part.numbers[3] == DRAWN.numbers[row] and part.pressed[3] == DRAWN.pressed[row]
        assert part.lengths[3] == DRAWN.lengths[row] and np.array_equal(part.owners[3], DRAWN.owners[row])
    assert len(train.sounds) > 4 * len(held_out.sounds) > 0
