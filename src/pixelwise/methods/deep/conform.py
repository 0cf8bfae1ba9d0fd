"""A volume on the grid that a network was trained on, and labels back on the volume's own."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelwise.cards.inputs import VolumeSpec
from pixelwise.core import Image, Space
from pixelwise.ops.resample import resampled

__all__ = ["Conformed", "conformed", "turn_to"]

AXES = {"R": (0, 1), "L": (0, -1), "A": (1, 1), "P": (1, -1), "S": (2, 1), "I": (2, -1)}
"""Letter -> world axis and sign of RAS, towards which an index grows."""
SAME = 1e-3
"""Difference in voxels below which a grid is the wanted one already."""


@dataclass(frozen=True, eq=False)
class Conformed:
    """A volume on the network's grid.

    Args:
        voxels: (i, j, k) in the order of the wanted orientation's letters.
        matrix: (4, 4), takes indices of the native array (z, y, x, 1) to those of ``voxels``.
        size: (D, H, W) of the native volume.
    """

    voxels: NDArray[np.generic]
    matrix: NDArray[np.float64]
    size: tuple[int, ...]

    def back(self, labels: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return labels of the network's grid on the native one, the nearest voxel each.

        Args:
            labels: Of the size of ``voxels``.
        """
        depth, height, width = self.size
        made = resampled(labels, self.matrix, (depth, height, width), nearest=True)
        return made.astype(np.int32, copy=False)


def conformed(image: Image, spec: VolumeSpec) -> Conformed:
    """Return a volume turned to an orientation and resampled to cubes.

    There are as many as the spec says: 256 a side, as FreeSurfer's mri_convert --conform makes
    them, or as many as the volume fills.

    The middle stays the middle. A volume that has that grid already is only turned, and its
    values are kept; any other is interpolated linearly.

    Args:
        image: A grey volume with a place in the world.
        spec: The orientation and spacing.
    """
    size = (image.size[0], image.size[1], image.size[2])
    native = _index_to_world(image.space)
    wanted = turn_to(spec.orientation) * spec.spacing_mm
    centre = native[:3, :3] @ ((np.array(size) - 1) / 2) + native[:3, 3]
    shape = _sides(size, np.linalg.inv(wanted) @ native[:3, :3], spec.side)
    target = np.eye(4)
    target[:3, :3] = wanted
    target[:3, 3] = centre - wanted @ ((np.array(shape) - 1) / 2)
    to_native = np.linalg.inv(native) @ target
    voxels = image.pixels[..., 0]
    if np.prod(shape) == np.prod(size) and np.abs(to_native - np.rint(to_native)).max() < SAME:
        to_native = np.rint(to_native)
        turned = resampled(voxels, to_native, shape, nearest=True)
        return Conformed(turned, np.asarray(np.linalg.inv(to_native), np.float64), size)
    cubes = resampled(voxels, to_native, shape, fill=float(voxels.min()))
    return Conformed(cubes, np.asarray(np.linalg.inv(to_native), np.float64), size)


def _sides(
    size: tuple[int, int, int], turn: NDArray[np.float64], side: int
) -> tuple[int, int, int]:
    """Return how many voxels of the new grid lie along each of its axes."""
    if side:
        return side, side, side
    filled = np.ceil(np.abs(turn) @ np.array(size) - SAME).astype(int)
    return int(filled[0]), int(filled[1]), int(filled[2])


def turn_to(orientation: str) -> NDArray[np.float64]:
    """Return the (3, 3) directions of an orientation's axes in RAS, in columns.

    >>> turn_to("LIA").tolist()
    [[-1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]]
    """
    made = np.zeros((3, 3))
    for column, letter in enumerate(orientation):
        axis, sign = AXES[letter]
        made[axis, column] = sign
    return made


def _index_to_world(space: Space) -> NDArray[np.float64]:
    """Return the matrix for array indices (z, y, x, 1): that of the file with columns turned."""
    matrix = space.matrix
    if matrix is None:
        matrix = np.diag([*space.spacing[::-1], 1.0])
    return matrix[:, [2, 1, 0, 3]]
