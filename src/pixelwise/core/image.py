"""A picture or volume with its place in the world."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.core.plane import Plane
from pixelwise.core.space import Space
from pixelwise.core.views import VIEWS
from pixelwise.errors import InputError

__all__ = ["Image"]

MOST_CHANNELS = 4
"""More channels than this in a (C, H, W)-looking array are taken for a channels-first mistake."""


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """Pixels and their space. The array is not copied, but cannot be written through the Image.

    Args:
        pixels: (H, W) or (H, W, C) picture, or (D, H, W, C) volume; any real dtype. Stored as
            (H, W, C) or (D, H, W, C) in native byte order. Colour is RGB. Unsigned integers span
            their whole range, floats 0..1; what else comes is measured data (Hounsfield,
            reflectance) and is scaled only by who needs it.
        space: Place in the world; pixels when not given.
        notes: What the reader wants said, such as ``"truncated"``.

    Raises:
        InputError: Not a numeric array of 2 to 4 axes, empty, or channels first.

    >>> Image(np.zeros((4, 6, 3), np.uint8)).size
    (4, 6)
    """

    pixels: NDArray[Any]
    space: Space = field(default_factory=Space)
    notes: tuple[str, ...] = ()
    plane: Plane | None = field(default=None, init=False, repr=False)
    """What the pixels are made of when they are first read; see :meth:`of_plane`."""

    def __post_init__(self) -> None:
        pixels = _numeric(self.pixels)
        if pixels.ndim == 2:
            pixels = pixels[..., np.newaxis]
        if pixels.ndim not in (3, 4):
            raise InputError(f"expected (H, W), (H, W, C) or (D, H, W, C), not {pixels.shape}")
        if pixels.size == 0:
            raise InputError(f"the picture is empty: its shape is {pixels.shape}", reason="empty")
        if _channels_first(pixels.shape):
            raise InputError(f"{pixels.shape} looks like (C, H, W); move the channels to the end")
        object.__setattr__(self, "pixels", _frozen(pixels))
        if self.is_volume and len(self.space.spacing) == 2:
            object.__setattr__(self, "space", _deepen(self.space))

    @classmethod
    def volume(cls, voxels: NDArray[Any], space: Space | None = None) -> "Image":
        """Return the Image of a grey volume (D, H, W).

        >>> Image.volume(np.zeros((2, 4, 6))).size
        (2, 4, 6)
        """
        return cls(np.asarray(voxels)[..., np.newaxis], space or Space((1.0, 1.0, 1.0)))

    @classmethod
    def of_plane(
        cls, plane: Plane, space: Space | None = None, notes: tuple[str, ...] = ()
    ) -> "Image":
        """Return a picture (H, W, C) whose ``pixels`` are made when they are first read.

        Who can work on what the plane holds need not read them: video frames stay as they are
        from the decoder to the encoder.
        """
        image = object.__new__(cls)
        for name, value in (("plane", plane), ("space", space or Space()), ("notes", notes)):
            object.__setattr__(image, name, value)
        return image

    if not TYPE_CHECKING:  # else every misspelt name would be an array to the type checker

        def __getattr__(self, name: str) -> NDArray[Any]:
            """Make the pixels of a plane: Python comes here only while there are none."""
            if name != "pixels":
                raise AttributeError(f"an Image has no {name!r}")
            pixels = _frozen(np.asarray(self.plane))
            object.__setattr__(self, "pixels", pixels)
            return pixels

    @property
    def _shape(self) -> tuple[int, ...]:
        return self.pixels.shape if self.plane is None else self.plane.shape

    @property
    def is_volume(self) -> bool:
        """Whether there is a depth axis."""
        return len(self._shape) == 4

    @property
    def size(self) -> tuple[int, ...]:
        """(height, width) or (depth, height, width)."""
        return self._shape[:-1]

    @property
    def height(self) -> int:
        """Rows."""
        return int(self._shape[-3])

    @property
    def width(self) -> int:
        """Columns."""
        return int(self._shape[-2])

    @property
    def channels(self) -> int:
        """Channels: 1 grey, 3 RGB, 4 RGBA, or the bands of a raster."""
        return int(self._shape[-1])

    def with_pixels(self, pixels: NDArray[Any]) -> "Image":
        """Return other pixels in the same space, with the same notes."""
        return replace(self, pixels=pixels)

    def with_plane(self, plane: Plane) -> "Image":
        """Return other pixels, not made yet, in the same space, with the same notes."""
        return Image.of_plane(plane, self.space, self.notes)

    def with_space(self, space: Space) -> "Image":
        """Return the same pixels in another space; those that are not made yet stay so."""
        if self.plane is None:
            return replace(self, space=space)
        return Image.of_plane(self.plane, space, self.notes)

    def __array__(
        self,
        dtype: np.dtype[Any] | None = None,
        copy: bool | None = None,  # noqa: FBT001
    ) -> NDArray[Any]:
        return np.array(self.pixels, dtype=dtype, copy=copy)

    def _repr_png_(self) -> bytes:
        """Return how a notebook shows the picture."""
        png: bytes = VIEWS["image_png"](self)
        return png


def _numeric(values: object) -> NDArray[Any]:
    """Return ``values`` as a real numeric array in native byte order."""
    try:
        array = np.asarray(values)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"cannot take {type(values).__name__} as an array: {error}") from error
    if array.dtype.kind not in "buif":
        raise InputError(f"expected numbers, not an array of {array.dtype}", reason="dtype")
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    return array


def _frozen(pixels: NDArray[Any]) -> NDArray[Any]:
    view = pixels.view()
    view.flags.writeable = False
    return view


def _channels_first(shape: tuple[int, ...]) -> bool:
    return len(shape) == 3 and shape[0] in (1, 3, 4) and shape[1] > 4 * MOST_CHANNELS < shape[2]


def _deepen(space: Space) -> Space:
    return replace(space, spacing=(1.0, *space.spacing))
