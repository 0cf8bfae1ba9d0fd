"""Any colour model that files hold, to sRGB."""

import io
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from pixelwise.io.codecs.raw import DECODER_ERRORS

__all__ = ["is_srgb", "pixels_of", "to_srgb"]

BROKEN = "profile: the colour profile is broken or does not fit the picture and was ignored"
DEEP = "profile: a colour profile was not applied, as the picture has more than 8 bits"


def pixels_of(picture: Image.Image, profile: bytes | None) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Return the pixels of a decoded Pillow picture in sRGB, and notes.

    Args:
        picture: A loaded picture of any mode.
        profile: Its ICC profile.

    Returns:
        (H, W) grey, (H, W, 3) RGB or (H, W, 4) RGBA; uint8, or uint16, int32 and float32 where
        the file holds more.
    """
    if picture.mode.startswith(("I", "F")):
        pixels = np.asarray(picture)
        if not pixels.dtype.isnative:
            pixels = pixels.astype(pixels.dtype.newbyteorder("="))
        return pixels, (DEEP,) if profile else ()
    if picture.mode == "CMYK":
        return _inks(picture, profile)
    if picture.mode == "LAB":
        return np.asarray(ImageCms.applyTransform(picture, _from_lab())), ()
    mode = _plain_mode(picture)
    plain = picture if picture.mode == mode else picture.convert(mode)
    return to_srgb(np.asarray(plain), profile)


def to_srgb(pixels: NDArray[Any], profile: bytes | None) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Return grey, RGB or RGBA pixels brought from their profile to sRGB, and notes.

    Args:
        pixels: (H, W), (H, W, 3) or (H, W, 4).
        profile: ICC profile. None, or one of sRGB itself: nothing changes.
    """
    if profile is None or is_srgb(profile):
        return pixels, ()
    if pixels.dtype != np.uint8:
        return pixels, (DEEP,)
    grey = pixels.ndim == 2
    colours = pixels if grey else np.ascontiguousarray(pixels[..., :3])
    try:
        transform = _transform(profile, "L" if grey else "RGB")
        turned = np.asarray(ImageCms.applyTransform(Image.fromarray(colours), transform))
    except (*DECODER_ERRORS, ImageCms.PyCMSError):
        return pixels, (BROKEN,)
    if grey:
        return np.ascontiguousarray(turned[..., 0]), ()
    if pixels.shape[-1] == 3:
        return turned, ()
    return np.concatenate([turned, pixels[..., 3:]], axis=-1), ()


@lru_cache(maxsize=8)
def is_srgb(profile: bytes) -> bool:
    """Whether an ICC profile calls itself one of sRGB, whose pixels need no change."""
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile
        text = f"{opened.profile_description or ''}"
    except (*DECODER_ERRORS, ImageCms.PyCMSError):
        return False
    return opened.xcolor_space.strip() == "RGB" and text.startswith(("sRGB", "c2 "))


def _plain_mode(picture: Image.Image) -> str:
    """Return the mode, L, RGB or RGBA, that holds all that the picture says."""
    if picture.mode in ("1", "L") and "transparency" not in picture.info:
        return "L"
    clear = "transparency" in picture.info or picture.mode in ("LA", "La", "PA", "RGBA", "RGBa")
    if picture.mode == "P" and picture.palette is not None:
        clear = clear or picture.palette.mode == "RGBA"
    return "RGBA" if clear else "RGB"


def _inks(picture: Image.Image, profile: bytes | None) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Return CMYK as sRGB: by its profile, else each light as what the inks let through."""
    if profile is None:
        return np.asarray(picture.convert("RGB")), ()
    try:
        turned = ImageCms.applyTransform(picture, _transform(profile, "CMYK"))
    except (*DECODER_ERRORS, ImageCms.PyCMSError):
        return np.asarray(picture.convert("RGB")), (BROKEN,)
    return np.asarray(turned), ()


@lru_cache(maxsize=8)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform:
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    target = ImageCms.createProfile("sRGB")
    return ImageCms.buildTransform(source, target, mode, "RGB", ImageCms.Intent.PERCEPTUAL)


@lru_cache(maxsize=1)
def _from_lab() -> ImageCms.ImageCmsTransform:
    source, target = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    return ImageCms.buildTransform(source, target, "LAB", "RGB")
