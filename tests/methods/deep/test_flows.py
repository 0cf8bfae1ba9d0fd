import numpy as np
import pytest

from pixelwise.cards import Card
from pixelwise.core import Tensor
from pixelwise.errors import ModelError
from pixelwise.methods.deep.flows import ends, flows, gathered
from pixelwise.methods.deep.placing import Placed
from pixelwise.ops.resize import Window


def card(**changes):
    table = {
        "task": "instance",
        "legend": {"classes": ["background", "cell"], "things": ["cell"]},
        "runtimes": ["onnx"],
        "sources": [{"file": "cells.onnx"}],
        "input": {"fit": "free", "layout": "NCHW"},
        "decoder": {"name": "flows"},
    }
    return Card.read("cells", {**table, **changes})


def discs(size=(60, 90), middles=((30, 25), (30, 48), (20, 70)), radius=13):
    """Return discs that touch, each pixel of the nearest one."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    gaps = np.stack([np.hypot(rows - y, columns - x) for y, x in middles])
    return np.where(gaps.min(axis=0) < radius, 1 + gaps.argmin(axis=0), 0)


def answer(labels):
    """Return the scores and flows (1, 4, H, W) that a perfect network gives."""
    made = np.zeros((1, 4, *labels.shape), np.float32)
    made[0, 0], made[0, 1] = np.where(labels, -9, 9), np.where(labels, 9, -9)
    for number in range(1, labels.max() + 1):
        own = np.argwhere(labels == number)
        gap = own.mean(axis=0) - own
        length = np.maximum(np.linalg.norm(gap, axis=1), 2)
        made[0, 2:, own[:, 0], own[:, 1]] = gap / length[:, np.newaxis]
    return made


def decoded(values, size):
    tensor = Tensor("answer", (1, 4, 0, 0), np.dtype(np.float32))
    return flows(card(), [tensor])([values], Placed(size, values.shape[-2:], Window()))


def test_flows_when_things_touch_then_each_its_own():
    labels = discs()
    result = decoded(answer(labels), labels.shape)
    assert len(result) == 3
    for mask in result.masks:
        number = np.bincount(labels[mask]).argmax()
        truth = labels == number
        assert (mask & truth).sum() / (mask | truth).sum() > 0.97


def test_flows_when_they_are_noisy_and_short_then_still_each_its_own():
    labels = discs()
    values = answer(labels)
    values[:, 2:] = values[:, 2:] * 0.7
    values[:, 2:] += np.random.default_rng(0).normal(0, 0.2, values[:, 2:].shape)
    assert len(decoded(values, labels.shape)) == 3


def test_flows_when_the_model_is_half_the_size_then_masks_of_the_pictures_size():
    labels = discs()
    result = decoded(answer(labels), (120, 180))
    assert result.size == (120, 180)
    assert len(result) == 3


def test_ends_when_far_from_the_middle_then_they_get_there():
    flow = np.zeros((2, 1, 201), np.float32)
    flow[1, 0] = np.sign(100 - np.arange(201))
    found = ends(flow, np.ones((1, 201), bool))
    assert np.abs(found[1] - 100).max() <= 1
    assert not found[0].any()
    still = ends(flow, np.zeros((1, 201), bool))
    assert np.array_equal(still[1, 0], np.arange(201))


def test_gathered_when_few_end_together_then_no_thing():
    mask = np.zeros((9, 9), bool)
    mask[0, :2] = True
    assert not gathered(np.indices((9, 9)).astype(np.float32), mask).any()


def test_flows_when_channels_or_task_do_not_fit_the_card_then_model_error():
    with pytest.raises(ModelError, match="2 for flows"):
        decoded(np.zeros((1, 3, 8, 8), np.float32), (8, 8))
    with pytest.raises(ModelError, match="semantic"):
        flows(card(task="semantic"), [Tensor("answer", (1, 4, 0, 0), np.dtype(np.float32))])
