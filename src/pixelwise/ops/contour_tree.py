"""From contour strength to a tree of regions, whose cuts are nested segmentations."""

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, sparse
from scipy.sparse.linalg import eigsh
from skimage.morphology import local_minima
from skimage.segmentation import watershed

from pixelwise.ops.contour_strength import ContourStrength
from pixelwise.ops.graphs.adjacency import Adjacency, region_table
from pixelwise.ops.graphs.merging import Cost, Merges, cut, merge_tree, merged
from pixelwise.ops.half_disc import DIRECTIONS

__all__ = ["RegionTree", "region_tree"]

LEVELS = 1020
"""Grey levels of the watershed."""
MERGING = Cost(colour=0.1, size=0.1, boundary=1.0)
"""Mean contour strength, raised a little where colours and sizes differ much."""
VECTORS = 16
CONTRAST = 0.05
"""Contour strength over which the affinity of two regions falls to 1/e."""
SPECTRAL = 0.0047
"""Weight that makes the spectral part about as strong as the local one on average."""


class RegionTree(NamedTuple):
    """Basins of a picture and the order in which they merge.

    Args:
        labels: (H, W) int32, 1.. basins.
        merges: Which merge, and at which strength of the contour between them.
    """

    labels: NDArray[np.int32]
    merges: Merges

    def cut(self, height: float) -> NDArray[np.int32]:
        """Return the regions (H, W) int32, 1.., whose contours are stronger than ``height``."""
        mapping = cut(self.merges, int(self.labels.max()), height)
        return merged(self.labels, mapping)

    def contours(self) -> NDArray[np.float64]:
        """Return the ultrametric contour map on the doubled grid, (2H+1, 2W+1) float64.

        Pixels lie at odd places; between two of them stands the height at which their regions
        merge, 0 within a basin. Corners have the strongest of what meets there.
        """
        height, width = self.labels.shape
        grid = np.zeros((2 * height + 1, 2 * width + 1))
        right = (self.labels[:, :-1], self.labels[:, 1:])
        down = (self.labels[:-1], self.labels[1:])
        grid[1::2, 2:-1:2] = _merge_heights(self, *right)
        grid[2:-1:2, 1::2] = _merge_heights(self, *down)
        around = cv2.dilate(grid, np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8))
        grid[::2, ::2] = around.reshape(grid.shape)[::2, ::2]
        return grid


def region_tree(strength: ContourStrength, colours: NDArray[Any]) -> RegionTree:
    """Return the tree of regions of a contour strength.

    The basins of a watershed are merged by the strength of the contour between them: its mean
    in the direction in which the contour runs there, plus a global part, the jumps of the
    eigenvectors of the basins' graph.

    Args:
        strength: Of the picture.
        colours: (H, W, C) of the picture; means of regions are compared.

    Source:
        P. Arbelaez et al., PAMI 33(5), 2011 (oriented watershed, ultrametric contours, globalised
        by eigenvectors); C. J. Taylor, "Towards Fast and Accurate Segmentation", CVPR 2013 (the
        eigenvectors are taken on the graph of basins, which costs little).

    >>> halves = np.repeat(np.array([[[0], [0], [0], [99], [99], [99]]], np.float32), 6, axis=0)
    >>> flat = ContourStrength(np.zeros((8, 3, 3), np.float32), np.abs(halves[..., 0] - 50) / 50)
    >>> region_tree(flat, halves).labels.max()
    np.int32(1)
    """
    labels = _basins(strength.at_full_size())
    graph = _arcs(labels, strength)
    if len(graph.pairs):
        stronger = np.maximum(graph.sums / graph.lengths + SPECTRAL * _jumps(graph), 1e-4)
        graph = graph._replace(sums=stronger * graph.lengths)
    return RegionTree(labels, merge_tree(graph, region_table(labels, colours), MERGING))


def _basins(strength: NDArray[np.float32]) -> NDArray[np.int32]:
    smooth = cv2.GaussianBlur(strength, (0, 0), 0.7).reshape(strength.shape)
    levels = (smooth * (LEVELS / max(float(smooth.max()), 1e-3))).astype(np.int32)
    minima = np.ones(levels.shape, bool) if levels.min() == levels.max() else local_minima(levels)
    markers, _ = ndimage.label(minima, np.ones((3, 3)))
    return np.asarray(watershed(levels, markers), np.int32)


class _Faces(NamedTuple):
    """Places between two pixels of different basins: the key of the pair, and y and x."""

    key: NDArray[np.int64]
    y: NDArray[np.float64]
    x: NDArray[np.float64]


def _faces(labels: NDArray[np.int32]) -> _Faces:
    width = int(labels.max()) + 1
    parts = []
    for axis, (first, second) in enumerate(
        [(labels[:-1], labels[1:]), (labels[:, :-1], labels[:, 1:])]
    ):
        y, x = np.nonzero(first != second)
        a, b = first[y, x].astype(np.int64), second[y, x].astype(np.int64)
        key = np.minimum(a, b) * width + np.maximum(a, b)
        offset = np.array([(0.5, 0.0), (0.0, 0.5)])[axis]
        parts.append(_Faces(key, y + offset[0], x + offset[1]))
    return _Faces(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _arcs(labels: NDArray[np.int32], strength: ContourStrength) -> Adjacency:
    """Return which basins touch, with the strength summed along their common contour."""
    faces = _faces(labels)
    keys, arc = np.unique(faces.key, return_inverse=True)
    count = len(keys)
    lengths = np.bincount(arc, minlength=count).astype(np.float64)
    dy = faces.y - (np.bincount(arc, faces.y, count) / lengths)[arc]
    dx = faces.x - (np.bincount(arc, faces.x, count) / lengths)[arc]
    shear = np.bincount(arc, dx * dy, count)
    stretch = np.bincount(arc, dx * dx - dy * dy, count)
    angle = (np.arctan2(2 * shear, stretch) / 2) % np.pi
    along = _sampled(strength, faces, angle[arc])
    width = int(labels.max()) + 1
    pairs = np.stack([keys // width, keys % width], axis=1).astype(np.int32)
    return Adjacency(pairs, lengths, np.bincount(arc, along, count).astype(np.float64))


def _sampled(
    strength: ContourStrength, faces: _Faces, angle: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the strength at the faces, between the two directions next to ``angle``."""
    (height, width), (rows, columns) = strength.fine.shape, strength.coarse.shape[1:]
    y = np.clip(np.rint((faces.y + 0.5) * rows / height - 0.5), 0, rows - 1).astype(int)
    x = np.clip(np.rint((faces.x + 0.5) * columns / width - 0.5), 0, columns - 1).astype(int)
    place = angle * (DIRECTIONS / np.pi)
    lower = np.floor(place).astype(int)
    share = place - lower
    coarse = strength.coarse[lower % DIRECTIONS, y, x] * (1 - share)
    coarse += strength.coarse[(lower + 1) % DIRECTIONS, y, x] * share
    before = strength.fine[np.floor(faces.y).astype(int), np.floor(faces.x).astype(int)]
    after = strength.fine[np.ceil(faces.y).astype(int), np.ceil(faces.x).astype(int)]
    return np.asarray(coarse + (before + after) / 2, np.float64)


def _jumps(graph: Adjacency) -> NDArray[np.float64]:
    """Return by how much the eigenvectors of the normalised cut differ across each contour."""
    count = int(graph.pairs.max())
    if count <= VECTORS + 2:
        return np.zeros(len(graph.pairs))
    first, second = graph.pairs[:, 0] - 1, graph.pairs[:, 1] - 1
    weight = np.exp(-graph.sums / graph.lengths / CONTRAST) * graph.lengths
    half = sparse.coo_array((weight, (first, second)), (count, count))
    affinity = (half + half.T).tocsc()
    scale = 1 / np.sqrt(np.asarray(affinity.sum(axis=1)).ravel() + 1e-9)
    normal = affinity * scale[:, np.newaxis] * scale[np.newaxis, :]
    system = sparse.csc_array(sparse.eye_array(count) * (1 + 1e-6) - normal)
    values, vectors = eigsh(system, k=VECTORS + 1, sigma=0, v0=np.ones(count))
    order = np.argsort(values)[1:]
    vectors = vectors[:, order] * scale[:, np.newaxis]
    vectors /= np.maximum(np.ptp(vectors, axis=0), 1e-12)
    steps = np.abs(vectors[first] - vectors[second]) / np.sqrt(np.maximum(values[order], 1e-6))
    return np.asarray(steps.sum(axis=1))


def _merge_heights(
    tree: RegionTree, first: NDArray[np.int32], second: NDArray[np.int32]
) -> NDArray[np.float64]:
    """Return the height at which the basins of two label arrays are one; 0 where they are."""
    count = int(tree.labels.max())
    keys = first.astype(np.int64) * (count + 1) + second
    pairs, place = np.unique(keys, return_inverse=True)
    parent, heights = _dendrogram(tree.merges, count)
    a, b = pairs // (count + 1), pairs % (count + 1)
    while (apart := a != b).any():  # the younger node climbs; a node is older than its parent
        climb = apart & (a < b)
        a, b = np.where(climb, parent[a], a), np.where(apart & ~climb, parent[b], b)
    return np.asarray(heights[a][place].reshape(first.shape))


def _dendrogram(merges: Merges, count: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return parent and height of each node: 1..count are basins, each merge makes the next."""
    total = count + 1 + len(merges.pairs)
    parent, node = np.arange(total), np.arange(count + 1)
    for k, (stays, goes) in enumerate(merges.pairs.tolist(), start=count + 1):
        parent[node[stays]] = parent[node[goes]] = k
        node[stays] = k
    return parent, np.concatenate([np.zeros(count + 1), merges.heights])
