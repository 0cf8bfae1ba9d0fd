"""Masks that follow the motion: less flicker, no ghost, nothing across a cut."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from pixelwise.core import Foreground, Image, Regions
from pixelwise.errors import InvalidSetting
from pixelwise.ops.upsampled import Upsampled
from pixelwise.refine import Stable

SIZE = (120, 160)


def ground(seed):
    noise = np.random.default_rng(seed).normal(0, 1, (SIZE[0], SIZE[1] * 2))
    soft = gaussian_filter(noise, 3)
    return (128 + 60 * soft / soft.std() / 2).clip(0, 255).astype(np.uint8)


def scene(count, step=3, seed=0):
    """Yield a textured square that moves over a textured ground, and its true mask."""
    back, front = ground(seed), ground(seed + 1)
    for number in range(count):
        left = 10 + step * number
        picture = back[:, : SIZE[1]].copy()
        picture[30:90, left : left + 50] = 255 - front[30:90, :50] // 2
        mask = np.zeros(SIZE, bool)
        mask[30:90, left : left + 50] = True
        yield Image(np.repeat(picture[..., np.newaxis], 3, -1)), mask


def noisy(mask, number):
    """Return the true mask with blobs that come and go, as a network's soft answer."""
    noise = gaussian_filter(np.random.default_rng(number).normal(0, 1, SIZE), 5)
    soft = gaussian_filter(mask.astype(float), 1) + 0.3 * noise / noise.std()
    return np.clip(soft, 0, 1).astype(np.float32)


def iou(one, other):
    return np.count_nonzero(one & other) / np.count_nonzero(one | other)


def changes(masks, step):
    """Return how much each mask differs from the one before, moved by what truly moved."""
    return np.mean([np.count_nonzero(np.roll(a, step, 1) ^ b) for a, b in pairwise(masks)])


@pytest.mark.parametrize("stable", [Stable(), Stable.live()])
@pytest.mark.parametrize("kind", ["alpha", "plane"])
def test_stable_when_masks_are_noisy_then_steadier_and_nearer_the_truth(stable, kind):
    truth = list(scene(24))
    softs = [noisy(mask, number) for number, (_, mask) in enumerate(truth)]
    planes = [Upsampled(soft, SIZE) if kind == "plane" else soft for soft in softs]
    pairs = [
        (image, Foreground(soft > 0.5, plane))
        for (image, _), soft, plane in zip(truth, softs, planes, strict=True)
    ]
    made = list(stable(pairs))
    assert [image for image, _ in made] == [image for image, _ in pairs]
    before = [result.mask for _, result in pairs]
    after = [result.mask for _, result in made]
    masks = [mask for _, mask in truth]
    assert changes(after, 3) < 0.6 * changes(before, 3)
    better = np.mean([iou(a, t) for a, t in zip(after, masks, strict=True)])
    assert better > np.mean([iou(b, t) for b, t in zip(before, masks, strict=True)])


def test_stable_when_the_scene_is_cut_then_nothing_is_taken_over():
    first = [(image, Foreground(mask)) for image, mask in scene(6)]
    blank = [
        (Image(np.full((*SIZE, 3), 255, np.uint8)), Foreground(np.zeros(SIZE, bool)))
        for _ in range(6)
    ]
    made = [result for _, result in Stable(look_ahead=3)([*first, *blank])]
    assert all(result.is_empty for result in made[6:])
    assert iou(made[5].mask, first[5][1].mask) > 0.95


def test_stable_when_masks_agree_already_then_left_alone():
    pairs = [(image, Foreground(mask)) for image, mask in scene(10)]
    for (_, result), (_, made) in zip(pairs, Stable()(pairs), strict=True):
        assert iou(result.mask, made.mask) > 0.93


@pytest.mark.parametrize("ahead", [0, 1, 5])
def test_stable_when_it_looks_ahead_then_every_frame_comes_once_and_so_much_later(ahead):
    taken = []

    def pairs():
        for number, (image, mask) in enumerate(scene(9)):
            taken.append(number)
            yield image, Foreground(mask)

    made = Stable(look_ahead=ahead)(pairs())
    next(made)
    assert len(taken) == ahead + 1
    assert len(list(made)) == 8


def test_stable_when_sizes_or_kinds_change_then_passed_through():
    image = Image(np.zeros((8, 300, 3), np.uint8))
    other = Image(np.zeros((30, 20, 3), np.uint8))
    pairs = [
        (image, Regions(np.ones((8, 300), np.int32))),
        (image, Foreground(np.ones((8, 300), bool))),
        (other, Foreground(np.ones((30, 20), bool))),
        (other, Regions(np.ones((30, 20), np.int32))),
        (Image(np.zeros((1, 1), np.uint8)), Foreground(np.ones((1, 1), bool))),
    ]
    made = list(Stable()(pairs))
    assert made[0][1] is pairs[0][1]
    assert made[3][1] is pairs[3][1]
    assert made[1][1].mask.all()
    assert made[2][1].mask.all()
    assert made[4][1].mask.all()


@pytest.mark.parametrize("given", [{"look_ahead": 13}, {"memory": 1.5}, {"tolerance": 0}])
def test_stable_when_a_setting_is_out_of_range_then_refused(given):
    with pytest.raises(InvalidSetting):
        Stable(**given)


@pytest.mark.parametrize("size", [(96, 1920), (1920, 96), (1, 40)])
def test_stable_when_the_picture_is_a_strip_then_the_process_lives(size):
    mask = np.zeros(size, bool)
    mask[:, : size[1] // 2] = True
    image = Image(np.random.default_rng(0).integers(0, 255, (*size, 3)).astype(np.uint8))
    made = list(Stable()((image, Foreground(mask)) for _ in range(3)))
    assert [result.size for _, result in made] == [size] * 3


@pytest.mark.parametrize(("surest", "kept"), [(0.2, 0.0), (0.4, 0.24), (0.45, 0.36), (0.8, 0.8)])
def test_stable_when_a_patch_is_sure_of_nothing_then_it_fades_and_edges_stay(surest, kept):
    soft = np.zeros(SIZE, np.float32)
    soft[20:60, 20:60] = gaussian_filter(np.pad(np.ones((20, 20)), 10), 3)
    edge = soft.copy()
    soft[80:100, 100:130] = surest
    still = Image(np.repeat(ground(0)[:, : SIZE[1], np.newaxis], 3, -1))
    pairs = [(still, Foreground(soft > 0.5, Upsampled(soft, SIZE)))] * 3
    for _, made in Stable()(pairs):
        assert made.alpha[90, 115] == pytest.approx(kept, abs=0.01)
        assert np.abs(made.alpha[:70] - edge[:70]).max() < 0.01
