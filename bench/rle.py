"""Label maps to COCO run lengths: one pass against one mask per instance through pycocotools.

python bench/rle.py
"""

import cv2
import numpy as np
import pycocotools.mask as coco
from numpy.typing import NDArray

import harness
from pixelwise.core import Rle


def scene(instances: int, side: int = 1024) -> NDArray[np.int32]:
    """Return a map of touching ellipses, one to a cell of a grid, each with its own label."""
    generator = np.random.default_rng(0)
    labels = np.zeros((side, side), np.int32)
    across = int(np.ceil(np.sqrt(instances)))
    cell = side / across
    for number in range(instances):
        row, column = divmod(number, across)
        jitter = generator.uniform(-0.15, 0.15, 2)
        centre = ((np.array([column, row]) + 0.5 + jitter) * cell).astype(int).tolist()
        axes = (generator.uniform(0.3, 0.6, 2) * cell).astype(int).tolist()
        cv2.ellipse(labels, centre, axes, float(generator.integers(180)), 0, 360, number + 1, -1)
    return labels


def mask_by_mask(labels: NDArray[np.int32], names: NDArray[np.int32]) -> dict[int, bytes]:
    """Return pycocotools' text of each label."""
    return {
        int(name): coco.encode(np.asfortranarray((labels == name).view(np.uint8)))["counts"]
        for name in names
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
        names = np.unique(labels)[1:]
        same = len(names) == instances and mask_by_mask(labels, names) == in_one_pass(labels)
        times = harness.interleave(
            {"coco": lambda: mask_by_mask(labels, names), "ours": lambda: in_one_pass(labels)},  # noqa: B023
            rounds=rounds,
        )
        gain, low, high = harness.ratio(times["coco"], times["ours"])
        slow, fast = (float(np.median(times[name])) for name in ("coco", "ours"))
        print(f"{instances:>10} {slow:>15.1f} {fast:>9.2f} {gain:>7.1f}  {low:.1f} to {high:.1f}")
        figures |= {f"rle_ratio_{instances}": gain, f"rle_same_{instances}": float(same)}
    harness.finish(figures)


if __name__ == "__main__":
    main()
