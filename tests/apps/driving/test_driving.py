import csv
import subprocess
import sys

import numpy as np
import pytest

from pixelwise.apps.driving import DRIVING, BirdsEye, Driving, Shares
from pixelwise.catalog import Access
from pixelwise.core import Image, Instances, Legend, Panoptic, Provenance, Semantic, Space
from pixelwise.errors import InvalidSetting, OutputError, UnknownName, UsageError
from pixelwise.io.annotations.cityscapes_ids import label_ids
from pixelwise.io.files import read

CITY = Legend.official("cityscapes-19")
COCO = Legend.official("coco-80")
WAYS = Legend.official("drivable-lane-3")
SIZE = (40, 60)


def made_of(result, model):
    return lambda image: result.made_by(Provenance(model=model), image.space)


def street():
    """A road with a lane, a car that is found, and a bus that only the classes know of."""
    labels = np.full(SIZE, CITY.id_of("sky"), np.int32)
    labels[20:] = CITY.id_of("road")
    labels[10:25, 5:15] = CITY.id_of("car")
    labels[5:25, 40:55] = CITY.id_of("bus")
    mask = np.zeros((2, *SIZE), bool)
    mask[0, 10:25, 5:15] = True
    mask[1, 30:35, 20:30] = True
    found = Instances.of(
        mask,
        np.array([COCO.id_of("car"), COCO.id_of("banana")], np.int32),
        COCO,
        score=np.float32([0.9, 0.9]),
    )
    ways = np.zeros(SIZE, np.int32)
    ways[15:, 10:50] = WAYS.id_of("drivable area")
    ways[25:, 30] = WAYS.id_of("lane line")
    return Driving(
        made_of(Semantic(labels, CITY), "classes"),
        made_of(found, "things"),
        made_of(Semantic(ways, WAYS), "ways"),
        {"drivable area": "drivable area", "lane line": "lane marking"},
    )


def names_of(result):
    return [result.legend.name(int(kind)) for kind in result.segments.class_id]


def test_scene_when_fused_then_things_ground_and_what_only_classes_know():
    result = street()(Image(np.zeros((*SIZE, 3), np.uint8)))

    names = names_of(result)
    assert isinstance(result, Panoptic)
    assert sorted(names) == ["bus", "car", "drivable area", "lane marking", "road", "sky"]
    segment = dict(zip(names, result.segments, strict=True))
    assert segment["car"].score == pytest.approx(0.9)
    assert segment["bus"].score < 0.5
    assert (result.labels[10:25, 5:15] == segment["car"].id).all()
    assert (result.labels[30, 12:28] == segment["drivable area"].id).all()
    assert result.labels[16, 20] == segment["sky"].id  # what may be driven lies on the ground
    assert result.labels[30, 30] == segment["lane marking"].id


@pytest.mark.parametrize(
    ("name", "side", "is_thing"),
    [("traffic sign", 4, True), ("traffic light", 4, True), ("traffic sign", 1, False)],
)
def test_scene_when_only_the_classes_see_a_light_or_sign_then_it_is_a_thing(name, side, is_thing):
    labels = np.full((200, 200), CITY.id_of("sky"), np.int32)
    labels[50 : 50 + side, 60 : 60 + side] = CITY.id_of(name)
    labels[80 : 80 + side, 90 : 90 + side] = CITY.id_of(name)
    labels[120:124, 100:104] = CITY.id_of("car")  # so small a car is a mistake
    nothing = Instances.of(np.zeros((0, 200, 200), bool), np.zeros(0, np.int32), COCO)
    scene = Driving(
        made_of(Semantic(labels, CITY), "classes"), made_of(nothing, "things"), None, {}
    )

    names = names_of(scene(Image(np.zeros((200, 200, 3), np.uint8))))

    assert sorted(names) == ["sky", *[name, name] * is_thing]


def test_scene_when_the_ground_is_not_asked_for_then_the_road_is_one_class():
    scene = street()
    plain = Driving(scene.classes, scene.things, None, {})

    assert "road" in names_of(plain(Image(np.zeros((*SIZE, 3), np.uint8))))


def test_ids_when_exported_then_the_official_ones():
    labels = np.array([[0, 13, 19, 20, 11, 255]], np.int32)

    assert label_ids(Semantic(labels, DRIVING)).tolist() == [[7, 26, 7, 7, 24, 0]]
    with pytest.raises(OutputError, match="banana"):
        label_ids(Semantic(np.zeros((1, 1), np.int32), Legend.of(["banana"])))


def test_birdseye_when_given_four_points_then_they_become_a_rectangle():
    corners = [100.0, 300, 180, 200, 300, 200, 380, 300]

    view = BirdsEye.of(corners)

    points = np.array(corners).reshape(4, 2)
    placed = np.c_[points, np.ones(4)] @ view.matrix.T
    placed = placed[:, :2] / placed[:, 2:]
    assert placed == pytest.approx(np.array([[100, 600], [100, 0], [300, 0], [300, 600]]), abs=1e-2)


def test_birdseye_when_given_a_homography_then_it_is_used():
    view = BirdsEye.of([1, 0, 5, 0, 1, 7, 0, 0, 1])
    labels = np.zeros((20, 20), np.int32)
    labels[3, 4] = 2

    seen = view.labels(labels, void=9)

    assert seen[10, 9] == 2
    assert seen[0, 0] == 9


@pytest.mark.parametrize("numbers", [[1, 2, 3], [0] * 9, [float("nan")] * 8, [1, 1] * 4])
def test_birdseye_when_the_points_span_nothing_then_said(numbers):
    with pytest.raises(InvalidSetting, match="birdseye"):
        BirdsEye.of(numbers)


def test_shares_when_frames_are_added_then_time_and_share_of_each_class():
    table, scene = Shares(), street()
    for number in range(4):
        image = Image(np.zeros((*SIZE, 3), np.uint8), Space(time_s=number / 10))
        table.add(image, scene(image))

    rows = {row["class"]: row for row in csv.DictReader(table.text().splitlines())}

    assert float(rows["car"]["seconds"]) == pytest.approx(0.4)
    assert float(rows["car"]["mean_share_percent"]) == pytest.approx(100 * 150 / 2400, abs=1e-3)
    assert rows["car"]["things"] == "1"
    total = sum(float(row["mean_share_percent"]) for row in rows.values())
    assert total == pytest.approx(100, abs=0.01)


def test_shares_when_pictures_are_listed_then_each_adds_up_to_the_whole():
    table, scene, image = Shares(), street(), Image(np.zeros((*SIZE, 3), np.uint8))
    for _ in range(2):
        table.add(image, scene(image))

    rows = list(csv.DictReader(table.listed(["a.png", "b, c.png"]).splitlines()))

    assert {row["picture"] for row in rows} == {"a.png", "b, c.png"}
    own = [row for row in rows if row["picture"] == "b, c.png"]
    assert sum(float(row["share_percent"]) for row in own) == pytest.approx(100, abs=0.01)
    car = next(row for row in own if row["class"] == "car")
    assert (car["things"], float(car["share_percent"])) == ("1", pytest.approx(6.25))


def test_scene_when_its_options_clash_then_said():
    from pixelwise.apps.driving import driving
    from pixelwise.catalog import Request
    from pixelwise.cli.scenes import Listed, Watched, birdseye, scene_or_segmenter

    with pytest.raises(UnknownName, match="driving"):
        scene_or_segmenter("walking", Request())
    with pytest.raises(UsageError, match="--set"):
        scene_or_segmenter("driving", Request(method="otsu"))
    with pytest.raises(UnknownName, match="twinlitenet"):
        driving({"ways": "canoe"}, Access())
    with pytest.raises(UsageError, match="--scene"):
        Watched.of(lambda image, _: image, None, None, "a.csv")
    with pytest.raises(UsageError, match="--scene"):
        Listed.of(None, "a.csv")
    with pytest.raises(UsageError, match="numbers"):
        birdseye("a,b")


@pytest.mark.models
def test_command_when_run_on_a_street_then_all_its_files(data_dir, model_dir, tmp_path):
    path = min((data_dir / "camvid" / "test").glob("Seq05VD*.png"))
    subprocess.run(
        [
            *(sys.executable, "-m", "pixelwise", "segment", str(path), "--scene", "driving"),
            *("-o", str(tmp_path), "--save", "overlay,cityscapes,panoptic"),
            *("--above", "60,340,215,200,265,200,430,340"),
            *("--table", str(tmp_path / "shares.csv")),
        ],
        check=True,
        capture_output=True,
    )

    truth = read(data_dir / "camvid" / "testannot" / path.name).pixels[..., 0]
    ids = read(tmp_path / f"{path.stem}_gtFine_labelIds.png").pixels[..., 0]
    road = truth == 3
    assert ((ids == 7) & road).sum() / ((ids == 7) | road)[truth != 11].sum() > 0.8
    assert (tmp_path / f"{path.stem}.above.png").exists()
    assert (tmp_path / f"{path.stem}.panoptic.json").exists()
    shares = list(csv.DictReader((tmp_path / "shares.csv").read_text().splitlines()))
    assert {row["picture"] for row in shares} == {str(path)}
    ways = {"road", "drivable area", "lane marking"}
    driven = sum(float(row["share_percent"]) for row in shares if row["class"] in ways)
    assert driven == pytest.approx(100 * (ids == 7).mean(), abs=0.01)
