"""Marr-Hildreth: zero crossings of the Laplacian of a Gaussian."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, Image, Method, Task, setting
from pixelwise.ops.channels import Channel, levels_of, plane
from pixelwise.ops.components import components
from pixelwise.ops.filters import gaussian, gradients, laplacian
from pixelwise.ops.levelset import grow
from pixelwise.ops.morphology import drop_small, fill_holes
from pixelwise.ops.sides import Side, on_border

__all__ = ["MarrHildreth", "blobs"]


@dataclass(frozen=True, kw_only=True)
class MarrHildreth(Method[Foreground]):
    """Foreground is what the zero crossings of the Laplacian of a Gaussian enclose.

    The picture is blurred with ``sigma``; where its Laplacian (the sum of the second
    differences) changes sign there is an edge, and since these lines always close, each encloses
    a part that is brighter (Laplacian below 0) or darker than what is around it. A part is kept
    when the mean slope on its outline passes ``slope``; its holes are filled. ``sigma`` picks
    the size of what is found. Good for blobs and spots; prefer ``canny`` where corners matter,
    since the outline rounds them.

    Pictures and volumes. The slope counts levels (0..255) per pixel, or data units per pixel;
    not given, it is half of the mean plus the deviation of the slopes on all zero crossings.

    Source:
        D. Marr, E. Hildreth, "Theory of edge detection", Proc. Royal Society London B 207, 1980.

    >>> square = np.zeros((24, 24), np.uint8)
    >>> square[8:16, 8:16] = 200
    >>> found = MarrHildreth(min_size=0)(Image(square))
    >>> bool(found.mask[12, 12]), bool(found.mask[2, 2])
    (True, False)
    """

    name = "marr-hildreth"
    task = Task.FOREGROUND
    takes_volumes = True

    sigma: float = setting(2.0, "Blur before the Laplacian, pixels.", low=0.3, high=200)
    slope: float | None = setting(None, "Least mean slope of an outline, levels a pixel.", low=0)
    min_size: int = setting(64, "Smaller things are dropped, pixels.", low=0)
    side: Side = setting(Side.BRIGHTER, "Whether things are brighter or darker than around them.")
    channel: Channel = setting(Channel.GREY, "The plane of the picture that is looked at.")

    def segment(self, image: Image) -> Foreground:
        """Return the parts with a strong outline."""
        values = gaussian(levels_of(plane(image.pixels, self.channel)), self.sigma)
        curvature = laplacian(values)
        steep = np.sqrt(sum(slope**2 for slope in gradients(values)))
        above, below = curvature > FLAT, curvature < -FLAT
        bright = self._found(below, above, steep)
        if self.side is Side.BRIGHTER:
            return Foreground(bright)
        dark = self._found(above, below, steep)
        if self.side is Side.DARKER:
            return Foreground(dark)
        # A thing's halo has the other sign and encloses it, so of two the smaller is the thing.
        return Foreground(min(bright, dark, key=lambda mask: (on_border(mask), mask.sum())))

    def _found(
        self, sign: NDArray[np.bool_], other: NDArray[np.bool_], steep: NDArray[np.float32]
    ) -> NDArray[np.bool_]:
        kept = blobs(sign, sign & grow(other), steep, self.slope)
        return drop_small(fill_holes(kept), self.min_size)


FLAT = 1e-3
"""Laplacians up to this are flat: rounding of the blur."""


def blobs(
    sign: NDArray[np.bool_],
    outline: NDArray[np.bool_],
    steep: NDArray[np.float32],
    slope: float | None,
) -> NDArray[np.bool_]:
    """Return the connected parts of ``sign`` whose outline has a mean slope above ``slope``.

    Args:
        sign: (H, W) or (D, H, W) bool, one side of the zero crossings.
        outline: The same size, the pixels of ``sign`` at a zero crossing.
        steep: The same size, the slope at each pixel.
        slope: Least mean slope; None: half of the mean plus deviation on all outlines.

    >>> sign = np.array([[1, 0, 1]], bool)
    >>> blobs(sign, sign, np.float32([[9, 0, 1]]), 5).tolist()
    [[True, False, False]]
    """
    labels, count = components(sign, diagonal=False)
    where, slopes = labels[outline], steep[outline]
    pixels = np.bincount(where, minlength=count + 1)
    means = np.bincount(where, weights=slopes, minlength=count + 1) / np.maximum(pixels, 1)
    if slope is None:
        slope = float(slopes.mean() + slopes.std()) / 2 if where.size else 0.0
    kept = means > slope
    kept[0] = False
    return kept[labels]
