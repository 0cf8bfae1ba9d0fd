"""Decodes networks that say for each pixel its class and which way the middle of its thing lies.

Each pixel of the foreground follows the flow; those that end up together are one thing.

Source:
    C. Stringer et al., "Cellpose: a generalist algorithm for cellular segmentation", Nature
    Methods 18, 2021. Steps are doubled instead of counted: after eight rounds each pixel has
    followed the flow for 256 steps.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.cards import Card, DecoderSpec
from pixelwise.core import Tensor
from pixelwise.methods.deep.placing import Decoder
from pixelwise.methods.deep.touching import touching
from pixelwise.ops.components import components

__all__ = ["ends", "flows", "gathered"]

ROUNDS = 8
"""Doublings of the way: 2 to this power steps of a pixel at most."""
NEAR = 3
"""Side of the square in which ends are counted, in pixels."""
CROWD = 5
"""Ends in it from which there is the middle of a thing."""


def flows(card: Card, outputs: Sequence[Tensor]) -> Decoder:
    """Return the decoder of a network with classes and flows, down and to the right.

    Raises:
        ModelError: The model lacks the output, or the card asks for another task.
    """
    return touching(card, outputs, 2, _by_flow)


def _by_flow(
    planes: NDArray[np.float32],
    mask: NDArray[np.bool_],
    spec: DecoderSpec,  # noqa: ARG001 - the port
) -> NDArray[np.int32]:
    return gathered(ends(planes, mask), mask)


def ends(flow: NDArray[np.float32], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return where each pixel ends that follows the flow, (2, H, W) float32: rows, columns.

    Args:
        flow: (2, H, W) float32, one step in pixels: down and to the right.
        mask: (H, W) bool; outside of it nothing moves.

    >>> ends(np.float32([[[0, 0, 0]], [[1, 0, -1]]]), np.ones((1, 3), bool))[1].tolist()
    [[1.0, 1.0, 1.0]]
    """
    way = np.where(mask, flow, 0).astype(np.float32)
    rows, columns = np.indices(mask.shape, np.float32)
    for _ in range(ROUNDS):
        further = [
            cv2.remap(
                plane,
                columns + way[1],
                rows + way[0],
                cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REPLICATE,
            )
            for plane in way
        ]
        way = way + np.stack(further)
    return np.stack([rows, columns]) + way


def gathered(places: NDArray[np.float32], mask: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Return a number for each thing, 1.. in the mask; 0 outside and for pixels that got lost.

    Args:
        places: (2, H, W) float32, where each pixel ends.
        mask: (H, W) bool, where things are.
    """
    last = np.array(mask.shape).reshape(2, 1) - 1
    rows, columns = np.rint(places[:, mask]).clip(0, last).astype(np.intp)
    crowd = np.zeros(mask.shape, np.float32)
    np.add.at(crowd, (rows, columns), 1)
    near = cv2.boxFilter(crowd, -1, (NEAR, NEAR), normalize=False, borderType=cv2.BORDER_CONSTANT)
    middles, _ = components(near >= CROWD)
    labels = np.zeros(mask.shape, np.int32)
    labels[mask] = middles[rows, columns]
    return labels
