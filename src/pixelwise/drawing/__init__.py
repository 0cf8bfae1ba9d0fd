"""Image and result in, image out: overlay, outlines, mask, cutout, composite, contact sheet."""

from pixelwise.drawing.backgrounds import (
    Background,
    Blur,
    CleanBlur,
    Colour,
    Picture,
    Transparent,
    parse_background,
)
from pixelwise.drawing.compositing import (
    alpha_levels,
    backdrop,
    composite,
    cutout,
    mask_picture,
)
from pixelwise.drawing.overlay import draw, outlines
from pixelwise.drawing.screen import screen_pixels
from pixelwise.drawing.sheets import sheet
from pixelwise.drawing.trails import Trails

__all__ = [
    "Background",
    "Blur",
    "CleanBlur",
    "Colour",
    "Picture",
    "Trails",
    "Transparent",
    "alpha_levels",
    "backdrop",
    "composite",
    "cutout",
    "draw",
    "mask_picture",
    "outlines",
    "parse_background",
    "screen_pixels",
    "sheet",
]
