"""pixelwise map: rasters of any size in, classes with the same place in the world out."""

import json
from pathlib import Path
from typing import Annotated

import typer

from pixelwise.catalog import Access
from pixelwise.cli import options
from pixelwise.cli.exits import SOME_FAILED, emit, report
from pixelwise.cli.extras import needs
from pixelwise.cli.progress import Download, Steps
from pixelwise.errors import UsageError

with needs("pixelwise map", "geo"):
    from pixelwise.apps.satellite.areas import ClassArea
    from pixelwise.apps.satellite.bands import SENSORS, parse_bands
    from pixelwise.apps.satellite.choosing import METHODS_FOR_MAPS, OBJECTS, Choice
    from pixelwise.apps.satellite.job import MapJob
    from pixelwise.apps.satellite.rules import PRESETS
    from pixelwise.apps.satellite.writing import KINDS, Wanted, Written, run_map
    from pixelwise.ops.spectral import INDICES

__all__ = ["raster_map"]

CLASSES = "Classes"
BANDS = "Bands"


def raster_map(
    sources: Annotated[
        list[Path],
        typer.Argument(metavar="IN", help="A raster, or its bands in several files."),
    ],
    output: Annotated[
        Path,
        typer.Option("-o", "--output", help="A folder, or .tif .gpkg .geojson .fgb .csv .png"),
    ],
    preset: Annotated[str | None, typer.Option(help=f"One of {', '.join(PRESETS)}.")] = None,
    method: Annotated[
        str | None, typer.Option(help=f"One of {', '.join(METHODS_FOR_MAPS)}.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="A network by name.")] = None,
    index: Annotated[
        str | None, typer.Option(help=f"A band, or one of {', '.join(INDICES)}.")
    ] = None,
    levels: Annotated[
        str, typer.Option(metavar="NUMBERS", help="Levels between classes of --index: 0.2,0.5")
    ] = "",
    classes: Annotated[str, typer.Option(help="Names of those classes, with commas.")] = "",
    train: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[IMAGE=]LABELS",
            help="For objects: labelled polygons or a label map; may repeat.",
        ),
    ] = None,
    settings: options.Settings = None,
    before: Annotated[
        list[Path] | None, typer.Option(help="The same place earlier: gives changes; may repeat.")
    ] = None,
    sensor: Annotated[
        str | None, typer.Option(help=f"Order of the bands: {', '.join(SENSORS)}.")
    ] = None,
    bands: Annotated[str, typer.Option(help="Which band is which: red=3,nir=4")] = "",
    scale: Annotated[float | None, typer.Option(help="Reflectance is number * scale.")] = None,
    offset: Annotated[float, typer.Option(help="Is added to that.")] = 0.0,
    kinds: Annotated[
        str,
        typer.Option(
            "--save",
            metavar="KINDS",
            help=f"For a folder: some of {', '.join(KINDS)}; else labels,areas,overlay, and of "
            "things told apart parts,things.",
        ),
    ] = "",
    simplify: Annotated[
        float, typer.Option(min=0, help="Simplify polygons by so many pixels; borders stay shared.")
    ] = 0.0,
    regular: Annotated[
        float,
        typer.Option(
            min=0,
            help="Right-angled polygons, for buildings: steps of fewer pixels go, and neighbours "
            "may overlap.",
        ),
    ] = 0.0,
    least: Annotated[
        float, typer.Option("--min-area", min=0, help="Leave out polygons of fewer m2.")
    ] = 0.0,
    tile: Annotated[
        int | None, typer.Option(min=16, help="Side of tiles; changes memory, never the result.")
    ] = None,
    overviews: Annotated[
        bool, typer.Option("--overviews/--no-overviews", help="Smaller copies, for viewers.")
    ] = True,
    cog: Annotated[bool, typer.Option("--cog", help="Cloud-optimised GeoTIFF.")] = False,
    runtime: options.Runtime = None,
    device: options.Device = None,
    threads: options.Threads = None,
    offline: options.Offline = False,
    commercial: options.Commercial = False,
    as_json: options.Json = False,
    debug: options.Debug = False,  # noqa: ARG001 - read at the outermost edge
) -> None:
    """Classify a raster of any size and measure the classes in hectares.

    A job that was killed goes on where it was when it is started again with the same options.
    """
    loading = {"runtime": runtime, "device": device, "threads": threads}
    given = {name: value for name, value in loading.items() if value is not None}
    choice = Choice(
        preset=preset,
        index=index,
        levels=_numbers(levels),
        names=_words(classes),
        method=method or (OBJECTS if train else None),
        model=model,
        train=tuple(_pair(text) for text in train or []),
        settings={**options.parse_settings(settings or []), **given},
        access=Access(offline=offline, commercial=commercial, say=report, progress=Download()),
    )
    with Steps("tiles") as steps:
        job = MapJob(
            sources=tuple(sources),
            before=tuple(before or ()),
            choice=choice,
            sensor=sensor,
            bands=parse_bands(bands),
            scale=None
            if scale is None and not offset
            else (1.0 if scale is None else scale, offset),
            tile=tile,
            cog=cog,
            overviews=overviews,
            step=steps.step,
        )
        wanted = Wanted(
            output=output,
            kinds=_words(kinds),
            simplify=simplify,
            regular=regular,
            least_m2=least,
        )
        written = run_map(job, wanted)
    _say(written, as_json=as_json)
    if written.done.damage:
        raise typer.Exit(SOME_FAILED)


def _say(written: Written, *, as_json: bool) -> None:
    done = written.done
    for note in done.notes:
        report(note)
    for block in done.damage:
        report(
            f"damaged: rows {block.top} to {block.bottom - 1}, columns {block.left} to "
            f"{block.right - 1} could not be read and are no data"
        )
    if as_json:
        emit(json.dumps(_record(written), ensure_ascii=True))
        return
    for row in written.areas:
        if done.now.things is not None and not row.pixels:
            continue  # a network knows more kinds of things than a map has
        emit(f"{row.name}: {_size(row)}, {row.share:.1%}")
    for row in written.changes:
        old, _, new = row.name.partition(" -> ")
        if old != new and row.pixels:
            emit(f"{row.name}: {_size(row)}")
    emit(f"{done.made}, {done.seconds:.2f} s -> {', '.join(str(path) for path in written.files)}")


def _size(row: ClassArea) -> str:
    return f"{row.pixels} pixels" if row.hectares is None else f"{row.hectares:.4f} ha"


def _record(written: Written) -> dict[str, object]:
    done = written.done

    def rows(areas: tuple[ClassArea, ...]) -> dict[str, object]:
        return {
            row.name: {"pixels": row.pixels, "share": row.share, "ha": row.hectares}
            for row in areas
        }

    return {
        "made": done.made,
        "files": [str(path) for path in written.files],
        "classes": rows(written.areas),
        "changes": rows(written.changes),
        "damage": [list(block) for block in done.damage],
        "notes": list(done.notes),
        "seconds": done.seconds,
    }


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in _words(text))
    except ValueError as error:
        raise UsageError(f"--levels must be numbers with commas, not {text!r}") from error


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _pair(text: str) -> tuple[Path | None, Path]:
    image, sign, labels = text.rpartition("=")
    return (Path(image), Path(labels)) if sign else (None, Path(labels))
