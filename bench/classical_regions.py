"""Region methods against scikit-image, OpenCV, scipy and plain numpy: the same work, one process.

`rival / ours` above 1 means that ours is faster; `same` is what the row says: share of equal
pixels, adjusted Rand index or IoU. At the end the nuclei of the Data Science Bowl 2018.

    python bench/classical_regions.py --data DIR
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from scipy import ndimage
from skimage import measure, segmentation

from harness import arguments, finish, interleave, ratio
from pixelwise.core import Image, Prompts
from pixelwise.evaluation.nuclei import dsb_scores
from pixelwise.evaluation.overlaps import label_overlaps
from pixelwise.evaluation.regions import score_regions
from pixelwise.methods.regions.felzenszwalb import Felzenszwalb
from pixelwise.methods.regions.grabcut import GrabCut
from pixelwise.methods.regions.random_walker import RandomWalker
from pixelwise.methods.regions.region_growing import Homogeneity, RegionGrowing
from pixelwise.methods.regions.watershed import Relief, Watershed
from pixelwise.ops.components import KERNELS, components
from pixelwise.ops.distance import KERNELS as DISTANCE
from pixelwise.ops.distance import distance_inside
from pixelwise.ops.graphs.quadtree import quadtree
from pixelwise.ops.graphs.watershed import watershed

SIZES = {"640x360": (640, 360), "1920x1080": (1920, 1080)}
DSB_MUST = 0.42
EVENNESS = 8.0
THINGS = {
    "000000000632": (3, 267, 402, 208),
    "000000000724": (120, 72, 135, 153),
    "000000001000": (414, 210, 111, 270),
}
"""Photos of COCO with a thing's box: x, y, width, height."""


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    ours: Callable[[], Any]
    theirs: Callable[[], Any]
    same: Callable[[Any, Any], float]
    must: float
    agree: float
    rounds: int = 9
    at: tuple[str, ...] = tuple(SIZES)


def equal(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Return the share of pixels with the same value."""
    return float((np.asarray(ours) == np.asarray(theirs)).mean())


def rand(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Return the adjusted Rand index; numbers do not count."""
    return score_regions([np.int32(theirs) + 1], np.int32(ours) + 1).ari


def iou(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Return what two masks share of their union."""
    return float((ours & theirs).sum() / max((ours | theirs).sum(), 1))


def close(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Return the share of distances that are equal but for the rounding of float32."""
    return float(np.isclose(ours, theirs, rtol=1e-6).mean())


def rows(rgb: np.ndarray) -> Iterator[Row]:
    """The table for one picture."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    mask = cv2.GaussianBlur(grey, (0, 0), 1.5) > np.median(grey)
    yield Row(
        "felzenszwalb / skimage",
        lambda: Felzenszwalb(scale=100, min_size=20, tolerance=0)(Image(rgb)).labels,
        lambda: segmentation.felzenszwalb(rgb, scale=100, sigma=0.8, min_size=20),
        rand, 3, 0.98, rounds=3,
    )  # fmt: skip
    yield from floods(grey, mask)
    yield Row(
        "label / skimage",
        lambda: components(mask)[0],
        lambda: measure.label(mask),
        equal, 4, 1,
    )  # fmt: skip
    yield from growths(grey)
    small = rgb[:360, :640]
    yield Row(
        "split / numpy",
        lambda: quadtree(rgb, EVENNESS, 2),
        lambda: plain_quadtree(rgb, EVENNESS, 2),
        rand, 50, 1, rounds=2,
    )  # fmt: skip
    yield walk(small)
    yield Row(
        "distance / scipy",
        lambda: distance_inside(mask),
        lambda: ndimage.distance_transform_edt(mask),
        close, 7, 1,
    )  # fmt: skip


def floods(grey: np.ndarray, mask: np.ndarray) -> Iterator[Row]:
    """Watersheds: a gradient from a grid of seeds, 8 bits and float, and a distance from peaks.

    Seeds of one height have their turn in raster order in ours, in the order of a heap's history in
    scikit-image's; the second row has no two of one height.
    """
    slope = cv2.morphologyEx(cv2.GaussianBlur(grey, (0, 0), 1), cv2.MORPH_GRADIENT, np.ones((3, 3)))
    height, width = grey.shape
    grid = np.zeros(grey.shape, np.int32)
    rows, columns = (
        np.linspace(8, height - 8, 15, dtype=int),
        np.linspace(8, width - 8, 26, dtype=int),
    )
    grid[np.ix_(rows, columns)] = np.arange(1, 391).reshape(15, 26)
    apart = np.zeros_like(grid)
    _, first = np.unique(slope[grid > 0], return_index=True)
    apart.reshape(-1)[np.flatnonzero(grid)[first]] = np.arange(1, len(first) + 1)
    fine = slope + np.random.default_rng(0).random(grey.shape).astype(np.float32)
    depth = -ndimage.gaussian_filter(distance_inside(mask), 2)
    tops = components(depth == ndimage.minimum_filter(depth, 15))[0]
    reliefs = {
        "8 bit": (slope, grid, None),
        "8 bit, no ties": (slope, apart, None),
        "float": (fine, grid, None),
        "distance": (depth, tops, mask),
    }
    for name, (relief, markers, inside) in reliefs.items():
        yield Row(
            f"watershed {name} / skimage",
            lambda relief=relief, markers=markers, inside=inside: watershed(
                relief, markers, mask=inside
            ),
            lambda relief=relief, markers=markers, inside=inside: segmentation.watershed(
                relief, markers, mask=inside
            ),
            equal, 4, 1, rounds=5,
        )  # fmt: skip


def growths(grey: np.ndarray) -> Iterator[Row]:
    """Region growing by the same criterion as skimage's flood, and as a plain loop."""
    y, x = np.unravel_index(
        np.argmin(cv2.blur(np.abs(grey - np.median(grey)), (31, 31))), grey.shape
    )
    prompts = Prompts(points=[(float(x), float(y))])
    method = RegionGrowing(prompts=prompts, tolerance=30, homogeneity=Homogeneity.GREY)
    ours = lambda: method(Image(grey)).mask  # noqa: E731
    yield Row(
        "growing / skimage flood",
        ours,
        lambda: segmentation.flood(grey, (int(y), int(x)), tolerance=30, connectivity=1),
        equal, 2, 1,
    )  # fmt: skip
    yield Row(
        "growing / plain loop",
        ours,
        lambda: plain_growth(grey, int(y), int(x), 30),
        equal, 100, 1, rounds=2, at=("640x360",),
    )  # fmt: skip


def walk(rgb: np.ndarray) -> Row:
    """A cross in the middle against the border, on a quarter of the small picture."""
    rgb = cv2.resize(rgb, (320, 180), interpolation=cv2.INTER_AREA)
    seeds = np.full(rgb.shape[:2], -1, np.int32)
    seeds[70:110, 160] = seeds[90, 130:190] = 1
    seeds[3], seeds[-4], seeds[:, 3], seeds[:, -4] = 0, 0, 0, 0
    masks, ground = seeds[np.newaxis] == 1, np.argwhere(seeds == 0)[:, ::-1]
    prompts = Prompts(masks=masks, points=ground, labels=np.zeros(len(ground)))
    return Row(
        "random-walker / skimage cg_j",
        lambda: RandomWalker(prompts=prompts)(Image(rgb)).mask,
        lambda: segmentation.random_walker(
            rgb / 255.0, seeds + 1, beta=130, mode="cg_j", channel_axis=-1, prob_tol=1
        ) == 2,
        equal, 2, 0.995, rounds=1, at=("640x360",),
    )  # fmt: skip


def cuts(data: Path, sides: tuple[int, int]) -> Iterator[Row]:
    """GrabCut from the box of a thing, on photos of COCO."""
    for name, (x, y, width, height) in THINGS.items():
        photo = cv2.imread(str(data / "coco_val" / "images" / f"{name}.jpg"))
        stretch = np.array([sides[0] / photo.shape[1], sides[1] / photo.shape[0]] * 2)
        rgb = cv2.cvtColor(cv2.resize(photo, sides), cv2.COLOR_BGR2RGB)
        corners = np.array([x, y, x + width, y + height]) * stretch
        box = tuple(int(side) for side in np.rint(corners))
        yield Row(
            f"grabcut {name[-4:]} / cv2",
            lambda rgb=rgb, box=box: GrabCut(box=box)(Image(rgb)).mask,
            lambda rgb=rgb, box=box: full_cut(rgb, box),
            iou, 2, 0.98, rounds=1,
        )  # fmt: skip


def full_cut(rgb: np.ndarray, box: tuple[int, int, int, int]) -> np.ndarray:
    """OpenCV's GrabCut on the full frame, five rounds."""
    mask = np.zeros(rgb.shape[:2], np.uint8)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)
    inside = (box[0], box[1], box[2] - box[0], box[3] - box[1])
    cv2.grabCut(rgb, mask, inside, *models, 5, cv2.GC_INIT_WITH_RECT)
    return mask % 2 == 1


def plain_quadtree(values: np.ndarray, tolerance: float, min_side: int) -> np.ndarray:
    """The textbook's recursion with numpy's variance."""
    labels = np.zeros(values.shape[:2], np.int32)
    blocks, count = [(0, values.shape[0], 0, values.shape[1])], 0
    while blocks:
        top, bottom, left, right = blocks.pop()
        variance = values[top:bottom, left:right].reshape(-1, 3).var(axis=0).sum()
        tall, wide = bottom - top > min_side, right - left > min_side
        if variance <= tolerance**2 or not (tall or wide):
            count += 1
            labels[top:bottom, left:right] = count
            continue
        y, x = (top + bottom) // 2, (left + right) // 2
        for upper, lower in ((top, y), (y, bottom)) if tall else ((top, bottom),):
            for first, last in ((left, x), (x, right)) if wide else ((left, right),):
                blocks.append((upper, lower, first, last))
    return labels


def plain_growth(grey: np.ndarray, y: int, x: int, tolerance: int) -> np.ndarray:
    """The textbook's queue, pixel by pixel."""
    grown = np.zeros(grey.shape, bool)
    grown[y, x] = True
    seed, queue = int(grey[y, x]), [(y, x)]
    while queue:
        y, x = queue.pop()
        for ny, nx in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
            inside = 0 <= ny < grey.shape[0] and 0 <= nx < grey.shape[1]
            if inside and not grown[ny, nx] and abs(int(grey[ny, nx]) - seed) <= tolerance:
                grown[ny, nx] = True
                queue.append((ny, nx))
    return grown


def nuclei(data: Path) -> float:
    """Return the mean score of the watershed's preset on the test pictures."""
    method = Watershed(relief=Relief.BLOBS)
    scores = []
    for path in sorted((data / "nuclei_dsb2018" / "test" / "images").glob("*.png")):
        pixels = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        truth = cv2.imread(str(path.parents[1] / "labels" / path.name), cv2.IMREAD_UNCHANGED)
        labels = method(Image(pixels)).labels
        scores.append(dsb_scores(label_overlaps(truth.astype(np.int32), labels)).mean())
    return float(np.mean(scores))


def main() -> None:
    """Print the table and the figures."""
    options = arguments(__doc__ or "")
    for kernels in (KERNELS, DISTANCE):
        kernels.warm()
    figures = {}
    photo = cv2.imread(str(options.data / "photos" / "coco" / "000000010092.jpg"))
    print(
        f"{'row':46} {'ours ms':>9} {'rival':>9} {'ratio':>7} {'must':>5} {'same':>8} {'must':>6}"
    )
    for size, sides in SIZES.items():
        rgb = cv2.resize(
            cv2.cvtColor(photo, cv2.COLOR_BGR2RGB), sides, interpolation=cv2.INTER_CUBIC
        )
        for row in (*rows(rgb), *cuts(options.data, sides)):
            if size not in row.at:
                continue
            same = row.same(row.ours(), row.theirs())
            rounds = 1 if options.quick else row.rounds
            times = interleave({"ours": row.ours, "theirs": row.theirs}, rounds=rounds, warm=0)
            gain = ratio(times["theirs"], times["ours"])[0]
            ours, theirs = (float(np.median(times[name])) for name in ("ours", "theirs"))
            print(
                f"{size + ' ' + row.name:46} {ours:9.2f} {theirs:9.1f} {gain:7.2f} {row.must:5g} "
                f"{same:8.5f} {row.agree:6g}",
                flush=True,
            )
            figures |= {f"{row.name} {size} ratio": gain, f"{row.name} {size} same": same}
    figures["nuclei dsb_ap"] = nuclei(options.data)
    print(f"nuclei, watershed relief=blobs: {figures['nuclei dsb_ap']:.3f}, must {DSB_MUST}")
    finish(figures)


if __name__ == "__main__":
    main()
