"""The picture tab: choose, point, set, look, take away."""

import asyncio
import re
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from pixelwise.apps.saves import SAVES
from pixelwise.core import Prompts, Task
from pixelwise.errors import InputError, UsageError
from pixelwise.refine import REFINEMENTS
from pixelwise.service.asking import Ask
from pixelwise.service.desk import Desk
from pixelwise.service.studio.choosing import (
    BEST,
    FAMILY_CHOICES,
    about,
    ask_for,
    names_of,
)
from pixelwise.service.studio.controls import controls_of, takes_prompts
from pixelwise.service.studio.handing import bytes_of, in_words
from pixelwise.service.studio.views import Seen, files_of, seen

__all__ = ["picture_tab"]

POINTING = ("include", "exclude", "box")
HEADERS = ["number", "class", "score", "area", "share"]
NOTHING: dict[str, Any] = {"points": [], "labels": [], "boxes": [], "corner": None}
UNMARKED = "Nothing is pointed at."
NUMBER = re.compile(r"\d+(?:\.\d+)?")
PAIR = rf"\s*{NUMBER.pattern}\s*,\s*{NUMBER.pattern}\s*"
PLACE = re.compile(f"{PAIR}(?:,{PAIR})?")
CORNERS = 4
"""Numbers of a box."""
EXAMPLES = ("astronaut.png", "coffee.png", "coins.png", "rocket.jpg")
"""Public-domain photographs that scikit-image brings."""


def picture_tab(desk: Desk) -> None:
    """Lay out the tab and connect it."""
    settings, pointed = gr.State({}), gr.State(dict(NOTHING))
    with gr.Row():
        with gr.Column(scale=2, min_width=280):
            picture = _picture()
            task, family, name, told = _choices()
            _pointing(picture, pointed)
            with gr.Accordion("Settings", open=True):
                _settings(name, settings)
            refine = gr.CheckboxGroup(
                list(REFINEMENTS), label="Refine the result, in this order", elem_id="refine"
            )
        chosen = [picture, task, family, name, settings, pointed, refine]
        with gr.Column(scale=3, min_width=280):
            outputs = _results(desk, chosen)

    async def look(*values: Any) -> tuple[Any, ...]:  # noqa: ANN401
        return await _look(desk, values)

    gr.on([family.change, task.change], _offer, [family, task], [name, told, settings])
    name.change(lambda value: (about(value), {}), name, [told, settings])
    gr.on(
        [part.change for part in (picture, task, family, settings, pointed, refine)],
        look,
        chosen,
        outputs,
        trigger_mode="always_last",
        concurrency_limit=4,
        api_name="look",
    )


def _picture() -> Any:  # noqa: ANN401
    picture = gr.Image(
        label="Picture: drop, paste, take or choose one",
        type="filepath",
        sources=["upload", "clipboard", "webcam"],
        height=320,
        elem_id="picture",
    )
    gr.Examples(_examples(), picture, label="Examples")
    return picture


def _choices() -> tuple[Any, ...]:
    """Return the controls that say what is done."""
    with gr.Row():
        task = gr.Dropdown(["any", *map(str, Task)], value="any", label="Task", elem_id="task")
        family = gr.Dropdown(list(FAMILY_CHOICES), value=BEST, label="Family", elem_id="family")
    name = gr.Dropdown([], label="Method or network", visible=False, elem_id="name")
    return task, family, name, gr.Markdown(elem_id="about")


def _pointing(picture: Any, pointed: Any) -> None:  # noqa: ANN401
    """Lay out and connect what takes points and boxes."""
    meaning = gr.Radio(list(POINTING), value=POINTING[0], label="A click means")
    place = gr.Textbox(
        label="Click the picture or draw a box on it; or type x, y or x, y, x, y and press Enter",
        placeholder="120, 80",
        elem_id="place",
    )
    with gr.Row():
        marks = gr.Markdown(UNMARKED, elem_id="marks")
        clear = gr.Button("Clear points", size="sm", elem_id="clear")
    place.submit(_typed, [place, pointed, meaning], [pointed, marks])
    place.change(_drawn, [place, pointed, meaning], [pointed, marks, place])
    gr.on([clear.click, picture.change], lambda: (dict(NOTHING), UNMARKED), None, [pointed, marks])


def _examples() -> list[str]:
    folder = Path(str(files("skimage"))) / "data"
    return [str(folder / name) for name in EXAMPLES if (folder / name).is_file()]


def _settings(name: Any, settings: Any) -> None:  # noqa: ANN401
    """Show the controls of the method or network that is chosen."""

    @gr.render(inputs=name)  # type: ignore[untyped-decorator]
    def show(chosen: str | None) -> None:
        if chosen is None:
            gr.Markdown("The best choice has no settings; a family's methods and networks do.")
            return
        for key, control in controls_of(chosen):
            event = getattr(control, "release", control.change)
            if isinstance(control, gr.Slider):
                control.change(_set(key), [control, settings], settings, trigger_mode="always_last")
            else:
                event(_set(key), [control, settings], settings)


def _set(key: str) -> Any:  # noqa: ANN401
    def change(value: object, before: dict[str, object]) -> dict[str, object]:
        return {**before, key: value}

    return change


def _offer(family: str, task: str) -> tuple[Any, str, dict[str, object]]:
    names = names_of(family, task)
    first = names[0] if names else None
    if family == "threshold":
        first = "otsu"
    return gr.Dropdown(names, value=first, visible=bool(names)), about(first), {}


def _typed(text: str, pointed: dict[str, Any], meaning: str) -> tuple[Any, str]:
    """Add a place that was typed."""
    numbers = [float(number) for number in NUMBER.findall(text)]
    if not PLACE.fullmatch(text):
        raise gr.Error(f"expected x, y such as 120, 80, or two corners, not {text[:40]!r}")
    return _pointed(numbers, pointed, meaning)


def _drawn(text: str, pointed: dict[str, Any], meaning: str) -> tuple[Any, ...]:
    """Add what was clicked or drawn, which the page's script writes as ``x, y#count``."""
    place, mark, _ = text.partition("#")
    if not mark or not PLACE.fullmatch(place):
        return gr.skip(), gr.skip(), gr.skip()  # somebody types
    return *_typed(place, pointed, meaning), place


def _pointed(numbers: list[float], pointed: dict[str, Any], meaning: str) -> tuple[Any, str]:
    """Add a point, or a box by both corners."""
    if len(numbers) == CORNERS:
        half = _point(numbers[0], numbers[1], {**pointed, "corner": None}, "box")[0]
        return _point(numbers[2], numbers[3], half, "box")
    return _point(numbers[0], numbers[1], pointed, meaning)


def _point(x: float, y: float, pointed: dict[str, Any], meaning: str) -> tuple[Any, str]:
    """Add a point, or the corner of a box."""
    now = {name: list(value) if value else value for name, value in pointed.items()}
    if meaning != "box":
        now["points"] = [*now["points"], [x, y]]
        now["labels"] = [*now["labels"], 1 if meaning == "include" else 0]
        now["corner"] = None
    elif now["corner"] is None:
        now["corner"] = [x, y]
    else:
        first, now["corner"] = now["corner"], None
        low = [min(first[0], x), min(first[1], y)]
        high = [max(first[0], x), max(first[1], y)]
        if high[0] > low[0] and high[1] > low[1]:
            now["boxes"] = [*now["boxes"], [*low, *high]]
    return now, _marked(now)


def _marked(pointed: dict[str, Any]) -> str:
    include = sum(pointed["labels"])
    parts = [f"{include} include", f"{len(pointed['labels']) - include} exclude"]
    parts.append(f"{len(pointed['boxes'])} boxes")
    corner = ", click the other corner" if pointed["corner"] else ""
    return " · ".join(parts) + corner


def prompts_of(pointed: dict[str, Any]) -> Prompts | None:
    """Return what was pointed at; None when nothing was."""
    made = Prompts(
        points=np.array(pointed["points"], np.float32).reshape(-1, 2),
        labels=pointed["labels"],
        boxes=np.array(pointed["boxes"], np.float32).reshape(-1, 4),
    )
    return None if made.is_empty else made


def _ask(*choice: Any) -> Ask:  # noqa: ANN401
    """Return what task, family, name, settings, what was pointed at and refinements mean."""
    *names, pointed, refine = choice
    chosen = [name for name in REFINEMENTS if name in refine]
    return ask_for(*names, prompts=prompts_of(pointed), refine=tuple(chosen))


def _results(desk: Desk, chosen: list[Any]) -> list[Any]:
    """Lay out what is shown and taken away."""
    line = gr.Markdown("Give a picture.", elem_id="line")
    slider = gr.ImageSlider(
        label="Before and after", interactive=False, type="numpy", elem_id="slider", max_height=460
    )
    parts = gr.AnnotatedImage(
        label="Point at a name to see its segment", elem_id="parts", height=460
    )
    rows = gr.Dataframe(headers=HEADERS, label="Segments", interactive=False, elem_id="rows")
    with gr.Accordion("Downloads", open=False):
        kinds = gr.CheckboxGroup(
            list(SAVES), value=["overlay", "mask", "labels", "cutout"], label="Forms"
        )
        make = gr.Button("Make the files", elem_id="make")
        made = gr.File(file_count="multiple", label="Files", interactive=False, elem_id="made")

    async def write(wanted: list[str], *values: Any) -> list[str]:  # noqa: ANN401
        return await _write(desk, wanted, values)

    make.click(write, [kinds, *chosen], made)
    return [line, slider, parts, rows]


async def _look(desk: Desk, values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return what is shown of a choice: the line, both pictures, the named parts, the table."""
    path, *choice = values
    if path is None:
        return "Give a picture.", None, None, []
    async with in_words():
        data = await asyncio.to_thread(bytes_of, path, desk.settings.body_bytes)
        ask = _ask(*choice)
        try:
            made: Seen = await desk.pool.run(seen, ask, data, desk.settings.limits)
        except (UsageError, InputError):
            name = ask.method or ask.model or ""
            if ask.prompts is not None or not takes_prompts(name):
                raise
            return f"{name} wants to be pointed at: click the picture.", None, None, []
    return made.line, (made.before, made.after), (made.before, made.parts), made.rows


async def _write(desk: Desk, wanted: list[str], values: tuple[Any, ...]) -> list[str]:
    """Return the files of a choice."""
    path, *choice = values
    if path is None:
        raise gr.Error("give a picture first")
    async with in_words():
        data = await asyncio.to_thread(bytes_of, path, desk.settings.body_bytes)
        made = await desk.pool.run(files_of, _ask(*choice), data, wanted, desk.settings.limits)
    folder = Path(tempfile.mkdtemp())
    for file, content in made.items():
        (folder / file).write_bytes(content)
    return [str(folder / file) for file in made]
