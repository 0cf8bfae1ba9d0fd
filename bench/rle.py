"""Label maps to COCO run lengths: one pass against one mask per instance through pycocotools.

python bench/rle.py
"""

import cv2
import harness
import numpy as np
import pycocotools.mask as coco
from numpy.typing import NDArray

from pixelwise.core import Rle


def scene(instances: int, side: int = 1024) -> NDArray[np.int32]:
    """Return a map of ellipses of 20 to 70 pixels, each with its own label, none hidden whole."""
    generator = np.random.default_rng(0)
    labels = np.zeros((side, side), np.int32)
    number = 0
    while number < instances:
        centre = tuple(int(place) for place in generator.integers(0, side, 2))
        axes = tuple(int(length) for length in generator.integers(20, 70, 2))
        number += 1
        cv2.ellipse(labels, centre, axes, float(generator.integers(180)), 0, 360, number, -1)
        number = len(np.unique(labels)) - 1
        labels = np.searchsorted(np.unique(labels), labels).astype(np.int32)
    return labels


def mask_by_mask(labels: NDArray[np.int32]) -> dict[int, bytes]:
    """Return pycocotools' text of each label."""
    return {
        int(number): coco.encode(np.asfortranarray((labels == number).view(np.uint8)))["counts"]
        for number in np.unique(labels)[1:]
    }


def in_one_pass(labels: NDArray[np.int32]) -> dict[int, bytes]:
    """Return our text of each label."""
    return {number: rle.text.encode() for number, rle in Rle.encode_labels(labels).items()}


def main() -> None:
    """Time both on maps of 10, 100 and 400 instances, and check that they say the same."""
    rounds = 5 if harness.arguments(__doc__ or "").quick else 15
    figures: dict[str, float] = {}
    print(f"{'instances':>10} {'pycocotools ms':>15} {'ours ms':>9} {'ratio':>7}  95 % interval")
    for instances in (10, 100, 400):
        labels = scene(instances)
        same = mask_by_mask(labels) == in_one_pass(labels)
        times = harness.interleave(
            {"coco": lambda: mask_by_mask(labels), "ours": lambda: in_one_pass(labels)},  # noqa: B023
            rounds=rounds,
        )
        gain, low, high = harness.ratio(times["coco"], times["ours"])
        slow, fast = (float(np.median(times[name])) for name in ("coco", "ours"))
        print(f"{instances:>10} {slow:>15.1f} {fast:>9.2f} {gain:>7.1f}  {low:.1f} to {high:.1f}")
        figures |= {f"rle_ratio_{instances}": gain, f"rle_same_{instances}": float(same)}
    harness.finish(figures)


if __name__ == "__main__":
    main()
