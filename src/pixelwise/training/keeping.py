"""What a training run leaves in its folder beside the weights: plan, record, samples."""

import json
import platform
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Image, Result, Semantic, build, settings_of
from pixelwise.drawing import draw
from pixelwise.errors import UsageError
from pixelwise.io.atomic import make_folder, write_bytes
from pixelwise.io.files import write
from pixelwise.training.examples import Example
from pixelwise.training.plan import Plan
from pixelwise.training.planning import Planned

__all__ = ["data_hash", "keep_plan", "kept_plan", "side_by_side", "versions", "write_json"]

PACKAGES = (
    "pixelwise",
    "numpy",
    "torch",
    "torchvision",
    "lightning",
    "segmentation-models-pytorch",
    "onnx",
    "onnxruntime",
)
SIDE = 256
"""Height of a sample in pixels."""


def keep_plan(folder: Path, made: Planned) -> None:
    """Write ``plan.json``; a folder goes on only with the plan that it began with.

    Raises:
        UsageError: Another plan lies there.
        OutputError: It cannot be written.
    """
    make_folder(folder)
    earlier = folder / "plan.json"
    if earlier.is_file() and kept_plan(folder) != made.plan:
        old, new = settings_of(kept_plan(folder)), settings_of(made.plan)
        changed = sorted(name for name in new if old[name] != new[name])
        raise UsageError(
            f"{folder} holds a run of another plan ({', '.join(changed)} differ); give another "
            "folder, or the same settings to go on"
        )
    write_json(earlier, {"plan": settings_of(made.plan), "reasons": made.reasons})


def kept_plan(folder: Path) -> Plan:
    """Return the plan of a folder.

    Raises:
        UsageError: There is none, or it is damaged.
    """
    path = folder / "plan.json"
    try:
        return build(Plan, json.loads(path.read_text(encoding="utf-8"))["plan"])
    except (OSError, KeyError, json.JSONDecodeError) as error:
        raise UsageError(f"{folder} is no folder of a training run: {error}") from error


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Write JSON for people and machines."""
    write_bytes(path, (json.dumps(values, indent=1, ensure_ascii=False) + "\n").encode())


def versions() -> dict[str, str]:
    """Return what the run depends on: packages that are installed, Python, processor."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ""
    return found


def data_hash(examples: Sequence[Example]) -> str:
    """Return the sha256 of names, pixels and labels, whatever files they came from."""
    made = sha256()
    for example in sorted(examples, key=lambda example: example.name):
        made.update(example.name.encode())
        made.update(np.ascontiguousarray(example.image.pixels).tobytes())
        made.update(np.ascontiguousarray(example.numbers).tobytes())
    return made.hexdigest()


def side_by_side(path: Path, rows: Sequence[tuple[Image, Result, Result]]) -> None:
    """Write a picture of samples: picture, truth and answer in a row each.

    Args:
        path: A file ``.png``.
        rows: Pictures with truth and answer; of volumes the middle slice is shown.
    """
    tiles = [np.concatenate([_tile(part) for part in _flat(*row)], axis=1) for row in rows]
    width = max(tile.shape[1] for tile in tiles)
    padded = [np.pad(tile, ((0, 4), (0, width - tile.shape[1]), (0, 0))) for tile in tiles]
    make_folder(path.parent)
    write(path, Image(np.concatenate(padded)))


def _flat(image: Image, truth: Result, answer: Result) -> tuple[Image, Image, Image]:
    if image.is_volume and isinstance(truth, Semantic) and isinstance(answer, Semantic):
        middle = image.size[0] // 2
        truth = Semantic(truth.labels[middle], truth.legend)
        answer = Semantic(answer.labels[middle], answer.legend)
        image = Image(image.pixels[middle])
    shown = _shown(image)
    return shown, draw(shown, truth), draw(shown, answer)


def _shown(image: Image) -> Image:
    """Return the picture as 8-bit RGB with its contrast stretched, as dark fluorescence needs."""
    values = image.pixels[..., :3].astype(np.float32)
    low, high = np.percentile(values, (0.5, 99.8))
    made = np.clip((values - low) / max(high - low, 1e-6) * 255, 0, 255).astype(np.uint8)
    return Image(np.repeat(made[..., :1], 3, axis=-1) if made.shape[-1] < 3 else made)


def _tile(image: Image) -> NDArray[np.uint8]:
    pixels = np.ascontiguousarray(image.pixels[..., :3])
    width = max(1, round(pixels.shape[1] * SIDE / pixels.shape[0]))
    return np.asarray(cv2.resize(pixels, (width, SIDE), interpolation=cv2.INTER_AREA), np.uint8)
