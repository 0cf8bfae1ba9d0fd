"""Numbers of one label of a volume that comes a slab at a time."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.medical.statistics import (
    QUANTILES,
    LabelStatistics,
    box_mm,
    placed,
    voxel_mm3,
)
from pixelwise.core import Space

__all__ = ["Sums"]

LEVELS = 1 << 16
NOWHERE = float("nan")


class Sums:
    """Adds up what is measured of one label, in order of the slabs.

    Surface and diameters need the whole label and are not a number; so are the percentiles of
    intensities that are not whole numbers within 65536 levels.

    Args:
        size: (D, H, W) of the volume.
        low: Least intensity of the volume, for whole numbers that span few enough levels.
    """

    def __init__(self, size: tuple[int, ...], low: int | None) -> None:
        self._size, self._low = size, low
        self._counts = np.zeros(LEVELS, np.int64)
        self._profiles = [np.zeros(side, np.int64) for side in size]
        self._count, self._mean, self._squares = 0, 0.0, 0.0
        self._ends = [np.inf, -np.inf]
        self._depth = 0

    def take(self, mask: NDArray[np.bool_], values: NDArray[Any]) -> None:
        """Add the next slab (d, H, W): where the label is, and the intensities."""
        depth = len(mask)
        self._profiles[0][self._depth : self._depth + depth] = np.count_nonzero(mask, axis=(1, 2))
        self._profiles[1] += np.count_nonzero(mask, axis=(0, 2))
        self._profiles[2] += np.count_nonzero(mask, axis=(0, 1))
        self._depth += depth
        inside = values[mask]
        seen = inside[np.isfinite(inside)] if inside.dtype.kind == "f" else inside
        if seen.size:
            self._add(seen)

    def _add(self, seen: NDArray[Any]) -> None:
        """Join mean and squared distances of two groups (Chan, Golub and LeVeque 1983)."""
        mean, count = float(seen.mean(dtype=np.float64)), self._count + seen.size
        gap = mean - self._mean
        self._squares += float(seen.var(dtype=np.float64)) * seen.size
        self._squares += gap * gap * self._count * seen.size / count
        self._mean += gap * seen.size / count
        self._count = count
        ends = (float(seen.min()), float(seen.max()))
        self._ends = [min(self._ends[0], ends[0]), max(self._ends[1], ends[1])]
        if self._low is not None:
            self._counts += np.bincount(seen.astype(np.int64) - self._low, minlength=LEVELS)

    def row(self, name: str, space: Space) -> LabelStatistics | None:
        """Return the numbers; None when the label is nowhere."""
        voxels = int(self._profiles[0].sum())
        if not voxels:
            return None
        used = [np.flatnonzero(profile) for profile in self._profiles]
        window = tuple(slice(int(places[0]), int(places[-1]) + 1) for places in used)
        ends = zip(window, self._size, strict=True)
        centre = [float(np.average(np.arange(len(line)), weights=line)) for line in self._profiles]
        p5, p25, median, p75, p95 = self._percentiles()
        return LabelStatistics(
            label=1,
            name=name,
            voxels=voxels,
            volume_ml=voxels * voxel_mm3(space) / 1000,
            touches_border=any(cut.start == 0 or cut.stop == side for cut, side in ends),
            surface_mm2=NOWHERE,
            mean=self._mean if self._count else NOWHERE,
            sd=float(np.sqrt(self._squares / self._count)) if self._count else NOWHERE,
            least=self._ends[0] if self._count else NOWHERE,
            p5=p5,
            p25=p25,
            median=median,
            p75=p75,
            p95=p95,
            greatest=self._ends[1] if self._count else NOWHERE,
            box_mm=box_mm(window, space),
            diameter_mm=NOWHERE,
            diameter_3d_mm=NOWHERE,
            centroid_mm=tuple(float(value) for value in placed(np.array([centre]), space)[0]),
        )

    def _percentiles(self) -> list[float]:
        """Return them between the two nearest values, as numpy does."""
        if self._low is None or not self._count:
            return [NOWHERE] * len(QUANTILES)
        upto = np.cumsum(self._counts)
        places = np.array(QUANTILES) / 100 * (self._count - 1)
        below, above = (
            np.searchsorted(upto, rounded(places), side="right") for rounded in (np.floor, np.ceil)
        )
        found = below + (above - below) * (places - np.floor(places)) + self._low
        return [float(value) for value in found]
