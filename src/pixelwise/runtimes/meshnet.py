"""MeshNet: brainchop's published TensorFlow.js layers, run by ONNX Runtime.

The layers become an ONNX graph in memory: nothing but the published files is needed.

Source:
    A. Fedorov et al., "End-to-end learning of brain tissue segmentation from imperfect labeling",
    IJCNN 2017; neuroneural/brainchop (MIT).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as native

from pixelwise.core import Tensor
from pixelwise.errors import ModelError
from pixelwise.runtimes.loading import checked_threads, one_line, refuse_device
from pixelwise.runtimes.onnx_graph import Graph, Operation
from pixelwise.runtimes.tfjs import Convolution, read_convolutions

__all__ = ["MeshNetSession", "graph_of", "load"]

EPSILON = 1e-5
"""Of the instance normalisation, as in brainchop's program."""
FATAL = 4
"""Log severity: errors come as exceptions anyway."""
OPEN = ("depth", "height", "width")


class MeshNetSession:
    """A loaded MeshNet: input (1, D, H, W, 1) float32, output (1, D, H, W, classes) logits.

    Any size of volume goes; memory is about three activations of the widest layer.

    Args:
        session: The session of ONNX Runtime, channels first.
        name: Of the file, for messages.
    """

    device = "cpu"

    def __init__(self, session: ort.InferenceSession, name: str, classes: int) -> None:
        self._session = session
        self._name = name
        self._buffers: dict[str, NDArray[Any]] = {}
        self.inputs = (Tensor("volume", (1, 0, 0, 0, 1), np.dtype(np.float32)),)
        self.outputs = (Tensor("logits", (1, 0, 0, 0, classes), np.dtype(np.float32)),)

    def buffer(self, name: str) -> NDArray[Any]:
        """Return the memory that input ``name`` is read from: one voxel, as its sides are open."""
        return self._buffers.setdefault(name, np.zeros((1, 1, 1, 1, 1), np.float32))

    def run(self, feeds: Mapping[str, NDArray[Any]]) -> Sequence[NDArray[Any]]:
        """Return the logits (1, D, H, W, classes) of the volume.

        Raises:
            ModelError: The volume does not fit, or there is too little memory.
        """
        volume = {**self._buffers, **feeds}["volume"]
        channels_first = np.ascontiguousarray(np.moveaxis(volume, -1, 1), np.float32)
        try:
            logits = self._session.run(None, {"x": channels_first})[0]
        except (native.Fail, native.InvalidArgument, native.RuntimeException) as error:
            raise ModelError(f"{self._name} failed to run: {one_line(error)}") from error
        return [np.moveaxis(logits, 1, -1)]


def load(path: Path, *, threads: int | None = None, device: str = "cpu") -> MeshNetSession:
    """Return the MeshNet whose weights are ``path``; its topology lies beside it as ``.json``.

    Raises:
        InvalidSetting: There is no such device here.
        ModelError: A file is missing, damaged, or another kind of network.
    """
    refuse_device("meshnet", device, ("cpu",))
    layers = read_convolutions(path.with_suffix(".json"), path)
    options = ort.SessionOptions()
    options.intra_op_num_threads = checked_threads(threads)
    options.inter_op_num_threads = 1
    options.log_severity_level = FATAL
    options.enable_cpu_mem_arena = False  # gives each activation back when its layer is done
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    data = graph_of(layers).encode()
    session = ort.InferenceSession(data, options, ["CPUExecutionProvider"])
    return MeshNetSession(session, path.name, len(layers[-1].bias))


def graph_of(layers: Sequence[Convolution]) -> Graph:
    """Return the layers as an ONNX graph, (1, C, D, H, W) in and out."""
    operations: list[Operation] = []
    weights: dict[str, NDArray[np.float32]] = {}
    current = "x"
    for number, layer in enumerate(layers):
        made = _operations(layer, number, current)
        operations += made
        current = made[-1].gives
        weights[f"kernel{number}"] = layer.kernel
        weights[f"bias{number}"] = layer.bias
        if layer.normalised:
            weights[f"one{number}"] = np.ones_like(layer.bias)
            weights[f"zero{number}"] = np.zeros_like(layer.bias)
    channels = layers[0].kernel.shape[1], len(layers[-1].bias)
    return Graph(
        operations, weights, ("x", (1, channels[0], *OPEN)), (current, (1, channels[1], *OPEN))
    )


def _operations(layer: Convolution, number: int, takes: str) -> list[Operation]:
    side = layer.kernel.shape[-1]
    reach = layer.dilation * (side // 2)
    convolved = Operation(
        "Conv",
        (takes, f"kernel{number}", f"bias{number}"),
        f"convolved{number}",
        {
            "kernel_shape": (side,) * 3,
            "dilations": (layer.dilation,) * 3,
            "pads": (reach,) * 6,
        },
    )
    made = [convolved]
    if layer.normalised:
        three = (convolved.gives, f"one{number}", f"zero{number}")
        made.append(
            Operation("InstanceNormalization", three, f"even{number}", {"epsilon": EPSILON})
        )
    if layer.activation:
        made.append(Operation(layer.activation, (made[-1].gives,), f"active{number}"))
    return made
