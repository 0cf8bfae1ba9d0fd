"""How well the methods cut pictures as people do: BSDS500, every method in one table.

Each method has one setting that is swept. ODS takes the one value that is best for all pictures,
OIS the best one of each picture, "best" the best one of each region of the truth. The metric code
is first proved on gPb-owt-ucm, whose covering of each picture is published.

    python bench/bsds500.py --data DIR
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.io import loadmat

from harness import arguments, finish
from pixelwise.core import Image
from pixelwise.evaluation.contingency import Contingency
from pixelwise.evaluation.contours import contour_counts, partition_boundary, score_contours
from pixelwise.evaluation.regions import best_overlaps, rand_index, variation_of_information
from pixelwise.methods import METHODS
from pixelwise.methods.edges.contour_hierarchy import contour_tree, height_of

Labels = NDArray[np.int32]
PROVED = 2e-6
GPB = "gPb-owt-ucm (reference)"
BOUNDARY_LEVELS = 9


@dataclass(frozen=True)
class Picture:
    """A photograph, the maps of its people, and the published contour map."""

    name: str
    pixels: NDArray[np.uint8]
    truths: Sequence[Labels]
    ucm: NDArray[np.float64]


@dataclass(frozen=True)
class Sweep:
    """A method with the values of its swept setting; ``cuts`` gives one map a value."""

    name: str
    values: Sequence[float]
    cuts: Callable[[Picture, Sequence[float]], Iterator[Labels]]


@dataclass(frozen=True)
class Scores:
    """What one picture scores at each value: arrays (levels,), overlaps (levels, regions)."""

    overlaps: NDArray[np.float64]
    areas: NDArray[np.int64]
    pri: NDArray[np.float64]
    vi: NDArray[np.float64]
    boundary: NDArray[np.int64]
    seconds: float


def pictures(folder: Path, *, quick: bool) -> list[Picture]:
    """Return the pictures of a folder laid out like BSDS500."""
    paths = sorted((folder / "images").glob("*.jpg"))
    return [_picture(folder, path) for path in (paths[::5] if quick else paths)]


def _picture(folder: Path, path: Path) -> Picture:
    people = loadmat(folder / "groundTruth" / f"{path.stem}.mat")["groundTruth"][0]
    truths = [person["Segmentation"][0, 0].astype(np.int32) for person in people]
    ucm = loadmat(folder / "ucm2" / f"{path.stem}.mat")["ucm2"]
    pixels = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    return Picture(path.stem, pixels, truths, ucm)


def gpb_cuts(picture: Picture, values: Sequence[float]) -> Iterator[Labels]:
    for value in values:
        below = (picture.ucm <= value).astype(np.uint8)
        yield cv2.connectedComponents(below, connectivity=8)[1][1::2, 1::2]


def hierarchy_cuts(picture: Picture, values: Sequence[float]) -> Iterator[Labels]:
    tree = contour_tree(picture.pixels)
    for value in values:
        yield tree.cut(height_of(value))


def method_cuts(
    name: str, setting: str, fixed: Mapping[str, float] | None = None
) -> Callable[..., Iterator[Labels]]:
    def cuts(picture: Picture, values: Sequence[float]) -> Iterator[Labels]:
        for value in values:
            yield METHODS[name](**{setting: value} | dict(fixed or {}))(
                Image(picture.pixels)
            ).labels

    return cuts


def sweeps(*, quick: bool) -> list[Sweep]:
    """Return the methods that are there, each with what is swept."""
    fine = 20 if quick else 41
    known = [
        Sweep("contour-hierarchy", np.linspace(0, 1, fine), hierarchy_cuts),
        Sweep(
            "mean-shift", [8, 10, 12, 14, 15, 16, 18, 22], method_cuts("mean-shift", "tolerance")
        ),
        Sweep(
            "felzenszwalb",
            [8, 10, 12, 14, 16, 18, 20, 24],
            method_cuts("felzenszwalb", "tolerance", {"scale": 60, "min_size": 200}),
        ),
        Sweep(
            "split-and-merge",
            [8, 10, 12, 15, 18, 20, 22, 24, 26, 30],
            method_cuts("split-and-merge", "tolerance"),
        ),
        Sweep(
            "rag-merge", [8, 10, 12, 14, 16, 18, 20, 24, 30], method_cuts("rag-merge", "tolerance")
        ),
        Sweep("k-means", [8, 10, 12, 14, 15, 16, 18, 22], method_cuts("k-means", "tolerance")),
        Sweep(
            "gaussian-mixture",
            [8, 10, 12, 14, 15, 16, 18, 22],
            method_cuts("gaussian-mixture", "tolerance"),
        ),
        Sweep("slic", [4, 8, 16, 32], method_cuts("slic", "segments")),
        Sweep("quickshift", [10, 30, 90], method_cuts("quickshift", "max_distance")),
    ]
    there = [sweep for sweep in known if sweep.name in METHODS]
    return [*there, Sweep(GPB, np.arange(1, 100, 4 if quick else 1) / 100, gpb_cuts)]


def scored(picture: Picture, sweep: Sweep) -> Scores:
    """Return the scores of one method on one picture, and the processor seconds of one answer."""
    start = time.process_time()
    first = next(sweep.cuts(picture, sweep.values[len(sweep.values) // 2 :]))
    seconds = time.process_time() - start
    if first.shape != picture.pixels.shape[:2]:
        raise ValueError(f"{sweep.name} answers with shape {first.shape}")
    maps = list(sweep.cuts(picture, sweep.values))
    edges = [partition_boundary(truth) for truth in picture.truths]
    chosen = np.linspace(0, len(maps) - 1, min(BOUNDARY_LEVELS, len(maps))).round().astype(int)
    boundary = [contour_counts(edges, partition_boundary(maps[k])) for k in chosen]
    rows = [_region_scores(picture.truths, labels) for labels in maps]
    areas = np.concatenate([best_overlaps(truth, maps[0])[1] for truth in picture.truths])
    overlaps, pri, vi = (np.array(column) for column in zip(*rows, strict=True))
    return Scores(overlaps, areas, pri, vi, np.array(boundary), seconds)


def _region_scores(
    truths: Sequence[Labels], labels: Labels
) -> tuple[NDArray[np.float64], float, float]:
    overlaps = np.concatenate([best_overlaps(truth, labels)[0] for truth in truths])
    tables = [Contingency.of(truth, labels) for truth in truths]
    pri = np.mean([rand_index(table) for table in tables])
    return overlaps, float(pri), float(np.mean([variation_of_information(t) for t in tables]))


def people(found: Sequence[Picture]) -> list[Scores]:
    """Return the scores of each person against the others, the mean over the people."""
    result = []
    for picture in found:
        for k, labels in enumerate(picture.truths):
            others = [truth for j, truth in enumerate(picture.truths) if j != k]
            if others:
                human = Sweep("human", [0], lambda _p, _v, map_=labels: iter([map_]))
                rest = Picture(picture.name, picture.pixels, others, picture.ucm)
                result.append(scored(rest, human))
    return result


def summary(name: str, scores: Sequence[Scores], values: Sequence[float]) -> dict[str, float]:
    """Print one line and return its figures."""
    curves = np.array([(row.overlaps @ row.areas) / row.areas.sum() for row in scores])
    ods = curves.mean(axis=0)
    best = np.mean([(r.overlaps.max(axis=0) @ r.areas) / r.areas.sum() for r in scores])
    pri, vi = np.array([row.pri for row in scores]), np.array([row.vi for row in scores])
    contours = score_contours(np.array([row.boundary for row in scores]))
    seconds = float(np.median([row.seconds for row in scores]))
    print(
        f"{name:24} {ods.max():.3f} {curves.max(axis=1).mean():.3f} {best:.3f}  "
        f"{pri.mean(axis=0).max():.3f} {pri.max(axis=1).mean():.3f}  "
        f"{vi.mean(axis=0).min():.3f} {vi.min(axis=1).mean():.3f}  "
        f"{contours.ods:.3f} {contours.ois:.3f}  {seconds:6.2f}  {values[int(ods.argmax())]:g}",
        flush=True,
    )
    return {"covering": ods.max(), "pri": pri.mean(axis=0).max(), "boundary_f": contours.ods}


def prove(found: Sequence[Picture], folder: Path) -> float:
    """Return the greatest gap between our covering of gPb-owt-ucm and the published one."""
    published = np.loadtxt(folder / "reference_gpb_owt_ucm" / "eval_cover_img.txt")
    gaps = []
    for picture in found:
        thresholds = np.unique(published[:, 1])
        rows = np.array([_cover(picture, labels) for labels in gpb_cuts(picture, thresholds)])
        place = np.searchsorted(thresholds, published[:, 1])
        gaps.append(float(np.abs(published[:, 2] - rows[place]).min()))
    return max(gaps)


def _cover(picture: Picture, labels: Labels) -> float:
    parts = [best_overlaps(truth, labels) for truth in picture.truths]
    total = sum(float(overlap @ area) for overlap, area in parts)
    return total / sum(int(area.sum()) for _, area in parts)


def main() -> None:
    options = arguments(__doc__ or "")
    folder = options.data / "bsds500"
    cv2.setNumThreads(1)
    found = pictures(folder, quick=options.quick)
    gap = prove(found, folder)
    verdict = "proved" if gap < PROVED else "NOT PROVED"
    print(f"metric code {verdict}: largest gap to the published covering {gap:.1e}")
    print(
        f"{len(found)} pictures         covering ODS OIS best   PRI          VI (bits)    "
        "boundary F   CPU s    value"
    )
    figures = {"metric_gap": gap}
    results = {}
    for sweep in sweeps(quick=options.quick):
        scores = [scored(picture, sweep) for picture in found]
        results[sweep.name] = summary(sweep.name, scores, sweep.values)
    results["human"] = summary("human among each other", people(found), [0])
    reference = results[GPB]["covering"]
    print(f"contour-hierarchy / gPb: {results['contour-hierarchy']['covering'] / reference:.3f}")
    for name, row in results.items():
        for metric, value in row.items():
            figures[f"{name.split(' ')[0].replace('-', '_').lower()}_{metric}"] = value
    finish(figures)


if __name__ == "__main__":
    main()
