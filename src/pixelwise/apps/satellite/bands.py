"""Which band of a file is which, and how its numbers become reflectance."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.errors import InputError, UnknownName, UsageError
from pixelwise.io.rasters.raster import Raster
from pixelwise.ops.windows import Window

__all__ = ["SENSORS", "Bands", "Sensor", "parse_bands"]

Scale = tuple[float, float]
BYTES: Scale = (1 / 255, 0.0)
"""Of 8-bit numbers whose file says nothing else."""


@dataclass(frozen=True, slots=True)
class Sensor:
    """Bands of a product, in the order of its files.

    Args:
        codes: The product's own name of each band -> its common name, after STAC's ``eo``.
        orders: The usual stacks, as codes.
        scale: Reflectance is ``number * scale[0] + scale[1]`` where numbers are whole.
        source: Where that is written.
    """

    codes: Mapping[str, str]
    orders: tuple[str, ...]
    scale: Scale
    source: str


_S2 = {
    "B01": "coastal",
    "B02": "blue",
    "B03": "green",
    "B04": "red",
    "B05": "rededge",
    "B06": "rededge2",
    "B07": "rededge3",
    "B08": "nir",
    "B8A": "nir08",
    "B09": "vapour",
    "B10": "cirrus",
    "B11": "swir16",
    "B12": "swir22",
}
_OLI = "B1 coastal B2 blue B3 green B4 red B5 nir B6 swir16 B7 swir22"
_TM = "B1 blue B2 green B3 red B4 nir B5 swir16 B7 swir22"
_WV = "B1 coastal B2 blue B3 green B4 yellow B5 red B6 rededge B7 nir B8 nir2"
_PS8 = "B1 coastal B2 blue B3 green1 B4 green B5 yellow B6 red B7 rededge B8 nir"


def _named(text: str) -> dict[str, str]:
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


SENSORS: Mapping[str, Sensor] = {
    "sentinel-2": Sensor(
        _S2,
        (
            " ".join(_S2),
            "B01 B02 B03 B04 B05 B06 B07 B08 B8A B09 B11 B12",
            "B02 B03 B04 B05 B06 B07 B08 B8A B11 B12",
            "B02 B03 B04 B08 B11 B12",
            "B02 B03 B04 B08",
        ),
        (1e-4, 0.0),
        "ESA, Sentinel-2 products specification; products from baseline 04.00 on need "
        "--offset -0.1",
    ),
    "landsat-8": Sensor(
        _named(_OLI),
        ("B1 B2 B3 B4 B5 B6 B7", "B2 B3 B4 B5 B6 B7"),
        (2.75e-5, -0.2),
        "USGS, Landsat 8-9 Collection 2 Level 2 guide",
    ),
    "landsat-7": Sensor(
        _named(_TM),
        ("B1 B2 B3 B4 B5 B7",),
        (2.75e-5, -0.2),
        "USGS, Landsat 4-7 Collection 2 Level 2 guide",
    ),
    "worldview": Sensor(
        _named(_WV), (" ".join(_named(_WV)),), (1.0, 0.0), "WorldView-2 and -3, multispectral"
    ),
    "planetscope": Sensor(
        _named(_PS8),
        (" ".join(_named(_PS8)), "B2 B4 B6 B8"),
        (1e-4, 0.0),
        "Planet, PlanetScope surface reflectance",
    ),
    "naip": Sensor(_named("B1 red B2 green B3 blue B4 nir"), ("B1 B2 B3 B4",), BYTES, "USDA NAIP"),
    "rgb": Sensor(_named("B1 red B2 green B3 blue"), ("B1 B2 B3",), BYTES, "pictures"),
}
"""Name -> the bands of its products. Bands called otherwise are named with ``--bands``."""
SENSORS = {**SENSORS, "landsat-9": SENSORS["landsat-8"], "landsat-5": SENSORS["landsat-7"]}


@dataclass(frozen=True, slots=True)
class Bands:
    """The bands of a raster by name.

    Args:
        numbers: Name -> band, counted from 1; every band is also called b1, b2, ...
        scales: Scale and offset of each band.
    """

    numbers: Mapping[str, int]
    scales: tuple[Scale, ...]

    @classmethod
    def of(
        cls,
        raster: Raster,
        *,
        sensor: str | None = None,
        given: Mapping[str, int] | None = None,
        scale: Scale | None = None,
    ) -> "Bands":
        """Return the bands of a raster.

        Args:
            raster: The raster.
            sensor: A row of SENSORS; None: by what the file says of its bands.
            given: Name -> band; goes before what sensor and file say.
            scale: Scale and offset to reflectance; None: the file's, else the sensor's, else 8-bit
                numbers are divided by 255 and others taken as they are.

        Raises:
            UnknownName: There is no such sensor.
            UsageError: The file has not the bands of the sensor, or a given band is not there.
        """
        if _needs_alpha(raster, sensor, given or {}):
            raster.count_alpha()
        count = raster.count
        numbers = {f"b{band}": band for band in range(1, count + 1)}
        if sensor is not None:
            if sensor not in SENSORS:
                raise UnknownName.among("sensor", sensor, SENSORS)
            numbers |= _of_sensor(raster, sensor, required=not given)
        elif not given:
            numbers |= _told(raster.titles, {})
        for name, band in (given or {}).items():
            if not 1 <= band <= count:
                raise UsageError(f"--bands {name}={band}: the map has bands 1 to {count}")
            numbers[name] = band
        return cls(numbers, _scales(raster, sensor, scale))

    @property
    def names(self) -> tuple[str, ...]:
        """One name for each band, the spoken one where there is one."""
        spoken = {band: name for name, band in self.numbers.items()}
        return tuple(spoken[band] for band in sorted(spoken))

    def has(self, names: Sequence[str]) -> bool:
        """Whether all these bands are there."""
        return all(name in self.numbers for name in names)

    def read(
        self, raster: Raster, window: Window, names: Sequence[str]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return reflectances (h, w, names) float32 of a window, and where they are data (h, w).

        Raises:
            InputError: A band is not there.
        """
        pixels, valid, factors = self._stored(raster, window, names)
        return _reflectances(pixels, valid, factors), valid

    def levels(
        self, raster: Raster, window: Window, names: Sequence[str]
    ) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """Return what :meth:`read` does as levels: reflectances 0..1 become 0..255 (uint8).

        Raises:
            InputError: A band is not there.
        """
        pixels, valid, factors = self._stored(raster, window, names)
        if not valid.any():
            return np.broadcast_to(np.uint8(0), pixels.shape), valid
        if pixels.dtype == np.uint8 and (factors == np.array(BYTES, np.float32)).all():
            if not valid.all():
                pixels[~valid] = 0
            return pixels, valid
        values = _reflectances(pixels, valid, factors)
        return np.asarray(cv2.multiply(values, 255.0, dtype=cv2.CV_8U), np.uint8), valid

    def _stored(
        self, raster: Raster, window: Window, names: Sequence[str]
    ) -> tuple[NDArray[Any], NDArray[np.bool_], NDArray[np.float32]]:
        """Return the numbers of a window, where they are data, and scale and offset by band."""
        missing = [name for name in names if name not in self.numbers]
        if missing:
            known = ", ".join(self.names)
            raise InputError(
                f"the bands {', '.join(missing)} are not known, only {known}: say which band is "
                "which with --sensor NAME or --bands red=3,nir=4"
            )
        chosen = [self.numbers[name] for name in names]
        factors = np.array([self.scales[band - 1] for band in chosen], np.float32)
        if raster.is_unwritten(window):
            shape = (window.height, window.width)
            nothing = np.broadcast_to(raster.dtype.type(0), (*shape, len(names)))
            return nothing, np.zeros(shape, bool), factors
        return *raster.read(window, chosen), factors


def parse_bands(text: str) -> dict[str, int]:
    """Return bands by name from ``red=3,nir=4``.

    Raises:
        UsageError: It is written otherwise.

    >>> parse_bands("red=3, nir=4")
    {'red': 3, 'nir': 4}
    """
    found = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, sign, number = part.partition("=")
        if not sign or not number.strip().isdigit():
            raise UsageError(f"--bands must be written red=3,nir=4, not {text!r}")
        found[name.strip().lower()] = int(number)
    return found


def _reflectances(
    pixels: NDArray[Any], valid: NDArray[np.bool_], factors: NDArray[np.float32]
) -> NDArray[np.float32]:
    if not valid.any():
        return np.broadcast_to(np.float32(0), pixels.shape)
    values = pixels.astype(np.float32)
    values *= factors[:, 0]
    if factors[:, 1].any():
        values += factors[:, 1]
    if not valid.all():
        values[~valid] = 0
    return values


def _needs_alpha(raster: Raster, sensor: str | None, given: Mapping[str, int]) -> bool:
    """Whether the bands that are spoken of are there only if the alpha band is one of them."""
    count = raster.count
    if any(band > count for band in given.values()):
        return True
    lengths = {len(order.split()) for order in SENSORS[sensor].orders} if sensor else set()
    return not given and bool(lengths) and count not in lengths and count + 1 in lengths


def _of_sensor(raster: Raster, name: str, *, required: bool) -> dict[str, int]:
    sensor = SENSORS[name]
    told = _told(raster.titles, sensor.codes)
    if len(told) == raster.count:
        return told
    for order in sensor.orders:
        codes = order.split()
        if len(codes) == raster.count:
            return {sensor.codes[code]: band for band, code in enumerate(codes, 1)}
    if told or not required:
        return told
    counts = ", ".join(str(len(order.split())) for order in sensor.orders)
    raise UsageError(
        f"{name} comes with {counts} bands and this map has {raster.count}: say which is which "
        "with --bands red=3,nir=4"
    )


def _told(titles: Sequence[str], codes: Mapping[str, str]) -> dict[str, int]:
    """Return the bands whose title is a code or a common name."""
    common = {name for sensor in SENSORS.values() for name in sensor.codes.values()}
    known = {name: name for name in common} | {code.lower(): name for code, name in codes.items()}
    found: dict[str, int] = {}
    for band, title in enumerate(titles, 1):
        words = re.split(r"[^a-z0-9]+", title.lower())
        name = next((known[word] for word in words if word in known), None)
        if name is not None:
            found.setdefault(name, band)
    return found


def _scales(raster: Raster, sensor: str | None, given: Scale | None) -> tuple[Scale, ...]:
    if given is not None:
        return (given,) * raster.count
    if any(scale != (1.0, 0.0) for scale in raster.scales):
        return raster.scales
    if raster.dtype == np.uint8:
        return (BYTES,) * raster.count
    if raster.dtype.kind == "f" or sensor is None:
        return ((1.0, 0.0),) * raster.count
    return (SENSORS[sensor].scale,) * raster.count
