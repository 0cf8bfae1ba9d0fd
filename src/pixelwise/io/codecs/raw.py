"""What a codec gives back, and the errors that the outside decoders raise."""

import struct
import zlib
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL.Image import DecompressionBombError

from pixelwise.errors import InputError
from pixelwise.io.sources import shown

__all__ = [
    "DECODER_ERRORS",
    "OPENCV_COPIES",
    "PILLOW_COPIES",
    "Raw",
    "corrupt",
    "decode_with_opencv",
    "truncated",
]

DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    AttributeError,
    OverflowError,
    ZeroDivisionError,
    RuntimeError,
    struct.error,
    zlib.error,
    cv2.error,
    DecompressionBombError,
    Warning,
)
"""What Pillow, OpenCV and zlib raise for damaged files: whatever a field made them trip over."""

OPENCV_COPIES = 2.1
"""Decoded pictures in memory at the peak of OpenCV's decoder (measured on 20 Mpx)."""
PILLOW_COPIES = 3.4
"""The same for Pillow: its own 4 bytes a pixel, the strips, and the array (measured)."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A decoded picture.

    Args:
        pixels: (H, W) or (H, W, C), colours sRGB in the order RGB or RGBA.
        orientation: EXIF orientation that is still to be applied, 1..8.
        notes: What the user should know; each begins with a code and a colon.
    """

    pixels: NDArray[Any]
    orientation: int = 1
    notes: tuple[str, ...] = ()


def corrupt(kind: str, why: object) -> InputError:
    """Return the error for a file that breaks the rules of its format."""
    text = shown(" ".join(str(why).split())) or type(why).__name__
    return InputError(f"expected a sound {kind} file, this one is damaged: {text}")


def truncated(kind: str) -> InputError:
    """Return the error for a file whose end is missing."""
    return InputError(
        f"the {kind} file ends too early: it was cut; get it again, or allow truncated pictures",
        reason="truncated",
    )


def decode_with_opencv(data: bytes, flags: int, kind: str) -> NDArray[Any]:
    """Return the pixels that OpenCV decodes, in OpenCV's channel order.

    Args:
        data: The whole file.
        flags: Of ``cv2.imdecode``.
        kind: Name of the format, for the message.

    Raises:
        InputError: It cannot be decoded.
    """
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except DECODER_ERRORS as error:
        raise corrupt(kind, error) from error
    if pixels is None:
        raise corrupt(kind, "its compressed data cannot be decoded")
    return pixels
