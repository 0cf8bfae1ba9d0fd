import numpy as np
import pytest

from pixelwise.core import Foreground, Instances, Legend, Regions, Semantic
from pixelwise.errors import InputError
from pixelwise.methods.deep.uncertainty import fit_temperature, tempered, uncertainty

LEGEND = Legend.of(["a", "b", "c"])
THINGS = Legend.of(["disc"], things=["disc"])


def drawn(temperature, seed=0, count=40_000):
    """Give a truth drawn from probabilities, and a result whose logits are scaled."""
    random = np.random.default_rng(seed)
    logits = random.normal(scale=1.5, size=(3, 1, count)).astype(np.float32)
    chances = np.exp(logits) / np.exp(logits).sum(axis=0)
    pick = random.random((1, count))
    truth = (pick > chances[0]).astype(np.int32) + (pick > chances[0] + chances[1])
    scaled = logits * temperature
    said = np.exp(scaled) / np.exp(scaled).sum(axis=0)
    labels = said.argmax(axis=0).astype(np.int32)
    return Semantic(truth.astype(np.int32), LEGEND), Semantic(labels, LEGEND, said)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_fit_temperature_when_logits_are_scaled_then_the_scale_is_found(temperature):
    found = fit_temperature([drawn(temperature)], samples=40_000)
    assert found.temperature == pytest.approx(temperature, rel=0.05)
    assert found.pictures == 1
    assert found.after <= found.before


def test_fit_temperature_when_a_foreground_is_too_sure_then_it_is_above_one():
    truth, result = drawn(3.0)
    soft = result.scores[1] / (result.scores[1] + result.scores[0])
    kept = truth.labels < 2
    alpha = np.asarray(soft)[kept][np.newaxis].astype(np.float32)
    pair = Foreground(truth.labels[kept][np.newaxis] == 1), Foreground(alpha > 0.5, alpha)

    assert fit_temperature([pair], samples=40_000).temperature == pytest.approx(3.0, rel=0.1)


def test_fit_temperature_when_truth_is_void_then_it_has_no_say():
    truth, result = drawn(2.0)
    labels = np.array(truth.labels)
    labels[:, ::2] = LEGEND.void
    found = fit_temperature([(Semantic(labels, LEGEND), result)], samples=40_000)
    assert found.temperature == pytest.approx(2.0, rel=0.1)


def test_fit_temperature_when_nothing_is_known_then_it_refuses():
    truth, result = drawn(1.0, count=10)
    void = Semantic(np.full_like(truth.labels, LEGEND.void), LEGEND)

    with pytest.raises(InputError, match="known truth"):
        fit_temperature([])
    with pytest.raises(InputError, match="known truth"):
        fit_temperature([(void, result)])
    with pytest.raises(InputError, match="only labels"):
        fit_temperature([(truth, truth)])


def test_tempered_when_the_temperature_is_undone_then_the_probabilities_come_back():
    chances = np.float32([[0.7, 0.1], [0.2, 0.1], [0.1, 0.8]])
    assert np.allclose(tempered(tempered(chances, 2.5), 1 / 2.5), chances, atol=1e-5)


def test_uncertainty_when_foreground_then_the_doubt_of_the_side_taken():
    alpha = np.float32([[0.1, 0.4, 0.6]])
    made = uncertainty(Foreground(np.array([[False, True, True]]), alpha))
    assert np.allclose(made, [[0.1, 0.6, 0.4]])


def test_uncertainty_when_classes_then_one_minus_the_label_s_probability_and_void_is_one():
    scores = np.float32([[[0.2, 0.9, 0.3]], [[0.8, 0.1, 0.3]], [[0.0, 0.0, 0.4]]])
    made = uncertainty(Semantic(np.array([[1, 0, LEGEND.void]], np.int32), LEGEND, scores))
    assert np.allclose(made, [[0.2, 0.1, 1.0]])


def test_uncertainty_when_things_overlap_then_the_surer_one_counts():
    masks = np.array([[[1, 1, 0]], [[0, 1, 0]]], bool)
    found = Instances.of(masks, np.zeros(2, np.int32), THINGS, score=np.float32([0.5, 0.75]))
    assert uncertainty(found).tolist() == [[0.5, 0.25, 0.0]]


def test_uncertainty_when_empty_then_it_still_answers():
    nothing = Instances.of(np.zeros((0, 2, 3), bool), np.zeros(0, np.int32), THINGS)
    alpha = np.zeros((2, 3), np.float32)
    assert not uncertainty(nothing).any()
    assert not uncertainty(Foreground(alpha > 0.5, alpha)).any()


def test_uncertainty_when_there_are_no_probabilities_then_it_says_so():
    with pytest.raises(InputError, match="no probabilities"):
        uncertainty(Regions(np.zeros((2, 2), np.int32)))
    with pytest.raises(InputError, match="no probabilities"):
        uncertainty(Foreground(np.eye(2, dtype=bool)))
