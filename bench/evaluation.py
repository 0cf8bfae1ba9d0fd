"""Scores against the packages that everybody uses: how many times faster, with equal answers.

Rivals that are not installed are left out (torchmetrics, MONAI, TrackEval, pyEdgeEval).
"""

import contextlib
import io
import json
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np
from PIL import Image as PillowImage

from harness import arguments, finish, interleave, ratio
from pixelwise.core import Crop, Instances, Legend, Panoptic, Segments
from pixelwise.evaluation import Evaluation, matching, surfaces, thinning
from pixelwise.evaluation.objects import AP, Objects
from pixelwise.evaluation.panoptic import panoptic_counts
from pixelwise.evaluation.pixels import confusion_matrix
from pixelwise.evaluation.sequences import (
    Frame,
    Tracks,
    clear_counts,
    hota_counts,
    identity_counts,
)

OFFSET = 256**3
Jobs = Mapping[str, Callable[[], Any]]


def main() -> None:
    settings = arguments(__doc__ or "")
    rounds = 3 if settings.quick else 9
    figures: dict[str, float] = {}
    report("mean IoU, 19 classes, 1080p", miou_jobs(), rounds, figures, "miou")
    pictures = 60 if settings.quick else 400
    masks, codes = ap_jobs(pictures)
    report(f"mask AP from masks, {pictures} pictures", masks, 3, figures, "ap")
    report(f"mask AP from run lengths, {pictures} pictures", codes, 5, figures, "ap_engine")
    if (settings.data / "coco_val").is_dir():
        arrays, files = panoptic_jobs(settings.data / "coco_val")
        report("panoptic quality, arrays", arrays, rounds, figures, "pq_arrays")
        report("panoptic quality, PNG files", files, rounds, figures, "pq_files")
    report("HOTA, CLEAR, identity; 600 frames", track_jobs(), 5, figures, "tracks")
    report("HD95, 3-D, 96x128x128", surface_jobs(), rounds, figures, "hd95")
    if (settings.data / "bsds500").is_dir():
        report("BSDS matching", boundary_jobs(settings.data / "bsds500"), 3, figures, "boundary")
    finish(figures)


def report(title: str, jobs: Jobs, rounds: int, figures: dict[str, float], name: str) -> None:
    """Print a row for each way, and how many times slower than ours it is."""
    if len(jobs) < 2:
        print(f"{title}: no rival installed")
        return
    times = interleave(jobs, rounds=rounds, warm=1)
    print(f"\n{title}\n  {'way':34} {'ms':>9}  / ours")
    for way, took in times.items():
        middle, low, high = ratio(took, times["ours"])
        print(f"  {way:34} {np.median(took):9.2f}  {middle:6.2f}  ({low:.2f} to {high:.2f})")
        if way != "ours":
            figures[f"{name}_{way.replace(' ', '_').replace(',', '')}_ratio"] = middle
    figures[f"{name}_ours_ms"] = float(np.median(times["ours"]))


def miou_jobs() -> Jobs:
    random = np.random.default_rng(0)
    legend = Legend.official("cityscapes-19")
    coarse = random.integers(0, 19, (27, 48)).astype(np.uint8)
    truth = cv2.resize(coarse, (1920, 1080), interpolation=cv2.INTER_NEAREST).astype(np.int32)
    labels = np.roll(truth, 7, 1)
    labels[random.random(labels.shape) < 0.02] = 3
    truth[:40] = legend.void

    def ours() -> float:
        table = confusion_matrix(truth, labels, legend)
        return mean_iou(table[:, :-1], table.sum(axis=1))

    def bincount() -> float:
        known = truth != legend.void
        keys = truth[known].astype(np.int64) * 19 + labels[known]
        table = np.bincount(keys, minlength=361).reshape(19, 19)
        return mean_iou(table, table.sum(axis=1))

    jobs: dict[str, Callable[[], Any]] = {"ours": ours, "np.bincount": bincount}
    if find_spec("torchmetrics"):
        import torch
        from torchmetrics.classification import MulticlassJaccardIndex

        torch.set_num_threads(1)
        metric = MulticlassJaccardIndex(19, ignore_index=legend.void, validate_args=False)
        pair = torch.from_numpy(labels), torch.from_numpy(truth)

        def torchmetrics() -> float:
            metric.reset()
            metric.update(*pair)
            return float(metric.compute())

        jobs["torchmetrics"] = torchmetrics
    agree(jobs, 1e-5)
    return jobs


def mean_iou(table: np.ndarray, true: np.ndarray) -> float:
    hit = np.diag(table)
    joint = true + table.sum(axis=0) - hit
    return float(np.mean(hit[joint > 0] / joint[joint > 0]))


def things(random: np.random.Generator, count: int) -> list[np.ndarray]:
    """Return polygons of 24 corners in a picture of 640x480."""
    shapes = []
    for _ in range(count):
        centre, radius = random.uniform((60, 60), (580, 420)), random.uniform(15, 110)
        angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        reach = radius * random.uniform(0.7, 1.2, 24)
        shapes.append(centre + reach[:, None] * np.stack([np.cos(angles), np.sin(angles)], 1))
    return shapes


def instances(
    shapes: list[np.ndarray], classes: np.ndarray, score: np.ndarray, legend: Legend
) -> Instances:
    crops = []
    for shape in shapes:
        full = np.zeros((480, 640), np.uint8)
        cv2.fillPoly(full, [np.rint(shape).astype(np.int32)], 1)
        crops.append(Crop.of(full > 0))
    boxes = [crop.box for crop in crops]
    areas = [crop.area for crop in crops]
    table = Segments.of(classes, score=score, box=boxes, area=areas)
    return Instances(table, tuple(crops), (480, 640), legend)


def ap_pictures(pictures: int) -> tuple[list[Instances], list[Instances]]:
    """Make 7 things a picture, and 2 detections each, one in ten of a random class of 80."""
    random = np.random.default_rng(0)
    legend = Legend.official("coco-80")
    truths, results = [], []
    for _ in range(pictures):
        shapes = things(random, 7)
        classes = random.choice(legend.ids, 7)
        truths.append(instances(shapes, classes, np.ones(7), legend))
        moved = [shape + random.normal(0, 6, 2) for shape in shapes for _ in range(2)]
        guess = np.repeat(classes, 2)
        wrong = random.random(14) < 0.1
        guess[wrong] = random.choice(legend.ids, wrong.sum())
        results.append(instances(moved, guess, random.random(14).round(6), legend))
    return truths, results


def coco_rows(sets: list[Instances]) -> list[dict[str, Any]]:
    from pycocotools import mask as mask_api

    made: list[dict[str, Any]] = []
    for number, one in enumerate(sets):
        for mask, row in zip(one.masks, one.segments, strict=True):
            code = mask_api.encode(np.asfortranarray(mask.view(np.uint8)))
            made.append(
                {
                    "id": len(made) + 1,
                    "image_id": number + 1,
                    "category_id": row.class_id + 1,
                    "segmentation": code,
                    "bbox": mask_api.toBbox(code).tolist(),
                    "area": float(mask_api.area(code)),
                    "iscrowd": 0,
                    "score": row.score,
                }
            )
    return made


def pycocotools_ap(
    pictures: int, truth_rows: list[dict[str, Any]], result_rows: list[dict[str, Any]]
) -> float:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    truth = COCO()
    truth.dataset = {
        "images": [{"id": n + 1, "height": 480, "width": 640} for n in range(pictures)],
        "categories": [{"id": row.id + 1, "name": row.name} for row in Legend.official("coco-80")],
        "annotations": truth_rows,
    }
    with contextlib.redirect_stdout(io.StringIO()):
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(result_rows), "segm")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return float(evaluation.stats[0])


def ap_jobs(pictures: int) -> tuple[Jobs, Jobs]:
    """Return the ways from masks, and those from run lengths that are there already."""
    truths, results = ap_pictures(pictures)
    coded = coco_rows(truths), coco_rows(results)
    family = Objects()
    for number, (truth, result) in enumerate(zip(truths, results, strict=True)):
        family.add(truth, result, str(number))

    def ours() -> float:
        evaluation = Evaluation(["ap", "ap50", "ap75", "ar"])
        for truth, result in zip(truths, results, strict=True):
            evaluation.add(truth, result)
        return evaluation.scores(draws=0)["ap"].value

    def ours_coded() -> float:
        return float(family.sample().values(AP, np.ones((1, pictures))).overall[0])

    def theirs() -> float:
        return pycocotools_ap(pictures, coco_rows(truths), coco_rows(results))

    def theirs_coded() -> float:
        return pycocotools_ap(pictures, *([dict(row) for row in part] for part in coded))

    from_masks = {"ours": ours, "pycocotools": theirs}
    from_codes = {"ours": ours_coded, "pycocotools": theirs_coded}
    agree(from_masks, 1e-6)
    agree(from_codes, 1e-6)
    return from_masks, from_codes


def coco_pairs(folder: Path) -> list[tuple[Path, Panoptic, Panoptic]]:
    """Return twelve pictures of COCO, each with itself moved by five pixels."""
    stored = json.loads((folder / "panoptic.json").read_text(encoding="utf-8"))
    legend = Legend.official("coco-panoptic-133")
    pairs = []
    for row in stored["annotations"][:12]:
        parts = row["segments_info"]
        table = Segments.of([p["category_id"] for p in parts], id=[p["id"] for p in parts])
        table = table.with_columns(crowd=[bool(p["iscrowd"]) for p in parts])
        path = folder / "panoptic" / row["file_name"]
        labels = read_labels(path)
        moved = Panoptic(np.roll(labels, 5, 1), table, legend)
        pairs.append((path, Panoptic(labels, table, legend), moved))
    return pairs


def write_labels(path: Path, labels: np.ndarray) -> None:
    parts = [labels >> 16, labels >> 8 & 255, labels & 255]
    cv2.imwrite(str(path), np.stack(parts, axis=-1).astype(np.uint8))


def panoptic_jobs(folder: Path) -> tuple[Jobs, Jobs]:
    """Return the ways from arrays and those from PNG files."""
    found = coco_pairs(folder)
    pairs = [(truth, result) for _, truth, result in found]
    written = TemporaryDirectory()
    paths = [(path, Path(written.name) / path.name) for path, _, _ in found]
    for (_, path), (_, result) in zip(paths, pairs, strict=True):
        write_labels(path, result.labels)

    def arrays() -> float:
        return float(sum(panoptic_counts(*pair)[:, 0].sum() for pair in pairs))

    def by_segment() -> float:
        return sum(
            panopticapi_way(truth.labels, result.labels, truth.segments, result.segments)
            for truth, result in pairs
        )

    first = {"ours": arrays, "panopticapi way": by_segment}
    second = {
        "ours": lambda _kept=written: ours_from_files(paths, pairs),
        "panopticapi way": lambda: theirs_from_files(paths, pairs),
    }
    agree(first, 1e-9)
    agree(second, 1e-9)
    return first, second


def ours_from_files(
    paths: list[tuple[Path, Path]], pairs: list[tuple[Panoptic, Panoptic]]
) -> float:
    total = 0.0
    for two, (truth, _) in zip(paths, pairs, strict=True):
        made = [Panoptic(read_labels(path), truth.segments, truth.legend) for path in two]
        total += float(panoptic_counts(made[0], made[1])[:, 0].sum())
    return total


def theirs_from_files(
    paths: list[tuple[Path, Path]], pairs: list[tuple[Panoptic, Panoptic]]
) -> float:
    total = 0.0
    for two, (truth, _) in zip(paths, pairs, strict=True):
        both = []
        for path in two:
            rgb = np.array(PillowImage.open(path), dtype=np.uint32)
            both.append(rgb[..., 0] + 256 * rgb[..., 1] + 65536 * rgb[..., 2])
        total += panopticapi_way(both[0], both[1], truth.segments, truth.segments)
    return total


def read_labels(path: Path) -> np.ndarray:
    """Return R + 256 G + 65536 B of a PNG, int32, without a pass over each channel."""
    bgr = cv2.imread(str(path))
    four = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGBA)
    labels = four.view(np.int32)[..., 0]
    return np.bitwise_and(labels, 0xFFFFFF, out=labels)


def panopticapi_way(
    truth: np.ndarray, result: np.ndarray, rows: Segments, columns: Segments
) -> float:
    """Sum the IoU of matches as its description says: unique pairs, then one dict entry each."""
    area = dict(
        zip(*(part.tolist() for part in np.unique(result, return_counts=True)), strict=True)
    )
    true_area = dict(
        zip(*(part.tolist() for part in np.unique(truth, return_counts=True)), strict=True)
    )
    keys = truth.astype(np.uint64) * np.uint64(OFFSET) + result.astype(np.uint64)
    pairs = {}
    for key, count in zip(*np.unique(keys, return_counts=True), strict=True):
        pairs[int(key) // OFFSET, int(key) % OFFSET] = int(count)
    kind = {row.id: (row.class_id, bool(c)) for row, c in zip(rows, rows.crowd, strict=True)}
    kind_too = {row.id: row.class_id for row in columns}
    total = 0.0
    for (first, second), count in pairs.items():
        if first not in kind or second not in kind_too or kind[first][1]:
            continue
        if kind[first][0] != kind_too[second]:
            continue
        joint = area[second] + true_area[first] - count - pairs.get((0, second), 0)
        if count / joint > 0.5:
            total += count / joint
    return total


def track_jobs() -> Jobs:
    """Follow 30 things that walk at random, as masks do: few overlap more than one other."""
    random = np.random.default_rng(0)
    place = random.uniform(0, 1000, (30, 2))
    frames = []
    for _ in range(600):
        place = (place + random.normal(0, 4, place.shape)) % 1000
        truth, result = (np.flatnonzero(random.random(30) < 0.9) for _ in range(2))
        guess = place + random.normal(0, 5, place.shape)
        gap = np.abs(place[truth][:, None] - guess[result]).max(axis=2)
        frames.append(Frame(truth, result, np.clip(1 - gap / 40, 0, 1)))

    def ours() -> tuple[float, ...]:
        tracks = Tracks.of(frames)
        hits, missed, wrong, shared = hota_counts(tracks)
        hota = np.sqrt(hits / (hits + missed + wrong) * shared / np.maximum(1, hits)).mean()
        return float(hota), float(clear_counts(tracks)[3]), float(identity_counts(tracks)[0])

    jobs: dict[str, Callable[[], Any]] = {"ours": ours}
    if not find_spec("trackeval"):
        return jobs
    from trackeval import metrics

    with contextlib.redirect_stdout(io.StringIO()):
        hota, clear, identity = metrics.HOTA(), metrics.CLEAR(), metrics.Identity()
    data = {
        "num_timesteps": len(frames),
        "num_gt_ids": 30,
        "num_tracker_ids": 30,
        "num_gt_dets": sum(len(frame.truth) for frame in frames),
        "num_tracker_dets": sum(len(frame.result) for frame in frames),
        "gt_ids": [frame.truth for frame in frames],
        "tracker_ids": [frame.result for frame in frames],
        "similarity_scores": [frame.similarity for frame in frames],
    }

    def trackeval() -> tuple[float, ...]:
        return (
            float(hota.eval_sequence(data)["HOTA"].mean()),
            float(clear.eval_sequence(data)["IDSW"]),
            float(identity.eval_sequence(data)["IDTP"]),
        )

    jobs["TrackEval"] = trackeval
    agree(jobs, 1e-9)
    return jobs


def surface_jobs() -> Jobs:
    random = np.random.default_rng(0)
    noise = cv2.GaussianBlur(random.random((96, 128 * 128)).astype(np.float32), (1, 31), 0, None, 8)
    noise = cv2.GaussianBlur(noise.reshape(96 * 128, 128), (31, 31), 8).reshape(96, 128, 128)
    grid = np.indices(noise.shape) - np.array([48, 64, 64])[:, None, None, None]
    ball = np.sqrt((grid**2).sum(axis=0)) + 200 * (noise - noise.mean())
    truth, mask = ball < 32, np.roll(ball, 3, 2) < 34
    spacing = (2.0, 1.0, 1.0)
    jobs: dict[str, Callable[[], Any]] = {
        "ours": lambda: surfaces.hausdorff_distance(truth, mask, spacing, percentile=95)
    }
    if find_spec("monai"):
        import torch
        from monai.metrics import compute_hausdorff_distance

        torch.set_num_threads(1)
        pair = [torch.from_numpy(m[None, None].astype(np.float32)) for m in (mask, truth)]
        jobs["MONAI"] = lambda: float(
            compute_hausdorff_distance(
                *pair, include_background=True, percentile=95, spacing=spacing
            )
        )
    agree(jobs, 1e-4)
    return jobs


def boundary_jobs(folder: Path) -> Jobs:
    from scipy.io import loadmat

    cases = []
    for path in sorted((folder / "groundTruth").glob("*.mat"))[:3]:
        ucm = loadmat(folder / "ucm2" / path.name)["ucm2"][2::2, 2::2]
        result = thinning.thin(ucm >= 0.1)
        truth = loadmat(path)["groundTruth"][0, 0]["Boundaries"][0, 0] > 0
        cases.append((result, truth, 0.0075 * float(np.hypot(*truth.shape))))

    def ours() -> int:
        return sum(int(matching.match_points(*case).second.sum()) for case in cases)

    jobs: dict[str, Callable[[], Any]] = {"ours": ours}
    if find_spec("pyEdgeEval"):
        from pyEdgeEval._lib import correspond_pixels as library

        match = getattr(library, "correspond_pixels", library)
        jobs["pyEdgeEval"] = lambda: sum(
            int((match(result, truth)[1] > 0).sum()) for result, truth, _ in cases
        )
    agree(jobs, 30)  # the reference matches at random among near-best answers
    return jobs


def agree(jobs: Jobs, slack: float) -> None:
    """Stop when the ways give different answers."""
    answers = {way: np.atleast_1d(job()) for way, job in jobs.items()}
    for way, answer in answers.items():
        if not np.allclose(answer, answers["ours"], rtol=0, atol=slack):
            raise SystemExit(f"{way} says {answer}, ours {answers['ours']}")


if __name__ == "__main__":
    cv2.setNumThreads(1)
    main()
