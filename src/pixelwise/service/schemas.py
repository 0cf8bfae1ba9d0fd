"""What goes over the wire, typed: the forms of requests and answers that OpenAPI shows."""

import json
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from pixelwise.core import Prompts, Scribble, Task
from pixelwise.errors import InputError, InvalidSetting, PixelwiseError
from pixelwise.service.asking import Ask

__all__ = [
    "JobOut",
    "JobWanted",
    "MethodOut",
    "ModelOut",
    "RecordOut",
    "RefusalOut",
    "Wanted",
    "ask_of",
]

MOST_POINTS = 1000
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$")]
Json = Annotated[str, Field(max_length=65_536)]
Coordinate = Annotated[float, Field(allow_inf_nan=False, ge=-1e6, le=1e6)]
Number = Annotated[int, Field(ge=0, le=10_000)]


def example(**values: Any) -> ConfigDict:  # noqa: ANN401 - any JSON
    """Return the configuration of a model that OpenAPI shows with these values."""
    return ConfigDict(json_schema_extra={"examples": [dict(values)]})


class Wanted(BaseModel):
    """What a client asks for, in a form or in the address."""

    model_config = ConfigDict(extra="forbid")

    task: Task | None = Field(None, description="Type of the result.")
    method: Name | None = Field(None, description="A classical method.", examples=["otsu"])
    model: Name | None = Field(None, description="A network.", examples=["selfie"])
    settings: Json = Field(
        "", description="JSON object of settings.", examples=['{"side": "darker"}']
    )
    prompts: Json = Field(
        "",
        description="JSON object: points, labels (0 background), boxes, scribbles, text.",
        examples=['{"points": [[120, 80]], "labels": [1]}'],
    )
    refine: Annotated[str, Field(max_length=200)] = Field(
        "", description="Refinements with commas between them.", examples=["snap"]
    )


class JobWanted(Wanted):
    """What a job is to do."""

    kind: Literal["video", "volume", "raster"]
    preset: Name | None = Field(
        None, description="A tissue or a land cover by name.", examples=["ct-bone"]
    )
    sensor: Name | None = Field(
        None, description="For rasters: what took it.", examples=["sentinel-2"]
    )
    background: Annotated[str, Field(max_length=60, pattern=r"^[A-Za-z0-9#:(), -]*$")] = Field(
        "", description="For videos: blur, blur:PIXELS or a colour.", examples=["blur"]
    )


class JobOut(BaseModel):
    """How a job stands."""

    model_config = example(
        id="k3Jx0yWm5Zt1vQ8r",
        kind="video",
        state="done",
        progress=1.0,
        result={"frames": 300, "seconds": 9.1, "damaged_frames": [], "notes": []},
        files=["result.mp4"],
    )

    id: str
    kind: str
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    progress: float
    result: dict[str, Any]
    files: list[str]
    error: dict[str, str] | None = None


class ScribbleIn(BaseModel):
    """A stroke: points x y along it, and whether it is background (0) or an object."""

    model_config = ConfigDict(extra="forbid")

    points: Annotated[list[tuple[Coordinate, Coordinate]], Field(max_length=MOST_POINTS)]
    label: Number = 1


class PromptsIn(BaseModel):
    """What the user points at, in pixels x y."""

    model_config = ConfigDict(extra="forbid")

    points: Annotated[list[tuple[Coordinate, Coordinate]], Field(max_length=MOST_POINTS)] = []
    labels: Annotated[list[Number], Field(max_length=MOST_POINTS)] | None = None
    boxes: Annotated[
        list[tuple[Coordinate, Coordinate, Coordinate, Coordinate]], Field(max_length=100)
    ] = []
    scribbles: Annotated[list[ScribbleIn], Field(max_length=100)] = []
    text: Annotated[str, Field(max_length=1000)] = ""

    def prompts(self) -> Prompts | None:
        """Return the noun; None when nothing is pointed at."""
        made = Prompts(
            points=self.points,
            labels=self.labels,
            boxes=self.boxes,
            scribbles=tuple(
                Scribble(np.array(row.points, np.float32), row.label) for row in self.scribbles
            ),
            text=self.text,
        )
        return None if made.is_empty else made


class RleOut(BaseModel):
    """A mask as run lengths, COCO's compressed string."""

    size: tuple[int, int]
    counts: str


class SegmentOut(BaseModel):
    """One segment."""

    id: int
    class_: str | None = Field(None, alias="class")
    score: float
    area: int
    box: tuple[float, float, float, float]
    rle: RleOut
    track: int | None = None


class RecordOut(BaseModel):
    """One result: what ``pixelwise segment --json`` prints."""

    model_config = example(
        input="image",
        task="foreground",
        method="dense",
        model="selfie",
        runtime="litert",
        device="cpu",
        width=4,
        height=2,
        segments=[
            {
                "id": 1,
                "class": "person",
                "score": 0.97,
                "area": 4,
                "box": [2.0, 0.0, 4.0, 2.0],
                "rle": {"size": [2, 4], "counts": "44"},
            }
        ],
        seconds={"read": 0.001, "segment": 0.002, "write": 0.0},
        settings={},
        model_sha256="9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
        notes=[],
    )

    input: str
    task: Task
    method: str
    model: str | None
    runtime: str | None
    device: str
    width: int
    height: int
    segments: list[SegmentOut]
    seconds: dict[str, float]
    settings: dict[str, Any]
    model_sha256: str | None
    notes: list[str]


class RefusalOut(BaseModel):
    """Why there is no result."""

    model_config = example(
        code="unknown_name",
        message="there is no method 'otsoo'; did you mean otsu?",
        request_id="5f0c2a9be13d4477",
    )

    code: str
    message: str
    request_id: str


class SettingOut(BaseModel):
    """One setting of a method."""

    name: str
    default: str
    range: str
    doc: str


class MethodOut(BaseModel):
    """One classical method."""

    name: str
    family: str
    task: str
    takes_volumes: bool
    summary: str
    settings: list[SettingOut]


class ModelOut(BaseModel):
    """One network."""

    name: str
    task: str
    runtime: str
    ready: bool
    state: str
    commercial: str
    licence: str
    size: int
    about: str
    settings: list[SettingOut]


def ask_of(wanted: Wanted) -> Ask:
    """Return the ask that a client's words mean.

    Raises:
        InvalidSetting: Settings or prompts are not what they should be.
        PixelwiseError: Names that do not exist.

    >>> ask_of(Wanted(method="otsu", settings='{"side": "darker"}')).settings
    {'side': 'darker'}
    """
    pointed = PromptsIn.model_validate(_object("prompts", wanted.prompts))
    try:
        prompts = pointed.prompts()
    except InputError as error:
        raise InvalidSetting(f"prompts: {error}") from error
    return Ask(
        task=wanted.task,
        method=wanted.method,
        model=wanted.model,
        settings=_object("settings", wanted.settings),
        prompts=prompts,
        refine=tuple(part.strip() for part in wanted.refine.split(",") if part.strip()),
    )


def _object(name: str, text: str) -> dict[str, Any]:
    """Return the JSON object in a text; an empty text is an empty object."""
    if not text.strip():
        return {}
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidSetting(f"{name}: expected a JSON object: {error}") from error
    if not isinstance(value, dict):
        raise InvalidSetting(f"{name}: expected a JSON object, not {type(value).__name__}")
    return value


def _refuse_constant(name: str) -> PixelwiseError:
    raise ValueError(f"{name} is no JSON number")
