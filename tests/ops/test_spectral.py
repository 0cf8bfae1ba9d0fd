import numpy as np
import pytest

from pixelwise.errors import InputError, UnknownName
from pixelwise.ops.spectral import INDICES, index_of

GROUND = {
    name: np.float32([value])
    for name, value in {
        "blue": 0.05,
        "green": 0.08,
        "red": 0.06,
        "rededge": 0.2,
        "nir": 0.4,
        "swir16": 0.2,
        "swir22": 0.1,
    }.items()
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ndvi", 0.34 / 0.46),
        ("evi", 2.5 * 0.34 / (0.4 + 0.36 - 0.375 + 1)),
        ("savi", 1.5 * 0.34 / 0.96),
        ("ndwi", -0.32 / 0.48),
        ("mndwi", -0.12 / 0.28),
        ("ndbi", -0.2 / 0.6),
        ("bu", -0.2 / 0.6 - 0.34 / 0.46),
        ("nbr", 0.3 / 0.5),
        ("exg", 0.05 / 0.19),
    ],
)
def test_index_when_computed_then_as_its_paper_says(name, expected):
    assert index_of(name, GROUND)[0] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("name", INDICES)
def test_index_when_the_ground_is_black_then_no_warning_and_no_infinite_share(name):
    black = {band: np.zeros(2, np.float32) for band in GROUND}

    assert not np.isinf(index_of(name, black)).any()


def test_index_when_a_band_is_missing_then_the_error_names_it():
    with pytest.raises(InputError, match="nir"):
        index_of("ndvi", {"red": GROUND["red"]})
    with pytest.raises(UnknownName, match="ndvi"):
        index_of("ndvy", GROUND)
