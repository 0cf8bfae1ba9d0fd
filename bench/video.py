"""Video: how well the stages overlap, the guide's own loop against ours, and flicker.

python bench/video.py --data DIR --models DIR

The clip is a stretch of ``videos/one-by-one-person-detection.mp4`` at 1280 x 720. The guide's
loop is timed only where mediapipe is installed. All ratios are of one run: stages, capacity and
whole runs take turns, and medians are compared.
"""

# ruff: noqa: E402 - the folder of this file must leave the path: its names hide others

import hashlib
import os
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from threading import Thread

HERE = Path(__file__).parent
sys.path = [place for place in sys.path if Path(place or ".").resolve() != HERE]

import cv2
import numpy as np

from pixelwise.cards.deck import load_cards
from pixelwise.convert import to_foreground
from pixelwise.core import Foreground, Image, Result
from pixelwise.drawing import Blur, composite
from pixelwise.io.video import VideoFile, VideoWriter
from pixelwise.methods.deep.network import Network
from pixelwise.pipeline import run
from pixelwise.refine import Stable

guides = find_spec("mediapipe") is not None
if guides:
    import mediapipe  # noqa: F401 - before this folder, whose mediapipe.py would hide it

sys.path.insert(0, str(HERE))
from harness import arguments, finish

SIZE = (720, 1280)
FIRST = 300
CLIPS = ("car-shadow", "scooter-black", "libby")


def clip(source: Path, path: Path, count: int) -> Path:
    """Write ``count`` frames of a video at the size of the benchmark."""
    with VideoWriter(path) as sink:
        for number, image in enumerate(VideoFile(source)):
            if FIRST <= number < FIRST + count:
                pixels = cv2.resize(image.pixels, SIZE[::-1], interpolation=cv2.INTER_CUBIC)
                shown = Image(pixels, image.space)
                sink.write(shown, Foreground(np.zeros(SIZE, bool)))
            elif number >= FIRST + count:
                break
    return path


def blurred(image: Image, result: Result) -> Image:
    return composite(image, to_foreground(result), Blur(55))


def capacity(seconds: float = 1.2) -> float:
    """Return the CPU seconds a second that two busy threads get here, now."""
    data, end = bytes(1 << 20), time.perf_counter() + seconds

    def burn() -> None:
        while time.perf_counter() < end:
            hashlib.sha256(data).digest()

    start, cpu = time.perf_counter(), time.process_time()
    threads = [Thread(target=burn) for _ in range(os.cpu_count() or 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return (time.process_time() - cpu) / (time.perf_counter() - start)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    start, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start, time.process_time() - cpu


class Write:
    def __init__(self, path: Path, video: VideoFile) -> None:
        self.path, self.video = path, video

    def __call__(self, images: list[Image], results: list[Result]) -> None:
        with VideoWriter(self.path, like=self.video.facts) as sink:
            for image, result in zip(images, results, strict=True):
                sink.write(image, result)


def overlap(path: Path, network: Network, folder: Path, rounds: int, stable: bool) -> dict:
    """Return wall time over the best that could be, and the parts of both."""
    video = VideoFile(path)
    images = list(video)
    results = [network(image) for image in images]
    shown = [blurred(image, result) for image, result in zip(images, results, strict=True)]
    write = Write(folder / "stage.mp4", video)
    stages: dict[str, Callable[[], object]] = {
        "decode": lambda: sum(1 for _ in video),
        "segment": lambda: [network(image) for image in images],
        "composite": lambda: [blurred(*pair) for pair in zip(images, results, strict=True)],
        "encode": lambda: write(shown, results),
    }
    if stable:
        stages["stable"] = lambda: list(Stable()(zip(images, results, strict=True)))
    refine = Stable() if stable else None
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in [*stages, "whole"]}
    able: list[float] = []
    for _ in range(rounds):
        for name, work in stages.items():
            times[name].append(timed(work))
        able.append(capacity())
        sink = VideoWriter(folder / "whole.mp4", like=video.facts)
        times["whole"].append(
            timed(lambda: run(video, network, sink, refine=refine, show=blurred))  # noqa: B023
        )
        able.append(capacity())
    walls = {name: float(np.median([wall for wall, _ in rows])) for name, rows in times.items()}
    spent = {name: float(np.median([cpu for _, cpu in rows])) for name, rows in times.items()}
    count, power = len(images), float(np.median(able))
    total = sum(spent[name] for name in stages)
    bound = max([*(walls[name] for name in stages), total / power])
    ratios = [
        row[0] / max([*(times[n][k][0] for n in stages), sum(times[n][k][1] for n in stages) / c])
        for k, (row, c) in enumerate(
            zip(
                times["whole"],
                ((able[2 * i] + able[2 * i + 1]) / 2 for i in range(rounds)),
                strict=True,
            )
        )
    ]
    for name in [*stages, "whole"]:
        print(
            f"{name:10} {1000 * walls[name] / count:7.2f} ms wall, "
            f"{1000 * spent[name] / count:7.2f} ms CPU a frame"
        )
    print(
        f"capacity {power:.2f}; wall / bound {walls['whole'] / bound:.2f} "
        f"(round by round {np.round(ratios, 2).tolist()}), must <= 1.15; "
        f"load {os.getloadavg()[0]:.1f}"
    )
    key = "stable" if stable else "per_frame"
    return {
        f"video_{key}_wall_over_bound": walls["whole"] / bound,
        f"video_{key}_ms_a_frame": 1000 * walls["whole"] / count,
        f"video_{key}_capacity": power,
    }


def guide(path: Path, model: Path, out: Path) -> None:
    """Do what the guide's video cells do, frame by frame."""
    from mediapipe.tasks.python import BaseOptions, vision

    import mediapipe as mp

    options = vision.ImageSegmenterOptions(
        base_options=BaseOptions(model_asset_path=str(model)),
        output_category_mask=True,
        output_confidence_masks=False,
    )
    source = cv2.VideoCapture(str(path))
    sink = cv2.VideoWriter(str(out), cv2.VideoWriter_fourcc(*"mp4v"), 30, SIZE[::-1])
    with vision.ImageSegmenter.create_from_options(options) as segmenter:
        while True:
            given, frame = source.read()
            if not given:
                break
            rgb = cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
            image = mp.Image(image_format=mp.ImageFormat.SRGB, data=rgb)
            mask = segmenter.segment(image).category_mask.numpy_view()
            mask = mask[..., 0] if mask.ndim == 3 else mask
            blurred_frame = cv2.GaussianBlur(frame, (55, 55), 0)
            sink.write(np.where(np.stack((mask,) * 3, axis=-1) < 0.2, frame, blurred_frame))
    sink.release()


def against_guide(path: Path, network: Network, options: Namespace, folder: Path) -> dict:
    """Return the guide's time over ours, in turns."""
    spec = spec_from_file_location("rivals", HERE / "mediapipe.py")
    rivals = module_from_spec(spec)
    sys.modules["rivals"] = rivals
    spec.loader.exec_module(rivals)
    case = next(case for case in rivals.CASES if case.card == "selfie-landscape")
    model = rivals.with_metadata(options.models / case.file, case, folder)
    video, rows = VideoFile(path), []
    run(video, network, VideoWriter(folder / "warm.mp4"), show=blurred)
    for number in range(2 if options.quick else 5):
        pair = {}
        for name in ("guide", "ours") if number % 2 else ("ours", "guide"):
            sink = VideoWriter(folder / "ours.mp4", like=video.facts)
            pair[name] = timed(
                (lambda: guide(path, model, folder / "guide.mp4"))
                if name == "guide"
                else (lambda: run(video, network, sink, show=blurred))  # noqa: B023
            )[0]
        rows.append(pair)
    ratio = float(np.median([row["guide"] / row["ours"] for row in rows]))
    count = video.facts.count
    for name in ("guide", "ours"):
        print(f"{name:10} {1000 * min(row[name] for row in rows) / count:7.2f} ms a frame at best")
    print(
        f"the guide's loop / ours {ratio:.2f}, must >= 5: "
        f"{[round(row['guide'] / row['ours'], 2) for row in rows]}; load {os.getloadavg()[0]:.1f}"
    )
    best = min(row["guide"] for row in rows) / min(row["ours"] for row in rows)
    return {"video_guide_over_ours": ratio, "video_guide_over_ours_of_the_best": best}


def main() -> None:
    options = arguments(__doc__ or "")
    count, rounds = (30, 2) if options.quick else (120, 5)
    file = options.models / "selfie_segmentation_landscape.tflite"
    network = Network.load(load_cards()["selfie-landscape"], file, threads=1).warm()
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = options.data / "videos" / "one-by-one-person-detection.mp4"
        path = clip(source, folder / "clip.mp4", count)
        for stable in (False, True):
            figures |= overlap(path, network, folder, rounds, stable)
        if guides:
            figures |= against_guide(path, network, options, folder)
    finish(figures)


if __name__ == "__main__":
    main()
