"""An open raster of any size, read by windows."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.errors import RasterioError
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window as GdalWindow

from pixelwise.core import Space
from pixelwise.errors import InputError, LimitError
from pixelwise.io.rasters.grids import holds, is_sparse, space_in
from pixelwise.io.rasters.guard import guarded, has_broken_overviews, open_raster, rows_of_strip
from pixelwise.io.sources import shown
from pixelwise.ops.windows import Window, tiles

__all__ = ["Raster"]

MOST_WINDOW = 1 << 29
"""Bytes of one window; more bands than fit must be chosen from."""
LONG_STRIP = 4096
"""Rows of a strip that make reading by windows slow."""


class Raster:
    """Bands on one grid, from one file or from several, read by windows at full resolution.

    What counts as data: where there is a mask band it decides; else an alpha band; else the
    nodata values, and a pixel is left out when all chosen bands have theirs. What is not a number
    never counts. Where mask and alpha disagree a note says so.

    A block that is damaged reads as no data and is listed in ``damage``.

    Args:
        paths: Files on one grid; their bands are counted through from 1.

    Raises:
        InputError: A file is no raster, or lies on another grid than the first.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(paths)
        opened = [open_raster(path) for path in self.paths]
        self._sets: list[Any] = [one for one, _ in opened]
        self.notes = tuple(f"GDAL: {line}" for _, lines in opened for line in lines)
        self.damage: list[Window] = []
        first = self._sets[0]
        self.size: tuple[int, int] = first.shape
        self.space: Space = space_in(first)
        self._check_grids()
        self._alpha_counts = False
        self._bands = self._numbered()
        self.is_striped = first.block_shapes[0][1] == first.width > first.block_shapes[0][0]
        self.notes += self._oddities()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for one in self._sets:
            one.close()

    @property
    def name(self) -> str:
        """The first file's name, for messages."""
        return shown(self.paths[0])

    @property
    def count(self) -> int:
        """Bands; an alpha band is none."""
        return len(self._bands)

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        """What one pixel of any band fits into."""
        return np.result_type(*{kind for one in self._sets for kind in set(one.dtypes)})

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """What the file calls each band: its description, or its colour; may be empty."""
        told = {id(one): (one.descriptions, one.colorinterp) for one in self._sets}
        return tuple(
            told[id(one)][0][band - 1] or told[id(one)][1][band - 1].name
            for one, band in self._bands
        )

    @cached_property
    def scales(self) -> tuple[tuple[float, float], ...]:
        """Scale and offset that the file gives each band; (1, 0) where it gives none."""
        told = {id(one): (one.scales, one.offsets) for one in self._sets}
        return tuple(
            (told[id(one)][0][band - 1], told[id(one)][1][band - 1]) for one, band in self._bands
        )

    @property
    def transform(self) -> Any:  # noqa: ANN401 - rasterio's affine
        """GDAL's transform of the grid."""
        return self._sets[0].transform

    @property
    def crs(self) -> Any:  # noqa: ANN401 - rasterio's reference system, or None
        """The coordinate reference system."""
        return self._sets[0].crs

    def aligned(self, other: "Raster") -> "Raster":
        """Return this raster on the grid of another one, by the nearest pixel.

        Raises:
            InputError: One of the two has no place in the world, and their sizes differ.
        """
        same = self.crs == other.crs and self.transform.almost_equals(other.transform)
        if same and self.size == other.size:
            return self
        if self.crs is None or other.crs is None:
            raise InputError(
                f"{self.name} is {self.size}, {other.name} {other.size}: without a place in the "
                "world both must have one size"
            )
        twin = object.__new__(Raster)
        twin.__dict__.update(self.__dict__)
        grid = {"crs": other.crs, "transform": other.transform}
        with guarded():
            twin._sets = [
                WarpedVRT(one, width=other.size[1], height=other.size[0], **grid)
                for one in self._sets
            ]
        index = [self._sets.index(one) for one, _ in self._bands]
        twin._bands = [
            (twin._sets[place], band) for place, (_, band) in zip(index, self._bands, strict=True)
        ]
        twin.size, twin.space = other.size, other.space
        twin.notes = (*self.notes, f"{self.name} was brought to the grid of {other.name}")
        return twin

    def count_alpha(self) -> None:
        """Take alpha bands for bands like others: many writers call a fourth band so."""
        self._alpha_counts = True
        self._bands = self._numbered()
        for told in ("dtype", "titles", "scales"):
            self.__dict__.pop(told, None)

    def is_unwritten(self, window: Window) -> bool:
        """Whether sparse files hold nothing in a window, so that it need not be read.

        Blocks that were never written read as nodata; without a nodata value they are zeros.
        """
        return all(is_sparse(one, window) for one in self._sets)

    def read(self, window: Window, bands: Sequence[int]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Return the pixels of a window (h, w, bands) as stored, and where they are data (h, w).

        Args:
            window: Inside the raster.
            bands: Which ones, counted from 1.

        Raises:
            LimitError: The window takes more memory than a window may.
        """
        self.check(window, len(bands))
        try:
            return self._read(window, bands)
        except RasterioError:
            return self._salvaged(window, bands)

    def check(self, window: Window, count: int) -> None:
        """Refuse a window of ``count`` bands that is too large, before memory is taken.

        Raises:
            LimitError: It is.
        """
        needed = window.height * window.width * count * max(self.dtype.itemsize, 4)
        if needed > MOST_WINDOW:
            raise LimitError(
                f"{self.name}: {count} bands of a window of {window.width} x {window.height} are "
                f"{needed >> 20} MiB, over the limit of {MOST_WINDOW >> 20}; choose bands with "
                "--bands, or smaller tiles"
            )

    def preview(self, most: int, bands: Sequence[int]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Return the whole raster shrunk to at most ``most`` pixels a side, nearest pixels."""
        factor = max(1.0, max(self.size) / most)
        height, width = (max(1, round(side / factor)) for side in self.size)
        rows = np.minimum((np.arange(height) + 0.5) * factor, self.size[0] - 1).astype(int)
        columns = np.minimum((np.arange(width) + 0.5) * factor, self.size[1] - 1).astype(int)
        pixels = np.zeros((height, width, len(bands)), self.dtype)
        valid = np.zeros((height, width), bool)
        for place, row in enumerate(rows):
            values, counts = self.read(Window(int(row), 0, 1, self.size[1]), bands)
            pixels[place], valid[place] = values[0, columns], counts[0, columns]
        return pixels, valid

    def _read(self, window: Window, bands: Sequence[int]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        place = GdalWindow(window.left, window.top, window.width, window.height)
        pixels = np.empty((window.height, window.width, len(bands)), self.dtype)
        with guarded():
            for number, (one, band) in enumerate(self._bands[band - 1] for band in bands):
                pixels[..., number] = one.read(band, window=place)
            valid = self._valid(place, pixels, bands)
        return pixels, valid

    def _valid(
        self, place: GdalWindow, pixels: NDArray[Any], bands: Sequence[int]
    ) -> NDArray[np.bool_]:
        valid = np.ones(pixels.shape[:2], bool)
        chosen = [self._bands[band - 1] for band in bands]
        for one in self._sets:
            own = [(n, band) for n, (file, band) in enumerate(chosen) if file is one]
            if own:
                valid &= self._data(one, place, pixels, own)
        if pixels.dtype.kind == "f":
            valid &= np.isfinite(pixels).all(axis=2)
        return valid

    def _data(
        self,
        one: Any,  # noqa: ANN401 - rasterio's
        place: GdalWindow,
        pixels: NDArray[Any],
        own: Sequence[tuple[int, int]],
    ) -> NDArray[np.bool_]:
        """Return where one file says there is data; the order of precedence is the class's."""
        flags = one.mask_flag_enums[0]
        alpha = [n for n, kind in enumerate(one.colorinterp, 1) if kind is ColorInterp.alpha]
        masks = alpha and not self._alpha_counts
        seen = one.read(alpha[0], window=place) > 0 if masks else None
        if MaskFlags.per_dataset in flags and MaskFlags.alpha not in flags:
            mask = one.read_masks(1, window=place) > 0
            if seen is not None and not np.array_equal(mask, seen):
                note = f"{self.name}: mask band and alpha disagree; the mask band is taken"
                self.notes = tuple(dict.fromkeys((*self.notes, note)))
            return mask
        if seen is not None:
            return seen
        nodata = [(number, one.nodatavals[band - 1]) for number, band in own]
        empty = np.full(pixels.shape[:2], all(level is not None for _, level in nodata))
        for number, level in nodata if empty.any() else ():
            empty &= holds(pixels[..., number], level)
        return ~empty

    def _salvaged(
        self, window: Window, bands: Sequence[int]
    ) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Return what can be read of a window, block by block of the file."""
        pixels = np.zeros((window.height, window.width, len(bands)), self.dtype)
        valid = np.zeros(pixels.shape[:2], bool)
        rows, columns = self._sets[0].block_shapes[0]
        low = Window(window.top // rows * rows, window.left // columns * columns, 0, 0)
        reach = (window.bottom - low.top, window.right - low.left)
        for block in tiles(reach, (rows, columns)):
            top, left = (
                max(block.top + low.top, window.top),
                max(block.left + low.left, window.left),
            )
            part = Window(top, left, block.bottom + low.top - top, block.right + low.left - left)
            place = part.within(window)
            try:
                pixels[place], valid[place] = self._read(part, bands)
            except RasterioError:
                whole = Window(block.top + low.top, block.left + low.left, rows, columns)
                if whole not in self.damage:
                    self.damage.append(whole)
        return pixels, valid

    def _numbered(self) -> list[tuple[Any, int]]:
        """Return file and number of each band."""
        return [
            (one, band)
            for one in self._sets
            for band, kind in enumerate(one.colorinterp, 1)
            if self._alpha_counts or kind is not ColorInterp.alpha
        ]

    def _check_grids(self) -> None:
        first = self._sets[0]
        for path, one in zip(self.paths[1:], self._sets[1:], strict=True):
            if one.shape != first.shape or not one.transform.almost_equals(first.transform):
                raise InputError(
                    f"{shown(path)} has another grid than {self.name}: {one.shape} and "
                    f"{first.shape}; bands of one map must lie on one grid"
                )

    def _oddities(self) -> tuple[str, ...]:
        """Return notes on what is unusual about the files."""
        notes = []
        for path, one in zip(self.paths, self._sets, strict=True):
            with guarded():
                if has_broken_overviews(path, len(one.overviews(1))):
                    notes.append(f"{shown(path)}: its overviews are damaged and are not used")
            if one.driver == "GTiff" and self.is_striped and rows_of_strip(path) > LONG_STRIP:
                notes.append(
                    f"{shown(path)} is one long strip, which is slow to read in parts; "
                    "a tiled copy (gdal_translate -co TILED=YES) is faster"
                )
        return tuple(notes)
