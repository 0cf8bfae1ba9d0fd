"""MeshNet: the published layers give what plain numpy makes of them, and bad files are refused."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.runtimes.plain_meshnet import evaluate

from pixelwise.errors import InvalidSetting, ModelError
from pixelwise.runtimes import RUNTIMES
from pixelwise.runtimes.meshnet import load

NAMES = ["brainchop_model20chan3cls", "brainchop_model30chan18cls", "brainchop_mindgrab"]


def conv(name, channels, filters, dilation, *, activation="linear", side=3):
    return {
        "class_name": "Conv3D",
        "config": {
            "name": name,
            "filters": filters,
            "kernel_size": [side] * 3,
            "strides": [1, 1, 1],
            "dilation_rate": [dilation] * 3,
            "padding": "same",
            "data_format": "channels_last",
            "activation": activation,
            "use_bias": True,
        },
    }


def write_model(folder, layers, shapes, **changes):
    """Write a chain of layers with random weights; return the path of the weights."""
    before = "input"
    rows = [{"class_name": "InputLayer", "config": {}, "name": "input", "inbound_nodes": []}]
    for layer in layers:
        name = layer["config"]["name"]
        rows.append({**layer, "name": name, "inbound_nodes": [[[before, 0, 0, {}]]]})
        before = name
    manifest, parts = [], []
    for name, (taken, given, side) in shapes.items():
        for part, shape in (("kernel", [side] * 3 + [taken, given]), ("bias", [given])):
            manifest.append({"name": f"{name}/{part}", "shape": shape, "dtype": "float32"})
            parts.append(np.random.default_rng(len(parts)).normal(0, 0.3, shape))
    plan = {
        "modelTopology": {"model_config": {"config": {"layers": rows}}},
        "weightsManifest": [{"paths": ["model.bin"], "weights": manifest}],
        **changes,
    }
    (folder / "m.json").write_text(json.dumps(plan))
    flat = np.concatenate([part.ravel() for part in parts]).astype("<f4")
    (folder / "m.bin").write_bytes(flat.tobytes())
    return folder / "m.bin"


def small(folder):
    layers = [
        conv("a", 1, 4, 1),
        {"class_name": "Activation", "config": {"name": "e", "activation": "elu"}},
        conv("b_gn", 4, 4, 2),
        {"class_name": "Activation", "config": {"name": "g", "activation": "gelu"}},
        conv("c", 4, 3, 1, side=1),
    ]
    return write_model(folder, layers, {"a": (1, 4, 3), "b_gn": (4, 4, 3), "c": (4, 3, 1)})


def test_row_when_asked_for_then_loads():
    assert RUNTIMES["meshnet"] is load


def test_small_network_when_run_then_equals_plain_numpy(tmp_path):
    path = small(tmp_path)
    volume = np.random.default_rng(3).normal(0, 1, (7, 8, 9)).astype(np.float32)
    logits = load(path).run({"volume": volume[np.newaxis, ..., np.newaxis]})[0]
    expected = evaluate(tmp_path / "m.json", path, volume)
    assert logits.shape == (1, 7, 8, 9, 3)
    assert np.allclose(np.moveaxis(logits[0], -1, 0), expected, atol=1e-4)


@pytest.mark.models
@pytest.mark.parametrize("name", NAMES)
def test_published_network_when_run_then_equals_plain_numpy(name, model_dir):
    path = model_dir / f"{name}.model.bin"
    if not path.is_file():
        pytest.skip(f"{path.name} is not there")
    volume = np.random.default_rng(1).random((20, 22, 24)).astype(np.float32)
    logits = np.moveaxis(load(path).run({"volume": volume[None, ..., None]})[0][0], -1, 0)
    expected = evaluate(path.with_suffix(".json"), path, volume)
    assert np.allclose(logits, expected, atol=1e-3 * np.abs(expected).max())
    assert (logits.argmax(axis=0) == expected.argmax(axis=0)).mean() >= 0.999


def test_topology_when_missing_then_model_error(tmp_path):
    path = small(tmp_path)
    (tmp_path / "m.json").unlink()
    with pytest.raises(ModelError, match=r"m\.json"):
        load(path)


def test_weights_when_cut_or_long_then_model_error(tmp_path):
    path = small(tmp_path)
    data = path.read_bytes()
    for bad in (data[:-4], data + bytes(4), b""):
        path.write_bytes(bad)
        with pytest.raises(ModelError, match="weights"):
            load(path)


@pytest.mark.parametrize(
    "change",
    [
        {"padding": "valid"},
        {"strides": [2, 2, 2]},
        {"dilation_rate": [1, 2, 1]},
        {"activation": "softmax"},
        {"name": "other"},
    ],
)
def test_layer_when_of_another_kind_then_model_error(change, tmp_path):
    layer = conv("a", 1, 2, 1)
    layer["config"].update(change)
    path = write_model(tmp_path, [layer], {"a": (1, 2, 3)})
    with pytest.raises(ModelError, match="chain of 3-D convolutions"):
        load(path)


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"modelTopology": 3}', "[" * 100_000])
def test_topology_when_nonsense_then_model_error(text, tmp_path):
    path = small(tmp_path)
    Path(tmp_path / "m.json").write_text(text)
    with pytest.raises(ModelError):
        load(path)


def test_device_when_not_there_then_refused(tmp_path):
    with pytest.raises(InvalidSetting, match="cpu"):
        load(small(tmp_path), device="cuda")
