"""Region growing: from seeds outwards, as long as pixels are alike."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pixelwise.core import Foreground, Image, Method, Prompts, Regions, Task, setting
from pixelwise.methods.regions.seeds import CENTRE, SeedLike, seeds_of
from pixelwise.ops.colour import grey, lab, levels
from pixelwise.ops.components import components

__all__ = ["Homogeneity", "RegionGrowing", "grow", "texture"]

ROUNDS = 4
"""Times that an adaptive region is measured anew; ITK's confidence-connected filter takes 4."""

MOST_FLOODS = 64
"""Seeds up to which single floods are faster than labelling all parts."""


class Homogeneity(StrEnum):
    """What must be alike within a region."""

    GREY = "grey"
    """The level, 0..255."""
    COLOUR = "colour"
    """CIELAB colour; in volumes and pictures of one channel the level."""
    TEXTURE = "texture"
    """Local mean and local standard deviation of the level."""


@dataclass(frozen=True, kw_only=True)
class RegionGrowing(Method[Foreground | Regions]):
    """A region is what hangs together with its seeds and is like them.

    A pixel is alike when its distance to the mean of the seeds is at most ``tolerance``; with
    ``deviations`` k above 0 when it lies within k standard deviations of the region grown so
    far, which is then measured anew, four times. Where two labels claim a pixel, the nearer
    mean has it. Good when one click should take one even thing; prefer ``random-walker`` where
    edges leak, ``grabcut`` for things of many colours.

    Works on pictures and volumes. Seeds labelled 0 grow too and are taken away at the end. With
    one label it returns Foreground, with more Regions by seed label.

    Source:
        R. Adams, L. Bischof, "Seeded Region Growing", PAMI 16(6), 1994; the adaptive rule is
        ITK's ConfidenceConnectedImageFilter.

    >>> picture = np.array([[10, 12, 200, 10]], np.uint8)
    >>> RegionGrowing(seeds="0,0", tolerance=20, homogeneity="grey")(Image(picture)).mask.tolist()
    [[True, True, False, False]]
    """

    name = "region-growing"
    task = Task.FOREGROUND
    takes_volumes = True

    seeds: SeedLike = setting(
        CENTRE, "Seeds as x,y;x,y or x,y=label; centre is the picture's middle."
    )
    tolerance: float = setting(
        12.0, "Greatest distance to the seeds: CIELAB units, or grey levels 0..255.", low=0
    )
    deviations: float = setting(
        0.0, "Adaptive: standard deviations around the region's own mean; 0 uses tolerance.", low=0
    )
    homogeneity: Homogeneity = setting(Homogeneity.COLOUR, "What must be alike.")
    diagonal: bool = setting(default=False, doc="Whether corners join: 8 or 26 neighbours.")
    prompts: Prompts | None = setting(None, "Points, boxes, scribbles or masks as seeds.")

    def segment(self, image: Image) -> Foreground | Regions:
        """Return what hangs together with the seeds."""
        seeds = seeds_of(image.size, self.seeds, self.prompts)
        objects = sorted({int(label) for label in seeds.labels})
        if len(objects) == 1 and objects[0] > 0 and self._is_level(image):
            return Foreground(self._level_region(image, seeds.places))
        labels = np.zeros(image.size, np.int32)
        nearest = np.full(image.size, np.inf, np.float32)
        values = features(image.pixels, Homogeneity(self.homogeneity))
        for label in objects:
            region, distance = self._region(values, seeds.places[seeds.labels == label])
            wins = region & (distance < nearest)
            labels[wins], nearest[wins] = label, distance[wins]
        if len([label for label in objects if label > 0]) == 1:
            return Foreground(labels > 0)
        return Regions(labels)

    def _is_level(self, image: Image) -> bool:
        """Return whether the criterion is a range of 8-bit levels."""
        homogeneity = Homogeneity(self.homogeneity)
        plain = homogeneity is Homogeneity.GREY or (
            homogeneity is Homogeneity.COLOUR and (image.is_volume or image.channels < 3)
        )
        return plain and self.deviations == 0 and image.pixels.dtype == np.uint8

    def _level_region(self, image: Image, places: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return the region within a range of levels, without a distance for every pixel."""
        values = grey(image.pixels)
        if values.ndim == 2 and len(places) == 1:
            return _flooded(values, places, diagonal=self.diagonal, tolerance=self.tolerance)
        mean = float(values[tuple(places.T)].mean())
        low, high = np.ceil(mean - self.tolerance), np.floor(mean + self.tolerance)
        alike = (values >= max(low, 0)) & (values <= min(high, 255))
        return grow(alike, places, diagonal=self.diagonal)

    def _region(
        self, values: NDArray[np.float32], places: NDArray[np.int64]
    ) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
        """Return the region and how far each pixel is from its mean, relative to the limit."""
        index = tuple(places.T)
        if self.deviations == 0:
            distance = _distance(values, values[index].mean(axis=0))
            region = grow(distance <= self.tolerance, places, diagonal=self.diagonal)
            return region, distance / np.float32(max(self.tolerance, 1e-6))
        region = _around(places, values.shape[:-1])
        for _ in range(ROUNDS):
            distance = _deviations(values, values[region]) / np.float32(self.deviations)
            alike = distance <= 1
            alike[index] = True
            region = grow(alike, places, diagonal=self.diagonal)
        return region, distance


def features(pixels: NDArray[Any], homogeneity: Homogeneity) -> NDArray[np.float32]:
    """Return the vectors that are compared, (..., C) float32; NaN where a pixel is not finite."""
    if homogeneity is Homogeneity.TEXTURE:
        values = texture(levels(grey(pixels)))
    elif homogeneity is Homogeneity.COLOUR and pixels.ndim == 3 and pixels.shape[-1] >= 3:
        values = lab(pixels)
    else:
        values = levels(grey(pixels))[..., np.newaxis]
    if pixels.dtype.kind == "f" and not np.isfinite(pixels).all():
        values = np.where(np.isfinite(pixels).all(axis=-1, keepdims=True), values, np.nan)
    return np.asarray(values, np.float32)


def texture(grey: NDArray[np.float32], radius: int = 3) -> NDArray[np.float32]:
    """Return local mean and local standard deviation, (..., 2), in the unit of ``grey``.

    >>> texture(np.full((2, 2), 7, np.float32)).tolist()
    [[[7.0, 0.0], [7.0, 0.0]], [[7.0, 0.0], [7.0, 0.0]]]
    """
    exact = grey.astype(np.float64)
    mean = ndimage.uniform_filter(exact, 2 * radius + 1)
    square = ndimage.uniform_filter(exact**2, 2 * radius + 1)
    deviation = np.sqrt(np.maximum(square - mean**2, 0))
    return np.stack([mean, deviation], axis=-1).astype(np.float32)


def grow(
    alike: NDArray[np.bool_], places: NDArray[np.int64], *, diagonal: bool = False
) -> NDArray[np.bool_]:
    """Return the parts of ``alike`` that contain a seed; the same as flooding from the seeds.

    Args:
        alike: (H, W) or (D, H, W) bool.
        places: (N, 2) y x or (N, 3) z y x of the seeds.
        diagonal: Whether corners join.

    >>> grow(np.array([[True, False, True]]), np.array([[0, 2]])).tolist()
    [[False, False, True]]
    """
    if alike.ndim == 2 and len(places) <= MOST_FLOODS:
        return _flooded(alike, places, diagonal=diagonal)
    parts, count = components(alike, diagonal=diagonal)
    wanted = np.zeros(count + 1, bool)
    wanted[parts[tuple(places.T)]] = True
    wanted[0] = False
    return np.asarray(wanted[parts])


def _flooded(
    values: NDArray[np.bool_] | NDArray[np.uint8],
    places: NDArray[np.int64],
    *,
    diagonal: bool,
    tolerance: float = 0.0,
) -> NDArray[np.bool_]:
    """Flood line by line from a few seeds, which touches only the region itself.

    From one seed levels are flooded as they are; of several seeds only the True ones count.
    """
    canvas = np.array(values, order="C").view(np.uint8)  # OpenCV takes no read-only array
    most = int(min(tolerance, 255))
    reached = np.zeros((canvas.shape[0] + 2, canvas.shape[1] + 2), np.uint8)
    flags = (8 if diagonal else 4) | (1 << 8) | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE
    for y, x in places:
        wanted = values.dtype == np.uint8 or canvas[y, x]
        if wanted and not reached[y + 1, x + 1]:
            cv2.floodFill(canvas, reached, (int(x), int(y)), 1, most, most, flags)
    return reached[1:-1, 1:-1].view(bool)


def _distance(values: NDArray[np.float32], mean: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the Euclidean distance to ``mean``; infinite where values are NaN."""
    if values.shape[-1] == 1:
        distance = np.abs(values[..., 0] - mean[0])
    else:
        step = values - mean
        distance = np.sqrt(np.einsum("...c,...c->...", step, step))
    return np.asarray(np.nan_to_num(distance, copy=False, nan=np.inf), np.float32)


def _deviations(values: NDArray[np.float32], sample: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the Mahalanobis distance to the sample, by its covariance and at least one unit."""
    sample = sample[np.isfinite(sample).all(axis=1)].astype(np.float64)
    if len(sample) == 0:
        return np.full(values.shape[:-1], np.inf, np.float32)
    step = values - sample.mean(axis=0)
    covariance = np.cov(sample.T, bias=True).reshape(values.shape[-1], -1)
    inverse = np.linalg.inv(covariance + np.eye(len(covariance)))
    square = np.einsum("...c,cd,...d->...", step, inverse, step)
    return np.asarray(np.nan_to_num(np.sqrt(square), nan=np.inf), np.float32)


def _around(places: NDArray[np.int64], size: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return the seeds and what is within one pixel of them, to have a first deviation."""
    seeds = np.zeros(size, bool)
    seeds[tuple(places.T)] = True
    return np.asarray(ndimage.binary_dilation(seeds, np.ones((3,) * len(size))))
