"""Masks of the first frame carried through DAVIS clips: ours against plain dense flow.

python bench/davis.py --data DIR

Plain flow is the hard chain of baselines.md, section 10: DIS flow (medium), the mask warped from
frame to frame and cut at one half. J is the mean IoU of all frames but the first. "point" is ours
from one point in the middle of the thing instead of its mask, without a network.
"""

import time
from collections.abc import Callable, Iterator

import cv2
import numpy as np

from harness import arguments, finish
from pixelwise.core import Foreground, Image
from pixelwise.tracking.propagation import Propagation, moving_with

CLIPS = ("car-shadow", "scooter-black", "libby")
MUST = 0.15
LOOKED_AT = 5

Mask = np.ndarray
Way = Callable[[list[Image], Mask], Iterator[Mask]]


def plain(images: list[Image], first: Mask) -> Iterator[Mask]:
    engine = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    before, mask = cv2.cvtColor(images[0].pixels, cv2.COLOR_RGB2GRAY), first
    rows, columns = np.indices(first.shape, dtype=np.float32)
    for image in images[1:]:
        now = cv2.cvtColor(image.pixels, cv2.COLOR_RGB2GRAY)
        flow = engine.calc(now, before, None)
        there = (columns + flow[..., 0], rows + flow[..., 1])
        mask = cv2.remap(mask.astype(np.float32), *there, cv2.INTER_LINEAR) >= 0.5
        before = now
        yield mask


def from_point(images: list[Image], first: Mask) -> Iterator[Mask]:
    depth = cv2.distanceTransform(first.astype(np.uint8), cv2.DIST_L2, 5)
    row, column = np.unravel_index(depth.argmax(), depth.shape)
    found = moving_with(images[:LOOKED_AT], np.float32([(column, row)]))
    yield from ours(images, found)


def ours(images: list[Image], first: Mask) -> Iterator[Mask]:
    carry = Propagation(Foreground(first))
    carry(images[0])
    for image in images[1:]:
        yield np.asarray(carry(image)).any(axis=0)


def iou(one: Mask, other: Mask) -> float:
    joint = np.count_nonzero(one | other)
    return 1.0 if joint == 0 else np.count_nonzero(one & other) / joint


def main() -> None:
    options = arguments(__doc__ or "")
    folder = options.data / "davis2016"
    ways: dict[str, Way] = {"plain": plain, "ours": ours, "point": from_point}
    scores: dict[str, list[float]] = {name: [] for name in ways}
    seconds: dict[str, float] = dict.fromkeys(ways, 0.0)
    frames = 0
    for clip in CLIPS[: 1 if options.quick else 3]:
        paths = sorted((folder / "JPEGImages" / clip).glob("*.jpg"))
        images = [Image(np.ascontiguousarray(cv2.imread(str(path))[..., ::-1])) for path in paths]
        truths = [
            cv2.imread(str(path), 0) > 127
            for path in sorted((folder / "Annotations" / clip).glob("*.png"))
        ]
        frames += len(images) - 1
        row = [f"{clip:14}"]
        for name, way in ways.items():
            start = time.process_time()
            masks = list(way(images, truths[0]))
            seconds[name] += time.process_time() - start
            values = [iou(mask, truth) for mask, truth in zip(masks, truths[1:], strict=True)]
            scores[name].append(float(np.mean(values)))
            row.append(f"{name} {scores[name][-1]:.3f} (last 10: {np.mean(values[-10:]):.3f})")
        print("  ".join(row))
    means = {name: float(np.mean(values)) for name, values in scores.items()}
    gain = means["ours"] - means["plain"]
    for name in ways:
        spent = seconds[name] / frames * 1000
        print(f"{name:6} mean J {means[name]:.3f}, {spent:.0f} ms CPU/frame")
    print(f"gain {gain:+.3f}, must {MUST:+.2f}")
    finish(
        {"davis_plain_j": means["plain"], "davis_ours_j": means["ours"], "davis_gain": gain}
        | {"davis_point_j": means["point"]}
    )


if __name__ == "__main__":
    main()
