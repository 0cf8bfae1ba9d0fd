"""What a network answered, checked and brought to one form, whatever the file's layout."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.cards import DecoderSpec, Layout
from pixelwise.core import Tensor
from pixelwise.errors import ModelError
from pixelwise.ops.grow import finite

__all__ = ["chosen", "flat_plane", "ids_plane", "planes", "real"]


def chosen(spec: DecoderSpec, outputs: Sequence[Tensor]) -> tuple[int, ...]:
    """Return the places of the outputs that count, in the card's order.

    Raises:
        ModelError: An output that the card names is not in the model.
    """
    names = [tensor.name for tensor in outputs]
    missing = [name for name in spec.tensors if name not in names]
    if missing:
        raise ModelError(f"the model has no output {missing[0]!r}; it has: {', '.join(names)}")
    return tuple(names.index(name) for name in spec.tensors) or tuple(range(len(names)))


def real(values: NDArray[Any], tensor: Tensor) -> NDArray[np.float32]:
    """Return an output as real numbers, float32.

    Raises:
        ModelError: There are none, or some are NaN or infinite.
    """
    if values.size == 0:
        raise ModelError(
            f"the model's output {tensor.name!r} is empty: its shape is {values.shape}"
        )
    if values.dtype.kind in "iu" and tensor.scale:
        values = (values.astype(np.float32) - np.float32(tensor.zero)) * np.float32(tensor.scale)
    values = values.astype(np.float32, copy=False)
    if not finite(values):
        raise ModelError(
            f"the model's output {tensor.name!r} holds NaN or infinity: the file is damaged, or "
            "the input is outside what it was trained on"
        )
    return values


def planes(values: NDArray[Any], spec: DecoderSpec, layout: Layout) -> NDArray[Any]:
    """Return an output as (h, w, C), a view.

    Raises:
        ModelError: It is no plane of channels for one picture.
    """
    if spec.shape:
        wanted = tuple(spec.shape)
        if values.size != np.prod(wanted):
            raise ModelError(f"the model answered {values.shape}, which is not {wanted}")
        values = values.reshape(wanted)
    if values.ndim != 4 or values.shape[0] != 1:
        raise ModelError(f"the model answered {values.shape}, not one picture of channels")
    return np.moveaxis(values[0], 0, -1) if layout is Layout.NCHW else values[0]


def flat_plane(values: NDArray[Any], spec: DecoderSpec, layout: Layout) -> NDArray[Any]:
    """Return a one-channel output as (h, w), a view.

    Raises:
        ModelError: It has more channels, or is no plane.
    """
    if values.ndim == 3 and values.shape[0] == 1 and not spec.shape:
        return values[0]
    channels = planes(values, spec, layout)
    if channels.shape[-1] != 1:
        raise ModelError(f"the model answered {channels.shape[-1]} channels instead of one")
    return channels[..., 0]


def ids_plane(values: NDArray[Any], spec: DecoderSpec, layout: Layout) -> NDArray[Any]:
    """Return an output of ids as (h, w) integers.

    Raises:
        ModelError: It holds no whole numbers, or is no plane.
    """
    if values.size == 0:
        raise ModelError(f"the model answered nothing: {values.shape}")
    plane = flat_plane(values, spec, layout)
    if plane.dtype.kind in "iu":
        return plane
    if not (np.isfinite(plane).all() and (plane == np.rint(plane)).all()):
        raise ModelError(f"the model's ids are not whole numbers but {plane.dtype}")
    return plane.astype(np.int32)
