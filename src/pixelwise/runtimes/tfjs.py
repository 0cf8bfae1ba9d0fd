"""Layers models of TensorFlow.js: a topology in JSON, weights in one binary file."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.errors import ModelError

__all__ = ["Convolution", "read_convolutions"]

MOST_BYTES = 64 * 1024 * 1024
"""The published networks have under 1 MB; a topology that is larger is none of them."""
KERNEL_SIDES = (1, 3)
ACTIVATIONS = {"linear": "", "elu": "Elu", "gelu": "Gelu", "relu": "Relu"}
"""Keras' name -> ONNX' operation; TensorFlow.js' gelu is the exact one, with erf."""
NORMALISED = "_gn"
"""Ending of the layers that brainchop's own program normalises; the topology does not tell."""


@dataclass(frozen=True, slots=True, eq=False)
class Convolution:
    """One layer of a MeshNet.

    Args:
        kernel: (out, in, k, k, k) float32.
        bias: (out,) float32.
        dilation: Steps between the kernel's taps; the output has the input's size.
        normalised: Whether each channel is brought to mean 0 and variance 1 afterwards.
        activation: ONNX operation that follows, or empty.
    """

    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]
    dilation: int
    normalised: bool
    activation: str


def read_convolutions(topology: Path, weights: Path) -> tuple[Convolution, ...]:
    """Return the layers of a network that is one chain of dilated 3-D convolutions.

    Args:
        topology: ``model.json``.
        weights: ``model.bin``: float32, little endian, in the order of the manifest.

    Raises:
        ModelError: A file is damaged or describes another kind of network.
    """
    try:
        plan = json.loads(_bounded(topology))
        held = _tensors(plan["weightsManifest"], _bounded(weights))
        layers = plan["modelTopology"]["model_config"]["config"]["layers"]
        chain = tuple(_chain(layers, held))
    except (KeyError, TypeError, IndexError, ValueError, RecursionError) as error:
        said = f"{topology.name} is no chain of 3-D convolutions: {type(error).__name__} {error}"
        raise ModelError(said) from error
    if not chain:
        raise ModelError(f"{topology.name} has no convolution")
    return chain


def _bounded(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ModelError(f"{path.name} has over {MOST_BYTES} bytes; this is no MeshNet")
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"cannot read the model file {path.name}: {error.strerror}") from error


def _tensors(manifest: Any, data: bytes) -> dict[str, NDArray[np.float32]]:  # noqa: ANN401 - JSON
    held, at = {}, 0
    for row in (row for group in manifest for row in group["weights"]):
        if row["dtype"] != "float32" or "quantization" in row:
            raise ValueError(f"weights of {row['dtype']} or quantised")
        count = int(np.prod(row["shape"], dtype=np.int64))
        if count < 0 or at + 4 * count > len(data):
            raise ValueError(f"the weights end at {len(data)} bytes, before {row['name']}")
        held[row["name"]] = np.frombuffer(data, "<f4", count, at).reshape(row["shape"])
        at += 4 * count
    if at != len(data):
        raise ValueError(f"the weights have {len(data)} bytes, the manifest names {at}")
    return held


def _chain(layers: Any, held: Mapping[str, NDArray[np.float32]]) -> Iterator[Convolution]:  # noqa: ANN401
    """Yield the convolutions, each with the activation that follows it."""
    rows = [(row["class_name"], row["config"]) for row in layers if row["inbound_nodes"]]
    before = next(row["name"] for row in layers if not row["inbound_nodes"])
    for row in (row for row in layers if row["inbound_nodes"]):
        if [node[0] for node in row["inbound_nodes"][0]] != [before]:
            raise ValueError(f"layer {row['name']} does not follow {before}")
        before = row["name"]
    for place, (kind, config) in enumerate(rows):
        if kind == "Conv3D":
            following = rows[place + 1] if place + 1 < len(rows) else ("", {})
            separate = following[1]["activation"] if following[0] == "Activation" else "linear"
            yield _convolution(config, held, separate)
        elif kind != "Activation":
            raise ValueError(f"layer {kind}")


def _convolution(
    config: Mapping[str, Any], held: Mapping[str, NDArray[np.float32]], separate: str
) -> Convolution:
    name = config["name"]
    kernel = held[f"{name}/kernel"]
    dilation = set(config["dilation_rate"])
    plain = (
        config["padding"] == "same"
        and config["data_format"] == "channels_last"
        and set(config["strides"]) == {1}
        and len(dilation) == 1
        and len(set(kernel.shape[:3])) == 1
        and kernel.shape[0] in KERNEL_SIDES
    )
    if not plain:
        raise ValueError(f"layer {name} is no cubic convolution that keeps the size")
    bias = held[f"{name}/bias"] if config["use_bias"] else np.zeros(kernel.shape[-1], np.float32)
    inner = config["activation"]
    return Convolution(
        np.ascontiguousarray(kernel.transpose(4, 3, 0, 1, 2)),
        bias,
        int(dilation.pop()),
        name.endswith(NORMALISED),
        ACTIVATIONS[inner if inner != "linear" else separate],
    )
