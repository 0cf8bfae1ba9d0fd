"""Maps as a whole: tiles, resuming, damage, change."""

import csv
import json
import os
import subprocess
import sys

import numpy as np
import pyogrio
import pytest
import rasterio
from rasterio.control import GroundControlPoint

from pixelwise.apps.satellite.bands import Bands
from pixelwise.apps.satellite.choosing import Choice
from pixelwise.apps.satellite.job import MapJob, made_map
from pixelwise.apps.satellite.mapping import Labeller, Layer, Scratch, map_tiles
from pixelwise.apps.satellite.writing import Wanted, run_map
from pixelwise.core import Legend
from pixelwise.errors import InputError, UsageError
from pixelwise.io.rasters.raster import Raster
from pixelwise.ops.windows import tiles

CHOICES = {
    "preset": Choice(preset="vegetation"),
    "levels": Choice(index="ndwi", levels=(0.0,)),
    "otsu": Choice(method="otsu", index="ndvi"),
    "multi-otsu": Choice(method="multi-otsu", index="ndvi", settings={"classes": "4"}),
    "k-means": Choice(method="k-means", settings={"clusters": "4", "indices": "ndvi"}),
    "gaussian-mixture": Choice(method="gaussian-mixture", settings={"clusters": "4"}),
}


def mapped(path, output, choice, **more):
    wanted = Wanted(output=output, kinds=more.pop("kinds", ("labels",)))
    job = MapJob(sources=(path,), choice=choice, sensor="sentinel-2", **more)
    return run_map(job, wanted)


@pytest.mark.parametrize("name", CHOICES)
def test_map_when_tiles_differ_then_the_labels_are_the_same(scene, ground, tmp_path, name):
    path = scene(ground[1])
    made = []
    for tile in (None, 32, 50):
        out = tmp_path / f"{tile}.tif"
        mapped(path, out, CHOICES[name], tile=tile)
        with rasterio.open(out) as source:
            made.append(source.read(1))
    assert len(np.unique(made[0])) > 1
    assert (made[0] == made[1]).all()
    assert (made[0] == made[2]).all()


@pytest.mark.parametrize("name", ["k-means", "gaussian-mixture"])
def test_map_when_clustered_then_the_kinds_of_ground_are_found(scene, ground, tmp_path, name):
    kinds, pixels = ground
    out = tmp_path / "out.tif"
    mapped(scene(pixels), out, CHOICES[name])
    with rasterio.open(out) as source:
        labels = source.read(1)
    pairs = np.unique(np.stack([kinds.ravel(), labels.ravel()]), axis=1)
    assert pairs.shape[1] == 4  # one class a kind


def test_map_when_written_then_it_lies_where_the_scene_lies(scene, ground, tmp_path):
    path = scene(ground[1])
    written = mapped(
        path,
        tmp_path / "out",
        CHOICES["preset"],
        kinds=("labels", "areas", "overlay", "polygons", "parts"),
    )
    assert {file.name for file in written.files} == {
        "labels.tif",
        "labels.tif.aux.xml",
        "areas.csv",
        "overlay.png",
        "polygons.gpkg",
        "parts.tif",
    }
    assert not list((tmp_path / "out").glob(".*"))
    with rasterio.open(path) as one, rasterio.open(tmp_path / "out" / "labels.tif") as other:
        assert one.crs == other.crs
        assert one.transform == other.transform
        assert other.tags(1)["CLASS_0"] == "dense vegetation"
        labels = other.read(1)
    info = pyogrio.read_info(tmp_path / "out" / "polygons.gpkg")
    with rasterio.open(tmp_path / "out" / "parts.tif") as source:
        assert source.read(1).max() == info["features"]
    counts = np.bincount(labels.ravel(), minlength=5)[:5]
    assert [row.pixels for row in written.areas] == counts.tolist()


def test_map_when_no_data_then_void_and_outside_the_shares(scene, ground, tmp_path):
    pixels = ground[1].copy()
    pixels[:, :40] = 0
    written = mapped(scene(pixels, nodata=0), tmp_path / "out.tif", CHOICES["preset"], tile=32)
    with rasterio.open(tmp_path / "out.tif") as source:
        labels = source.read(1)
    assert (labels[:40] == 255).all()
    assert (labels[40:] != 255).all()
    assert sum(row.share for row in written.areas) == pytest.approx(1)


def test_map_when_a_tile_is_all_nodata_then_it_is_skipped(scene, ground, tmp_path):  # 82
    pixels = ground[1].copy()
    pixels[:, :32] = 0
    asked = []

    class Counting(Labeller):
        legend, bands = Legend.of(["a"]), ("b1",)

        def __call__(self, part):
            asked.append(part.core)
            return np.zeros((part.core.height, part.core.width), np.uint8)

    with Raster([scene(pixels, nodata=0)]) as raster:
        layer, wanted = Layer(raster, Bands.of(raster)), Scratch(tmp_path / "tiles", None)
        map_tiles(layer, Counting(), wanted, (32, 32), lambda: None)

    every = set(tiles(raster.size, (32, 32)))
    assert set(asked) == {window for window in every if window.top}
    assert {window for window in every if not wanted.load(window)} == {
        window for window in every if not window.top
    }


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_map_when_a_picture_has_control_points_then_the_map_has_them(tmp_path):
    points = [
        GroundControlPoint(row, column, 10 + column / 100, 50 - row / 100, 0)
        for row, column in ((0, 0), (0, 63), (63, 0), (63, 63))
    ]
    rpcs = {
        **{f"{name}_{end}": "1" for name in ("LINE", "SAMP") for end in ("OFF", "SCALE")},
        **{f"{name}_{end}": "2" for name in ("LAT", "LONG", "HEIGHT") for end in ("OFF", "SCALE")},
        **{
            f"{name}_{part}_COEFF": " ".join(["1", *["0"] * 19])
            for name in ("LINE", "SAMP")
            for part in ("NUM", "DEN")
        },
    }
    path = tmp_path / "in.tif"
    profile = {"driver": "GTiff", "height": 64, "width": 64, "count": 1, "dtype": "uint8"}
    with rasterio.open(path, "w", **profile) as target:
        target.write(np.arange(4096, dtype=np.uint8).reshape(1, 64, 64))
        target.gcps = (points, rasterio.crs.CRS.from_epsg(4326))
        target.update_tags(ns="RPC", **rpcs)
    for cog in (False, True):
        made_map(
            MapJob(sources=(path,), choice=Choice(index="b1", levels=(0.5,)), cog=cog),
            tmp_path / str(cog),
        )
        with (
            rasterio.open(path) as one,
            rasterio.open(tmp_path / str(cog) / "now/labels.tif") as two,
        ):
            assert [point.asdict() for point in two.gcps[0]] != []
            for first, second in zip(one.gcps[0], two.gcps[0], strict=True):
                assert (first.row, first.col, first.x, first.y) == pytest.approx(
                    (second.row, second.col, second.x, second.y)
                )
            assert one.gcps[1] == two.gcps[1]
            assert two.rpcs.to_dict() == one.rpcs.to_dict()


def test_map_when_killed_and_restarted_then_the_file_is_identical(scene, ground, tmp_path):  # 29
    path = scene(ground[1])
    command = [sys.executable, "-m", "pixelwise", "map", str(path), "--sensor", "sentinel-2"]
    command += ["--preset", "vegetation", "--tile", "24"]
    whole, resumed = tmp_path / "whole.tif", tmp_path / "resumed.tif"
    subprocess.run([*command, "-o", str(whole)], check=True, capture_output=True)

    killed = subprocess.run(
        [*command, "-o", str(resumed)],
        env={**os.environ, "PIXELWISE_FAILPOINT": "before_rename:20"},
        capture_output=True,
        check=False,
    )
    assert killed.returncode < 0
    assert not resumed.exists()
    kept = tmp_path / ".resumed.tif.tiles" / "now"
    done = {file.name: file.stat().st_mtime_ns for file in kept.iterdir() if file.suffix != ".part"}
    assert len(done) == 19

    subprocess.run(
        [*command, "-o", str(resumed)],
        env={**os.environ, "PIXELWISE_FAILPOINT": "before_rename:20"},
        capture_output=True,
        check=False,
    )
    later = {
        file.name: file.stat().st_mtime_ns for file in kept.iterdir() if file.suffix != ".part"
    }
    assert len(later) == 19 + 19  # none was made twice
    assert done.items() <= later.items()

    again = subprocess.run(
        [*command, "-o", str(resumed), "--json"], check=True, capture_output=True, text=True
    )
    assert resumed.read_bytes() == whole.read_bytes()
    assert not kept.exists()
    assert json.loads(again.stdout)["classes"]["none"]["pixels"] > 0


def test_map_when_a_tile_is_damaged_then_no_data_listed_and_exit_3(scene, ground, tmp_path):  # 85
    import tifffile

    path = scene(ground[1], tiled=True, blockxsize=32, blockysize=32, compress="deflate")
    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        offset, count = page.dataoffsets[8], page.databytecounts[8]
    data = bytearray(path.read_bytes())
    data[offset : offset + count] = b"\x55" * count
    path.write_bytes(bytes(data))

    done = subprocess.run(
        [
            *(sys.executable, "-m", "pixelwise", "map", str(path), "--sensor", "sentinel-2"),
            *("--preset", "vegetation", "-o", str(tmp_path / "out.tif")),
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 3
    assert "rows 32 to 63" in done.stderr
    with rasterio.open(tmp_path / "out.tif") as source:
        labels = source.read(1)
    assert (labels == 255).sum() == 32 * 32


def test_map_when_there_are_two_dates_then_a_table_of_changes(scene, ground, tmp_path):
    _, pixels = ground
    later = pixels.copy()
    later[:, 20:40, 20:40] = np.array([1200, 1500, 1900, 2200])[:, None, None]
    before, now = scene(pixels, "a.tif"), scene(later, "b.tif")
    job = MapJob(
        sources=(now,), before=(before,), choice=Choice(preset="land-use"), sensor="sentinel-2"
    )

    written = run_map(job, Wanted(output=tmp_path / "out", kinds=("labels",)))

    moved = [row for row in written.changes if len(set(row.name.split(" -> "))) == 2 and row.pixels]
    assert sum(row.pixels for row in moved) in (0, 400)
    assert sum(row.pixels for row in written.changes) == pixels[0].size
    with rasterio.open(tmp_path / "out" / "change.tif") as source:
        assert " -> " in source.tags(1)["CLASS_1"]
    table = (tmp_path / "out" / "transitions.csv").read_text().splitlines()
    assert len(table) == 1 + len(written.areas)


KINDS_OF_GROUND = {  # blue, green, red, nir, swir16, swir22
    "water": (900, 800, 400, 200, 100, 80),
    "forest": (300, 500, 300, 4000, 1500, 700),
    "town": (1300, 1500, 1800, 2250, 3200, 2900),
    "soil": (1400, 1700, 2000, 2800, 3100, 2500),
}
TOLD = {
    "land-use": ("water", "dense vegetation", "built-up", "bare"),
    "vegetation": ("none", "dense vegetation", "almost none", "almost none"),
    "urban": ("water", "not built-up", "built-up", "not built-up"),
}
"""Preset -> the class of water, forest, town and soil."""


@pytest.mark.parametrize("name", TOLD)
def test_preset_when_a_town_grows_then_its_tables_say_by_how_much(scene, tmp_path, name):
    kinds = np.repeat(np.arange(4), 10)[np.newaxis].repeat(40, 0)
    later = kinds.copy()
    later[:10, 10:20] = 2  # a hectare of forest becomes town
    looks = np.array(list(KINDS_OF_GROUND.values()), np.uint16)
    before, now = (
        scene(looks[ground].transpose(2, 0, 1), f"{n}.tif")
        for n, ground in enumerate((kinds, later))
    )
    job = MapJob(sources=(now,), before=(before,), choice=Choice(preset=name), sensor="sentinel-2")

    written = run_map(job, Wanted(output=tmp_path, kinds=("areas",)))

    told = TOLD[name]
    areas = {row.name: row for row in written.areas}
    for title in set(told):
        pixels = sum((later == n).sum() for n in range(4) if told[n] == title)
        assert areas[title].pixels == pixels
        assert areas[title].share == pytest.approx(pixels / 1600)
        assert areas[title].hectares == pytest.approx(pixels / 100, rel=2e-3)  # UTM's scale
    rows = list(csv.DictReader((tmp_path / "areas.csv").read_text().splitlines()))
    assert {row["class"]: float(row["share_percent"]) for row in rows} == pytest.approx(
        {row.name: row.share * 100 for row in written.areas}, abs=1e-3
    )
    table = list(csv.reader((tmp_path / "transitions.csv").read_text().splitlines()))
    became = {(row[0], table[0][n]): float(row[n]) for row in table[1:] for n in range(1, len(row))}
    changed = {pair: size for pair, size in became.items() if pair[0] != pair[1] and size}
    assert changed == {(told[1], told[2]): pytest.approx(1.0, rel=2e-3)}


def test_map_when_dates_lie_on_other_grids_then_the_earlier_is_brought_over(
    scene, ground, tmp_path
):
    now = scene(ground[1], "a.tif")
    moved = rasterio.Affine(10.0, 0.0, 500100.0, 0.0, -10.0, 4100000.0)
    before = scene(ground[1], "b.tif", transform=moved)
    job = MapJob(
        sources=(now,), before=(before,), choice=Choice(preset="land-use"), sensor="sentinel-2"
    )
    written = run_map(job, Wanted(output=tmp_path / "out", kinds=("labels",)))
    assert any("brought to the grid" in note for note in written.done.notes)
    height, width = ground[0].shape
    assert sum(row.pixels for row in written.changes) == height * (width - 10)


def test_map_when_the_raster_is_huge_and_sparse_then_only_what_is_there_is_read(tmp_path):  # 22
    path = tmp_path / "huge.tif"
    grid = {"crs": "EPSG:32633", "transform": rasterio.Affine(1, 0, 4e5, 0, -1, 5e6)}
    profile = {"driver": "GTiff", "height": 30_000, "width": 30_000, "count": 1}
    profile |= {"dtype": "uint8", "tiled": True, "bigtiff": "YES", "nodata": 0}
    with rasterio.open(path, "w", sparse_ok=True, **profile, **grid) as target:
        values = np.full((1, 256, 256), 200, np.uint8)
        target.write(values, window=rasterio.windows.Window(15_360, 23_040, 256, 256))
    job = MapJob(sources=(path,), choice=Choice(index="b1", levels=(0.5,)), overviews=False)

    written = run_map(job, Wanted(output=tmp_path / "out.tif"))

    assert [row.pixels for row in written.areas] == [0, 256 * 256]
    with rasterio.open(tmp_path / "out.tif") as source:
        assert source.shape == (30_000, 30_000)
        part = source.read(1, window=rasterio.windows.Window(15_359, 23_039, 3, 3))
    assert part.tolist() == [[255, 255, 255], [255, 1, 1], [255, 1, 1]]
    assert (tmp_path / "out.tif").stat().st_size < 4_000_000


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (Choice(), "name one of"),
        (Choice(preset="water", method="otsu"), "name one of"),
        (Choice(levels=(1.0,)), "--index"),
        (Choice(method="canny"), "k-means"),
        (Choice(preset="nothing"), "vegetation"),
        (Choice(model="deeplab-nothing"), "deeplab"),
    ],
)
def test_map_when_the_choice_makes_no_sense_then_said(scene, ground, tmp_path, choice, message):
    with pytest.raises(UsageError, match=message):
        mapped(scene(ground[1]), tmp_path / "out.tif", choice)


def test_map_when_a_band_is_not_known_then_said_how_to_name_it(scene, ground, tmp_path):
    path = scene(ground[1])
    job = MapJob(sources=(path,), choice=Choice(preset="vegetation"))
    with pytest.raises(InputError, match="--sensor"):
        run_map(job, Wanted(output=tmp_path / "out.tif"))
    with pytest.raises(UsageError, match="is an input"):
        run_map(job, Wanted(output=path))
