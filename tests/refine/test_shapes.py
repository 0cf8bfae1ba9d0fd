import numpy as np
import pytest

from pixelwise.core import Foreground, Image, Instances, Legend, Semantic
from pixelwise.errors import InputError
from pixelwise.refine import REFINEMENTS

THINGS = Legend.of(["disc"], things=["disc"])
IMAGE = Image(np.zeros((30, 40), np.uint8))


def block():
    """Give a block with a small and a large hole, and a speck."""
    mask = np.zeros((30, 40), bool)
    mask[2:28, 2:30] = True
    mask[4, 4] = False
    mask[10:20, 10:20] = False
    mask[0, 39] = True
    return mask


def test_fill_holes_when_all_then_both_are_full():
    made = REFINEMENTS["fill-holes"]()(IMAGE, Foreground(block()))
    assert made.mask[2:28, 2:30].all()


def test_fill_holes_when_small_ones_only_then_the_large_one_stays():
    made = REFINEMENTS["fill-holes"](max_share=0.05)(IMAGE, Foreground(block()))
    assert made.mask[4, 4]
    assert not made.mask[10:20, 10:20].any()


def test_drop_specks_when_called_then_the_large_piece_alone_stays():
    made = REFINEMENTS["drop-specks"]()(IMAGE, Foreground(block()))
    assert not made.mask[0, 39]
    assert made.area == block().sum() - 1


def test_smooth_when_a_step_then_rounded_and_about_as_large():
    mask = np.zeros((30, 40), bool)
    mask[5:25, 5:35] = True
    made = REFINEMENTS["smooth"](radius=2)(IMAGE, Foreground(mask))

    assert not made.mask[5, 5]
    assert made.mask[15, 5]
    assert abs(made.area - mask.sum()) < 0.03 * mask.sum()


@pytest.mark.parametrize("name", ["fill-holes", "drop-specks", "smooth"])
def test_shapes_when_the_mask_is_soft_then_alpha_agrees_with_the_mask(name):
    mask = block()
    alpha = np.where(mask, np.float32(0.9), np.float32(0.2))
    made = REFINEMENTS[name]()(IMAGE, Foreground(mask, alpha))

    assert np.array_equal(made.alpha > 0.5, made.mask)


def test_shapes_when_things_then_each_keeps_its_row_and_changes_alone():
    masks = np.stack([block(), np.roll(block(), 5, axis=1)])
    found = Instances.of(masks, np.zeros(2, np.int32), THINGS, score=np.float32([0.9, 0.4]))
    made = REFINEMENTS["fill-holes"]()(IMAGE, found)

    for before, after in zip(masks, made.masks, strict=True):
        alone = REFINEMENTS["fill-holes"]()(IMAGE, Foreground(before))
        assert np.array_equal(after, alone.mask)
    assert made.segments.score.tolist() == found.segments.score.tolist()
    assert made.segments.area.tolist() == [int(mask.sum()) for mask in made.masks]


def test_shapes_when_a_thing_touches_the_border_then_it_stays_inside():
    mask = np.zeros((30, 40), bool)
    mask[:9, :9] = True
    found = Instances.of(mask[np.newaxis], np.zeros(1, np.int32), THINGS)
    made = REFINEMENTS["smooth"](radius=1)(IMAGE, found)

    assert made.masks[0].shape == (30, 40)
    assert made.masks[0][4, 4]


def test_smooth_when_nothing_of_a_thing_is_left_then_it_is_gone():
    mask = np.zeros((30, 40), bool)
    mask[9, 9] = True
    found = Instances.of(mask[np.newaxis], np.zeros(1, np.int32), THINGS)
    assert len(REFINEMENTS["smooth"](radius=3)(IMAGE, found)) == 0


def test_shapes_when_classes_then_it_says_what_it_wants():
    legend = Legend.of(["a", "b"])
    labels = Semantic(np.zeros((30, 40), np.int32), legend)
    with pytest.raises(InputError, match="foreground and instances"):
        REFINEMENTS["fill-holes"]()(IMAGE, labels)
