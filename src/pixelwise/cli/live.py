"""pixelwise live: a camera, a stream or a file, with another background at once."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from importlib import import_module
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Annotated, Self, cast
from urllib.parse import urlsplit

import numpy as np
import typer

from pixelwise.apps.ar import Layer, Look
from pixelwise.catalog import Access, Request, segmenter_for
from pixelwise.cli import options, staging
from pixelwise.cli.effects import EFFECTS, ORIGINAL, show_before
from pixelwise.cli.exits import emit, report
from pixelwise.cli.filming import film_of
from pixelwise.cli.preview import Preview, has_screen
from pixelwise.cli.progress import Download
from pixelwise.cli.staging import layers_of
from pixelwise.core import Image, Result, Segmenter, Sink, Task
from pixelwise.errors import Cancelled, MissingExtra, UsageError
from pixelwise.io.video import PictureSequence, VideoWriter
from pixelwise.io.video.camera import Camera
from pixelwise.io.video.paced import Paced
from pixelwise.io.video.streams import SCHEMES, Stream
from pixelwise.ops import blocks
from pixelwise.pipeline import Live, LiveReport, Opener, Show, State, run_live
from pixelwise.refine import Stable

__all__ = ["live"]

CHOICES = ("blur", "clean-blur", "blue", "white", "mask", "original")
"""What the keys 1 to 6 show; b goes on to the next."""
TOLD_EVERY_S = 1.0


def live(
    source: Annotated[
        str | None, typer.Option(help="A file, a folder, or an address: rtsp://, ...")
    ] = None,
    camera: Annotated[int | None, typer.Option(min=0, help="A camera's number.")] = None,
    background: Annotated[
        str | None,
        typer.Option(
            help="blur, blur:55, a colour, none, a picture, a video, mask or original.",
        ),
    ] = None,
    sprites: staging.Sprites = None,
    anchors: staging.Anchors = None,
    wrap: staging.Wrap = 0.0,
    shadow: staging.Shadow = 0.0,
    parallax: staging.Parallax = 0.0,
    record: Annotated[
        Path | None, typer.Option(help="Write what is shown: a video, or name_%05d.png.")
    ] = None,
    virtual_camera: Annotated[
        bool, typer.Option("--virtual-camera", help="Show it to other programs as a camera.")
    ] = False,
    headless: Annotated[bool, typer.Option("--headless", help="Open no window.")] = False,
    loop: Annotated[bool, typer.Option("--loop", help="Begin a file anew at its end.")] = False,
    latency: Annotated[bool, typer.Option("--latency", help="Tell rate and latency.")] = False,
    seconds: Annotated[float | None, typer.Option(min=0, help="End after so long.")] = None,
    stable: Annotated[
        bool, typer.Option("--stable/--per-frame", help="Let masks agree from frame to frame.")
    ] = True,
    model: options.Model = None,
    method: options.Method = None,
    offline: options.Offline = False,
    commercial: options.Commercial = False,
    as_json: options.Json = False,
    debug: options.Debug = False,  # noqa: ARG001 - read at the outermost edge
) -> None:
    """Show camera 0, or what --source or --camera names, with a blurred background.

    Late frames are dropped, so what is shown is always the newest. In the window: 1 to 6 and b
    choose the background, q ends. Without a screen give --record, --virtual-camera or --json.
    """
    if source is not None and camera is not None:
        raise UsageError("give --source or --camera, not both")
    windowed = not headless and has_screen()
    if not (windowed or record or virtual_camera or as_json):
        raise UsageError("there is no screen: give --record FILE, --virtual-camera or --json")
    layers = layers_of(sprites, anchors)
    look = Look(wrap=wrap, shadow=shadow, parallax=parallax)
    choice = _Choice(background or (ORIGINAL if layers else "blur"), layers, look)
    sinks: list[Sink] = []
    if windowed:
        sinks.append(Preview(choice.press))
    if record is not None:
        is_sequence = PictureSequence.is_one(record)
        sinks.append(PictureSequence(record) if is_sequence else VideoWriter(record))
    if virtual_camera:
        sinks.append(_virtual_camera())
    access = Access(offline=offline, commercial=commercial, say=report, progress=Download())
    request = Request(task=Task.FOREGROUND, method=method, model=model, access=access)
    segmenter: Segmenter = segmenter_for(request)
    _rehearse(segmenter, choice)
    opener, rules = _opener(source, camera, loop=loop)
    reports = run_live(
        opener,
        segmenter,
        _Several(sinks),
        refine=Stable.live() if stable else None,
        show=choice,
        live=rules,
    )
    with closing(reports):
        _watch(reports, seconds, told=latency, as_json=as_json)


class _Choice:
    """What is shown, which keys change.

    Args:
        first: What the user asked for.
        layers: Virtual things before and behind the person.
        look: Light, shadows and parallax.
    """

    def __init__(self, first: str, layers: Sequence[Layer], look: Look) -> None:
        self._layers, self._look = layers, look
        self._names = [first, *(name for name in CHOICES if name != first)]
        self._shows: dict[str, Show] = {}
        self._now = first
        self._show(first)

    def press(self, key: str) -> None:
        """Change what is shown."""
        if key.isdigit() and 1 <= int(key) <= len(CHOICES):
            self._now = CHOICES[int(key) - 1]
        elif key in "b ":
            self._now = self._names[(self._names.index(self._now) + 1) % len(self._names)]

    def __call__(self, image: Image, result: Result) -> Image:
        """Return the picture that is shown."""
        return self._show(self._now)(image, result)

    def _show(self, name: str) -> Show:
        if name not in self._shows:
            self._shows[name] = EFFECTS.get(name) or show_before(name, self._layers, self._look)
        return self._shows[name]


class _Several:
    """A sink that is several sinks."""

    def __init__(self, sinks: list[Sink]) -> None:
        self._sinks, self._stack = sinks, ExitStack()

    def __enter__(self) -> Self:
        for sink in self._sinks:
            self._stack.enter_context(sink)
        return self

    def write(self, image: Image, result: Result) -> None:
        """Give the picture to each of them."""
        for sink in self._sinks:
            sink.write(image, result)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)


def _rehearse(segmenter: Segmenter, show: Show) -> None:
    """Send a black picture down the road, so that the first real one finds everything loaded."""
    getattr(segmenter, "warm", lambda: None)()
    blocks.KERNELS.warm()
    black = Image(np.zeros((64, 64, 3), np.uint8))
    show(black, segmenter(black))


def _opener(source: str | None, camera: int | None, *, loop: bool) -> tuple[Opener, Live]:
    def tell(state: State) -> None:
        report(f"source: {state}")

    if source is None:
        return lambda: Camera(camera or 0), Live(tell=tell, freezes=True)
    if urlsplit(source).scheme in SCHEMES:
        return lambda: Stream(source), Live(tell=tell)
    path = Path(source)
    return lambda: Paced(film_of(path), loops=loop), Live(tell=tell, reopens=False)


def _virtual_camera() -> Sink:
    try:
        module = import_module("pixelwise.io.video.virtual_camera")
    except ModuleNotFoundError as error:
        raise MissingExtra.of("--virtual-camera", "pyvirtualcam", "camera") from error
    return cast("Sink", module.VirtualCamera())


def _watch(
    reports: Iterator[LiveReport], seconds: float | None, *, told: bool, as_json: bool
) -> None:
    start = last = perf_counter()
    now: LiveReport | None = None
    try:
        for now in reports:
            moment = perf_counter()
            if (told or as_json) and moment - last >= TOLD_EVERY_S:
                last = moment
                _tell(now, as_json=as_json)
            if seconds is not None and moment - start >= seconds:
                break
    except Cancelled:
        return
    finally:
        if now is not None:
            _tell(now, as_json=as_json)


def _tell(now: LiveReport, *, as_json: bool) -> None:
    facts = {
        "state": str(now.state),
        "frames": now.frames,
        "late": now.late,
        "losses": now.losses,
        "frames_per_second": round(now.rate, 1),
        "latency_ms": round(now.latency_ms(), 1),
        "latency_ms_95": round(now.latency_ms(95), 1),
    }
    if as_json:
        emit(json.dumps(facts))
        return
    report(
        f"{facts['frames_per_second']} frames/s, {now.late} late, latency "
        f"{facts['latency_ms']} ms (95 %: {facts['latency_ms_95']} ms)"
    )
