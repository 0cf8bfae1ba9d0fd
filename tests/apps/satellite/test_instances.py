"""Things of a map one by one: joined across seams, whatever the tiles are."""

from types import SimpleNamespace

import numpy as np
import pyogrio
import pytest
import rasterio

from pixelwise.apps.satellite import job as jobs
from pixelwise.apps.satellite.choosing import Choice
from pixelwise.apps.satellite.instances import InstanceMapper, found_in
from pixelwise.apps.satellite.job import MapJob
from pixelwise.apps.satellite.lattice import Lattice
from pixelwise.apps.satellite.mapping import Part
from pixelwise.apps.satellite.writing import Wanted, run_map
from pixelwise.cards import Channels
from pixelwise.catalog import find
from pixelwise.core import Image, Instances, Legend
from pixelwise.errors import UsageError
from pixelwise.io.files import read
from pixelwise.ops.components import relabel
from pixelwise.ops.windows import Window, tiles

KINDS = Legend.of(["low", "high"], things=["low", "high"])


class Blocks:
    """Finds each connected part of one level, so that it tells touching things apart."""

    name, runtime, sessions = "blocks", "none", 1

    def __init__(self, path, side=(64, 80), dies_after=10**9):
        self.path, self.left, self.seen = path, dies_after, 0
        spec = SimpleNamespace(height=side[0], width=side[1], channels=Channels.RGB, bands=())
        self.card = SimpleNamespace(legend_object=lambda: KINDS, input=spec)

    def __call__(self, image):
        if self.seen >= self.left:
            raise KeyboardInterrupt
        self.seen += 1
        levels = image.pixels[..., 0]
        parts, count = relabel(levels.astype(np.int32), diagonal=False)
        masks = parts == np.arange(1, count + 1)[:, np.newaxis, np.newaxis]
        level = np.array([levels[mask][0] for mask in masks], np.int64)
        return Instances.of(
            masks, (level > 100).astype(np.int32), KINDS, score=(level / 255).astype(np.float32)
        )


@pytest.fixture
def blocks(scene):
    """Levels of touching blocks, some larger than a window, and their raster."""
    generator, levels, number = np.random.default_rng(3), np.zeros((300, 420), np.uint8), 0
    top = 0
    while top < levels.shape[0]:
        left, high = 0, int(generator.integers(12, 90))
        while left < levels.shape[1]:
            wide = int(generator.integers(10, 120))
            number += 1
            if number % 7:  # else a gap
                levels[top : top + high, left : left + wide] = 5 * number
            left += wide
        top += high
    assert 100 < 5 * number < 250
    return levels, scene(np.stack([levels] * 3))


@pytest.fixture
def mapped(monkeypatch, tmp_path):
    """Map a raster by a network of the test; return what was written and the folder."""

    def run(network, path, name="out", tile=None, **more):
        monkeypatch.setattr(jobs, "mapper_for", lambda *_: InstanceMapper(network))
        job = MapJob(sources=(path,), choice=Choice(model="x"), sensor="rgb", tile=tile, **more)
        return run_map(job, Wanted(output=tmp_path / name)), tmp_path / name

    return run


def numbers_in(folder, name="parts.tif"):
    with rasterio.open(folder / name) as source:
        return source.read(1)


def is_same_partition(one, other):
    pairs = np.unique(np.stack([one.ravel(), other.ravel()]), axis=1).shape[1]
    return pairs == len(np.unique(one)) == len(np.unique(other))


def test_things_when_they_touch_across_borders_then_each_is_one_whatever_the_tiles(blocks, mapped):
    levels, path = blocks
    truth, count = relabel(levels.astype(np.int32), diagonal=False)
    made = []
    for tile in (None, 32, 100, 256):
        _, folder = mapped(Blocks(path), path, f"{tile}", tile)
        made.append(numbers_in(folder))
        classes = numbers_in(folder, "labels.tif")
        assert (classes == np.where(levels == 0, 2, levels > 100)).all()
        rows = (folder / "things.csv").read_text().splitlines()
        assert len(rows) == 1 + count

    assert is_same_partition(made[0], truth)
    assert all((one == made[0]).all() for one in made[1:])
    assert sorted(np.unique(made[0])) == list(range(count + 1))


def test_things_when_written_then_polygons_and_table_tell_of_each(blocks, mapped, tmp_path):
    levels, path = blocks
    _, folder = mapped(Blocks(path), path)
    written, polygons = mapped(Blocks(path), path, "out.gpkg")
    numbers = numbers_in(folder)

    meta, _, _, fields = pyogrio.raw.read(polygons)
    table = dict(zip(meta["fields"], fields, strict=True))
    assert sorted(table["number"]) == list(range(1, numbers.max() + 1))
    areas = dict(zip(table["number"].tolist(), table["area_ha"].tolist(), strict=True))
    head, *rows = (folder / "things.csv").read_text().splitlines()
    assert head == "number,class,score,pixels,area_m2,x0,y0,x1,y1"
    for row in (line.split(",") for line in rows):
        mask = numbers == int(row[0])
        y, x = np.nonzero(mask)
        level = int(levels[y[0], x[0]])
        assert row[1] == ("high" if level > 100 else "low")
        assert float(row[2]) == pytest.approx(level / 255, abs=1e-4)
        assert int(row[3]) == mask.sum()
        assert float(row[4]) == pytest.approx(areas[int(row[0])] * 1e4, rel=1e-4)
        assert [int(edge) for edge in row[5:]] == [x.min(), y.min(), x.max() + 1, y.max() + 1]
    by_name = {row.name: row.pixels for row in written.areas}
    assert by_name["background"] == (levels == 0).sum()
    assert (folder / "overlay.png").exists()


def test_things_when_they_overlap_then_the_surer_is_seen(scene, mapped):
    class Two(Blocks):
        def __call__(self, image):
            masks = np.zeros((2, image.height, image.width), bool)
            masks[0, 10:30, 10:30] = masks[1, 20:40, 20:40] = True
            return Instances.of(masks, np.int32([0, 1]), KINDS, score=np.float32([0.4, 0.8]))

    path = scene(np.ones((3, 60, 70), np.uint8))
    _, folder = mapped(Two(path), path, tile=16)

    numbers = numbers_in(folder)
    assert np.bincount(numbers.ravel())[1:].tolist() == [300, 400]
    assert numbers[25, 25] == 2


def test_things_when_surer_ones_hide_more_than_half_then_left_out(scene, mapped):
    class Three(Blocks):
        def __call__(self, image):
            masks = np.zeros((3, image.height, image.width), bool)
            masks[0, 10:30, 10:30] = masks[1, 10:30, 16:40] = masks[2, 40:50, 10:20] = True
            return Instances.of(masks, np.int32([0, 0, 1]), KINDS, score=np.float32([0.4, 0.8, 1]))

    path = scene(np.ones((3, 60, 70), np.uint8))
    _, folder = mapped(Three(path), path, tile=16)

    assert np.bincount(numbers_in(folder).ravel())[1:].tolist() == [0, 20 * 24, 100]
    assert [line.split(",")[0] for line in (folder / "things.csv").read_text().splitlines()] == [
        "number",
        "2",
        "3",
    ]


def test_things_when_there_is_no_data_then_none_and_no_background(blocks, scene, mapped):
    levels, _ = blocks
    pixels = np.stack([levels] * 3)
    pixels[:, 40:170, 60:300] = 255
    path = scene(pixels, "holes.tif", nodata=255)
    _, folder = mapped(Blocks(path), path, tile=64)

    gone = np.zeros(levels.shape, bool)
    gone[40:170, 60:300] = True
    assert (numbers_in(folder)[gone] == 0).all()
    classes = numbers_in(folder, "labels.tif")
    assert ((classes == 255) == gone).all()


def test_things_when_killed_and_restarted_then_no_window_is_seen_twice(blocks, mapped):  # 29
    _, path = blocks
    whole = Blocks(path)
    _, folder = mapped(whole, path, "whole", tile=64)
    with pytest.raises(KeyboardInterrupt):
        mapped(Blocks(path, dies_after=20), path, "resumed", tile=64)

    again = Blocks(path)
    _, resumed = mapped(again, path, "resumed", tile=64)

    assert whole.seen - 20 <= again.seen < whole.seen
    for name in ("labels.tif", "parts.tif", "things.csv"):
        assert (folder / name).read_bytes() == (resumed / name).read_bytes()


def test_things_when_a_tile_is_packed_then_it_comes_back(blocks):
    levels, path = blocks
    mapper, size = InstanceMapper(Blocks(path)), levels.shape
    pixels, valid = np.stack([levels] * 3, axis=-1), levels != 5
    found = []
    for core in tiles(size, (100, 128)):
        window = mapper.seen(core, size)
        place = window.within(Window(0, 0, *size))
        body = mapper.kept(Part(pixels[place], valid[place], window, core, size))
        seen, known = found_in(body, core)
        assert (known == valid[core.within(Window(0, 0, *size))]).all()
        found += seen
    windows = Lattice(mapper.side, size).meeting(Window(0, 0, *size))
    assert {one.window for one in found} <= set(windows)
    assert len({one.window for one in found}) > 0.8 * len(windows)
    for one in found:
        level = set(levels[one.crop.window][one.crop.mask].tolist())
        assert len(level) == 1
        assert one.score == pytest.approx(level.pop() / 255)
    assert found_in(b"", Window(0, 0, 3, 3)) == ([], None)


def test_things_when_no_network_tells_them_apart_then_said(scene, ground, tmp_path):
    job = MapJob(
        sources=(scene(ground[1]),), choice=Choice(preset="vegetation"), sensor="sentinel-2"
    )
    with pytest.raises(UsageError, match="--model"):
        run_map(job, Wanted(output=tmp_path / "out", kinds=("things",)))
    assert not (tmp_path / "out").exists()  # it is said before the work


def test_things_when_yolo_finds_them_then_tiles_change_nothing(
    data_dir, model_dir, scene, tmp_path
):
    pixels = read(min((data_dir / "photos" / "coco").iterdir())).pixels[:400, :500]
    path, made = scene(np.moveaxis(pixels, -1, 0)), []
    for tile in (512, 200):
        out, choice = tmp_path / str(tile), Choice(model="yolov8n-seg-320")
        run_map(MapJob(sources=(path,), choice=choice, sensor="rgb", tile=tile), Wanted(output=out))
        made.append(numbers_in(out))
    assert made[0].any()
    assert (made[0] == made[1]).all()


def test_things_when_nuclei_are_found_then_those_of_one_window_are_as_it_saw_them(
    data_dir, scene, tmp_path
):
    pixels = read(min((data_dir / "nuclei_dsb2018" / "test" / "images").iterdir())).pixels
    pixels = np.tile(pixels[:256, :256, :3], (1, 3, 1))[:, :660]
    path, network = scene(np.moveaxis(pixels, -1, 0)), find("nuclei-mask-rcnn")
    job = MapJob(sources=(path,), choice=Choice(model=network.name), sensor="rgb", tile=200)
    run_map(job, Wanted(output=tmp_path / "out"))

    numbers = numbers_in(tmp_path / "out")
    windows = Lattice(InstanceMapper(network).side, (256, 660)).meeting(Window(0, 0, 256, 660))
    first, second = windows
    alone = network(Image(pixels[:, : first.right]))
    only = [crop for crop in alone.crops if crop.box[2] <= second.left]
    assert only
    shares = [
        np.bincount(numbers[crop.window][crop.mask], minlength=2)[1:].max() / crop.area
        for crop in only
    ]
    assert np.mean(np.array(shares) > 0.9) > 0.5  # where masks overlap the surer is seen
