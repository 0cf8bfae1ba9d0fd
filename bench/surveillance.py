"""Background subtraction on a street camera: F-measure against its truth frames.

python bench/surveillance.py --data DIR

cdnet_highway: the first 100 frames are learnt from (they have cars in them), the other 101 are
scored. Truth 170 is left out; 50 (shadow) is background. OpenCV's two are scored bare as well, as
rivals: their answer 255 is what moves.
"""

import time

import cv2
import numpy as np

from harness import arguments, finish
from pixelwise.apps.surveillance import BACKGROUNDS, LEGEND
from pixelwise.core import Image

LEARNT = 100
MUST = 0.90
MOVING, SHADOW = LEGEND.id_of("moving"), LEGEND.id_of("shadow")
BARE = {
    "mog2 bare": lambda: cv2.createBackgroundSubtractorMOG2(500, 16, detectShadows=True),
    "knn bare": lambda: cv2.createBackgroundSubtractorKNN(500, 400.0, detectShadows=True),
}


def f_measure(masks: list[np.ndarray], truths: list[np.ndarray]) -> tuple[float, float, float]:
    hits = wrong = missed = 0
    for mask, truth in zip(masks, truths, strict=True):
        known, moving = truth != 170, truth == 255
        hits += np.count_nonzero(mask & moving)
        wrong += np.count_nonzero(mask & known & ~moving)
        missed += np.count_nonzero(~mask & moving)
    precision, recall = hits / max(hits + wrong, 1), hits / max(hits + missed, 1)
    return 2 * precision * recall / max(precision + recall, 1e-9), precision, recall


def main() -> None:
    options = arguments(__doc__ or "")
    folder = options.data / "cdnet_highway" / "highway"
    images, truths = [], []
    for path in sorted((folder / "input").glob("*.jpg")):
        images.append(Image(np.ascontiguousarray(cv2.imread(str(path))[..., ::-1])))
        name = path.name.replace("in", "gt").replace(".jpg", ".png")
        truths.append(cv2.imread(str(folder / "groundtruth" / name), cv2.IMREAD_GRAYSCALE))
    figures: dict[str, float] = {}
    for name, engine in ((name, make()) for name, make in BARE.items()):
        levels = [engine.apply(image.pixels) for image in images]
        f = f_measure([level == 255 for level in levels[LEARNT:]], truths[LEARNT:])
        print(f"{name:10} F {f[0]:.3f}  precision {f[1]:.3f}  recall {f[2]:.3f}")
    for name in BACKGROUNDS:
        background = BACKGROUNDS[name]()
        start = time.process_time()
        background.learn(images[:LEARNT])
        found = [background(image).labels for image in images[LEARNT:]]
        spent = (time.process_time() - start) / len(images) * 1000
        f = f_measure([labels == MOVING for labels in found], truths[LEARNT:])
        shadow = [
            (np.count_nonzero(labels[truth == 50] != MOVING), np.count_nonzero(truth == 50))
            for labels, truth in zip(found, truths[LEARNT:], strict=True)
        ]
        apart = sum(row[0] for row in shadow) / max(sum(row[1] for row in shadow), 1)
        print(
            f"{name:10} F {f[0]:.3f}  precision {f[1]:.3f}  recall {f[2]:.3f}  "
            f"shadow apart {apart:.3f}  {spent:.1f} ms CPU/frame"
        )
        figures[f"surveillance_{name}_f"] = f[0]
    print(f"must: the best at least {MUST}")
    finish(figures)


if __name__ == "__main__":
    main()
