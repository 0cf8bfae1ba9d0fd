"""pixelwise evaluate as a user runs it."""

import json
import re

import numpy as np
import pytest

from pixelwise.cli.scoring import Side, Sides
from pixelwise.cli.worst import pictures_of
from pixelwise.core import Crop, Foreground, Image, Legend, Panoptic, Segments, Semantic
from pixelwise.io.annotations import ANNOTATIONS
from pixelwise.io.annotations.converting import convert
from pixelwise.io.annotations.dataset import Dataset, Sample
from pixelwise.io.annotations.maps import write_grey
from pixelwise.io.annotations.objects import instances_of
from pixelwise.io.files import read, write

LEGEND = Legend.of(["sky", "cat", "dog"], things=["cat", "dog"])


def samples(shift=0, names=("a", "b")):
    for name in names:
        labels = np.ones((20, 30), np.int32)
        labels[5:15, 3 + shift : 13 + shift] = 2
        labels[5:15, 18:28] = 3
        table = Segments.of([0, 1, 2], id=[1, 2, 3])
        yield Sample(name=f"{name}.jpg", result=Panoptic(labels, table, LEGEND))


def written(place, kind="coco-panoptic", **changed):
    convert(Dataset(legend=LEGEND, samples=samples(**changed)), place, kind)
    return place


def scores(done):
    assert done.code == 0, done.err
    return json.loads(done.out)


@pytest.mark.parametrize("kind", ["coco-panoptic", "png", "yolo"])
def test_evaluate_when_same_then_perfect(pixelwise, tmp_path, kind):
    truth = written(tmp_path / "truth")
    other = written(tmp_path / "other", kind)
    found = scores(pixelwise("evaluate", truth, other, "--json", "--metrics", "miou,accuracy"))
    assert found["miou"]["value"] == found["accuracy"]["value"] == 1
    assert found["miou"]["samples"] == 2
    assert set(found["miou"]["per_class"]) == {"sky", "cat", "dog"}


def test_evaluate_when_shifted_then_counted_by_hand(pixelwise, tmp_path):
    truth, other = written(tmp_path / "truth"), written(tmp_path / "other", "voc", shift=1)
    done = pixelwise("evaluate", truth, other, "--metrics", "pq,miou", "--json")
    found = scores(done)
    assert found["pq"]["per_class"]["cat"]["value"] == pytest.approx(90 / 110)
    assert found["miou"]["per_class"]["dog"]["value"] == 1


def test_evaluate_when_report_asked_then_page_stands_alone(pixelwise, tmp_path):
    truth, other = written(tmp_path / "truth"), written(tmp_path / "other", shift=2)
    for ending in (".html", ".csv"):
        done = pixelwise("evaluate", truth, other, "-o", tmp_path / f"report{ending}")
        assert done.code == 0, done.err
        assert "miou" in (tmp_path / f"report{ending}").read_text()
    page = (tmp_path / "report.html").read_text()
    assert "data:image/jpeg" in page
    assert "http" not in page.replace("http://www.w3.org", "")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"names": ("a", "c")}, "no prediction for b (1 in all); no truth for c"),
        ({"names": ("a",)}, "no prediction for b"),
        ({"names": ("x", "y")}, "names do not match"),
    ],
)
def test_evaluate_when_names_differ_then_says_which(pixelwise, tmp_path, changed, words):
    truth, other = written(tmp_path / "truth"), written(tmp_path / "other", **changed)
    done = pixelwise("evaluate", truth, other)
    assert done.code != 0
    assert words in done.err
    assert done.out == b""


def test_evaluate_when_no_class_is_in_both_then_says_so(pixelwise, tmp_path):
    other = Legend.of(["fish"], things=["fish"])
    result = instances_of(Segments.of([0]), [Crop((0, 0), np.ones((2, 2), bool))], (20, 30), other)
    rows = [Sample(name=f"{name}.jpg", result=result) for name in "ab"]
    ANNOTATIONS["coco"].write(tmp_path / "o.json", Dataset(legend=other, samples=rows))
    done = pixelwise("evaluate", written(tmp_path / "truth"), tmp_path / "o.json")
    assert done.code != 0
    assert "no class is in both" in done.err
    assert "fish" in done.err


def test_evaluate_when_sizes_differ_then_says_which(pixelwise, tmp_path):
    result = instances_of(Segments.of([1]), [Crop((0, 0), np.ones((2, 2), bool))], (9, 9), LEGEND)
    rows = [Sample(name=f"{name}.jpg", result=result) for name in "ab"]
    ANNOTATIONS["coco"].write(tmp_path / "o.json", Dataset(legend=LEGEND, samples=rows))
    done = pixelwise(
        "evaluate", written(tmp_path / "truth"), tmp_path / "o.json", "--metrics", "miou"
    )
    assert done.code != 0
    assert "(20, 30)" in done.err


def test_evaluate_when_file_has_faults_then_refused(pixelwise, tmp_path):
    truth = written(tmp_path / "truth.json", "coco")
    table = json.loads(truth.read_text())
    table["annotations"][0]["category_id"] = 77
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps(table))
    done = pixelwise("evaluate", truth, bad)
    assert done.code != 0
    assert "$.annotations[0].category_id" in done.err


def test_evaluate_when_single_masks_then_joined_whatever_their_names(pixelwise, tmp_path):
    mask = written(tmp_path / "truth", "masks", names=("one",))
    other = written(tmp_path / "other", "masks", names=("two",))
    found = scores(pixelwise("evaluate", mask / "one.png", other / "two.png", "--json"))
    assert found["miou"]["value"] == 1


@pytest.mark.models
def test_evaluate_when_calibrate_then_temperature_is_kept_and_used(
    pixelwise, data_dir, model_dir, tmp_path
):
    labels, photos = data_dir / "camvid" / "valannot", tmp_path / "photos"
    photos.mkdir()
    for path in sorted((data_dir / "camvid" / "val").iterdir())[:2]:
        (photos / path.name).symlink_to(path)
    env = {"PIXELWISE_MODEL_PATH": str(model_dir), "PIXELWISE_CACHE": str(tmp_path / "cache")}
    options = ("--calibrate", "deeplab-v3", "--legend", "camvid-11", "--json")
    found = scores(pixelwise("evaluate", labels, photos, *options, env=env))
    kept = json.loads((tmp_path / "cache" / "measured.json").read_text())

    assert found["pictures"] == 2
    assert found["surprise_after"] < found["surprise_before"]
    assert kept["temperatures"]["deeplab-v3"] == pytest.approx(found["temperature"])

    picture = next(photos.iterdir())
    shown = ("segment", picture, "-o", tmp_path, "--model", "deeplab-v3", "--save", "uncertainty")
    maps = []
    for cache in (tmp_path / "cache", tmp_path / "none"):
        done = pixelwise(*shown, env={**env, "PIXELWISE_CACHE": str(cache)})
        assert done.code == 0, done.err
        maps.append(read(tmp_path / f"{picture.stem}.uncertainty.png").pixels.astype(float).mean())
    assert (maps[0] > maps[1]) == (found["temperature"] > 1)
    assert maps[0] != maps[1]


def test_evaluate_when_calibrated_without_pictures_then_error(pixelwise, tmp_path):
    truth = written(tmp_path / "truth")
    done = pixelwise("evaluate", truth, tmp_path, "--calibrate", "no-such-model")
    assert done.code == 2
    assert "no-such-model" in done.err


def test_evaluate_when_the_prediction_has_classes_of_its_own_then_they_are_named(
    pixelwise, tmp_path
):
    few = Legend.of(["sky", "cat"], things=["cat"])
    truth, other = tmp_path / "truth", written(tmp_path / "other")
    convert(
        Dataset(
            legend=few,
            samples=(
                Sample(
                    name=f"{name}.jpg",
                    result=Panoptic(np.ones((20, 30), np.int32), Segments.of([0], id=[1]), few),
                )
                for name in ("a", "b")
            ),
        ),
        truth,
        "coco-panoptic",
    )
    done = pixelwise("evaluate", truth, other, "--metrics", "miou", "--json")
    assert done.code == 0
    assert "classes that the truth lacks: dog;" in done.err
    assert "lacks" not in pixelwise("evaluate", truth, truth, "--metrics", "miou").err


def test_evaluate_when_lvis_says_what_was_looked_for_then_counted_so(pixelwise, tmp_path):
    truth, other = written(tmp_path / "truth", "coco"), written(tmp_path / "other", "coco")
    file = truth / "instances.json"
    table = json.loads(file.read_text())
    dog = next(row["id"] for row in table["categories"] if row["name"] == "dog")
    table["annotations"] = [
        row for row in table["annotations"] if (row["image_id"], row["category_id"]) != (1, dog)
    ]

    def dogs():
        file.write_text(json.dumps(table))
        found = scores(pixelwise("evaluate", truth, other, "--metrics", "lvis_ap", "--json"))
        return found["lvis_ap"]["per_class"]["dog"]["value"]

    assert dogs() == pytest.approx(0.5)  # the first of two is wrong
    for image in table["images"]:
        image |= {"neg_category_ids": [], "not_exhaustive_category_ids": []}
    assert dogs() == pytest.approx(1)  # nobody looked for dogs in the first picture
    table["images"][0]["neg_category_ids"] = [dog]
    assert dogs() == pytest.approx(0.5)


@pytest.mark.parametrize("ending", [".labels.png", ".jpg.labels.png"])
def test_evaluate_when_files_are_named_as_segment_names_them_then_they_find_their_truth(
    pixelwise, tmp_path, ending
):
    truth, other = written(tmp_path / "truth", "png16"), written(tmp_path / "other", "png16")
    for name in ("a", "b"):
        (other / f"{name}.png").rename(other / f"{name}{ending}")
    found = scores(pixelwise("evaluate", truth, other, "--json", "--metrics", "ari"))
    assert found["ari"]["samples"] == 2


def test_evaluate_when_maps_have_the_colours_of_an_official_set_then_classes_are_known(
    pixelwise, tmp_path
):
    voc, camvid = Legend.official("voc-21"), Legend.official("camvid-11")
    for folder, legend, name in (("truth", camvid, "Car"), ("other", voc, "car")):
        labels = np.full((8, 9), next(row.id for row in legend if row.name == name))
        (tmp_path / folder).mkdir()
        write(tmp_path / folder / "a.png", Semantic(labels, legend))
    done = pixelwise(
        "evaluate", tmp_path / "truth", tmp_path / "other", "--metrics", "accuracy", "--json"
    )
    assert scores(done)["accuracy"]["value"] == 1


@pytest.fixture
def clips(tmp_path):
    """Write a square that moves and its masks; those of the prediction miss the frame 2."""
    for folder in ("pictures", "truth", "prediction"):
        (tmp_path / folder / "clip").mkdir(parents=True)
    ground = np.random.default_rng(0).integers(60, 90, (48, 64), np.uint8)
    for number in range(4):
        mask = np.zeros((48, 64), bool)
        mask[12:36, 8 + 4 * number : 30 + 4 * number] = True
        name = f"clip/{number:05d}"
        write(tmp_path / f"pictures/{name}.png", Image(np.where(mask, ground + 120, ground)))
        for side, shown in (("truth", mask), ("prediction", mask & (number != 2))):
            write(tmp_path / f"{side}/{name}.png", Foreground(shown))
    return tmp_path


def test_evaluate_when_flicker_is_asked_then_the_prediction_is_measured(pixelwise, clips):
    sides = ("evaluate", "truth", "prediction", "--metrics", "j,flicker", "--json")
    found = scores(pixelwise(*sides, "--pictures", "pictures"))
    assert found["flicker"]["value"] > 2 / 3  # it goes and comes back
    assert found["flicker"]["samples"] == 3
    assert found["j"]["value"] == 3 / 4
    done = pixelwise(*sides)
    assert done.code == 2
    assert "--pictures" in done.err
    (clips / "pictures/clip/00001.png").unlink()
    assert "no picture called clip/00001" in pixelwise(*sides, "--pictures", "pictures").err


def test_pictures_of_a_video_are_those_of_the_frame_that_agrees_least(clips):
    sides = Sides(Side(clips / "truth"), Side(clips / "prediction"))
    shown = pictures_of({"clip", "clip/00002"}, sides, clips / "pictures")
    assert np.array_equal(shown["clip"].pixels, shown["clip/00002"].pixels)
    assert (shown["clip"].part, shown["clip/00002"].part) == ("frame 00002", "")


def test_evaluate_when_clips_lie_alone_and_are_called_davis_then_are_read_so(pixelwise, clips):
    formats = ("--truth-format", "davis", "--prediction-format", "davis")
    found = scores(pixelwise("evaluate", "truth", "prediction", *formats, "--json"))
    assert found["j_and_f"]["value"] == 3 / 4
    done = pixelwise("evaluate", "pictures/clip", "pictures/clip", *(*formats[:1], "mots"))
    assert done.code != 0


def test_evaluate_when_sides_have_legends_of_their_own_then_classes_meet_by_name(
    pixelwise, tmp_path
):
    roads = {side: Legend.official(side).id_of("road") for side in ("cityscapes-19", "ade20k-150")}
    for side, number in roads.items():
        (tmp_path / side).mkdir()
        write_grey(tmp_path / side / "a.png", np.full((8, 8), number, np.int32))
    legends = ("--legend", "cityscapes-19", "--prediction-legend", "ade20k-150")
    done = pixelwise("evaluate", *roads, *legends, "--metrics", "accuracy", "--json")
    assert len(set(roads.values())) == 2
    assert scores(done)["accuracy"]["value"] == 1


def test_evaluate_when_a_second_prediction_is_given_then_the_two_are_compared(pixelwise, tmp_path):
    names = tuple("abcdef")
    truth = written(tmp_path / "truth", names=names)
    better, worse = (written(tmp_path / f"by{n}", shift=n, names=names) for n in (1, 4))
    sides = ("evaluate", truth, better, "--against", worse, "--metrics", "miou")
    first, second = pixelwise(*sides, "--json").lines
    assert second["against"] == worse.name
    gap = second["differences"]["miou"]
    other = scores(pixelwise("evaluate", truth, worse, "--metrics", "miou", "--json"))
    assert gap["value"] == pytest.approx(other["miou"]["value"] - first["miou"]["value"])
    assert gap["high"] < 0
    assert gap["p_value"] < 0.05
    done = pixelwise(*sides, "-o", "both.html")
    assert f"{worse.name} less {better.name}" in done.out.decode()
    page = (tmp_path / "both.html").read_text()
    assert "Differences" in page
    assert len(set(re.findall('src="data:image/jpeg;base64,([^"]*)"', page))) == 2
