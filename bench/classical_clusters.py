"""Clusters against the libraries that people use today: speed, interleaved, and agreement.

scikit-learn is a rival only and not in the base environment: without it its rows are left out,
and the table says so.

    python bench/classical_clusters.py --data DIR
"""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.io import loadmat
from skimage.segmentation import quickshift, slic

from harness import arguments, finish, interleave, ratio
from pixelwise.core import Image
from pixelwise.methods.clusters.mean_shift import MeanShift
from pixelwise.methods.clusters.slic import Slic
from pixelwise.ops.colour import lab
from pixelwise.ops.components import relabel
from pixelwise.ops.kmeans import kmeans
from pixelwise.ops.meanshift import mean_shift
from pixelwise.ops.quickshift import density_trees

SIZES = ((640, 360), (1920, 1080))
Pixels = NDArray[np.uint8]


def pictures(folder: Path) -> dict[str, Pixels]:
    """Return a photograph at the two sizes."""
    path = sorted((folder / "photos" / "coco").glob("*.jpg"))[1]
    pixels = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    sized = {f"{w}x{h}": cv2.resize(pixels, (w, h), interpolation=cv2.INTER_AREA) for w, h in SIZES}
    return {name: np.ascontiguousarray(value) for name, value in sized.items()}


def timed(what: str, rival: Callable[[], object], ours: Callable[[], object], rounds: int) -> float:
    """Print one line and return rival / ours."""
    times = interleave({"rival": rival, "ours": ours}, rounds=rounds, warm=1)
    middle, low, high = ratio(times["rival"], times["ours"])
    print(
        f"{what:52} {np.median(times['rival']):9.1f} {np.median(times['ours']):9.1f} ms "
        f"{middle:8.2f} x [{low:.2f}, {high:.2f}]",
        flush=True,
    )
    return middle


def slic_speed(pixels: dict[str, Pixels], rounds: int) -> dict[str, float]:
    figures = {}
    for size, picture in pixels.items():
        method, image = Slic(segments=500), Image(picture)
        figures[f"slic_skimage_{size}"] = timed(
            f"slic, 500 segments, {size}: scikit-image",
            lambda picture=picture: slic(picture, 500, 10.0, start_label=1),
            lambda method=method, image=image: method(image),
            rounds,
        )
    return figures


def slic_quality(folder: Path, *, quick: bool) -> dict[str, float]:
    """Return recall of people's boundaries (within 2 px) and under-segmentation error."""
    rows = []
    for path in sorted((folder / "images").glob("*.jpg"))[:: 5 if quick else 1]:
        pixels = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        people = loadmat(folder / "groundTruth" / f"{path.stem}.mat")["groundTruth"][0]
        truths = [person["Segmentation"][0, 0].astype(np.int64) for person in people]
        theirs = slic(pixels, 500, 10.0, start_label=1)
        ours = Slic(segments=int(theirs.max()))(Image(pixels)).labels
        rows.append([*_superpixel_scores(theirs, truths), *_superpixel_scores(ours, truths)])
    recall, error, our_recall, our_error = np.mean(rows, axis=0)
    print(
        f"slic on BSDS500, as many superpixels: boundary recall scikit-image {recall:.4f}, "
        f"ours {our_recall:.4f}; under-segmentation error {error:.4f}, ours {our_error:.4f}"
    )
    return {
        "slic_recall_skimage": recall,
        "slic_recall": our_recall,
        "slic_error_skimage": error,
        "slic_error": our_error,
    }


def _superpixel_scores(labels: NDArray[np.integer], truths: list[NDArray[np.int64]]) -> list[float]:
    near = cv2.dilate(_borders(labels).astype(np.uint8), np.ones((5, 5), np.uint8))
    recalls, errors = [], []
    for truth in truths:
        recalls.append(float(near[_borders(truth)].mean()))
        columns = int(truth.max()) + 1
        flat = labels.reshape(-1).astype(np.int64) * columns + truth.reshape(-1)
        shared = np.bincount(flat, minlength=(int(labels.max()) + 1) * columns)
        shared = shared.reshape(-1, columns)
        leak = np.minimum(shared, shared.sum(axis=1, keepdims=True) - shared)
        errors.append(float(leak.sum() / labels.size))
    return [float(np.mean(recalls)), float(np.mean(errors))]


def _borders(labels: NDArray[np.integer]) -> NDArray[np.bool_]:
    border = np.zeros(labels.shape, bool)
    border[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    border[:-1] |= labels[:-1] != labels[1:]
    return border


def k_means(pixels: dict[str, Pixels], rounds: int) -> dict[str, float]:
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    figures = {}
    for size, picture in pixels.items():
        points = lab(picture).reshape(-1, 3)
        with threadpool_limits(1):
            figures[f"kmeans_sklearn_{size}"] = timed(
                f"k-means, k = 8, {size}: scikit-learn, 1 thread",
                lambda points=points: KMeans(8, n_init=1, random_state=0).fit(points),
                lambda points=points: kmeans(points, 8),
                rounds,
            )
            theirs = [KMeans(8, n_init=1, random_state=seed).fit(points) for seed in range(3)]
        shares = [kmeans(points, 8).inertia / their.inertia_ for their in theirs]
        print(f"  inertia ours / theirs, three seeds: {', '.join(f'{s:.4f}' for s in shares)}")
        figures[f"kmeans_inertia_{size}"] = float(max(shares))
    return figures


def mean_shift_against_cv2(pixels: dict[str, Pixels], rounds: int) -> dict[str, float]:
    figures = {}
    for size, picture in pixels.items():
        method = MeanShift(spatial_radius=10, colour_radius=8, tolerance=0)
        image = Image(picture)
        figures[f"meanshift_cv2_{size}"] = timed(
            f"mean shift, radius 10, {size}: cv2 + components",
            lambda picture=picture: _cv2_regions(picture),
            lambda method=method, image=image: method(image),
            rounds,
        )
    return figures


def _cv2_regions(picture: Pixels) -> NDArray[np.int32]:
    """Mean shift filtering, then the connected parts of like colour, as people do it."""
    smooth = cv2.pyrMeanShiftFiltering(picture, 10, 20)
    coarse = (smooth // 8).astype(np.int32)
    return relabel((coarse[..., 0] * 32 + coarse[..., 1]) * 32 + coarse[..., 2] + 1)[0]


def mean_shift_against_sklearn(picture: Pixels) -> dict[str, float]:
    from sklearn.cluster import MeanShift as Rival

    crop = np.ascontiguousarray(picture[100:250, 200:400])
    colours, radii = lab(crop), np.array([10.0, 10.0, 10.0, 10.0, 10.0])
    place = np.moveaxis(np.indices(crop.shape[:2]), 0, -1)
    points = np.concatenate([place, colours], axis=-1).reshape(-1, 5) / radii
    planes = np.ascontiguousarray(np.moveaxis(colours, -1, 0))
    rival = Rival(bandwidth=1.0, bin_seeding=True)
    figure = timed(
        "mean shift, 200x150 crop: scikit-learn (bin seeds)",
        lambda: rival.fit(points),
        lambda: mean_shift(planes, 10.0, 10.0),
        1,
    )
    modes = mean_shift(planes, 10.0, 10.0)
    gaps = np.sqrt(((rival.cluster_centers_[:, None] - modes.points / radii) ** 2).sum(axis=2))
    weights = np.bincount(rival.labels_)
    near = float(weights[gaps.min(axis=1) <= 1].sum() / weights.sum())
    again = Rival(bandwidth=1.0, seeds=modes.points / radii).fit(points).cluster_centers_
    moves = np.sqrt(((modes.points[:, None] / radii - again) ** 2).sum(axis=2)).min(axis=1)
    still = float((moves < 0.05).mean())
    print(
        f"  modes: scikit-learn {len(gaps)}, ours {gaps.shape[1]}; {near:.3f} of its pixels belong "
        f"to a mode with one of ours within a radius; {still:.3f} of ours stand still when "
        "scikit-learn climbs on from them"
    )
    return {
        "meanshift_sklearn": figure,
        "meanshift_modes_near": near,
        "meanshift_modes_still": still,
    }


def quick_shift(picture: Pixels) -> dict[str, float]:
    small = cv2.resize(picture, (320, 180), interpolation=cv2.INTER_AREA)
    colours = lab(small).astype(np.float64) / 2
    settings = {"kernel_size": 5, "max_dist": 30, "ratio": 1, "convert2lab": False, "rng": 0}
    figure = timed(
        "quick shift, 320x180: scikit-image",
        lambda: quickshift(colours, **settings),
        lambda: density_trees(colours, 5, 30),
        3,
    )
    same = float((density_trees(colours, 5, 30) == quickshift(colours, **settings) + 1).mean())
    print(f"  pixels with the same label: {same:.5f}")
    return {"quickshift": figure, "quickshift_same": same}


def main() -> None:
    options = arguments(__doc__ or "")
    cv2.setNumThreads(1)
    rounds = 3 if options.quick else 9
    pixels = pictures(options.data)
    print(f"{'rival':52} {'rival':>9} {'ours':>9}       rival / ours")
    figures = slic_speed(pixels, rounds) | slic_quality(
        options.data / "bsds500", quick=options.quick
    )
    figures |= mean_shift_against_cv2(pixels, max(3, rounds // 2))
    figures |= quick_shift(pixels["640x360"])
    if find_spec("sklearn"):
        figures |= k_means(pixels, rounds)
        figures |= mean_shift_against_sklearn(pixels["640x360"])
    else:
        print("scikit-learn is not installed here: its rows are left out")
    finish(figures)


if __name__ == "__main__":
    main()
