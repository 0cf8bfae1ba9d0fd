"""Masks of 20 things at 1080p, panoptic queries, total time and memory, against the rivals.

Runs in an environment with torch, ultralytics and transformers; what is not there is left out.
Our boxes and masks come from the decoders' own functions, fed with what the rivals are fed.
"""

import importlib.util
import os
import tracemalloc
from dataclasses import replace
from time import process_time

import numpy as np

import pixelwise as pw
from harness import arguments, finish, interleave, ratio
from pixelwise.cards import Channels, Store, load_cards
from pixelwise.catalog.finding import decided
from pixelwise.core import Segmenter, Tensor
from pixelwise.methods.deep import DECODERS
from pixelwise.methods.deep.masks import Weighted, mask_in_box, masks
from pixelwise.methods.deep.placing import Placed
from pixelwise.methods.deep.queries import queries
from pixelwise.methods.deep.things import Candidate, instances_of
from pixelwise.ops import areas, grow
from pixelwise.ops.resize import Window
from pixelwise.ops.upsampled import window_axes

FULL_HD, UHD = (1080, 1920), (2160, 3840)
COCO = pw.Legend.official("coco-80")


def scene(count: int, size: tuple[int, int], seed: int = 0) -> tuple[np.ndarray, ...]:
    """Return prototypes (32, 160, 160), coefficients (N, 32), boxes a quarter of the picture."""
    random = np.random.default_rng(seed)
    small = random.normal(size=(32, 12, 12)).astype(np.float32)
    smooth = np.stack([grown(plane, 160) for plane in small])
    coefficients = random.normal(size=(count, 32)).astype(np.float32)
    height, width = size
    corner = random.random((count, 2)) * [width * 0.75, height * 0.75]
    boxes = np.concatenate([corner, corner + np.array([width, height]) / 4], axis=1).astype(
        np.float32
    )
    return smooth, coefficients, boxes


def grown(plane: np.ndarray, side: int) -> np.ndarray:
    axes = window_axes(plane.shape, (side, side), Window())
    return grow.bilinear(plane, *axes)


def ours(parts: tuple[np.ndarray, ...], size: tuple[int, int], window: Window) -> pw.Instances:
    prototypes, coefficients, boxes = parts
    planes = np.moveaxis(prototypes, 0, -1)
    axes = window_axes(planes.shape[:2], size, window)
    found = [
        Candidate(1, 0.5, *mask_in_box(Weighted(planes, None, row), box, axes, 0.0))
        for row, box in zip(coefficients, boxes, strict=True)
    ]
    return instances_of(found, size, COCO)


def against_ultralytics(figures: dict[str, float], rounds: int) -> None:
    import torch
    from ultralytics.utils.ops import process_mask_native

    torch.set_num_threads(2)
    parts = scene(20, FULL_HD)
    window = Window(top=35 / 160, bottom=125 / 160)
    tensors = [torch.from_numpy(np.ascontiguousarray(part)) for part in parts]
    grow.KERNELS.warm()
    theirs = process_mask_native(*tensors, FULL_HD).numpy().astype(bool)
    mine = np.asarray(unsorted(ours(parts, FULL_HD, window), len(parts[1])))
    figures["differing_pixels"] = float(np.count_nonzero(theirs != mine))
    figures["mask_pixels"] = float(np.count_nonzero(theirs))
    times = interleave(
        {
            "theirs": lambda: process_mask_native(*tensors, FULL_HD),
            "ours": lambda: ours(parts, FULL_HD, window),
        },
        rounds=rounds,
    )
    figures["process_mask_native/ours"] = ratio(times["theirs"], times["ours"])[0]
    figures["ours_masks_ms"] = float(np.median(times["ours"]))


def unsorted(found: pw.Instances, count: int) -> pw.Instances:
    """Return the things; all have one score, so their order is that of the boxes."""
    if len(found) != count:
        raise SystemExit(f"{count - len(found)} masks are empty: choose another scene")
    return found


def totals(figures: dict[str, float], picture: pw.Image, longest: int) -> None:
    """Compare a whole call at 1080p with the bare model, for every network of pictures here."""
    store = Store.from_environment()
    print(
        f"{'1080p, whole call / model':28} {'model ms':>9} {'wall':>6} {'processor':>9}  must 1.1"
    )
    for name, card in load_cards().items():
        is_fed = card.input.channels is not Channels.BANDS and 0 not in card.input.size
        is_here = card.decoder.name in DECODERS and card.volume is None and store.is_ready(card)
        if is_fed and is_here:
            total(figures, name, picture, longest)


def whole(network: Segmenter, picture: pw.Image) -> object:
    """Return all that a call gives; the mask of a foreground is made when it is asked for."""
    result = network(picture)
    return result.mask if isinstance(result, pw.Foreground) else result


def total(figures: dict[str, float], name: str, picture: pw.Image, longest: int) -> None:
    """Compare one network's whole call with the bare model, fed with what the call feeds it."""
    network = pw.find(name, **decided(load_cards()[name])).warm()
    loaded = network._loaded  # noqa: SLF001 - the bare model is the yardstick
    feeds = {**loaded.preparer.fill(picture, loaded.session)[0], **loaded.told}
    jobs = {"whole": lambda: whole(network, picture), "model": lambda: loaded.session.run(feeds)}
    (first,) = interleave({"model": jobs["model"]}, rounds=1)["model"]
    rounds = int(np.clip(1000 / first, 3, longest))
    wall = interleave(jobs, rounds=rounds, warm=1)
    busy = interleave(jobs, rounds=rounds, warm=0, clock=process_time)
    figures[f"{name}_ms"] = float(np.median(wall["model"]))
    figures[f"{name}_total/model"] = ratio(wall["whole"], wall["model"])[0]
    figures[f"{name}_total/model_cpu"] = ratio(busy["whole"], busy["model"])[0]
    row = [figures[f"{name}{part}"] for part in ("_ms", "_total/model", "_total/model_cpu")]
    print(f"{name:28} {row[0]:9.1f} {row[1]:6.2f} {row[2]:9.2f}", flush=True)
    if loaded.preparer.takes_batches:
        four = [picture] * 4
        jobs = {"one": lambda: [network(one) for one in four], "many": lambda: network.many(four)}
        busy = interleave(jobs, rounds=max(3, rounds // 4), warm=1, clock=process_time)
        figures[f"{name}_many/one_cpu"] = ratio(busy["many"], busy["one"])[0]


def memory(figures: dict[str, float]) -> None:
    """Measure the greatest memory of 300 things on a 4K picture above what the model answered."""
    prototypes, coefficients, boxes = scene(300, UHD)
    card = load_cards()["yolov8n-seg-320"]
    share = boxes / np.float32([UHD[1], UHD[0], UHD[1], UHD[0]])
    table = np.zeros((1, 116, 300), np.float32)
    table[0, :4] = np.stack(
        [
            (share[:, 0] + share[:, 2]) / 2,
            (share[:, 1] + share[:, 3]) / 2,
            share[:, 2] - share[:, 0],
            share[:, 3] - share[:, 1],
        ]
    )
    table[0, 4 + np.arange(300) % 80, np.arange(300)] = 0.9
    table[0, 84:] = coefficients.T
    outputs = (
        Tensor("PartitionedCall:0", table.shape, np.dtype(np.float32)),
        Tensor("PartitionedCall:1", (1, 160, 160, 32), np.dtype(np.float32)),
    )
    decoder = masks(card, outputs)
    answers = [table, np.ascontiguousarray(np.moveaxis(prototypes, 0, -1))[np.newaxis]]
    placed = Placed(UHD, (640, 640), Window())
    decoder(answers, placed)
    tracemalloc.start()
    found = decoder(answers, placed)
    figures["memory_mb"] = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    figures["memory_things"] = float(len(found))


def query_logits(count: int, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Return class logits (1, Q, 134) and mask logits (1, Q, s, s): a grid of blobs with noise."""
    random = np.random.default_rng(0)
    classes = random.normal(size=(1, count, 134)).astype(np.float32)
    classes[0, np.arange(count), np.arange(count) % 133] += 8
    y, x = np.mgrid[:side, :side] / side * count**0.5
    masks = np.zeros((1, count, side, side), np.float32)
    for number, mask in enumerate(masks[0]):
        row, column = np.divmod(number, int(count**0.5)) + random.normal(size=2) * 0.1 + 0.5
        far = ((y - row) / 0.7) ** 2 + ((x - column) / 0.7) ** 2
        mask[...] = 6 * np.clip(1 - far, -1.5, 1) + random.normal(size=far.shape) * 0.3
    return classes, masks


def against_transformers(figures: dict[str, float], rounds: int) -> None:
    from types import SimpleNamespace

    import torch
    from transformers import Mask2FormerImageProcessor

    torch.set_num_threads(2)
    grow.KERNELS.warm()
    areas.KERNELS.warm()
    classes, masks = query_logits(100, 96)
    card = load_cards()["eomt-large-coco-panoptic"]
    card = replace(card, decoder=replace(card.decoder, via=(384, 384)))
    tensors = tuple(
        Tensor(name, part.shape, part.dtype)
        for name, part in (("classes", classes), ("masks", masks))
    )
    decoder, placed = queries(card, tensors), Placed(FULL_HD, (384, 384), Window())
    legend = card.legend_object()
    stuff = {row for row, kind in enumerate(legend) if not kind.is_thing}
    processor = Mask2FormerImageProcessor()

    def theirs() -> dict:
        given = SimpleNamespace(
            class_queries_logits=torch.from_numpy(classes.copy()),
            masks_queries_logits=torch.from_numpy(masks.copy()),
        )
        return processor.post_process_panoptic_segmentation(
            given, target_sizes=[FULL_HD], label_ids_to_fuse=stuff
        )[0]

    found, mine = theirs(), decoder([classes, masks], placed)
    figures["panoptic_segments"] = float(len(mine.segments))
    wrong = np.count_nonzero(found["segmentation"].numpy() != mine.labels)
    figures["panoptic_differing_pixels"] = float(wrong)
    times = interleave(
        {"theirs": theirs, "ours": lambda: decoder([classes, masks], placed)},
        rounds=min(rounds, 5),
        warm=1,
    )
    figures["post_process_panoptic/ours"] = ratio(times["theirs"], times["ours"])[0]


def main() -> None:
    given = arguments(__doc__)
    os.environ["PIXELWISE_MODEL_PATH"] = str(given.models)
    rounds = 5 if given.quick else 15
    figures: dict[str, float] = {}
    if importlib.util.find_spec("ultralytics"):
        against_ultralytics(figures, rounds)
    if importlib.util.find_spec("transformers"):
        against_transformers(figures, rounds)
    photo = pw.read(min((given.data / "coco_val" / "images").glob("*.jpg")))
    big = np.asarray(photo.pixels).repeat(3, axis=0).repeat(3, axis=1)[:1080, :1920]
    totals(figures, pw.Image(np.ascontiguousarray(big)), rounds)
    memory(figures)
    for name, value in figures.items():
        if "total/model" not in name and not name.endswith("_ms"):
            print(f"{name:28} {value:12.3f}")
    finish(figures)


if __name__ == "__main__":
    main()
