"""Hugging Face transformers: networks of a local folder with its config and safetensors."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from numpy.typing import NDArray

from pixelwise.core import Tensor
from pixelwise.errors import ModelError
from pixelwise.runtimes.configs import config_of, folder_of
from pixelwise.runtimes.folders import FAILURES, from_folder, one_line, refuse_absent
from pixelwise.runtimes.loading import checked_threads

__all__ = ["ANSWERS", "TransformersSession", "load"]

ANSWERS = {
    "ForUniversalSegmentation": ("class_queries_logits", "masks_queries_logits"),
    "MaskFormerForInstanceSegmentation": ("class_queries_logits", "masks_queries_logits"),
    "ForInstanceSegmentation": ("logits", "pred_masks"),
    "ForSemanticSegmentation": ("logits",),
    "DetrForSegmentation": ("logits", "pred_masks"),
}
"""End of a network's class -> the fields of its answer that are used; the first match holds."""


class TransformersSession:
    """A network of transformers.

    Args:
        network: Ready to run.
        fields: The fields of its answer that are used.
        name: Of the folder, for messages.
        device: Where it runs.
        threads: Threads on the CPU.
    """

    def __init__(
        self,
        network: Any,  # noqa: ANN401 - untyped
        fields: tuple[str, ...],
        name: str,
        device: str,
        *,
        threads: int,
    ) -> None:
        self._network = network
        self._fields = fields
        self._name = name
        self._threads = threads
        self.device = device
        self.inputs = (Tensor("pixel_values", (0, 0, 0, 0), np.dtype(np.float32)),)
        axes = {"logits": 3 if len(fields) > 1 else 4, "class_queries_logits": 3}
        self.outputs = tuple(
            Tensor(field, (0,) * axes.get(field, 4), np.dtype(np.float32)) for field in fields
        )

    def buffer(self, name: str) -> NDArray[Any]:
        """Raise: the sides of the input are open, so it must be fed."""
        raise ModelError(f"{self._name} has no memory for {name!r} of its own; feed it")

    def run(self, feeds: Mapping[str, NDArray[Any]]) -> Sequence[NDArray[Any]]:
        """Return the outputs, in the order of ``outputs``.

        Raises:
            ModelError: The arrays do not fit, or the model fails.
        """
        if self.device == "cpu":
            torch.set_num_threads(self._threads)
        try:
            with torch.inference_mode():
                pixels = torch.from_numpy(np.ascontiguousarray(feeds["pixel_values"]))
                answer = self._network(pixel_values=pixels.to(self.device))
            return [answer[field].float().cpu().numpy() for field in self._fields]
        except FAILURES as error:
            raise ModelError(f"{self._name} failed to run: {one_line(error)}") from error


def load(path: Path, *, threads: int | None = None, device: str = "cpu") -> TransformersSession:
    """Return the network of a folder, or of the folder that ``path`` lies in.

    Nothing is fetched, no code of the folder is run, and weights are read from safetensors only.

    Raises:
        InvalidSetting: There is no such device here.
        ModelError: The folder holds no network that is known here, or is damaged.
    """
    refuse_absent(device)
    folder = folder_of(path)
    kind, fields = _kind(folder)
    network = from_folder(getattr(transformers, kind), folder, device)
    return TransformersSession(
        network, fields, folder.name, device, threads=checked_threads(threads)
    )


def _kind(folder: Path) -> tuple[str, tuple[str, ...]]:
    """Return the class that a folder's config names, and the fields of its answer."""
    named = config_of(folder).get("architectures") or [""]
    kind = str(named[0])
    fields = next((row for end, row in ANSWERS.items() if kind.endswith(end)), None)
    if fields is None or not hasattr(transformers, kind):
        known = ", ".join(ANSWERS)
        raise ModelError(f"{folder.name} is a {kind}; known are networks that end on: {known}")
    return kind, fields
