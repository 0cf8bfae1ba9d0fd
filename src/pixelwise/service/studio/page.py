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
#picture img { cursor: crosshair; -webkit-user-drag: none; }
#gallery .grid-wrap { max-height: none !important; height: auto !important; }
#gallery .grid-container {
  grid-template-columns: repeat(auto-fill, minmax(min(19rem, 100%), 1fr)) !important;
}
#band { position: fixed; border: 2px solid #28dc5a; pointer-events: none; z-index: 99; }
"""
POINTING = """() => {
  let number = 0, from = null;
  const band = document.createElement("div");
  band.id = "band";
  const at = (event, image) => {
    const box = image.getBoundingClientRect();
    const [wide, high] = [image.naturalWidth, image.naturalHeight];
    const most = getComputedStyle(image).objectFit === "scale-down" ? 1 : Infinity;
    const scale = Math.min(box.width / wide, box.height / high, most);
    const x = (event.clientX - box.x - (box.width - wide * scale) / 2) / scale;
    const y = (event.clientY - box.y - (box.height - high * scale) / 2) / scale;
    const place = [Math.min(Math.max(x, 0), wide - 1), Math.min(Math.max(y, 0), high - 1)];
    return { place: place.map(Math.floor), isInside: x >= 0 && y >= 0 && x < wide && y < high };
  };
  const moved = (event) => Math.hypot(event.clientX - from.x, event.clientY - from.y) > 6;
  const end = () => { from = null; band.remove(); };
  document.addEventListener("pointerdown", (event) => {
    const image = event.target.closest?.("#picture img");
    if (!image || event.button !== 0) return;
    const start = at(event, image);
    if (start.isInside) from = { image, place: start.place, x: event.clientX, y: event.clientY };
  }, true);
  document.addEventListener("pointermove", (event) => {
    if (!from || !moved(event)) return;
    band.style.left = `${Math.min(from.x, event.clientX)}px`;
    band.style.top = `${Math.min(from.y, event.clientY)}px`;
    band.style.width = `${Math.abs(event.clientX - from.x)}px`;
    band.style.height = `${Math.abs(event.clientY - from.y)}px`;
    document.body.append(band);
  }, true);
  document.addEventListener("pointerup", (event) => {
    const place = document.querySelector("#place textarea, #place input");
    if (from && place) {
      const drawn = moved(event) ? [...from.place, ...at(event, from.image).place] : from.place;
      place.value = `${drawn.join(", ")}#${(number += 1)}`;
      place.dispatchEvent(new Event("input", { bubbles: true }));
    }
    end();
  }, true);
  document.addEventListener("pointercancel", end, true);
  document.addEventListener("dragstart", (event) => {
    if (event.target.closest?.("#picture img")) event.preventDefault();
  }, true);
}"""
"""Writes clicks on the picture, and boxes drawn on it, where a place can also be typed."""


def studio_app(desk: Desk) -> Any:  # noqa: ANN401 - Gradio is untyped
    """Return the page as an application."""
    theme = gr.themes.Default(primary_hue="cyan", font=FONTS, font_mono=MONO)
    with gr.Blocks(title="pixelwise studio", analytics_enabled=False) as blocks:
        gr.Markdown("# pixelwise studio\n[Live camera](/live) · [HTTP API](/v1/openapi.json)")
        with gr.Tabs(overflow_behavior="wrap"):
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
        js=POINTING,
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
