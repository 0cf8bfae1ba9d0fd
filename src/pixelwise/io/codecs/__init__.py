"""The CODECS table of the picture formats: bytes in, sRGB pixels out. One format a file."""

from collections.abc import Callable

from pixelwise.io.codecs.raw import Raw
from pixelwise.io.format import Reading
from pixelwise.registry import Registry

__all__ = ["CODECS"]

CODECS: Registry[Callable[[bytes, Reading], Raw]] = Registry(
    "codec",
    {
        "PNG": "pixelwise.io.codecs.png:decode_png",
        "JPEG": "pixelwise.io.codecs.jpeg:decode_jpeg",
        "WebP": "pixelwise.io.codecs.webp:decode_webp",
        "TIFF": "pixelwise.io.codecs.tiff:decode_tiff",
        "BMP": "pixelwise.io.codecs.bmp:decode_bmp",
        "GIF": "pixelwise.io.codecs.gif:decode_gif",
        "AVIF": "pixelwise.io.codecs.avif:decode_avif",
        "HEIF": "pixelwise.io.codecs.heif:decode_heif heif",
    },
)
"""Name of a signature -> its decoder."""
