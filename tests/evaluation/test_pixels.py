"""Accuracy, IoU and Dice against hand-made truth and torchmetrics; the rules of void."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pixelwise.core import Foreground, Legend, Panoptic, Segments, Semantic
from pixelwise.errors import InputError
from pixelwise.evaluation import Evaluation, evaluate

LEGEND = Legend.of(["sky", "road", "car", "tree"])
MAPS = arrays(np.int32, (7, 9), elements=st.sampled_from([0, 1, 2, 3, 255]))


def semantic(labels):
    return Semantic(np.asarray(labels, np.int32), LEGEND)


def test_scores_of_a_known_map():
    scores = evaluate(
        semantic([[0, 0, 1, 1], [0, 0, 1, 255]]), semantic([[0, 1, 1, 1], [0, 0, 255, 2]])
    )
    assert scores["accuracy"].value == pytest.approx(5 / 7)
    by_class = {row.name: row.value for row in scores["miou"].per_class}
    assert by_class == {"sky": pytest.approx(3 / 4), "road": pytest.approx(2 / 4)}
    assert scores["miou"].value == pytest.approx((3 / 4 + 2 / 4) / 2)
    assert scores["dice"].value == pytest.approx((6 / 7 + 4 / 6) / 2)


def test_confusion_of_a_known_map_has_void_in_its_last_column():
    names, table = evaluate(semantic([[0, 1, 1, 255]]), semantic([[1, 1, 255, 0]])).confusion
    assert names == ("sky", "road", "car", "tree")
    assert table[:2].tolist() == [[0, 1, 0, 0, 0], [0, 1, 0, 0, 1]]


@given(MAPS, MAPS)
@settings(max_examples=40, deadline=None)
def test_iou_equals_counting_by_hand(truth, labels):
    scores = evaluate(semantic(truth), semantic(labels), ["miou"])["miou"]
    expected = {}
    known = truth != 255
    for class_id, row in enumerate(LEGEND):
        first, second = (truth == class_id) & known, (labels == class_id) & known
        if (first | second).any():
            expected[row.name] = (first & second).sum() / (first | second).sum()
    assert {row.name: row.value for row in scores.per_class} == pytest.approx(expected)
    if expected:
        assert scores.value == pytest.approx(np.mean(list(expected.values())))
    else:
        assert np.isnan(scores.value)


def test_iou_equals_torchmetrics():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    metrics = pytest.importorskip("torchmetrics.classification", reason="no torchmetrics")
    random = np.random.default_rng(0)
    theirs = metrics.MulticlassJaccardIndex(4, ignore_index=255)
    ours = Evaluation(["miou", "accuracy"])
    for _ in range(4):
        truth = random.choice([0, 1, 3, 255], (40, 50)).astype(np.int32)
        labels = random.choice([0, 1, 3], (40, 50)).astype(np.int32)
        theirs.update(torch.from_numpy(labels), torch.from_numpy(truth))
        ours.add(semantic(truth), semantic(labels))
    assert ours.scores()["miou"].value == pytest.approx(float(theirs.compute()), abs=1e-6)


def test_case_dice_equals_the_rule_of_nnunet():
    random = np.random.default_rng(1)
    ours = Evaluation(["case_dice"])
    by_class = [[] for _ in range(4)]
    for _ in range(5):
        truth = random.choice([0, 1, 2], (12, 10, 9), p=[0.8, 0.15, 0.05]).astype(np.int32)
        labels = np.where(random.random(truth.shape) < 0.2, 0, truth)
        ours.add(semantic(truth), semantic(labels))
        for class_id in range(4):  # nnU-Net: 2 TP / (2 TP + FP + FN), NaN where all are 0
            hit = ((truth == class_id) & (labels == class_id)).sum()
            both = (truth == class_id).sum() + (labels == class_id).sum()
            by_class[class_id].append(2 * hit / both if both else np.nan)
    rows = {row.name: row.value for row in ours.scores()["case_dice"].per_class}
    for class_id in range(3):
        name = LEGEND.name(class_id)
        assert rows[name] == pytest.approx(np.nanmean(by_class[class_id]), abs=1e-12)


def test_volume_error_of_a_known_volume():
    truth, mask = np.zeros((2, 4, 4), bool), np.zeros((2, 4, 4), bool)
    truth[0, :2, :2], mask[0, :2, :3] = True, True
    assert evaluate(Foreground(truth), Foreground(mask))["volume_error"].value == 0.5


def test_foreground_scores_only_the_thing():
    mask = np.array([[True, True, False, False]])
    scores = evaluate(Foreground(mask), Foreground(np.array([[True, False, False, False]])))
    assert scores["miou"].value == 0.5
    assert scores["accuracy"].value == 0.75
    assert scores["miou"].per_class == ()


def test_panoptic_maps_are_scored_by_class_too():
    table = Segments.of([1, 2], id=[4, 9])
    truth = Panoptic(np.int32([[4, 4, 9, 0]]), table, LEGEND)
    result = Panoptic(np.int32([[4, 4, 4, 9]]), table, LEGEND)
    assert evaluate(truth, result, ["accuracy"])["accuracy"].value == pytest.approx(2 / 3)


def test_two_empty_masks_have_no_score_rather_than_zero():
    nothing = Foreground(np.zeros((3, 3), bool))
    assert evaluate(nothing, nothing, ["miou"]).to_dict()["miou"]["value"] is None


def test_classes_that_mean_other_things_say_so():
    other = Semantic(np.zeros((2, 2), np.int32), Legend.of(["road", "sky", "car", "tree"]))
    with pytest.raises(InputError, match="0: 'sky' / 'road'"):
        evaluate(semantic(np.zeros((2, 2))), other)


def test_sizes_that_differ_say_so():
    with pytest.raises(InputError, match="sizes must be equal"):
        evaluate(semantic(np.zeros((2, 2))), semantic(np.zeros((2, 3))))


def test_types_that_differ_say_so():
    with pytest.raises(InputError, match="the truth is Semantic and the result Foreground"):
        evaluate(semantic(np.zeros((2, 2))), Foreground(np.zeros((2, 2), bool)))
