"""Masks of volumes, whole or a slab at a time, shaped in millimetres and millilitres."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Space
from pixelwise.core.space import Unit
from pixelwise.errors import InputError
from pixelwise.ops.balls import closed, dilated, opened
from pixelwise.ops.morphology import fill_holes
from pixelwise.ops.slabs import Joined, slabs

__all__ = ["Mask", "Masks", "Voxels", "millimetres"]

Mask = NDArray[np.bool_]
Pieces = Callable[[], Iterator[Mask]]


def millimetres(space: Space) -> tuple[float, ...]:
    """Return the sides of a voxel, z y x.

    Raises:
        InputError: They are not known.
    """
    if space.unit is not Unit.MILLIMETRE:
        raise InputError(
            "this volume has no millimetres, so nothing can be measured in them: its matrix is "
            "singular or missing",
            reason="affine",
        )
    return space.spacing


@dataclass(frozen=True, eq=False)
class Masks:
    """A mask of a volume as slabs of its first axis; each operation gives what the whole gives.

    A mask of several slabs is made anew whenever it is asked for, so that it is never in memory
    as a whole; one of a single slab is made at once. Connected parts join over corners.

    Args:
        pieces: Gives the slabs, (d, H, W) bool each, as often as it is called.
        depths: How deep each slab is.
        spacing: Sides of a voxel in mm, z y x.

    >>> ring = np.pad(np.zeros((1, 1, 1), bool), 1, constant_values=True)
    >>> Masks.of(ring, (1.0, 1.0, 1.0)).filled().whole.all()
    np.True_
    """

    pieces: Pieces
    depths: tuple[int, ...]
    spacing: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.depths) == 1:
            made = next(self.pieces())
            object.__setattr__(self, "pieces", lambda: iter((made,)))

    @classmethod
    def of(cls, mask: Mask, spacing: tuple[float, ...]) -> "Masks":
        """Return a mask that is in memory."""
        return cls(lambda: iter((mask,)), (len(mask),), spacing)

    def __iter__(self) -> Iterator[Mask]:
        return self.pieces()

    @property
    def whole(self) -> Mask:
        """The whole mask in memory."""
        made = list(self)
        return made[0] if len(made) == 1 else np.concatenate(made)

    def __and__(self, other: "Masks") -> "Masks":
        return self._then(lambda: (a & b for a, b in zip(self, other, strict=True)))

    def __invert__(self) -> "Masks":
        return self._then(lambda: (~piece for piece in self))

    def closed(self, radius_mm: float) -> "Masks":
        """Return it with the gaps closed that no ball of that radius fits into."""
        return self._near(lambda part: closed(part, radius_mm, self.spacing), 2 * radius_mm)

    def opened(self, radius_mm: float) -> "Masks":
        """Return the parts that a ball of that radius fits into."""
        return self._near(lambda part: opened(part, radius_mm, self.spacing), 2 * radius_mm)

    def grown(self, radius_mm: float) -> "Masks":
        """Return all voxels within a radius."""
        return self._near(lambda part: dilated(part, radius_mm, self.spacing), radius_mm)

    def shrunk(self, radius_mm: float) -> "Masks":
        """Return the voxels that lie deeper than a radius; the volume's border is no end."""
        return ~(~self).grown(radius_mm)

    def filled(self) -> "Masks":
        """Return it with what it encloses; corners do not let the outside in."""
        return ~(~self).touching(self._faces(), diagonal=False)

    def filled_slices(self) -> "Masks":
        """Return it with what it encloses within each slice of the first axis."""
        return self._then(
            lambda: (np.stack([fill_holes(plane) for plane in piece]) for piece in self)
        )

    def touching(self, sure: "Masks", *, diagonal: bool = True) -> "Masks":
        """Return the connected parts that hold a voxel of ``sure``."""
        return self._parts(sure, lambda _: 1, diagonal=diagonal)

    def dropped(self, least_ml: float) -> "Masks":
        """Return it without connected parts of less than a volume."""
        least = np.ceil(least_ml * 1000 / np.prod(self.spacing))
        return self._parts(None, lambda _: float(least))

    def largest(self, count: int, *, diagonal: bool = True) -> "Masks":
        """Return the largest connected parts, and what is as large as the least of them."""
        return self._parts(None, lambda joined: joined.rank(count), diagonal=diagonal)

    def _then(self, pieces: Pieces) -> "Masks":
        return Masks(pieces, self.depths, self.spacing)

    def _near(self, work: Callable[[Mask], Mask], reach_mm: float) -> "Masks":
        """Return what ``work`` makes, which looks so far."""
        reach = int(np.ceil(reach_mm / self.spacing[0])) + 1
        return self._then(lambda: _with_neighbours(self, work, reach))

    def _parts(
        self,
        counted: "Masks | None",
        least: Callable[[Joined], float],
        *,
        diagonal: bool = True,
    ) -> "Masks":
        """Return the connected parts with enough voxels of ``counted``; None: of their own."""

        def made() -> Iterator[Mask]:
            joined = Joined(diagonal=diagonal)
            for piece, counts in _both(self, counted):
                joined.take(piece, counts)
            enough = least(joined)
            for number, piece in enumerate(self):
                yield joined.kept(number, piece, enough)

        return self._then(made)

    def _faces(self) -> "Masks":
        """Return the outermost voxels of the volume."""
        ends = np.cumsum(self.depths)

        def made() -> Iterator[Mask]:
            for piece, end in zip(self, ends, strict=True):
                face = np.ones(piece.shape, bool)
                first, last = int(end == len(piece)), int(end == ends[-1])
                face[first : len(piece) - last, 1:-1, 1:-1] = False
                yield face

        return self._then(made)


@dataclass(frozen=True, eq=False)
class Voxels:
    """The values of a grey volume, in memory or on the disk.

    Args:
        values: (D, H, W).
        spacing: Sides of a voxel in mm, z y x.
        in_slabs: Whether masks of it are made a slab at a time.
    """

    values: NDArray[Any]
    spacing: tuple[float, ...]
    in_slabs: bool = False

    def where(self, test: Callable[[NDArray[Any]], Mask]) -> Masks:
        """Return where a test of values is true."""
        depths = tuple(len(piece) for piece in self._slabs())
        return Masks(lambda: (test(piece) for piece in self._slabs()), depths, self.spacing)

    def _slabs(self) -> Iterator[NDArray[Any]]:
        return slabs(self.values) if self.in_slabs else iter((self.values,))


def _both(masks: Masks, others: Masks | None) -> Iterator[tuple[Mask, Mask]]:
    if others is None:
        return ((piece, piece) for piece in masks)
    return zip(masks, others, strict=True)


def _with_neighbours(pieces: Masks, work: Callable[[Mask], Mask], reach: int) -> Iterator[Mask]:
    """Yield what ``work`` makes of each slab, which it sees with ``reach`` slices around it."""
    held, before = np.zeros((0, 0, 0), bool), 0
    waiting: deque[int] = deque()
    for piece in chain(pieces, (None,)):
        if piece is not None:
            held = np.concatenate([held, piece]) if len(held) else piece
            waiting.append(len(piece))
        while waiting and (piece is None or len(held) - before - waiting[0] >= reach):
            depth = waiting.popleft()
            yield work(held[: before + depth + reach])[before : before + depth]
            gone = max(0, before + depth - reach)
            held, before = held[gone:], before + depth - gone
