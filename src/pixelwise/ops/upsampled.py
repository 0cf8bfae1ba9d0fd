"""Soft values kept at the model's size, brought to the picture's size only when asked for."""

from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.axes import Axis, centres
from pixelwise.ops.deferred import Deferred
from pixelwise.ops.grow import bilinear, threshold
from pixelwise.ops.resize import Window

__all__ = ["Decided", "Upsampled", "sigmoid", "softmax", "window_axes"]

WHOLE = Window()


class Upsampled(Deferred):
    """A plane of the picture's size that holds only the model's values.

    It has a shape and becomes an array of it with ``np.asarray``, by bilinear interpolation and
    the half-pixel rule. Nothing is kept of what was grown.

    Args:
        values: (h, w) or (C, h, w) float32, of the model's size, mostly in 0..1. Not copied.
        size: (height, width) of the picture.
        window: Where in the values the picture lies.
        activate: Whether the values are logits whose softmax over C is wanted; it is taken at
            the first use.

    >>> plane = Upsampled(np.float32([[0, 1]]), (1, 4))
    >>> plane.shape, np.asarray(plane).tolist()
    ((1, 4), [[0.0, 0.25, 0.75, 1.0]])
    """

    def __init__(
        self,
        values: NDArray[np.float32],
        size: tuple[int, int],
        window: Window = WHOLE,
        *,
        activate: bool = False,
    ) -> None:
        self._raw = values
        self._activate = activate
        self.size = size
        self.window = window

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array that it becomes."""
        return (*self._raw.shape[:-2], *self.size)

    @cached_property
    def values(self) -> NDArray[np.float32]:
        """The values at the model's size, float32; the padding of a letterbox among them."""
        made = softmax(self._raw) if self._activate else self._raw.view()
        made.flags.writeable = False
        return made

    def lent(self) -> NDArray[np.float32]:
        """Return the plane without a copy where it has the model's size already; not to be changed.

        Its strides may be any.
        """
        is_same = self.window.is_whole and self.values.shape == self.shape
        return self.values if is_same else np.asarray(self)

    def levels(self) -> NDArray[np.uint8]:
        """Return the plane as levels 0..255 uint8: values 0..1 times 255, grown as bytes.

        Several times faster than the float plane, and within two levels of it.
        """
        small = np.rint(np.clip(self.values, 0, 1) * np.float32(255)).astype(np.uint8)
        return self._grown(small)

    def __getitem__(self, key: Any) -> NDArray[np.float32]:  # noqa: ANN401 - any numpy index
        """Return a part; of several planes only the one asked for is grown."""
        if len(self.shape) == 3 and isinstance(key, int | np.integer):
            return np.asarray(Upsampled(self.values[key], self.size, self.window))
        return np.asarray(self)[key]

    def made(self) -> NDArray[Any]:
        """Return the plane, grown."""
        return self._grown(self.values)

    def _grown(self, values: NDArray[Any]) -> NDArray[Any]:
        made = np.empty(self.shape, values.dtype)
        planes = zip(
            made.reshape(-1, *self.size), values.reshape(-1, *values.shape[-2:]), strict=True
        )
        for target, channel in planes:
            self._grow_into(target, channel)
        return made

    def _grow_into(self, target: NDArray[Any], values: NDArray[Any]) -> None:
        height, width = self.size
        if self.window.is_whole:
            cv2.resize(values, (width, height), dst=target, interpolation=cv2.INTER_LINEAR)
            return
        rows, columns = window_axes(values.shape, self.size, self.window)
        made = bilinear(values.astype(np.float32), rows, columns)
        target[...] = made if values.dtype == np.float32 else np.rint(made)


class Decided(Deferred):
    """Where values of the model's size are above a level, once grown to the picture's size.

    Args:
        values: (h, w) float32, finite. Not copied.
        level: The level.
        rows: Vertical geometry.
        columns: Horizontal geometry.

    >>> from pixelwise.ops.axes import corners
    >>> np.asarray(Decided(np.float32([[0, 1]]), 0.4, corners(1, 1), corners(2, 3))).tolist()
    [[False, True, True]]
    """

    def __init__(
        self, values: NDArray[np.float32], level: float, rows: Axis, columns: Axis
    ) -> None:
        self._values, self._level = values, level
        self._rows, self._columns = rows, columns

    @property
    def shape(self) -> tuple[int, int]:
        """The shape of the array that it becomes."""
        return (len(self._rows), len(self._columns))

    def made(self) -> NDArray[Any]:
        """Return the mask."""
        return np.asarray(threshold(self._values, self._level, self._rows, self._columns))


def window_axes(shape: tuple[int, ...], size: tuple[int, int], window: Window) -> tuple[Axis, Axis]:
    """Return the half-pixel axes of a plane (h, w) whose window becomes a picture of ``size``."""
    height, width = shape[-2:]
    rows = centres(height, size[0], window.top * height, window.bottom * height)
    return rows, centres(width, size[1], window.left * width, window.right * width)


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the softmax over the first axis, float32 of the same shape.

    >>> softmax(np.zeros((4, 1, 1), np.float32)).ravel().tolist()
    [0.25, 0.25, 0.25, 0.25]
    """
    powers = np.exp(logits - logits.max(axis=0))
    powers /= powers.sum(axis=0)
    return powers


def sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the logistic function, float32 of the same shape.

    >>> sigmoid(np.zeros(1, np.float32)).tolist()
    [0.5]
    """
    return np.float32(0.5) * (np.tanh(np.float32(0.5) * logits) + np.float32(1))
