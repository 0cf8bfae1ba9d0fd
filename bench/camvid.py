"""Street scenes of CamVid by a network that was trained on Cityscapes: mIoU, road IoU, speed.

python bench/camvid.py --data DIR --models DIR [--quick]
"""

import time
from pathlib import Path

import numpy as np

from harness import arguments, finish
from pixelwise.apps.driving import DRIVING, driving
from pixelwise.catalog import Access
from pixelwise.core import Legend
from pixelwise.io.files import read
from pixelwise.io.labels import read_labels

CAMVID = Legend.official("camvid-11")
MEANT = {
    "Sky": ("sky",),
    "Building": ("building", "wall"),
    "Pole": ("pole",),
    "Road": ("road", "drivable area", "lane marking"),
    "Pavement": ("sidewalk",),
    "Tree": ("vegetation", "terrain"),
    "SignSymbol": ("traffic sign", "traffic light"),
    "Fence": ("fence",),
    "Car": ("car", "truck", "bus", "train"),
    "Pedestrian": ("person",),
    "Bicyclist": ("rider", "bicycle", "motorcycle"),
}
"""CamVid's class -> ours; CamVid's unlabelled pixels do not count."""


def main() -> None:
    asked = arguments("Street scenes")
    scene = driving({}, Access())
    pairs = _pairs(asked.data / "camvid", 8 if asked.quick else None)
    place = np.full(256, len(CAMVID), np.int64)
    for name, ours in MEANT.items():
        place[[DRIVING.id_of(one) for one in ours]] = CAMVID.id_of(name)
    counts = np.zeros((len(CAMVID) + 1, len(CAMVID) + 1), np.int64)
    clocks = []
    for picture, annotation in pairs:
        image, truth = read(picture), read_labels(annotation)
        start, busy = time.perf_counter(), time.process_time()
        found = scene.semantic(image)
        clocks.append((time.perf_counter() - start, time.process_time() - busy))
        told = truth != CAMVID.void
        np.add.at(counts, (truth[told], place[found.labels[told]]), 1)
    hit = np.diag(counts)[:-1]
    iou = hit / np.maximum(counts.sum(axis=0)[:-1] + counts.sum(axis=1)[:-1] - hit, 1)
    figures = {f"iou_{row.name.lower()}": iou[row.id] for row in CAMVID}
    figures |= {"miou": iou.mean(), "pictures": len(pairs)}
    figures |= dict(zip(("semantic_s", "semantic_cpu_s"), np.median(clocks, axis=0), strict=True))
    for name, value in figures.items():
        print(f"{name:20} {value:8.4f}   {', '.join(MEANT.get(name[4:].title(), ()))}")
    finish(figures)


def _pairs(folder: Path, most: int | None) -> list[tuple[Path, Path]]:
    lines = (folder / "test.txt").read_text().split("\n")
    rows = [line.split() for line in lines if line.strip()]
    return [(folder / picture, folder / annotation) for picture, annotation in rows][:most]


if __name__ == "__main__":
    main()
