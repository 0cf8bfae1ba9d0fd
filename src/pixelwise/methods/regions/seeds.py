"""Where regions start: seeds as text at the edge, or prompts."""

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Prompts
from pixelwise.errors import InvalidSetting

__all__ = ["CENTRE", "seed_map", "seed_prompts"]

CENTRE = "centre"
"""Seeds text that means the middle of the picture."""

EXPECTED = "x,y;x,y or x,y=label;x,y=label (x,y,z in volumes), or centre"


def seed_map(size: tuple[int, ...], seeds: str, prompts: Prompts | None) -> NDArray[np.int32]:
    """Return a map of the picture's size: -1 nothing, 0 background, 1.. objects.

    Prompts count before the text. A box fills what is not marked otherwise; later boxes win.

    Raises:
        InvalidSetting: The text cannot be read.
        InputError: A seed lies outside the picture.

    >>> seed_map((1, 3), "2,0=5", None).tolist()
    [[-1, -1, 5]]
    """
    if prompts is None or prompts.is_empty:
        return seed_prompts(seeds, size).markers(size)
    markers = prompts.markers(size)
    for number, box in enumerate(np.asarray(prompts.boxes)):
        x0, y0, x1, y1 = np.rint(box).astype(int)
        part = markers[..., max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)]
        part[part == -1] = number + 1
    return markers


def seed_prompts(seeds: str, size: tuple[int, ...]) -> Prompts:
    """Return the points that the text names; without ``=label`` each is of object 1.

    Raises:
        InvalidSetting: The text cannot be read.

    >>> seed_prompts("3,4;5,6=2", (9, 9)).labels.tolist()
    [1, 2]
    """
    if seeds.strip() == CENTRE:
        return Prompts(points=[[side // 2 for side in size[::-1]]])
    points, labels = [], []
    for part in filter(None, (piece.strip() for piece in seeds.split(";"))):
        place, _, label = part.partition("=")
        try:
            points.append([float(number) for number in place.split(",")])
            labels.append(int(label or 1))
        except ValueError as error:
            raise InvalidSetting.of("seeds", seeds, EXPECTED) from error
    if not points or any(len(point) != len(size) for point in points) or min(labels) < 0:
        raise InvalidSetting.of("seeds", seeds, EXPECTED)
    return Prompts(points=points, labels=labels)
