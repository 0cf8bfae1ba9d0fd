"""HOTA and IDF1 of tracks: ours against the ByteTrack of the kept library, on the same detections.

python bench/tracking.py --data DIR --models DIR

Films of things that cross, with known truth and a poor detector (tests/crossings.py), the same
before a camera that is held in the hand, and the clips of ../shared/data/videos as yolov8n-seg-320
sees them. Whose detections are whose in the clips was told by eye (THINGS). The library
(roboflow/trackers) runs in .venv-rivals with its own defaults, and with the thresholds of ours;
without it only ours is scored.
"""

import pickle
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.crossings import crowd, film, passing, shaken

from harness import arguments, finish
from pixelwise.cards.deck import load_cards
from pixelwise.core import Image, Instances, Legend, build
from pixelwise.evaluation import Evaluation
from pixelwise.io.video import VideoFile
from pixelwise.methods.deep.network import Network
from pixelwise.ops.overlap import unsuppressed
from pixelwise.tracking import TRACKERS

HERE = Path(__file__).resolve().parent
RIVALS = HERE.parent / ".venv-rivals" / "bin" / "python"
MODEL, MODEL_FILE = "yolov8n-seg-320", "yolov8n_320_quant_pc_ii_seg_coco-st.tflite"
ONE = Legend.of(["thing"], things=["thing"])
METRICS = ("hota", "idf1", "mota")

Row = tuple[Image, Instances, Instances]
"""A frame, the truth, and what was found."""


@dataclass(frozen=True)
class Clip:
    """What is looked at of a clip.

    Args:
        classes: What its things are seen as.
        first: The first frame that is looked at.
        last: The last one.
        step: Every so-manieth.
        things: First and last frame of each true thing, and between which columns its middle is.
    """

    classes: tuple[str, ...]
    first: int
    last: int
    step: int
    things: tuple[tuple[int, int, int, int], ...]


CARS = ("car", "truck", "bus", "cell phone")
CAR_THINGS = ((60, 105, 0, 768), (188, 240, 0, 270), (188, 240, 270, 768), (320, 376, 0, 768))
CLIPS = {
    "car-detection": Clip(CARS, 0, 376, 1, CAR_THINGS),
    "one-by-one-person-detection": Clip(
        ("person",), 0, 880, 2,
        ((60, 200, 0, 768), (224, 450, 0, 768), (500, 700, 0, 768), (740, 872, 0, 768)),
    ),
    # later on bottles are put back, and nobody can say whether they are the same ones
    "bottle-detection": Clip(
        ("bottle",), 212, 660, 4,
        ((340, 530, 0, 200), (212, 530, 200, 420), (212, 660, 420, 640)),
    ),
}  # fmt: skip


def synthetic(quick: bool) -> dict[str, list[Row]]:
    films = {
        f"crowd {seed}": list(film(crowd(seed, count=5 + seed % 5), seed=seed))
        for seed in range(2 if quick else 6)
    }
    for hidden in (15, 25):
        things, post = passing(hidden)
        films[f"hidden {hidden}"] = list(film(things, post=post, noise=0.0))
    return films


def in_the_hand(quick: bool) -> dict[str, list[Row]]:
    films = {}
    for seed in range(2 if quick else 6):
        things = crowd(seed, count=5 + seed % 5)
        camera = shaken(seed, len(things[0].places))
        films[f"crowd {seed}"] = list(film(things, seed=seed, camera=camera))
    for hidden in (15, 25):
        things, post = passing(hidden)
        camera = shaken(hidden, len(things[0].places))
        films[f"hidden {hidden}"] = list(film(things, post=post, noise=0.0, camera=camera))
    return films


def clips(data: Path, models: Path, quick: bool) -> dict[str, list[Row]]:
    network = Network.load(load_cards()[MODEL], models / MODEL_FILE)
    made = {}
    for name, clip in list(CLIPS.items())[: 1 if quick else None]:
        rows = list(seen(VideoFile(data / "videos" / f"{name}.mp4"), network, clip))
        made[name] = rows
        if name == "car-detection":
            made["cars, every 2nd frame"] = rows[::2]
    return made


def seen(video: VideoFile, network: Network, clip: Clip) -> Iterator[Row]:
    for number, image in enumerate(video):
        if number > clip.last:
            return
        if number >= clip.first and number % clip.step == 0:
            found = of_classes(network(image), clip.classes)
            yield image, truth_of(found, clip, number), found


def of_classes(result: Instances, names: Sequence[str]) -> Instances:
    """Return the things of some classes, each once, all of one class."""
    wanted = [result.legend.id_of(name) for name in names]
    table = result.segments
    result = result[np.isin(table.class_id, wanted) & (table.score >= 0.1)]
    table = result.segments
    alone = unsuppressed(table.box, table.score, np.zeros(len(table), int), 0.75, most=99)
    result = result[np.sort(alone)]
    table = result.segments.with_columns(class_id=np.zeros(len(result), np.int32))
    return Instances(table, result.crops, result.size, ONE)


def truth_of(found: Instances, clip: Clip, number: int) -> Instances:
    """Return the surest detection of each thing that is there."""
    rows, ids = [], []
    middle = found.segments.box[:, [0, 2]].mean(axis=1)
    wide = found.segments.box[:, 2] - found.segments.box[:, 0]
    for track, (first, last, left, right) in enumerate(clip.things, start=1):
        there = (middle >= left) & (middle < right) & (found.segments.score >= 0.3)
        there &= wide < 0.6 * found.size[1]
        if first <= number <= last and there.any():
            rows.append(int(np.argmax(np.where(there, found.segments.score, -1))))
            ids.append(track)
    kept = found[np.array(rows, np.int64)]
    table = kept.segments.with_columns(track_id=np.array(ids, np.int32))
    return Instances(table, kept.crops, kept.size, kept.legend)


def ours(name: str, films: dict[str, list[Row]]) -> dict[str, list[Instances]]:
    made = {}
    base, _, left_out = name.partition(", without ")
    settings = {left_out: False} if left_out else {}
    for film_name, rows in films.items():
        tracker = build(TRACKERS[base], settings)
        made[film_name] = [tracker.update(image, found) for image, _, found in rows]
    return made


def theirs(settings: str, films: dict[str, list[Row]]) -> dict[str, list[Instances]]:
    boxes = {
        name: [(found.segments.box, found.segments.score, found.segments.class_id)
               for _, _, found in rows]
        for name, rows in films.items()
    }  # fmt: skip
    done = subprocess.run(
        [str(RIVALS), str(HERE / "tracking_rivals.py"), settings],
        input=pickle.dumps(boxes), stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    ids = pickle.loads(done.stdout)  # noqa: S301 - our own child
    made: dict[str, list[Instances]] = {}
    for name, rows in films.items():
        made[name] = []
        for (_, _, found), tracks in zip(rows, ids[name], strict=True):
            kept = found[tracks >= 0]
            table = kept.segments.with_columns(track_id=tracks[tracks >= 0])
            made[name].append(Instances(table, kept.crops, kept.size, kept.legend))
    return made


def scores(films: dict[str, list[Row]], made: dict[str, list[Instances]]) -> dict[str, float]:
    evaluation = Evaluation(list(METRICS))
    for name, rows in films.items():
        for number, ((_, truth, _), result) in enumerate(zip(rows, made[name], strict=True)):
            evaluation.add(truth, result, f"{name}/{number}")
    found = evaluation.scores()
    return {metric: float(found[metric].value) for metric in METRICS}


def kept(rows: list[Row], made: list[Instances]) -> bool:
    """Whether every true thing had one id all the time."""
    given: dict[int, set[int]] = {}
    for (_, truth, _), result in zip(rows, made, strict=True):
        for track, mask in zip(truth.segments.track_id.tolist(), truth.masks, strict=True):
            for other, found in zip(result.segments.track_id.tolist(), result.masks, strict=True):
                if np.count_nonzero(mask & found) > 0.5 * np.count_nonzero(mask):
                    given.setdefault(track, set()).add(other)
    return all(len(ids) == 1 for ids in given.values())


def main() -> None:
    options = arguments(__doc__ or "")
    sets = {
        "synthetic": synthetic(options.quick),
        "in the hand": in_the_hand(options.quick),
        "clips": clips(options.data, options.models, options.quick),
    }
    ways = dict.fromkeys([*TRACKERS, "hybrid-sort, without camera"], ours)
    has_rival = (
        RIVALS.exists()
        and not subprocess.run(
            [str(RIVALS), "-c", "import trackers"], check=False, stderr=subprocess.DEVNULL
        ).returncode
    )
    if has_rival:
        ways |= {"bytetrack (trackers)": theirs, "bytetrack, our thresholds": theirs}
    else:
        print("the package trackers is not in .venv-rivals: ours alone")
    figures: dict[str, float] = {}
    for set_name, films in sets.items():
        frames = sum(len(rows) for rows in films.values())
        print(f"{set_name}: {len(films)} films, {frames} frames")
        for name, way in ways.items():
            start = time.process_time()
            made = way(name, films)
            spent = (time.process_time() - start) / frames * 1000
            found = scores(films, made)
            row = "  ".join(f"{metric} {value:.3f}" for metric, value in found.items())
            cost = f"  {spent:.1f} ms CPU/frame" if way is ours else ""
            hidden = [kept(films[k], made[k]) for k in films if k.startswith("hidden")]
            stays = f"  ids kept when hidden for 15, 25 frames: {hidden}" if hidden else ""
            print(f"  {name:26} {row}{cost}{stays}")
            key = name.replace(" (trackers)", "").replace(", our thresholds", "_tuned")
            key = f"{set_name}_{key.replace(', without camera', '_still')}".replace("in the ", "")
            figures |= {f"{key}_{m}": v for m, v in found.items() if m != "mota"}
    print("must: hybrid-sort at least the library's ByteTrack in both scores on all sets")
    finish(figures)


if __name__ == "__main__":
    main()
