"""The page itself: its tabs, its look, and the application that serves it."""

from typing import Any

import gradio as gr
from fastapi import FastAPI

from pixelwise.service.desk import Desk
from pixelwise.service.studio.comparing import compare_tab
from pixelwise.service.studio.files import map_tab, video_tab, volume_tab
from pixelwise.service.studio.pictures import picture_tab

__all__ = ["studio_app"]

FONTS = ("system-ui", "sans-serif")
MONO = ("ui-monospace", "monospace")
LOOK = """
footer { display: none !important; }
.gradio-container { max-width: 90rem !important; }
#picture img { cursor: crosshair; }
"""
CLICKS = """() => {
  let number = 0;
  document.addEventListener("click", (event) => {
    const image = event.target.closest?.("#picture img");
    const place = document.querySelector("#place textarea, #place input");
    if (!image || !place) return;
    const box = image.getBoundingClientRect();
    const scale = Math.min(box.width / image.naturalWidth, box.height / image.naturalHeight);
    const left = box.x + (box.width - image.naturalWidth * scale) / 2;
    const top = box.y + (box.height - image.naturalHeight * scale) / 2;
    const [x, y] = [(event.clientX - left) / scale, (event.clientY - top) / scale];
    if (x < 0 || y < 0 || x >= image.naturalWidth || y >= image.naturalHeight) return;
    place.value = `${Math.floor(x)},${Math.floor(y)}#${(number += 1)}`;
    place.dispatchEvent(new Event("input", { bubbles: true }));
  }, true);
}"""
"""Writes clicks on the picture where a place can also be typed."""


def studio_app(desk: Desk) -> Any:  # noqa: ANN401 - Gradio is untyped
    """Return the page as an application."""
    theme = gr.themes.Default(primary_hue="cyan", font=FONTS, font_mono=MONO)
    with gr.Blocks(title="pixelwise studio", analytics_enabled=False) as blocks:
        gr.Markdown("# pixelwise studio\n[Live camera](/live) · [HTTP API](/v1/openapi.json)")
        with gr.Tabs():
            for title, tab in TABS.items():
                with gr.Tab(title):
                    tab(desk)
    blocks.queue(default_concurrency_limit=4, max_size=64)
    return gr.mount_gradio_app(
        FastAPI(docs_url=None, redoc_url=None, openapi_url=None),
        blocks,
        path="/",
        theme=theme,
        css=LOOK,
        js=CLICKS,
        ssr_mode=False,
        show_error=False,
        max_file_size=desk.settings.upload_bytes,
        footer_links=[],
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
    )


TABS = {
    "Picture": picture_tab,
    "Compare": compare_tab,
    "Video": video_tab,
    "Volume": volume_tab,
    "Map": map_tab,
}
"""Title -> what lays the tab out."""
