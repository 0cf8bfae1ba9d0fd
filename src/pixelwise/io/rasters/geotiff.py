"""GeoTIFF whole in memory: every band, with its place in the world."""

from pathlib import Path

import numpy as np
import rasterio

from pixelwise.core import Foreground, Image, Legend, LegendClass, Panoptic, Regions, Semantic
from pixelwise.errors import OutputError
from pixelwise.io.atomic import replacing
from pixelwise.io.format import Format, Reading, Thing
from pixelwise.io.rasters.grids import Grid, put_space
from pixelwise.io.rasters.guard import guarded
from pixelwise.io.rasters.labels import write_labels
from pixelwise.io.rasters.proof import Proof, explained
from pixelwise.io.rasters.raster import Raster
from pixelwise.ops.windows import Window

__all__ = ["GEOTIFF"]

MASK = Legend(
    (LegendClass(0, "background", (0, 0, 0)), LegendClass(1, "foreground", (255, 255, 0)))
)


class GeoTiff(Format):
    """A raster in one piece; ``pixelwise map`` reads those that are too large for it."""

    name = "GeoTIFF"
    reads = (Image,)
    writes = (Image, Foreground, Semantic, Panoptic, Regions)

    def read(self, path: Path, rules: Reading) -> Image:
        """Return all bands as they are stored; pixels without data are counted in a note.

        Raises:
            InputError: It cannot be read.
            LimitError: It is too large.
        """
        with Raster([path]) as raster:
            height, width = raster.size
            rules.limits.check(width, height, raster.count * raster.dtype.itemsize)
            whole = Window(0, 0, height, width)
            pixels, valid = raster.read(whole, range(1, raster.count + 1))
            notes = raster.notes
            if not valid.all():
                notes += (f"nodata: {np.count_nonzero(~valid)} pixels",)
            if raster.damage:
                notes += (f"damaged: {len(raster.damage)} blocks read as no data",)
            return Image(pixels, raster.space, notes)

    def write(self, path: Path, thing: Thing) -> None:
        """Write a picture or labels with their place in the world.

        Raises:
            OutputError: A kind that no raster holds, or the system refuses.
        """
        if isinstance(thing, Image):
            _write_image(path, thing)
            return
        legend: Legend | None = None
        if isinstance(thing, Foreground):
            labels, legend = thing.mask.astype(np.int32), thing.legend or MASK
        elif isinstance(thing, Semantic):
            labels, legend = thing.labels, thing.legend
        elif isinstance(thing, Panoptic | Regions):
            labels = thing.labels
        else:
            raise OutputError(f"GeoTIFF holds no {type(thing).__name__}; write polygons instead")
        height, width = labels.shape
        parts = [(Window(0, 0, height, width), labels)]
        write_labels(path, parts, Grid((height, width), thing.space), legend)


GEOTIFF = GeoTiff()


def _write_image(path: Path, image: Image) -> None:
    pixels = image.pixels
    profile = {
        "driver": "GTiff",
        "height": image.height,
        "width": image.width,
        "count": image.channels,
        "dtype": pixels.dtype.name,
        "compress": "deflate",
        "bigtiff": "IF_SAFER",
    }
    proof = Proof()
    bands = [(Window(0, 0, image.height, image.width), np.moveaxis(pixels, -1, 0))]
    with replacing(path) as part, explained(path), guarded():
        with rasterio.open(part, "w", **profile) as target:
            put_space(target, image.space)
            for _, values in proof.noting(bands):
                target.write(values)
        proof.check(part)
