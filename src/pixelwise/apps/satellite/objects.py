"""Object-based classification: segments, what they look like, and a forest that learnt it."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from pixelwise.apps.satellite.bands import Bands
from pixelwise.apps.satellite.mapping import Labeller, Layer, Part
from pixelwise.apps.satellite.rules import named_classes
from pixelwise.apps.satellite.sampling import sample
from pixelwise.apps.satellite.segmenting import Cut, segments_of
from pixelwise.apps.satellite.training import Lesson
from pixelwise.core import Legend, build, check_ranges, setting
from pixelwise.errors import InputError
from pixelwise.ops.spectral import INDICES, index_of
from pixelwise.ops.windows import Window, tiles

__all__ = ["ObjectSettings", "Objects", "fit_objects"]

Values = NDArray[np.float32]
BLOCK, MARGIN = 512, 32
"""Segments are made in windows of this side on a lattice of the raster, and see a margin more."""
DARK = np.float32(1e-3)
SHOWN = (("red", "green", "blue"), ("nir", "red", "green"))
ENDS = (2, 98)


@dataclass(frozen=True, kw_only=True)
class ObjectSettings:
    """Settings of the method ``objects``."""

    segments: Cut = setting(Cut.SLIC, f"How segments are made: {', '.join(Cut)}.")
    segment_size: int = setting(100, "Pixels of a segment, on average.", low=4, high=10_000)
    trees: int = setting(100, "Trees of the forest.", low=1, high=5000)
    least: int = setting(5, "Segments in a leaf, at least.", low=1, high=1000)
    seed: int = setting(0, "Chooses the trees.", low=0)

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True, eq=False)
class Objects(Labeller):
    """Classes of segments by a random forest.

    A segment is told by the mean and the spread of its bands' shares of the brightness, of all
    indices that the bands allow, and of its texture. Brightness itself, which differs from scene
    to scene, does not count.

    Source:
        T. Blaschke, "Object based image analysis for remote sensing", ISPRS Journal 65, 2010;
        L. Breiman, "Random Forests", Machine Learning 45, 2001.

    Args:
        legend: What it learnt.
        bands: What it looks at.
        settings: How.
        ends: (2, 3) reflectances that are black and white where segments are made.
        forest: What was learnt; None while it learns.
        lesson: Hash of what it learnt from.
    """

    legend: Legend
    bands: tuple[str, ...]
    settings: ObjectSettings
    ends: Values
    forest: Any = None
    lesson: str = ""
    name: str = "objects"

    @property
    def facts(self) -> object:
        """Settings and lesson."""
        return [asdict(self.settings), self.lesson, self.bands, self.ends.tolist()]

    @property
    def grain(self) -> int:
        """Whole blocks, in which segments are made."""
        return BLOCK

    def seen(self, core: Window, size: tuple[int, int]) -> Window:
        """Return the tile and a margin, so that segments at its border are whole."""
        return core.grown(MARGIN, size)

    def __call__(self, part: Part) -> NDArray[np.integer[Any]]:
        """Return the class of each pixel's segment."""
        labels = np.empty((part.core.height, part.core.width), np.int32)
        for block, inside, segments, features in self.blocks(part):
            kinds = self.forest.predict(features)
            labels[block.within(part.core)] = kinds[segments[inside]]
        return labels

    def blocks(
        self, part: Part
    ) -> Iterator[tuple[Window, tuple[slice, slice], NDArray[np.int64], Values]]:
        """Yield the blocks of the core: window, its place in the segments, segments, features."""
        for block in tiles((part.core.height, part.core.width), (BLOCK, BLOCK)):
            own = block._replace(top=block.top + part.core.top, left=block.left + part.core.left)
            seen = own.grown(MARGIN, part.size)
            values = part.values[seen.within(part.window)]
            segments = self._segments(values)
            yield own, own.within(seen), segments, self._features(values, segments)

    def _segments(self, values: Values) -> NDArray[np.int64]:
        """Return segments 1.. of bands (h, w, C)."""
        shown = next(names for names in (*SHOWN, self.bands[:1]) if set(names) <= set(self.bands))
        colours = values[..., [self.bands.index(name) for name in shown]]
        low, high = self.ends
        levels = np.clip((colours - low) / (high - low) * 255, 0, 255).astype(np.uint8)
        made = segments_of(levels, self.settings.segments, self.settings.segment_size)
        return made.astype(np.int64)

    def _features(self, values: Values, segments: NDArray[np.int64]) -> Values:
        """Return what each segment looks like, (segments, features)."""
        ids, length = segments.reshape(-1), int(segments.max()) + 1
        count = np.maximum(np.bincount(ids, minlength=length), 1)
        columns = []
        for plane in self._planes(values):
            flat = plane.reshape(-1)
            mean = np.bincount(ids, flat, minlength=length) / count
            square = np.bincount(ids, flat * flat, minlength=length) / count
            columns += [mean, np.sqrt(np.maximum(square - mean * mean, 0))]
        return np.stack(columns, axis=1).astype(np.float32)

    def _planes(self, values: Values) -> Iterator[Values]:
        total = values.sum(axis=2) + DARK
        known = {band: values[..., n] for n, band in enumerate(self.bands)}
        for plane in known.values():
            yield plane / total
        for name, index in INDICES.items():
            if set(index.bands) <= set(self.bands):
                yield np.clip(np.nan_to_num(index_of(name, known)), -2, 2)
        grey = total / values.shape[2]
        for side in (5, 15):
            spread = uniform_filter(grey * grey, side) - uniform_filter(grey, side) ** 2
            yield np.sqrt(np.maximum(spread, 0)) / (grey + np.float32(0.02))


def fit_objects(
    lessons: tuple[Lesson, ...],
    bands: Bands,
    names: tuple[str, ...],
    settings: Mapping[str, object],
) -> Objects:
    """Return the classifier that learnt from labelled places.

    A segment teaches when most of it is labelled, the class that most of its labels have.

    Args:
        lessons: Rasters with labels.
        bands: Of the raster that is mapped.
        names: New names of the classes, in their order; empty: as they are called.
        settings: Those of :class:`ObjectSettings`.

    Raises:
        InputError: There are not two classes to learn.
    """
    from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415 - slow, and only to learn

    asked = build(ObjectSettings, settings)
    titles = tuple(dict.fromkeys(name for lesson in lessons for name in lesson.names))
    if len(titles) < 2:
        raise InputError(f"objects needs two classes to learn or more, not {', '.join(titles)}")
    if names and len(names) != len(titles):
        raise InputError(f"--classes names {len(names)} classes, the labels have {titles}")
    ends = _ends(lessons[0].layer, bands.names)
    pupil = Objects(named_classes(names or titles), bands.names, asked, ends)
    features, kinds, weights = [], [], []
    for lesson in lessons:
        rename = np.array([titles.index(name) for name in lesson.names])
        for found, labels, inside in _seen(pupil, lesson):
            votes = np.zeros((len(found), len(titles)))
            rows, kept = inside[labels >= 0], labels[labels >= 0]
            np.add.at(votes, (rows, rename[kept]), 1)
            size = np.bincount(inside, minlength=len(found))
            told = votes.sum(axis=1) * 2 > size
            features.append(found[told])
            kinds.append(votes[told].argmax(axis=1))
            weights.append(votes[told].sum(axis=1))
    table, answers, mass = (np.concatenate(parts) for parts in (features, kinds, weights))
    forest = RandomForestClassifier(
        asked.trees, min_samples_leaf=asked.least, random_state=asked.seed
    ).fit(table, answers, mass)
    digest = sha256(table.tobytes() + answers.tobytes()).hexdigest()
    return Objects(pupil.legend, pupil.bands, asked, ends, forest, digest)


def _seen(
    pupil: Objects, lesson: Lesson
) -> Iterator[tuple[Values, NDArray[np.int32], NDArray[np.int64]]]:
    """Yield features, labels and segments of every block that is labelled."""
    raster = lesson.layer.raster
    for core in tiles(raster.size, (BLOCK, BLOCK)):
        labels = lesson.labels(core)
        if (labels < 0).all():
            continue
        window = core.grown(MARGIN, raster.size)
        values, valid = lesson.layer.bands.read(raster, window, pupil.bands)
        for _, inside, segments, features in pupil.blocks(
            Part(values, valid, window, core, raster.size)
        ):
            kept = np.where(valid[inside], labels, -1).reshape(-1)
            yield features, kept, segments[inside].reshape(-1)


def _ends(layer: Layer, names: tuple[str, ...]) -> Values:
    """Return what is black and white where segments are made: all of 8 bits, else percentiles."""
    shown = next((some for some in SHOWN if set(some) <= set(names)), names[:1])
    if layer.raster.dtype == np.uint8:
        return np.array([[0.0] * len(shown), [1.0] * len(shown)], np.float32)
    low, high = np.percentile(sample(layer, shown), ENDS, axis=0)
    return np.array([low, np.maximum(high, low + 1e-6)], np.float32)
