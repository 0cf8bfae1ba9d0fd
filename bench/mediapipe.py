"""MediaPipe's ImageSegmenter against ours: same model files, same photos, time and agreement.

Runs in an environment that has both (``make bench`` builds ``.venv-rivals``). The legacy selfie
models carry no metadata, which MediaPipe Tasks insists on, so copies with metadata are written to
a temporary folder for it; ours and raw LiteRT read the originals.
"""

# ruff: noqa: E402 - the folder of this file must leave the path: its name hides mediapipe's

import os
import sys
import tempfile
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path = [place for place in sys.path if Path(place or ".").resolve() != Path(__file__).parent]

import cv2
import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as model_schema
from ai_edge_litert.interpreter import Interpreter
from mediapipe.tasks.metadata import metadata_schema_py_generated as schema
from mediapipe.tasks.python import BaseOptions, vision

import mediapipe as mp
from pixelwise.cards.deck import load_cards
from pixelwise.core import Foreground, Image, Result
from pixelwise.drawing import Blur, composite
from pixelwise.methods.deep.network import Network
from pixelwise.ops import blend

sys.path.insert(0, str(Path(__file__).parent))
from harness import arguments, finish, interleave, ratio

SIZES = ((640, 480), (1280, 720), (1920, 1080))
THREADS = min(4, os.cpu_count() or 1)


@dataclass(frozen=True)
class Case:
    card: str
    file: str
    mean: float
    std: float
    category_must: float
    confidence_must: float
    raw_must: float


CASES = (
    Case("selfie", "selfie_segmentation.tflite", 0.0, 255.0, 7, 1.8, 1.5),
    Case("selfie-landscape", "selfie_segmentation_landscape.tflite", 0.0, 255.0, 7, 1.8, 1.5),
    Case("deeplab-v3", "deeplab_v3.tflite", 127.5, 127.5, 6, 0, 1.3),
)


def photos(data: Path, count: int) -> list[np.ndarray]:
    """Return real photos with people, RGB, as they are."""
    people = sorted((data / "people_ccp" / "photos").glob("*.jpg"))
    seed = sorted((data / "photos").glob("*.jpg"))
    coco = sorted((data / "photos" / "coco").glob("*.jpg"))
    chosen = [*seed[:1], *people[:3], *coco[:count]][:count]
    return [cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB) for path in chosen]


def resized(photo: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return np.ascontiguousarray(cv2.resize(photo, size, interpolation=cv2.INTER_CUBIC))


def with_metadata(path: Path, case: Case, folder: Path) -> Path:
    """Return a model that MediaPipe opens: the file itself, or a copy with metadata."""
    data = path.read_bytes()
    if b"TFLITE_METADATA" in data:
        return path
    model = model_schema.ModelT.InitFromObj(model_schema.Model.GetRootAs(data))
    buffer = model_schema.BufferT()
    buffer.data = np.frombuffer(metadata_of(case), np.uint8)
    entry = model_schema.MetadataT()
    entry.name, entry.buffer = "TFLITE_METADATA", len(model.buffers)
    model.buffers.append(buffer)
    model.metadata = [*(model.metadata or []), entry]
    builder = flatbuffers.Builder(len(data) + 4096)
    builder.Finish(model.Pack(builder), b"TFL3")
    copy = folder / path.name
    copy.write_bytes(builder.Output())
    return copy


def metadata_of(case: Case) -> bytes:
    """Return the least metadata that MediaPipe Tasks wants: the normalisation of an RGB input."""
    options = schema.NormalizationOptionsT()
    options.mean, options.std = [case.mean], [case.std]
    unit = schema.ProcessUnitT()
    unit.optionsType, unit.options = schema.ProcessUnitOptions.NormalizationOptions, options
    picture = schema.ImagePropertiesT()
    picture.colorSpace = schema.ColorSpaceType.RGB
    content = schema.ContentT()
    content.contentPropertiesType = schema.ContentProperties.ImageProperties
    content.contentProperties = picture
    given, answer = schema.TensorMetadataT(), schema.TensorMetadataT()
    given.name, given.content, given.processUnits = "image", content, [unit]
    answer.name = "mask"
    graph = schema.SubGraphMetadataT()
    graph.inputTensorMetadata, graph.outputTensorMetadata = [given], [answer]
    model = schema.ModelMetadataT()
    model.name, model.subgraphMetadata, model.minParserVersion = "Segmenter", [graph], "1.0.0"
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"M001")
    return bytes(builder.Output())


def rival(path: Path, *, category: bool) -> vision.ImageSegmenter:
    options = vision.ImageSegmenterOptions(
        base_options=BaseOptions(model_asset_path=str(path)),
        output_category_mask=category,
        output_confidence_masks=not category,
    )
    return vision.ImageSegmenter.create_from_options(options)


def raw_model(path: Path, threads: int = THREADS) -> Interpreter:
    interpreter = Interpreter(str(path), num_threads=threads)
    interpreter.allocate_tensors()
    return interpreter


def frame(pixels: np.ndarray) -> mp.Image:
    return mp.Image(image_format=mp.ImageFormat.SRGB, data=pixels)


def decision(result: Result) -> np.ndarray:
    return result.mask if isinstance(result, Foreground) else result.labels


def soft(result: Result) -> np.ndarray:
    return result.alpha if isinstance(result, Foreground) else np.asarray(result.scores)


def agreement(network: Network, model: Path, pictures: list[np.ndarray]) -> Iterator[tuple]:
    """Yield IoU of the decision and greatest difference of confidence, photo by photo."""
    with rival(model, category=True) as by_category, rival(model, category=False) as by_score:
        for pixels in pictures:
            ours = network(Image(pixels))
            theirs = by_category.segment(frame(pixels)).category_mask.numpy_view()[..., 0]
            mask = decision(ours)
            first = theirs == 0 if mask.dtype == bool else theirs > 0
            second = mask if mask.dtype == bool else mask > 0
            union = np.count_nonzero(first | second)
            iou = np.count_nonzero(first & second) / union if union else 1.0
            same = np.mean(first == second) if mask.dtype == bool else np.mean(theirs == mask)
            planes = by_score.segment(frame(pixels)).confidence_masks
            scores = np.stack([plane.numpy_view()[..., 0] for plane in planes])
            yield iou, same, np.abs(scores - soft(ours)).max()


def speed(network: Network, model: Path, file: Path, pixels: np.ndarray, rounds: int) -> dict:
    """Return the milliseconds of MediaPipe, ours and the bare model, interleaved."""
    image = Image(pixels)
    interpreter, single = raw_model(file), raw_model(file, threads=1)
    with rival(model, category=True) as by_category, rival(model, category=False) as by_score:

        def category() -> np.ndarray:
            return by_category.segment(frame(pixels)).category_mask.numpy_view()

        def confidence() -> list[np.ndarray]:
            planes = by_score.segment(frame(pixels)).confidence_masks
            return [plane.numpy_view() for plane in planes]

        jobs = {
            "mp_category": category,
            "mp_confidence": confidence,
            "mask": lambda: decision(network(image)),
            "soft": lambda: soft(network(image)),
            "raw": interpreter.invoke,
            "raw_1_thread": single.invoke,
        }
        return interleave(jobs, rounds=rounds, warm=3)


def run(case: Case, options: Namespace, folder: Path) -> dict[str, float]:
    file = options.models / case.file
    model = with_metadata(file, case, folder)
    network = Network.load(load_cards()[case.card], file, threads=THREADS).warm()
    figures: dict[str, float] = {}
    pictures = photos(options.data, 2 if options.quick else 6)
    for size in SIZES:
        sized = [resized(photo, size) for photo in pictures]
        found = np.array(list(agreement(network, model, sized)))
        times = speed(network, model, file, sized[0], 7 if options.quick else 31)
        key = f"{case.card}_{size[1]}"
        figures[f"{key}_iou_min"] = found[:, 0].min()
        figures[f"{key}_confidence_difference"] = found[:, 2].max()
        rows = {
            "category": ("mp_category", "mask"),
            "confidence": ("mp_confidence", "soft"),
            "over_raw": ("mask", "raw"),
        }
        text = [f"{key:24} IoU >= {found[:, 0].min():.5f}, equal >= {found[:, 1].min():.5f}, "]
        text.append(f"confidence within {found[:, 2].max():.1e}; ms ")
        text += [f"{name} {np.median(values):.2f} " for name, values in times.items()]
        for name, (slow, fast) in rows.items():
            middle, low, high = ratio(times[slow], times[fast])
            figures[f"{key}_{name}"] = middle
            figures[f"{key}_{name}_of_best"] = best = min(times[slow]) / min(times[fast])
            text.append(f"| {name} {middle:.2f} [{low:.2f}, {high:.2f}], of the best {best:.2f} ")
        print("".join(text))
    print(
        f"{'':24} musts at 1080: category >= {case.category_must}, confidence >= "
        f"{case.confidence_must}, over raw <= {case.raw_must}, IoU >= 0.999, difference <= 1e-3"
    )
    return figures


def guide(case: Case, options: Namespace, folder: Path) -> dict[str, float]:
    """Time the guide's job at 1280x720: segment, blur the background by 55 pixels, choose."""
    file = options.models / case.file
    network = Network.load(load_cards()[case.card], file, threads=THREADS).warm()
    blend.KERNELS.warm()
    pixels = resized(photos(options.data, 2)[1], (1280, 720))
    image = Image(pixels)
    with rival(with_metadata(file, case, folder), category=True) as segmenter:

        def theirs() -> np.ndarray:
            category = segmenter.segment(frame(pixels)).category_mask.numpy_view()
            person = np.stack((category.squeeze(),) * 3, axis=-1) < 128
            return np.where(person, pixels, cv2.GaussianBlur(pixels, (55, 55), 0))

        jobs = {"theirs": theirs, "ours": lambda: composite(image, network(image), Blur(55)).pixels}
        times = interleave(jobs, rounds=7 if options.quick else 31, warm=3)
    middle, low, high = ratio(times["theirs"], times["ours"])
    best = min(times["theirs"]) / min(times["ours"])
    print(
        f"{case.card}: guide's job at 720 {middle:.2f} [{low:.2f}, {high:.2f}], of best {best:.2f}"
    )
    return {f"{case.card}_guide_720": middle, f"{case.card}_guide_720_of_best": best}


def main() -> None:
    options = arguments(__doc__ or "")
    cv2.setNumThreads(THREADS)
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            figures |= run(case, options, Path(folder))
        for case in CASES[:2]:
            figures |= guide(case, options, Path(folder))
    finish(figures)


if __name__ == "__main__":
    main()
