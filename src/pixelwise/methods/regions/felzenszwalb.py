"""Felzenszwalb's graph segmentation."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Image, Method, Regions, Task, setting
from pixelwise.methods.regions.colours import colours, smoothed
from pixelwise.ops.colour import levels
from pixelwise.ops.graphs.alike import merge_alike
from pixelwise.ops.graphs.felzenszwalb import felzenszwalb

__all__ = ["Felzenszwalb"]


@dataclass(frozen=True, kw_only=True)
class Felzenszwalb(Method[Regions]):
    """Regions are joined along light edges as long as both sides find the edge usual.

    Two components join when the edge between them is lighter than the greatest edge inside
    either plus ``scale`` divided by its size. Regions that are alike are merged afterwards, as
    in ``rag-merge``, which follows human contours better; the defaults are those that do best on
    BSDS500. Good as a fast partition that keeps thin things; prefer ``slic`` for regions of like
    size.

    With ``tolerance`` 0 nothing is merged and the partition is the paper's, that of
    ``skimage.segmentation.felzenszwalb``, up to edges of equal weight; their usual ``scale`` is
    100 to 300, with a ``min_size`` of 20.

    Source:
        P. Felzenszwalb, D. Huttenlocher, "Efficient Graph-Based Image Segmentation", IJCV 59(2),
        2004.

    >>> picture = np.zeros((8, 8), np.uint8)
    >>> picture[:, 4:] = 200
    >>> Felzenszwalb(scale=50, min_size=4, sigma=0)(Image(picture)).count
    2
    """

    name = "felzenszwalb"
    task = Task.REGIONS

    scale: float = setting(60.0, "Grey levels times pixels; larger gives larger regions.", low=0)
    min_size: int = setting(200, "Regions below this many pixels join a neighbour.", low=0)
    sigma: float = setting(0.8, "Smoothing before, in pixels.", low=0, high=50)
    tolerance: float = setting(
        18.0, "Difference in CIELAB units up to which regions merge afterwards; 0: none.", low=0
    )

    def segment(self, image: Image) -> Regions:
        """Return the components, merged if that is asked for."""
        values = smoothed(_channels(image.pixels), self.sigma)
        labels = felzenszwalb(values, self.scale, self.min_size)
        if self.tolerance > 0:
            soft = colours(image.pixels, smoothing=1.0)
            labels = merge_alike(labels, soft, self.tolerance, self.min_size)
        return Regions(labels)


def _channels(pixels: NDArray[Any]) -> NDArray[np.float32]:
    """Return the levels of the colour channels, without alpha."""
    count = 1 if pixels.shape[-1] < 3 else 3
    return levels(pixels[..., :count])
