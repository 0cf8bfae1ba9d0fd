"""The nouns of annotation files: pictures with their objects, one after the other."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import numpy as np

from pixelwise.core import Instances, Legend, Result
from pixelwise.errors import InputError
from pixelwise.io.annotations.outline import Outline
from pixelwise.io.sources import shown

__all__ = ["Dataset", "Sample", "lawful", "void_pixels"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """One annotated picture.

    Args:
        name: Its name as the file says, a relative path such as ``"munich/000001.jpg"``.
        result: Its annotation: instances, panoptic segments, classes, a foreground or regions.
        outlines: What annotators drew, in the order of the instances; None for masks.
        clip: Name of the video; empty for single pictures.
        frame: Number of the frame in the video.
        unclaimed_is_void: For instances: whether pixels that no object claims are unknown
            (as in a panoptic map) and not background.

    Raises:
        InputError: The name leaves the folder.

    >>> Sample(name="a/b.jpg", result=Regions(np.zeros((2, 2), int))).stem
    'a/b'
    """

    name: str
    result: Result
    outlines: tuple[Outline | None, ...] = ()
    clip: str = ""
    frame: int = 0
    unclaimed_is_void: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", lawful(self.name))
        object.__setattr__(self, "clip", lawful(self.clip) if self.clip else "")

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the picture.

        Raises:
            InputError: It is a volume.
        """
        if len(self.result.size) != 2:
            raise InputError(f"{self.name}: annotation files hold pictures, not volumes")
        return self.result.size[0], self.result.size[1]

    @property
    def stem(self) -> str:
        """The name without its suffix, with its folders."""
        return PurePosixPath(self.name).with_suffix("").as_posix()

    @property
    def objects(self) -> Instances:
        """The objects, for formats that were promised instances.

        Raises:
            InputError: The result is of another kind.
        """
        if not isinstance(self.result, Instances):
            raise InputError(f"{self.name}: expected instances, not {type(self.result).__name__}")
        return self.result

    def outline(self, row: int) -> Outline:
        """Return the outline of object ``row``: what was drawn, or along its pixels."""
        drawn = self.outlines[row] if self.outlines else None
        crop = self.objects.crops[row]
        return drawn or Outline.of_mask(crop.mask, crop.origin)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dataset:
    """Annotated pictures of one legend; they are read as they are asked for, and only once.

    Args:
        legend: The classes of every sample.
        samples: The pictures.
        notes: What was odd.
    """

    legend: Legend
    samples: Iterable[Sample]
    notes: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Sample]:
        return iter(self.samples)


def lawful(name: str) -> str:
    r"""Return a relative path with slashes.

    Raises:
        InputError: It is empty, absolute, or leaves its folder.

    >>> lawful("a\\b.jpg")
    'a/b.jpg'
    """
    path = name.replace("\\", "/").removeprefix("./")
    parts = path.split("/")
    bad = not path or path.startswith("/") or ".." in parts or "\0" in path
    if bad or (len(path) > 1 and path[1] == ":") or len(path) > 4096:
        raise InputError(
            f"expected the name of a picture within its folder, not {shown(name)[:80]!r}",
            reason="name",
        )
    return path


def void_pixels(sample: Sample) -> int:
    """Return how many pixels no object claims."""
    claimed = np.zeros(sample.size, bool)
    for crop in sample.objects.crops:
        claimed[crop.window] |= crop.mask
    return claimed.size - int(np.count_nonzero(claimed))
