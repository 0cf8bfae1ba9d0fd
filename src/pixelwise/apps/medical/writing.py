"""DICOM-SEG that refers to the slices it was made on."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from pixelwise.core import Result
from pixelwise.errors import MissingExtra
from pixelwise.io.atomic import write_bytes

__all__ = ["write_seg"]


def write_seg(path: Path, result: Result, slices: Sequence[Any], *, deidentify: bool) -> Path:
    """Write a result as DICOM-SEG and return the path.

    Args:
        path: Where.
        result: What.
        slices: The DICOM slices of its volume; without any a stand-in is referred to. A series
            that was resampled has another grid than its slices, but is in their frame of
            reference.
        deidentify: Leave out the patient, dates and the numbers that lead back.

    Raises:
        OutputError: Nothing was found, or the grid is not upright.
        MissingExtra: The extra ``medical`` is not installed.
    """
    seg, reference = _module("dicom_seg"), _module("dicom_reference")
    referred = reference.nameless(slices) if deidentify else slices
    write_bytes(path, seg.seg_bytes(seg.outlined(result), referred))
    return path


def _module(name: str) -> Any:  # noqa: ANN401 - a module that needs an extra
    try:
        return import_module(f"pixelwise.io.volumes.{name}")
    except ModuleNotFoundError as error:
        if str(error.name).startswith("pixelwise"):
            raise
        raise MissingExtra.of("dicom", str(error.name), "medical") from error
