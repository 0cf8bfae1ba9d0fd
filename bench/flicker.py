"""Flicker of masks and their IoU with the truth: frame by frame, by an IIR blend, and by ours.

python bench/flicker.py --data DIR --models DIR

DAVIS clips with truth and a stretch of a test clip without. The IIR blend is that of an OBS
plugin: 0.85 of the new mask, 0.15 of the last.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np

from harness import arguments, finish
from pixelwise.cards.deck import load_cards
from pixelwise.convert import to_foreground
from pixelwise.core import Foreground, Image, Semantic
from pixelwise.evaluation.flicker import evaluate_flicker
from pixelwise.io.video import VideoFile
from pixelwise.methods.deep.network import Network
from pixelwise.ops.upsampled import Upsampled
from pixelwise.refine import Stable

CLIPS = ("car-shadow", "scooter-black", "libby")
MODELS = {
    "selfie": "selfie_segmentation.tflite",
    "deeplab-v3": "deeplab_v3.tflite",
}
FACTOR = 0.85
PEOPLE = (330, 375)

Pairs = list[tuple[Image, Foreground]]


def rgb(path: Path) -> Image:
    return Image(np.ascontiguousarray(cv2.imread(str(path))[..., ::-1]))


def clips(data: Path, quick: bool) -> Iterator[tuple[str, list[Image], list[np.ndarray] | None]]:
    folder = data / "davis2016"
    for name in CLIPS[: 1 if quick else 3]:
        images = [rgb(path) for path in sorted((folder / "JPEGImages" / name).glob("*.jpg"))]
        truths = sorted((folder / "Annotations" / name).glob("*.png"))
        yield name, images, [cv2.imread(str(path), 0) > 127 for path in truths]
    if not quick:
        video = VideoFile(data / "videos" / "one-by-one-person-detection.mp4")
        images = []
        for number, image in enumerate(video):
            if number >= PEOPLE[1]:
                break
            if number >= PEOPLE[0]:
                images.append(image)
        yield "people", images, None


def soft(network: Network, image: Image) -> Foreground:
    """Return the foreground with its probability; of classes, any but the background."""
    result = network(image)
    if not isinstance(result, Semantic):
        return to_foreground(result)
    values = np.asarray(result.scores.values)
    plane = Upsampled(np.ascontiguousarray(1 - values[0]), image.size, result.scores.window)
    return Foreground(plane.levels() > 127, plane)


def blended(pairs: Pairs) -> Pairs:
    made, last = [], None
    for image, result in pairs:
        values = result.plane.values
        last = values if last is None else FACTOR * values + (1 - FACTOR) * last
        plane = Upsampled(last.astype(np.float32), image.size)
        made.append((image, Foreground(plane.levels() > 127, plane)))
    return made


WAYS: dict[str, Callable[[Pairs], Pairs]] = {
    "per_frame": lambda pairs: pairs,
    "iir": blended,
    "stable": lambda pairs: list(Stable()(pairs)),
    "stable_live": lambda pairs: list(Stable.live()(pairs)),
}


def iou(pairs: Pairs, truths: list[np.ndarray]) -> float:
    scores = [
        np.count_nonzero(result.mask & truth) / max(1, np.count_nonzero(result.mask | truth))
        for (_, result), truth in zip(pairs, truths, strict=True)
    ]
    return float(np.mean(scores))


def main() -> None:
    options = arguments(__doc__ or "")
    flickers: dict[str, list[float]] = {way: [] for way in WAYS}
    overlaps: dict[str, list[float]] = {way: [] for way in WAYS}
    cards = load_cards()
    networks = {name: Network.load(cards[name], options.models / MODELS[name]) for name in MODELS}
    for clip, images, truths in clips(options.data, options.quick):
        for name, network in networks.items():
            pairs = [(image, soft(network, image)) for image in images]
            row = [f"{clip:14} {name:12}"]
            for way, work in WAYS.items():
                made = work(pairs)
                flicker = float(evaluate_flicker({clip: made})["flicker"].value)
                flickers[way].append(flicker)
                row.append(f"{way} {flicker:.3f}")
                if truths is not None:
                    overlaps[way].append(iou(made, truths))
                    row.append(f"(IoU {overlaps[way][-1]:.3f})")
            print(" ".join(row))
    figures = {}
    for way in WAYS:
        change = np.mean(flickers[way]) / np.mean(flickers["per_frame"]) - 1
        gain = np.mean(overlaps[way]) - np.mean(overlaps["per_frame"])
        print(f"{way:12} flicker {np.mean(flickers[way]):.3f} ({change:+.1%}), IoU {gain:+.3f}")
        figures |= {f"flicker_{way}_change": change, f"flicker_{way}_iou_gain": gain}
    print("musts: flicker at least 40 % lower, IoU not lower, better than iir in both")
    finish(figures)


if __name__ == "__main__":
    main()
