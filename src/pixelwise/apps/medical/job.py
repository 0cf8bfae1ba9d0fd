"""One volume from file to files: open, segment, measure, write."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import numpy as np

from pixelwise.apps.medical.blockwise import ON_DISK, mapped, segment_into
from pixelwise.apps.medical.lesion import Lesion
from pixelwise.apps.medical.opening import Opened, open_labels, open_volume, voxel_prompts
from pixelwise.apps.medical.presets import preset
from pixelwise.apps.medical.programs import MonaiBundle, TotalSegmentator, is_bundle
from pixelwise.apps.medical.shaping import Step, reshaped
from pixelwise.apps.medical.statistics import LabelStatistics, measure
from pixelwise.apps.medical.writing import KINDS, Made, written
from pixelwise.catalog import Access, Request, segmenter_for
from pixelwise.core import Image, Prompts, Result, Segmenter, build
from pixelwise.core.space import Unit
from pixelwise.errors import InputError, LimitError, UsageError
from pixelwise.io.atomic import make_folder
from pixelwise.io.files import suffix_of
from pixelwise.methods.deep.slices import SliceBySlice

__all__ = ["KINDS", "Done", "VolumeJob", "run_job", "segmented_volume"]

AXES = {"sagittal": 0, "coronal": 1, "axial": 2}
"""Plane -> the world axis that it is cut across."""
TOLERANCE_MM = 0.01
"""Labels and image must lie at the same place to within this."""


@dataclass(frozen=True, kw_only=True, eq=False)
class VolumeJob:
    """What is asked for; see ``pixelwise volume --help``."""

    source: Path
    output: Path
    method: str | None = None
    model: str | None = None
    preset: str | None = None
    labels: Path | None = None
    settings: Mapping[str, object] = field(default_factory=dict)
    prompts: Prompts | None = None
    world: bool = False
    planes: tuple[str, ...] = ("axial",)
    kinds: tuple[str, ...] = ("labels", "statistics", "report")
    series: str | None = None
    regrid: bool = False
    deidentify: bool = False
    shape: tuple[Step, ...] = ()
    blockwise: bool = False
    access: Access = field(default_factory=Access)


@dataclass(frozen=True, kw_only=True)
class Done:
    """What was made.

    Args:
        made: Name of what made it.
        files: What was written.
        rows: Numbers of each label; empty where the volume has no millimetres.
        notes: What the user should know.
        seconds: From start to end.
    """

    made: str
    files: tuple[Path, ...]
    rows: tuple[LabelStatistics, ...]
    notes: tuple[str, ...]
    seconds: float

    def record(self) -> dict[str, object]:
        """Return what ``--json`` prints; the input is not named, as its path may name a person."""
        names = [row.name for row in self.rows]
        labels = {
            f"{row.name} {row.label}" if names.count(row.name) > 1 else row.name: {
                "voxels": row.voxels,
                "ml": row.volume_ml,
            }
            for row in self.rows
        }
        return {
            "made": self.made,
            "files": [str(path) for path in self.files],
            "labels": labels,
            "notes": list(self.notes),
            "seconds": self.seconds,
        }


def run_job(job: VolumeJob) -> Done:
    """Do it.

    Raises:
        UsageError: The options do not make sense together.
        InputError: The volume cannot be read or segmented.
        OutputError: A result cannot be written.
    """
    start = perf_counter()
    chosen = [job.method, job.model, job.preset, job.labels]
    if sum(each is not None for each in chosen) != 1:
        raise UsageError("name one of --method, --model, --preset and --labels")
    unknown = set(job.kinds) - set(KINDS)
    if unknown:
        raise UsageError(f"--save knows {', '.join(KINDS)}, not {', '.join(sorted(unknown))}")
    if job.blockwise:
        return _by_slabs(job, start)
    opened = _opened(job)
    if job.labels is not None:
        result = reshaped(_given(job.labels, opened.image), job.shape)
    else:
        result = segmented_volume(job, opened.image)
    notes = tuple(dict.fromkeys((*opened.image.notes, *result.provenance.notes)))
    rows: tuple[LabelStatistics, ...] = ()
    if not (unmeasured := _unmeasured(result)):
        rows = measure(result, opened.image)
    notes = (*notes, *unmeasured)
    files = written(Made(opened, result, rows, job.deidentify), job.output, job.kinds)
    made = result.provenance.model or result.provenance.method or "labels"
    return Done(made=made, files=files, rows=rows, notes=notes, seconds=perf_counter() - start)


def _unmeasured(result: Result) -> tuple[str, ...]:
    """Return a note where nothing can be measured."""
    if result.space.unit is Unit.MILLIMETRE:
        return ()
    return ("no statistics: this volume has no millimetres",)


def _opened(job: VolumeJob) -> Opened:
    try:
        return open_volume(job.source, series=job.series, regrid=job.regrid)
    except LimitError as error:
        if not job.source.is_dir() and suffix_of(job.source) not in ON_DISK:
            raise
        raise LimitError(f"{error}; or go by slabs with --blockwise") from error


def _by_slabs(job: VolumeJob, start: float) -> Done:
    """Do it without ever holding the volume: a mask, its numbers, and the report."""
    if job.labels is not None or job.prompts is not None or job.model is not None:
        raise UsageError("--blockwise goes with --method or --preset, and with no points")
    is_folder = not suffix_of(job.output)
    path = job.output / "labels.nii" if is_folder else job.output
    if path.suffix.lower() != ".nii":
        raise UsageError("--blockwise writes uncompressed .nii files; give one, or a folder")
    if unable := set(job.kinds) & {"seg", "mesh"} if is_folder else set():
        raise UsageError(f"--blockwise cannot --save {', '.join(sorted(unable))}")
    if job.regrid:
        raise UsageError("--regrid needs the whole volume in memory; leave --blockwise out")
    make_folder(path.parent)
    opened = mapped(job.source, path.parent, series=job.series)
    result, rows = segment_into(path, opened.image, _segmenter(job, opened.image), job.shape)
    kinds = [kind for kind in job.kinds if kind != "labels"] if is_folder else []
    made = Made(opened, result, rows)
    files = [path, *(written(made, job.output, kinds) if kinds else ())]
    return Done(
        made=result.provenance.method or "labels",
        files=tuple(files),
        rows=rows,
        notes=(*result.provenance.notes, *_unmeasured(result)),
        seconds=perf_counter() - start,
    )


def segmented_volume(job: VolumeJob, image: Image) -> Result:
    """Return what the job's method, model or preset makes of a volume, shaped as asked for.

    Raises:
        UsageError: The options do not make sense together.
        InputError: The volume cannot be segmented so.
    """
    return reshaped(_segmenter(job, image)(image), job.shape)


def _segmenter(job: VolumeJob, image: Image) -> Segmenter:
    prompts = job.prompts and voxel_prompts(job.prompts, image, world=job.world)
    if job.preset == Lesion.name:
        if prompts is None:
            raise UsageError("mr-lesion needs a --point in the lesion")
        return build(Lesion, {**job.settings, "prompts": prompts})
    if job.preset is not None:
        if job.settings or prompts is not None:
            raise UsageError(f"{job.preset} takes neither settings nor points")
        return preset(job.preset)
    if (program := _program(job)) is not None:
        return program
    request = Request(
        method=job.method,
        model=job.model,
        prompts=prompts,
        settings=job.settings,
        access=job.access,
    )
    segmenter = segmenter_for(request)
    if not getattr(segmenter, "takes_volumes", False):
        cut = tuple(_array_axis(image, AXES[name]) for name in job.planes)
        return SliceBySlice(segmenter=segmenter, planes=cut)
    return segmenter


def _program(job: VolumeJob) -> Segmenter | None:
    """Return the program of others that ``--model`` names: TotalSegmentator, or a bundle."""
    if job.model == TotalSegmentator.name:
        return build(TotalSegmentator, job.settings)
    if job.model is not None and is_bundle(Path(job.model)):
        overrides = {name: str(value) for name, value in job.settings.items()}
        return MonaiBundle(folder=Path(job.model), overrides=overrides)
    return None


def _array_axis(image: Image, world: int) -> int:
    """Return the array axis that lies nearest to a world axis."""
    matrix = image.space.matrix
    if matrix is None:
        return 2 - world
    columns = matrix[:3, [2, 1, 0]] / np.asarray(image.space.spacing)
    return int(np.abs(columns[world]).argmax())


def _given(path: Path, image: Image) -> Result:
    """Return labels from a file, if they lie where the image lies.

    Raises:
        InputError: They lie elsewhere.
    """
    result = open_labels(path)
    ours, theirs = image.space.matrix, result.space.matrix
    if result.size != image.size:
        raise InputError(f"the labels have size {result.size}, the volume {image.size}")
    if ours is not None and theirs is not None and abs(ours - theirs).max() > TOLERANCE_MM:
        raise InputError("the labels lie elsewhere in the world than the volume; resample them")
    return result
