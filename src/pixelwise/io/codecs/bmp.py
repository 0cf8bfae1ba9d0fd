"""BMP: the header checked, then Pillow."""

import io
import struct

from PIL import BmpImagePlugin

from pixelwise.io.codecs.colours import pixels_of
from pixelwise.io.codecs.raw import DECODER_ERRORS, PILLOW_COPIES, Raw, corrupt, truncated
from pixelwise.io.format import Reading

__all__ = ["decode_bmp"]

KIND = "BMP"
OS2 = 12
SMALLEST = -(2**31)


def decode_bmp(data: bytes, rules: Reading) -> Raw:
    """Return the picture of a BMP file; a negative height means that its first row is the top.

    Raises:
        InputError: Damaged or cut.
        LimitError: Too large.
    """
    if len(data) < 26:
        raise truncated(KIND)
    (header,) = struct.unpack_from("<I", data, 14)
    form, place = ("<HH", 18) if header == OS2 else ("<ii", 18)
    width, height = struct.unpack_from(form, data, place)
    if width <= 0 or height in (0, SMALLEST):
        raise corrupt(KIND, f"its header says {width} x {height}")
    rules.limits.check(width, abs(height), 3, PILLOW_COPIES)
    try:
        with BmpImagePlugin.BmpImageFile(io.BytesIO(data)) as picture:
            picture.load()
            pixels, notes = pixels_of(picture, None)
    except DECODER_ERRORS as error:
        if "truncated" in str(error):
            raise truncated(KIND) from error
        raise corrupt(KIND, error) from error
    if pixels.shape[:2] != (abs(height), width):
        raise corrupt(KIND, "header and data disagree about its size")
    return Raw(pixels, 1, notes)
