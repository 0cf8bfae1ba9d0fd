import numpy as np
import pytest
import torch

from pixelwise import Foreground, Image
from pixelwise.training.examples import Example
from pixelwise.training.heads.boxes import BOXES
from pixelwise.training.heads.dense import DENSE
from pixelwise.training.heads.distances import REACH, depth_of, gaps_of
from pixelwise.training.heads.flows import flow_of
from pixelwise.training.losses import dense_loss
from pixelwise.training.patches import Patches
from pixelwise.training.plan import Head, Plan

from .conftest import discs

PLAIN = {"gamma": 0.0, "contrast": 0.0, "tint": 0.0, "noise": 0.0, "blur": 0.0}


def plan(**given):
    return Plan(
        **{
            "net": "unet",
            "head": Head.DISTANCE,
            "classes": ("background", "disc"),
            "patch": (32, 32),
            "batch": 3,
            **given,
        }
    )


def examples(count=3):
    found = []
    for number in range(count):
        grey, labels = discs(number)
        classes = (np.arange(int(labels.max()) + 1) > 0).astype(np.int32)
        picture = Image(np.stack([grey] * 3, axis=-1))
        truth = Foreground(labels > 0)
        found.append(Example(f"p{number}", picture, labels.astype(np.int32), classes, truth))
    return found


def test_patches_when_a_step_is_asked_for_again_then_the_same():
    first, second = Patches(examples(), plan()), Patches(examples(), plan())
    for one, two in zip(first[7], second[7], strict=True):
        assert np.array_equal(one.pixels, two.pixels)
        assert np.array_equal(one.numbers, two.numbers)
    other = Patches(examples(), plan(seed=1))[7]
    assert not np.array_equal(first[7][0].pixels, other[0].pixels)


def test_patches_when_a_round_is_over_then_every_picture_was_seen_once():
    patches = Patches(examples(6), plan(batch=2, foreground=0.0))
    order = np.random.default_rng([0, 0, 0]).permutation(6)
    assert sorted(order.tolist()) == list(range(6))
    shown = [patch for step in range(3) for patch in patches[step]]
    assert len({patch.pixels.tobytes() for patch in shown}) == 6


def test_patches_when_warped_then_pixels_and_numbers_stay_together():
    patches = Patches(examples(), plan(**PLAIN, zoom=(0.6, 1.6)))
    for step in range(4):
        for patch in patches[step]:
            inside = patch.pixels[..., 0] > 0.5
            assert (inside == (patch.numbers > 0)).mean() > 0.93


def test_patches_when_split_among_processes_then_no_patch_twice():
    halves = [Patches(examples(), plan(batch=2), rank=rank, ranks=2)[5] for rank in (0, 1)]
    whole = Patches(examples(), plan(batch=4))[5]
    for one, two in zip(whole, halves[0] + halves[1], strict=True):
        assert np.array_equal(one.pixels, two.pixels)


def test_depth_when_two_touch_then_it_falls_between_them():
    numbers = np.repeat([[1] * 8 + [2] * 8], 9, axis=0)
    depth = depth_of(np.pad(numbers, 3))[0, 7]
    assert depth[10] < depth[7] > 0.9
    assert depth[0] == 0
    assert depth_of(np.ones((4, 4), int)).tolist() == np.ones((1, 4, 4)).tolist()


def test_tensors_when_made_then_what_the_losses_take():
    patches = Patches(examples(), plan())[0]
    dense = DENSE.tensors(patches, plan())
    assert dense["pixels"].shape == (3, 3, 32, 32)
    assert dense["targets"].dtype == torch.int64
    assert dense["planes"].shape == (3, 1, 32, 32)
    assert float(dense["planes"].max()) <= 1
    flowing = DENSE.tensors(patches, plan(head=Head.FLOWS, boundary=1.0))
    assert flowing["planes"].shape == (3, 2, 32, 32)
    assert flowing["gaps"].shape == (3, 2, 32, 32)
    things = BOXES.tensors(patches, plan())["things"][0]
    assert things["masks"].shape[1:] == (32, 32)
    for box, mask in zip(things["boxes"].tolist(), things["masks"].numpy(), strict=True):
        ys, xs = np.nonzero(mask)
        assert box == [xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]


def test_flow_when_things_touch_then_each_points_to_its_own_middle():
    numbers = np.zeros((11, 24), int)
    numbers[:, 1:12], numbers[:, 12:23] = 1, 2
    down, right = flow_of(numbers)
    assert right[5, 11] == -1
    assert right[5, 12] == 1
    assert (down[5], right[5, 6]) == (pytest.approx(0), 0)
    length = np.hypot(down, right)[numbers > 0]
    assert length.max() == pytest.approx(1)
    assert not flow_of(np.zeros((3, 3), int)).any()


def test_flow_when_a_thing_is_bent_then_its_middle_lies_on_itself():
    numbers = np.ones((9, 9), int)
    numbers[:7, 2:7] = 0  # a horseshoe
    down, right = flow_of(numbers)
    still = np.argwhere((numbers == 1) & (np.hypot(down, right) == 0))
    assert still.tolist() == [[7, 4]]


def test_gaps_when_measured_then_signed_distances_of_pixels_to_the_boundary():
    targets = np.zeros((5, 60), int)
    targets[:, 30:] = 1
    targets[2, 3] = -1
    gaps = gaps_of(targets, 3) * REACH
    assert gaps[1, 0, 28:32].tolist() == pytest.approx([1.5, 0.5, -0.5, -1.5])
    assert gaps[0, 0, 28:32].tolist() == pytest.approx([-1.5, -0.5, 0.5, 1.5])
    assert (gaps[1, 0, 0], gaps[1, 0, 59]) == (REACH, -REACH)
    assert not gaps[:, 2, 3].any()
    assert not gaps[2].any()


def test_boundary_loss_when_a_mask_lies_farther_off_then_it_costs_more():
    targets = torch.zeros((1, 16, 16), dtype=torch.int64)
    targets[:, 4:12, 4:12] = 1
    only = plan(head=Head.CLASSES, dice=0.0, entropy=0.0, boundary=1.0)
    batch = {"targets": targets, "gaps": torch.from_numpy(gaps_of(targets[0].numpy(), 2))[None]}

    def cost(shift):
        sure = torch.roll(targets, shift, dims=2)
        scores = torch.stack([1 - 2.0 * sure, 2.0 * sure - 1], dim=1) * 50
        return float(dense_loss(scores, batch, only))

    assert cost(0) < cost(1) < cost(2) < cost(4)
    inside = gaps_of(targets[0].numpy(), 2).clip(max=0).sum(axis=0).mean()
    assert cost(0) == pytest.approx(inside, abs=1e-6)
