"""Classes as the official ids of Cityscapes."""

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Semantic
from pixelwise.errors import OutputError
from pixelwise.io.annotations.cityscapes import LEGEND

__all__ = ["label_ids"]

PARTS = {"drivable area": "road", "lane marking": "road"}
"""Our finer classes -> the one of Cityscapes that they are part of."""


def label_ids(result: Semantic) -> NDArray[np.uint8]:
    """Return the ``labelIds`` of classes, (H, W) uint8: 7 is road, 0 what is unlabelled.

    Raises:
        OutputError: A class that occurs is none of Cityscapes.

    >>> legend = Legend.official("cityscapes-19")
    >>> label_ids(Semantic(np.array([[0, 13, 255]], np.int32), legend)).tolist()
    [[7, 26, 0]]
    """
    known = {row.name: row.id for row in LEGEND}
    place = np.zeros(max(result.legend.void, int(result.legend.ids.max())) + 1, np.uint8)
    for label in result.present:
        name = result.legend.name(label)
        name = PARTS.get(name, name)
        if name not in known:
            raise OutputError(f"Cityscapes has no class {name!r}; its classes: {', '.join(known)}")
        place[label] = known[name]
    return place[result.labels]
