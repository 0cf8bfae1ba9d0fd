"""The parts of a picture that are looked at one by one, so that its small things are found, too.

Source:
    Kirillov et al., "Segment Anything", ICCV 2023, appendix B: zoomed-in crops.
"""

from itertools import product
from math import ceil

__all__ = ["Box", "is_cut", "parts"]

Box = tuple[int, int, int, int]
"""x0 y0 x1 y1 in pixels, end outside."""

OVERLAP = 512 / 1500
"""Share of the shorter side by which neighbours overlap when there are two a side."""

NEAR = 20
"""Pixels from a part's border within which a mask is thought to go on beyond it."""


def parts(size: tuple[int, int], layers: int) -> list[Box]:
    """Return the whole picture, then its parts: 2 a side in the first layer, 4 in the second ...

    Args:
        size: (height, width) of the picture.
        layers: How often it is cut anew; 0: not at all.

    >>> parts((100, 200), 1)
    [(0, 0, 200, 100), (0, 0, 117, 67), (0, 33, 117, 100), (83, 0, 200, 67), (83, 33, 200, 100)]
    """
    height, width = size
    found = [(0, 0, width, height)]
    for layer in range(1, layers + 1):
        count = 2**layer
        overlap = int(OVERLAP * min(size) * (2 / count))
        wide, high = (ceil((overlap * (count - 1) + side) / count) for side in (width, height))
        for column, row in product(range(count), repeat=2):
            x, y = column * (wide - overlap), row * (high - overlap)
            found.append((x, y, min(x + wide, width), min(y + high, height)))
    return found


def is_cut(box: Box, part: Box, size: tuple[int, int]) -> bool:
    """Say whether a mask ends near a border of its part that is none of the picture.

    Args:
        box: Of the mask, in the picture.
        part: In which it was found.
        size: (height, width) of the picture.

    >>> part = (0, 0, 90, 90)
    >>> is_cut((30, 30, 85, 60), part, (300, 90)), is_cut((30, 30, 60, 85), part, (300, 90))
    (False, True)
    """
    picture = (0, 0, size[1], size[0])
    edges = (box[0], box[1], box[2] - 1, box[3] - 1)
    return any(
        abs(edge - own) <= NEAR < abs(edge - whole)
        for edge, own, whole in zip(edges, part, picture, strict=True)
    )
