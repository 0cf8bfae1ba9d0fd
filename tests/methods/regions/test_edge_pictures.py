"""Every region method on pictures that are hardly pictures."""

import numpy as np
import pytest

from pixelwise.core import Image
from pixelwise.errors import InputError
from pixelwise.methods import METHODS
from pixelwise.methods.regions import ROWS

PICTURES = {
    "one pixel": np.zeros((1, 1), np.uint8),
    "one row": np.arange(12, dtype=np.uint8)[np.newaxis],
    "one column of colour": np.zeros((9, 1, 3), np.uint8),
    "constant": np.full((16, 16), 77, np.uint8),
    "all nan": np.full((9, 9), np.nan, np.float32),
    "some infinite": np.where(np.eye(12) > 0, np.inf, 0.5).astype(np.float32),
    "bool": np.eye(12, dtype=bool),
    "rgba": np.random.default_rng(0).integers(0, 256, (14, 14, 4)).astype(np.uint8),
    "hounsfield": np.random.default_rng(0).integers(-1000, 1000, (14, 14)).astype(np.int16),
}


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
def test_region_method_when_the_picture_is_odd_then_it_answers_in_its_size(name, picture):
    before = picture.copy()
    result = METHODS[name]()(Image(picture))
    assert result.size == picture.shape[:2]
    np.testing.assert_array_equal(picture, before)


@pytest.mark.parametrize("name", ROWS)
def test_region_method_when_given_a_volume_then_it_answers_or_says_that_it_takes_pictures(name):
    image = Image.volume(np.random.default_rng(0).integers(0, 256, (6, 7, 8)).astype(np.uint8))
    method = METHODS[name]()
    if method.takes_volumes:
        assert method(image).size == (6, 7, 8)
    else:
        with pytest.raises(InputError, match="volumes"):
            method(image)
