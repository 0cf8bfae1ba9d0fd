"""The tabs that work on files: videos, volumes and maps."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import gradio as gr

from pixelwise.apps.medical.presets import PRESETS
from pixelwise.core import Task
from pixelwise.methods import METHODS
from pixelwise.service.asking import Ask
from pixelwise.service.desk import Desk
from pixelwise.service.longwork import LESSONS, LongAsk
from pixelwise.service.studio.choosing import BEST, named, networks
from pixelwise.service.studio.handing import finished, in_words
from pixelwise.service.studio.views import Planes, volume_planes

__all__ = ["map_tab", "video_tab", "volume_tab"]

BACKGROUNDS = ["blur", "blur:25", "#0047ff", "white", "overlay"]
VOLUME_METHODS = [name for name, kind in METHODS.items() if kind.takes_volumes]
PLANES = ("axial", "coronal", "sagittal")
WAYS = ("left to right", "back to front", "foot to head")
NUMBERS = ["label", "voxels", "mL", "at the border"]
OBJECTS = "objects"
MAP_METHODS = ("otsu", "k-means", "gaussian-mixture", OBJECTS)
PATIENCE = 6
"""So many times the deadline of one request: networks of volumes take long."""
BUTTONS = ["download", "fullscreen"]
"""Not Gradio's share, which sends pictures to others."""
TOLD = "what the file says"


def video_tab(desk: Desk) -> None:
    """Lay out the video tab and connect it."""

    async def run(
        path: str | None,
        name: str,
        behind: str,
        progress: Any = gr.Progress(),  # noqa: B008, ANN401 - how Gradio hands it in
    ) -> tuple[str, str]:
        if path is None:
            raise gr.Error("give a video first")
        clear = "" if behind == "overlay" else behind
        async with in_words():
            ask = Ask(task=Task.FOREGROUND) if name == BEST else named(name)
            asked = LongAsk(kind="video", ask=ask, background=clear)
            job = await finished(desk, asked, path, progress)
        told = f"{job.result['frames']} frames in {job.result['seconds']:.1f} s"
        return told, str(job.folder / "out" / "result.mp4")

    endings = [".mp4", ".mkv", ".webm", ".mov", ".m4v", ".avi"]
    with gr.Row():
        film = gr.File(label="Video", file_types=endings, elem_id="film")
        with gr.Column():
            names = [BEST, *networks(), *METHODS]
            method = gr.Dropdown(names, value=BEST, label="Network or method")
            background = gr.Dropdown(
                BACKGROUNDS, value="blur", label="Background", allow_custom_value=True
            )
            with gr.Row():
                go = gr.Button("Segment the video", variant="primary", elem_id="film-go")
                stop = gr.Button("Cancel", elem_id="film-stop")
    line = gr.Markdown(elem_id="film-line")
    result = gr.Video(label="Result", interactive=False, elem_id="film-result", height=480)
    running = go.click(run, [film, method, background], [line, result])
    stop.click(None, cancels=[running])


def volume_tab(desk: Desk) -> None:
    """Lay out the volume tab and connect it."""

    async def run(path: str | None, name: str, is_led: bool, *look: Any) -> tuple[Any, ...]:  # noqa: ANN401, FBT001
        if path is None:
            return None, None, None, []
        *at, middle, wide = look
        window = (_real(middle), _real(wide)) if middle and wide else None
        preset = name if name in PRESETS else None
        looked = (None if is_led else tuple(at), window)
        async with in_words():
            ask = Ask() if preset else named(name)
            arguments = (ask, preset, Path(path), looked, desk.settings.limits)
            patience = PATIENCE * desk.settings.deadline_s
            made: Planes = await desk.pool.run(volume_planes, *arguments, deadline_s=patience)
        return (*made.pictures, made.rows)

    with gr.Row():
        file = gr.File(
            label="Volume: NIfTI, NRRD, MetaImage or DICOM",
            file_types=[".nii", ".gz", ".nrrd", ".mha", ".dcm"],
            elem_id="volume",
        )
        with gr.Column():
            asked = [file, *_volume_choices()]
    with gr.Row():
        planes = [
            gr.Image(label=name, interactive=False, elem_id=name, buttons=BUTTONS)
            for name in PLANES
        ]
    rows = gr.Dataframe(
        headers=NUMBERS, label="Statistics", interactive=False, elem_id="volume-rows"
    )
    gr.on(
        [part.change for part in asked],
        run,
        asked,
        [*planes, rows],
        trigger_mode="always_last",
        show_progress="hidden",  # else the planes vanish under it at every move
    )


def _volume_choices() -> list[Any]:
    """Return the controls of the volume tab."""
    names = [*VOLUME_METHODS, *PRESETS, *networks(of_volumes=True)]
    return [
        gr.Dropdown(
            names, value="otsu", label="Method, tissue or network", elem_id="volume-method"
        ),
        gr.Checkbox(value=True, label="Go through the middle of what was found"),
        *(gr.Slider(0, 1, value=0.5, step=0.01, label=label) for label in WAYS),
        gr.Textbox(label="Window: centre", placeholder="as the file says", elem_id="centre"),
        gr.Textbox(label="Window: width", placeholder="as the file says", elem_id="width"),
    ]


def _real(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise gr.Error(f"expected a number, not {text[:40]!r}") from error


def map_tab(desk: Desk) -> None:
    """Lay out the map tab and connect it."""

    async def run(
        path: str | None,
        name: str,
        sensor: str,
        taught: str | None,
        progress: Any = gr.Progress(),  # noqa: B008, ANN401 - how Gradio hands it in
    ) -> tuple[Any, ...]:
        if path is None:
            raise gr.Error("give a map first")
        if name == OBJECTS and taught is None:
            raise gr.Error(f"{OBJECTS} learns: give it labelled places")
        lesson = taught if name == OBJECTS else None
        async with in_words():
            asked = LongAsk(
                kind="raster", sensor=None if sensor == TOLD else sensor, **_chosen(name)
            )
            job = await finished(desk, asked, path, progress, lesson)
        out = job.folder / "out"
        table = [
            [row["name"], row["pixels"], f"{row['share']:.1%}"] for row in job.result["classes"]
        ]
        return table, str(out / "overlay.png"), [str(out / name) for name in job.files]

    with gr.Row():
        file = gr.File(label="GeoTIFF", file_types=[".tif", ".tiff"], elem_id="map")
        with gr.Column():
            method, sensor, lesson = _map_choices()
            go = gr.Button("Classify the map", variant="primary", elem_id="map-go")
    rows = gr.Dataframe(
        headers=["class", "pixels", "share"], label="Classes", elem_id="map-rows", interactive=False
    )
    shown = gr.Image(label="Map", interactive=False, elem_id="map-shown", buttons=BUTTONS)
    made = gr.File(file_count="multiple", label="Files", interactive=False)
    method.change(lambda name: gr.File(visible=name == OBJECTS), method, lesson)
    go.click(run, [file, method, sensor, lesson], [rows, shown, made])


def _chosen(name: str) -> dict[str, Any]:
    """Return what a choice of the map tab means."""
    ours = name in MAP_METHODS or name in networks()
    return {"ask": named(name)} if ours else {"preset": name}


def _map_choices() -> list[Any]:
    """Return the controls of the map tab; without the extra ``geo`` a job says what is missing."""
    presets: list[str] = []
    sensors: list[str] = []
    if find_spec("rasterio") is not None:
        presets = list(import_module("pixelwise.apps.satellite.rules").PRESETS)
        sensors = list(import_module("pixelwise.apps.satellite.bands").SENSORS)
    return [
        gr.Dropdown(
            [*MAP_METHODS, *presets, *networks("semantic")],
            value="k-means",
            label="Method, land cover or network",
            elem_id="map-method",
        ),
        gr.Dropdown(
            [TOLD, *sensors],
            value=TOLD,
            label="Sensor",
            info="Says which band is which; land covers need it",
            elem_id="map-sensor",
        ),
        gr.File(
            label="Labelled places to learn from: polygons with a property 'class', or a label map",
            file_types=list(LESSONS),
            elem_id="map-lesson",
            visible=False,
        ),
    ]
