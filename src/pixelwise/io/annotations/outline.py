"""The outline of one object, as an annotator drew it or as its pixels run."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Crop
from pixelwise.errors import InputError
from pixelwise.ops.polygons import fill, outlines

__all__ = ["Outline", "Ring", "joined", "ring_of"]

Ring = NDArray[np.float64]
"""(P, 2) x y in pixels; (0, 0) is the outer corner of the first pixel."""


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """Pieces, each an outer ring and the rings of its holes.

    Args:
        pieces: The pieces; the first ring of each is the outer one.

    >>> Outline.of_mask(np.ones((2, 2), bool), (0, 3)).pieces[0][0].tolist()
    [[3.0, 0.0], [5.0, 0.0], [5.0, 2.0], [3.0, 2.0]]
    """

    pieces: tuple[tuple[Ring, ...], ...]

    @classmethod
    def of_mask(cls, mask: NDArray[np.bool_], origin: Sequence[int] = (0, 0)) -> "Outline":
        """Return the outline along the pixels of a mask (h, w) that begins at ``origin`` y x."""
        shift = np.array([origin[1], origin[0]], np.float64)
        return cls(tuple(tuple(ring + shift for ring in piece) for piece in outlines(mask)))

    @classmethod
    def of_rings(cls, rings: Iterable[Sequence[Sequence[float]]]) -> "Outline":
        """Return the outline of separate pieces without holes.

        Raises:
            InputError: A ring is no list of x y pairs.
        """
        return cls(tuple((ring_of(ring),) for ring in rings))

    @property
    def holes(self) -> int:
        """Number of holes."""
        return sum(len(piece) - 1 for piece in self.pieces)

    @property
    def points(self) -> int:
        """Number of points of all rings."""
        return sum(len(ring) for piece in self.pieces for ring in piece)

    @property
    def is_on_pixels(self) -> bool:
        """Whether all points are corners of pixels joined by upright and level edges."""
        return all(_on_pixels(ring) for piece in self.pieces for ring in piece)

    def crop(self, size: tuple[int, ...]) -> Crop:
        """Return what the outline encloses in a picture of that size: even-odd in each piece."""
        height, width = size
        parts = [fill(piece, (height, width)) for piece in self.pieces]
        return joined([Crop(place, mask) for place, mask in parts if mask.size])


def ring_of(points: Sequence[Sequence[float]]) -> Ring:
    """Return points as a ring.

    Raises:
        InputError: They are no x y pairs of numbers.
    """
    try:
        ring = np.array(points, np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"expected x y pairs, not {str(points)[:60]}", reason="polygon") from error
    if ring.ndim != 2 or ring.shape[1] != 2 or not np.isfinite(ring).all():
        raise InputError(f"expected x y pairs, not {str(points)[:60]}", reason="polygon")
    return ring


def joined(crops: Sequence[Crop]) -> Crop:
    """Return the union of crops, in the box of all.

    >>> joined([Crop((0, 0), np.ones((1, 1), bool)), Crop((1, 1), np.ones((1, 1), bool))]).area
    2
    """
    if not crops:
        return Crop((0, 0), np.zeros((0, 0), bool))
    if len(crops) == 1:
        return crops[0]
    boxes = np.array([crop.box for crop in crops])
    x0, y0 = boxes[:, :2].min(axis=0)
    x1, y1 = boxes[:, 2:].max(axis=0)
    mask = np.zeros((y1 - y0, x1 - x0), bool)
    for crop in crops:
        top, left = crop.origin[0] - y0, crop.origin[1] - x0
        mask[top : top + crop.mask.shape[0], left : left + crop.mask.shape[1]] |= crop.mask
    return Crop((int(y0), int(x0)), mask)


def _on_pixels(ring: Ring) -> bool:
    steps = np.diff(ring, axis=0, append=ring[:1])
    return bool((ring == np.rint(ring)).all() and (steps == 0).any(axis=1).all())
