"""Outlines drawn to edges whose place is known: the guided filter and the flooding."""

import cv2
import numpy as np
import pytest

from pixelwise.core import Foreground, Image, Instances, Legend, Space
from pixelwise.errors import InputError, InvalidSetting
from pixelwise.ops.resize import Window
from pixelwise.ops.upsampled import Upsampled
from pixelwise.refine import REFINEMENTS, Refined

EDGES = ("guided", "snap")


def disc(side=240, radius=80.0):
    y, x = np.indices((side, side))
    return (y - side / 2) ** 2 + (x - side / 2) ** 2 < radius**2


def scene(side=240, small=40):
    """Give a picture of a disc, and what a coarse network says: a soft disc a little too large."""
    random = np.random.default_rng(0)
    truth = disc(side)
    pixels = np.where(truth[..., np.newaxis], (200, 120, 60), (60, 110, 150)).astype(np.int16)
    noisy = np.clip(pixels + random.integers(-9, 10, pixels.shape), 0, 255).astype(np.uint8)
    wide = disc(side, 86.0).astype(np.float32)
    soft = cv2.resize(
        cv2.GaussianBlur(wide, (0, 0), 5), (small, small), interpolation=cv2.INTER_AREA
    )
    plane = Upsampled(soft, (side, side))
    return Image(noisy), Foreground(np.asarray(plane) > 0.5, plane), truth


def iou(first, second):
    return np.count_nonzero(first & second) / np.count_nonzero(first | second)


@pytest.mark.parametrize("name", EDGES)
def test_edges_when_the_mask_is_coarse_then_it_gets_closer_to_the_truth(name):
    image, coarse, truth = scene()
    made = REFINEMENTS[name]()(image, coarse)

    assert iou(made.mask, truth) > iou(coarse.mask, truth)
    assert made.alpha.min() >= 0
    assert made.alpha.max() <= 1
    assert np.array_equal(made.mask, made.alpha > 0.5)


def test_snap_when_the_edge_is_clear_then_the_outline_lies_on_it():
    image, coarse, truth = scene()
    made = REFINEMENTS["snap"]()(image, coarse)

    assert iou(coarse.mask, truth) < 0.9
    assert iou(made.mask, truth) > 0.985


def test_snap_when_the_picture_is_large_then_still_on_the_edge():
    image, coarse, truth = scene(side=240)
    big = Image(cv2.resize(image.pixels, (960, 960), interpolation=cv2.INTER_CUBIC))
    found = Upsampled(coarse.plane.values, (960, 960))
    made = REFINEMENTS["snap"]()(big, Foreground(np.asarray(found) > 0.5, found))
    whole = cv2.resize(truth.astype(np.uint8), (960, 960), interpolation=cv2.INTER_NEAREST) > 0

    assert iou(made.mask, whole) > 0.98


@pytest.mark.parametrize("name", EDGES)
def test_edges_when_the_picture_is_flat_then_the_mask_stays_about_where_it_was(name):
    _, coarse, _ = scene()
    flat = Image(np.full((240, 240, 3), 90, np.uint8))
    made = REFINEMENTS[name]()(flat, coarse)

    assert iou(made.mask, coarse.mask) > 0.93  # windows of 9 cells round a disc of 14 a little


@pytest.mark.parametrize("name", EDGES)
def test_edges_when_the_values_have_padding_then_only_the_window_counts(name):
    image, coarse, truth = scene()
    padded = np.zeros((80, 40), np.float32)
    padded[:40] = coarse.plane.values
    plane = Upsampled(padded, (240, 240), Window(bottom=0.5))
    made = REFINEMENTS[name]()(image, Foreground(np.asarray(plane) > 0.5, plane))

    assert iou(made.mask, truth) > iou(coarse.mask, truth)


@pytest.mark.parametrize("name", EDGES)
@pytest.mark.parametrize("size", [(1, 1), (1, 40), (3, 2)])
def test_edges_when_the_picture_is_tiny_then_an_answer_of_its_size(name, size):
    image = Image(np.zeros((*size, 3), np.uint8))
    made = REFINEMENTS[name]()(image, Foreground(np.ones(size, bool)))

    assert made.mask.shape == size
    assert made.mask.all()


@pytest.mark.parametrize("name", list(REFINEMENTS))
def test_every_refinement_when_the_result_is_empty_then_it_stays_empty(name):
    image = scene()[0]
    faint = np.full(image.size, 0.4, np.float32)
    step = REFINEMENTS[name]()

    assert step(image, Foreground(faint > 0.5, faint)).is_empty
    assert step(image, Foreground(faint > 0.5)).is_empty


@pytest.mark.parametrize("name", list(REFINEMENTS))
def test_every_refinement_when_called_then_space_name_and_input_are_kept(name):
    pixels, coarse, _ = scene()
    image = Image(pixels.pixels, space=Space((2.0, 2.0), unit="mm"))
    before = coarse.mask.copy()
    result = coarse.made_by(coarse.provenance, image.space)
    made = REFINEMENTS[name]()(image, result)

    assert made.space == image.space
    assert name in made.provenance.seconds
    assert np.array_equal(coarse.mask, before)
    assert np.array_equal(made.mask, REFINEMENTS[name]()(image, result).mask)


@pytest.mark.parametrize("name", EDGES)
def test_edges_when_things_are_given_then_it_says_what_it_wants(name):
    image = scene()[0]
    legend = Legend.of(["disc"], things=["disc"])
    things = Instances.of(disc()[np.newaxis], np.zeros(1, np.int32), legend)

    with pytest.raises(InputError, match="foreground"):
        REFINEMENTS[name]()(image, things)


def test_refinement_when_sizes_differ_then_it_refuses():
    with pytest.raises(InputError, match="240"):
        REFINEMENTS["snap"]()(scene()[0], Foreground(np.ones((3, 3), bool)))


def test_refinement_when_a_setting_is_out_of_range_then_it_refuses():
    with pytest.raises(InvalidSetting, match="near"):
        REFINEMENTS["snap"](near=-1)


def test_refined_when_two_steps_then_one_after_the_other():
    image, coarse, _ = scene()
    holed = coarse.mask.copy()
    holed[118:122, 118:122] = False
    steps = (REFINEMENTS["fill-holes"](), REFINEMENTS["snap"]())
    made = Refined(lambda _: Foreground(holed), steps)(image)

    assert made.mask[120, 120]
    assert list(made.provenance.seconds) == ["fill-holes", "snap"]
