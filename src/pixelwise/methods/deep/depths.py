"""Decodes networks that say for each pixel its class and how deep it lies in its thing.

Middles of things are where the depth is great; water that rises from them in the foreground parts
things that touch.

Source:
    P. Naylor et al., "Segmentation of Nuclei in Histopathology Images by Deep Regression of the
    Distance Map", IEEE TMI 38(2), 2019.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pixelwise.cards import Card, DecoderSpec
from pixelwise.core import Tensor
from pixelwise.methods.deep.placing import Decoder
from pixelwise.methods.deep.touching import touching
from pixelwise.ops.components import components
from pixelwise.ops.graphs.watershed import watershed

__all__ = ["depths", "parted"]

LEVELS = 255
"""Steps of depth in which water rises: bytes flood faster than floats."""


def depths(card: Card, outputs: Sequence[Tensor]) -> Decoder:
    """Return the decoder of a network with classes and depths.

    Raises:
        ModelError: The model lacks the output, or the card asks for another task.
    """
    return touching(card, outputs, 1, _by_depth)


def _by_depth(
    planes: NDArray[np.float32], mask: NDArray[np.bool_], spec: DecoderSpec
) -> NDArray[np.int32]:
    return parted(planes[0], mask, spec.seed_depth)


def parted(depth: NDArray[np.float32], mask: NDArray[np.bool_], level: float) -> NDArray[np.int32]:
    """Return a number for each thing: 1.. in the mask, 0 outside.

    Args:
        depth: (H, W) float32, 1 in the middle of a thing, 0 at its rim.
        mask: (H, W) bool, where things are.
        level: Depth above which a middle lies; parts of the mask without one are a thing each.

    >>> parted(np.float32([[0.2, 0.9, 0.3, 0.8, 0.1]]), np.ones((1, 5), bool), 0.5).tolist()
    [[1, 1, 1, 2, 2]]
    """
    middles, count = components(mask & (depth > np.float32(level)), diagonal=False)
    relief = np.rint((1 - depth.clip(0, 1)) * LEVELS).astype(np.uint8)
    labels = watershed(relief, middles, mask=mask)
    rest, _ = components(mask & (labels == 0))
    return np.where(rest > 0, rest + count, labels).astype(np.int32)
