"""Tiny data for tiny trainings: discs on noise."""

from importlib.util import find_spec

import cv2
import numpy as np
import pytest

from pixelwise import Image, write
from pixelwise.io.encoders import grey_png

SIDE = 64

NEEDED = ("torch", "torchvision", "lightning", "segmentation_models_pytorch", "onnx")
if any(find_spec(name) is None for name in NEEDED):
    collect_ignore_glob = ["test_*.py"]  # the extra train is not installed


def discs(number, side=SIDE):
    """Return a picture with four discs that may touch, and a number for each."""
    rng = np.random.default_rng(number)
    labels = np.zeros((side, side), np.uint16)
    for index in range(1, 5):
        middle = [int(value) for value in rng.integers(10, side - 10, 2)]
        cv2.circle(labels, middle, int(rng.integers(6, 10)), index, -1)
    grey = np.where(labels > 0, 170, 50) + rng.normal(0, 12, labels.shape)
    return grey.clip(0, 255).astype(np.uint8), labels


@pytest.fixture
def folder(tmp_path):
    """Twelve pictures with 16-bit label maps."""
    place = tmp_path / "data"
    (place / "images").mkdir(parents=True)
    (place / "labels").mkdir()
    for number in range(12):
        grey, labels = discs(number)
        write(place / "images" / f"p{number:02}.png", Image(np.stack([grey] * 3, axis=-1)))
        (place / "labels" / f"p{number:02}.png").write_bytes(grey_png(labels))
    return place


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch, tmp_path):
    monkeypatch.setenv("PIXELWISE_CACHE", str(tmp_path / "cache"))
    import torch

    torch.set_num_threads(1)
