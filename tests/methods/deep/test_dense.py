"""The decoder on hand-made answers of every kind."""

from dataclasses import replace

import numpy as np
import pytest

from pixelwise.cards import Card, DecoderSpec, Grow, Holds, InputSpec, Layout, Licence, LocalSource
from pixelwise.core import Foreground, Legend, Semantic, Task, Tensor
from pixelwise.errors import ModelError
from pixelwise.methods.deep.dense import dense, spread
from pixelwise.methods.deep.placing import Placed
from pixelwise.ops.resize import Window

PETS = Legend.of(["background", "cat", "dog"])
F32 = np.dtype(np.float32)


def card(task=Task.SEMANTIC, legend=PETS, **decoder):
    return Card(
        name="pets",
        task=task,
        legend=legend,
        runtimes=("onnx",),
        input=InputSpec(height=4, width=4, layout=Layout.NHWC),
        decoder=DecoderSpec(**decoder),
        sources=(LocalSource(file="pets.onnx"),),
        licence=Licence(),
    )


def decode(card, *outputs, size=(8, 8), window=None, tensors=None):
    tensors = tensors or tuple(
        Tensor(f"y{number}", values.shape, values.dtype) for number, values in enumerate(outputs)
    )
    placed = Placed(size, (4, 4), window or Window())
    return dense(card, tensors)(outputs, placed)


def halves():
    """Return logits (1, 2, 4, 3): the left half is a cat, the right half a dog."""
    logits = np.zeros((1, 2, 4, 3), np.float32)
    logits[:, :, :2, 1] = 4
    logits[:, :, 2:, 2] = 4
    return logits


def test_logits_when_decoded_then_classes_and_scores():
    result = decode(card(holds=Holds.LOGITS), halves())
    assert isinstance(result, Semantic)
    assert (result.labels[:, :4] == 1).all()
    assert (result.labels[:, 4:] == 2).all()
    scores = np.asarray(result.scores)
    assert scores.shape == (3, 8, 8)
    assert np.allclose(scores.sum(axis=0), 1, atol=1e-6)
    assert scores[1, 0, 0] == pytest.approx(np.exp(4) / (np.exp(4) + 2), abs=1e-6)


def test_logits_when_channels_come_first_then_the_same():
    first = decode(card(holds=Holds.LOGITS), halves())
    moved = np.moveaxis(halves(), -1, 1)
    second = decode(card(holds=Holds.LOGITS, layout=Layout.NCHW), moved)
    assert np.array_equal(first.labels, second.labels)
    assert np.array_equal(np.asarray(first.scores), np.asarray(second.scores))


def test_probabilities_when_decoded_then_taken_as_they_are():
    values = np.zeros((1, 1, 1, 3), np.float32)
    values[..., :] = (0.2, 0.7, 0.1)
    result = decode(card(holds=Holds.PROBABILITIES), values)
    assert (result.labels == 1).all()
    assert np.allclose(np.asarray(result.scores)[:, 3, 3], (0.2, 0.7, 0.1))


def test_class_ids_when_given_then_mapped_and_ignored_ones_are_void():
    spec = card(holds=Holds.LOGITS, class_ids=(2, -1, 1))
    result = decode(spec, halves())
    assert (result.labels[:, :4] == PETS.void).all()
    assert (result.labels[:, 4:] == 1).all()
    scores = np.asarray(result.scores)
    assert scores[1, 0, 7] > 0.9
    assert (scores[0] == 0).all(), "no channel stands for the background"


@pytest.mark.parametrize("dtype", [np.int64, np.int32, np.uint8, np.float32])
def test_ids_when_decoded_then_nearest_at_the_half_pixel(dtype):
    ids = np.array([[[0, 1], [2, 0]]], dtype)
    result = decode(card(holds=Holds.IDS), ids, size=(4, 6))
    assert result.labels.tolist() == [[0, 0, 0, 1, 1, 1]] * 2 + [[2, 2, 2, 0, 0, 0]] * 2
    assert result.scores is None


@pytest.mark.parametrize("ids", [[[3]], [[-1]], [[0.5]], [[np.nan]]])
def test_ids_when_they_are_no_classes_then_model_error(ids):
    with pytest.raises(ModelError):
        decode(card(holds=Holds.IDS), np.array([ids]))


def test_heads_when_decoded_then_later_ones_lie_above():
    area = np.zeros((1, 2, 2, 2), np.float32)
    area[..., 1] = 3
    lane = np.zeros((1, 2, 2, 2), np.float32)
    lane[..., 0] = 3
    lane[:, :, 1, 1] = 9
    spec = card(legend="drivable-lane-3", holds=Holds.HEADS)
    result = decode(spec, area, lane)
    assert (result.labels[:, 0] == 1).all()
    assert (result.labels[:, 7] == 2).all()
    assert np.asarray(result.scores).shape == (3, 8, 8)


def test_heads_when_one_is_missing_then_model_error():
    spec = card(legend="drivable-lane-3", holds=Holds.HEADS)
    with pytest.raises(ModelError, match="1 heads"):
        decode(spec, np.zeros((1, 2, 2, 2), np.float32))


PERSON = {"task": Task.FOREGROUND, "legend": "person-2"}


@pytest.mark.parametrize(
    ("holds", "values"),
    [
        (Holds.PROBABILITY, [[0.1], [0.9]]),
        (Holds.ALPHA, [[0.1], [0.9]]),
        (Holds.LOGIT, [[-2.197225], [2.197225]]),
        (Holds.LOGITS, [[2.197225, 0], [0, 2.197225]]),
        (Holds.PROBABILITIES, [[0.9, 0.1], [0.1, 0.9]]),
    ],
)
def test_foreground_when_the_second_sample_is_likely_then_mask_and_alpha_say_so(holds, values):
    answer = np.array([[values]], np.float32)
    result = decode(card(**PERSON, holds=holds), answer, size=(1, 8))
    assert isinstance(result, Foreground)
    assert result.mask.tolist() == [[False] * 4 + [True] * 4]
    assert result.alpha[0, [0, -1]].tolist() == pytest.approx([0.1, 0.9], abs=1e-6)


def test_foreground_when_saliency_then_spread_unless_nothing_was_found():
    answer = np.array([[[[-3.0], [5.0]]]], np.float32)
    found = decode(card(**PERSON, holds=Holds.SALIENCY), answer, size=(1, 2))
    assert found.alpha.tolist() == [[0, 1]]
    faint = np.array([[[[0.0], [0.01]]]], np.float32)
    assert decode(card(**PERSON, holds=Holds.SALIENCY), faint, size=(1, 2)).is_empty
    assert spread(np.zeros((2, 2), np.float32), 0.5).tolist() == [[0, 0], [0, 0]]


def test_foreground_when_grown_by_corners_then_the_mask_follows_corners_and_alpha_centres():
    answer = np.array([[[[0.0], [1.0]]]], np.float32)
    corners = decode(
        card(**PERSON, holds=Holds.PROBABILITY, grow=Grow.CORNERS), answer, size=(1, 8)
    )
    centres = decode(card(**PERSON, holds=Holds.PROBABILITY), answer, size=(1, 8))
    assert np.array_equal(corners.alpha, centres.alpha)
    assert corners.mask.sum() == centres.mask.sum() == 4


def test_semantic_when_one_channel_then_two_classes():
    legend = Legend.of(["ground", "water"])
    answer = np.array([[[[0.1], [0.9]]]], np.float32)
    result = decode(card(legend=legend, holds=Holds.PROBABILITY), answer, size=(1, 4))
    assert result.labels.tolist() == [[0, 0, 1, 1]]
    assert np.asarray(result.scores).shape == (2, 1, 4)


def test_quantised_answers_when_decoded_then_real_values():
    answer = np.array([[[[128], [255]]]], np.uint8)
    tensor = Tensor("y", answer.shape, answer.dtype, 1 / 127, 128)
    spec = card(**PERSON, holds=Holds.PROBABILITY)
    assert decode(spec, answer, size=(1, 2), tensors=(tensor,)).alpha.tolist() == [[0, 1]]


def test_window_when_the_picture_fills_a_part_then_only_that_part_comes_back():
    answer = np.zeros((1, 4, 4, 1), np.float32)
    answer[:, :2] = 1
    spec = card(**PERSON, holds=Holds.PROBABILITY)
    result = decode(spec, answer, size=(10, 20), window=Window(bottom=0.5))
    assert result.mask.all()
    ids = np.zeros((1, 4, 4), np.int32)
    ids[:, :2] = 1
    labels = decode(card(holds=Holds.IDS), ids, size=(10, 20), window=Window(bottom=0.5)).labels
    assert (labels == 1).all()


@pytest.mark.parametrize(
    "answer",
    [
        np.full((1, 2, 2, 3), np.nan, np.float32),
        np.full((1, 2, 2, 3), -np.inf, np.float32),
        np.zeros((1, 2, 2, 4), np.float32),
        np.zeros((1, 2, 2, 0), np.float32),
        np.zeros((2, 2, 2, 3), np.float32),
        np.zeros((2, 3), np.float32),
    ],
)
def test_answers_when_nonsense_then_model_error(answer):
    with pytest.raises(ModelError):
        decode(card(holds=Holds.LOGITS), answer)


def test_many_classes_when_decoded_then_ids_above_255_survive():
    legend = Legend.of([f"class {number}" for number in range(300)])
    answer = np.zeros((1, 1, 1, 300), np.float32)
    answer[..., 299] = 1
    assert (decode(card(legend=legend, holds=Holds.LOGITS), answer).labels == 299).all()


def test_dense_when_the_card_asks_for_things_then_refused():
    with pytest.raises(ModelError, match="instance"):
        decode(card(task=Task.INSTANCE, holds=Holds.LOGITS), halves())


def test_dense_when_called_then_the_answer_is_untouched():
    answer = halves()
    np.asarray(decode(card(holds=Holds.LOGITS), answer).scores)
    assert np.array_equal(answer, halves())


def test_card_when_replaced_then_still_a_card():
    assert replace(card(holds=Holds.IDS), name="other").name == "other"


def test_logits_when_the_card_has_a_temperature_then_scores_soften_and_labels_stay():
    plain = decode(card(holds=Holds.LOGITS), halves())
    soft = decode(card(holds=Holds.LOGITS, temperature=2.0), halves())

    assert np.array_equal(plain.labels, soft.labels)
    assert np.asarray(soft.scores)[1, 0, 0] == pytest.approx(np.exp(2) / (np.exp(2) + 2), abs=1e-6)


def test_probabilities_when_the_card_has_a_temperature_then_they_are_those_of_the_logits():
    logits = halves()
    powers = np.exp(logits)
    made = decode(
        card(holds=Holds.PROBABILITIES, temperature=2.0),
        (powers / powers.sum(axis=-1, keepdims=True)).astype(np.float32),
    )
    logit = decode(card(holds=Holds.LOGITS, temperature=2.0), logits)
    assert np.allclose(np.asarray(made.scores), np.asarray(logit.scores), atol=1e-4)
