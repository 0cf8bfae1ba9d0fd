"""The foreground alone, or before another background."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, Image
from pixelwise.drawing.backgrounds import (
    Background,
    Blur,
    CleanBlur,
    Colour,
    Picture,
    Transparent,
)
from pixelwise.drawing.screen import flattened, fullest_slice, screen_pixels
from pixelwise.errors import InputError
from pixelwise.ops.blend import paste_before
from pixelwise.ops.blocks import Coarse
from pixelwise.ops.blur import clean_blur, coarse_blur
from pixelwise.ops.matte import foreground_colours, paste_clean
from pixelwise.ops.planar import Planar
from pixelwise.ops.upsampled import Upsampled

__all__ = ["alpha_levels", "backdrop", "composite", "cutout", "mask_picture"]

MASK_BACKGROUND = 192
"""The grey behind the white mask of MediaPipe's guide."""

FRINGE = 9
"""Pixels around the foreground that keep its colour although clear, for viewers that rescale."""


def composite(image: Image, foreground: Foreground, background: Background) -> Image:
    """Return the foreground before another background, softly joined.

    Args:
        image: The picture; shown as 8-bit RGB. Of a volume, the slice with most in it.
        foreground: What stays, of the same size.
        background: :class:`Blur`, :class:`CleanBlur`, :class:`Colour`, :class:`Picture` or
            :class:`Transparent`.

    Returns:
        RGB (H, W, 3) uint8 in the picture's space; RGBA before :class:`Transparent`. A frame of a
        video before its blur, a colour or a picture stays planar, and is never RGB where nobody
        reads its pixels. Before colours and pictures the soft edge has the foreground's own
        colour, so that nothing of the old background shines through.

    Raises:
        InputError: Sizes differ, or the background is none of these.

    >>> from pixelwise.drawing import Colour
    >>> image, nothing = Image(np.zeros((2, 2, 3), np.uint8)), Foreground(np.zeros((2, 2), bool))
    >>> composite(image, nothing, Colour((0, 0, 255))).pixels[0, 0].tolist()
    [0, 0, 255]
    """
    if isinstance(background, Transparent):
        return cutout(image, foreground)
    image, foreground = flattened(image, foreground)
    alpha = alpha_levels(foreground)
    if isinstance(image.plane, Planar):
        planar = _planar(image.plane, alpha, background)
        if planar is not None:
            return image.with_plane(planar)
    pixels = screen_pixels(image)
    if isinstance(background, Blur):
        return image.with_pixels(paste_before(_blurred(pixels, alpha, background), pixels, alpha))
    behind = backdrop(pixels, alpha, background)
    paste_clean(behind, pixels, alpha)
    return image.with_pixels(behind)


def _planar(frame: Planar, alpha: NDArray[np.uint8], background: Background) -> Planar | None:
    """Return a frame before a background, if that can be done without RGB."""
    match background:
        case Colour() | Picture():
            height, width = alpha.shape
            return frame.before(background.planes((height, width), frame.weights), alpha)
        case Blur() if not isinstance(background, CleanBlur):
            return frame.before_blur(alpha, background.size)
        case _:
            return None


def backdrop(
    pixels: NDArray[np.uint8], alpha: NDArray[np.uint8], background: Background
) -> NDArray[np.uint8]:
    """Return a background alone, (H, W, 3) uint8, a new array.

    Args:
        pixels: (H, W, 3) uint8, which a blur is made of.
        alpha: (H, W) uint8, the foreground, of which a clean blur takes nothing.
        background: Any but :class:`Transparent`.

    Raises:
        InputError: It is none of these.
    """
    match background:
        case Blur():
            return _blurred(pixels, alpha, background).grown()
        case Colour() | Picture():
            height, width = alpha.shape
            return np.array(background.pixels((height, width)), order="C")
        case _:
            raise InputError(
                f"a background is a Blur, CleanBlur, Colour, Picture or Transparent, not "
                f"{background!r}; parse_background makes one of text"
            )


def cutout(image: Image, foreground: Foreground) -> Image:
    """Return the foreground on nothing, RGBA (H, W, 4) uint8.

    The soft edge has the foreground's own colour, free of the old background; what is clear is
    black, but for a few pixels along the edge.

    Raises:
        InputError: Sizes differ.

    >>> image = Image(np.full((1, 2, 3), 9, np.uint8))
    >>> cutout(image, Foreground(np.array([[True, False]]))).pixels[..., 3].tolist()
    [[255, 0]]
    """
    image, foreground = flattened(image, foreground)
    alpha = alpha_levels(foreground)
    colours = foreground_colours(screen_pixels(image), alpha)
    side = 2 * FRINGE + 1
    near = cv2.dilate((alpha > 0).view(np.uint8), np.ones((side, side), np.uint8))
    made = np.zeros((*alpha.shape, 4), np.uint8)
    cv2.copyTo(cv2.cvtColor(colours, cv2.COLOR_RGB2RGBA), near, made)
    made[..., 3] = alpha
    return image.with_pixels(made)


def mask_picture(foreground: Foreground) -> Image:
    """Return the mask as the guide shows it: white on grey, RGB (H, W, 3) uint8.

    >>> mask_picture(Foreground(np.array([[True, False]]))).pixels[0, :, 0].tolist()
    [255, 192]
    """
    flat = foreground.mask.ndim == 2
    mask = foreground.mask if flat else foreground.mask[fullest_slice(foreground)]
    levels = np.where(mask, 255, MASK_BACKGROUND)
    return Image(np.repeat(levels[..., np.newaxis].astype(np.uint8), 3, axis=-1))


def alpha_levels(foreground: Foreground) -> NDArray[np.uint8]:
    """Return the soft mask as levels 0..255, (H, W) uint8.

    >>> alpha_levels(Foreground(np.array([[True, False]]))).tolist()
    [[255, 0]]
    """
    plane = foreground.plane
    if plane is None:
        return np.multiply(foreground.mask.view(np.uint8), 255, dtype=np.uint8)
    if isinstance(plane, Upsampled):
        return plane.levels()
    alpha = np.clip(np.asarray(plane, np.float32), 0, 1)
    return np.rint(np.nan_to_num(alpha) * np.float32(255)).astype(np.uint8)


def _blurred(pixels: NDArray[np.uint8], alpha: NDArray[np.uint8], blur: Blur) -> Coarse:
    if isinstance(blur, CleanBlur):
        return clean_blur(pixels, alpha, blur.size)
    return coarse_blur(pixels, blur.size)
