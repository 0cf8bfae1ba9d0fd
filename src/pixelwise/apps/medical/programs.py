"""Segmenters of others that are programs: called in a process of their own, nothing copied.

The volume goes to a temporary NIfTI file, the program writes its labels beside it, and they come
back in the volume's own grid. The process may be killed, run out of memory or be given up without
harm to ours.
"""

import json
import re
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, ClassVar

import numpy as np

from pixelwise.apps.medical.opening import open_labels
from pixelwise.core import Image, Legend, Provenance, Semantic, Task
from pixelwise.core.legend import LegendClass, spread_colour
from pixelwise.errors import InputError, MissingExtra, ModelError
from pixelwise.io.files import write

__all__ = ["MonaiBundle", "Program", "TotalSegmentator", "is_bundle"]

METADATA = "configs/metadata.json"
INFERENCE = ("configs/inference.json", "configs/inference.yaml", "configs/inference.yml")
LONGEST_S = 6 * 3600.0
VOID = 65535
RAISED = re.compile(r"[\w.]*Error: .")
"""A line of a traceback that says what was raised."""


@dataclass(frozen=True, kw_only=True)
class Program(ABC):
    """A program that reads a NIfTI volume and writes a NIfTI label map."""

    name: ClassVar[str]
    task: ClassVar[Task] = Task.SEMANTIC
    takes_volumes: ClassVar[bool] = True
    package: ClassVar[str]
    extra: ClassVar[str]

    def __call__(self, image: Image) -> Semantic:
        """Segment a volume.

        Raises:
            InputError: It is a picture.
            MissingExtra: The program is not installed.
            ModelError: The program fails, or its labels are of another grid.
        """
        if not image.is_volume:
            raise InputError(f"{self.name} works on volumes, not on pictures", reason="volume")
        if find_spec(self.package) is None:
            raise MissingExtra.of(self.name, self.package, self.extra)
        start = perf_counter()
        with TemporaryDirectory(prefix="pixelwise-") as name:
            folder = Path(name)
            (folder / "out").mkdir()
            write(folder / "volume.nii.gz", image)
            _run(self.name, self.command(folder / "volume.nii.gz", folder / "out"), folder)
            labels = _labels(self.name, folder / "out", image)
        legend = _legend(self.names(), labels)
        made = Provenance(
            model=self.name,
            runtime=self.package,
            seconds={"segment": perf_counter() - start},
            notes=(*image.notes, f"{self.title()} ran as a program of its own"),
        )
        return Semantic(labels, legend, space=image.space, provenance=made)

    @abstractmethod
    def command(self, volume: Path, folder: Path) -> Sequence[str]:
        """Return the command that segments ``volume`` and writes its labels into ``folder``."""

    @abstractmethod
    def names(self) -> Mapping[int, str]:
        """Return the names of the labels that are known."""

    @abstractmethod
    def title(self) -> str:
        """Return what ran, for people."""


@dataclass(frozen=True, kw_only=True)
class TotalSegmentator(Program):
    """Over a hundred structures of CT and MR volumes.

    It fetches its weights itself at first use. The weights of ``total`` and ``total_mr`` are free;
    some of its other tasks need a licence of their own, which it asks for.

    Source:
        J. Wasserthal et al., "TotalSegmentator: robust segmentation of 104 anatomical structures
        in CT images", Radiology: Artificial Intelligence 5(5), 2023; Apache-2.0.

    Args:
        part: Its ``--task``.
        fast: A coarser model that takes less time and memory.
        device: ``cpu`` or ``gpu``.
    """

    name = "totalsegmentator"
    package = "totalsegmentator"
    extra = "totalsegmentator"

    part: str = "total"
    fast: bool = False
    device: str = "cpu"

    def command(self, volume: Path, folder: Path) -> Sequence[str]:
        """Return its own command line."""
        start = "from totalsegmentator.bin.TotalSegmentator import main; main()"
        target = str(folder / "labels.nii.gz")
        rest = ["--ml", "--task", self.part, "--device", self.device]
        more = ["--fast"] if self.fast else []
        return [sys.executable, "-c", start, "-i", str(volume), "-o", target, *rest, *more]

    def names(self) -> Mapping[int, str]:
        """Return its own table of the task's labels."""
        tables: Any = import_module("totalsegmentator.map_to_binary")
        return dict(tables.class_map.get(self.part, {}))

    def title(self) -> str:
        """Return its name and task."""
        return f"TotalSegmentator {self.part}"


@dataclass(frozen=True, kw_only=True)
class MonaiBundle(Program):
    """A MONAI bundle: a folder with ``configs/metadata.json`` and an inference workflow.

    A bundle is a program, its configuration can run any code: only name one that you trust. Its
    workflow is run as MONAI runs it, with ``datalist`` and ``output_dir`` set to our files.

    Source:
        M. J. Cardoso et al., "MONAI: an open-source framework for deep learning in healthcare",
        arXiv:2211.02701; Apache-2.0.

    Args:
        folder: The bundle.
        overrides: More keys of its configuration and their values.
    """

    name = "monai-bundle"
    package = "monai"
    extra = "monai"

    folder: Path
    overrides: Mapping[str, str] = field(default_factory=dict)

    def command(self, volume: Path, folder: Path) -> Sequence[str]:
        """Return MONAI's command line.

        Raises:
            ModelError: The bundle lacks its file.
        """
        root = self.folder.resolve()
        config = next((root / name for name in INFERENCE if (root / name).is_file()), None)
        if config is None:
            raise ModelError(f"the bundle {root.name} has no {INFERENCE[0]}")
        ours = {
            "config_file": str(config),
            "meta_file": str(root / METADATA),
            "bundle_root": str(root),
            "dataset_dir": str(volume.parent),
            "datalist": f"$[{str(volume)!r}]",
            "output_dir": str(folder),
        }
        pairs = {**ours, **self.overrides}.items()
        options = [text for name, value in pairs for text in (f"--{name}", value)]
        return [sys.executable, "-m", "monai.bundle", "run", *options]

    def names(self) -> Mapping[int, str]:
        """Return the channel names of the metadata.

        Raises:
            ModelError: The metadata do not name the labels.
        """
        path = self.folder / METADATA
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            outputs = told["network_data_format"]["outputs"]
            channels = next(iter(outputs.values()))["channel_def"]
            return {int(number): str(name) for number, name in channels.items()}
        except (OSError, ValueError, KeyError, AttributeError, StopIteration) as error:
            raise ModelError(f"{path} does not name the labels: {error!r}") from error

    def title(self) -> str:
        """Return the bundle's name."""
        return f"MONAI bundle {self.folder.resolve().name}"


def is_bundle(path: Path) -> bool:
    """Say whether a folder is a MONAI bundle."""
    return (path / METADATA).is_file()


def _run(name: str, command: Sequence[str], folder: Path) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - the program that the user asked for
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ModelError(f"{name} was not done within {LONGEST_S / 3600:g} hours") from error
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        first = (line for line in lines if RAISED.match(line))  # what the others are because of
        said = next(first, "".join(lines[-1:]))
        raise ModelError(f"{name} failed (code {done.returncode}): {said.strip() or 'no word'}")


def _labels(name: str, folder: Path, image: Image) -> np.ndarray[Any, np.dtype[np.int32]]:
    found = sorted(path for path in folder.rglob("*.nii*") if path.is_file())
    if len(found) != 1:
        raise ModelError(f"{name} wrote {len(found)} volumes; expected one label map")
    result = open_labels(found[0])
    if result.size != image.size:
        raise ModelError(f"{name} wrote labels of size {result.size}, not {image.size}")
    return np.asarray(result).astype(np.int32)


def _legend(names: Mapping[int, str], labels: Iterable[Any]) -> Legend:
    """Return the names that are known, and numbers for what else occurs; 0 is background."""
    known = {0: "background", **names}
    for number in np.unique(np.asarray(labels)).tolist():
        known.setdefault(int(number), f"label {number}")
    rows = [LegendClass(number, known[number], spread_colour(number)) for number in sorted(known)]
    return Legend(tuple(rows), VOID)
