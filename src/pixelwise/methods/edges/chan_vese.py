"""Chan-Vese: the smoothest border between two flat parts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, Image, Method, Task, setting
from pixelwise.ops.channels import Channel, levels_of, plane
from pixelwise.ops.colour import lab
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

    Pictures and volumes. With ``colour`` pictures are explained by the CIELAB colour of the two
    parts. A constant picture has no foreground.

    Source:
        T. Chan, L. Vese, "Active contours without edges", IEEE TIP 10(2), 2001; of colours: T.
        Chan, B. Sandberg, L. Vese, "Active contours without edges for vector-valued images",
        J. Visual Communication and Image Representation 11(2), 2000; the minimisation: D. Wang,
        H. Li, X. Wei, X. Wang, J. Computational Physics 350, 2017.

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
    colour: bool = setting(default=False, doc="Whether colour is looked at instead of one plane.")

    def segment(self, image: Image) -> Foreground:
        """Return the wanted part."""
        if self.colour and not image.is_volume and image.channels >= 3:
            return Foreground(self._by_colour(image))
        plain = plane(image.pixels, self.channel)
        if is_constant(plain):
            return Foreground(np.zeros(image.size, bool))
        bright = two_flat_parts(levels_of(plain)[..., np.newaxis], self.smoothness)
        known = ~np.isnan(plain) if plain.dtype.kind == "f" else np.ones(plain.shape, bool)
        return Foreground(side_of(bright.view(np.uint8), 0, self.side) & known)

    def _by_colour(self, image: Image) -> NDArray[np.bool_]:
        values = lab(image.pixels)
        if not np.ptp(values, axis=(0, 1)).any():
            return np.zeros(image.size, bool)
        bright = two_flat_parts(values, self.smoothness)
        known = np.isfinite(image.pixels).all(axis=-1)
        return side_of(bright.view(np.uint8), 0, self.side) & known


def two_flat_parts(values: NDArray[np.float32], smoothness: float) -> NDArray[np.bool_]:
    """Return the brighter of two flat parts with a short border between them.

    Args:
        values: (H, W, C) or (D, H, W, C), finite; the first channel says what is bright.
        smoothness: Cost of a pixel of border, in squared differences of the two means.

    >>> two_flat_parts(np.float32([[[1], [1], [9], [9]]]), 0).tolist()
    [[False, False, True, True]]
    """
    along = _main_axis(values)
    bright = along > otsu_level(along)
    sigma = max(1.0, smoothness)  # the blur must reach as far as the border is to move
    weight = smoothness * np.sqrt(2 * np.pi) / sigma
    for _ in range(MOST_STEPS):
        count = int(np.count_nonzero(bright))
        if count in (0, bright.size):
            break
        above = values[bright].mean(axis=0, dtype=np.float64)
        below = values[~bright].mean(axis=0, dtype=np.float64)
        gap = above - below
        # Half the difference of the two squared distances, over the squared gap of the means.
        middle = np.float32((above + below) / 2)
        lead = (values - middle) @ np.float32(gap / (gap @ gap))
        if weight:
            lead += np.float32(weight) * (gaussian(bright.view(np.uint8), sigma) - np.float32(0.5))
        before, bright = bright, lead > 0
        if np.count_nonzero(before != bright) <= STILL * bright.size:
            break
    return bright


def _main_axis(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the values along the direction in which they differ most, the brighter the greater."""
    if values.shape[-1] == 1:
        return values[..., 0]
    flat = values.reshape(-1, values.shape[-1])
    _, axes = np.linalg.eigh(np.cov(flat.T))
    main = axes[:, -1]
    return np.asarray(values @ np.float32(-main if main[0] < 0 else main))
