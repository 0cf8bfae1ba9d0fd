"""Masks that keep classes as colours, as drawing programs write them."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Legend
from pixelwise.errors import InputError
from pixelwise.io.annotations.maps import read_ids
from pixelwise.io.format import Reading

__all__ = ["by_colour"]

MOST = 64
"""More colours than this are no classes but soft edges, or what JPEG made of them."""


def by_colour(paths: Mapping[str, Path]) -> tuple[Legend, dict[str, NDArray[np.int32]]]:
    """Return the classes, black first, and the class numbers of each mask.

    Two colours are ``background`` and ``object``; of more, those other than black are called by
    their own code, such as ``#ffff00``.

    Args:
        paths: Name -> an 8-bit picture in colours.

    Raises:
        InputError: One cannot be read, or there are too many colours.
    """
    ids = {name: read_ids(path, Reading()) for name, path in paths.items()}
    colours: NDArray[np.int32] = np.zeros(1, np.int32)
    for name, values in ids.items():
        colours = np.union1d(colours, values)
        if len(colours) > MOST:
            raise InputError(
                f"{paths[name].name}: expected a colour for each class, there are more than {MOST}"
                "; soft edges or JPEG make such: save masks as PNG without smoothing",
                reason="colours",
            )
    names = [f"#{value & 255:02x}{value >> 8 & 255:02x}{value >> 16:02x}" for value in colours]
    named = ["background", "object"] if len(names) == 2 else ["background", *names[1:]]
    numbers = {
        name: np.searchsorted(colours, values).astype(np.int32) for name, values in ids.items()
    }
    return Legend.of(named), numbers
