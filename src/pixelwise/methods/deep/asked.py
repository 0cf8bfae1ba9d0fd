"""Prompted networks from their files: folders of transformers, and ONNX files of known make."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.cards import Card
from pixelwise.core import Session
from pixelwise.errors import ModelError, UnknownName
from pixelwise.methods.deep.conventions import CONVENTIONS
from pixelwise.runtimes import PROMPTABLES, RUNTIMES
from pixelwise.runtimes.asking import Answer, Promptable, Question
from pixelwise.runtimes.configs import model_type

__all__ = ["FromFiles"]


@dataclass(frozen=True, kw_only=True, eq=False)
class FromFiles:
    """A prompted network that is loaded when it is first needed, and again after pickling.

    Args:
        card: What it is.
        paths: Its files by role, whose hashes were checked.
        runtime: Row of the RUNTIMES table.
        device: Where it runs.
        threads: Threads of the runtime; None: one a core, at most 4.
    """

    card: Card
    paths: Mapping[str, Path]
    runtime: str
    device: str = "cpu"
    threads: int | None = None

    @property
    def takes(self) -> frozenset[str]:
        """What it understands."""
        return self.loaded.takes

    def embed(self, pixels: NDArray[np.float32]) -> object:
        """Return what is kept of a picture."""
        return self.loaded.embed(pixels)

    def ask(self, embedding: object, question: Question) -> Answer:
        """Return the masks."""
        return self.loaded.ask(embedding, question)

    @cached_property
    def loaded(self) -> Promptable:
        """The network itself.

        Raises:
            ModelError: The files are damaged, or nobody here knows how such a network is asked.
            UnknownName: The same, for a folder of transformers.
        """
        given: dict[str, Any] = {"threads": self.threads, "device": self.device}
        if self.runtime == "transformers":
            kind = model_type(self.paths["model"])
            if kind not in PROMPTABLES:
                raise UnknownName.among("kind of prompted network", kind, PROMPTABLES)
            return PROMPTABLES[kind](self.paths["model"], **given)
        make = CONVENTIONS.get(self.card.architecture)
        if make is None:
            raise ModelError(
                f"card {self.card.name}: nobody here knows how {self.card.architecture!r} is "
                f"asked; known are {', '.join(CONVENTIONS)}"
            )
        sessions: dict[str, Session] = {
            role: RUNTIMES[self.runtime](path, **given) for role, path in self.paths.items()
        }
        return make(sessions, self.card)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "loaded"}
