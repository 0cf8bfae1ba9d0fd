"""Every decoder lays its masks where the picture shows them, however the picture was fed.

The answers are made up: values that are a linear function of the place in the picture. Growing
them is exact, so the truth is known for every pixel between the outermost samples.
"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pixelwise.cards import AnswerShape, DecoderSpec, Fit, Holds, InputSpec, Layout, load_cards
from pixelwise.core import Legend, Task, Tensor
from pixelwise.methods.deep.boxes import boxes, pasted
from pixelwise.methods.deep.candidates import things_in
from pixelwise.methods.deep.dense import dense
from pixelwise.methods.deep.fitting import fitted
from pixelwise.methods.deep.masks import masks
from pixelwise.methods.deep.placing import Placed
from pixelwise.methods.deep.queries import queries
from pixelwise.runtimes.asking import Answer

FITS = {
    "stretch": InputSpec(height=64, width=96),
    "letterbox": InputSpec(height=64, width=64, fit=Fit.LETTERBOX, pad=114),
    "short-side": InputSpec(height=48, width=48, fit=Fit.SHORT_SIDE, pad_multiple=32),
    "padded": InputSpec(height=192, width=192, fit=Fit.FREE),
}
STRIDE = 4
"""Pixels of the input that one value of the answer stands for."""

TWO = Legend.of(["left", "right"], things=["left", "right"])
NEAR = 1e-3
"""Pixels closer to the border than this (in values) may fall on either side of it."""


def card(shape, task, **decoder):
    known = load_cards()["yolov8n-seg-320"]
    spec = DecoderSpec(name=shape, layout=Layout.NHWC, **decoder)
    return replace(known, task=task, legend=TWO, decoder=spec)


def tensors(*arrays):
    return [Tensor(f"t{n}", array.shape, array.dtype) for n, array in enumerate(arrays)]


def by_dense(plane, placed):
    made = card(AnswerShape.DENSE, Task.FOREGROUND, holds=Holds.PROBABILITY)
    outputs = [(plane + np.float32(0.5))[np.newaxis, ..., np.newaxis]]
    return dense(made, tensors(*outputs))(outputs, placed).mask


def by_classes(plane, placed):
    outputs = [np.stack([np.zeros_like(plane), plane], axis=-1)[np.newaxis]]
    made = card(AnswerShape.DENSE, Task.SEMANTIC, holds=Holds.LOGITS)
    return dense(made, tensors(*outputs))(outputs, placed).labels == 1


def by_prototypes(plane, placed):
    table = np.float32([0.5, 0.5, 2, 2, 0.9, 0, 1]).reshape(1, 7, 1)
    outputs = [table, plane[np.newaxis, ..., np.newaxis]]
    made = card(AnswerShape.MASKS, Task.INSTANCE)
    return np.asarray(masks(made, tensors(*outputs))(outputs, placed).masks)[0]


def by_queries(plane, placed, task=Task.INSTANCE):
    logits = np.float32([[[9, 0, 0], [0, 9, 0]]])
    outputs = [logits, np.stack([plane, -plane])[np.newaxis]]
    found = queries(card(AnswerShape.QUERIES, task, threshold=0.1), tensors(*outputs))(
        outputs, placed
    )
    if task is Task.PANOPTIC:
        ids = found.segments.id[found.segments.class_id == TWO.id_of("left")]
        return np.isin(found.labels, ids)
    (row,) = np.flatnonzero(found.segments.class_id == TWO.id_of("left"))
    return np.asarray(found.masks)[row]


def by_segments(plane, placed):
    return by_queries(plane, placed, Task.PANOPTIC)


def by_prompt(plane, placed):
    answer = Answer(plane[np.newaxis, np.newaxis], np.float32([[0.9]]))
    spec = DecoderSpec(name=AnswerShape.PROMPTED, via=placed.input_size)
    (found,) = things_in(answer, placed, spec)
    mask = np.zeros(placed.size, bool)
    (y, x), (rows, columns) = found.origin, found.mask.shape
    mask[y : y + rows, x : x + columns] = found.mask
    return mask


def line(sides, angle, offset):
    """Return a function of the place in a picture: below 0 on one side of a line, above beyond."""
    height, width = sides
    across, down = np.cos(angle) / width, np.sin(angle) / height

    def value(y, x):
        return 0.4 * (across * (x - width / 2) + down * (y - height / 2)) - 0.1 * offset

    return value


@pytest.mark.parametrize("fit", list(FITS))
@pytest.mark.parametrize(
    "decoded", [by_dense, by_classes, by_prototypes, by_queries, by_segments, by_prompt]
)
@settings(max_examples=12, deadline=None)
@given(st.integers(40, 190), st.integers(40, 190), st.floats(0, 6.28), st.floats(-1, 1))
def test_decoder_when_fed_in_any_way_then_the_mask_lies_where_it_was(
    decoded, fit, height, width, angle, offset
):
    size = (height, width)
    pixels, window = fitted(np.zeros((*size, 3), np.uint8), FITS[fit])
    placed = Placed(size, pixels.shape[:2], window)
    rows, columns = (side // STRIDE for side in placed.input_size)
    value = line(size, angle, offset)
    down = (np.arange(rows) + 0.5) / rows / window.bottom * height
    along = (np.arange(columns) + 0.5) / columns / window.right * width
    plane = value(down[:, np.newaxis], along).astype(np.float32)

    y, x = (np.arange(side) + 0.5 for side in size)
    truth = value(y[:, np.newaxis], x)
    step = height / (rows * window.bottom), width / (columns * window.right)
    within = [(places >= by) & (places <= side - by)
              for places, by, side in zip((y, x), step, size, strict=True)]  # fmt: skip
    told = within[0][:, np.newaxis] & within[1] & (np.abs(truth) > NEAR)
    assume((truth[told] > 0).mean() > 0.05)
    assume((truth[told] < 0).mean() > 0.05)
    assert np.array_equal(decoded(plane, placed)[told], truth[told] > 0)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from([1, 2, 4]), st.sampled_from([32, 64]), st.integers(16, 64), st.data())
def test_boxes_when_letterboxed_then_as_pasted_into_the_picture(factor, side, short, data):
    """Sides are powers of two, so that places in the input are exact numbers."""
    size = (side * factor, min(short, side) * factor)
    size = size if data.draw(st.booleans()) else size[::-1]
    pixels, window = fitted(
        np.zeros((*size, 3), np.uint8), InputSpec(height=side, width=side, fit=Fit.LETTERBOX)
    )
    x0, y0 = data.draw(st.integers(-8, size[1] - 4)), data.draw(st.integers(-8, size[0] - 4))
    wide, tall = data.draw(st.integers(3, 40)), data.draw(st.integers(3, 40))
    box = np.float32([x0, y0, x0 + wide, y0 + tall])
    small = np.random.default_rng(wide).random((14, 14)).astype(np.float32)
    outputs = [box[np.newaxis] / factor, np.array([1]), np.float32([0.9]), small[None, None]]
    made = replace(load_cards()["mask-rcnn-onnx-12"].decoder, boxes_from_masks=False)
    decoder = boxes(replace(load_cards()["mask-rcnn-onnx-12"], decoder=made), tensors(*outputs))
    found = decoder(outputs, Placed(size, pixels.shape[:2], window))
    (y, x), wanted = pasted(small, box, size, made.mask_threshold)

    assert len(found) == int(wanted.size > 0)
    for crop in found.crops:
        assert crop.origin == (y, x)
        assert np.array_equal(crop.mask, wanted)
