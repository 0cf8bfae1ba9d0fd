"""Canny edges, linked and closed, and what they enclose."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, Image, Method, Provenance, Task, setting
from pixelwise.errors import InvalidSetting
from pixelwise.ops.channels import Channel, levels_of, plane
from pixelwise.ops.contours import close_gaps, enclosed
from pixelwise.ops.filters import gaussian
from pixelwise.ops.morphology import drop_small
from pixelwise.ops.otsu import otsu_level

__all__ = ["Canny", "canny_edges"]

RATIO = 0.4
"""Low over high where only one is known; Canny advises a third to a half."""
FAINTEST = 0.5
"""Slopes up to this are never edges where the levels are found: rounding of 8 bits."""


@dataclass(frozen=True, kw_only=True)
class Canny(Method[Foreground]):
    """Foreground is what closed edges enclose.

    The picture is blurred; an edge pixel has the greatest slope across the edge, its slope
    passes ``high``, or passes ``low`` and the edge leads to one that does. Loose ends are
    bridged over small gaps, closed contours are filled, and lines that enclose nothing are
    dropped. With ``border`` the picture's border closes contours, too: good for things that it
    cuts through on an even ground, too much in busy scenes; what reaches from one side to the
    opposite one is never a thing. Good for things with a clear outline whatever their
    brightness; prefer ``chan-vese`` where the outline has wide gaps, a
    threshold where brightness alone tells.

    Pictures. Slopes are levels (0..255) per pixel, or data units per pixel. Without levels,
    ``high`` is Otsu's level of all slopes and ``low`` 0.4 of it.

    Raises:
        InvalidSetting: ``low`` is above ``high``, or a setting outside its range.

    Source:
        J. Canny, "A Computational Approach to Edge Detection", IEEE TPAMI 8(6), 1986.

    >>> square = np.zeros((20, 20), np.uint8)
    >>> square[5:15, 5:15] = 200
    >>> found = Canny(min_size=0)(Image(square))
    >>> bool(found.mask[10, 10]), bool(found.mask[1, 1])
    (True, False)
    """

    name = "canny"
    task = Task.FOREGROUND

    low: float | None = setting(None, "Least slope of an edge, levels per pixel.", low=0)
    high: float | None = setting(None, "Slope that starts an edge, levels per pixel.", low=0)
    sigma: float = setting(1.4, "Blur before the slopes, pixels.", low=0, high=100)
    gap: int = setting(8, "Longest gap that is bridged, pixels.", low=0, high=1000)
    min_size: int = setting(64, "Smaller things are dropped, pixels.", low=0)
    border: bool = setting(default=False, doc="Whether the picture's border closes contours.")
    channel: Channel = setting(Channel.GREY, "The plane of the picture that is looked at.")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.low is not None and self.high is not None and self.low > self.high:
            raise InvalidSetting.of("low", self.low, f"at most the setting 'high', {self.high:g}")

    def segment(self, image: Image) -> Foreground:
        """Return what the closed edges enclose."""
        values = levels_of(plane(image.pixels, self.channel))
        down, across = _slopes(gaussian(values, self.sigma))
        low, high = self._levels(down, across)
        edges = canny_edges(down, across, low, high)
        bridged = close_gaps(edges, self.gap, border=self.border)
        closed = enclosed(bridged, border=self.border)
        mask = drop_small(closed, self.min_size)
        return Foreground(mask, provenance=Provenance(notes=(f"slopes {low:g} {high:g}",)))

    def _levels(
        self, down: NDArray[np.float32], across: NDArray[np.float32]
    ) -> tuple[float, float]:
        if self.low is not None and self.high is not None:
            return self.low, self.high
        if self.high is not None:
            return RATIO * self.high, self.high
        slopes = cv2.magnitude(down, across)
        high = max(otsu_level(slopes), FAINTEST, self.low or 0)
        return RATIO * high if self.low is None else self.low, high


def canny_edges(
    down: NDArray[np.float32], across: NDArray[np.float32], low: float, high: float
) -> NDArray[np.bool_]:
    """Return thin linked edges (H, W) bool.

    Args:
        down: (H, W) slope along y.
        across: (H, W) slope along x.
        low: Least slope of an edge.
        high: Slope that starts an edge.

    >>> across = np.zeros((5, 5), np.float32)
    >>> across[:, 2] = 9
    >>> canny_edges(np.zeros_like(across), across, 2, 5)[2].tolist()
    [False, False, True, False, False]
    """
    steepest = max(float(np.abs(down).max()), float(np.abs(across).max()), 1e-12)
    scale = 16000 / steepest  # OpenCV takes slopes as 16-bit whole numbers
    whole = [np.rint(slope * scale).astype(np.int16) for slope in (across, down)]
    least, start = max(low * scale, 1.0), max(high * scale, 1.0)
    edges = cv2.Canny(whole[0], whole[1], min(least, 40000), min(start, 40000), L2gradient=True)
    return np.asarray(edges, np.uint8) > 0


def _slopes(values: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the slopes along y and x by Sobel's masks, per pixel."""
    down = cv2.Sobel(values, cv2.CV_32F, 0, 1, scale=1 / 8)
    across = cv2.Sobel(values, cv2.CV_32F, 1, 0, scale=1 / 8)
    return np.asarray(down), np.asarray(across)
