import numpy as np
import pytest

import pixelwise as pw
from pixelwise.errors import InvalidSetting

PICTURE = pw.Image(np.full((8, 8, 3), (200, 0, 0), np.uint8))
HALF = pw.Foreground(np.repeat([[True] * 4 + [False] * 4], 8, axis=0))


@pytest.mark.parametrize(
    "background", ["#0000ff", "blue", (0, 0, 255), np.array([0, 0, 255])], ids=range(4)
)
def test_composite_when_colour_in_any_form_then_that_colour_behind(background):
    pixels = pw.composite(PICTURE, HALF, background).pixels

    assert pixels[4, 7].tolist() == [0, 0, 255]
    assert pixels[4, 0].tolist() == [200, 0, 0]


def test_composite_when_picture_or_its_path_then_the_same(tmp_path):
    green = pw.Image(np.full((8, 8, 3), (0, 200, 0), np.uint8))
    pw.write(tmp_path / "green.png", green)
    first = pw.composite(PICTURE, HALF, green).pixels
    second = pw.composite(PICTURE, HALF, str(tmp_path / "green.png")).pixels

    assert np.array_equal(first, second)
    assert first[4, 7].tolist() == [0, 200, 0]


def test_composite_when_transparent_then_alpha_is_the_mask():
    pixels = pw.composite(PICTURE, HALF, "transparent").pixels
    assert pixels[4, 7, 3] == 0
    assert pixels[4, 0, 3] == 255


def test_composite_when_regions_given_then_what_is_claimed_stays():
    regions = pw.Regions(HALF.mask.astype(np.int32))
    assert pw.composite(PICTURE, regions, "blue").pixels[4, 0].tolist() == [200, 0, 0]


@pytest.mark.parametrize("background", ["blurr", 3, (1, 2), (0.5, 0.5, 0.5)])
def test_composite_when_background_is_nonsense_then_error(background):
    with pytest.raises(InvalidSetting, match="background"):
        pw.composite(PICTURE, HALF, background)
