"""TIFF files: pictures, or rasters where they have a place in the world or many bands."""

from dataclasses import replace
from pathlib import Path

from pixelwise.core import Image
from pixelwise.errors import MissingExtra
from pixelwise.io import FORMATS
from pixelwise.io.codecs.ifd import directories
from pixelwise.io.format import Format, Reading, Thing
from pixelwise.io.pictures import TIFF as PICTURE
from pixelwise.io.signatures import HEAD, signature_of
from pixelwise.io.sources import read_bytes

__all__ = ["TIFF"]

SAMPLES = 277
PLACES = (33550, 33922, 34264, 50844)
"""Fields of a GeoTIFF that say where it lies: pixel scale, tie points, matrix, polynomials."""


class Tiff(Format):
    """The row of ``.tif``: GDAL reads and writes what lies somewhere, our codec the rest."""

    name = "TIFF"
    reads = PICTURE.reads
    writes = PICTURE.writes

    def read(self, path: Path, rules: Reading) -> Thing:
        """Return the picture, with its place in the world where the extra ``geo`` is there.

        Raises:
            InputError: It cannot be read.
            LimitError: It is too large.
            MissingExtra: It has more than four bands, which only the extra reads.
        """
        data = read_bytes(path, rules.limits.file_bytes)
        if not _is_tiff(data):
            return PICTURE.decode(data, name=str(path), rules=rules)
        first = directories(data)[0]
        many = first.number(SAMPLES, 1) > 4
        if not many and not any(first.values(tag).size for tag in PLACES):
            return PICTURE.decode(data, name=str(path), rules=rules)
        try:
            raster = FORMATS[".geotiff"]
        except MissingExtra as error:
            if many:
                raise
            image = PICTURE.decode(data, name=str(path), rules=rules)
            return replace(
                image, notes=(*image.notes, f"its place in the world is left out: {error}")
            )
        return raster.read(path, rules)

    def decode(self, data: bytes, *, name: str, rules: Reading) -> Image:
        """Return the picture in ``data``, without a place in the world."""
        return PICTURE.decode(data, name=name, rules=rules)

    def write(self, path: Path, thing: Thing) -> None:
        """Write a picture or labels; what has a place in the world becomes a GeoTIFF.

        Raises:
            OutputError: It cannot be written.
            MissingExtra: It has a place, and the extra ``geo`` is not there to keep it.
        """
        space = thing.space
        placed = space.crs is not None or len(space.affine or ()) == 3 or space.ties is not None
        (FORMATS[".geotiff"] if placed else PICTURE).write(path, thing)

    def encode(self, thing: Thing) -> bytes:
        """Return a picture or labels as the bytes of a plain TIFF."""
        return PICTURE.encode(thing)


TIFF = Tiff()


def _is_tiff(data: bytes) -> bool:
    signature = signature_of(data[:HEAD])
    return signature is not None and signature.name == PICTURE.name
