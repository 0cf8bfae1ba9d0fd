"""Images and results as the bytes of picture files."""

import io
import struct
import zlib
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from tifffile import imwrite

from pixelwise.core import Foreground, Image, Panoptic, Regions, Semantic
from pixelwise.core.legend import spread_colour
from pixelwise.errors import OutputError
from pixelwise.io.codecs.png import SIGNATURE, chunk

__all__ = [
    "avif_image",
    "bmp_image",
    "grey_png",
    "indexed_png",
    "jpeg_image",
    "png_image",
    "png_labels",
    "png_mask",
    "png_segments",
    "tiff_image",
    "tiff_labels",
    "webp_image",
]

JPEG_QUALITY = 92
"""With full colour resolution: outlines of a mask keep their colour."""
WEBP_QUALITY = 90
AVIF_QUALITY = 80
GREY, INDEXED = 0, 3
"""Colour types of PNG."""
FULL_COLOUR = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]


def png_image(image: Image) -> bytes:
    """Return a PNG of grey, RGB or RGBA; uint8 and uint16 as they are, floats 0..1 as uint16.

    Raises:
        OutputError: The pixels are of another kind.
    """
    return _by_opencv(".png", _levels(_flat(image), (np.uint8, np.uint16)), [])


def jpeg_image(image: Image) -> bytes:
    """Return a JPEG of grey or RGB.

    Raises:
        OutputError: The pixels are of another kind, or have an alpha channel.
    """
    pixels = _opaque(image, "JPEG")
    options = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY, *FULL_COLOUR]
    return _by_opencv(".jpg", pixels, options)


def bmp_image(image: Image) -> bytes:
    """Return a BMP of grey or RGB.

    Raises:
        OutputError: The pixels are of another kind, or have an alpha channel.
    """
    return _by_opencv(".bmp", _opaque(image, "BMP"), [])


def webp_image(image: Image) -> bytes:
    """Return a WebP of grey, RGB or RGBA.

    Raises:
        OutputError: The pixels are of another kind, or a side is over 16383.
    """
    return _by_pillow(image, "WEBP", WEBP_QUALITY)


def avif_image(image: Image) -> bytes:
    """Return an AVIF of grey, RGB or RGBA.

    Raises:
        OutputError: The pixels are of another kind, or this Pillow has no AVIF.
    """
    return _by_pillow(image, "AVIF", AVIF_QUALITY)


def tiff_image(image: Image) -> bytes:
    """Return a deflated TIFF that keeps the pixels of any type.

    Raises:
        OutputError: It is a volume.
    """
    return _tiff(_flat(image))


def png_mask(result: Foreground) -> bytes:
    """Return a grey PNG, 255 where the mask is and 0 elsewhere.

    Raises:
        OutputError: It is a volume.
    """
    mask = _plane(result.mask)
    return _png(mask.view(np.uint8) * np.uint8(255), GREY)


def png_labels(result: Semantic) -> bytes:
    """Return an indexed PNG in the colours of the legend; 16-bit grey when an id is over 255.

    Raises:
        OutputError: An id is over 65535, or it is a volume.
    """
    labels = _plane(result.labels)
    if labels.max(initial=0) > 255:
        return _png(_deep(labels), GREY)
    palette = result.legend.palette()[:256]
    return _png(labels.astype(np.uint8), INDEXED, palette)


def png_segments(result: Panoptic | Regions) -> bytes:
    """Return an indexed PNG of up to 255 ids in spread colours; more ids: 16-bit grey.

    Raises:
        OutputError: An id is over 65535, or it is a volume.
    """
    labels = _plane(result.labels)
    top = int(labels.max(initial=0))
    if top > 255:
        return _png(_deep(labels), GREY)
    palette = np.array([spread_colour(number) for number in range(top + 1)], np.uint8)
    return _png(labels.astype(np.uint8), INDEXED, palette)


def grey_png(values: NDArray[np.uint8] | NDArray[np.uint16]) -> bytes:
    """Return a grey PNG of numbers (H, W), 8 or 16 bits as they are."""
    return _png(np.ascontiguousarray(_plane(values)), GREY)


def indexed_png(values: NDArray[np.uint8], palette: NDArray[np.uint8]) -> bytes:
    """Return an indexed PNG of numbers (H, W) in the colours of ``palette`` (N, 3)."""
    return _png(np.ascontiguousarray(_plane(values)), INDEXED, palette)


def tiff_labels(result: Foreground | Semantic | Panoptic | Regions) -> bytes:
    """Return a deflated grey TIFF: masks 0 and 255, labels in 8, 16 or 32 bits as they need.

    Raises:
        OutputError: It is a volume.
    """
    labels = _plane(np.asarray(result))
    if labels.dtype == bool:
        return _tiff(labels)
    top = int(labels.max(initial=0))
    return _tiff(labels.astype(np.uint8 if top < 256 else np.uint16 if top < 65536 else np.int32))


def _png(values: NDArray[Any], colour: int, palette: NDArray[np.uint8] | None = None) -> bytes:
    """Return a PNG of one channel, packed by its runs: masks and label maps consist of those.

    Args:
        values: (H, W) uint8 or uint16.
        colour: Colour type of PNG.
        palette: (N, 3) colours of an indexed picture.
    """
    height, width = values.shape
    depth = values.dtype.itemsize
    rows = np.zeros((height, 1 + width * depth), np.uint8)  # each row begins with filter 0
    rows[:, 1:] = values.astype(values.dtype.newbyteorder(">"), copy=False).view(np.uint8)
    # High and low bytes take turns, so 16-bit rows have no runs of one byte.
    way = zlib.Z_RLE if depth == 1 else zlib.Z_DEFAULT_STRATEGY
    packer = zlib.compressobj(1, zlib.DEFLATED, 15, 8, way)
    body = packer.compress(rows.data) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8 * depth, colour, 0, 0, 0)
    table = b"" if palette is None else chunk(b"PLTE", palette.tobytes())
    return b"".join(
        [SIGNATURE, chunk(b"IHDR", header), table, chunk(b"IDAT", body), chunk(b"IEND", b"")]
    )


def _tiff(pixels: NDArray[Any]) -> bytes:
    if pixels.dtype == bool:
        pixels = pixels.astype(np.uint8) * np.uint8(255)
    colour = pixels.ndim == 3
    buffer = io.BytesIO()
    imwrite(
        buffer,
        pixels,
        photometric="rgb" if colour else "minisblack",
        extrasamples=("unassalpha",) if colour and pixels.shape[2] == 4 else None,
        compression="zlib",
        metadata=None,
    )
    return buffer.getvalue()


def _by_opencv(suffix: str, pixels: NDArray[Any], options: list[int]) -> bytes:
    if pixels.ndim == 3:
        code = cv2.COLOR_RGB2BGR if pixels.shape[2] == 3 else cv2.COLOR_RGBA2BGRA
        pixels = cv2.cvtColor(pixels, code)
    try:
        done, data = cv2.imencode(suffix, pixels, options)
    except cv2.error as error:
        raise OutputError(f"the picture cannot be encoded as {suffix}: {error}") from error
    if not done:
        raise OutputError(f"the picture cannot be encoded as {suffix}")
    return data.tobytes()


def _by_pillow(image: Image, kind: str, quality: int) -> bytes:
    pixels = _levels(_flat(image), (np.uint8,))
    buffer = io.BytesIO()
    try:
        PillowImage.fromarray(pixels).save(buffer, kind, quality=quality)
    except (OSError, ValueError, KeyError) as error:
        raise OutputError(f"the picture cannot be encoded as {kind}: {error}") from error
    return buffer.getvalue()


def _flat(image: Image) -> NDArray[Any]:
    """Return (H, W) grey, (H, W, 3) or (H, W, 4).

    Raises:
        OutputError: A volume, or another number of channels.
    """
    if image.is_volume:
        raise OutputError("a picture file cannot hold a volume; write .nii.gz")
    if image.channels not in (1, 3, 4):
        raise OutputError(f"pictures have 1, 3 or 4 channels, not {image.channels}")
    return image.pixels[..., 0] if image.channels == 1 else image.pixels


def _opaque(image: Image, kind: str) -> NDArray[Any]:
    pixels = _levels(_flat(image), (np.uint8,))
    if image.channels == 4:
        raise OutputError(f"{kind} has no transparency; write .png or .webp")
    return pixels


def _levels(pixels: NDArray[Any], kept: tuple[type[np.unsignedinteger[Any]], ...]) -> NDArray[Any]:
    """Return the pixels in a type of ``kept``, with the same meaning of its range.

    Raises:
        OutputError: They have no fixed range.
    """
    if pixels.dtype.type in kept:
        return np.ascontiguousarray(pixels)
    if pixels.dtype == bool:
        return pixels.astype(np.uint8) * np.uint8(255)
    if pixels.dtype.kind == "f" and pixels.min() >= 0 and pixels.max() <= 1:
        top = np.iinfo(kept[-1]).max
        return np.rint(pixels * top).astype(kept[-1])
    if pixels.dtype == np.uint16:
        return np.rint(pixels / 257).astype(np.uint8)
    raise OutputError(
        f"{pixels.dtype} values from {pixels.min()} to {pixels.max()} do not fit this format; "
        "write .tif, or scale them to 0..1 first"
    )


def _plane(labels: NDArray[Any]) -> NDArray[Any]:
    if labels.ndim != 2:
        raise OutputError("a picture file cannot hold a volume; write .nii.gz")
    if labels.size == 0:
        raise OutputError("the result has no pixels, so there is nothing to write")
    return np.ascontiguousarray(labels)


def _deep(labels: NDArray[np.int32]) -> NDArray[np.uint16]:
    top = int(labels.max())
    if top > 65535:
        raise OutputError(f"PNG holds ids up to 65535, here they reach {top}; write .tif")
    return labels.astype(np.uint16)
