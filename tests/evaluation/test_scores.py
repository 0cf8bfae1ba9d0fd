"""Error bars, tests between predictions, worst pictures, and errors about names."""

import json

import numpy as np
import pytest

from pixelwise.core import Foreground, Legend, Regions, Semantic
from pixelwise.errors import InputError, MissingExtra, UnknownName
from pixelwise.evaluation import (
    METRICS,
    Evaluation,
    Metric,
    compare,
    evaluate,
    evaluate_all,
    mattes,
)
from pixelwise.evaluation.calibration import reliability
from pixelwise.evaluation.statistics import resamples


def pair(share, seed=0):
    """Return a truth and a result of which ``share`` of the pixels is right."""
    random = np.random.default_rng(seed)
    truth = random.random((40, 40)) < 0.5
    return Foreground(truth), Foreground(truth ^ (random.random((40, 40)) >= share))


def scores_of(shares, metrics=("accuracy", "miou")):
    evaluation = Evaluation(metrics)
    for number, share in enumerate(shares):
        evaluation.add(*pair(share, number), f"p{number}")
    return evaluation.scores(draws=300)


def test_every_row_of_the_table_is_a_metric_with_a_rule():
    for name in METRICS:
        try:
            metric = METRICS[name]
        except MissingExtra:
            continue
        assert isinstance(metric, Metric)
        assert metric.name in (name, "boundary_f")
        assert metric.rule.endswith(".")


def test_interval_holds_the_value_and_narrows_with_more_pictures():
    few, many = scores_of([0.7, 0.9] * 3), scores_of([0.7, 0.9] * 20)
    for scores in (few, many):
        assert scores["accuracy"].low < scores["accuracy"].value < scores["accuracy"].high
    width = [scores["accuracy"].high - scores["accuracy"].low for scores in (few, many)]
    assert width[1] < width[0]


def test_interval_of_one_picture_is_unknown():
    entry = evaluate(*pair(0.8)).to_dict()["miou"]
    assert entry["low"] is None
    assert entry["high"] is None
    assert entry["samples"] == 1


def test_interval_of_a_mean_is_that_of_the_normal_law():
    shares = np.linspace(0.5, 1.0, 60)
    score = scores_of(shares)["accuracy"]
    error = score.per_picture.std() / np.sqrt(60)
    assert score.high - score.low == pytest.approx(2 * 1.96 * error, rel=0.2)


def test_worst_pictures_come_worst_first_whichever_end_is_good():
    scores = scores_of([0.9, 0.6, 0.8], ("accuracy", "hd95"))
    assert [name for name, _ in scores.worst("accuracy", 2)] == ["p1", "p2"]
    values = [value for _, value in scores.worst("hd95", 3)]
    assert values == sorted(values, reverse=True)


def test_a_worse_prediction_is_told_apart_and_an_equal_one_is_not():
    good, bad = scores_of([0.9] * 12), scores_of([0.8] * 12)
    gap = compare(bad, good)["miou"]
    assert gap.low > 0
    assert gap.p_value < 0.01
    same = compare(good, good)["miou"]
    assert (same.value, same.p_value) == (0.0, 1.0)


def test_comparing_other_pictures_says_which():
    with pytest.raises(InputError, match="only one has p2"):
        compare(scores_of([0.9, 0.8]), scores_of([0.9, 0.8, 0.7]))


def test_to_dict_is_json_with_the_names_that_are_fixed():
    legend = Legend.of(["a", "b"])
    labels = np.zeros((9, 9), np.int32)
    labels[2:5, 2:5] = 1
    scores = evaluate(Semantic(labels, legend), Semantic(labels, legend))
    table = json.loads(json.dumps(scores.to_dict(), allow_nan=False))
    assert set(table) == {"accuracy", "miou", "dice", "boundary_iou", "boundary_f", "hd95"}
    assert set(table["miou"]) == {"value", "low", "high", "samples", "per_class"}
    assert table["miou"]["per_class"]["b"]["value"] == 1.0
    regions = Regions(labels + 1)
    assert set(evaluate(regions, regions)) == {"covering", "pri", "vi", "ari", "boundary_f"}
    assert set(evaluate(regions, regions, ["boundary_f"])) == {"boundary_f"}


def test_names_without_partner_say_which():
    truth, result = pair(0.9)
    with pytest.raises(InputError, match=r"no result for a.*no truth for b"):
        evaluate_all({"a": truth}, {"b": result})


def test_nothing_to_score_says_so():
    with pytest.raises(InputError, match="no picture was added"):
        Evaluation().scores()
    with pytest.raises(InputError, match="no metric was asked for"):
        evaluate(*pair(0.9), [])
    with pytest.raises(InputError, match="there is no truth"):
        evaluate_all({}, {})


def test_a_picture_twice_says_so():
    evaluation = Evaluation()
    evaluation.add(*pair(0.9), "a")
    with pytest.raises(InputError, match="added twice"):
        evaluation.add(*pair(0.9), "a")


def test_unknown_metric_names_the_nearest():
    with pytest.raises(UnknownName, match="did you mean 'miou'"):
        evaluate(*pair(0.9), ["mio"])


def test_resamples_are_the_same_for_a_seed():
    assert (resamples(9, 4, 1) == resamples(9, 4, 1)).all()
    assert (resamples(9, 4, 1) != resamples(9, 4, 2)).any()


def soft(alpha):
    return Foreground(alpha >= 0.5, alpha)


def test_matte_errors_of_a_known_matte():
    truth, alpha = np.zeros((10, 10), np.float32), np.zeros((10, 10), np.float32)
    truth[2:8, 2:8] = 1
    alpha[2:8, 2:8] = 0.5
    scores = evaluate(soft(truth), soft(alpha), ["matte_sad", "matte_mse", "matte_connectivity"])
    assert scores["matte_sad"].value == pytest.approx(36 * 0.5 / 1000)
    assert scores["matte_mse"].value == pytest.approx(36 * 0.25 / 100)
    assert scores["matte_connectivity"].value == pytest.approx(36 * 0.5 / 1000, rel=1e-5)
    assert mattes.gradient_error(truth, truth) == 0.0
    assert mattes.gradient_error(truth, alpha) > 0


def test_connectivity_error_forgives_little_and_sad_does_not():
    truth = np.zeros((12, 12), np.float32)
    truth[1:6, 1:6] = 1
    assert mattes.connectivity_error(truth, truth * np.float32(0.95)) == 0.0
    assert mattes.connectivity_error(truth, truth * np.float32(0.5)) == pytest.approx(0.0125)


def test_calibration_of_known_confidences():
    alpha = np.full((10, 10), 0.9, np.float32)
    truth = np.ones((10, 10), bool)
    truth[:4] = False  # said with 0.9, right in 0.6
    score = evaluate(Foreground(truth), Foreground(alpha >= 0.5, alpha), ["ece"])["ece"]
    assert score.value == pytest.approx(0.3, abs=1e-6)
    curve = reliability(score.sample)
    assert curve.pixels.sum() == 100
    assert curve.accuracy[13] == pytest.approx(0.6)


def test_calibration_of_class_scores_equals_torchmetrics():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    metrics = pytest.importorskip("torchmetrics.classification", reason="no torchmetrics")
    random = np.random.default_rng(0)
    legend = Legend.of(["a", "b", "c"])
    scores = random.dirichlet([1, 1, 1], (20, 30)).transpose(2, 0, 1).astype(np.float32)
    truth = random.integers(0, 3, (20, 30)).astype(np.int32)
    truth[:3] = 255
    result = Semantic(scores.argmax(axis=0).astype(np.int32), legend, scores)
    theirs = metrics.MulticlassCalibrationError(3, n_bins=15, ignore_index=255)
    expected = theirs(torch.from_numpy(scores)[None], torch.from_numpy(truth).long()[None])
    ours = evaluate(Semantic(truth, legend), result, ["ece"])["ece"].value
    assert ours == pytest.approx(float(expected), abs=1e-5)


def test_calibration_without_scores_says_so():
    mask = Foreground(np.ones((3, 3), bool))
    with pytest.raises(InputError, match="soft alpha"):
        evaluate(mask, mask, ["ece"])
