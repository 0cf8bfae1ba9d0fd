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
from pixelwise.runtimes.folders import FAILURES, from_folder, refuse_absent, words_of
from pixelwise.runtimes.loading import checked_threads, one_line

__all__ = ["ANSWERS", "TransformersSession", "load"]

ANSWERS = {
    "ForUniversalSegmentation": ("class_queries_logits", "masks_queries_logits"),
    "MaskFormerForInstanceSegmentation": ("class_queries_logits", "masks_queries_logits"),
    "ForInstanceSegmentation": ("logits", "pred_masks"),
    "ForSemanticSegmentation": ("logits",),
    "DetrForSegmentation": ("logits", "pred_masks"),
}
"""End of a network's class -> the fields of its answer that are used; the first match holds."""

TOLD = "OneFormer"
"""Begin of the classes of networks that are told their task in words."""


class TransformersSession:
    """A network of transformers.

    Args:
        network: Ready to run.
        fields: The fields of its answer that are used.
        name: Of the folder, for messages.
        device: Where it runs.
        threads: Threads on the CPU.
        words: The tokenizer of a network that is told its task; it has a second input for it.
    """

    def __init__(
        self,
        network: Any,  # noqa: ANN401 - untyped
        fields: tuple[str, ...],
        name: str,
        device: str,
        *,
        threads: int,
        words: Any = None,  # noqa: ANN401 - untyped
    ) -> None:
        self.network = network
        self._words = words
        self.fields = fields
        self._name = name
        self._threads = threads
        self.device = device
        pixels = Tensor("pixel_values", (0, 0, 0, 0), np.dtype(np.float32))
        told = () if words is None else (Tensor("task", (), np.dtype(np.str_)),)
        self.inputs = (pixels, *told)
        axes = {"logits": 3 if len(fields) > 1 else 4, "class_queries_logits": 3}
        self.outputs = tuple(
            Tensor(field, (0,) * axes.get(field, 4), np.dtype(np.float32)) for field in fields
        )

    def buffer(self, name: str) -> NDArray[Any]:
        """Raise: the sides of the input are open, so it must be fed.

        Raises:
            ModelError: Always.
        """
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
                told = {} if self._words is None else self._told(feeds, len(pixels))
                answer = self.network(pixel_values=pixels.to(self.device), **told)
            return [answer[field].float().cpu().numpy() for field in self.fields]
        except FAILURES as error:
            raise ModelError(f"{self._name} failed to run: {one_line(error)}") from error

    def _told(self, feeds: Mapping[str, NDArray[Any]], count: int) -> dict[str, Any]:
        """Return the task in the words that such a network was trained with, for each picture."""
        length = self.network.config.task_seq_len
        given = self._words(
            [f"the task is {feeds['task']}"] * count,
            padding="max_length",
            max_length=length,
            truncation=True,
            return_tensors="pt",
        )
        return {"task_inputs": (given["input_ids"] * given["attention_mask"]).to(self.device)}


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
    words = words_of(folder) if kind.startswith(TOLD) else None
    return TransformersSession(
        network, fields, folder.name, device, threads=checked_threads(threads), words=words
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
