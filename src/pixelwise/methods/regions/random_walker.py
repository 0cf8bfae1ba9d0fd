"""Random walker: which seeds does a walker that shuns edges reach first."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage import segmentation

from pixelwise.core import Foreground, Image, Method, Prompts, Regions, Task, setting
from pixelwise.methods.regions.seeds import CENTRE, SeedLike, seed_map
from pixelwise.ops.colour import levels
from pixelwise.ops.compiled import COMPILED
from pixelwise.ops.graphs.random_walk import edge_weights, walker_labels

__all__ = ["RandomWalker"]


@dataclass(frozen=True, kw_only=True)
class RandomWalker(Method[Foreground | Regions]):
    """A pixel has the label whose seeds a random walker from there most likely reaches first.

    The walker crosses to a neighbour with the weight ``exp(-beta d^2 / (10 std))`` of their
    difference d, so it shuns edges, and weak edges with gaps still hold. Good with a few
    scribbles for each thing and for the ground, also on noise; prefer ``grabcut`` when a box is
    all there is.

    Seeds labelled 0 are ground. Without any the border of the picture is ground, so that one
    click gives one thing. One label returns Foreground, more return Regions. Where labels are
    equally likely the greater has it. Works on pictures and volumes; spacing counts.

    Source:
        L. Grady, "Random Walks for Image Segmentation", PAMI 28(11), 2006.

    >>> picture = np.zeros((5, 5), np.uint8)
    >>> picture[1:4, 1:4] = 200
    >>> RandomWalker(seeds="2,2")(Image(picture)).area
    9
    """

    name = "random-walker"
    task = Task.FOREGROUND
    takes_volumes = True

    seeds: SeedLike = setting(
        CENTRE, "Seeds as x,y;x,y or x,y=label, label 0 for ground; centre is the middle."
    )
    beta: float = setting(130.0, "How much edges are shunned.", low=0)
    prompts: Prompts | None = setting(
        None, "Points, boxes, scribbles or masks as seeds; label 0 is ground."
    )

    def segment(self, image: Image) -> Foreground | Regions:
        """Return the label of each pixel."""
        markers = _grounded(seed_map(image.size, self.seeds, self.prompts))
        found = self._walk(image, markers + 1) - 1  # the solver's 0 is no seed
        if len(np.unique(markers[markers > 0])) <= 1:
            return Foreground(found > 0)
        return Regions(np.maximum(found, 0))

    def _walk(self, image: Image, seeds: NDArray[np.int32]) -> NDArray[np.int32]:
        values = _channels(image.pixels)
        spacing = tuple(step / min(image.space.spacing) for step in image.space.spacing)
        if COMPILED:
            return walker_labels(edge_weights(values, self.beta, spacing), seeds)
        labels = segmentation.random_walker(
            values.astype(np.float64), seeds, beta=self.beta, mode="cg_j", tol=1e-5,
            spacing=spacing, channel_axis=-1,
        )  # fmt: skip
        return np.asarray(labels, np.int32)


def _grounded(markers: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the markers with the picture's border as ground where there is but one label."""
    if len(np.unique(markers[markers >= 0])) != 1:
        return markers
    inside = (slice(1, -1),) * 2
    border = np.ones(markers.shape, bool)
    border[(..., *inside)] = False
    return np.where(border & (markers < 0), 0, markers).astype(np.int32)


def _channels(pixels: NDArray[Any]) -> NDArray[np.float32]:
    """Return colour channels or the grey level, 0..1."""
    count = 1 if pixels.shape[-1] < 3 else 3
    return levels(pixels[..., :count]) / np.float32(255)
