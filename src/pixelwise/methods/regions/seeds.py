"""Where regions start: seeds as text at the edge, or prompts."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Prompts
from pixelwise.errors import InvalidSetting

__all__ = ["CENTRE", "SeedLike", "Seeds", "seed_map", "seed_prompts", "seeds_of"]

CENTRE = "centre"
"""Seeds text that means the middle of the picture."""

EXPECTED = "x,y;x,y or x,y=label;x,y=label (x,y,z in volumes), or centre"


SeedLike = str | Prompts | Sequence[Sequence[float]] | NDArray[Any]
"""Text, prompts, points, or a mask or label map of the picture's size."""


class Seeds(NamedTuple):
    """Seed pixels one by one.

    Args:
        places: (N, 2) y x or (N, 3) z y x, int64.
        labels: (N,) int32; 0 background, 1.. objects.
    """

    places: NDArray[np.int64]
    labels: NDArray[np.int32]


def seeds_of(size: tuple[int, ...], seeds: SeedLike, prompts: Prompts | None) -> Seeds:
    """Return the seeds as a list; a few points are never drawn into a map of the picture's size.

    Raises:
        InvalidSetting: The text cannot be read.
        InputError: A seed lies outside the picture.

    >>> seeds_of((2, 3), "2,0=5", None).places.tolist()
    [[0, 2]]
    """
    if prompts is None or prompts.is_empty:
        prompts = seed_prompts(seeds, size)
    points = np.rint(np.asarray(prompts.points)).astype(np.int64)[:, ::-1]
    inside = points.shape[1] == len(size) and bool(((points >= 0) & (points < size)).all())
    only_points = prompts.masks is None and not prompts.scribbles and not np.size(prompts.boxes)
    if only_points and inside:
        return Seeds(points, np.asarray(prompts.labels))
    markers = seed_map(size, seeds, prompts)
    places = np.argwhere(markers >= 0)
    return Seeds(places, markers[tuple(places.T)])


def seed_map(size: tuple[int, ...], seeds: SeedLike, prompts: Prompts | None) -> NDArray[np.int32]:
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


def seed_prompts(seeds: SeedLike, size: tuple[int, ...]) -> Prompts:
    """Return what the seeds name; points without a label are of object 1.

    Args:
        seeds: Text, points (N, 2) x y or (N, 3) x y z, a mask or label map of ``size``, or
            prompts as they are.
        size: Size of the picture.

    Raises:
        InvalidSetting: They cannot be read.

    >>> seed_prompts("3,4;5,6=2", (9, 9)).labels.tolist()
    [1, 2]
    >>> seed_prompts([(3, 4)], (9, 9)).points.tolist()
    [[3.0, 4.0]]
    """
    if isinstance(seeds, Prompts):
        return seeds
    if not isinstance(seeds, str):
        return _from_array(np.asarray(seeds), size)
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


def _from_array(values: NDArray[Any], size: tuple[int, ...]) -> Prompts:
    if values.shape == size and values.dtype.kind in "bui":
        labels = range(1, int(values.max(initial=0)) + 1)
        return Prompts(masks=np.stack([values == label for label in labels] or [values > 0]))
    if values.ndim == 2 and values.shape[1] == len(size) and values.dtype.kind in "uif":
        return Prompts(points=values)
    raise InvalidSetting.of("seeds", f"an array of shape {values.shape}", f"{EXPECTED}, points")
