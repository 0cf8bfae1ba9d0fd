"""Things of the Mask R-CNN kind: pasted as torchvision pastes."""

from dataclasses import replace

import numpy as np
import pytest

from pixelwise.cards import load_cards
from pixelwise.core import Tensor
from pixelwise.errors import ModelError
from pixelwise.methods.deep.boxes import boxes, pasted
from pixelwise.methods.deep.placing import Placed
from pixelwise.ops.resize import Window

CARD = load_cards()["mask-rcnn-onnx-12"]


def answer(count=12, size=(120, 160), seed=0):
    random = np.random.default_rng(seed)
    corner = random.random((count, 2)) * [size[1], size[0]] - 10
    edges = np.concatenate([corner, corner + random.random((count, 2)) * 60 + 3], axis=1)
    return [
        edges.astype(np.float32),
        random.integers(1, 81, count),
        random.random(count).astype(np.float32) * 0.25 + 0.75,
        random.random((count, 1, 28, 28)).astype(np.float32),
    ]


def decoder(card=CARD):
    return boxes(card, [Tensor(name, (), np.dtype(np.float32)) for name in "abcd"])


def test_pasted_when_compared_with_torchvision_then_equal():
    torch = pytest.importorskip("torch", reason="the rival needs torch")
    pytest.importorskip("torchvision", reason="the rival is torchvision")
    from torchvision.models.detection.roi_heads import paste_masks_in_image

    edges, _, _, masks = answer(60)
    theirs = paste_masks_in_image(torch.tensor(masks), torch.tensor(edges), (120, 160))
    for mask, box, expected in zip(masks[:, 0], edges, theirs[:, 0].numpy(), strict=True):
        (y, x), made = pasted(mask, box, (120, 160), 0.5)
        whole = np.zeros((120, 160), bool)
        whole[y : y + made.shape[0], x : x + made.shape[1]] = made
        assert np.count_nonzero(whole != (expected > 0.5)) <= 1


def test_pasted_when_full_mask_then_the_box_and_its_last_line():
    (y, x), made = pasted(
        np.ones((28, 28), np.float32), np.float32([28, 28, 56, 56]), (99, 99), 0.5
    )

    assert (y, x) == (28, 28)
    assert made.shape == (29, 29)
    assert made.all()


def test_pasted_when_outside_the_picture_then_empty():
    assert (
        pasted(np.ones((4, 4), np.float32), np.float32([50, 50, 60, 60]), (9, 9), 0.5)[1].size == 0
    )


def test_boxes_when_resized_then_the_picture_has_them_back():
    edges, labels, scores, masks = answer(1)
    edges[0] = [40, 20, 80, 60]
    masks[0] = 1
    placed = Placed((60, 80), (120, 160), Window())
    found = decoder()([edges, labels, scores, masks], placed)

    assert found.segments.box[0].tolist() == [20, 10, 40, 30]
    assert 400 <= found.segments.area[0] <= 22 * 22


def test_boxes_when_masks_have_the_picture_s_size_then_only_thresholded():
    card = load_cards()["mask-rcnn-resnet50-fpn-torch"]
    plane = np.zeros((1, 1, 20, 30), np.float32)
    plane[..., 5:9, 7:20] = 0.6
    outputs = [np.float32([[7, 5, 20, 9]]), np.array([1]), np.float32([0.9]), plane]
    names = ("boxes", "labels", "scores", "masks")
    made = boxes(card, [Tensor(name, (), np.dtype(np.float32)) for name in names])
    found = made(outputs, Placed((20, 30), (20, 30), Window()))

    assert np.array_equal(np.asarray(found.masks)[0], plane[0, 0] > 0.5)
    assert found.legend.name(int(found.segments.class_id[0])) == "person"


def test_boxes_when_below_the_threshold_then_empty():
    outputs = answer(3)
    outputs[2][:] = 0.1
    assert decoder()(outputs, Placed((120, 160), (120, 160), Window())).is_empty


@pytest.mark.parametrize(
    ("place", "value", "match"), [(0, np.nan, "NaN"), (1, 99, "labels"), (3, np.inf, "NaN")]
)
def test_boxes_when_answer_is_nonsense_then_error(place, value, match):
    outputs = answer(2)
    outputs[place][...] = value
    with pytest.raises(ModelError, match=match):
        decoder()(outputs, Placed((120, 160), (120, 160), Window()))


def test_boxes_when_lengths_differ_then_error():
    outputs = answer(2)
    outputs[2] = outputs[2][:1]
    with pytest.raises(ModelError, match="belong together"):
        decoder()(outputs, Placed((120, 160), (120, 160), Window()))


def test_boxes_when_card_wants_classes_then_error():
    with pytest.raises(ModelError, match="semantic"):
        decoder(replace(CARD, task="semantic"))
