"""Networks over rasters: seams, bands, and cloud masks."""

import numpy as np
import pytest
import rasterio

from pixelwise.apps.satellite.bands import Bands
from pixelwise.apps.satellite.mapping import Labeller, Layer, Part, Scratch, map_tiles
from pixelwise.apps.satellite.networks import NetworkMapper
from pixelwise.cards.deck import load_cards
from pixelwise.catalog import find
from pixelwise.core import Image, Legend
from pixelwise.io.rasters.raster import Raster
from pixelwise.ops.windows import Window, tiles


def test_network_when_tiles_differ_then_the_answer_is_bit_for_bit_the_same(data_dir, model_dir):
    network = find("deeplab-mnv2-voc")
    from pixelwise.io.files import read

    pixels = read(min((data_dir / "coco_val" / "images").glob("*.jpg"))).pixels
    values = np.tile(pixels, (2, 2, 1))[:700, :900]
    size = values.shape[:2]
    made = []
    for step in (2, 1):
        mapper = NetworkMapper(network)
        labels = np.empty(size, np.int32)
        for core in tiles(size, (300 * step,) * 2):
            window = mapper.seen(core, size)
            place = window.within(Window(0, 0, *size))
            part = Part(values[place], np.ones(values[place].shape[:2], bool), window, core, size)
            labels[core.within(Window(0, 0, *size))] = mapper(part)
        made.append(labels)
    assert len(np.unique(made[0])) > 1
    assert (made[0] == made[1]).all()


def test_network_when_one_window_sees_all_then_as_the_network_alone(data_dir, model_dir):
    network = find("deeplab-mnv2-voc")
    from pixelwise.io.files import read

    pixels = read(min((data_dir / "coco_val" / "images").glob("*.jpg"))).pixels[:513, :513]
    pixels = np.pad(
        pixels, ((0, 513 - pixels.shape[0]), (0, 513 - pixels.shape[1]), (0, 0)), "edge"
    )
    whole = Window(0, 0, 513, 513)
    part = Part(pixels, np.ones((513, 513), bool), whole, whole, (513, 513))

    labels = NetworkMapper(network)(part)

    assert (labels == network(Image(pixels)).labels).mean() > 0.999


def test_tiles_when_a_mapper_wants_them_downwards_then_the_same_tiles_in_another_order(
    scene, tmp_path
):
    class Wide(Labeller):
        legend, bands, name, facts, breadth = Legend.of(["a"]), ("b1",), "wide", "", 50

        def __call__(self, part):
            return np.zeros((part.core.height, part.core.width), np.uint8)

    order = []

    class Noting(Scratch):
        def save(self, window, body, damage):
            super().save(window, body, damage)
            order.append(window)

    with Raster([scene(np.ones((1, 70, 90), np.uint8))]) as raster:
        layer, scratch = Layer(raster, Bands.of(raster)), Noting(tmp_path / "tiles", None)
        map_tiles(layer, Wide(), scratch, (16, 20), lambda: None)
    every = list(tiles((70, 90), (16, 20)))
    assert sorted(order) == sorted(every)
    assert all(scratch.has(window) for window in every)
    lefts = [window.left for window in order]
    assert lefts == sorted(lefts, key=lambda left: left // 40)


@pytest.mark.parametrize("name", [name for name in load_cards({}) if name.startswith("ukis")])
def test_card_when_it_takes_bands_then_it_names_them_all(name):
    spec = load_cards({})[name].input
    assert len(spec.bands) == len(spec.mean)
    assert spec.bands[:4] == ("blue", "green", "red", "nir")


def test_raster_when_bands_are_many_then_only_those_asked_for_are_read(scene, ground):
    path = scene(ground[1])
    with rasterio.open(path, "r+") as target:
        target.descriptions = ("B02", "B03", "B04", "B08")
    with Raster([path]) as raster:
        bands = Bands.of(raster, sensor="sentinel-2")
        values, valid = bands.read(raster, Window(5, 6, 7, 8), ("nir", "red"))
    assert values.shape == (7, 8, 2)
    assert values[..., 0] == pytest.approx(ground[1][3, 5:12, 6:14] * 1e-4)
    assert valid.all()


def test_bands_when_a_writer_called_infrared_alpha_then_it_is_a_band_where_it_is_asked_for(scene):
    pixels = np.full((4, 8, 8), 50, np.uint8)
    pixels[3, :4] = 0
    path = scene(pixels, photometric="RGB", alpha="yes")
    with Raster([path]) as raster:
        Bands.of(raster)
        assert raster.count == 3
    for told in ({"sensor": "naip"}, {"given": {"red": 1, "nir": 4}}):
        with Raster([path]) as raster:
            bands = Bands.of(raster, **told)
            values, valid = bands.read(raster, Window(0, 0, 8, 8), ("nir", "red"))
        assert raster.count == 4
        assert valid.all()
        assert values[0, 0].tolist() == pytest.approx([0, 50 / 255])
