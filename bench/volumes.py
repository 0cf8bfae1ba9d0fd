"""Medical volumes: speed in three dimensions, MeshNet against its plain layers, tissue scores.

python bench/volumes.py --data DIR --models DIR [--quick]
"""

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.measure import regionprops
from skimage.segmentation import watershed as skimage_watershed

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.runtimes.plain_meshnet import evaluate

from harness import arguments, finish, interleave, ratio
from pixelwise.apps.medical.lesion import Lesion
from pixelwise.apps.medical.opening import open_labels, open_volume
from pixelwise.apps.medical.presets import preset
from pixelwise.apps.medical.statistics import measure
from pixelwise.cards.deck import load_cards
from pixelwise.core import Image, Prompts, Regions
from pixelwise.io.files import read
from pixelwise.methods.deep.volumes import VolumeNetwork
from pixelwise.ops.components import KERNELS, components
from pixelwise.ops.distance import distance_inside
from pixelwise.ops.graphs.markers import peaks
from pixelwise.ops.graphs.watershed import watershed

SEED = (74, 107, 86)
"""Voxel i, j, k inside the tumour."""
BRAIN = "meshnet-tissue"


def main() -> None:
    asked = arguments("Medical volumes")
    figures = {}
    figures |= speed(asked.models, rounds=1 if asked.quick else 3)
    figures |= scores(asked.data)
    figures |= networks(asked.models, quick=asked.quick)
    for name, value in figures.items():
        print(f"{name:36} {value:10.4f}")
    finish(figures)


def speed(models: Path, rounds: int) -> dict[str, float]:
    """The whole 256 cubed head: scipy and skimage divided by ours."""
    image = read(models / "t1_crop.nii.gz")
    voxels = image.pixels[..., 0]
    mask = np.ascontiguousarray(voxels > 60)
    KERNELS.warm()
    depth = distance_inside(mask)
    markers = peaks(depth, 6, mask)
    relief = -np.round(depth, 2)
    labels, _ = components(mask, diagonal=False)
    few = np.where(labels <= 20, labels, 0).astype(np.int32)
    regions = Regions(few, image.space)
    every = np.ones((3, 3, 3))
    jobs = {
        "components": (
            lambda: ndimage.label(mask, every),
            lambda: components(mask),
        ),
        "components_6": (
            lambda: ndimage.label(mask),
            lambda: components(mask, diagonal=False),
        ),
        "distance": (
            lambda: ndimage.distance_transform_edt(mask, sampling=image.space.spacing),
            lambda: distance_inside(mask, image.space.spacing),
        ),
        "watershed": (
            lambda: skimage_watershed(relief, markers, mask=mask),
            lambda: watershed(relief, markers, mask=mask),
        ),
        "statistics": (
            lambda: theirs(few, voxels),
            lambda: measure(regions, image),
        ),
    }
    made = {}
    for name, (slow, fast) in jobs.items():
        times = interleave({"theirs": slow, "ours": fast}, rounds=rounds, warm=1)
        print(f"{name}: {ratio(times['theirs'], times['ours'])[0]:.2f}", flush=True)
        made[f"{name}_3d_ratio"] = ratio(times["theirs"], times["ours"])[0]
        made[f"{name}_3d_ms"] = float(np.median(times["ours"]))
    same = watershed(relief, markers, mask=mask) == skimage_watershed(relief, markers, mask=mask)
    made["watershed_3d_same"] = float(same[mask].mean())
    return made


def theirs(labels: NDArray[np.int32], voxels: NDArray[Any]) -> list[object]:
    """The same numbers by skimage, but for surface and diameter: its diameter needs 98 GB here."""
    return [
        (
            row.area,
            row.bbox,
            row.centroid,
            np.percentile(row.image_intensity[row.image], [5, 25, 50, 75, 95]),
            row.image_intensity[row.image].std(),
        )
        for row in regionprops(labels, voxels)
    ]


def scores(data: Path) -> dict[str, float]:
    """Tissue presets and volumes against the labels of people."""
    folder = data / "ct_dcmqi"
    spine = read(folder / "spine_seg.nrrd").pixels[..., 0] > 0
    bone = preset("ct-bone")(open_volume(folder / "ct-3slice").image).mask
    hit = (bone & spine).sum()
    folder = data / "brats_deepmedic" / "brats_2013_pat0001_1"
    truth = read(folder / "OTMultiClass.nii.gz").pixels[..., 0] > 0.5
    flair = read(folder / "Flair_subtrMeanDivStd.nii.gz")
    found = Lesion(prompts=Prompts(points=[SEED]))(flair).mask
    errors = []
    for path in sorted((data / "hippocampus_msd" / "labels").glob("*.nii.gz")):
        labels = open_labels(path)
        voxel = np.prod(labels.space.spacing) / 1000
        counts = np.bincount(np.asarray(labels).reshape(-1))
        errors += [abs(row.volume_ml - counts[row.label] * voxel) for row in measure(labels)]
    return {
        "bone_spine_recall": hit / spine.sum(),
        "bone_spine_precision": hit / bone.sum(),
        "tumour_dice": 2 * (found & truth).sum() / (found.sum() + truth.sum()),
        "volume_error_ml": max(errors),
    }


def networks(models: Path, *, quick: bool) -> dict[str, float]:
    """MeshNet on the test volume: seconds, memory, and the share of equal labels."""
    image = read(models / "t1_crop.nii.gz")
    path = models / "brainchop_model20chan3cls.model.bin"
    network = VolumeNetwork(card=load_cards()[BRAIN], path=path, runtime="meshnet")
    start, busy = time.perf_counter(), time.process_time()
    labels = network(image).labels
    made = {
        "meshnet_s": time.perf_counter() - start,
        "meshnet_cpu_s": time.process_time() - busy,
        "meshnet_peak_gib": peak_gib(),
        "meshnet_white": float((labels == 1).sum()),
        "meshnet_grey": float((labels == 2).sum()),
    }
    if not quick:
        made["meshnet_same"] = float((labels == plain_labels(image, path)).mean())
    return made


def plain_labels(image: Image, path: Path) -> NDArray[np.int32]:
    """The published layers in plain numpy, prepared as models.json says, largest part kept."""
    voxels = image.pixels[..., 0].transpose(2, 1, 0)
    low, high = np.quantile(voxels, [0.05, 0.95])
    bright = np.argwhere(voxels > 0.2 * voxels.max())
    window = tuple(slice(a, b + 1) for a, b in zip(bright.min(0), bright.max(0), strict=True))
    values = ((voxels - low) / (high - low)).astype(np.float32)
    answer = evaluate(path.with_suffix(".json"), path, values[window]).argmax(axis=0)
    parts, _ = ndimage.label(answer > 0, np.ones((3, 3, 3)))
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    labels = np.zeros(voxels.shape, np.int32)
    labels[window] = np.where(parts == sizes.argmax(), answer, 0)
    return labels.transpose(2, 1, 0)


def peak_gib() -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    row = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(row.split()[1]) / 1024**2


if __name__ == "__main__":
    main()
