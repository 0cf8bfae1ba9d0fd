"""What ``--save`` can write: one row a kind."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

import numpy as np

from pixelwise.convert import to_foreground, to_instances, to_panoptic, to_semantic
from pixelwise.core import Image, Instances, Regions, Result
from pixelwise.drawing import cutout, draw
from pixelwise.errors import UnknownName
from pixelwise.io.annotations.cityscapes_ids import label_ids
from pixelwise.io.atomic import make_folder
from pixelwise.io.files import encode, suffix_of, write
from pixelwise.io.format import Thing
from pixelwise.methods.deep.uncertainty import uncertainty

__all__ = ["SAVES", "Save", "encoded", "endings", "parse_saves", "save"]


@dataclass(frozen=True, slots=True)
class Save:
    """One kind of output.

    Args:
        suffix: What is appended to the stem.
        make: Image and result to what is written.
    """

    suffix: str
    make: Callable[[Image, Result], Thing]


SAVES = {
    "overlay": Save(".overlay.png", draw),
    "mask": Save(".mask.png", lambda _, result: to_foreground(result)),
    "alpha": Save(".alpha.png", lambda _, result: _alpha(result)),
    "uncertainty": Save(".uncertainty.png", lambda _, result: _uncertainty(result)),
    "labels": Save(".labels.png", lambda _, result: _labels(result)),
    "cutout": Save(".cutout.png", lambda image, result: cutout(image, to_foreground(result))),
    "coco": Save(".coco.json", lambda _, result: to_instances(result)),
    "panoptic": Save(".panoptic.json", lambda _, result: to_panoptic(result)),
    "cityscapes": Save(
        "_gtFine_labelIds.png", lambda _, result: Image(label_ids(to_semantic(result)))
    ),
}
"""Kind -> suffix and maker."""


def _labels(result: Result) -> Result:
    """Return what a label picture can hold: of things their numbers, 1 and up."""
    return Regions(to_panoptic(result).labels) if isinstance(result, Instances) else result


def parse_saves(text: str) -> tuple[str, ...]:
    """Return the kinds of a text with commas.

    Raises:
        UnknownName: A kind does not exist.

    >>> parse_saves("overlay, mask")
    ('overlay', 'mask')
    """
    kinds = tuple(kind.strip() for kind in text.split(",") if kind.strip())
    for kind in kinds:
        if kind not in SAVES:
            raise UnknownName.among("kind of output", kind, SAVES)
    return kinds


def endings(kinds: Sequence[str]) -> tuple[str, ...]:
    """Return what the names of the files of some kinds end with.

    >>> endings(["mask", "panoptic"])
    ('.mask.png', '.panoptic.json', '.panoptic.png')
    """
    beside = (".panoptic.png",) if "panoptic" in kinds else ()
    return (*(SAVES[kind].suffix for kind in kinds), *beside)


def save(kind: str, image: Image, result: Result, stem: Path) -> Path:
    """Write one kind beside ``stem`` and return the file."""
    row = SAVES[kind]
    path = stem.with_name(stem.name + row.suffix)
    make_folder(path.parent)
    write(path, row.make(image, result))
    return path


def encoded(kind: str, image: Image, result: Result) -> bytes:
    """Return one kind as the bytes of its file."""
    row = SAVES[kind]
    return encode(row.make(image, result), suffix_of(PurePath("x" + row.suffix)))


def _uncertainty(result: Result) -> Image:
    return Image(np.rint(uncertainty(result) * np.float32(255)).astype(np.uint8))


def _alpha(result: Result) -> Image:
    return Image(np.rint(to_foreground(result).alpha * 255).astype(np.uint8))
