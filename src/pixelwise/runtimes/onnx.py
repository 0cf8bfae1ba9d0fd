"""ONNX Runtime: runs ``.onnx`` files on the CPU, without spinning threads."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as native

from pixelwise.core import Tensor
from pixelwise.errors import ModelError
from pixelwise.runtimes.loading import checked_threads, one_line, refuse_device, require_kind
from pixelwise.runtimes.protobuf import external_files

__all__ = ["OnnxSession", "load"]

PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
"""Our device -> ONNX Runtime's provider."""

FATAL = 4
"""Log severity: errors come as exceptions anyway, so nothing is written to stderr."""

FAILURES = (
    native.EPFail,
    native.EngineError,
    native.Fail,
    native.InvalidArgument,
    native.InvalidGraph,
    native.InvalidProtobuf,
    native.NoModel,
    native.NoSuchFile,
    native.NotImplemented,
    native.RuntimeException,
    RuntimeError,
    ValueError,
)
"""What ONNX Runtime raises: its errors have no root of their own below Exception."""

DTYPES = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(uint8)": np.uint8,
    "tensor(int8)": np.int8,
    "tensor(uint16)": np.uint16,
    "tensor(int16)": np.int16,
    "tensor(int32)": np.int32,
    "tensor(int64)": np.int64,
    "tensor(bool)": np.bool_,
}


class OnnxSession:
    """A loaded ``.onnx`` file.

    Args:
        session: The session of ONNX Runtime.
        name: Of the file, for messages.
        device: Where it runs.
    """

    def __init__(self, session: ort.InferenceSession, name: str, device: str) -> None:
        self._session = session
        self._name = name
        self.device = device
        self.inputs = tuple(_tensor(node) for node in session.get_inputs())
        self.outputs = tuple(_tensor(node) for node in session.get_outputs())
        self._wanted = [tensor.name for tensor in self.outputs]
        self._buffers: dict[str, NDArray[Any]] = {}

    def buffer(self, name: str) -> NDArray[Any]:
        """Return the memory that input ``name`` is read from; open sides are 1."""
        if name not in self._buffers:
            tensor = next(tensor for tensor in self.inputs if tensor.name == name)
            shape = tuple(side or 1 for side in tensor.shape)
            self._buffers[name] = np.zeros(shape, tensor.dtype)
        return self._buffers[name]

    def run(self, feeds: Mapping[str, NDArray[Any]]) -> Sequence[NDArray[Any]]:
        """Return the outputs, in the order of ``outputs``; they belong to the caller.

        Args:
            feeds: Arrays by input; an input that is left out is taken from its buffer.

        Raises:
            ModelError: The arrays do not fit, or the model fails.
        """
        try:
            return list(self._session.run(self._wanted, {**self._buffers, **feeds}))
        except FAILURES as error:
            raise ModelError(f"{self._name} failed to run: {_line(error)}") from error


def load(path: Path, *, threads: int | None = None, device: str = "cpu") -> OnnxSession:
    """Return the model in ``path``, ready to run.

    The file is trusted: its hash was checked, or it went through ``runtimes.trial``. No library
    of custom operations is ever loaded, and nothing outside the file is read.

    Raises:
        InvalidSetting: There is no such device here.
        ModelError: The file is damaged, of another kind, refers to other files, or has an
            operation or version not known here.
    """
    there = tuple(
        name for name, provider in PROVIDERS.items() if provider in ort.get_available_providers()
    )
    refuse_device("onnx", device, there)
    require_kind(path, "onnx")
    data = path.read_bytes()
    outside = external_files(data, path.name)
    if outside:
        raise ModelError(
            f"{path.name} keeps weights in other files ({', '.join(outside[:3])}), which is "
            "refused: save it as one file"
        )
    try:
        session = ort.InferenceSession(
            data, _options(checked_threads(threads)), [PROVIDERS[device]]
        )
    except FAILURES as error:
        said = f"{path.name} is damaged (get it again) or not for this ONNX Runtime: {_line(error)}"
        raise ModelError(said) from error
    return OnnxSession(session, path.name, device)


def _options(threads: int) -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = FATAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    return options


def _tensor(node: Any) -> Tensor:  # noqa: ANN401 - a NodeArg of untyped ONNX Runtime
    shape = tuple(side if isinstance(side, int) and side > 0 else 0 for side in node.shape)
    if node.type not in DTYPES:
        raise ModelError(f"tensor {node.name!r} holds {node.type}, which no decoder reads")
    return Tensor(node.name, shape, np.dtype(DTYPES[node.type]))


def _line(error: Exception) -> str:
    """Return a native message as one line, without the places in ONNX Runtime's source."""
    text = " ".join(str(error).split()).removeprefix("[ONNXRuntimeError] : ")
    return one_line(re.sub(r"/onnxruntime_src/.*\) (?=[A-Z])", "", text))
