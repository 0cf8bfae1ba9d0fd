"""TIFF: the directory checked by us, then the decoder that keeps what the file holds."""

import io
from dataclasses import dataclass
from math import ceil
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import TiffImagePlugin
from tifffile import TiffFile, TiffFileError

from pixelwise.errors import InputError
from pixelwise.io.codecs.colours import pixels_of, to_srgb
from pixelwise.io.codecs.ifd import ORIENTATION, Directory, directories, only
from pixelwise.io.codecs.raw import (
    DECODER_ERRORS,
    OPENCV_COPIES,
    PILLOW_COPIES,
    Raw,
    corrupt,
    decode_with_opencv,
    truncated,
)
from pixelwise.io.format import Reading

__all__ = ["decode_tiff"]

KIND = "TIFF"
SUBFILE, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 254, 256, 257, 258, 259, 262
STRIPS, SAMPLES, ROWS, STRIP_BYTES, PLANAR = 273, 277, 278, 279, 284
TILE_WIDTH, TILE_HEIGHT, TILES, TILE_BYTES = 322, 323, 324, 325
SAMPLE_FORMAT, PROFILE = 339, 34675
REDUCED_OR_MASK = 0b101
"""Bits of a subfile that is an overview or a mask of another page, and no page of its own."""
COMPRESSIONS = {1, 2, 3, 4, 5, 7, 8, 32773, 32946}
"""None, CCITT (3), LZW, JPEG, deflate, PackBits, deflate: what pictures use."""
KEPT = frozenset(
    {256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284, 292, 293, 317, 320, 322, 323, 324, 325}
    | {332, 338, 339, 347, 529, 530, 531, 532}
)
"""Fields that make the pixels; orientation and profile are applied by us."""
MOST_TILE = 65_536
"""Longest side of a tile, in pixels."""
SLACK = 64
"""How many times larger than the picture its tiles may be, together."""


@dataclass(frozen=True, slots=True)
class Page:
    """The checked numbers of one page."""

    width: int
    height: int
    samples: int
    bits: int
    sample_format: int
    photometric: int
    separate: bool

    @property
    def by_pillow(self) -> bool:
        """Whether Pillow reads it without loss, all colour models included."""
        return self.bits <= 8 and self.sample_format == 1 and self.photometric <= 8

    @property
    def by_tifffile(self) -> bool:
        """Whether OpenCV cannot read it: separate planes and signed values."""
        return not self.by_pillow and (self.separate or self.sample_format == 2)


def decode_tiff(data: bytes, rules: Reading) -> Raw:
    """Return the first page of a TIFF file in the depth that it has.

    Values that are no numbers become 0 and are counted in a note.

    Raises:
        InputError: Damaged, cut, compressed in an unsupported way, or with over four channels.
        LimitError: Too large.
    """
    pages = directories(data)
    rules.limits.check_frames(len(pages))
    page = _page(pages[0])
    copies = PILLOW_COPIES if page.by_pillow else OPENCV_COPIES + 1
    rules.limits.check(page.width, page.height, max(page.samples * page.bits // 8, 1), copies)
    _check_blocks(pages[0], page)
    field = pages[0].values(PROFILE)
    rules.limits.check_profile(field.size)
    orientation = pages[0].number(ORIENTATION, 1)
    pixels, notes = _pixels(only(data, KEPT), page, field.tobytes() or None)
    if pixels.shape[:2] != (page.height, page.width):
        raise corrupt(KIND, "header and data disagree about its size")
    pixels, more = _finite(pixels)
    count = 1 + sum(not one.number(SUBFILE, 0) & REDUCED_OR_MASK for one in pages[1:])
    if count > 1:
        more = (*more, f"pages: the first of {count} pages was read")
    return Raw(pixels, orientation, notes + more)


def _page(fields: Directory) -> Page:
    """Return the numbers of a page.

    Raises:
        InputError: They are impossible, or not those of a picture.
    """
    width, height = fields.number(WIDTH, 0), fields.number(HEIGHT, 0)
    samples = fields.number(SAMPLES, 1)
    bits = {int(value) for value in fields.values(BITS)[:16]} or {1}
    if width <= 0 or height <= 0:
        raise corrupt(KIND, f"its header says {width} x {height}")
    if not 1 <= samples <= 4:
        raise InputError(
            f"expected a TIFF of 1 to 4 channels, this one has {samples}; "
            "`pixelwise map` reads rasters of many bands",
            reason="unsupported",
        )
    if len(bits) != 1 or not bits <= {1, 2, 4, 8, 16, 32, 64}:
        raise InputError(f"cannot read a TIFF of {sorted(bits)} bits", reason="unsupported")
    compression = fields.number(COMPRESSION, 1)
    if compression not in COMPRESSIONS:
        raise InputError(f"cannot read TIFF compression {compression}", reason="unsupported")
    kind = fields.number(SAMPLE_FORMAT, 1)
    kind = 1 if kind == 4 else kind
    photometric = fields.number(PHOTOMETRIC, 1)
    separate = fields.number(PLANAR, 1) == 2 and samples > 1
    return Page(width, height, samples, bits.pop(), kind, photometric, separate)


def _check_blocks(fields: Directory, page: Page) -> None:
    """Check that strips or tiles cover the picture and lie in the file.

    Raises:
        InputError: They do not.
    """
    tiled = TILES in fields.fields
    wide = fields.number(TILE_WIDTH, 0) if tiled else page.width
    high = fields.number(TILE_HEIGHT, 0) if tiled else fields.number(ROWS, page.height)
    high = high if tiled else min(high, page.height)
    if not 0 < wide <= max(MOST_TILE, page.width) or not 0 < high <= max(MOST_TILE, page.height):
        raise corrupt(KIND, f"it has blocks of {wide} x {high} pixels")
    across, down = ceil(page.width / wide), ceil(page.height / high)
    if across * wide * down * high > SLACK * max(page.width * page.height, 1024 * 1024):
        raise corrupt(KIND, f"blocks of {wide} x {high} do not fit the size of the picture")
    offsets = fields.values(TILES if tiled else STRIPS).astype(np.float64)
    lengths = fields.values(TILE_BYTES if tiled else STRIP_BYTES).astype(np.float64)
    expected = across * down * (page.samples if page.separate else 1)
    if lengths.size == 0 and offsets.size == 1 and not tiled:
        lengths = np.array([len(fields.data) - offsets[0]])
    if offsets.size < expected or lengths.size < expected:
        raise corrupt(KIND, f"{expected} blocks expected, {min(offsets.size, lengths.size)} given")
    if (offsets[:expected] + lengths[:expected]).max() > len(fields.data):
        raise truncated(KIND)
    if not lengths[:expected].all():
        raise InputError(
            "the TIFF has blocks without data; `pixelwise map` reads sparse rasters",
            reason="unsupported",
        )


def _pixels(data: bytes, page: Page, profile: bytes | None) -> tuple[NDArray[Any], tuple[str, ...]]:
    if page.by_pillow:
        return _with_pillow(data, profile)
    if page.by_tifffile:
        pixels = _with_tifffile(data)
    else:
        pixels = decode_with_opencv(data, cv2.IMREAD_UNCHANGED, KIND)
        if pixels.ndim == 3:
            code = cv2.COLOR_BGR2RGB if pixels.shape[2] == 3 else cv2.COLOR_BGRA2RGBA
            pixels = _swapped(pixels, code)
    if page.photometric == 0 and pixels.dtype.kind == "u":
        pixels = np.iinfo(pixels.dtype).max - pixels
    return to_srgb(_known(pixels), profile)


def _swapped(pixels: NDArray[Any], code: int) -> NDArray[Any]:
    """Return the channels in our order; OpenCV turns only some types."""
    if pixels.dtype.type in (np.uint8, np.uint16, np.float32):
        return cv2.cvtColor(pixels, code)
    order = [2, 1, 0, 3][: pixels.shape[2]]
    return np.ascontiguousarray(pixels[..., order])


def _known(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return doubles as float32: more digits than any picture has."""
    return pixels.astype(np.float32) if pixels.dtype == np.float64 else pixels


def _with_pillow(data: bytes, profile: bytes | None) -> tuple[NDArray[Any], tuple[str, ...]]:
    try:
        with TiffImagePlugin.TiffImageFile(io.BytesIO(data)) as picture:
            picture.load()
            return pixels_of(picture, profile)
    except DECODER_ERRORS as error:
        raise corrupt(KIND, error) from error


def _with_tifffile(data: bytes) -> NDArray[Any]:
    """Return the first page with its channels last."""
    try:
        with TiffFile(io.BytesIO(data)) as file:
            first = file.pages.first
            pixels = np.asarray(first.asarray())
            axes = first.axes
    except (*DECODER_ERRORS, TiffFileError) as error:
        raise corrupt(KIND, error) from error
    if axes.startswith("S"):
        pixels = np.moveaxis(pixels, 0, -1)
    return np.ascontiguousarray(pixels.astype(pixels.dtype.newbyteorder("="), copy=False))


def _finite(pixels: NDArray[Any]) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Return the pixels without NaN and infinity, and a note that counts them."""
    if pixels.dtype.kind != "f":
        return pixels, ()
    wrong = ~np.isfinite(pixels)
    count = int(np.count_nonzero(wrong))
    if count == 0:
        return pixels, ()
    return np.where(wrong, pixels.dtype.type(0), pixels), (
        f"nan: {count} values are no finite numbers and became 0",
    )
