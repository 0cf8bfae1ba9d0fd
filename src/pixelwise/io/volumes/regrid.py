"""An uneven or leaning stack of slices, resampled to an even, upright grid."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Image
from pixelwise.io.volumes.dicom_places import Stack
from pixelwise.io.volumes.geometry import LPS, space_of
from pixelwise.ops.resample import shifted

__all__ = ["regridded"]


def regridded(image: Image, stack: Stack) -> Image:
    """Return the volume on an even grid with upright axes; linear between slices.

    The step is the usual one. Voxels that no slice saw take the volume's least value, and a note
    says what was done.

    Args:
        image: (D, H, W, 1), as stacked.
        stack: Where its slices lie.
    """
    usual = float(np.median(np.diff(stack.places)))
    count = round((stack.places[-1] - stack.places[0]) / usual) + 1
    wanted = stack.places[0] + usual * np.arange(count)
    affine = stack.affine.copy()
    sizes = np.sqrt((affine[:3, :2] ** 2).sum(axis=0))
    directions = affine[:3, :2] / sizes
    affine[:3, 2] = np.cross(directions[:, 0], directions[:, 1]) * usual
    voxels = image.pixels[..., 0].astype(np.float32)
    fill = float(voxels.min())
    upright = np.stack(
        [
            shifted(plane, (-move[1] / sizes[1], -move[0] / sizes[0]), fill)
            for plane, move in zip(voxels, stack.sideways, strict=True)
        ]
    )
    space, notes = space_of(LPS @ affine)
    made = _between(upright, stack.places, wanted)
    if image.pixels.dtype.kind in "iu":
        made = np.rint(made).astype(image.pixels.dtype)
    note = f"resampled: {stack.fault}; now {count} slices of {usual:.4g} mm, upright"
    return Image(made[..., np.newaxis], space, (*image.notes, note, *notes))


def _between(
    voxels: NDArray[np.float32], places: NDArray[np.float64], wanted: NDArray[np.float64]
) -> NDArray[Any]:
    """Return slices at the wanted places, each linear between the two around it."""
    at = np.clip(np.interp(wanted, places, np.arange(len(places))), 0, len(places) - 1)
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, len(places) - 1)
    share = (at - low).astype(np.float32)[:, np.newaxis, np.newaxis]
    return voxels[low] * (1 - share) + voxels[high] * share
