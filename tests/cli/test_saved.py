"""pixelwise evaluate on what segment and volume leave in a folder."""

import json

import numpy as np
import pytest

from pixelwise.core import Image, Space
from pixelwise.io.annotations.converting import convert
from pixelwise.io.annotations.dataset import Dataset
from pixelwise.io.files import write

from .test_evaluate import LEGEND, samples, scores, written


def saved_by_segment(folder):
    """Write a file a picture, as ``segment --save coco`` does."""
    folder.mkdir()
    for one in samples():
        convert(Dataset(legend=LEGEND, samples=[one]), folder / f"{one.stem}.coco.json", "coco")
    return folder


def test_evaluate_when_each_picture_has_its_coco_file_then_all_are_scored(pixelwise, tmp_path):
    truth = written(tmp_path / "truth", "png16")
    other = saved_by_segment(tmp_path / "other")
    done = pixelwise("evaluate", truth, other, "--metrics", "dsb_ap", "--json")
    assert scores(done)["dsb_ap"]["samples"] == 2
    assert scores(done)["dsb_ap"]["value"] == pytest.approx(1)  # the truth knows no classes
    assert "a file a picture" in done.err
    assert "warning" not in done.err
    table = json.loads((other / "b.coco.json").read_text())
    table["categories"][0]["name"] = "fish"
    (other / "b.coco.json").write_text(json.dumps(table))
    done = pixelwise("evaluate", truth, other, "--metrics", "dsb_ap")
    assert done.code != 0
    assert "different classes" in done.err


def test_evaluate_when_each_picture_has_its_panoptic_file_then_all_are_scored(pixelwise, tmp_path):
    truth, other = written(tmp_path / "truth"), tmp_path / "other"
    for one in samples():
        place = other / f"{one.stem}.panoptic.json"
        convert(Dataset(legend=LEGEND, samples=[one]), place, "coco-panoptic")
    done = pixelwise("evaluate", truth, other, "--metrics", "pq", "--json")
    assert scores(done)["pq"]["samples"] == 2
    assert scores(done)["pq"]["value"] == 1


def test_evaluate_when_numbers_of_objects_look_like_classes_then_the_way_out(pixelwise, tmp_path):
    truth, other = written(tmp_path / "truth", "png16"), tmp_path / "other"
    other.mkdir()
    for name in ("a", "b"):
        write(other / f"{name}.png", Image(np.full((20, 30), 3, np.uint8)))
    done = pixelwise("evaluate", truth, other, "--metrics", "dsb_ap")
    assert done.code != 0
    assert "--prediction-format png16" in done.err


def test_evaluate_when_volumes_then_counted_by_hand(pixelwise, tmp_path):
    first = np.zeros((4, 10, 10), np.int32)
    first[:, :5], first[:, 5:, :2] = 1, 2
    second = first.copy()
    second[:, 4] = 0
    space = Space((2.0, 1.0, 1.0))
    for folder, labels in (("truth", first), ("other", second)):
        (tmp_path / folder).mkdir()
        for name in ("head", "tail"):
            whole = Image.volume(labels.astype(np.uint8), space)
            write(tmp_path / folder / f"{name}.nii.gz", whole)
    done = pixelwise("evaluate", tmp_path / "truth", tmp_path / "other", "--json", "-o", "r.html")
    found = scores(done)
    assert found["dice"]["per_class"]["1"]["value"] == pytest.approx(2 * 160 / 360)
    assert found["dice"]["per_class"]["2"]["value"] == 1
    assert found["dice"]["samples"] == 2
    page = (tmp_path / "r.html").read_text()
    assert page.count("data:image/jpeg") == 2
    assert page.count("· slice 0<") == 2
    assert '<span class="soft">mm</span>' in page
    one = pixelwise(
        *("evaluate", tmp_path / "truth" / "head.nii.gz", tmp_path / "other" / "tail.nii.gz"),
        *("--metrics", "dice", "--json"),
    )
    assert scores(one)["dice"]["value"] == pytest.approx(found["dice"]["value"])


def test_evaluate_when_a_volume_holds_no_classes_then_says_so(pixelwise, tmp_path):
    write(tmp_path / "a.nii.gz", Image.volume(np.full((2, 3, 4), 0.5, np.float32)))
    done = pixelwise("evaluate", tmp_path / "a.nii.gz", tmp_path / "a.nii.gz")
    assert done.code != 0
    assert "class numbers" in done.err


def as_results(truth, path, **changed):
    """Write the things of a COCO file as COCO's list of results."""
    table = json.loads(truth.read_text())
    keys = ("image_id", "category_id", "segmentation")
    rows = [
        {key: row[key] for key in keys} | {"score": 0.9 - 0.1 * place, **changed}
        for place, row in enumerate(table["annotations"])
    ]
    path.write_text(json.dumps(rows))
    return path


def test_evaluate_when_prediction_is_cocos_list_of_results_then_scored_by_ids(pixelwise, tmp_path):
    truth = written(tmp_path / "truth.json", "coco")
    path = as_results(truth, tmp_path / "results.json")
    done = pixelwise("evaluate", truth, path, "--metrics", "ap", "--json")
    assert scores(done)["ap"]["value"] == 1
    assert scores(done)["ap"]["samples"] == 2
    assert "a list of detections" in done.err


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"image_id": 77}, "$[0].image_id: the truth has no picture 77 (6 such rows)"),
        ({"category_id": 77}, "$[0].category_id: expected the id of a category, not 77"),
    ],
)
def test_evaluate_when_results_have_ids_of_another_truth_then_says_which(
    pixelwise, tmp_path, changed, words
):
    truth = written(tmp_path / "truth.json", "coco")
    path = as_results(truth, tmp_path / "results.json", **changed)
    done = pixelwise("evaluate", truth, path)
    assert done.code != 0
    assert words in done.err


def test_evaluate_when_the_truth_of_results_is_no_coco_then_says_so(pixelwise, tmp_path):
    path = as_results(written(tmp_path / "truth.json", "coco"), tmp_path / "results.json")
    done = pixelwise("evaluate", written(tmp_path / "voc", "voc"), path)
    assert done.code != 0
    assert "by whose ids" in done.err
