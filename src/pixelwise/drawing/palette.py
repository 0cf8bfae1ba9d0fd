"""Colours of things that have none of their own."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["Rgb", "ink_on", "thing_colour", "thing_palette"]

Rgb = tuple[int, int, int]

APART: tuple[Rgb, ...] = (
    (230, 159, 0),
    (86, 180, 233),
    (0, 158, 115),
    (240, 228, 66),
    (0, 114, 178),
    (213, 94, 0),
    (204, 121, 167),
)
"""Colours that colour-blind readers tell apart (M. Okabe, K. Ito, "Color Universal Design")."""

EVEN_LIGHT = (1.05 * 0.05) ** 0.5 - 0.05
"""Relative luminance on which black and white have the same contrast."""

SHADES = (0.0, 0.45, -0.35)
"""Share of white, or of black where negative, that later rounds through the colours add."""


def thing_colour(number: int) -> Rgb:
    """Return the RGB colour of the ``number``-th thing, counted from 0.

    >>> thing_colour(0), thing_colour(7) != thing_colour(0)
    ((230, 159, 0), True)
    """
    shade = SHADES[number // len(APART) % len(SHADES)]
    towards = 255 if shade > 0 else 0
    red, green, blue = (
        round(level + (towards - level) * abs(shade)) for level in APART[number % len(APART)]
    )
    return (red, green, blue)


def thing_palette(count: int) -> NDArray[np.uint8]:
    """Return the colours of the first things, (count, 3) uint8."""
    return np.array([thing_colour(number) for number in range(count)], np.uint8).reshape(-1, 3)


def ink_on(colour: Rgb) -> Rgb:
    """Return black or white, whichever has more contrast on ``colour``, as WCAG 2 measures it.

    >>> ink_on((240, 228, 66)), ink_on((0, 114, 178))
    ((0, 0, 0), (255, 255, 255))
    """
    red, green, blue = ((level / 255) ** 2.2 for level in colour)
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return (0, 0, 0) if light > EVEN_LIGHT else (255, 255, 255)
