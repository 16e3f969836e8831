"""The images of `attention_course.shapes`: the same for the same seed, and captions that are true of the pixels."""

import numpy as np
import pytest

from attention_course import shapes

DRAWN = shapes.draw(300, seed=5)


def test_the_same_seed_draws_the_same_and_another_seed_does_not():
    again, other = shapes.draw(300, seed=5), shapes.draw(300, seed=6)
    assert np.array_equal(again.images, DRAWN.images) and again.captions == DRAWN.captions
    assert not any(np.array_equal(a, b) for a, b in zip(DRAWN.images, other.images, strict=True))


def test_more_images_of_a_seed_begin_with_the_same_ones():
    assert np.array_equal(shapes.draw(20, seed=5).images, DRAWN.images[:20])


def test_images_are_float32_from_0_to_1():
    assert DRAWN.images.shape == (300, 3, 32, 32) and DRAWN.images.dtype == np.float32
    assert DRAWN.images.min() >= 0 and DRAWN.images.max() <= 1


@pytest.mark.parametrize("number", [1, 2])
def test_a_shape_has_the_colour_that_its_caption_says(number):
    for image, caption, owner in zip(DRAWN.images, DRAWN.captions, DRAWN.owners, strict=True):
        words = caption.split()
        colour = words[1] if number == 1 else words[-2]
        mean = image[:, owner == number].mean(axis=1)
        assert np.abs(mean - shapes.COLOURS[colour]).max() < 0.05


def test_the_relation_is_true_of_the_pixels():
    for caption, owner in zip(DRAWN.captions, DRAWN.owners, strict=True):
        first, second = (np.argwhere(owner == number).mean(axis=0) for number in (1, 2))
        axis = 0 if " above " in caption else 1
        assert first[axis] < second[axis] - 10
        assert (" above " in caption) != (" left of " in caption)


def test_shapes_do_not_overlap_and_the_two_differ():
    for caption, owner in zip(DRAWN.captions, DRAWN.owners, strict=True):
        words = caption.split()
        assert words[1:3] != words[-2:]
        assert (owner == 1).sum() > 25 and (owner == 2).sum() > 25


def test_colours_and_forms_are_drawn_evenly():
    many = shapes.draw(2000, seed=1).captions
    for names, place in ((shapes.COLOURS, 1), (shapes.FORMS, 2)):
        for name in names:
            share = sum(caption.split()[place] == name for caption in many) / len(many)
            assert abs(share - 1 / len(names)) < 0.04
