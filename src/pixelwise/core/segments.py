"""The table of segments, in columns."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pixelwise.errors import InputError

__all__ = ["Segment", "Segments"]


class Segment(NamedTuple):
    """One row of the table."""

    id: int
    class_id: int
    score: float
    box: tuple[float, float, float, float]
    area: int
    track_id: int


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """A columnar table; a boolean or index array selects rows of all columns at once.

    Args:
        id: (N,) int32, unique, 1 or more.
        class_id: (N,) int32, ids of the legend.
        score: (N,) float32, 0..1; 1 where not given.
        box: (N, 4) float32, x0 y0 x1 y1 in pixels, end outside.
        area: (N,) int64, pixels.
        track_id: (N,) int32, -1 where there is no track.
        crowd: (N,) bool, whether the row stands for many things that nobody told apart; left
            out, no row does.

    Raises:
        InputError: Columns of different lengths, repeated ids, or scores outside 0..1.

    >>> table = Segments.of(class_id=[3, 5], score=[0.9, 0.2])
    >>> table[table.score > 0.5].class_id.tolist()
    [3]
    """

    id: NDArray[np.int32]
    class_id: NDArray[np.int32]
    score: NDArray[np.float32]
    box: NDArray[np.float32]
    area: NDArray[np.int64]
    track_id: NDArray[np.int32]
    crowd: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))

    def __post_init__(self) -> None:
        rows = len(self.id)
        if rows and not len(self.crowd):
            object.__setattr__(self, "crowd", np.zeros(rows, np.bool_))
        for column, dtype in _DTYPES.items():
            shape = (rows, 4) if column == "box" else (rows,)
            object.__setattr__(self, column, _column(column, getattr(self, column), dtype, shape))
        if len(set(self.id.tolist())) != rows or (rows and self.id.min() < 1):
            raise InputError("segment ids must be unique and 1 or more")
        if not np.all((self.score >= 0) & (self.score <= 1)):
            raise InputError("scores must lie in 0..1")

    @classmethod
    def of(
        cls,
        class_id: ArrayLike,
        *,
        id: ArrayLike | None = None,  # noqa: A002 - the column's name
        score: ArrayLike | None = None,
        box: ArrayLike | None = None,
        area: ArrayLike | None = None,
        track_id: ArrayLike | None = None,
    ) -> "Segments":
        """Return a table with what is not given filled: ids 1.., score 1, box and area 0."""
        classes = np.asarray(class_id, np.int32).reshape(-1)
        rows = len(classes)
        return cls(
            np.arange(1, rows + 1, dtype=np.int32) if id is None else np.asarray(id),
            classes,
            np.ones(rows, np.float32) if score is None else np.asarray(score, np.float32),
            np.zeros((rows, 4), np.float32) if box is None else np.asarray(box, np.float32),
            np.zeros(rows, np.int64) if area is None else np.asarray(area),
            np.full(rows, -1, np.int32) if track_id is None else np.asarray(track_id),
        )

    @classmethod
    def empty(cls) -> "Segments":
        """Return a table without rows."""
        return cls.of([])

    def __len__(self) -> int:
        return len(self.id)

    def __getitem__(self, rows: NDArray[Any] | slice | int) -> "Segments":
        """Return the rows that a boolean or index array or a slice selects, in its order."""
        index = np.atleast_1d(np.arange(len(self))[rows])
        return Segments(*(getattr(self, column.name)[index] for column in fields(self)))

    def __iter__(self) -> Iterator[Segment]:
        for row in range(len(self)):
            x0, y0, x1, y1 = (float(edge) for edge in self.box[row])
            yield Segment(
                int(self.id[row]),
                int(self.class_id[row]),
                float(self.score[row]),
                (x0, y0, x1, y1),
                int(self.area[row]),
                int(self.track_id[row]),
            )

    def with_columns(self, **columns: ArrayLike) -> "Segments":
        """Return the table with some columns replaced."""
        return replace(self, **{name: np.asarray(values) for name, values in columns.items()})


_DTYPES: dict[str, type[np.generic]] = {
    "id": np.int32,
    "class_id": np.int32,
    "score": np.float32,
    "box": np.float32,
    "area": np.int64,
    "track_id": np.int32,
    "crowd": np.bool_,
}


def _column(
    name: str, values: object, dtype: type[np.generic], shape: tuple[int, ...]
) -> NDArray[Any]:
    column = np.array(values, dtype=dtype)
    if column.size == 0:
        column = column.reshape(shape) if 0 in shape else column
    if column.shape != shape:
        raise InputError(f"column {name} must have shape {shape}, not {column.shape}")
    column.flags.writeable = False
    return column
