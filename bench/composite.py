"""Blurred backgrounds: GaussianBlur(55) and a float blend in numpy against ours.

python bench/composite.py --data DIR

The pictures are of ``people_ccp`` under DIR, enlarged to the size said; the soft masks are their
true ones, kept at 256 x 256 as a network would leave them. "Planes" are frames as a decoder gives
them, which stay so.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.io import loadmat

import harness
from pixelwise.core import Foreground, Image
from pixelwise.drawing import Blur, CleanBlur, Colour, Picture, composite
from pixelwise.ops import blend
from pixelwise.ops.planar import Planar, planes_of
from pixelwise.ops.upsampled import Upsampled

SIZES = {"1080p": (1080, 1920), "720p": (720, 1280)}
BT709 = (0.2126, 0.0722)
EDGE = 2
"""Pixels around the soft band that count as edge."""


def scene(folder: Path, stem: str, size: tuple[int, int]) -> tuple[Image, Foreground]:
    """Return one person on a canvas of ``size``, and the soft mask as a network gives it."""
    photo = cv2.imread(str(folder / "photos" / f"{stem}.jpg"))[..., ::-1]
    truth = loadmat(folder / "annotations" / f"{stem}.mat")["groundtruth"] > 0
    pixels = cv2.resize(photo, size[::-1], interpolation=cv2.INTER_CUBIC)
    small = cv2.resize(truth.astype(np.float32), (256, 256), interpolation=cv2.INTER_AREA)
    plane = Upsampled(np.asarray(small, np.float32), size)
    return Image(np.ascontiguousarray(pixels)), Foreground(np.asarray(plane) > 0.5, plane)


def backgrounds(image: Image, person: Foreground) -> dict[str, Callable[[], Image]]:
    """Return what is timed of each background, in RGB and on planes."""
    planes = planes_of(np.ascontiguousarray(image.pixels), BT709)
    frames = {"": image, "planes, ": Image.of_plane(Planar(planes, BT709, np.asarray))}
    other = Picture(Image(np.ascontiguousarray(image.pixels[::-1])))
    behind = {"blur 55": Blur(55), "blue": Colour((0, 0, 255)), "a picture": other}
    return {
        f"ours, {kind}{name}": partial(composite, frame, person, background)
        for kind, frame in frames.items()
        for name, background in behind.items()
    }


def by_hand(pixels: NDArray[np.uint8], alpha: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return what the samples do: a true blur, and a blend in floats."""
    blurred = cv2.GaussianBlur(pixels, (55, 55), 0)
    share = alpha[..., np.newaxis]
    return (pixels * share + blurred * (1 - share)).astype(np.uint8)


def where(pixels: NDArray[np.uint8], mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return what the guide does: a true blur, and a choice by ``np.where``."""
    blurred = cv2.GaussianBlur(pixels, (55, 55), 0)
    return np.where(np.stack((mask,) * 3, axis=-1), pixels, blurred)


def errors(image: Image, foreground: Foreground) -> tuple[float, float, float]:
    """Return mean error, its 99.99th percentile, and the greatest, outside the edge band."""
    alpha = np.asarray(foreground.alpha)
    truth = by_hand(image.pixels, alpha).astype(int)
    gap = np.abs(composite(image, foreground, Blur(55)).pixels - truth)
    band = ((alpha > 0) & (alpha < 1)).astype(np.uint8)
    near = cv2.dilate(band, np.ones((2 * EDGE + 1, 2 * EDGE + 1), np.uint8))
    outside = gap[near == 0]
    return float(gap.mean()), float(np.percentile(outside, 99.99)), float(outside.max())


def main() -> None:
    """Time both at two sizes and compare the pictures."""
    arguments = harness.arguments(__doc__ or "")
    blend.KERNELS.warm()
    folder = arguments.data / "people_ccp"
    stems = sorted(path.stem for path in (folder / "photos").glob("*.jpg"))[:5]
    figures: dict[str, float] = {}
    for name, size in SIZES.items():
        image, foreground = scene(folder, stems[2], size)
        times = harness.interleave(
            {
                "GaussianBlur 55 + numpy blend": lambda: by_hand(
                    image.pixels,  # noqa: B023
                    foreground.alpha,  # noqa: B023
                ),
                "GaussianBlur 55 + np.where": lambda: where(image.pixels, foreground.mask),  # noqa: B023
                **backgrounds(image, foreground),
                "ours, clean blur 55": lambda: composite(image, foreground, CleanBlur(55)),  # noqa: B023
            },
            rounds=5 if arguments.quick else 21,
        )
        for job, spent in times.items():
            print(f"{name:>6}  {job:<30} {np.median(spent):8.2f} ms")
        gain, low, high = harness.ratio(*list(times.values())[:3:2])
        print(f"{name:>6}  ratio {gain:.1f} (95 % interval {low:.1f} to {high:.1f})")
        gaps = [errors(*scene(folder, stem, size)) for stem in stems]
        mean, most, greatest = np.max(gaps, axis=0)
        print(
            f"{name:>6}  mean error {mean:.2f}, outside the edge {most:.0f} (most {greatest:.0f})"
        )
        figures |= {
            f"composite_ratio_{name}": gain,
            f"composite_ms_{name}": float(np.median(times["ours, blur 55"])),
            f"composite_mean_error_{name}": mean,
            f"composite_p9999_error_{name}": most,
            f"composite_max_error_{name}": greatest,
            f"composite_blue_ms_{name}": float(np.median(times["ours, planes, blue"])),
        }
    harness.finish(figures)


if __name__ == "__main__":
    main()
