"""Things, people and panoptic segments of COCO pictures, by the networks at hand.

AP of masks and PQ of the fused pair go through ``find`` and ``best``; truth is the panoptic one,
whose segments do not overlap, so AP is not the official one of COCO.
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np

import pixelwise as pw
from harness import arguments, finish
from pixelwise.core import Instances, Panoptic, Segments, Task
from pixelwise.core.crops import Crop
from pixelwise.evaluation import Evaluation
from pixelwise.refine import REFINEMENTS

MUST = {"ap": 0.258, "ap50": 0.41, "person": 0.78, "pq": 0.25}


def truths(folder: Path) -> Iterator[tuple[Path, Panoptic]]:
    """Yield each picture and its panoptic truth."""
    table = json.loads((folder / "panoptic.json").read_text(encoding="utf-8"))
    files = {row["id"]: row["file_name"] for row in table["images"]}
    legend = pw.Legend.official("coco-panoptic-133")
    for row in table["annotations"]:
        colours = cv2.imread(str(folder / "panoptic" / row["file_name"]))[..., ::-1].astype(
            np.int32
        )
        ids = colours @ np.int32([1, 256, 65536])
        found = row["segments_info"]
        keys = np.array([segment["id"] for segment in found])
        labels = np.zeros(ids.shape, np.int32)
        for number, key in enumerate(keys, start=1):
            labels[ids == key] = number
        table = Segments.of([segment["category_id"] for segment in found]).with_columns(
            crowd=[bool(segment["iscrowd"]) for segment in found]
        )
        yield folder / "images" / files[row["image_id"]], Panoptic(labels, table, legend)


def things_of(truth: Panoptic) -> Instances:
    """Return the things of a panoptic truth, crowds marked."""
    legend = pw.Legend.official("coco-80")
    rows = np.isin(truth.segments.class_id, legend.ids)
    table = truth.segments[rows]
    crops = tuple(Crop.of(truth.labels == number) for number in table.id)
    return Instances(table, crops, truth.size, legend)


def persons_of(truth: Panoptic) -> tuple[np.ndarray, np.ndarray]:
    """Return where people are, and where nobody knows (void and crowds)."""
    rows = truth.segments
    people = rows.class_id == truth.legend.id_of("person")
    unknown = (truth.labels == 0) | np.isin(truth.labels, rows.id[rows.crowd])
    return np.isin(truth.labels, rows.id[people & ~rows.crowd]), unknown


def person_iou(model: Callable, pictures: list) -> float:
    """Return the mean IoU of people where they fill over a tenth of the picture."""
    scores = []
    for image, truth in pictures:
        wanted, unknown = persons_of(truth)
        if wanted.mean() <= 0.1:
            continue
        found = model(image).mask_of("person") & ~unknown
        scores.append(np.count_nonzero(found & wanted) / np.count_nonzero(found | wanted))
    return float(np.mean(scores))


def main() -> None:
    given = arguments(__doc__)
    os.environ["PIXELWISE_MODEL_PATH"] = str(given.models)
    pictures = [(pw.read(path), truth) for path, truth in truths(given.data / "coco_val")]
    pictures = pictures[:8] if given.quick else pictures
    things = pw.find("yolov8n-seg-320")
    objects, segments = Evaluation(["ap", "ap50", "ap75"]), Evaluation(["pq", "sq", "rq"])
    drawn = {name: Evaluation(["ap", "ap50", "ap75"]) for name in ("guided", "snap")}
    pair = pw.best(Task.PANOPTIC)
    for number, (image, truth) in enumerate(pictures):
        wanted, found = things_of(truth), things(image)
        objects.add(wanted, found, str(number))
        for name, evaluation in drawn.items():
            evaluation.add(wanted, REFINEMENTS[name]()(image, found), str(number))
        segments.add(truth, pair(image), str(number))
    figures = {name: score.value for name, score in objects.scores().items()}
    for step, evaluation in drawn.items():
        figures |= {f"{name}_{step}": one.value for name, one in evaluation.scores().items()}
    found = segments.scores()
    figures |= {name: score.value for name, score in found.items()}
    kinds = {row.name: row.is_thing for row in pw.Legend.official("coco-panoptic-133")}
    for kind, is_thing in (("things", True), ("stuff", False)):
        rows = [row.value for row in found["pq"].per_class if kinds[row.name] is is_thing]
        figures[f"pq_{kind}"] = float(np.nanmean(rows))
    figures["person"] = person_iou(pw.find("deeplab-mnv2-voc"), pictures)
    print(f"{len(pictures)} pictures\n{'figure':12} {'value':>7} {'must':>6}")
    for name, value in figures.items():
        print(f"{name:12} {value:7.4f} {MUST.get(name, ''):>6}")
    finish(figures)


if __name__ == "__main__":
    main()
