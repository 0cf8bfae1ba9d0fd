"""A bright lesion on FLAIR from one seed: hysteresis, then region growing."""

from dataclasses import dataclass
from time import perf_counter
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.medical.masks import millimetres
from pixelwise.core import (
    Foreground,
    Image,
    Legend,
    LegendClass,
    Prompts,
    Provenance,
    Task,
    setting,
)
from pixelwise.core.method import check_ranges
from pixelwise.errors import InputError
from pixelwise.methods.threshold.hysteresis import touching
from pixelwise.ops.balls import opened
from pixelwise.ops.morphology import fill_holes

__all__ = ["Lesion"]

SHOWN = (255, 176, 0)
"""Colour of the outline: seen on black and on white."""


@dataclass(frozen=True, kw_only=True)
class Lesion:
    """The bright lesion around a seed, in a FLAIR scan of the head.

    Sure is what lies ``high`` standard deviations above the brain's mean, joined what lies
    ``low`` above it; of that, the part around the seed is grown, after thin bridges to other
    bright tissue are torn, and its holes are filled. A coarse outline, no diagnosis.

    Source:
        J. Canny 1986 (hysteresis); R. Adams, L. Bischof, "Seeded Region Growing", PAMI 16, 1994;
        levels chosen on one BRATS 2015 patient.
    """

    task: ClassVar[Task] = Task.FOREGROUND
    name: ClassVar[str] = "mr-lesion"

    prompts: Prompts = setting(doc="One or more points in the lesion.")
    low: float = setting(
        1.1, "Standard deviations above the brain's mean: joined.", low=-5, high=20
    )
    high: float = setting(2.0, "Standard deviations above the brain's mean: sure.", low=-5, high=20)
    neck_mm: float = setting(1.0, "Bridges thinner than twice this are torn.", low=0, high=20)

    def __post_init__(self) -> None:
        check_ranges(self)

    def __call__(self, image: Image) -> Foreground:
        """Segment a volume.

        Raises:
            InputError: It is no grey volume, has no millimetres, or no seed lies on bright tissue.
        """
        if not image.is_volume or image.channels != 1:
            raise InputError(f"{self.name} works on grey volumes, not on {image.pixels.shape}")
        start = perf_counter()
        voxels = image.pixels[..., 0].astype(np.float32)
        mean, deviation = _tissue(voxels)
        low, high = mean + self.low * deviation, mean + self.high * deviation
        bright = touching(voxels > low, voxels > high)
        torn = opened(bright, self.neck_mm, millimetres(image.space)) if self.neck_mm else bright
        seeds = self.prompts.markers(image.size) > 0
        region = touching(torn if (torn & seeds).any() else bright, seeds)
        if not region.any():
            raise InputError(
                f"no seed lies on tissue above {low:.3g}, {self.low:g} deviations over the mean; "
                "put it into the bright part, or lower --set low"
            )
        made = Provenance(
            method=self.name,
            settings={"low": self.low, "high": self.high, "neck_mm": self.neck_mm},
            seconds={"segment": perf_counter() - start},
            notes=(*image.notes, f"levels {low:.4g} {high:.4g}"),
        )
        rows = LegendClass(0, "background", (0, 0, 0)), LegendClass(1, "lesion", SHOWN)
        mask = fill_holes(region)
        return Foreground(mask, legend=Legend(rows), space=image.space, provenance=made)


def _tissue(voxels: NDArray[np.float32]) -> tuple[float, float]:
    """Return mean and deviation of what is not the background, the value at the corners."""
    ends = np.ix_(*[(0, side - 1) for side in voxels.shape])
    corner = float(np.median(voxels[ends]))
    tissue = voxels[np.isfinite(voxels) & (voxels != corner)]
    if not tissue.size:
        return corner, 1.0
    return float(tissue.mean(dtype=np.float64)), float(tissue.std(dtype=np.float64)) or 1.0
