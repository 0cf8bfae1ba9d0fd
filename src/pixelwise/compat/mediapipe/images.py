"""MediaPipe's picture."""

import os
from dataclasses import dataclass
from enum import Enum
from typing import Any

from numpy.typing import NDArray

from pixelwise.io.files import read
from pixelwise.ops.colour import rgb8

__all__ = ["Image", "ImageFormat"]


class ImageFormat(Enum):
    """Layouts of pixels."""

    GRAY8 = 1
    SRGB = 2
    SRGBA = 3


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """``mp.Image``: an array that shows itself with ``numpy_view``.

    Args:
        image_format: Layout of the pixels.
        data: (H, W), (H, W, 3) or (H, W, 4).
    """

    image_format: ImageFormat
    data: NDArray[Any]

    @classmethod
    def create_from_file(cls, file_name: str | os.PathLike[str]) -> "Image":
        """Return the picture in a file, RGB.

        Raises:
            InputError: It cannot be read.
        """
        return cls(ImageFormat.SRGB, rgb8(read(file_name).pixels))

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.data.shape[1])

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.data.shape[0])

    def numpy_view(self) -> NDArray[Any]:
        """Return the array; masks are (H, W)."""
        return self.data
