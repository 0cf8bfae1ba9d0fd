"""Thresholds and edges against scikit-image and OpenCV: the same work, in one process.

Each row is a whole call, from the picture to the mask. `rival / ours` above 1 means that ours is
faster; `same` is the share of pixels on which the two agree, or the IoU where the rule differs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from skimage import color, data, filters, segmentation

from harness import arguments, finish, interleave, ratio
from pixelwise.core import Image, Method, Prompts
from pixelwise.methods import METHODS
from pixelwise.ops.histogram import KERNELS

SIZES = {"640x360": (640, 360), "1920x1080": (1920, 1080)}
SLOW = frozenset({"multi-otsu", "geodesic-contour", "chan-vese", "active-contour", "live-wire"})


@dataclass(frozen=True)
class Row:
    """One line of the table: our method, and the same by another library."""

    name: str
    rival: str
    ours: Method[Any]
    theirs: Callable[[], Any]
    must: float | None = None


def thresholds(grey: np.ndarray) -> list[Row]:
    """The rows of the threshold family."""

    def row(
        name: str,
        theirs: Callable[[], Any],
        rival: str = "skimage",
        must: float | None = None,
        **settings: float,
    ) -> Row:
        return Row(name, rival, METHODS[name](**settings), theirs, must)

    return [
        row(
            "otsu",
            lambda: cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1] > 0,
            "cv2",
            1.0,
        ),
        row("otsu", lambda: grey > filters.threshold_otsu(grey)),
        row("li", lambda: grey > filters.threshold_li(grey)),
        row("yen", lambda: grey > filters.threshold_yen(grey)),
        row("triangle", lambda: grey > filters.threshold_triangle(grey)),
        row("isodata", lambda: grey > filters.threshold_isodata(grey)),
        row(
            "multi-otsu",
            lambda: np.digitize(grey, filters.threshold_multiotsu(grey, 4), right=True) + 1,
            classes=4,
        ),
        row(
            "niblack",
            lambda: grey > filters.threshold_niblack(grey, 51, 0.2),
            must=3.0,
            radius=25,
        ),
        row(
            "sauvola",
            lambda: grey > filters.threshold_sauvola(grey, 51, 0.2, 128),
            must=3.0,
            radius=25,
        ),
        row(
            "adaptive",
            lambda: grey > filters.threshold_local(grey, 51, "mean", mode="mirror"),
            radius=25,
        ),
        row(
            "hysteresis",
            lambda: filters.apply_hysteresis_threshold(grey, 90, 160),
            low=90,
            high=160,
        ),
    ]


def contours(grey: np.ndarray) -> list[Row]:
    """The rows of the edge family that others have too."""
    height, width = grey.shape
    scaled = grey / 255.0
    box = (width // 4, height // 8, 3 * width // 4, 7 * height // 8)
    start = np.zeros(grey.shape, np.int8)
    start[box[1] : box[3], box[0] : box[2]] = 1
    angle = np.linspace(0, 2 * np.pi, 400)
    middle = ((box[1] + box[3]) / 2, (box[0] + box[2]) / 2)
    reach = ((box[3] - box[1]) / 2, (box[2] - box[0]) / 2)
    snake = np.stack(
        [middle[0] + reach[0] * np.sin(angle), middle[1] + reach[1] * np.cos(angle)], 1
    )
    boxed = Prompts(boxes=[box])

    def geodesic() -> np.ndarray:
        stop = segmentation.inverse_gaussian_gradient(scaled, sigma=3)
        return segmentation.morphological_geodesic_active_contour(
            stop, 230, start, balloon=-1, threshold="auto"
        )

    def contour() -> np.ndarray:
        return segmentation.active_contour(
            filters.gaussian(scaled, 2), snake, alpha=0.05, beta=0.5, max_num_iter=1000
        )

    steps = METHODS["geodesic-contour"](prompts=boxed, iterations=230)
    return [
        Row("geodesic-contour", "skimage", steps, geodesic),
        Row("active-contour", "skimage", METHODS["active-contour"](prompts=boxed), contour),
        Row(
            "chan-vese",
            "skimage morphological",
            METHODS["chan-vese"](smoothness=1),
            lambda: segmentation.morphological_chan_vese(scaled, 35, smoothing=1),
        ),
    ]


def agreement(ours: object, theirs: object) -> float:
    """The share of equal pixels, or NaN where the other answer is no mask."""
    first, second = np.asarray(ours), np.asarray(theirs)
    return float((first == second).mean()) if first.shape == second.shape else float("nan")


def main() -> None:
    """Print the table and the figures."""
    options = arguments(__doc__ or "")
    KERNELS.warm()
    colour = data.astronaut()
    figures: dict[str, float] = {}
    print(f"{'size':>10} {'method':18}{'rival':24}{'ours ms':>9}{'ratio':>8}  95 %          same")
    for label, size in SIZES.items():
        grey = cv2.resize(color.rgb2gray(colour), size, interpolation=cv2.INTER_CUBIC)
        grey = np.clip(grey * 255, 0, 255).astype(np.uint8)
        image = Image(grey)
        rows = thresholds(grey) + (contours(grey) if label == "640x360" else [])
        for row in rows:
            rounds = 3 if options.quick or row.name in SLOW else 11
            jobs = {"ours": lambda row=row, image=image: row.ours(image), "theirs": row.theirs}
            times = interleave(jobs, rounds=rounds, warm=1)
            middle, low, high = ratio(times["theirs"], times["ours"])
            same = agreement(row.ours(image), row.theirs())
            must = "" if row.must is None else f"  must {row.must:g}"
            print(
                f"{label:>10} {row.name:18}{row.rival:24}{np.median(times['ours']):9.2f}"
                f"{middle:8.2f}  {low:5.2f}-{high:<6.2f} {same:.5f}{must}"
            )
            figures[f"{row.name}_{row.rival.split()[0]}_{label}"] = middle
    finish(figures)


if __name__ == "__main__":
    main()
