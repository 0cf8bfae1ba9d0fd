"""Things of many pictures as columns and run lengths, the way hotcoco's engine takes them."""

from functools import cached_property
from typing import Any

import hotcoco
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Instances, Legend
from pixelwise.evaluation.run_lengths import run_lengths

__all__ = ["Things"]


class Things:
    """Columns of things in pictures."""

    def __init__(self) -> None:
        self.segmentation: list[dict[str, Any] | list[list[float]]] = []
        self._columns: list[NDArray[np.float64]] = []

    def extend(self, things: Instances, picture: int) -> None:
        """Take the things of one picture, which are numbered from 1."""
        table = things.segments
        height, width = things.size
        size = [height, width]
        texts, areas = run_lengths(things.crops, (height, width))
        self.segmentation += [{"size": size, "counts": text} for text in texts]
        rows = np.empty((len(table), 9))
        rows[:, 0] = picture
        rows[:, 1:5] = np.array([crop.box for crop in things.crops]).reshape(-1, 4)
        rows[:, 3:5] -= rows[:, 1:3]
        rows[:, 5] = table.score
        rows[:, 6] = table.class_id + 1
        rows[:, 7] = table.crowd
        rows[:, 8] = areas
        self._columns.append(rows)

    @cached_property
    def _all(self) -> NDArray[np.float64]:
        return np.concatenate(self._columns) if self._columns else np.zeros((0, 9))

    @property
    def classes(self) -> NDArray[np.int64]:
        """(R,) int64 class of each row, one more than in the legend."""
        return self._all[:, 6].astype(np.int64)

    @property
    def table(self) -> NDArray[np.float64]:
        """(R, 7) float64: picture, x, y, width, height, score, class."""
        return self._all[:, :7]

    def support(self, legend: Legend) -> NDArray[np.int64]:
        """Return in how many pictures each class has a thing that is no crowd."""
        rows = self._all[self._all[:, 7] == 0]
        pairs = np.unique(rows[:, [0, 6]], axis=0)[:, 1].astype(np.int64)
        return np.bincount(pairs, minlength=int(legend.ids.max()) + 2)[legend.ids + 1]

    def as_coco(self, images: list[dict[str, Any]], categories: list[dict[str, Any]]) -> Any:  # noqa: ANN401 - hotcoco's own object
        """Return the rows as a truth of hotcoco."""
        rows = self._all
        return hotcoco.COCO.from_arrays(
            images,
            categories,
            rows[:, 0].astype(np.int64),
            self.classes,
            rows[:, 1:5],
            ids=np.arange(1, len(rows) + 1),
            area=rows[:, 8],
            iscrowd=rows[:, 7].astype(np.int64),
            segmentation=self.segmentation,
        )
