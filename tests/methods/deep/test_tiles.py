"""Tiles joined: synthetic segmenters whose answer for every pixel is known."""

import tracemalloc
from time import process_time

import numpy as np
import pytest

from pixelwise.core import Foreground, Image, Instances, Legend, Regions, Semantic
from pixelwise.errors import InputError, InvalidSetting
from pixelwise.methods.deep.tiles import Tiled
from pixelwise.ops.components import components

LEGEND = Legend.of(["low", "middle", "high"])
THINGS = Legend.of(["disc", "bar"], things=["disc", "bar"])


def by_level(image):
    """Give the class by the grey level, with probabilities."""
    grey = image.pixels[..., 0].astype(np.float32) / 255
    scores = np.stack([1 - grey, np.full_like(grey, 0.5), grey])
    return Semantic(scores.argmax(axis=0).astype(np.int32), LEGEND, scores / scores.sum(axis=0))


def bright(image):
    alpha = image.pixels[..., 0].astype(np.float32) / 255
    return Foreground(alpha > 0.5, alpha)


def parts(image):
    """Give a thing for each connected bright part."""
    labels, count = components(image.pixels[..., 0] > 127)
    masks = labels == np.arange(1, count + 1)[:, np.newaxis, np.newaxis]
    scores = np.full(count, 0.5, np.float32)
    return Instances.of(masks, np.ones(count, np.int32), THINGS, score=scores)


def noise(height=70, width=90):
    return Image(np.random.default_rng(0).integers(0, 256, (height, width)).astype(np.uint8))


@pytest.mark.parametrize("segmenter", [by_level, bright])
def test_tiled_when_tiles_agree_then_the_answer_of_the_whole_picture(segmenter):
    image = noise()
    whole, tiled = segmenter(image), Tiled(segmenter=segmenter, height=32, width=24)(image)

    assert np.array_equal(np.asarray(tiled), np.asarray(whole))
    assert tiled.space == image.space
    assert "tiles of 24x32" in tiled.provenance.notes[-1]


def test_tiled_when_foreground_then_its_alpha_is_joined_too():
    image = noise()
    alpha = Tiled(segmenter=bright, height=32, width=24)(image).alpha

    assert np.abs(alpha - bright(image).alpha).max() <= 1 / 255


def test_tiled_when_the_picture_fits_one_tile_then_it_goes_through_untouched():
    image, seen = noise(20, 20), []
    Tiled(segmenter=lambda one: seen.append(one) or bright(one), height=20, width=20)(image)

    assert seen == [image]


def test_tiled_when_classes_have_no_scores_then_tiles_vote():
    image = noise()

    def labels_only(part):
        return Semantic(by_level(part).labels, LEGEND)

    tiled = Tiled(segmenter=labels_only, height=32, width=24)(image)
    assert np.array_equal(tiled.labels, by_level(image).labels)


def test_tiled_when_a_thing_lies_across_seams_then_it_is_one():
    pixels = np.zeros((100, 100), np.uint8)
    pixels[20:80, 30:70] = 255
    pixels[2:6, 2:6] = 255
    image = Image(pixels)
    found = Tiled(segmenter=parts, height=40, width=40)(image)

    assert sorted(found.segments.area.tolist()) == [16, 2400]
    big = found.masks[int(found.segments.area.argmax())]
    assert np.array_equal(big, np.asarray(pixels == 255) & (np.indices((100, 100))[0] >= 20))


def test_tiled_when_two_things_stand_side_by_side_then_they_stay_two():
    pixels = np.zeros((60, 60), np.uint8)
    pixels[10:50, 10:28] = 255
    pixels[10:50, 32:50] = 255
    found = Tiled(segmenter=parts, height=40, width=40)(Image(pixels))

    assert found.segments.area.tolist() == [720, 720]


def test_tiled_when_thousands_of_things_then_each_once_and_soon():
    pixels = np.zeros((600, 600), np.uint8)
    pixels[4::12, 4::12] = 255
    start = process_time()
    found = Tiled(segmenter=parts, height=120, width=120)(Image(pixels))

    assert len(found) == 50 * 50
    assert process_time() - start < 10  # of which comparing every pair took minutes


def test_tiled_when_nothing_is_there_then_nothing_is_found():
    image = Image(np.zeros((90, 90), np.uint8))

    assert Tiled(segmenter=parts, height=40, width=40)(image).is_empty
    assert Tiled(segmenter=bright, height=40, width=40)(image).is_empty


def test_tiled_when_the_picture_is_tall_then_memory_is_that_of_the_result():
    image = Image(np.zeros((4000, 300), np.uint8))

    def flat(part):
        scores = np.full((3, part.height, part.width), 1 / 3, np.float32)
        return Semantic(np.zeros((part.height, part.width), np.int32), LEGEND, scores)

    tiled = Tiled(segmenter=flat, height=100, width=100)
    tracemalloc.start()
    result = tiled(image)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * result.labels.nbytes + 4e6  # the scores of the whole would be 19 MB more


def test_tiled_when_volume_or_regions_then_it_refuses():
    tiled = Tiled(segmenter=lambda part: Regions(np.zeros(part.size, np.int32)), height=4, width=4)

    with pytest.raises(InputError, match="volumes"):
        tiled(Image(np.zeros((4, 9, 9, 1), np.uint8)))
    with pytest.raises(InputError, match="cannot be joined"):
        tiled(noise())


def test_tiled_when_overlap_is_everything_then_it_is_refused():
    with pytest.raises(InvalidSetting, match="overlap"):
        Tiled(segmenter=bright, overlap=1.0)
