"""Between libav's pictures and RGB: matrix, range, depth and turn."""

from collections.abc import Iterator
from threading import Lock
from typing import Any

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from pixelwise.core import Image
from pixelwise.ops.planar import Planar
from pixelwise.ops.yuv import halve_colours

__all__ = ["FromRgb", "ToRgb", "is_hdr", "matrix_for"]

UNSPECIFIED = 2
MATRICES = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
    10: Colorspace.BT2020,
}
"""ISO 23091-2 number of a matrix -> swscale's."""
WEIGHTS = {Colorspace.ITU709: (0.2126, 0.0722), Colorspace.ITU601: (0.299, 0.114)}
"""Shares of red and blue in the luma (ITU-R BT.709, BT.601)."""
TAGS = {Colorspace.ITU709: (1, 1, 1), Colorspace.ITU601: (6, 6, 6)}
"""What we write -> numbers of matrix, primaries and transfer."""
HDR = (16, 18)
"""Transfers: PQ and HLG."""
STANDARD_LINES = 576
"""Pictures of more lines are HD, whose matrix is BT.709 where nothing is said."""
STANDARD_COLUMNS = 1024
TURNS = {
    90: cv2.ROTATE_90_COUNTERCLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_CLOCKWISE,
}
QUICK = Interpolation.BILINEAR
"""Within 3 levels for 8 bits, greys exact, and twenty times as fast as the exact way."""
EXACT = Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
FULL_FORMATS = ("yuvj", "rgb", "bgr", "gbr", "pal", "gray")


def matrix_for(width: int, height: int) -> Colorspace:
    """Return the matrix of pictures that do not say theirs.

    >>> matrix_for(1280, 720).name, matrix_for(640, 480) == Colorspace.ITU601
    ('ITU709', True)
    """
    is_hd = height > STANDARD_LINES or width > STANDARD_COLUMNS
    return Colorspace.ITU709 if is_hd else Colorspace.ITU601


def is_hdr(frame: "av.VideoFrame") -> bool:
    """Whether the picture's transfer is that of a high dynamic range."""
    return int(frame.color_trc) in HDR


class ToRgb:
    """Turns decoded pictures into upright RGB or RGBA, at once or when somebody asks for it."""

    def __init__(self) -> None:
        self._reformatter, self._turn = VideoReformatter(), Lock()

    def __call__(self, frame: "av.VideoFrame") -> Image:
        """Return (H, W, 3) or, where the file has alpha, (H, W, 4) uint8.

        What the usual encoders take stays :class:`Planar` until its pixels are read.
        """
        weights = WEIGHTS.get(_matrix_of(frame))
        if weights is None or not _is_usual(frame):
            return Image(self._pixels(frame))
        luma, u, v = _planes_of(frame)
        return Image.of_plane(Planar((luma, u, v), weights, self._whole))

    def _whole(self, planar: Planar) -> NDArray[np.uint8]:
        """Return the RGB picture of planes in the narrow range."""
        matrix = next(matrix for matrix, weights in WEIGHTS.items() if weights == planar.weights)
        frame = _frame_of(planar)
        frame.colorspace = TAGS[matrix][0]
        return self._pixels(frame)

    def _pixels(self, frame: "av.VideoFrame") -> NDArray[np.uint8]:
        has_alpha = "a" in frame.format.name.split("p")[0] and frame.format.name != "gray"
        is_rgb = frame.format.is_rgb
        matrix = _matrix_of(frame)
        with self._turn:
            made = self._reformatter.reformat(
                frame,
                format="rgba" if has_alpha else "rgb24",
                src_colorspace=None if is_rgb else matrix,
                dst_colorspace=None if is_rgb else matrix,
                src_color_range=ColorRange.JPEG if _is_full(frame) else ColorRange.MPEG,
                dst_color_range=ColorRange.JPEG,
                interpolation=EXACT if frame.format.components[0].bits > 8 else QUICK,
                threads=1,
            )
            pixels: NDArray[Any] = made.to_ndarray()
        turn = TURNS.get(round(frame.rotation) % 360)
        return pixels if turn is None else np.asarray(cv2.rotate(pixels, turn), np.uint8)


class FromRgb:
    """Turns RGB, RGBA or planes into pictures for an encoder. One thread at a time.

    Args:
        pixels: libav's name of the encoder's pixel format.
        size: (height, width) of the picture.
    """

    def __init__(self, pixels: str, size: tuple[int, int]) -> None:
        self._reformatter = VideoReformatter()
        self._format = pixels
        self._is_rgb = pixels.startswith(("rgb", "bgr", "gbr", "pal"))
        self.matrix = matrix_for(size[1], size[0])

    @property
    def tags(self) -> tuple[int, int, int] | None:
        """Numbers of matrix, primaries and transfer, for the file's head."""
        return None if self._is_rgb else TAGS[self.matrix]

    def takes(self, planar: Planar) -> bool:
        """Whether planes are what the encoder takes."""
        return self._format == "yuv420p" and planar.weights == WEIGHTS[self.matrix]

    def __call__(self, pixels: NDArray[np.uint8] | Planar) -> "av.VideoFrame":
        """Return the picture; (H, W, 3) or (H, W, 4) uint8, or planes that it takes."""
        if isinstance(pixels, Planar):
            return _frame_of(pixels)
        if self._format == "yuv420p" and pixels.shape[-1] == 3:
            return _halved_colour(np.ascontiguousarray(pixels), self.matrix)
        # libav turns four channels into planes in two thirds of the time that three take.
        way = cv2.COLOR_RGBA2BGRA if pixels.shape[-1] == 4 else cv2.COLOR_RGB2BGRA
        bgra = np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels), way), np.uint8)
        frame = av.VideoFrame.from_numpy_buffer(bgra, format="bgra")
        return self._reformatter.reformat(
            frame,
            format=self._format,
            src_color_range=ColorRange.JPEG,
            dst_colorspace=None if self._is_rgb else self.matrix,
            dst_color_range=ColorRange.JPEG if self._is_rgb else ColorRange.MPEG,
            threads=1,
        )


def _halved_colour(pixels: NDArray[np.uint8], matrix: Colorspace) -> "av.VideoFrame":
    """Return yuv420p, several times sooner than libav makes it; both sides even."""
    height, width = pixels.shape[:2]
    frame = av.VideoFrame(width, height, "yuv420p")
    luma, u, v = _lines_of(frame)
    halve_colours(pixels, *WEIGHTS[matrix], (luma, u, v))
    return frame


def _matrix_of(frame: "av.VideoFrame") -> Colorspace:
    return MATRICES.get(int(frame.colorspace)) or matrix_for(frame.width, frame.height)


def _is_full(frame: "av.VideoFrame") -> bool:
    """Whether the levels span 0..255."""
    return int(frame.color_range) == 2 or frame.format.name.startswith(FULL_FORMATS)


def _is_usual(frame: "av.VideoFrame") -> bool:
    """Whether it is upright yuv420p in the narrow range, both sides even: most videos are."""
    upright = round(frame.rotation) % 360 == 0
    even = frame.width % 2 == frame.height % 2 == 0
    return frame.format.name == "yuv420p" and not _is_full(frame) and upright and even


def _lines_of(frame: "av.VideoFrame") -> Iterator[NDArray[np.uint8]]:
    """Yield each plane, shared with the frame; its lines may be longer than the picture."""
    for plane in frame.planes:
        levels = np.frombuffer(memoryview(plane), np.uint8)
        yield levels.reshape(plane.height, plane.line_size)


def _planes_of(frame: "av.VideoFrame") -> Iterator[NDArray[np.uint8]]:
    """Yield each plane, not to be written, copied only where its lines are longer."""
    for lines, plane in zip(_lines_of(frame), frame.planes, strict=True):
        levels = np.ascontiguousarray(lines[:, : plane.width])
        levels.flags.writeable = False
        yield levels


def _frame_of(planar: Planar) -> "av.VideoFrame":
    height, width = planar.shape[:2]
    frame = av.VideoFrame(width, height, "yuv420p")
    for lines, plane in zip(_lines_of(frame), planar.planes, strict=True):
        lines[:, : plane.shape[1]] = plane
    return frame
