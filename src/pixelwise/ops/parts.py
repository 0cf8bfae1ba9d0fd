"""From a cluster for each pixel to regions: connected, none too small, like neighbours joined."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.components import relabel
from pixelwise.ops.graphs.adjacency import adjacency, region_table
from pixelwise.ops.graphs.merging import Cost, absorb_small, cut, merge_tree, merged

__all__ = ["connected_parts", "join_alike"]


def connected_parts(
    labels: NDArray[np.int32], colours: NDArray[Any], min_size: float
) -> NDArray[np.int32]:
    """Return the connected parts of each label, the small ones joined to the likest neighbour.

    Args:
        labels: (H, W) or (D, H, W) int32, 1.. clusters.
        colours: (..., C), compared by the distance of means.
        min_size: Pixels below which a part is joined.

    Returns:
        int32 of the same size, 1.. without gaps.

    >>> speck = np.array([[1, 1, 1, 2, 2], [1, 2, 1, 2, 2]], np.int32)
    >>> connected_parts(speck, speck[..., np.newaxis], 2).tolist()
    [[1, 1, 1, 2, 2], [1, 1, 1, 2, 2]]
    """
    parts, _ = relabel(labels, diagonal=False)
    if min_size <= 1:
        return parts
    graph, table = adjacency(parts), region_table(parts, colours)
    return merged(parts, absorb_small(graph, table, Cost(), min_size))


def join_alike(
    labels: NDArray[np.int32], colours: NDArray[Any], tolerance: float
) -> NDArray[np.int32]:
    """Return the regions after joining touching ones whose mean colours differ least, in turn.

    Args:
        labels: (H, W) or (D, H, W) int32, 1.. regions.
        colours: (..., C).
        tolerance: Greatest distance of the means at which two are joined.

    >>> three = np.array([[1, 2, 3]], np.int32)
    >>> join_alike(three, np.array([[[0.0], [1.0], [9.0]]]), 2).tolist()
    [[1, 1, 2]]
    """
    if tolerance <= 0:
        return labels
    merges = merge_tree(adjacency(labels), region_table(labels, colours), Cost(), up_to=tolerance)
    return merged(labels, cut(merges, int(labels.max(initial=0)), tolerance))
