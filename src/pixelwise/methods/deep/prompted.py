"""Asks networks of the SAM kind: points and boxes in, several candidate masks with scores out.

The picture is embedded once and kept until another one comes, so that the next question costs
only the small decoder. Mask logits go to the input's size, lose the padding, and go to the
picture's size; the sign there decides, as in SAM's own code.

Source:
    Kirillov et al., "Segment Anything", ICCV 2023.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import (
    Foreground,
    Image,
    Instances,
    Legend,
    Prompts,
    Provenance,
    check_ranges,
    setting,
)
from pixelwise.errors import InputError
from pixelwise.methods.deep.things import Candidate, instances_of
from pixelwise.ops.axes import centres
from pixelwise.ops.colour import rgb8
from pixelwise.ops.overlap import unsuppressed
from pixelwise.ops.paste import grow_inside
from pixelwise.ops.resize import shrink_to_letterbox

__all__ = ["Everything", "Promptable", "Prompted"]

F32 = NDArray[np.float32]

OBJECT = Legend.of(["background", "object"], things=["object"])

MEAN = np.array([123.675, 116.28, 103.53], np.float32)
STD = np.array([58.395, 57.12, 57.375], np.float32)

MOST = 1000


class Promptable(Protocol):
    """A network that embeds a picture and is then asked."""

    side: int
    device: str

    def embed(self, pixels: F32, /) -> object:
        """Return what is kept of a picture (1, 3, side, side), normalised."""

    def ask(
        self, embedding: object, points: F32, labels: NDArray[np.int32], box: F32 | None, /
    ) -> tuple[F32, F32]:
        """Return mask logits (K, h, w) and their scores (K,)."""


@dataclass(frozen=True, kw_only=True)
class Everything:
    """How :meth:`Prompted.everything` looks for things nobody pointed at."""

    grid: int = setting(16, "Points on each side of the grid.", low=1, high=128)
    min_score: float = setting(0.88, "Least score that the network gives a mask.", low=0, high=1)
    min_stability: float = setting(
        0.95, "Least overlap of the masks at a level one below and one above.", low=0, high=1
    )
    overlap: float = setting(0.7, "Boxes that overlap more than this IoU are one.", low=0, high=1)

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True, slots=True)
class _Held:
    """What is kept of one picture."""

    pixels: NDArray[Any]
    size: tuple[int, int]
    inner: tuple[int, int]
    embedding: object


@dataclass(frozen=True, kw_only=True, eq=False)
class Prompted:
    """A segmenter that is told what to segment.

    Args:
        network: The network.
        prompts: What the user points at; what belongs to one object is asked together.
        name: For the provenance.
    """

    network: Promptable
    prompts: Prompts = field(default_factory=Prompts)
    name: str = "sam"
    _kept: list[_Held] = field(default_factory=list, init=False, repr=False)

    def __call__(self, image: Image) -> Foreground:
        """Return all objects that were pointed at, each by its best candidate.

        Raises:
            InputError: Nothing was pointed at, or a volume was given.
        """
        mask = np.zeros((image.height, image.width), bool)
        for number in _objects(self.prompts):
            best = self.candidates(image, number)[:1]
            for crop in best.crops:
                mask[crop.window] |= crop.mask
        made = Provenance(method="prompted", model=self.name, device=self.network.device)
        return Foreground(mask, legend=OBJECT, space=image.space, provenance=made)

    def candidates(self, image: Image, number: int = 1) -> Instances:
        """Return the candidate masks of one object, the best first."""
        if self.prompts.is_empty:
            raise InputError("point at something first: --point x,y or --box x0,y0,x1,y1")
        held = self._held(image)
        points, labels, box = _asked(self.prompts, number)
        return instances_of([*self._found(held, points, labels, box)], held.size, OBJECT)

    def everything(self, image: Image, rules: Everything | None = None) -> Instances:
        """Return the things that a grid of points finds: sure, stable, and one of each."""
        rules, held = rules or Everything(), self._held(image)
        found: list[Candidate] = []
        one = np.ones(1, np.int32)
        for point in _grid(held.size, rules.grid):
            found += [
                made
                for made in self._found(held, point[np.newaxis], one, None, rules.min_stability)
                if made.score >= rules.min_score and made.mask.size
            ]
        boxes = np.array([_box(made) for made in found], np.float32).reshape(-1, 4)
        scores = np.array([made.score for made in found], np.float32)
        groups = np.zeros(len(found), np.int64)
        kept = unsuppressed(boxes, scores, groups, rules.overlap, most=MOST)
        return instances_of([found[row] for row in kept], held.size, OBJECT)

    def _held(self, image: Image) -> _Held:
        """Return what is kept of this picture; another one takes its place."""
        if image.is_volume:
            raise InputError("this network takes pictures, not volumes", reason="volume")
        if self._kept and self._kept[0].pixels is image.pixels:
            return self._kept[0]
        side, size = self.network.side, (image.height, image.width)
        laid, window = shrink_to_letterbox(rgb8(image.pixels), (side, side))
        inner = (round(window.bottom * side), round(window.right * side))
        made = np.zeros((1, 3, side, side), np.float32)
        part = (laid[: inner[0], : inner[1]].astype(np.float32) - MEAN) / STD
        made[0, :, : inner[0], : inner[1]] = np.moveaxis(part, -1, 0)
        held = _Held(image.pixels, size, inner, self.network.embed(made))
        self._kept[:] = [held]
        return held

    def _found(
        self,
        held: _Held,
        points: F32,
        labels: NDArray[np.int32],
        box: F32 | None,
        stability: float = 0.0,
    ) -> Iterator[Candidate]:
        """Yield the candidates for points and a box in pixels of the picture."""
        factor = np.array(held.inner[::-1], np.float32) / np.array(held.size[::-1], np.float32)
        scaled = None if box is None else (box * np.tile(factor, 2)).astype(np.float32)
        masks, scores = self.network.ask(
            held.embedding, np.multiply(points, factor), labels, scaled
        )
        side, (height, width) = self.network.side, held.inner
        rows, columns = centres(height, held.size[0]), centres(width, held.size[1])
        for logits, score in zip(masks, scores, strict=True):
            grown = cv2.resize(logits, (side, side), interpolation=cv2.INTER_LINEAR)
            inside = np.asarray(grown, np.float32)[:height, :width]
            if _stability(inside) < stability:
                continue
            place, mask = grow_inside(inside, 0.0, rows, columns)
            yield Candidate(1, float(score), place, mask)


def _objects(prompts: Prompts) -> range:
    """Return the numbers of the objects that are pointed at."""
    labels = np.asarray(prompts.labels)
    return range(1, max([1, *labels.tolist(), len(np.asarray(prompts.boxes))]) + 1)


def _asked(prompts: Prompts, number: int) -> tuple[F32, NDArray[np.int32], F32 | None]:
    """Return points, 1 or 0 for each, and the box that speak of one object."""
    points, labels = np.asarray(prompts.points, np.float32), np.asarray(prompts.labels)
    boxes = np.asarray(prompts.boxes, np.float32)
    mine = (labels == number) | (labels == 0)
    box = boxes[number - 1] if number <= len(boxes) else None
    return points[mine], (labels[mine] == number).astype(np.int32), box


def _grid(size: tuple[int, int], count: int) -> F32:
    """Return ``count`` x ``count`` points x y spread over a picture."""
    steps = (np.arange(count) + 0.5) / count
    x, y = np.meshgrid(steps * size[1], steps * size[0])
    return np.stack([x.reshape(-1), y.reshape(-1)], axis=1).astype(np.float32)


def _stability(logits: F32) -> float:
    """Return the overlap of the masks at one above and one below the decision."""
    wide = int(np.count_nonzero(logits > -1))
    return int(np.count_nonzero(logits > 1)) / wide if wide else 0.0


def _box(made: Candidate) -> tuple[int, int, int, int]:
    (y, x), (height, width) = made.origin, made.mask.shape
    return (x, y, x + width, y + height)
