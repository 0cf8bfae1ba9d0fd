"""From a torch network to ONNX files that run without torch: half the size, or in 8 bits."""

import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from pixelwise.errors import ModelError
from pixelwise.io.atomic import replacing, write_bytes
from pixelwise.training.draft import Draft

__all__ = ["halved", "quantised", "to_onnx"]

OPSET = 17
SMALLEST = 256
"""Weights of fewer numbers stay 32 bits."""


def to_onnx(net: nn.Module, shape: Sequence[int], answers: Sequence[str], path: Path) -> None:
    """Write a network as ONNX; all sides but batch and channels stay open.

    Torch's older exporter is used: the newer one cannot follow detectors yet, whose number of
    boxes depends on the picture.

    Args:
        net: In evaluation mode; takes pixels (1, C, ...) and gives a tensor or several.
        shape: Of an input to follow the network with.
        answers: Names of what it gives.
        path: A file ``.onnx``.

    Raises:
        ModelError: The network cannot be exported.
        OutputError: The file cannot be written.
    """
    sides = {axis: f"side{axis}" for axis in range(2, len(shape))}
    several = {name: {0: "things"} for name in answers} if len(answers) > 1 else {}
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with replacing(path) as part, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            torch.onnx.export(
                net.eval(),
                (torch.rand(*shape),),
                str(part),
                dynamo=False,
                opset_version=OPSET,
                input_names=["pixels"],
                output_names=list(answers),
                dynamic_axes={"pixels": sides, **several},
            )
        except (RuntimeError, TypeError, ValueError, torch.onnx.errors.OnnxExporterError) as error:
            raise ModelError(f"the network cannot be exported: {str(error)[:300]}") from error


def halved(draft: Draft, target: Path) -> None:
    """Write an ONNX model with its weights in 16 bits; it still computes in 32.

    Each weight is widened when the model is loaded, so it is as fast as before and differs only
    by the rounding of weights.

    Args:
        draft: The network.
        target: A file ``.onnx``.

    Raises:
        OutputError: The file cannot be written.
    """
    model = onnx.load(str(draft.onnx))
    graph = model.graph
    casts = []
    for row in graph.initializer:
        if row.data_type != TensorProto.FLOAT or np.prod(row.dims) < SMALLEST:
            continue
        values = numpy_helper.to_array(row).astype(np.float16)
        name = row.name
        row.CopyFrom(numpy_helper.from_array(values, f"{name}_half"))
        casts.append(helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT))
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend([*casts, *nodes])
    write_bytes(target, model.SerializeToString())


def quantised(draft: Draft, target: Path) -> None:
    """Write an ONNX model that computes its convolutions in 8 bits.

    Args:
        draft: The network, with samples by which the ranges of values are found.
        target: A file ``.onnx``.

    Raises:
        OutputError: The file cannot be written.
    """
    from onnxruntime.quantization import (  # noqa: PLC0415 - slow to import
        CalibrationMethod,
        QuantFormat,
        QuantType,
        quantize_static,
    )

    with replacing(target) as part, warnings.catch_warnings(), _quiet():
        warnings.simplefilter("ignore")
        quantize_static(
            str(draft.onnx),
            str(part),
            _Reader(draft.samples),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv"],
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
            extra_options={"ActivationSymmetric": False, "WeightSymmetric": True},
        )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the quantiser's advice, written to the root logger, from the user's screen."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


class _Reader:
    """Gives samples to the quantiser, one after the other.

    Args:
        samples: Inputs.
    """

    def __init__(self, samples: Sequence[NDArray[np.float32]]) -> None:
        self._rows: Iterator[NDArray[np.float32]] = iter(samples)

    def get_next(self) -> Mapping[str, Any] | None:
        """Return the next input, None after the last."""
        row = next(self._rows, None)
        return None if row is None else {"pixels": row}
