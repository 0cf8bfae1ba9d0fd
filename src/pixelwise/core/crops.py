"""Masks kept in their boxes, so that overlaps, holes and thin memory survive."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from pixelwise.errors import InputError

__all__ = ["Crop", "FullMasks"]


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """A mask and the place of its first pixel in the picture.

    Args:
        origin: (y, x) or (z, y, x) of the first pixel.
        mask: (h, w) or (d, h, w) bool.

    Raises:
        InputError: Origin and mask have different axes.

    >>> Crop.of(np.eye(4, dtype=bool)[:, 1:]).origin
    (1, 0)
    """

    origin: tuple[int, ...]
    mask: NDArray[np.bool_]

    def __post_init__(self) -> None:
        mask = np.asarray(self.mask, dtype=bool).view()
        if mask.ndim != len(self.origin) or mask.ndim not in (2, 3):
            raise InputError(f"origin {self.origin} does not fit a mask of shape {mask.shape}")
        mask.flags.writeable = False
        object.__setattr__(self, "origin", tuple(int(start) for start in self.origin))
        object.__setattr__(self, "mask", mask)

    @classmethod
    def of(cls, mask: NDArray[np.bool_]) -> "Crop":
        """Return the tight crop of a full mask; an empty mask gives an empty crop."""
        mask = np.asarray(mask, bool)
        spans = [_span(mask, axis) for axis in range(mask.ndim)]
        crop = mask[tuple(slice(first, end) for first, end in spans)]
        return cls(tuple(first for first, _ in spans), crop.copy())

    @property
    def box(self) -> tuple[int, int, int, int]:
        """x0, y0, x1, y1 of the crop in the picture, end outside."""
        y0, x0 = self.origin[-2:]
        return (x0, y0, x0 + self.mask.shape[-1], y0 + self.mask.shape[-2])

    @property
    def window(self) -> tuple[slice, ...]:
        """The slices of the picture that the crop covers."""
        pairs = zip(self.origin, self.mask.shape, strict=True)
        return tuple(slice(start, start + length) for start, length in pairs)

    @property
    def area(self) -> int:
        """Pixels in the mask."""
        return int(np.count_nonzero(self.mask))

    def shared_with(self, other: "Crop") -> int:
        """Return how many pixels two masks of one picture share.

        >>> Crop((0, 0), np.ones((2, 2))).shared_with(Crop((1, 1), np.ones((4, 4))))
        1
        """
        parts = []
        for crop in (self, other):
            inner = tuple(
                slice(
                    max(a.start, b.start) - start,
                    max(a.start, b.start, min(a.stop, b.stop)) - start,
                )
                for a, b, start in zip(self.window, other.window, crop.origin, strict=True)
            )
            parts.append(crop.mask[inner])
        return int(np.count_nonzero(parts[0] & parts[1]))

    def full(self, size: tuple[int, ...]) -> NDArray[np.bool_]:
        """Return the mask at the picture's size."""
        mask = np.zeros(size, bool)
        mask[self.window] = self.mask
        return mask


class FullMasks(Sequence[NDArray[np.bool_]]):
    """The crops as masks of the picture's size, made one at a time when asked for."""

    def __init__(self, crops: Sequence[Crop], size: tuple[int, ...]) -> None:
        self._crops = crops
        self._size = size

    def __len__(self) -> int:
        return len(self._crops)

    @overload
    def __getitem__(self, index: int) -> NDArray[np.bool_]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[NDArray[np.bool_]]: ...
    def __getitem__(self, index: int | slice) -> NDArray[np.bool_] | Sequence[NDArray[np.bool_]]:
        if isinstance(index, slice):
            return FullMasks(self._crops[index], self._size)
        return self._crops[index].full(self._size)

    def __iter__(self) -> Iterator[NDArray[np.bool_]]:
        return (crop.full(self._size) for crop in self._crops)

    def __array__(
        self,
        dtype: np.dtype[Any] | None = None,
        copy: bool | None = None,  # noqa: FBT001
    ) -> NDArray[Any]:
        stack = np.zeros((len(self), *self._size), dtype or bool)
        for mask, crop in zip(stack, self._crops, strict=True):
            mask[crop.window] = crop.mask
        return stack


def _span(mask: NDArray[np.bool_], axis: int) -> tuple[int, int]:
    others = tuple(other for other in range(mask.ndim) if other != axis)
    filled = np.flatnonzero(mask.any(axis=others))
    return (int(filled[0]), int(filled[-1]) + 1) if filled.size else (0, 0)
