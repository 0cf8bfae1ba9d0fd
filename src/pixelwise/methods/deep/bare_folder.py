"""A folder of Hugging Face transformers without a card, understood by what its files say."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pixelwise.cards import (
    AnswerShape,
    Card,
    DecoderSpec,
    Fit,
    Holds,
    InputSpec,
    Layout,
    Licence,
    LocalSource,
)
from pixelwise.cards.preprocessor import input_of
from pixelwise.core import Legend, Task
from pixelwise.errors import ModelError
from pixelwise.methods.deep.bare import slug
from pixelwise.runtimes.configs import CONFIG, config_of, model_type

__all__ = ["card_of_folder", "is_prompted_folder", "weights_in"]

TAKES = {
    "sam": ("points", "boxes", "masks"),
    "sam2": ("points", "boxes", "masks"),
    "sam2_video": ("points", "boxes", "masks"),
    "sam3_tracker": ("points", "boxes", "masks"),
    "sam3": ("text", "boxes"),
    "sam3_video": ("text", "boxes"),
    "clipseg": ("text",),
}
"""``model_type`` of a prompted network -> what it takes."""

ENDS = {
    "ForUniversalSegmentation": Task.PANOPTIC,
    "MaskFormerForInstanceSegmentation": Task.PANOPTIC,
    "DetrForSegmentation": Task.PANOPTIC,
    "ForInstanceSegmentation": Task.INSTANCE,
    "ForSemanticSegmentation": Task.SEMANTIC,
}
"""End of a network's class -> what its results are; the first match holds."""

NOBODY = frozenset({"n/a", "no-object", "no object"})
"""Names of indices that mean no class."""

FED = InputSpec(fit=Fit.FREE, layout=Layout.NCHW, std=(255.0, 255.0, 255.0))


def card_of_folder(folder: Path) -> Card:
    """Return the card that the files of a folder suggest.

    Which classes are things is known where the names are those of an official set; else all are.

    Raises:
        ModelError: The folder holds no network that is known here.
    """
    kind, config = model_type(folder), config_of(folder)
    legend, decoder, task = Legend.of(["background", "object"], things=["object"]), None, None
    fed = input_of(folder, FED)
    if kind in TAKES:
        via = fed.size if kind == "sam" else ()
        decoder = DecoderSpec(
            name=AnswerShape.PROMPTED, takes=TAKES[kind], holds=Holds.LOGIT, via=via
        )
        task = Task.FOREGROUND
    else:
        task = Task.SEMANTIC if fed.fit is Fit.WINDOWS else _task(folder, config)
        legend, ids = _classes(config.get("id2label") or {})
        decoder = _decoder(kind, task, fed, ids)
    return Card(
        name=slug(folder.resolve().name),
        task=task,
        legend=legend,
        runtimes=("transformers",),
        input=fed,
        decoder=decoder,
        sources=(LocalSource(file="model.safetensors"),),
        licence=Licence(),
        about="A folder of transformers without a card.",
    )


def is_prompted_folder(folder: Path) -> bool:
    """Say whether a folder holds a network that is told what to segment."""
    return (folder / CONFIG).is_file() and model_type(folder) in TAKES


def weights_in(folder: Path) -> Path:
    """Return the file whose hash names the network: its weights, or the list of their parts.

    Raises:
        ModelError: There are none in safetensors.
    """
    names = ("model.safetensors", "model.safetensors.index.json")
    found = next((folder / name for name in names if (folder / name).is_file()), None)
    if found is None:
        raise ModelError(
            f"{folder} has no model.safetensors; other weights can run code, so save it anew with "
            "save_pretrained"
        )
    return found


def _task(folder: Path, config: Mapping[str, Any]) -> Task:
    named = str((config.get("architectures") or [""])[0])
    for end, task in ENDS.items():
        if named.endswith(end):
            return task
    raise ModelError(f"{folder} is a {named}; known are networks that end on: {', '.join(ENDS)}")


def _classes(labels: Mapping[str, str]) -> tuple[Legend, tuple[int, ...]]:
    """Return the legend, and the id of each index of the network; -1: no class."""
    names = [str(labels[key]) for key in sorted(labels, key=int)]
    kept = list(dict.fromkeys(name for name in names if name.lower() not in NOBODY))
    legend = _official(kept) or Legend.of(kept, things=kept)
    places = {row.name.lower(): row.id for row in legend}
    ids = tuple(places.get(name.lower(), -1) for name in names)
    return legend, () if list(ids) == legend.ids.tolist() else ids


def _official(names: Sequence[str]) -> Legend | None:
    """Return the official set of exactly these names."""
    wanted = {name.lower() for name in names}
    legends = (Legend.official(name) for name in Legend.official_names())
    return next((one for one in legends if {row.name.lower() for row in one} == wanted), None)


def _decoder(kind: str, task: Task, fed: InputSpec, ids: tuple[int, ...]) -> DecoderSpec:
    has_queries = task is not Task.SEMANTIC or fed.fit is Fit.WINDOWS
    made = DecoderSpec(
        name=AnswerShape.QUERIES if has_queries else AnswerShape.DENSE, class_ids=ids
    )
    if kind.startswith("eomt"):
        return replace(made, threshold=0.8, inside=True, via=fed.size if fed.height else ())
    return replace(made, via=(384, 384)) if kind == "mask2former" else made
