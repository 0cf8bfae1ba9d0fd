"""The compare tab: methods side by side on one picture."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import gradio as gr

from pixelwise.apps.compare.running import TASKS
from pixelwise.methods import METHODS
from pixelwise.service.desk import Desk
from pixelwise.service.studio.handing import bytes_of, in_words
from pixelwise.service.studio.views import Compared, compared

__all__ = ["compare_tab"]

FIRST = ["otsu", "canny", "watershed", "felzenszwalb", "k-means", "slic", "foreground"]
PATIENCE = 6


def compare_tab(desk: Desk) -> None:
    """Lay out the tab and connect it."""
    picture, names = _question()
    go = gr.Button("Compare", variant="primary", elem_id="compare")
    gallery = gr.Gallery(
        label="Side by side",
        columns=3,
        elem_id="gallery",
        height="auto",
        object_fit="contain",
        buttons=["download", "fullscreen"],
    )
    page = gr.File(label="The whole comparison as one page", interactive=False)

    async def run(path: str | None, wanted: list[str]) -> tuple[Any, str]:
        if path is None:
            raise gr.Error("give a picture first")
        async with in_words():
            data = await asyncio.to_thread(bytes_of, path, desk.settings.body_bytes)
            made: Compared = await desk.pool.run(
                compared,
                data,
                wanted,
                desk.settings.limits,
                deadline_s=PATIENCE * desk.settings.deadline_s,
            )
        place = Path(tempfile.mkdtemp()) / "comparison.html"
        place.write_bytes(made.page)
        return made.pictures, str(place)

    go.click(run, [picture, names], [gallery, page])


def _question() -> tuple[gr.Image, gr.Dropdown]:
    """Lay out what is asked for: a picture and names."""
    with gr.Row():
        picture = gr.Image(
            label="Picture",
            type="filepath",
            sources=["upload", "clipboard", "webcam"],
            height=260,
            elem_id="compare-picture",
        )
        names = gr.Dropdown(
            [*METHODS, *map(str, TASKS)],
            value=FIRST,
            multiselect=True,
            label="Methods, and tasks for the best network",
        )
    return picture, names
