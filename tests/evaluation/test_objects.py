"""Average precision against pycocotools, and Panoptic quality against hotcoco."""

import contextlib
import io
import json

import cv2
import numpy as np
import pytest

from pixelwise.core import Crop, Instances, Legend, Regions
from pixelwise.errors import InputError
from pixelwise.evaluation import Evaluation, compare, evaluate, precision, run_lengths
from pixelwise.evaluation.metric import CountSample
from pixelwise.evaluation.objects import lvis

from . import scenes_of_things as scenes

hotcoco = pytest.importorskip("hotcoco", reason="the extra evaluate is not installed")
mask_api = pytest.importorskip("pycocotools.mask", reason="pycocotools is not installed")


def coco_of(pictures, scored):
    rows = []
    for number, things in enumerate(pictures):
        for mask, row, crowd in zip(
            things.masks, things.segments, things.segments.crowd, strict=True
        ):
            code = mask_api.encode(np.asfortranarray(mask.astype(np.uint8)))
            rows.append(
                {
                    "id": len(rows) + 1,
                    "image_id": number + 1,
                    "category_id": row.class_id + 1,
                    "segmentation": code,
                    "bbox": mask_api.toBbox(code).tolist(),
                    "area": float(mask_api.area(code)),
                    "iscrowd": int(crowd),
                }
                | ({"score": row.score} if scored else {})
            )
    return rows


def pycocotools_of(truths, results):
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    truth = COCO()
    height, width = truths[0].size
    truth.dataset = {
        "images": [
            {"id": number + 1, "height": height, "width": width} for number in range(len(truths))
        ],
        "categories": [{"id": row.id + 1, "name": row.name} for row in truths[0].legend],
        "annotations": coco_of(truths, scored=False),
    }
    with contextlib.redirect_stdout(io.StringIO()):
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(coco_of(results, scored=True)), "segm")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation


@pytest.fixture(scope="module")
def pictures():
    truths = [scenes.things(seed) for seed in range(20)]
    return truths, [scenes.guesses(truth, 100 + seed) for seed, truth in enumerate(truths)]


def scored(pictures, metrics=("ap", "ap50", "ap75", "ar"), draws=50):
    evaluation = Evaluation(metrics)
    for truth, result in zip(*pictures, strict=True):
        evaluation.add(truth, result)
    return evaluation.scores(draws=draws)


def test_average_precision_equals_pycocotools(pictures):
    theirs = pycocotools_of(*pictures).stats
    ours = scored(pictures)
    assert ours["ap"].value == pytest.approx(theirs[0], abs=1e-6)
    assert ours["ap50"].value == pytest.approx(theirs[1], abs=1e-6)
    assert ours["ap75"].value == pytest.approx(theirs[2], abs=1e-6)
    assert ours["ar"].value == pytest.approx(theirs[8], abs=1e-6)


def test_average_precision_of_each_class_equals_pycocotools(pictures):
    table = pycocotools_of(*pictures).eval["precision"][:, :, :, 0, 2]
    ours = {row.name: row for row in scored(pictures)["ap"].per_class}
    assert set(ours) == {"car", "person", "dog"}
    for place, row in enumerate(scenes.LEGEND):
        if row.name in ours:
            assert ours[row.name].value == pytest.approx(table[:, :, place].mean(), abs=1e-6)
            assert ours[row.name].low <= ours[row.name].value <= ours[row.name].high


def test_average_precision_of_a_weighted_sample_is_that_of_repeated_pictures(pictures):
    score = scored(pictures)["ap"]
    weights = np.ones((1, 20))
    weights[0, 0] = 2
    drawn = score.sample.values(score.metric, weights).overall[0]
    truths, results = pictures
    again = pycocotools_of([truths[0], *truths], [results[0], *results])
    assert drawn == pytest.approx(again.stats[0], abs=2e-3)  # equal scores sort differently


def test_compiled_and_plain_sweeps_are_equal():
    random = np.random.default_rng(0)
    share = random.integers(0, 3, 60).astype(float)
    hit, ignored = random.random((10, 60)) < 0.6, random.random((10, 60)) < 0.1
    answers = []
    for sweep in (precision._sweep, precision._sweep_plain):
        out = np.zeros(10), np.zeros(10)
        sweep(share, hit, ignored, 70.0, out)
        answers.append(np.concatenate(out))
    assert answers[0] == pytest.approx(answers[1], abs=1e-12)


def test_run_lengths_of_crops_are_those_of_pycocotools(monkeypatch):
    random = np.random.default_rng(1)
    size, masks = (9, 23), [np.zeros((9, 23), bool), np.ones((9, 23), bool)]
    for _ in range(60):
        mask = np.zeros(size, bool)
        y, x = random.integers(0, 9), random.integers(0, 23)
        mask[y:, x:] = random.random((9 - y, 23 - x)) < random.choice([0.1, 0.7, 1])
        masks.append(mask)
    crops = [Crop.of(mask) for mask in masks]
    theirs = [mask_api.encode(np.asfortranarray(mask.view(np.uint8))) for mask in masks]
    expected = [code["counts"].decode() for code in theirs]
    for compiled in (run_lengths.COMPILED, False):
        monkeypatch.setattr(run_lengths, "COMPILED", compiled)
        texts, areas = run_lengths.run_lengths(crops, size)
        assert texts == expected
        assert areas.tolist() == [mask.sum() for mask in masks]
    assert run_lengths.run_lengths([], size)[0] == []


def test_average_precision_without_a_result_is_zero_and_without_a_truth_says_so():
    truth = scenes.things(3, crowd=0)
    none = truth[np.zeros(len(truth), bool)]
    assert evaluate(truth, none, ["ap"])["ap"].value == 0
    with pytest.raises(InputError, match="holds no thing"):
        evaluate(none, truth, ["ap"])


def test_a_better_prediction_has_a_significant_difference(pictures):
    truths, results = pictures
    worse = [
        Instances.of(
            np.roll(np.array(r), 14, 1), r.segments.class_id, r.legend, score=r.segments.score
        )
        for r in results
    ]
    gap = compare(scored((truths, worse)), scored(pictures), draws=200)["ap50"]
    assert gap.value > 0
    assert gap.low > 0
    assert gap.p_value < 0.05


def test_lvis_with_every_class_verified_equals_hotcoco_with_300_detections(pictures):
    plain = scored(pictures)["ap"].value
    assert scored(pictures, ["lvis_ap"], 0)["lvis_ap"].value >= plain - 1e-9


def test_lvis_when_only_some_classes_were_looked_for_then_others_count_neither_way():
    legend = Legend.of(["cat", "dog", "cow"], things=["cat", "dog", "cow"])
    masks = np.zeros((4, 6, 12), bool)
    for number in range(4):
        masks[number, :, 3 * number : 3 * number + 3] = True
    truth = Instances.of(masks[:1], [0], legend)
    found = Instances.of(masks, [0, 0, 1, 2], legend, score=[0.5, 0.9, 0.8, 0.7])

    def score(absent, partly):
        evaluation = Evaluation([lvis({"a": (absent, partly)})])
        evaluation.add(truth, found, "a")
        return evaluation.scores(draws=0)["lvis_ap"]

    assert score([], []).value == pytest.approx(0.5)  # the wrong cat is counted, dog and cow not
    assert score([], [0]).value == pytest.approx(1)  # not every cat is marked: the other may be one
    evaluation = Evaluation([lvis({"a": ([], [])})])
    evaluation.add(truth, found, "b")
    with pytest.raises(InputError, match="looked for in b"):
        evaluation.scores(draws=0)


def test_dsb_ap_of_a_known_picture():
    truth = np.zeros((10, 20), np.int32)
    truth[:10, :10], truth[:10, 10:] = 1, 2
    result = np.zeros((10, 20), np.int32)
    result[:10, :10] = 5  # one of two found, exactly
    result[:8, 12:] = 7  # IoU 0.64: found at 0.5, 0.55 and 0.6
    scores = evaluate(Regions(truth), Regions(result), ["dsb_ap", "dsb_ap50"])
    assert scores["dsb_ap50"].value == 1.0
    assert scores["dsb_ap"].value == pytest.approx((3 * 1.0 + 7 * (1 / 3)) / 10)


def test_dsb_ap_of_instances_equals_that_of_their_label_map():
    legend = Legend.of(["nucleus"], things=["nucleus"])
    random = np.random.default_rng(2)
    truth = np.kron(random.integers(0, 9, (5, 6)), np.ones((7, 7), int)).astype(np.int32)
    result = np.roll(truth, 2, 1)
    sets = []
    for labels in (truth, result):
        masks = np.stack([labels == number for number in np.unique(labels[labels > 0])])
        sets.append(Instances.of(masks, np.zeros(len(masks), np.int32), legend))
    by_map = evaluate(Regions(truth), Regions(result), ["dsb_ap"])["dsb_ap"].value
    assert evaluate(sets[0], sets[1], ["dsb_ap"])["dsb_ap"].value == pytest.approx(by_map)


def as_panoptic_files(pairs, folder, side):
    images, annotations = [], []
    (folder / side).mkdir()
    for number, pair in enumerate(pairs):
        result = pair[0 if side == "truth" else 1]
        labels = result.labels
        bgr = np.stack([labels >> 16, (labels >> 8) & 255, labels & 255], axis=-1).astype(np.uint8)
        cv2.imwrite(str(folder / side / f"{number}.png"), bgr)
        images.append({"id": number, "file_name": f"{number}.jpg", "height": 80, "width": 100})
        rows = [
            {
                "id": r.id,
                "category_id": r.class_id + 1,
                "iscrowd": int(c),
                "area": r.area,
                "bbox": [0, 0, 1, 1],
            }
            for r, c in zip(result.segments, result.segments.crowd, strict=True)
        ]
        annotations.append(
            {"image_id": number, "file_name": f"{number}.png", "segments_info": rows}
        )
    categories = [
        {
            "id": row.id + 1,
            "name": row.name,
            "isthing": int(row.is_thing),
            "color": list(row.colour),
        }
        for row in scenes.LEGEND
    ]
    path = folder / f"{side}.json"
    path.write_text(
        json.dumps({"images": images, "annotations": annotations, "categories": categories})
    )
    return str(path)


def test_panoptic_quality_equals_hotcoco(tmp_path):
    from hotcoco.panoptic import PanopticEval

    pairs = [scenes.panoptic_pair(seed) for seed in range(12)]
    files = [as_panoptic_files(pairs, tmp_path, side) for side in ("truth", "result")]
    theirs = PanopticEval(
        *files, gt_folder=str(tmp_path / "truth"), pred_folder=str(tmp_path / "result")
    )
    theirs.run()
    evaluation = Evaluation(["pq", "sq", "rq"])
    for truth, result in pairs:
        evaluation.add(truth, result)
    ours = evaluation.scores(draws=20)
    expected = theirs.results()["All"]
    assert 0.05 < ours["pq"].value < 0.95
    for name in ("PQ", "SQ", "RQ"):
        assert ours[name.lower()].value == pytest.approx(expected[name.lower()], abs=1e-9)


def test_panoptic_quality_of_instances_equals_that_of_a_panoptic_map():
    from pixelwise.convert import to_instances

    truth, result = scenes.panoptic_pair(5)
    only = Evaluation(["pq"])
    only.add(to_instances(truth), to_instances(result))
    score = only.scores()["pq"]
    assert isinstance(score.sample, CountSample)
    assert 0 < score.value <= 1
