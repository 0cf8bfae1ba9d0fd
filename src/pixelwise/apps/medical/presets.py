"""Segmenters for tissues by name, with Hounsfield values and where they come from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.medical.masks import Mask, Masks, Voxels, millimetres
from pixelwise.core import Foreground, Image, Legend, LegendClass, Provenance, Task
from pixelwise.errors import InputError, UnknownName, UsageError
from pixelwise.ops.otsu import otsu_level
from pixelwise.ops.slabs import finite_range

__all__ = ["PRESETS", "Preset", "preset"]

AIR = -500.0
"""Hounsfield units that part the body from the air around it."""
BONE_GAP_MM = 4.0
"""Closes the spongy inside of a vertebra, whose shell alone is dense."""
LUNG_GAP_MM = 5.0
"""Closes vessels in the lung."""
SKIN_MM = 2.0
"""Tears thin things, such as the table's cover, from the body."""
SPECK_ML = 0.1
SHOWN = (255, 176, 0)
"""Colour of outlines: seen on black and on white."""
HEAD_NECK_MM = 4.0
"""Ball that tears the brain from skull and eyes; the meninges between are thinner."""


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A tissue.

    Args:
        name: Its name: ``ct-bone``.
        about: What it does, in one sentence.
        source: Where its numbers come from.
        work: Makes the mask.
        hounsfield: Whether it needs CT values.
    """

    name: str
    about: str
    source: str
    work: Callable[[Voxels], Masks]
    hounsfield: bool = True
    task = Task.FOREGROUND

    def __call__(self, image: Image) -> Foreground:
        """Segment a volume.

        Raises:
            InputError: It is a picture, has several channels, no millimetres, or no Hounsfield
                units.
        """
        if not image.is_volume or image.channels != 1:
            raise InputError(f"{self.name} works on grey volumes, not on {image.pixels.shape}")
        start = perf_counter()
        mask = self.masks(Voxels(image.pixels[..., 0], millimetres(image.space))).whole
        made = Provenance(
            method=self.name,
            seconds={"segment": perf_counter() - start},
            notes=(*image.notes, f"{self.name}: {self.source}"),
        )
        return Foreground(mask, legend=self.legend, space=image.space, provenance=made)

    def masks(self, voxels: Voxels) -> Masks:
        """Return the mask of a volume that may be larger than memory.

        Raises:
            InputError: It holds no Hounsfield units.
        """
        ends = finite_range(voxels.values)
        if self.hounsfield and ends is not None and ends[0] >= 0:
            raise InputError(
                f"{self.name} needs Hounsfield units, and the least value here is {ends[0]}: "
                "air would be -1000; is the rescale intercept missing?"
            )
        return self.work(voxels)

    @property
    def legend(self) -> Legend:
        """Background, and the tissue by the preset's name."""
        return Legend((LegendClass(0, "background", (0, 0, 0)), LegendClass(1, self.name, SHOWN)))


def preset(name: str) -> Preset:
    """Return a preset by name.

    Raises:
        UnknownName: There is none of that name.

    >>> preset("ct-fat").name
    'ct-fat'
    """
    if name not in PRESETS:
        raise UnknownName.among("preset", name, PRESETS)
    return PRESETS[name]


def _bone(voxels: Voxels) -> Masks:
    """Threshold, close, fill: 200 HU, gaps of 4 mm, holes of each axial slice."""
    return voxels.where(lambda values: values >= 200).closed(BONE_GAP_MM).filled_slices()


def _lung(voxels: Voxels) -> Masks:
    """Air within the body: at most -500 HU, what is joined to the air outside left out."""
    body = voxels.where(lambda values: values > AIR).opened(SKIN_MM).filled_slices()
    inside = voxels.where(lambda values: values <= AIR) & body
    return inside.dropped(SPECK_ML).closed(LUNG_GAP_MM) & body


def _soft_tissue(voxels: Voxels) -> Masks:
    return voxels.where(_between(-29, 150)).opened(1.0).dropped(SPECK_ML)


def _fat(voxels: Voxels) -> Masks:
    return voxels.where(_between(-190, -30)).dropped(SPECK_ML)


def _between(low: float, high: float) -> Callable[[NDArray[Any]], Mask]:
    return lambda values: (values >= low) & (values <= high)


def _brain(voxels: Voxels) -> Masks:
    """Otsu's bright side of the head, torn from skull and eyes, the largest part, filled."""
    if voxels.in_slabs:
        raise UsageError("mr-brain needs the whole volume in memory; leave --blockwise out")
    values = np.asarray(voxels.values, np.float32)
    head = values > np.percentile(values, 60)
    level = otsu_level(values[head & (values < np.percentile(values, 99.5))])
    core = Masks.of(values > level, voxels.spacing).opened(HEAD_NECK_MM)
    return core.largest(1, diagonal=False).grown(2.0).closed(2 * HEAD_NECK_MM).filled()


_ROWS = (
    Preset(
        name="ct-bone",
        about="Bone: 200 HU and more, gaps of 4 mm closed, holes of each slice filled.",
        source="Schreiber et al., J Bone Joint Surg Am 93, 2011 (spongy bone 80 to 250 HU);"
        " closing and filling bring the inside back, so that 200 HU spares vessels with contrast",
        work=_bone,
    ),
    Preset(
        name="ct-lung",
        about="Lungs: at most -500 HU within the body, vessels of 5 mm closed.",
        source="Kalender, Computed Tomography, 2011: lung -950 to -500 HU",
        work=_lung,
    ),
    Preset(
        name="ct-soft-tissue",
        about="Muscle and organs: -29 to 150 HU.",
        source="Mitsiopoulos et al., J Appl Physiol 85, 1998; Aubrey et al., Acta Physiol 210,"
        " 2014: muscle -29 to 150 HU",
        work=_soft_tissue,
    ),
    Preset(
        name="ct-fat",
        about="Fat: -190 to -30 HU.",
        source="Kvist et al., Am J Clin Nutr 48, 1988: adipose tissue -190 to -30 HU",
        work=_fat,
    ),
    Preset(
        name="mr-brain",
        about="Brain in a T1 scan of the head: Otsu, opened by 4 mm, largest part, filled.",
        source="after Atkins, Mackiewich, IEEE TMI 17, 1998; a coarse outline, meshnet-brain"
        " is the fine one",
        work=_brain,
        hounsfield=False,
    ),
)
PRESETS: Mapping[str, Preset] = {row.name: row for row in _ROWS}
"""Name -> preset."""
