"""pixelwise convert as a user runs it."""

import json

import numpy as np
import pytest

from pixelwise.core import Crop, Legend, Segments
from pixelwise.io.annotations import ANNOTATIONS
from pixelwise.io.annotations.converting import open_dataset
from pixelwise.io.annotations.dataset import Dataset, Sample
from pixelwise.io.annotations.objects import instances_of


@pytest.fixture
def coco(tmp_path):
    legend = Legend.of(["cat", "dog"], things=["cat", "dog"])
    ring = np.ones((6, 6), bool)
    ring[2:4, 2:4] = False
    crops = [Crop((1, 1), ring), Crop((0, 4), np.ones((3, 3), bool))]
    result = instances_of(Segments.of([0, 1]), crops, (9, 12), legend)
    place = tmp_path / "in.json"
    sample = Sample(name="a.jpg", result=result)
    ANNOTATIONS["coco"].write(place, Dataset(legend=legend, samples=[sample]))
    return place


def test_convert_when_format_named_then_written_and_losses_listed(pixelwise, coco, tmp_path):
    done = pixelwise("convert", coco, tmp_path / "out", "--to", "yolo")
    assert done.code == 0, done.err
    assert b"1 pictures, 2 objects written, 1 of them changed, 0 left out" in done.out
    losses = (tmp_path / "out.losses.txt").read_text().splitlines()
    (line,) = losses
    assert line.startswith("a.jpg, object 1 'cat': holes: 1 holes are joined by bridges")
    assert "COCO instances" in done.err
    (back,) = open_dataset(tmp_path / "out", "yolo")
    assert [crop.area for crop in back.objects.crops] == [32, 9]


def test_convert_when_nothing_is_lost_then_no_report_is_left(pixelwise, coco, tmp_path):
    done = pixelwise("convert", coco, tmp_path / "out", "--to", "labelme", "--json")
    assert done.lines[0]["losses"] == {}
    assert done.lines[0]["written"] == 2
    assert not (tmp_path / "out.losses.txt").exists()


def test_convert_when_validated_then_every_fault_and_exit_3(pixelwise, coco):
    assert pixelwise("convert", coco, "--validate").code == 0
    table = json.loads(coco.read_text())
    table["annotations"][0]["category_id"] = 77
    table["annotations"][1]["bbox"] = [0, 0, -1, 2]
    coco.write_text(json.dumps(table))
    done = pixelwise("convert", coco, "--validate", "--json")
    assert done.code == 3
    assert [row["path"] for row in done.lines] == [
        "$.annotations[0].category_id",
        "$.annotations[1].bbox",
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["missing", "out", "--to", "voc"], 4, "no such file"),
        (["in.json", "out", "--to", "vocc"], 2, "did you mean 'voc'"),
        (["in.json", "out"], 2, "--to FORMAT"),
        (["in.json", "in.json", "--to", "coco"], 2, "another place"),
        (["in.json", ".", "--to", "voc"], 2, "has files in it"),
    ],
)
def test_convert_when_called_wrongly_then_one_line_and_the_code(
    pixelwise, coco, tmp_path, arguments, code, words
):
    before = coco.read_bytes()
    done = pixelwise("convert", *arguments)
    assert (done.code, coco.read_bytes()) == (code, before)
    assert words in done.err
    assert "Traceback" not in done.err
