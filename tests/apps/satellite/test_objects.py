"""Object-based classification learns from polygons and from label maps."""

import csv

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely

from pixelwise.apps.satellite.choosing import Choice
from pixelwise.apps.satellite.job import MapJob
from pixelwise.apps.satellite.writing import Wanted, run_map
from pixelwise.errors import InputError, UsageError


def mapped(path, out, train, **more):
    choice = Choice(method="objects", train=train, settings={"trees": 20}, **more)
    return run_map(MapJob(sources=(path,), choice=choice, sensor="sentinel-2"), Wanted(output=out))


def labels_of(path):
    with rasterio.open(path) as source:
        return source.read(1), source.tags(1)


def test_objects_when_trained_on_a_label_map_then_another_scene_is_told(scene, ground, tmp_path):
    kinds, pixels = ground
    truth = scene((kinds == 1)[np.newaxis].astype(np.uint8), "truth.tif")
    one = scene(pixels, "one.tif")
    darker = scene((pixels * 0.6).astype(np.uint16), "darker.tif")

    mapped(darker, tmp_path / "out.tif", ((one, truth),), names=("other", "forest"))

    labels, tags = labels_of(tmp_path / "out.tif")
    assert tags["CLASS_1"] == "forest"
    assert ((labels == 1) == (kinds == 1)).mean() > 0.9


def test_objects_when_trained_on_polygons_then_their_classes_are_learnt(scene, ground, tmp_path):
    kinds, pixels = ground
    path = scene(pixels)
    shapes, names = [], []
    for kind, name in enumerate(["water", "forest", "field", "bare"]):
        for row, column in list(zip(*np.nonzero(kinds[::20, ::20] == kind), strict=True))[:3]:
            x, y = 500000 + column * 200, 4100000 - row * 200
            shapes.append(shapely.box(x + 20, y - 180, x + 180, y - 20))
            names.append(name)
    polygons = tmp_path / "train.gpkg"
    pyogrio.raw.write(
        polygons,
        geometry=shapely.to_wkb(shapes),
        field_data=[np.array(names, object)],
        fields=["class"],
        geometry_type="Polygon",
        crs="EPSG:32633",
    )

    mapped(path, tmp_path / "out.tif", ((None, polygons),))

    labels, tags = labels_of(tmp_path / "out.tif")
    told = np.array([tags[f"CLASS_{n}"] for n in range(4)])[labels]
    expected = np.array(["water", "forest", "field", "bare"])[kinds]
    assert (told == expected).mean() > 0.9


def test_objects_when_tiles_differ_then_the_labels_are_the_same(scene, ground, tmp_path):
    kinds, pixels = ground
    big = np.tile(pixels, (1, 5, 4))
    truth = scene(np.tile(kinds, (5, 4))[np.newaxis].astype(np.uint8), "truth.tif")
    path = scene(big)
    made = []
    for tile in (512, 1024):
        out = tmp_path / f"{tile}.tif"
        choice = Choice(method="objects", train=((None, truth),), settings={"trees": 5})
        run_map(
            MapJob(sources=(path,), choice=choice, sensor="sentinel-2", tile=tile),
            Wanted(output=out),
        )
        made.append(labels_of(out)[0])
    assert (made[0] == made[1]).all()


@pytest.mark.parametrize("cut", ["slic", "felzenszwalb", "watershed"])
def test_segments_when_written_then_their_statistics_are_those_of_their_pixels(
    scene, ground, tmp_path, cut
):
    kinds, pixels = ground
    pixels = np.tile(pixels, (1, 4, 1))
    pixels[:, :30, :50] = 0
    path = scene(pixels, nodata=0)
    truth = scene(np.tile(kinds, (4, 1))[np.newaxis].astype(np.uint8), "truth.tif")
    choice = Choice(
        method="objects", train=((None, truth),), settings={"trees": 5, "segments": cut}
    )
    job = MapJob(sources=(path,), choice=choice, sensor="sentinel-2")
    run_map(job, Wanted(output=tmp_path / "out", kinds=("labels", "segments")))

    numbers, _ = labels_of(tmp_path / "out" / "segments.tif")
    labels, tags = labels_of(tmp_path / "out" / "labels.tif")
    assert (numbers[:30, :50] == 0).all()
    assert ((numbers > 0) == (labels != 255)).all()
    rows = list(csv.DictReader((tmp_path / "out" / "segments.csv").read_text().splitlines()))
    assert [int(row["segment"]) for row in rows] == list(range(1, numbers.max() + 1))
    values = pixels.astype(np.float32) * np.float32(1e-4)
    for row in rows[:: max(1, len(rows) // 20)]:
        mask = numbers == int(row["segment"])
        assert {tags[f"CLASS_{n}"] for n in np.unique(labels[mask])} == {row["class"]}
        assert int(row["pixels"]) == mask.sum()
        y, x = np.nonzero(mask)
        assert float(row["x"]) == pytest.approx(x.mean() + 0.5, abs=0.01)
        assert float(row["y"]) == pytest.approx(y.mean() + 0.5, abs=0.01)
        assert float(row["nir_mean"]) == pytest.approx(values[3][mask].mean(), rel=1e-4)
        assert float(row["nir_sd"]) == pytest.approx(values[3][mask].std(), rel=1e-2, abs=1e-6)
        ndvi = (values[3] - values[2])[mask] / (values[3] + values[2])[mask]
        assert float(row["ndvi_mean"]) == pytest.approx(ndvi.mean(), rel=1e-3)


def test_segments_when_the_map_is_made_of_none_then_said(scene, ground, tmp_path):
    job = MapJob(
        sources=(scene(ground[1]),), choice=Choice(preset="vegetation"), sensor="sentinel-2"
    )
    with pytest.raises(UsageError, match="--method objects"):
        run_map(job, Wanted(output=tmp_path / "out", kinds=("segments",)))


def test_objects_when_it_has_nothing_to_learn_from_then_said(scene, ground, tmp_path):
    path = scene(ground[1])
    flat = scene(np.ones((1, *ground[0].shape), np.uint8), "flat.tif")
    small = scene(np.ones((1, 4, 4), np.uint8), "small.tif")
    with pytest.raises(UsageError, match="--train"):
        mapped(path, tmp_path / "out.tif", ())
    with pytest.raises(InputError, match="two classes"):
        mapped(path, tmp_path / "out.tif", ((None, flat),))
    with pytest.raises(InputError, match="size"):
        mapped(path, tmp_path / "out.tif", ((None, small),))
    choice = Choice(method="otsu", train=((None, flat),))
    with pytest.raises(UsageError, match="--train is for"):
        run_map(MapJob(sources=(path,), choice=choice), Wanted(output=tmp_path / "out.tif"))
