"""Where the windows of a network lie on a raster, whatever its tiles are."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from pixelwise.ops.windows import Window

__all__ = ["OVERLAP", "Lattice", "around"]

OVERLAP = 0.25
"""Share of a window that its neighbour sees, too, or more at the far borders of the raster."""


@dataclass(frozen=True, slots=True)
class Lattice:
    """Overlapping windows that cover a raster; none reaches beyond it, unless it is too small.

    Args:
        side: (height, width) of a window.
        size: (height, width) of the raster.

    >>> lattice = Lattice((4, 4), (4, 9))
    >>> [window.left for window in lattice.meeting(Window(0, 0, 4, 9))]
    [0, 3, 5]
    """

    side: tuple[int, int]
    size: tuple[int, int]

    def meeting(self, core: Window) -> list[Window]:
        """Return the windows that hold pixels of ``core``."""
        rows = [y for y in self._starts(0) if y < core.bottom and y + self.side[0] > core.top]
        columns = [x for x in self._starts(1) if x < core.right and x + self.side[1] > core.left]
        return [self._window(*at) for at in product(rows, columns)]

    def beginning(self, core: Window) -> list[Window]:
        """Return the windows whose first pixel lies in ``core``: each in one tile alone."""
        rows = [y for y in self._starts(0) if core.top <= y < core.bottom]
        columns = [x for x in self._starts(1) if core.left <= x < core.right]
        return [self._window(*at) for at in product(rows, columns)]

    def _starts(self, axis: int) -> list[int]:
        side = self.side[axis]
        last = max(self.size[axis] - side, 0)
        return [*range(0, last, int(side * (1 - OVERLAP))), last]

    def _window(self, top: int, left: int) -> Window:
        height, width = self.side
        return Window(top, left, min(height, self.size[0]), min(width, self.size[1]))


def around(windows: Iterable[Window]) -> Window:
    """Return the least window that holds all of these.

    >>> around([Window(0, 5, 2, 2), Window(3, 1, 2, 2)])
    Window(top=0, left=1, height=5, width=6)
    """
    every = list(windows)
    top, left = min(one.top for one in every), min(one.left for one in every)
    bottom, right = max(one.bottom for one in every), max(one.right for one in every)
    return Window(top, left, bottom - top, right - left)
