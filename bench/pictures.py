"""Pictures in and out at 1080p: ours against Pillow and OpenCV on the same bytes.

``python bench/pictures.py``: decoding of JPEG and PNG, and writing of a mask, a label map and a
photo. A ratio over 1 says how many times longer the other one takes.
"""

import io

import cv2
import numpy as np
from PIL import Image as PillowImage

import harness
from pixelwise.core import Foreground, Image, Legend, Semantic
from pixelwise.io.files import decode, encode

HEIGHT, WIDTH = 1080, 1920


def photo() -> np.ndarray:
    """Return random colours on a coarse grid, upsampled, with a little noise."""
    generator = np.random.default_rng(0)
    coarse = generator.integers(0, 256, (34, 60, 3)).astype(np.uint8)
    smooth = cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    noise = generator.integers(-6, 7, smooth.shape)
    return np.clip(smooth.astype(np.int16) + noise, 0, 255).astype(np.uint8)


def blobs(count: int) -> np.ndarray:
    """Return a label map of ``count`` classes in soft blobs."""
    generator = np.random.default_rng(1)
    heights = [
        cv2.GaussianBlur(generator.random((HEIGHT, WIDTH), np.float32), (0, 0), 40)
        for _ in range(count)
    ]
    return np.argmax(heights, axis=0).astype(np.int32)


def with_pillow(data: bytes) -> np.ndarray:
    with PillowImage.open(io.BytesIO(data)) as picture:
        return np.asarray(picture)


def with_opencv(data: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)


def saved(pixels: np.ndarray, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    PillowImage.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


def indexed(labels: np.ndarray, palette: np.ndarray) -> bytes:
    picture = PillowImage.fromarray(labels.astype(np.uint8))
    picture.putpalette(palette.tobytes())
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def jobs() -> dict[str, dict[str, harness.Job]]:
    """Return subject -> who -> job."""
    pixels, mask, labels = photo(), blobs(2) == 1, blobs(19)
    image, result = Image(pixels), Foreground(mask)
    classes = Semantic(labels, Legend.official("cityscapes-19"))
    palette = classes.legend.palette()
    jpeg, png = saved(pixels, "JPEG", quality=90), saved(pixels, "PNG")
    return {
        "jpeg_decode": {
            "ours": lambda: decode(jpeg),
            "pillow": lambda: with_pillow(jpeg),
            "opencv": lambda: with_opencv(jpeg),
        },
        "png_decode": {
            "ours": lambda: decode(png),
            "pillow": lambda: with_pillow(png),
            "opencv": lambda: with_opencv(png),
        },
        "mask_png": {
            "ours": lambda: encode(result, ".png"),
            "pillow": lambda: saved(mask.astype(np.uint8) * 255, "PNG"),
            "opencv": lambda: cv2.imencode(".png", mask.astype(np.uint8) * 255),
        },
        "labels_png": {
            "ours": lambda: encode(classes, ".png"),
            "pillow": lambda: indexed(labels, palette),
        },
        "jpeg_encode": {
            "ours": lambda: encode(image, ".jpg"),
            "pillow": lambda: saved(pixels, "JPEG", quality=92, subsampling=0),
        },
        "png_encode": {
            "ours": lambda: encode(image, ".png"),
            "pillow": lambda: saved(pixels, "PNG"),
        },
    }


def main() -> None:
    options = harness.arguments(__doc__ or "")
    figures: dict[str, float] = {}
    print(f"{'subject':12} {'ours ms':>8}  others ÷ ours (95 % interval)")
    for subject, who in jobs().items():
        times = harness.interleave(who, rounds=3 if options.quick else 15)
        ours = float(np.median(times["ours"]))
        figures[f"{subject}_ms"] = ours
        parts = []
        for other in list(who)[1:]:
            middle, low, high = harness.ratio(times[other], times["ours"])
            figures[f"{subject}_{other}_ratio"] = middle
            parts.append(f"{other} {middle:.2f} ({low:.2f} to {high:.2f})")
        print(f"{subject:12} {ours:8.2f}  {', '.join(parts)}")
    harness.finish(figures)


if __name__ == "__main__":
    main()
