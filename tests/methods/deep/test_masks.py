"""Things of the YOLO kind: answers made by hand, whose masks are known to the pixel."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pixelwise as pw
from pixelwise.cards import InputSpec, Layout, load_cards
from pixelwise.core import Tensor
from pixelwise.errors import ModelError
from pixelwise.methods.deep.masks import masks
from pixelwise.methods.deep.placing import Placed
from pixelwise.methods.deep.prepare import Preparer
from pixelwise.ops.resize import Window, shrink_to_letterbox

CLASSES = 80
DEPTH = 4


def card(**decoder):
    known = load_cards()["yolov8n-seg-320"]
    spec = replace(known.decoder, margin=0.0, threshold=0.25, tensors=(), **decoder)
    return replace(known, decoder=spec)


def answer(boxes, prototypes, coefficients, scores=None, classes=None):
    """Return outputs for boxes (N, 4) in shares; prototypes (h, w, K)."""
    boxes = np.atleast_2d(np.float32(boxes))
    table = np.zeros((1, 4 + CLASSES + prototypes.shape[-1], len(boxes)), np.float32)
    table[0, :2] = ((boxes[:, :2] + boxes[:, 2:]) / 2).T
    table[0, 2:4] = (boxes[:, 2:] - boxes[:, :2]).T
    kinds = np.zeros(len(boxes), int) if classes is None else np.array(classes)
    table[0, 4 + kinds, np.arange(len(boxes))] = 0.9 if scores is None else scores
    table[0, 4 + CLASSES :] = np.atleast_2d(np.float32(coefficients)).T
    return [table, prototypes[np.newaxis].astype(np.float32)]


def decoder(outputs, **spec):
    tensors = [Tensor(f"t{n}", part.shape, part.dtype) for n, part in enumerate(outputs)]
    return masks(card(**spec), tensors)


def one_hot(side, plane):
    made = np.zeros((side, side, DEPTH), np.float32)
    made[..., 0] = plane
    return made


@settings(max_examples=30, deadline=None)
@given(st.integers(20, 90), st.integers(20, 90), st.data())
def test_masks_when_letterboxed_then_the_half_plane_is_where_it_was(height, width, data):
    """A mask whose border is a straight line between prototypes comes back to the pixel."""
    size, side = (height, width), 16
    _, window = shrink_to_letterbox(np.zeros((height, width, 3), np.uint8), (64, 64))
    edge = data.draw(st.floats(0.2, 0.8)) * window.right * side
    ramp = edge - (np.arange(side) + 0.5)  # above 0 to the left of the edge
    outputs = answer([0, 0, 1, 1], one_hot(side, ramp[np.newaxis]), [1, 0, 0, 0])
    found = decoder(outputs)(outputs, Placed(size, (64, 64), window))

    centres = (np.arange(width) + 0.5) / width * window.right * side
    clear = np.abs(centres - edge) > 1e-3
    expected = np.broadcast_to(centres < edge, size)
    (mask,) = found.masks
    assert np.array_equal(mask[:, clear], expected[:, clear])


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_masks_when_everything_is_inside_then_the_box_decides(data):
    size = (40, 60)
    x0, x1 = sorted(data.draw(st.tuples(st.integers(0, 60), st.integers(0, 60))))
    y0, y1 = sorted(data.draw(st.tuples(st.integers(0, 40), st.integers(0, 40))))
    if x0 == x1 or y0 == y1:
        return
    share = np.float32([x0 / 60, y0 / 40, x1 / 60, y1 / 40]) + np.float32(
        [-1e-4, -1e-4, -1e-4, -1e-4]
    )
    outputs = answer(share, one_hot(16, 1.0), [1, 0, 0, 0])
    found = decoder(outputs)(outputs, Placed(size, (64, 64), Window()))

    expected = np.zeros(size, bool)
    expected[y0:y1, x0:x1] = True
    assert np.array_equal(np.asarray(found.masks)[0], expected)
    assert found.segments.box[0].tolist() == [x0, y0, x1, y1]
    assert found.segments.area[0] == expected.sum()


def test_masks_when_boxes_overlap_then_the_better_of_one_class_stays():
    boxes = [[0, 0, 0.5, 0.5], [0.01, 0, 0.5, 0.5], [0, 0, 0.5, 0.5]]
    outputs = answer(
        boxes, one_hot(8, 1.0), np.eye(3, DEPTH) * 0 + [1, 0, 0, 0], [0.5, 0.8, 0.6], [0, 0, 3]
    )
    found = decoder(outputs)(outputs, Placed((32, 32), (64, 64), Window()))

    assert [found.legend.name(int(row)) for row in found.segments.class_id] == [
        "person",
        "motorcycle",
    ]
    assert found.segments.score.tolist() == pytest.approx([0.8, 0.6])


def test_masks_when_mask_has_hole_and_pieces_then_they_survive():
    plane = np.full((8, 8), -1.0)
    plane[0, 0] = plane[4:8, 4:8] = 1
    plane[5:7, 5:7] = -1
    outputs = answer([0, 0, 1, 1], one_hot(8, plane), [1, 0, 0, 0])
    found = decoder(outputs)(outputs, Placed((8, 8), (64, 64), Window()))

    assert np.array_equal(np.asarray(found.masks)[0], plane > 0)


def test_masks_when_transposed_and_channels_first_then_the_same():
    outputs = answer([0, 0, 0.5, 1], one_hot(8, 1.0), [1, 0, 0, 0])
    plain = decoder(outputs)(outputs, Placed((8, 8), (64, 64), Window()))
    turned = [outputs[0].transpose(0, 2, 1), outputs[1].transpose(0, 3, 1, 2)]
    spec = replace(card(), input=replace(card().input, layout=Layout.NCHW))
    tensors = [Tensor(f"t{n}", part.shape, part.dtype) for n, part in enumerate(turned)]
    again = masks(spec, tensors[::-1])(turned[::-1], Placed((8, 8), (64, 64), Window()))

    assert np.array_equal(np.asarray(plain.masks), np.asarray(again.masks))


def test_masks_when_quantised_then_as_the_real_numbers():
    random = np.random.default_rng(0)
    stored = [
        random.integers(-128, 127, (1, 4 + CLASSES + DEPTH, 30)).astype(np.int8),
        random.integers(-128, 127, (1, 16, 16, DEPTH)).astype(np.int8),
    ]
    tensors = [
        Tensor("a", stored[0].shape, stored[0].dtype, 0.004, -100),
        Tensor("b", stored[1].shape, stored[1].dtype, 0.02, 7),
    ]
    real = [
        (part.astype(np.float32) - np.float32(tensor.zero)) * np.float32(tensor.scale)
        for part, tensor in zip(stored, tensors, strict=True)
    ]
    placed = Placed((50, 40), (64, 64), Window())
    whole = masks(card(), tensors)(stored, placed)
    plain = decoder(real)(real, placed)

    assert len(whole) == len(plain) > 0
    differing = np.asarray(whole.masks) ^ np.asarray(plain.masks)
    assert differing.mean() < 1e-4


def test_masks_when_nothing_is_likely_then_empty():
    outputs = answer([0, 0, 1, 1], one_hot(8, 1.0), [1, 0, 0, 0], scores=0.1)
    found = decoder(outputs)(outputs, Placed((8, 8), (64, 64), Window()))

    assert found.is_empty
    assert found.size == (8, 8)


@pytest.mark.parametrize("place", [0, 1])
def test_masks_when_answer_holds_nan_then_error(place):
    outputs = answer([0, 0, 1, 1], one_hot(8, 1.0), [1, 0, 0, 0])
    outputs[place][...] = np.nan
    with pytest.raises(ModelError, match="NaN"):
        decoder(outputs)(outputs, Placed((8, 8), (64, 64), Window()))


def test_masks_when_shape_is_wrong_then_error():
    outputs = answer([0, 0, 1, 1], one_hot(8, 1.0), [1, 0, 0, 0])
    outputs[0] = outputs[0][:, :60]
    with pytest.raises(ModelError, match="80 classes"):
        decoder(outputs)(outputs, Placed((8, 8), (64, 64), Window()))


@pytest.mark.models
def test_masks_when_real_model_then_things_of_a_real_picture(model_dir, data_dir, monkeypatch):
    monkeypatch.setenv("PIXELWISE_MODEL_PATH", str(model_dir))
    image = pw.read(data_dir / "coco_val" / "images" / "000000000139.jpg")
    found = pw.segment(image, model="yolov8n-seg-320")
    every = pw.find("yolov8n-seg-320")(image)

    names = [found.legend.name(int(row)) for row in found.segments.class_id]
    assert {"tv", "chair"} <= set(names)
    assert len(every) > len(found)
    assert (found.segments.score >= 0.25).all()
    assert np.allclose(found.segments.box, [crop.box for crop in found.crops])


def test_preparer_when_bytes_are_stored_less_128_then_so():
    spec = InputSpec(height=4, width=4, std=(255.0, 255.0, 255.0))
    tensor = Tensor("pixels", (1, 4, 4, 3), np.dtype(np.int8), 0.003921568859368563, -128)
    target = np.zeros((1, 4, 4, 3), np.int8)
    pixels = np.random.default_rng(0).integers(0, 255, (4, 4, 3), dtype=np.uint8)
    Preparer(spec=spec, tensor=tensor)._write(pixels, target)

    assert np.array_equal(target[0], pixels.astype(int) - 128)


def test_preparer_when_channels_first_without_a_batch_then_so():
    spec = InputSpec(height=4, width=4, layout=Layout.CHW)
    tensor = Tensor("pixels", (3, 0, 0), np.dtype(np.float32))
    preparer = Preparer.of(spec, [tensor])
    target = np.zeros((3, 4, 4), np.float32)
    pixels = np.random.default_rng(0).integers(0, 255, (4, 4, 3), dtype=np.uint8)
    preparer._write(pixels, target)

    assert np.array_equal(target, pixels.transpose(2, 0, 1))
