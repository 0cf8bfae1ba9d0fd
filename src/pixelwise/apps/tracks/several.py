"""One sink that feeds several."""

from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from pixelwise.core import Image, Result, Sink

__all__ = ["Several"]


class Several:
    """A sink: gives everything to each of several sinks, in their order."""

    def __init__(self, sinks: Sequence[Sink]) -> None:
        self._sinks = sinks
        self._open = ExitStack()

    def write(self, image: Image, result: Result) -> None:
        """Hand on one frame."""
        for sink in self._sinks:
            sink.write(image, result)

    def __enter__(self) -> Self:
        for sink in self._sinks:
            self._open.enter_context(sink)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.__exit__(kind, error, trace)
