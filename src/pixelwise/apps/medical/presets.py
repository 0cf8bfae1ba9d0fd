"""Segmenters for tissues by name, with Hounsfield values and where they come from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, Image, Legend, LegendClass, Provenance, Task
from pixelwise.errors import InputError, UnknownName
from pixelwise.ops.balls import closed, dilated, opened
from pixelwise.ops.components import components
from pixelwise.ops.morphology import drop_small, fill_holes
from pixelwise.ops.otsu import otsu_level

__all__ = ["PRESETS", "Preset", "preset"]

Spacing = tuple[float, ...]
Voxels = NDArray[Any]
Mask = NDArray[np.bool_]
AIR = -500.0
"""Hounsfield units that part the body from the air around it."""
BONE_GAP_MM = 4.0
"""Closes the spongy inside of a vertebra, whose shell alone is dense."""
LUNG_GAP_MM = 5.0
"""Closes vessels in the lung."""
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
        work: Takes voxels (D, H, W) and the spacing in mm; returns the mask.
        hounsfield: Whether it needs CT values.
    """

    name: str
    about: str
    source: str
    work: Callable[[Voxels, Spacing], Mask]
    hounsfield: bool = True
    task = Task.FOREGROUND

    def __call__(self, image: Image) -> Foreground:
        """Segment a volume.

        Raises:
            InputError: It is a picture, has several channels, or holds no Hounsfield units.
        """
        if not image.is_volume or image.channels != 1:
            raise InputError(f"{self.name} works on grey volumes, not on {image.pixels.shape}")
        voxels = image.pixels[..., 0]
        if self.hounsfield and voxels.min() >= 0:
            raise InputError(
                f"{self.name} needs Hounsfield units, and the least value here is {voxels.min()}: "
                "air would be -1000; is the rescale intercept missing?"
            )
        start = perf_counter()
        mask = self.work(voxels, image.space.spacing)
        made = Provenance(
            method=self.name,
            seconds={"segment": perf_counter() - start},
            notes=(*image.notes, f"{self.name}: {self.source}"),
        )
        rows = LegendClass(0, "background", (0, 0, 0)), LegendClass(1, self.name, SHOWN)
        legend = Legend(rows)
        return Foreground(mask, legend=legend, space=image.space, provenance=made)


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


def _bone(voxels: Voxels, spacing: Spacing) -> Mask:
    """Threshold, close, fill: 200 HU, gaps of 4 mm, holes of each axial slice."""
    dense = closed(voxels >= 200, BONE_GAP_MM, spacing)
    return np.stack([fill_holes(plane) for plane in dense])


def _lung(voxels: Voxels, spacing: Spacing) -> Mask:
    """Air within the body: -950 to -500 HU, what is joined to the air outside left out."""
    body = np.stack([fill_holes(plane) for plane in opened(voxels > AIR, 2.0, spacing)])
    inside = (voxels <= AIR) & body
    return closed(_no_specks(inside, spacing), LUNG_GAP_MM, spacing) & body


def _soft_tissue(voxels: Voxels, spacing: Spacing) -> Mask:
    return _no_specks(opened((voxels >= -29) & (voxels <= 150), 1.0, spacing), spacing)


def _fat(voxels: Voxels, spacing: Spacing) -> Mask:
    return _no_specks((voxels >= -190) & (voxels <= -30), spacing)


def _brain(voxels: Voxels, spacing: Spacing) -> Mask:
    """Otsu's bright side of the head, torn from skull and eyes, the largest part, filled."""
    values = np.asarray(voxels, np.float32)
    head = values > np.percentile(values, 60)
    level = otsu_level(values[head & (values < np.percentile(values, 99.5))])
    core = opened(values > level, HEAD_NECK_MM, spacing)
    labels, count = components(core, diagonal=False)
    if not count:
        return core
    sizes = np.bincount(labels.reshape(-1))
    sizes[0] = 0
    whole = dilated(labels == sizes.argmax(), 2.0, spacing)
    return fill_holes(closed(whole, 2 * HEAD_NECK_MM, spacing))


def _no_specks(mask: Mask, spacing: Spacing) -> Mask:
    return drop_small(mask, int(np.ceil(SPECK_ML * 1000 / np.prod(spacing))))


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
