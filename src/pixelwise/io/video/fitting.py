"""A picture of one size inside another one."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["boxed"]


def boxed(pixels: NDArray[Any], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return the picture inside ``size``, its shape kept, black around it.

    >>> boxed(np.full((2, 2, 3), 9, np.uint8), (2, 4))[0, :, 0].tolist()
    [0, 9, 9, 0]
    """
    height, width = pixels.shape[:2]
    scale = min(size[0] / height, size[1] / width)
    rows, columns = max(1, round(height * scale)), max(1, round(width * scale))
    made = np.zeros((*size, pixels.shape[-1]), np.uint8)
    top, left = (size[0] - rows) // 2, (size[1] - columns) // 2
    small = cv2.resize(pixels, (columns, rows), interpolation=cv2.INTER_LINEAR)
    made[top : top + rows, left : left + columns] = small.reshape(rows, columns, -1)
    return made
