"""Boundary IoU and F, Hausdorff and surface Dice, against the rules written out and MONAI."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays
from scipy.ndimage import binary_erosion, distance_transform_edt
from skimage.morphology import disk

from pixelwise.core import Foreground, Space, Unit
from pixelwise.errors import InputError
from pixelwise.evaluation import boundaries, evaluate, nearest, surfaces

MASKS = arrays(bool, (17, 23))


def blob(seed, size=(60, 80)):
    noise = np.random.default_rng(seed).random(size).astype(np.float32)
    return cv2.GaussianBlur(noise, (0, 0), 5) > 0.5


def edges(mask):
    return mask & ~binary_erosion(mask)


@given(MASKS, MASKS)
@settings(max_examples=40, deadline=None)
def test_boundary_f_counts_equal_dilating_by_a_disc(truth, mask):
    first, second = boundaries.inner_outline(truth), boundaries.inner_outline(mask)
    kernel = disk(3).astype(np.uint8)
    near_first = cv2.dilate(first.astype(np.uint8), kernel) > 0
    near_second = cv2.dilate(second.astype(np.uint8), kernel) > 0
    found, total, right, claimed = boundaries.boundary_f_counts(truth, mask, 3)
    assert (total, claimed) == (first.sum(), second.sum())
    if total and claimed:
        assert (found, right) == ((first & near_second).sum(), (second & near_first).sum())


@given(MASKS)
@settings(max_examples=30, deadline=None)
def test_boundary_band_equals_eroding_step_by_step(mask):
    padded = np.pad(mask, 1).astype(np.uint8)  # the rule of boundary IoU's authors
    inner = cv2.erode(padded, np.ones((3, 3), np.uint8), iterations=2)[1:-1, 1:-1]
    assert (boundaries.boundary_band(mask, 2) == (mask & (inner == 0))).all()


def test_boundary_iou_of_a_shifted_square_is_below_its_iou():
    mask = np.zeros((200, 200), bool)
    mask[50:150, 50:150] = True
    scores = evaluate(Foreground(mask), Foreground(np.roll(mask, 3, 1)))
    width = round(0.02 * np.hypot(200, 200))
    bands = [boundaries.boundary_band(m, width) for m in (mask, np.roll(mask, 3, 1))]
    expected = (bands[0] & bands[1]).sum() / (bands[0] | bands[1]).sum()
    assert scores["boundary_iou"].value == pytest.approx(expected)
    assert scores["boundary_iou"].value < scores["miou"].value
    assert scores["boundary_f"].value == 1.0


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (2.5, 0.5)])
def test_hausdorff_equals_distance_transforms_of_edges(spacing):
    truth, mask = blob(0), blob(1)
    there = distance_transform_edt(~edges(mask), sampling=spacing)[edges(truth)]
    back = distance_transform_edt(~edges(truth), sampling=spacing)[edges(mask)]
    for percentile in (95, 100):
        expected = max(np.percentile(there, percentile), np.percentile(back, percentile))
        ours = surfaces.hausdorff_distance(truth, mask, spacing, percentile=percentile)
        assert ours == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (5.0, 0.7, 1.1)])
@pytest.mark.parametrize("looks", [8, 4096])
def test_nearest_distances_equal_distance_transforms(monkeypatch, spacing, looks):
    monkeypatch.setattr(nearest, "_LOOKS", looks)
    nearest._around.cache_clear()
    random = np.random.default_rng(0)
    points, target = random.random((12, 20, 30)) < 0.05, random.random((12, 20, 30)) < 0.01
    expected = distance_transform_edt(~target, sampling=spacing)[points]
    ours = nearest.nearest_distances(points, target, spacing)
    nearest._around.cache_clear()
    assert ours == pytest.approx(expected, rel=1e-9)
    monkeypatch.setattr(nearest, "COMPILED", False)
    plain = nearest.nearest_distances(points, target, spacing)
    assert plain == pytest.approx(expected, rel=1e-6)


@pytest.mark.filterwarnings("ignore:monai:FutureWarning")  # theirs
@pytest.mark.parametrize("size", [(60, 80), (20, 30, 25)])
def test_hausdorff_and_surface_dice_equal_monai(size):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    metrics = pytest.importorskip("monai.metrics", reason="MONAI is not installed")
    random = np.random.default_rng(0)
    truth = distance_transform_edt(random.random(size) < 0.998) < 5
    mask = np.roll(truth, 2, 0) & (random.random(size) < 0.99)
    spacing = (2.0, 0.7, 1.3)[: len(size)]
    pair = [torch.from_numpy(m[None, None].astype(np.float32)) for m in (mask, truth)]
    for percentile in (95, 100):
        theirs = metrics.compute_hausdorff_distance(
            *pair, include_background=True, percentile=percentile, spacing=spacing
        )
        ours = surfaces.hausdorff_distance(truth, mask, spacing, percentile=percentile)
        assert ours == pytest.approx(float(theirs), rel=1e-5)
    theirs = metrics.compute_surface_dice(*pair, [1.5], include_background=True, spacing=spacing)
    assert surfaces.surface_dice(truth, mask, 1.5, spacing) == pytest.approx(
        float(theirs), abs=1e-6
    )


def test_hausdorff_is_in_the_unit_of_the_spacing():
    mask = np.zeros((1, 1, 8), bool)
    mask[..., 0] = True
    space = Space((5.0, 1.0, 0.5), Unit.MILLIMETRE)
    moved = Foreground(np.roll(mask, 4, 2), space=space)
    score = evaluate(Foreground(mask, space=space), moved, ["hd95"])["hd95"]
    assert (score.value, score.metric.unit) == (2.0, "mm")


def test_hausdorff_when_only_one_has_a_mask_is_the_diagonal():
    mask = np.zeros((30, 40), bool)
    mask[3:5, 3:5] = True
    scores = evaluate(Foreground(mask), Foreground(np.zeros((30, 40), bool)))
    assert scores["hd95"].value == 50.0
    assert scores["boundary_f"].value == 0.0


def test_boundaries_of_volumes_say_so():
    volume = Foreground(np.ones((2, 3, 4), bool))
    with pytest.raises(InputError, match="use hd95 for volumes"):
        evaluate(volume, volume, ["boundary_f"])


def test_surface_dice_takes_a_tolerance_of_its_own():
    mask = np.zeros((20, 20), bool)
    mask[5:15, 5:15] = True
    moved = Foreground(np.roll(mask, 2, 1))
    near = evaluate(Foreground(mask), moved, [surfaces.surface_dice_at(1.0)])
    far = evaluate(Foreground(mask), moved, [surfaces.surface_dice_at(2.0)])
    assert near["surface_dice"].value < far["surface_dice"].value == 1.0
