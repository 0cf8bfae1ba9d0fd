"""OpenVINO: runs ``.onnx``, ``.tflite`` and ``.xml`` files on CPUs and Intel's own devices."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openvino
from numpy.typing import NDArray

from pixelwise.core import Tensor
from pixelwise.errors import ModelError
from pixelwise.runtimes.loading import checked_threads, kind_of, one_line, refuse_device
from pixelwise.runtimes.protobuf import external_files

__all__ = ["OpenVinoSession", "load"]


class OpenVinoSession:
    """A model compiled for one device.

    Args:
        compiled: The compiled model.
        model: The model as it was read: compiling may give its tensors more names.
        name: Of the file, for messages.
        device: Where it runs.
    """

    def __init__(
        self,
        compiled: Any,  # noqa: ANN401 - OpenVINO is untyped
        model: Any,  # noqa: ANN401
        name: str,
        device: str,
    ) -> None:
        self._request = compiled.create_infer_request()
        self._name = name
        self.device = device
        self.inputs = _tensors(compiled.inputs, model.inputs)
        self.outputs = _tensors(compiled.outputs, model.outputs)
        self._buffers: dict[str, NDArray[Any]] = {}

    def buffer(self, name: str) -> NDArray[Any]:
        """Return the memory that input ``name`` is read from; open sides are 1."""
        if name not in self._buffers:
            tensor = next(tensor for tensor in self.inputs if tensor.name == name)
            self._buffers[name] = np.zeros([side or 1 for side in tensor.shape], tensor.dtype)
        return self._buffers[name]

    def run(self, feeds: Mapping[str, NDArray[Any]]) -> Sequence[NDArray[Any]]:
        """Return the outputs, in the order of ``outputs``; they belong to the caller.

        Args:
            feeds: Arrays by input; an input that is left out is taken from its buffer.

        Raises:
            ModelError: The arrays do not fit, or the model fails.
        """
        given = {**self._buffers, **feeds}
        missing = [tensor.name for tensor in self.inputs if tensor.name not in given]
        if missing:
            raise ModelError(f"{self._name} got nothing for its input {missing[0]!r}")
        try:
            arrays = [np.ascontiguousarray(given[tensor.name]) for tensor in self.inputs]
            answers = self._request.infer(arrays)
        except (RuntimeError, ValueError, TypeError) as error:
            raise ModelError(f"{self._name} failed to run: {one_line(error)}") from error
        return [np.array(answers[place]) for place in range(len(self.outputs))]


def load(path: Path, *, threads: int | None = None, device: str = "cpu") -> OpenVinoSession:
    """Return the model in ``path``, compiled for ``device``, in float32.

    Left alone, OpenVINO takes bfloat16 where the processor has it, and probabilities then differ
    by up to a quarter from those of the other runtimes.

    Raises:
        InvalidSetting: There is no such device here.
        ModelError: The file is damaged, of another kind, refers to other files, or is quantised
            in a way that OpenVINO does not tell.
    """
    core = openvino.Core()
    refuse_device("openvino", device, tuple(name.lower() for name in core.available_devices))
    _check_kind(path)
    options: dict[str, Any] = {"INFERENCE_PRECISION_HINT": "f32"}
    if device == "cpu":
        options["INFERENCE_NUM_THREADS"] = checked_threads(threads)
        options["ENABLE_CPU_PINNING"] = False  # two models would share the first cores
    try:
        model = core.read_model(str(path))
        compiled = core.compile_model(model, device.upper(), options)
    except (RuntimeError, ValueError, TypeError) as error:
        raise ModelError(
            f"{path.name} is damaged (get it again) or not for this OpenVINO: {one_line(error)}"
        ) from error
    session = OpenVinoSession(compiled, model, path.name, device)
    if path.suffix == ".tflite" and any(
        tensor.dtype.kind in "iu" for tensor in (*session.inputs, *session.outputs)
    ):
        raise ModelError(
            f"{path.name} has whole numbers in or out, whose scale OpenVINO does not tell; "
            "use --runtime litert"
        )
    return session


def _check_kind(path: Path) -> None:
    """Raise unless the file is one that OpenVINO reads, whole in itself."""
    if path.suffix == ".xml":
        if not path.with_suffix(".bin").is_file():
            raise ModelError(f"{path.name} has no weights: {path.stem}.bin is not beside it")
        return
    kind = kind_of(path)
    if kind not in ("onnx", "litert"):
        raise ModelError(f"{path.name} is not a model for 'openvino' but {kind}")
    if kind == "onnx" and external_files(path.read_bytes(), path.name):
        raise ModelError(f"{path.name} keeps weights in other files: save it as one file")


def _tensors(ports: Sequence[Any], named: Sequence[Any]) -> tuple[Tensor, ...]:
    """Return what the compiled ports are, by the names that the file gives them."""
    made = []
    for number, (port, origin) in enumerate(zip(ports, named, strict=True)):
        sides = port.get_partial_shape()
        shape = tuple(0 if side.is_dynamic else int(side.get_length()) for side in sides)
        names = sorted(origin.get_names())
        made.append(
            Tensor(names[0] if names else f"tensor{number}", shape, port.element_type.to_dtype())
        )
    return tuple(made)
