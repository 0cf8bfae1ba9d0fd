"""Pictures of 256 colours, each with the palette that fits it best: what GIF needs."""

from fractions import Fraction
from typing import cast

import av
import av.filter
import numpy as np
from numpy.typing import NDArray

__all__ = ["FromRgbByPalette"]


class FromRgbByPalette:
    """Turns RGB arrays into palette pictures. One thread at a time.

    Args:
        size: (height, width) of the pictures.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        graph = self._graph = av.filter.Graph()
        height, width = size
        self._entry = graph.add_buffer(
            width=width,
            height=height,
            format=av.VideoFormat("rgb24"),
            time_base=Fraction(1, 100),
        )
        split = graph.add("split")
        palette = graph.add("palettegen", "stats_mode=single")
        use = graph.add("paletteuse", "new=1:dither=sierra2_4a")
        self._exit = graph.add("buffersink")
        self._entry.link_to(split)
        split.link_to(palette, 0, 0)
        split.link_to(use, 1, 0)
        palette.link_to(use, 0, 1)
        use.link_to(self._exit)
        graph.configure()
        self._count = 0

    def __call__(self, pixels: NDArray[np.uint8]) -> "av.VideoFrame":
        """Return the picture; (H, W, 3) uint8."""
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels[..., :3]), format="rgb24")
        frame.pts = self._count
        self._count += 1
        self._entry.push(frame)
        return cast("av.VideoFrame", self._exit.pull())
