"""Runs every method and network on one picture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from time import perf_counter

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.compare.comparison import Comparison, Entry, Strip, Variant
from pixelwise.apps.compare.guide import method_text
from pixelwise.catalog import Access, find
from pixelwise.catalog.choosing import best_with
from pixelwise.core import Image, Method, Prompts, Result, Segmenter, Task
from pixelwise.errors import InputError, PixelwiseError, UnknownName
from pixelwise.evaluation.contingency import Contingency
from pixelwise.evaluation.regions import adjusted_rand, score_regions
from pixelwise.methods import FAMILIES, METHODS
from pixelwise.pipeline import in_parallel

__all__ = ["compare"]

WORK_SIDE = 640
STRIP_SIDE = 160
QUICK_S = 2.0
HERE = Access(offline=True)
TASKS = (Task.FOREGROUND, Task.SEMANTIC, Task.INSTANCE, Task.PANOPTIC)


def compare(
    image: Image,
    methods: Sequence[str] = (),
    truth: NDArray[np.int32] | None = None,
    *,
    tasks: Sequence[Task] = TASKS,
    access: Access = HERE,
    done: Callable[[str], None] = lambda _: None,
) -> Comparison:
    """Run the methods, and the best ready network of each task, on one picture.

    Args:
        image: The picture; larger than 640 pixels it is worked on smaller, and a note says so.
        methods: Names of methods; empty: all.
        truth: (H, W) labels of the picture; then entries carry scores.
        tasks: Tasks whose best ready network runs, too.
        access: How its files may be got; nothing is fetched if left out.
        done: Called with the name of each that is finished.

    Raises:
        InputError: A volume, or a truth of another size.
        UnknownName: A method does not exist.
    """
    if image.is_volume:
        raise InputError("compare works on pictures, not on volumes", reason="volume")
    if truth is not None and truth.shape != image.size:
        raise InputError(f"the truth has size {truth.shape}, the picture {image.size}")
    for name in methods:
        if name not in METHODS:
            raise UnknownName.among("method", name, METHODS)
    small, notes = _shrunk(image, WORK_SIDE)
    thumbnail, _ = _shrunk(image, STRIP_SIDE)
    bench = _Bench(small, thumbnail, _shrunk_labels(truth, small), access, done)
    jobs: list[Callable[[], Entry]] = [
        lambda name=name, family=family: bench.method(name, family)  # type: ignore[misc]
        for family, names in FAMILIES.items()
        for name in names
        if not methods or name in methods
    ]
    jobs += [lambda task=task: bench.network(task) for task in tasks]  # type: ignore[misc]
    entries = tuple(in_parallel(lambda job: job(), jobs))
    return Comparison(small, entries, *_agreement(entries), notes)


@dataclass(frozen=True)
class _Bench:
    image: Image
    thumbnail: Image
    truth: NDArray[np.int32] | None
    access: Access
    done: Callable[[str], None]

    def method(self, name: str, family: str) -> Entry:
        """Run one classical method and its strip."""
        text = method_text(name)
        entry = Entry(name, family, text.how, text.fails)
        entry = self._run(entry, lambda: _prompted(name, {}, self.image.size))
        strip = Strip(text.main, tuple(self._variant(name, text.main, v) for v in text.values))
        self.done(name)
        return replace(entry, strip=strip if strip.variants else None)

    def network(self, task: Task) -> Entry:
        """Run the best ready network of a task."""
        entry = self._run(Entry(str(task), "deep"), lambda: best_with(task, self.access))
        self.done(str(task))
        return entry

    def _run(self, entry: Entry, make: Callable[[], Segmenter]) -> Entry:
        start = perf_counter()
        try:
            segmenter = make()
            start = perf_counter()
            result = segmenter(self.image)
            if perf_counter() - start < QUICK_S:  # a first call may compile; time one that does not
                start = perf_counter()
                result = segmenter(self.image)
        except PixelwiseError as error:
            return replace(entry, reason=str(error), seconds=perf_counter() - start)
        spent = perf_counter() - start
        return replace(
            entry,
            result=result,
            seconds=spent,
            settings=_settings(segmenter, result),
            scores=self._scores(result),
        )

    def _variant(self, name: str, main: str, value: object) -> Variant:
        try:
            segmenter = _prompted(name, {main: value}, self.thumbnail.size)
            labels = np.asarray(segmenter(self.thumbnail)).astype(np.int32)
        except PixelwiseError:
            return Variant(str(value), None)
        return Variant(str(value), labels)

    def _scores(self, result: Result) -> tuple[tuple[str, float], ...]:
        if self.truth is None:
            return ()
        labels = np.asarray(result).astype(np.int32)
        if labels.ndim != 2:
            return ()
        row = score_regions([self.truth + 1], labels + 1)
        scores = [("covering", row.covering), ("ari", row.ari), ("vi", row.vi)]
        if result.task is Task.FOREGROUND and set(np.unique(self.truth)) <= {0, 1}:
            inside = np.count_nonzero((labels > 0) & (self.truth > 0))
            either = np.count_nonzero((labels > 0) | (self.truth > 0))
            scores.append(("iou", inside / either if either else 1.0))
        return tuple(scores)


def _prompted(name: str, settings: dict[str, object], size: tuple[int, ...]) -> Segmenter:
    """Return the method; those that want to be pointed at get the middle of the picture.

    Object: an ellipse of points half way out; background: near the corners.
    """
    if any(item.name == "prompts" for item in fields(METHODS[name])):
        settings = {**settings, "prompts": _middle(name, size)}
    return find(name, **settings)


def _middle(name: str, size: tuple[int, ...]) -> Prompts | None:
    height, width = size
    if name == "live-wire":
        angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
        ring = np.stack([np.cos(angles) * width * 0.35, np.sin(angles) * height * 0.35], axis=1)
        return Prompts(points=ring + np.array([width / 2, height / 2]))
    if name in ("region-growing", "random-walker"):
        corners = [(x * (width - 1), y * (height - 1)) for x in (0.03, 0.97) for y in (0.03, 0.97)]
        if name == "region-growing":
            return Prompts(points=[(width // 2, height // 2)])
        return Prompts(points=[(width / 2, height / 2), *corners], labels=[1, 0, 0, 0, 0])
    return None


def _agreement(entries: Sequence[Entry]) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    maps = {
        entry.name: labels[::2, ::2]
        for entry in entries
        if (labels := entry.labels) is not None and labels.ndim == 2
    }
    names = tuple(maps)
    matrix = np.eye(len(names))
    for row, first in enumerate(names):
        for column in range(row):
            table = Contingency.of(maps[first], maps[names[column]])
            matrix[row, column] = matrix[column, row] = adjusted_rand(table)
    return matrix, names


def _settings(segmenter: Segmenter, result: Result) -> str:
    """Return what a method was set to; of a network its name and runtime."""
    made = result.provenance
    if not isinstance(segmenter, Method):
        return ", ".join(filter(None, (made.model, made.runtime)))
    return ", ".join(
        f"{name}={value}"
        for name, value in made.settings.items()
        if name not in {"prompts", "channel"} and value is not None
    )


def _shrunk(image: Image, side: int) -> tuple[Image, tuple[str, ...]]:
    scale = side / max(image.size)
    if scale >= 1:
        return image, ()
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    pixels = cv2.resize(image.pixels, size, interpolation=cv2.INTER_AREA)
    note = f"worked on at {size[0]} x {size[1]}; the picture has {image.width} x {image.height}"
    return image.with_pixels(pixels), (note,)


def _shrunk_labels(labels: NDArray[np.int32] | None, image: Image) -> NDArray[np.int32] | None:
    if labels is None or labels.shape == image.size:
        return labels
    size = (image.width, image.height)
    return cv2.resize(labels.astype(np.int32), size, interpolation=cv2.INTER_NEAREST)
