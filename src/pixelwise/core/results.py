"""The four types of segmentation, and regions without names."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from pixelwise.core.crops import Crop, FullMasks
from pixelwise.core.legend import Legend
from pixelwise.core.plane import Plane
from pixelwise.core.provenance import Provenance
from pixelwise.core.segments import Segments
from pixelwise.core.space import Space
from pixelwise.core.task import Task
from pixelwise.core.views import VIEWS
from pixelwise.errors import InputError

__all__ = ["Foreground", "Instances", "Panoptic", "Regions", "Result", "Semantic"]

R = TypeVar("R", bound="Result")


class Result(ABC):
    """What every result has: a task, a size, a space, a provenance, and one natural array."""

    task: Task
    size: tuple[int, ...]
    """(height, width) or (depth, height, width) of the picture."""
    space: Space
    provenance: Provenance

    @property
    @abstractmethod
    def is_empty(self) -> bool:
        """Whether nothing was found."""

    @abstractmethod
    def __array__(
        self,
        dtype: np.dtype[Any] | None = None,
        copy: bool | None = None,  # noqa: FBT001
    ) -> NDArray[Any]: ...

    def __repr__(self) -> str:
        made = self.provenance.model or self.provenance.method
        size = " x ".join(map(str, self.size))
        return f"{type(self).__name__}({size}{f', by {made}' if made else ''})"

    def _repr_png_(self) -> bytes:
        """Return how a notebook shows the result, where it shows pictures only."""
        png: bytes = VIEWS["result_png"](self)
        return png

    def _repr_html_(self) -> str:
        """Return how a notebook shows the result: its picture and a table of what was found."""
        html: str = VIEWS["result_html"](self)
        return html

    def made_by(self, provenance: Provenance, space: Space | None = None) -> Self:
        """Return the same result with another provenance and, if given, another space."""
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        object.__setattr__(twin, "provenance", provenance)
        if space is not None:
            object.__setattr__(twin, "space", space)
        return twin


@dataclass(frozen=True, eq=False, init=False, repr=False)
class Foreground(Result):
    """The wanted thing against everything else.

    Args:
        mask: (H, W) or (D, H, W) bool, or a :class:`Plane` that becomes it when ``mask`` is read.
        alpha: The same size, float32 0..1, or a :class:`Plane`, which becomes an array when
            ``alpha`` is read. None: the mask itself, as 0 and 1.
        legend: Background and the thing, when the thing has a name.

    >>> Foreground(np.eye(2, dtype=bool)).alpha.tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """

    task = Task.FOREGROUND
    plane: NDArray[np.float32] | Plane | None
    legend: Legend | None
    space: Space
    provenance: Provenance

    def __init__(
        self,
        mask: NDArray[np.bool_] | Plane,
        alpha: NDArray[np.float32] | Plane | None = None,
        *,
        legend: Legend | None = None,
        space: Space | None = None,
        provenance: Provenance | None = None,
    ) -> None:
        if isinstance(mask, np.ndarray) or not hasattr(mask, "shape"):
            mask = _frozen(mask, np.bool_, (2, 3))
        if alpha is not None and tuple(alpha.shape) != mask.shape:
            raise InputError(f"alpha {alpha.shape} and mask {mask.shape} differ in size")
        if isinstance(alpha, np.ndarray):
            alpha = _frozen(alpha, np.float32, (2, 3))
        object.__setattr__(self, "_mask", mask)
        object.__setattr__(self, "size", mask.shape)
        object.__setattr__(self, "plane", alpha)
        object.__setattr__(self, "legend", legend)
        object.__setattr__(self, "space", _space(space, len(mask.shape)))
        object.__setattr__(self, "provenance", provenance or Provenance())

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Where the thing is, bool of the picture's size."""
        mask: NDArray[np.bool_] | Plane = self.__dict__["_mask"]
        if not isinstance(mask, np.ndarray):
            mask = _frozen(mask, np.bool_, (2, 3))
            object.__setattr__(self, "_mask", mask)
        return mask

    @property
    def alpha(self) -> NDArray[np.float32]:
        """Soft mask at the picture's size, float32 0..1."""
        return np.asarray(self.mask if self.plane is None else self.plane, dtype=np.float32)

    @property
    def area(self) -> int:
        """Pixels of the foreground."""
        return int(np.count_nonzero(self.mask))

    @property
    def is_empty(self) -> bool:
        """Whether no pixel is foreground."""
        return not self.mask.any()

    def __array__(
        self,
        dtype: np.dtype[Any] | None = None,
        copy: bool | None = None,  # noqa: FBT001
    ) -> NDArray[Any]:
        return np.array(self.mask, dtype=dtype, copy=copy)


@dataclass(frozen=True, eq=False, repr=False)
class Semantic(Result):
    """A class for every pixel.

    Args:
        labels: (H, W) or (D, H, W) int32, ids of the legend or ``legend.void``.
        legend: What the ids mean.
        scores: (C, H, W) float32 0..1 by class in the legend's order, as an array or a
            :class:`Plane`; None when the method gives none.

    Raises:
        InputError: A label is neither in the legend nor void, or sizes differ.

    >>> scene = Semantic(np.int32([[0, 0, 1, 255]]), Legend.of(["sky", "road"]))
    >>> scene.present, scene.mask_of("road").tolist()
    ((0, 1), [[False, False, True, False]])
    """

    task = Task.SEMANTIC
    labels: NDArray[np.int32]
    legend: Legend
    scores: NDArray[np.float32] | Plane | None = None
    space: Space = field(default_factory=Space)
    provenance: Provenance = field(default_factory=Provenance)

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", _frozen(self.labels, np.int32, (2, 3)))
        self._settle(self.labels)

    def _settle(self, ids: NDArray[np.int32]) -> None:
        """Check ``ids`` and the scores, and set what follows from the labels."""
        _check_known(ids, self.legend)
        shape = self.labels.shape
        if self.scores is not None and tuple(self.scores.shape) != (len(self.legend), *shape):
            expected = (len(self.legend), *shape)
            raise InputError(f"scores must have shape {expected}, not {self.scores.shape}")
        object.__setattr__(self, "size", shape)
        object.__setattr__(self, "space", _space(self.space, len(shape)))

    @classmethod
    def of_ids(
        cls,
        labels: NDArray[np.int32],
        ids: NDArray[np.int32],
        legend: Legend,
        scores: NDArray[np.float32] | Plane | None = None,
    ) -> "Semantic":
        """Return the classes of a decoder that wrote nothing but ``ids``: only they are looked up.

        Args:
            labels: (H, W) int32, which holds no other values than ``ids``.
            ids: (N,) int32.
            legend: What they mean.
            scores: As of every semantic result.

        Raises:
            InputError: An id is neither in the legend nor void, or sizes differ.

        >>> road = Legend.of(["sky", "road"])
        >>> Semantic.of_ids(np.int32([[1, 1]]), np.int32([0, 1]), road).present
        (1,)
        """
        made = object.__new__(cls)
        facts = {"legend": legend, "scores": scores, "space": Space(), "provenance": Provenance()}
        made.__dict__.update(facts, labels=_frozen(labels, np.int32, (2, 3)))
        made._settle(ids)
        return made

    @property
    def is_empty(self) -> bool:
        """Whether every pixel is void."""
        return bool((self.labels == self.legend.void).all())

    @property
    def present(self) -> tuple[int, ...]:
        """Ids of the classes that occur, ascending."""
        seen = np.bincount(self.labels.reshape(-1))
        seen[self.legend.void : self.legend.void + 1] = 0
        return tuple(int(label) for label in np.flatnonzero(seen))

    def mask_of(self, name: str) -> NDArray[np.bool_]:
        """Return where the class called ``name`` is, bool of the picture's size."""
        return np.equal(self.labels, self.legend.id_of(name))

    def __array__(
        self,
        dtype: np.dtype[Any] | None = None,
        copy: bool | None = None,  # noqa: FBT001
    ) -> NDArray[Any]:
        return np.array(self.labels, dtype=dtype, copy=copy)


@dataclass(frozen=True, eq=False, repr=False)
class Instances(Result):
    """Things, each with its own mask; masks may overlap and have holes and several pieces.

    Args:
        segments: One row a thing.
        crops: Its mask in its box, in the order of the rows.
        size: (height, width) or (depth, height, width) of the picture.
        legend: What the class ids mean.

    Raises:
        InputError: Rows and masks differ in number, or a mask leaves the picture.

    >>> masks = np.array([[[True, True, False]], [[False, True, True]]])
    >>> pets = Legend.of(["cat", "dog"], things=["cat", "dog"])
    >>> both = Instances.of(masks, np.int32([0, 1]), pets)
    >>> [pets.name(int(row)) for row in both.segments.class_id], both.segments.area.tolist()
    (['cat', 'dog'], [2, 2])
    """

    task = Task.INSTANCE
    segments: Segments
    crops: tuple[Crop, ...]
    size: tuple[int, ...]
    legend: Legend
    space: Space = field(default_factory=Space)
    provenance: Provenance = field(default_factory=Provenance)

    def __post_init__(self) -> None:
        object.__setattr__(self, "crops", tuple(self.crops))
        object.__setattr__(self, "size", tuple(int(side) for side in self.size))
        if len(self.segments) != len(self.crops):
            raise InputError(f"{len(self.segments)} segments but {len(self.crops)} masks")
        for crop in self.crops:
            if any(
                part.start < 0 or part.stop > side
                for part, side in zip(crop.window, self.size, strict=True)
            ):
                raise InputError(f"a mask at {crop.box} leaves the picture {self.size}")
        _check_classes(self.segments, self.legend)
        object.__setattr__(self, "space", _space(self.space, len(self.size)))

    @classmethod
    def of(
        cls,
        masks: NDArray[np.bool_],
        class_id: NDArray[np.int32],
        legend: Legend,
        *,
        score: NDArray[np.float32] | None = None,
        space: Space | None = None,
    ) -> "Instances":
        """Return instances from full masks (N, H, W) bool; boxes and areas are measured."""
        crops = tuple(Crop.of(mask) for mask in masks)
        boxes = np.array([crop.box for crop in crops], np.float32).reshape(-1, 4)
        areas = [crop.area for crop in crops]
        table = Segments.of(class_id, score=score, box=boxes, area=areas)
        return cls(table, crops, masks.shape[1:], legend, _space(space, masks.ndim - 1))

    @property
    def masks(self) -> FullMasks:
        """Masks of the picture's size, bool, in the order of ``segments``."""
        return FullMasks(self.crops, self.size)

    @property
    def is_empty(self) -> bool:
        """Whether there is no thing."""
        return not self.crops

    def __len__(self) -> int:
        return len(self.crops)

    def __getitem__(self, rows: NDArray[Any] | slice | int) -> "Instances":
        """Return the things that a boolean or index array or a slice selects, in its order."""
        index = np.atleast_1d(np.arange(len(self))[rows])
        chosen = tuple(self.crops[row] for row in index)
        table = self.segments[index]
        return Instances(table, chosen, self.size, self.legend, self.space, self.provenance)

    def __array__(
        self,
        dtype: np.dtype[Any] | None = None,
        copy: bool | None = None,  # noqa: FBT001
    ) -> NDArray[Any]:
        return np.asarray(self.masks, dtype=dtype)


@dataclass(frozen=True, eq=False, repr=False)
class Panoptic(Result):
    """Every pixel belongs to one segment: a thing, or the stuff of one class.

    Args:
        labels: (H, W) or (D, H, W) int32 segment ids; 0 is void.
        segments: One row an id that occurs.
        legend: What the class ids mean.

    Raises:
        InputError: A label has no row.

    >>> rows = Segments.of([0, 1], id=[1, 2])
    >>> scene = Legend.of(["sky", "car"], things=["car"])
    >>> Panoptic(np.int32([[1, 1, 2, 0]]), rows, scene).is_empty
    False
    """

    task = Task.PANOPTIC
    labels: NDArray[np.int32]
    segments: Segments
    legend: Legend
    space: Space = field(default_factory=Space)
    provenance: Provenance = field(default_factory=Provenance)

    def __post_init__(self) -> None:
        labels = _frozen(self.labels, np.int32, (2, 3))
        unknown = np.setdiff1d(_labels_in(labels), np.append(self.segments.id, 0))
        if unknown.size:
            raise InputError(f"labels {unknown[:5].tolist()} have no row in the segments")
        _check_classes(self.segments, self.legend)
        object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "size", labels.shape)
        object.__setattr__(self, "space", _space(self.space, labels.ndim))

    @property
    def is_empty(self) -> bool:
        """Whether every pixel is void."""
        return not self.labels.any()

    def __array__(
        self,
        dtype: np.dtype[Any] | None = None,
        copy: bool | None = None,  # noqa: FBT001
    ) -> NDArray[Any]:
        return np.array(self.labels, dtype=dtype, copy=copy)


@dataclass(frozen=True, eq=False, repr=False)
class Regions(Result):
    """A partition without names.

    Args:
        labels: (H, W) or (D, H, W) int32; 0 is void, 1.. are regions.

    Raises:
        InputError: A label is below 0.

    >>> Regions(np.int32([[0, 1, 1, 7]])).count
    2
    """

    task = Task.REGIONS
    labels: NDArray[np.int32]
    space: Space = field(default_factory=Space)
    provenance: Provenance = field(default_factory=Provenance)

    def __post_init__(self) -> None:
        labels = _frozen(self.labels, np.int32, (2, 3))
        if labels.size and labels.min() < 0:
            raise InputError("region labels are 0 or more")
        object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "size", labels.shape)
        object.__setattr__(self, "space", _space(self.space, labels.ndim))

    @property
    def count(self) -> int:
        """Number of regions that occur, void not counted."""
        return int(np.count_nonzero(_labels_in(self.labels)))

    @property
    def is_empty(self) -> bool:
        """Whether every pixel is void."""
        return not self.labels.any()

    def __array__(
        self,
        dtype: np.dtype[Any] | None = None,
        copy: bool | None = None,  # noqa: FBT001
    ) -> NDArray[Any]:
        return np.array(self.labels, dtype=dtype, copy=copy)


def _frozen(values: object, dtype: type[np.generic], axes: tuple[int, ...]) -> NDArray[Any]:
    array = np.asarray(values)
    if array.ndim not in axes:
        raise InputError(f"expected {' or '.join(map(str, axes))} axes, not {array.shape}")
    if array.dtype.kind == "f" and np.dtype(dtype).kind in "ib":
        raise InputError(f"expected {np.dtype(dtype)}, not {array.dtype}", reason="dtype")
    view = array.astype(dtype, copy=False).view()
    view.flags.writeable = False
    return view


def _space(space: Space | None, axes: int) -> Space:
    if space is None or (len(space.spacing) != axes and space == Space()):
        return _PLAIN[axes]
    if len(space.spacing) != axes:
        raise InputError(f"spacing {space.spacing} does not fit a result with {axes} axes")
    return space


_PLAIN = {axes: Space((1.0,) * axes) for axes in (2, 3)}
"""Made once: results are made for every frame."""


def _labels_in(labels: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the labels that occur; a histogram where they are small, which is far faster."""
    if labels.size and labels.min() >= 0 and labels.max() <= 4 * labels.size + 65536:
        return np.flatnonzero(np.bincount(labels.reshape(-1)))
    flat = labels.reshape(-1)
    if flat.size == 0:
        return np.zeros(0, np.int64)
    starts = np.flatnonzero(flat[1:] != flat[:-1]) + 1  # large ids: sort runs, not pixels
    return np.unique(np.append(flat[starts], flat[0])).astype(np.int64)


def _check_known(labels: NDArray[np.int32], legend: Legend) -> None:
    ids = legend.ids
    gapless = labels.size and np.array_equal(ids, np.arange(ids.size))
    if gapless and labels.view(np.uint32).max() < ids.size:  # below 0 is beyond 2**31
        return  # no gaps and no void: the greatest says it all, far sooner than a count
    unknown = np.setdiff1d(_labels_in(labels), np.append(legend.ids, legend.void))
    if unknown.size:
        raise InputError(f"labels {unknown[:5].tolist()} are not in the legend {legend.title!r}")


def _check_classes(segments: Segments, legend: Legend) -> None:
    unknown = set(segments.class_id.tolist()) - {row.id for row in legend}
    if unknown:
        some = sorted(unknown)[:5]
        raise InputError(f"classes {some} are not in the legend {legend.title!r}")
