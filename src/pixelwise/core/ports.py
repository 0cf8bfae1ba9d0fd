"""The plugs: what fits into the road from a picture to a mask."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from pixelwise.core.image import Image
from pixelwise.core.results import Result

__all__ = ["Segmenter", "Session", "Sink", "Source", "Tensor", "Tracker"]


class Segmenter(Protocol):
    """Anything that takes an image and answers with a result."""

    def __call__(self, image: Image, /) -> Result:
        """Segment ``image``."""


class Source(Protocol):
    """Where images come from: a folder, a video file, a camera."""

    def __iter__(self) -> Iterator[Image]: ...


class Sink(Protocol):
    """Where results go; used in a ``with`` block, which finalises what was written."""

    def write(self, image: Image, result: Result) -> None:
        """Take one result."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Tracker(Protocol):
    """Gives the things of a frame the ids that they had in earlier frames."""

    def update(self, image: Image, result: Result) -> Result:
        """Return the next frame's result with track ids; ``image`` is the frame itself."""

    def reset(self) -> None:
        """Forget all tracks."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """What a model takes or gives.

    Args:
        name: Its name in the model.
        shape: Its sides; 0 where the model leaves one open.
        dtype: Its numpy dtype; an input of text is told the task.
        scale: Quantisation: real = scale * (stored - zero). 0: not quantised.
        zero: Quantisation zero point.
    """

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    scale: float = 0.0
    zero: int = 0


class Session(Protocol):
    """A loaded model."""

    @property
    def inputs(self) -> Sequence[Tensor]:
        """What the model takes, in its order."""

    @property
    def outputs(self) -> Sequence[Tensor]:
        """What the model gives, in its order."""

    @property
    def device(self) -> str:
        """Where it runs."""

    def buffer(self, name: str) -> NDArray[Any]:
        """Return the memory that input ``name`` is read from, to be filled without a copy.

        It must not be held any more when ``run`` is called.
        """

    def run(self, feeds: Mapping[str, NDArray[Any]]) -> Sequence[NDArray[Any]]:
        """Return the outputs for the named inputs, in the order of ``outputs``.

        An input that is not named is taken from its buffer. The arrays belong to the caller.
        """
