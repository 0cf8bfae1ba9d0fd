"""LiteRT, which was TensorFlow Lite: runs ``.tflite`` files on the CPU."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from pixelwise.core import Tensor
from pixelwise.errors import ModelError
from pixelwise.runtimes.loading import checked_threads, one_line, quiet, refuse_device, require_kind

__all__ = ["LiteRtSession", "load"]


class LiteRtSession:
    """A loaded ``.tflite`` file. One thread at a time.

    Args:
        interpreter: With its tensors allocated.
        name: Of the file, for messages.
    """

    device = "cpu"

    def __init__(self, interpreter: Interpreter, name: str) -> None:
        self._interpreter = interpreter
        self._name = name
        inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
        self.inputs = tuple(_tensor(row) for row in inputs)
        self.outputs = tuple(_tensor(row) for row in outputs)
        self._places = {row["name"]: row["index"] for row in inputs}
        self._answers = tuple(row["index"] for row in outputs)

    def buffer(self, name: str) -> NDArray[Any]:
        """Return the memory that input ``name`` is read from; drop it before :meth:`run`."""
        return self._interpreter.tensor(self._places[name])()

    def run(self, feeds: Mapping[str, NDArray[Any]]) -> Sequence[NDArray[Any]]:
        """Return the outputs, in the order of ``outputs``; they belong to the caller.

        Args:
            feeds: Arrays by input; an input that is left out is taken from its buffer.

        Raises:
            ModelError: The arrays do not fit, or the model fails.
        """
        try:
            for name, values in feeds.items():
                self._interpreter.set_tensor(self._places[name], values)
            self._interpreter.invoke()
        except (ValueError, RuntimeError, KeyError) as error:
            raise ModelError(f"{self._name} failed to run: {one_line(error)}") from error
        return [self._interpreter.get_tensor(index) for index in self._answers]


def load(path: Path, *, threads: int | None = None, device: str = "cpu") -> LiteRtSession:
    """Return the model in ``path``, ready to run.

    The file is trusted: its hash was checked, or it went through ``runtimes.trial``. Inputs with
    open sides are left at the size in the file.

    Raises:
        InvalidSetting: There is no such device here.
        ModelError: The file is damaged, of another kind, or has an operation not known here.
    """
    refuse_device("litert", device, ("cpu",))
    require_kind(path, "litert")
    lines: list[str] = []
    try:
        with quiet() as lines:
            interpreter = Interpreter(str(path), num_threads=checked_threads(threads))
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError, TypeError, MemoryError) as error:
        said = one_line(" ".join([str(error), *(line for line in lines if "ERROR" in line)]))
        raise ModelError(
            f"{path.name} is damaged (get it again) or not for this LiteRT: {said}"
        ) from error
    return LiteRtSession(interpreter, path.name)


def _tensor(row: Mapping[str, Any]) -> Tensor:
    signature = row.get("shape_signature", row["shape"])
    shape = tuple(max(0, int(side)) for side in signature)
    scale, zero = row["quantization"]
    return Tensor(row["name"], shape, np.dtype(row["dtype"]), float(scale), int(zero))
