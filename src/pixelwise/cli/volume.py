"""pixelwise volume: medical volumes in, masks and numbers out."""

import json
from pathlib import Path
from typing import Annotated

import typer

from pixelwise.apps.medical.job import KINDS, VolumeJob, run_job
from pixelwise.apps.medical.presets import PRESETS
from pixelwise.apps.medical.shaping import STEPS, parse_steps
from pixelwise.catalog import Access
from pixelwise.cli import options
from pixelwise.cli.exits import emit, report
from pixelwise.cli.progress import Download
from pixelwise.errors import UsageError

__all__ = ["volume"]

PLANES = ("axial", "coronal", "sagittal")


def _steps() -> list[str]:
    return [f"{name}={step.unit}" if step.unit else name for name, step in STEPS.items()]


def volume(
    source: Annotated[
        Path, typer.Argument(metavar="IN", help="NIfTI, NRRD, MHA, DICOM, or a DICOM folder.")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="A file (.nii.gz .nrrd .dcm .stl), or a folder.")
    ],
    method: options.Method = None,
    model: Annotated[
        str | None,
        typer.Option(help="A network by name, totalsegmentator, or the folder of a MONAI bundle."),
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help=f"A tissue: {', '.join([*PRESETS, 'mr-lesion'])}.")
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(help="Measure these labels instead of segmenting.")
    ] = None,
    settings: options.Settings = None,
    shape: Annotated[
        str,
        typer.Option(
            metavar="STEPS", help=f"Done to the masks, in this order: {', '.join(_steps())}."
        ),
    ] = "",
    point: Annotated[
        list[str] | None, typer.Option(metavar="X,Y,Z[:LABEL]", help="A point prompt; may repeat.")
    ] = None,
    world: Annotated[
        bool, typer.Option("--world", help="Points are RAS millimetres, not voxels i,j,k.")
    ] = False,
    planes: Annotated[
        str, typer.Option(help="For 2-D models: comma list of axial, coronal, sagittal; they vote.")
    ] = "axial",
    kinds: Annotated[
        str, typer.Option("--save", help=f"For a folder: comma list of {', '.join(KINDS)}.")
    ] = "labels,statistics,report",
    series: Annotated[
        str | None, typer.Option(help="Which series of a DICOM folder, by the end of its UID.")
    ] = None,
    regrid: Annotated[
        bool, typer.Option("--regrid", help="Resample an uneven or tilted DICOM series.")
    ] = False,
    deidentify: Annotated[
        bool, typer.Option("--deidentify", help="Leave patient, dates and UIDs out of DICOM-SEG.")
    ] = False,
    blockwise: Annotated[
        bool, typer.Option("--blockwise", help="For what is larger than memory: a slab at a time.")
    ] = False,
    runtime: options.Runtime = None,
    device: options.Device = None,
    threads: options.Threads = None,
    offline: options.Offline = False,
    commercial: options.Commercial = False,
    as_json: options.Json = False,
    debug: options.Debug = False,  # noqa: ARG001 - read at the outermost edge
) -> None:
    """Segment or measure a volume: labels where the voxels are, numbers in mL and mm."""
    loading = {"runtime": runtime, "device": device, "threads": threads}
    given = {name: value for name, value in loading.items() if value is not None}
    job = VolumeJob(
        source=source,
        output=output,
        method=method,
        model=model,
        preset=preset,
        labels=labels,
        settings={**options.parse_settings(settings or []), **given},
        prompts=options.parse_prompts(point or [], [], None),
        world=world,
        planes=_planes(planes),
        shape=parse_steps(shape),
        kinds=tuple(part.strip() for part in kinds.split(",") if part.strip()),
        series=series,
        regrid=regrid,
        deidentify=deidentify,
        blockwise=blockwise,
        access=Access(offline=offline, commercial=commercial, say=report, progress=Download()),
    )
    done = run_job(job)
    for note in done.notes:
        report(note)
    if as_json:
        emit(json.dumps(done.record(), ensure_ascii=True))
        return
    for row in done.rows:
        star = " (reaches the border)" if row.touches_border else ""
        emit(f"{row.name}: {row.volume_ml:.3f} mL, {row.voxels} voxels{star}")
    emit(f"{done.made}, {done.seconds:.2f} s -> {', '.join(str(path) for path in done.files)}")


def _planes(text: str) -> tuple[str, ...]:
    names = tuple(part.strip() for part in text.split(",") if part.strip())
    if not names or not set(names) <= set(PLANES):
        raise UsageError(f"--planes must name {', '.join(PLANES)}, not {text!r}")
    return names
