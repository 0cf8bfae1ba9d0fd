"""The real model files: sensible pictures, and MediaPipe's geometry pixel for pixel."""

import subprocess
import sys

import cv2
import numpy as np
import pytest
from scipy.io import loadmat

from pixelwise.cards.deck import load_cards
from pixelwise.core import Foreground, Image
from pixelwise.methods.deep.network import Network
from pixelwise.runtimes import RUNTIMES

FOREGROUND = ("selfie", "selfie-landscape", "prisma", "prisma-onnx", "sinet")
VOC = ("deeplab-v3", "deeplab-v3-onnx", "deeplab-mnv2-voc", "deeplab-mnv2-dm05-voc")
STREET = {
    "deeplab-slim-cityscapes": ("road", "sky", "car"),
    "deeplab-mnv2-ade32": ("road", "sky", "building"),
    "deeplab-mnv2-ade32-int8": ("road", "sky", "building"),
    "road-adas": ("road",),
    "twinlitenet": ("drivable area",),
}
CAMVID_ROAD = 3


def network(model_dir, name):
    card = load_cards()[name]
    found = [model_dir / source.file for source in card.sources]
    return Network.load(card, next(path for path in found if path.is_file()), threads=2)


def read(path):
    return np.ascontiguousarray(cv2.imread(str(path))[..., ::-1])


def iou(first, second):
    return np.count_nonzero(first & second) / np.count_nonzero(first | second)


@pytest.fixture(scope="module")
def person(data_dir):
    """A street photo of a person, and which pixels are the person."""
    folder = data_dir / "people_ccp"
    truth = loadmat(folder / "annotations" / "0018.mat")["groundtruth"] > 0
    return read(folder / "photos" / "0018.jpg"), truth


@pytest.mark.parametrize("name", FOREGROUND)
def test_foreground_model_when_given_a_person_then_finds_the_person(model_dir, person, name):
    pixels, truth = person
    result = network(model_dir, name)(Image(pixels))
    assert isinstance(result, Foreground)
    assert iou(result.mask, truth) > 0.75
    assert 0 <= result.alpha.min() < 0.1
    assert 0.9 < result.alpha.max() <= 1


@pytest.mark.parametrize("name", VOC)
def test_voc_model_when_given_a_person_then_finds_the_person(model_dir, person, name):
    pixels, truth = person
    result = network(model_dir, name)(Image(pixels))
    assert iou(result.mask_of("person"), truth) > 0.6


def test_hair_when_given_a_portrait_then_hair_above_the_face(model_dir, data_dir):
    pixels = read(data_dir / "people_ccp" / "photos" / "0001.jpg")
    hair = network(model_dir, "hair")(Image(pixels)).mask_of("hair")
    rows = np.nonzero(hair)[0]
    assert 0.002 < hair.mean() < 0.2
    assert rows.mean() < 0.4 * len(pixels)


@pytest.mark.parametrize("name", sorted(STREET))
def test_street_model_when_given_a_street_then_the_road_lies_below(model_dir, data_dir, name):
    pixels = read(data_dir / "camvid" / "val" / "0016E5_07959.jpg")
    truth = cv2.imread(str(data_dir / "camvid" / "valannot" / "0016E5_07959.png"), 0)
    result = network(model_dir, name)(Image(pixels))
    names = {result.legend.name(label) for label in result.present}
    assert set(STREET[name]) <= names
    road = result.mask_of(STREET[name][0])
    assert np.count_nonzero(road & (truth == CAMVID_ROAD)) > 0.8 * np.count_nonzero(road)


def test_prisma_when_run_by_both_runtimes_then_equal(model_dir, person):
    image = Image(person[0])
    first = network(model_dir, "prisma")(image)
    second = network(model_dir, "prisma-onnx")(image)
    assert np.abs(first.alpha - second.alpha).max() < 1e-5


def warp(pixels, size):
    """Return MediaPipe's input: corner on corner, places in 1/32 pixel, rounded to a level."""
    weights = []
    for length, samples in zip(pixels.shape[:2], size, strict=True):
        fixed = np.rint(np.arange(samples) * length / samples * 32).astype(int)
        table = np.zeros((samples, length))
        table[np.arange(samples), fixed // 32] += 32 - fixed % 32
        table[np.arange(samples), np.minimum(fixed // 32 + 1, length - 1)] += fixed % 32
        weights.append(table)
    total = np.einsum("yh,hwc,xw->yxc", weights[0], pixels.astype(float), weights[1], optimize=True)
    return np.floor((total + 512) / 1024)


def corners(values, size):
    """Return (h, w) values grown corner on corner, in float32."""
    for axis, pixels in enumerate(size):
        places = np.arange(pixels) * ((values.shape[axis] - 1) / (pixels - 1))
        start = np.clip(np.floor(places).astype(int), 0, values.shape[axis] - 2)
        weight = (places - start).astype(np.float32)
        weight = weight[:, np.newaxis] if axis == 0 else weight
        first, second = values.take(start, axis), values.take(start + 1, axis)
        values = first + (second - first) * weight
    return values


@pytest.mark.parametrize("size", [(480, 640), (1080, 1920)])
@pytest.mark.parametrize("name", ["selfie", "selfie-landscape", "deeplab-v3"])
def test_mediapipe_model_when_run_then_equals_its_geometry_worked_out_slowly(
    model_dir, person, name, size
):
    """MediaPipe itself agrees to 1e-5 with this geometry: bench/mediapipe.py."""
    pixels = cv2.resize(person[0], size[::-1], interpolation=cv2.INTER_CUBIC)
    made = network(model_dir, name)
    spec = made.card.input
    session = RUNTIMES["litert"](made.path, threads=2, device="cpu")
    fed = (warp(pixels, spec.size).astype(np.float32) - np.float32(spec.mean[0])) * (
        np.float32(1) / np.float32(spec.std[0])
    )
    answer = session.run({session.inputs[0].name: fed[np.newaxis]})[0][0]
    result = made(Image(pixels))
    planes = [corners(answer[..., channel], size) for channel in range(answer.shape[-1])]
    if name == "deeplab-v3":
        assert np.array_equal(result.labels, np.argmax(planes, axis=0))
        return
    assert np.array_equal(result.mask, planes[0] > 0.5)
    alpha = cv2.resize(answer[..., 0], size[::-1], interpolation=cv2.INTER_LINEAR)
    assert np.abs(result.alpha - alpha).max() < 1e-6


def test_first_mask_when_the_process_is_fresh_then_numba_is_not_even_imported(model_dir):
    script = (
        "import sys, numpy as np; from pathlib import Path;"
        "from pixelwise.cards.deck import load_cards; from pixelwise.core import Image;"
        "from pixelwise.methods.deep.network import Network;"
        f"path = Path({str(model_dir / 'selfie_segmentation.tflite')!r});"
        "made = Network.load(load_cards()['selfie'], path);"
        "made(Image(np.zeros((40, 40, 3), np.uint8)));"
        "sys.exit('numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
