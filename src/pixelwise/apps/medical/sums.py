"""Numbers of one label of a volume that comes a slab at a time."""

from collections.abc import Callable, Iterator
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
from pixelwise.ops.quantiles import quantiles
from pixelwise.ops.surfaces import Calliper, Crossings

__all__ = ["Sums", "finite"]

NOWHERE = float("nan")


class Sums:
    """Adds up what is measured of one label, in order of the slabs.

    Args:
        size: (D, H, W) of the volume.
        space: Where it is, in millimetres.
    """

    def __init__(self, size: tuple[int, ...], space: Space) -> None:
        self._size, self._space = size, space
        self._crossings, self._calliper = Crossings(), Calliper(space.spacing)
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
        self._crossings.take(mask)
        self._calliper.take(mask)
        seen = finite(values[mask])
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

    def row(
        self, name: str, pieces: Callable[[], Iterator[NDArray[Any]]]
    ) -> LabelStatistics | None:
        """Return the numbers; None when the label is nowhere.

        Args:
            name: Of the label.
            pieces: Gives the finite intensities once more, for their percentiles.
        """
        voxels = int(self._profiles[0].sum())
        if not voxels:
            return None
        used = [np.flatnonzero(profile) for profile in self._profiles]
        window = tuple(slice(int(places[0]), int(places[-1]) + 1) for places in used)
        ends = zip(window, self._size, strict=True)
        centre = [float(np.average(np.arange(len(line)), weights=line)) for line in self._profiles]
        widest, longest = self._calliper.diameters()
        p5, p25, median, p75, p95 = quantiles(pieces, [share / 100 for share in QUANTILES])
        return LabelStatistics(
            label=1,
            name=name,
            voxels=voxels,
            volume_ml=voxels * voxel_mm3(self._space) / 1000,
            touches_border=any(cut.start == 0 or cut.stop == side for cut, side in ends),
            surface_mm2=self._crossings.area(self._space.spacing),
            mean=self._mean if self._count else NOWHERE,
            sd=float(np.sqrt(self._squares / self._count)) if self._count else NOWHERE,
            least=self._ends[0] if self._count else NOWHERE,
            p5=p5,
            p25=p25,
            median=median,
            p75=p75,
            p95=p95,
            greatest=self._ends[1] if self._count else NOWHERE,
            box_mm=box_mm(window, self._space),
            diameter_mm=widest,
            diameter_3d_mm=longest,
            centroid_mm=tuple(float(value) for value in placed(np.array([centre]), self._space)[0]),
        )


def finite(values: NDArray[Any]) -> NDArray[Any]:
    """Return the values that are finite.

    >>> finite(np.array([1.0, np.nan])).tolist()
    [1.0]
    """
    return values[np.isfinite(values)] if values.dtype.kind == "f" else values
