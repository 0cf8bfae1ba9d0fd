import numpy as np
import pytest

from pixelwise.cards import Card
from pixelwise.core import Tensor
from pixelwise.errors import ModelError
from pixelwise.methods.deep.depths import depths, parted
from pixelwise.methods.deep.placing import Placed
from pixelwise.ops.resize import Window


def card(**decoder):
    return Card.read(
        "cells",
        {
            "task": "instance",
            "legend": {"classes": ["background", "round", "flat"], "things": ["round", "flat"]},
            "runtimes": ["onnx"],
            "sources": [{"file": "cells.onnx"}],
            "input": {"fit": "free", "layout": "NCHW"},
            "decoder": {"name": "depths", **decoder},
        },
    )


def answer(labels, classes):
    """Return the scores and depths that a perfect network gives for a label map."""
    made = np.zeros((1, 4, *labels.shape), np.float32)
    for row, index in enumerate((0, *classes)):
        made[0, index][labels == row] = 9
        if row:
            ys, xs = np.nonzero(labels == row)
            gap = np.hypot(ys - ys.mean(), xs - xs.mean())
            made[0, 3][ys, xs] = 1 - gap / (gap.max() + 1)
    return made


def two_that_touch():
    labels = np.zeros((24, 40), np.int32)
    labels[4:20, 4:20] = 1
    labels[4:20, 20:36] = 2
    return labels


def decoded(values, size, card, window=None):
    tensor = Tensor("answer", (1, 4, 0, 0), np.dtype(np.float32))
    placed = Placed(size, values.shape[-2:], window or Window())
    return depths(card, [tensor])([values], placed)


def test_depths_when_things_touch_then_each_its_own_with_its_class():
    labels = two_that_touch()
    result = decoded(answer(labels, (1, 2)), labels.shape, card())
    assert len(result) == 2
    found = {
        int(label): mask for label, mask in zip(result.segments.class_id, result.masks, strict=True)
    }
    assert np.array_equal(found[1], labels == 1)
    assert np.array_equal(found[2], labels == 2)
    assert (result.segments.score > 0.99).all()


def test_depths_when_padded_then_the_padding_is_cut_off():
    labels = two_that_touch()
    padded = np.pad(labels, ((0, 8), (0, 24)), mode="edge")
    window = Window(bottom=24 / 32, right=40 / 64)
    result = decoded(answer(padded, (1, 2)), labels.shape, card(), window)
    assert result.size == labels.shape
    assert sum(mask.sum() for mask in result.masks) == (labels > 0).sum()


def test_depths_when_model_is_half_the_size_then_masks_of_the_pictures_size():
    labels = two_that_touch()
    result = decoded(answer(labels, (1, 2)), (48, 80), card())
    assert result.size == (48, 80)
    assert len(result) == 2
    union = np.zeros((48, 80), bool)
    for mask in result.masks:
        union |= mask
    truth = np.kron(labels > 0, np.ones((2, 2), bool))
    assert (union & truth).sum() / (union | truth).sum() > 0.9


def test_depths_when_a_thing_is_smaller_than_wanted_then_left_out():
    labels = two_that_touch()
    labels[0, 0] = 3
    values = answer(labels, (1, 2, 1))
    assert len(decoded(values, labels.shape, card())) == 3
    assert len(decoded(values, labels.shape, card(min_area=4))) == 2


def test_depths_when_nothing_is_there_then_empty():
    values = np.zeros((1, 4, 8, 8), np.float32)
    values[0, 0] = 5
    assert decoded(values, (8, 8), card()).is_empty


def test_depths_when_channels_do_not_fit_the_card_then_model_error():
    with pytest.raises(ModelError, match="channels"):
        decoded(np.zeros((1, 3, 8, 8), np.float32), (8, 8), card())


def test_parted_when_a_part_has_no_middle_then_a_thing_of_its_own():
    mask = np.array([[1, 1, 0, 1]], bool)
    depth = np.float32([[0.9, 0.2, 0, 0.1]])
    assert parted(depth, mask, 0.5).tolist() == [[1, 1, 0, 2]]
