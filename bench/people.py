"""People cut out of photos: IoU and boundary F (2 px) of each network, before and after refining.

``python bench/people.py``: the scores on people_ccp, then the times of both tiers at 1080p.
"""

import os
from pathlib import Path

import cv2
import numpy as np
import scipy.io

import pixelwise as pw
from harness import arguments, finish, interleave
from pixelwise.core import Foreground, Image, Semantic
from pixelwise.evaluation.boundaries import boundary_f_counts, f_of
from pixelwise.refine import REFINEMENTS

CARDS = ("selfie", "selfie-landscape", "prisma", "sinet", "deeplab-v3", "deeplab-mnv2-voc")
TIERS = ("none", "guided", "snap", "closed-form")
TOLERANCE_PX = 2


def photos(folder: Path, step: int) -> list[tuple[Image, np.ndarray]]:
    """Return pictures and truths; accessories count as the person."""
    made = []
    for path in sorted((folder / "people_ccp" / "photos").glob("*.jpg"))[::step]:
        truth = folder / "people_ccp" / "annotations" / f"{path.stem}.mat"
        made.append((pw.read(path), scipy.io.loadmat(truth)["groundtruth"] > 0))
    return made


def person(network: object, image: Image) -> Foreground:
    """Return the person; of a network of many classes, the class called so."""
    result = network(image)
    if isinstance(result, Semantic):
        mask = result.mask_of("person")
        if result.scores is None:
            return Foreground(mask)
        row = list(result.legend.ids).index(result.legend.id_of("person"))
        return Foreground(mask, np.asarray(result.scores[row]))
    return result


def scores(truth: np.ndarray, mask: np.ndarray) -> tuple[float, float]:
    joint = np.count_nonzero(truth | mask)
    iou = np.count_nonzero(truth & mask) / joint if joint else 1.0
    return iou, f_of(boundary_f_counts(truth, mask, TOLERANCE_PX))


def at_full_hd(image: Image) -> Image:
    """Return a photo in the middle of a frame of 1920 x 1080, its sides mirrored."""
    height, width = image.size
    wide = max(1, round(width * 1080 / height))
    tall = cv2.resize(image.pixels, (wide, 1080), interpolation=cv2.INTER_CUBIC)
    left = (1920 - wide) // 2
    sides = (0, 0, left, 1920 - wide - left)
    return Image(cv2.copyMakeBorder(tall, *sides, cv2.BORDER_REFLECT))


def main() -> None:
    options = arguments(__doc__ or "")
    os.environ["PIXELWISE_MODEL_PATH"] = str(options.models)
    pictures = photos(options.data, 8 if options.quick else 1)
    steps = {name: REFINEMENTS[name]() for name in TIERS[1:]}
    figures: dict[str, float] = {}
    print(f"{'network':18} " + "  ".join(f"{tier + ' IoU':>10} {'F 2 px':>7}" for tier in TIERS))
    for card in CARDS:
        network = pw.find(card)
        rows: dict[str, list[tuple[float, float]]] = {tier: [] for tier in TIERS}
        for image, truth in pictures:
            found = person(network, image)
            rows["none"].append(scores(truth, found.mask))
            for name, step in steps.items():
                rows[name].append(scores(truth, step(image, found).mask))
        means = {tier: np.mean(row, axis=0) for tier, row in rows.items()}
        line = "  ".join(f"{iou:10.4f} {f:7.4f}" for iou, f in means.values())
        print(f"{card:18} {line}", flush=True)
        for tier, (iou, f) in means.items():
            figures[f"{card}_{tier}_iou"], figures[f"{card}_{tier}_f"] = iou, f
    frame = at_full_hd(pictures[0][0])
    found = person(pw.find("selfie"), frame)
    jobs = {name: lambda step=step: step(frame, found) for name, step in steps.items()}
    times = interleave(jobs, rounds=5 if options.quick else 15)
    for name, row in times.items():
        figures[f"{name}_1080p_ms"], figures[f"{name}_1080p_least_ms"] = np.median(row), min(row)
        print(f"{name} at 1080p: median {np.median(row):.1f} ms, least {min(row):.1f} ms")
    finish(figures)


if __name__ == "__main__":
    main()
