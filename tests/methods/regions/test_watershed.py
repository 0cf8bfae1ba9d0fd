import numpy as np
import pytest

from pixelwise.core import Image, Prompts
from pixelwise.methods.regions.watershed import Relief, Watershed


def _discs(*places, size=(60, 80), ground=20, level=200):
    y, x = np.mgrid[: size[0], : size[1]]
    picture = np.full(size, ground, np.uint8)
    for row, column, radius in places:
        picture[(y - row) ** 2 + (x - column) ** 2 <= radius**2] = level
    return picture


@pytest.mark.parametrize("relief", [Relief.DISTANCE, Relief.BLOBS])
@pytest.mark.parametrize("invert", [False, True])
def test_watershed_when_two_discs_touch_then_they_are_parted(relief, invert):
    picture = _discs((30, 25, 12), (30, 46, 12))
    picture = 255 - picture if invert else picture
    labels = Watershed(relief=relief)(Image(picture)).labels
    assert labels.max() == 2
    assert labels[30, 25] != labels[30, 46]
    assert labels[0, 0] == 0


def test_watershed_when_discs_differ_in_light_then_blobs_keep_their_size():
    picture = _discs((30, 20, 10))
    picture = np.maximum(picture, _discs((30, 60, 10), ground=0, level=90))
    soft = np.asarray(Watershed(relief=Relief.BLOBS)(Image(picture)).labels)
    areas = np.bincount(soft.reshape(-1))[1:]
    assert len(areas) == 2
    assert np.abs(areas / 317 - 1).max() < 0.2


def test_watershed_when_relief_is_gradient_then_the_whole_picture_is_divided():
    picture = _discs((30, 40, 15))
    result = Watershed(min_distance=8)(Image(picture))
    assert result.labels.min() == 1
    inside = np.unique(result.labels[28:32, 38:42])
    assert not np.isin(result.labels[0], inside).any()


def test_watershed_when_markers_are_given_then_regions_bear_their_labels():
    picture = _discs((30, 40, 15))
    prompts = Prompts(points=[(40, 30), (2, 2)], labels=[7, 0])
    labels = Watershed(prompts=prompts)(Image(picture)).labels
    assert set(np.unique(labels)) == {0, 7}
    assert abs(np.count_nonzero(labels) / np.count_nonzero(picture == 200) - 1) < 0.2


def test_watershed_when_a_volume_is_given_then_balls_are_parted():
    z, y, x = np.mgrid[:20, :20, :36]
    ball = lambda c: (z - 10) ** 2 + (y - 10) ** 2 + (x - c) ** 2 <= 64
    volume = ((ball(11) | ball(25)) * 200).astype(np.uint8)
    labels = Watershed(relief=Relief.DISTANCE)(Image.volume(volume)).labels
    assert labels.max() == 2
    assert labels[10, 10, 11] != labels[10, 10, 25]


def test_watershed_when_the_picture_is_constant_then_there_are_no_blobs():
    image = Image(np.full((20, 20), 9, np.uint8))
    assert Watershed(relief=Relief.BLOBS)(image).is_empty
    assert Watershed()(image).count == 1
