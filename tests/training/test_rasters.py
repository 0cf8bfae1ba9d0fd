"""Training on real GeoTIFF: pairs of rasters, and a scene of eight bands with a PNG of classes."""

import shutil

import numpy as np
import pytest

import pixelwise as pw
from pixelwise.cards import Channels
from pixelwise.training.job import Order, prepare, train
from pixelwise.training.reading import open_examples

from .orders import SMALL


def silent(*_):
    pass


@pytest.fixture
def trees(data_dir):
    place = data_dir / "geotiff" / "detectree"
    return {"data": place, "pictures": place / "img", "labels": place / "response_img"}


def test_examples_when_pairs_of_geotiff_then_the_trees_of_four_tiles(trees):
    opened = open_examples(trees["data"], pictures=trees["pictures"], labels=trees["labels"])
    assert [row.name for row in opened.legend] == ["background", "object"]
    assert len(opened.examples) == 4
    assert not opened.faults
    for one in opened.examples:
        assert one.image.size == one.numbers.shape == (120, 175)
        assert one.image.channels == 3
        assert 0.05 < one.targets.mean() < 0.95


def test_train_when_pairs_of_geotiff_then_a_model_that_segments_a_tile(trees, tmp_path):
    given = {**SMALL, "steps": 2, "epoch": 2}
    order = Order(**trees, net="fcn", name="trees", output=tmp_path / "run", settings=given)
    ready = prepare(order)
    assert not [fault for fault in ready.faults if fault.stops]
    done = train(order, ready, silent, silent)
    assert done.scores.pictures == ("1091-322_19",)
    image = pw.read(trees["pictures"] / "1091-322_01.tif")
    assert pw.find("trees")(image).size == (120, 175)


def test_train_when_eight_bands_with_classes_then_a_network_of_eight_bands(data_dir, tmp_path):
    scene = data_dir / "geotiff_labelled"
    data = tmp_path / "data"
    for folder, name in (
        ("images", "tiff_8channel_uint8.tif"),
        ("labels", "mask_tiff_3channel_uint8.png"),
    ):
        (data / folder).mkdir(parents=True)
        shutil.copyfile(scene / name, data / folder / f"city{name[-4:]}")
    given = {**SMALL, "steps": 1, "epoch": 1}
    order = Order(data=data, net="unet", name="city", output=tmp_path / "run", settings=given)
    ready = prepare(order)
    plan = ready.made.plan
    assert (plan.channels, plan.bands, len(plan.classes)) == (Channels.BANDS, 8, 4)
    train(order, ready, silent, silent)
    image = pw.read(scene / "tiff_8channel_uint8.tif")
    found = pw.find("city")(image)
    assert found.size == (650, 500)
    assert set(np.unique(found.labels)) <= {0, 1, 2, 3}
