"""Writes OpenVINO's pair of files."""

from pathlib import Path

import openvino

from pixelwise.training.draft import Draft

__all__ = ["to_openvino"]


def to_openvino(draft: Draft, target: Path) -> None:
    """Write a network as OpenVINO's pair of files.

    Args:
        draft: The network.
        target: A file ``.xml``; the weights lie beside it as ``.bin``, in 16 bits.
    """
    openvino.save_model(openvino.convert_model(str(draft.onnx)), str(target), compress_to_fp16=True)
