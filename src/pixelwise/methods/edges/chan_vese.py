"""Chan-Vese: the smoothest border between two flat parts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, Image, Method, Task, setting
from pixelwise.ops.channels import Channel, levels_of, plane
from pixelwise.ops.filters import gaussian
from pixelwise.ops.otsu import otsu_level
from pixelwise.ops.sides import Side, is_constant, side_of

__all__ = ["ChanVese", "two_flat_parts"]

MOST_STEPS = 500
STILL = 1e-5
"""Share of the pixels that may yet change sides when the border counts as at rest."""


@dataclass(frozen=True, kw_only=True)
class ChanVese(Method[Foreground]):
    """Foreground is one of the two flat parts that, with a short border, explain the picture best.

    It looks for the border that makes least: the sum over all pixels of (value - mean of its
    side) squared, in units of the squared difference of the two means, plus ``smoothness`` x the
    length of the border. No edge is needed, so vague and noisy outlines do; prefer
    ``geodesic-contour`` when the light is uneven, ``otsu`` when the border may be as ragged as
    it likes (smoothness 0 is k-means on grey).

    Minimised by thresholding again and again: blur the two parts, reassign each pixel to the
    cheaper one, take new means; the energy never rises, and it ends when hardly a pixel changes
    sides. It starts from Otsu's level. A spot vanishes when its radius is below about
    ``smoothness``.

    Pictures and volumes. A constant picture has no foreground.

    Source:
        T. Chan, L. Vese, "Active contours without edges", IEEE TIP 10(2), 2001; the minimisation:
        D. Wang, H. Li, X. Wei, X. Wang, J. Computational Physics 350, 2017.

    >>> noisy = np.full((12, 12), 20, np.uint8)
    >>> noisy[3:9, 3:9] = 200
    >>> noisy[1, 10] = noisy[5, 5] = 110
    >>> ChanVese(smoothness=0.5)(Image(noisy)).area
    36
    """

    name = "chan-vese"
    task = Task.FOREGROUND
    takes_volumes = True

    smoothness: float = setting(2.0, "Cost of the border's length, pixels.", low=0, high=1000)
    side: Side = setting(Side.BRIGHTER, "Which of the two parts is foreground.")
    channel: Channel = setting(Channel.GREY, "The plane of the picture that is looked at.")

    def segment(self, image: Image) -> Foreground:
        """Return the wanted part."""
        plain = plane(image.pixels, self.channel)
        if is_constant(plain):
            return Foreground(np.zeros(image.size, bool))
        bright = two_flat_parts(levels_of(plain), self.smoothness)
        known = ~np.isnan(plain) if plain.dtype.kind == "f" else np.ones(plain.shape, bool)
        return Foreground(side_of(bright.view(np.uint8), 0, self.side) & known)


def two_flat_parts(values: NDArray[np.float32], smoothness: float) -> NDArray[np.bool_]:
    """Return the brighter of two flat parts with a short border between them.

    Args:
        values: (H, W) or (D, H, W), finite.
        smoothness: Cost of a pixel of border, in squared differences of the two means.

    >>> two_flat_parts(np.float32([[1, 1, 9, 9]]), 0).tolist()
    [[False, False, True, True]]
    """
    bright = values > otsu_level(values)
    sigma = max(1.0, smoothness)  # the blur must reach as far as the border is to move
    weight = smoothness * np.sqrt(2 * np.pi) / sigma
    for _ in range(MOST_STEPS):
        count = int(np.count_nonzero(bright))
        if count in (0, bright.size):
            break
        above = float(values[bright].mean(dtype=np.float64))
        below = float(values[~bright].mean(dtype=np.float64))
        # Half the difference of the two squared distances, over the squared gap of the means.
        lead = (values - np.float32((above + below) / 2)) * np.float32(1 / (above - below))
        if weight:
            lead += np.float32(weight) * (gaussian(bright.view(np.uint8), sigma) - np.float32(0.5))
        before, bright = bright, lead > 0
        if np.count_nonzero(before != bright) <= STILL * bright.size:
            break
    return bright
