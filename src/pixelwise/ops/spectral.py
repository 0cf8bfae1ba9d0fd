"""Spectral indices: what a few bands say about the ground, as one number a pixel.

Bands are reflectances, 0..1, called as in the STAC ``eo`` extension.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelwise.errors import InputError, UnknownName

__all__ = ["INDICES", "Index", "index_of"]

Values = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Index:
    """One index.

    Args:
        bands: What it needs, in the order of the formula's arguments.
        formula: Bands to values; what is divided by 0 is NaN.
        about: What is high, and the source.
    """

    bands: tuple[str, ...]
    formula: Callable[..., Values]
    about: str


def index_of(name: str, bands: Mapping[str, Values]) -> Values:
    """Return an index, float32, NaN where it has no value.

    Args:
        name: A row of INDICES, or a band.
        bands: Reflectance by the name of the band, all of one shape.

    Raises:
        UnknownName: There is no such index or band.
        InputError: A band that it needs is not there.

    >>> index_of("ndvi", {"nir": np.float32([0.5]), "red": np.float32([0.1])}).round(3).tolist()
    [0.6669999957084656]
    """
    if name in bands:
        return bands[name]
    if name not in INDICES:
        raise UnknownName.among("index", name, [*INDICES, *bands])
    index = INDICES[name]
    missing = [band for band in index.bands if band not in bands]
    if missing:
        raise InputError(
            f"{name} needs the bands {', '.join(index.bands)}; there is no {', '.join(missing)}. "
            "Say which band is which: --sensor NAME or --bands red=3,nir=4"
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(index.formula(*(bands[band] for band in index.bands)), np.float32)


def _share(one: Values, other: Values) -> Values:
    """Return the normalised difference, -1..1."""
    return (one - other) / (one + other)


def _evi(nir: Values, red: Values, blue: Values) -> Values:
    return np.float32(2.5) * (nir - red) / (nir + 6 * red - np.float32(7.5) * blue + 1)


def _savi(nir: Values, red: Values) -> Values:
    half = np.float32(0.5)
    return (1 + half) * (nir - red) / (nir + red + half)


def _bu(swir: Values, nir: Values, red: Values) -> Values:
    return _share(swir, nir) - _share(nir, red)


def _exg(red: Values, green: Values, blue: Values) -> Values:
    return (2 * green - red - blue) / (red + green + blue)


def _vari(red: Values, green: Values, blue: Values) -> Values:
    return (green - red) / (green + red - blue)


INDICES: Mapping[str, Index] = {
    "ndvi": Index(("nir", "red"), _share, "vegetation; Rouse et al. 1974"),
    "evi": Index(("nir", "red", "blue"), _evi, "dense vegetation; Huete et al. 2002"),
    "savi": Index(("nir", "red"), _savi, "vegetation over soil; Huete 1988"),
    "ndre": Index(("nir", "rededge"), _share, "chlorophyll; Gitelson, Merzlyak 1994"),
    "ndmi": Index(("nir", "swir16"), _share, "water in leaves; Gao 1996"),
    "ndwi": Index(("green", "nir"), _share, "open water; McFeeters 1996"),
    "mndwi": Index(("green", "swir16"), _share, "open water in towns; Xu 2006"),
    "ndbi": Index(("swir16", "nir"), _share, "built-up land; Zha, Gao, Ni 2003"),
    "bu": Index(("swir16", "nir", "red"), _bu, "NDBI - NDVI, built-up; Zha, Gao, Ni 2003"),
    "ndsi": Index(("green", "swir16"), _share, "snow; Hall, Riggs, Salomonson 1995"),
    "nbr": Index(("nir", "swir22"), _share, "low where burnt; Key, Benson 2006"),
    "exg": Index(("red", "green", "blue"), _exg, "plants in colour pictures; Woebbecke 1995"),
    "vari": Index(("red", "green", "blue"), _vari, "plants in colour pictures; Gitelson 2002"),
    "ngrdi": Index(("green", "red"), _share, "plants in colour pictures; Tucker 1979"),
}
"""Name -> bands, formula, meaning."""
