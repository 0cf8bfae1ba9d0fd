"""Model files 89 to 95: what a file is, is told by its bytes."""

import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from pixelwise.cards.contents import Content, check_content, content_of
from pixelwise.errors import ModelError
from tests.cards.conftest import MODEL


class Evil:
    def __reduce__(self):
        return (print, ("run",))


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


PICKLES = {
    **{f"protocol {number}": pickle.dumps(Evil(), number) for number in range(6)},
    "torch": zipped(**{"archive/data.pkl": pickle.dumps(Evil(), 2), "archive/version": b"3"}),
}


def test_content_when_empty_then_refused(tmp_path):
    path = tmp_path / "toy.tflite"
    path.touch()

    assert content_of(path) is Content.EMPTY
    with pytest.raises(ModelError, match="0 bytes"):
        check_content(path)


@pytest.mark.parametrize(
    "page",
    [b"<!DOCTYPE html><html>", b"\n\n <html><body>404", b"\xef\xbb\xbf<!doctype HTML>", b"<?xml?>"],
)
def test_content_when_web_page_then_says_so(tmp_path, page):
    path = tmp_path / "toy.onnx"
    path.write_bytes(page + b"x" * 1000)

    with pytest.raises(ModelError, match="web page, not a model"):
        check_content(path)


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".pkl", ".onnx", ".safetensors", ".tflite", ""])
@pytest.mark.parametrize("kind", PICKLES)
def test_content_when_pickle_under_any_name_then_refused(tmp_path, kind, suffix):
    path = tmp_path / f"toy{suffix}"
    path.write_bytes(PICKLES[kind])

    with pytest.raises(ModelError, match="pickle"):
        check_content(path)


def test_content_when_pickle_is_trusted_then_passes(tmp_path):
    path = tmp_path / "toy.pth"
    path.write_bytes(PICKLES["torch"])

    assert check_content(path, trust_pickle=True) is Content.TORCH


@pytest.mark.parametrize("suffix", [".joblib", ".pkl", ".ckpt"])
def test_content_when_compressed_under_a_pickle_name_then_refused(tmp_path, suffix):
    path = tmp_path / f"toy{suffix}"
    path.write_bytes(b"x\x9c" + bytes(100))

    with pytest.raises(ModelError, match="trust-pickle"):
        check_content(path)


def test_content_when_suffix_lies_then_error_names_both(tmp_path):
    path = tmp_path / "toy.onnx"
    path.write_bytes(MODEL)

    with pytest.raises(ModelError, match=r"ONNX model by its name.*TFLite model"):
        check_content(path)


@pytest.mark.parametrize(
    "data", [bytes(100), b"\x08", np.arange(100.0).tobytes(), b"version https://git-lfs.github.com"]
)
def test_content_when_no_model_then_refused_as_model(tmp_path, data):
    path = tmp_path / "toy.onnx"
    path.write_bytes(data)

    with pytest.raises(ModelError, match="by its name"):
        check_content(path)


@pytest.mark.models
def test_content_of_every_model_at_hand_agrees_with_its_suffix(model_dir):
    files = [path for path in model_dir.iterdir() if path.suffix in (".tflite", ".onnx", ".json")]

    assert {path.name: check_content(path).name.lower() for path in files} == {
        path.name: path.suffix[1:] for path in files
    }
    assert files


def test_content_of_weights_without_a_header_is_other(tmp_path):
    path: Path = tmp_path / "toy.bin"
    path.write_bytes(np.linspace(-1, 1, 1000, dtype="<f4").tobytes())

    assert check_content(path) is Content.OTHER
