"""Rectangles of a raster that is too large to be held."""

from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Window", "tiles"]


class Window(NamedTuple):
    """A rectangle of pixels.

    Args:
        top: First row.
        left: First column.
        height: Rows.
        width: Columns.
    """

    top: int
    left: int
    height: int
    width: int

    @property
    def bottom(self) -> int:
        """The row below the last one."""
        return self.top + self.height

    @property
    def right(self) -> int:
        """The column beyond the last one."""
        return self.left + self.width

    def grown(self, margin: int, size: tuple[int, int]) -> "Window":
        """Return the window with ``margin`` more pixels on each side, as far as the raster goes.

        >>> Window(0, 5, 4, 4).grown(2, (10, 10))
        Window(top=0, left=3, height=6, width=7)
        """
        top, left = max(0, self.top - margin), max(0, self.left - margin)
        bottom, right = min(size[0], self.bottom + margin), min(size[1], self.right + margin)
        return Window(top, left, bottom - top, right - left)

    def shared_with(self, other: "Window") -> "Window | None":
        """Return what both cover; None where they do not meet.

        >>> Window(0, 0, 4, 4).shared_with(Window(2, 3, 4, 4))
        Window(top=2, left=3, height=2, width=1)
        """
        top, left = max(self.top, other.top), max(self.left, other.left)
        height = min(self.bottom, other.bottom) - top
        width = min(self.right, other.right) - left
        return Window(top, left, height, width) if height > 0 and width > 0 else None

    def within(self, outer: "Window") -> tuple[slice, slice]:
        """Return the rows and columns of an array of ``outer`` that hold this window."""
        top, left = self.top - outer.top, self.left - outer.left
        return slice(top, top + self.height), slice(left, left + self.width)


def tiles(size: tuple[int, int], side: tuple[int, int]) -> Iterator[Window]:
    """Yield windows that cover a raster without overlap, row by row; the last ones are smaller.

    Args:
        size: (height, width) of the raster.
        side: (height, width) of a tile.

    >>> [tuple(window) for window in tiles((3, 5), (2, 4))]
    [(0, 0, 2, 4), (0, 4, 2, 1), (2, 0, 1, 4), (2, 4, 1, 1)]
    """
    for top in range(0, size[0], side[0]):
        for left in range(0, size[1], side[1]):
            yield Window(top, left, min(side[0], size[0] - top), min(side[1], size[1] - left))
