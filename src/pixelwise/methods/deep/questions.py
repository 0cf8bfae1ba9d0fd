"""Prompts of a picture become questions in pixels of a network's input."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Prompts
from pixelwise.errors import InputError, UsageError
from pixelwise.methods.deep.placing import Placed
from pixelwise.runtimes.asking import Question

__all__ = ["grid", "innermost", "objects_of", "points_of", "question_of", "take_only"]

F32 = NDArray[np.float32]

SURE = np.float32(10.0)
"""Logit of a pixel inside a mask that is given as a first guess; outside it is less that."""


def objects_of(prompts: Prompts) -> range:
    """Return the numbers of the objects that are pointed at.

    >>> objects_of(Prompts(points=[(0, 0), (5, 5)], labels=[1, 2]))
    range(1, 3)
    """
    labels = np.asarray(prompts.labels)
    masks = 0 if prompts.masks is None else len(np.asarray(prompts.masks))
    marks = [stroke.label for stroke in prompts.scribbles]
    count = max([1, *labels.tolist(), len(np.asarray(prompts.boxes)), masks, *marks])
    return range(1, count + 1)


def question_of(prompts: Prompts, number: int, placed: Placed, *, several: bool) -> Question:
    """Return what the prompts say of one object.

    Background points speak of every object. A mask alone is asked for together with its
    innermost pixel: the networks take masks as a first guess beside points.

    Args:
        prompts: In pixels of the picture.
        number: Of the object, from 1.
        placed: How the picture lies in the network's input.
        several: Whether several candidates are wanted whatever is given; else they are where
            one point alone leaves open what is meant.

    Raises:
        InputError: A point lies outside the picture, or a mask has another size.
    """
    points, labels = points_of(prompts, number, placed.size)
    boxes, mask = np.asarray(prompts.boxes, np.float32), None
    box = boxes[number - 1] if number <= len(boxes) else None
    if prompts.masks is not None and number <= len(np.asarray(prompts.masks)):
        mask = _laid(np.asarray(prompts.masks)[number - 1], placed)
        if not (labels == 1).any():
            inside = innermost(np.asarray(prompts.masks)[number - 1])
            points = np.concatenate([points, [inside]])
            labels = np.append(labels, 1)
    factor = _factor(placed)
    return Question(
        np.multiply(points, factor, dtype=np.float32)[np.newaxis],
        labels.astype(np.int32)[np.newaxis],
        None if box is None else (box * np.tile(factor, 2)).astype(np.float32)[np.newaxis],
        mask,
        prompts.text,
        several=several or (box is None and mask is None and len(points) == 1),
    )


def grid(placed: Placed, count: int) -> F32:
    """Return ``count`` x ``count`` points x y spread over the picture, in pixels of the input."""
    steps = (np.arange(count) + 0.5) / count
    x, y = np.meshgrid(steps * placed.size[1], steps * placed.size[0])
    points = np.stack([x.reshape(-1), y.reshape(-1)], axis=1)
    return np.multiply(points, _factor(placed), dtype=np.float32)


def innermost(mask: NDArray[np.bool_]) -> tuple[float, float]:
    """Return x y of the pixel that lies deepest in a mask.

    Raises:
        InputError: The mask is empty.

    >>> innermost(np.pad(np.ones((3, 3), bool), 2))
    (3.0, 3.0)
    """
    if not mask.any():
        raise InputError("a mask prompt is empty; mark the object with values above 0")
    far = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    row, column = np.unravel_index(int(far.argmax()), far.shape)
    return float(column), float(row)


def take_only(takes: frozenset[str], given: set[str], name: str) -> None:
    """Raise unless all that is given is taken.

    Raises:
        UsageError: It is not; the message says what is.
    """
    if not given <= takes:
        wrong, right = ", ".join(sorted(given - takes)), ", ".join(sorted(takes))
        raise UsageError(f"{name} takes {right}, not {wrong}; give it those, or take another model")


def points_of(
    prompts: Prompts, number: int, size: tuple[int, int]
) -> tuple[F32, NDArray[np.int32]]:
    """Return points x y of one object and of the background, 1 or 0 for each.

    Raises:
        InputError: A point lies outside the picture.
    """
    points = np.asarray(prompts.points, np.float32).reshape(-1, 2)
    labels = np.asarray(prompts.labels)
    for stroke in prompts.scribbles:
        points = np.concatenate([points, stroke.points[:, :2]])
        labels = np.append(labels, [stroke.label] * len(stroke.points))
    outside = (points < -0.5) | (points >= np.array(size[::-1]) - 0.5)
    if outside.any():
        x, y = points[outside.any(axis=1)][0]
        raise InputError(
            f"the point {x:g},{y:g} lies outside the picture, which is {size[1]} x {size[0]} pixels"
        )
    mine = (labels == number) | (labels == 0)
    return points[mine], (labels[mine] == number).astype(np.int32)


def _factor(placed: Placed) -> F32:
    """Return pixels of the input for one pixel of the picture, x y."""
    (height, width), window = placed.input_size, placed.window
    inner = np.array([round(window.right * width), round(window.bottom * height)], np.float32)
    return np.divide(inner, np.array(placed.size[::-1], np.float32), dtype=np.float32)


def _laid(mask: NDArray[np.bool_], placed: Placed) -> F32:
    """Return a mask of the picture as logits over the whole input."""
    if mask.shape != placed.size:
        raise InputError(f"a mask prompt has size {mask.shape}, the picture {placed.size}")
    (height, width), window = placed.input_size, placed.window
    inner = (round(window.bottom * height), round(window.right * width))
    made = np.full(placed.input_size, -SURE, np.float32)
    levels = np.where(mask, SURE, -SURE).astype(np.float32)
    made[: inner[0], : inner[1]] = cv2.resize(levels, inner[::-1], interpolation=cv2.INTER_AREA)
    return made
