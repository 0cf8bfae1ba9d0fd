"""Outlines drawn to edges whose place is known: the guided filter and the flooding."""

import cv2
import numpy as np
import pytest

from pixelwise.core import Foreground, Image, Instances, Legend, Semantic, Space
from pixelwise.errors import InputError, InvalidSetting
from pixelwise.ops.resize import Window
from pixelwise.ops.upsampled import Upsampled
from pixelwise.refine import REFINEMENTS, Refined

EDGES = ("guided", "snap", "closed-form")


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


def things(*masks, side=240):
    legend = Legend.of(["disc"], things=["disc"])
    scores = np.linspace(0.9, 0.5, len(masks)).astype(np.float32)
    return Instances.of(np.stack(masks), np.zeros(len(masks), np.int32), legend, score=scores)


@pytest.mark.parametrize("name", EDGES)
def test_edges_when_things_are_given_then_each_gets_closer_to_the_truth(name):
    image, _, truth = scene()
    coarse, shifted = disc(radius=84.0), np.roll(disc(), 4, axis=1)
    given = things(coarse, shifted)
    found = REFINEMENTS[name]()(image, given)

    assert found.segments.score.tolist() == given.segments.score.tolist()
    assert iou(found.masks[0], truth) > iou(coarse, truth)
    assert iou(found.masks[1], truth) > iou(shifted, truth)
    for crop, area, box in zip(found.crops, found.segments.area, found.segments.box, strict=True):
        assert (crop.area, list(crop.box)) == (area, box.tolist())


@pytest.mark.parametrize("name", EDGES)
def test_edges_when_a_thing_is_a_pixel_then_it_stays(name):
    speck = np.zeros((240, 240), bool)
    speck[239, 0] = True
    found = REFINEMENTS[name]()(scene()[0], things(speck))

    assert len(found) == 1
    assert found.masks[0].any()


@pytest.mark.parametrize("name", EDGES)
def test_edges_when_classes_are_given_then_it_says_what_it_wants(name):
    legend = Legend.of(["ground", "disc"])
    with pytest.raises(InputError, match="task foreground or instance"):
        REFINEMENTS[name]()(scene()[0], Semantic(disc().astype(np.int32), legend))


def hairs(side=200):
    """Give a picture of a disc with hairs, its true alpha, and the disc as a network sees it."""
    y, x = np.mgrid[:side, :side] - side / 2 + 0.5
    angle, far = np.arctan2(y, x), np.hypot(y, x)
    strands = np.clip(np.sin(angle * 40) * 3, 0, 1) * np.clip((74 - far) / 18, 0, 1)
    alpha = np.where(far < 56, 1.0, strands).astype(np.float32)
    front, back = np.float32([40, 30, 30]), np.float32([190, 200, 220])
    pixels = alpha[..., np.newaxis] * front + (1 - alpha[..., np.newaxis]) * back
    soft = cv2.resize(cv2.GaussianBlur(alpha, (0, 0), 4), (40, 40), interpolation=cv2.INTER_AREA)
    plane = Upsampled(soft, (side, side))
    return (
        Image(np.rint(pixels).astype(np.uint8)),
        alpha,
        Foreground(np.asarray(plane) > 0.5, plane),
    )


def test_closed_form_when_there_is_hair_then_nearest_to_the_true_alpha():
    image, alpha, coarse = hairs()
    off = {name: np.abs(REFINEMENTS[name]()(image, coarse).alpha - alpha).mean() for name in EDGES}

    assert off["closed-form"] < 0.5 * off["snap"]
    assert off["closed-form"] < 0.5 * off["guided"]
    assert off["closed-form"] < 0.25 * np.abs(coarse.alpha - alpha).mean()


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
