"""What came of a volume, as files: labels, numbers, a report, DICOM-SEG, meshes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from pixelwise.apps.medical.opening import Opened
from pixelwise.apps.medical.planes import three_planes
from pixelwise.apps.medical.report import page, side_by_side
from pixelwise.apps.medical.statistics import LabelStatistics, as_csv, as_json
from pixelwise.core import Image, Result
from pixelwise.errors import MissingExtra
from pixelwise.io.atomic import make_folder, write_bytes
from pixelwise.io.files import suffix_of, write

__all__ = ["KINDS", "Made", "write_seg", "written"]


@dataclass(frozen=True, eq=False)
class Made:
    """What came of a volume.

    Args:
        opened: The volume.
        result: What was found in it.
        rows: The numbers of each label.
        deidentify: Leave out the patient, dates and the numbers that lead back.
    """

    opened: Opened
    result: Result
    rows: tuple[LabelStatistics, ...]
    deidentify: bool = False


def written(made: Made, output: Path, kinds: Sequence[str]) -> tuple[Path, ...]:
    """Write a file, whose suffix says what, or a folder with several kinds; return the paths.

    Args:
        made: What is written.
        output: A file, or a folder.
        kinds: Words of :data:`KINDS`, for a folder.

    Raises:
        OutputError: It cannot be written, or the format cannot hold it.
    """
    suffix = suffix_of(output)
    if suffix == ".dcm":
        return (_write_seg(output, made),)
    if suffix:
        write(output, made.result)
        return (output,)
    make_folder(output)
    return tuple(path for kind in kinds for path in KINDS[kind](made, output))


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


def _write_seg(path: Path, made: Made) -> Path:
    return write_seg(path, made.result, made.opened.slices, deidentify=made.deidentify)


def _labels(made: Made, folder: Path) -> list[Path]:
    path = folder / "labels.nii.gz"
    write(path, made.result)
    return [path]


def _statistics(made: Made, folder: Path) -> list[Path]:
    paths = [folder / "statistics.csv", folder / "statistics.json"]
    for path, text in zip(paths, (as_csv(made.rows), as_json(made.rows)), strict=True):
        write_bytes(path, text.encode())
    return paths


def _report(made: Made, folder: Path) -> list[Path]:
    pictures = three_planes(made.opened.image, made.result, made.opened.window)
    write_bytes(folder / "report.html", page(pictures, made.rows, made.result))
    write(folder / "planes.png", Image(side_by_side(pictures)))
    return [folder / "report.html", folder / "planes.png"]


def _mesh(made: Made, folder: Path) -> list[Path]:
    path = folder / "labels.ply"
    write(path, made.result)
    return [path]


KINDS: Mapping[str, Callable[[Made, Path], list[Path]]] = {
    "labels": _labels,
    "statistics": _statistics,
    "report": _report,
    "seg": lambda made, folder: [_write_seg(folder / "labels.dcm", made)],
    "mesh": _mesh,
}
"""Word of ``--save`` -> what writes it; the names of the files tell nothing of the input."""
