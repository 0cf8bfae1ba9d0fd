"""CLIPSeg and SAM 3 in Hugging Face transformers: networks that look for what a text describes."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from numpy.typing import NDArray

from pixelwise.errors import ModelError
from pixelwise.runtimes.asking import Answer, Question
from pixelwise.runtimes.configs import folder_of, model_type
from pixelwise.runtimes.folders import FAILURES, from_folder, words_of
from pixelwise.runtimes.loading import checked_threads, one_line

__all__ = ["ClipSeg", "Described", "Sam3", "load"]

HALF = 0.5
"""SAM 3 grows the probabilities of masks, not their logits."""

SAM3_WORDS = 32
"""Tokens of a text that SAM 3 was trained with."""


class Described(ABC):
    """A network with a tokenizer.

    Args:
        network: Ready to run.
        words: The tokenizer.
        device: Where it runs.
        threads: Threads on the CPU.
    """

    takes: frozenset[str]

    def __init__(self, network: Any, words: Any, device: str, *, threads: int) -> None:  # noqa: ANN401 - untyped
        self._network = network
        self._words = words
        self._threads = threads
        self.device = device

    def ask(self, embedding: object, question: Question) -> Answer:
        """Return a mask for each thing that fits the question.

        Raises:
            ModelError: The network fails.
        """
        if self.device == "cpu":
            torch.set_num_threads(self._threads)
        try:
            with torch.inference_mode():
                return self._answer(embedding, question)
        except FAILURES as error:
            raise ModelError(f"the network failed to run: {one_line(error)}") from error

    def embed(self, pixels: NDArray[np.float32]) -> object:
        """Return what is kept of a picture (1, 3, h, w), normalised."""
        return torch.from_numpy(np.ascontiguousarray(pixels)).to(self.device)

    @abstractmethod
    def _answer(self, embedding: object, question: Question) -> Answer:
        """Ask the network itself."""


class ClipSeg(Described):
    """CLIPSeg: one map of how well each place fits a text.

    Source:
        Lueddecke and Ecker, "Image Segmentation Using Text and Image Prompts", CVPR 2022.
    """

    takes = frozenset({"text"})

    def _answer(self, embedding: Any, question: Question) -> Answer:  # noqa: ANN401 - untyped
        words = self._words([question.text], padding=True, truncation=True, return_tensors="pt")
        given = {name: words[name].to(self.device) for name in ("input_ids", "attention_mask")}
        logits = self._network(pixel_values=embedding, **given).logits
        plane = logits.reshape(1, 1, *logits.shape[-2:]).float()
        return Answer(plane.cpu().numpy(), plane.amax(dim=(2, 3)).sigmoid().cpu().numpy())


class Sam3(Described):
    """SAM 3: every thing that a text describes, or that looks like what is in the boxes."""

    takes = frozenset({"text", "boxes"})

    def embed(self, pixels: NDArray[np.float32]) -> object:
        """Return what is kept of a picture (1, 3, h, w), normalised."""
        given = super().embed(pixels)
        with torch.inference_mode():
            return self._network.get_vision_features(given), pixels.shape[-2:]

    def _answer(self, embedding: Any, question: Question) -> Answer:  # noqa: ANN401 - untyped
        features, (height, width) = embedding
        words = self._words(
            [question.text or "visual"],
            padding="max_length",
            max_length=SAM3_WORDS,
            truncation=True,
            return_tensors="pt",
        )
        given = {name: words[name].to(self.device) for name in ("input_ids", "attention_mask")}
        if question.boxes is not None:
            first, last = question.boxes[:, :2], question.boxes[:, 2:]
            rows = np.concatenate([(first + last) / 2, last - first], axis=1)
            rows = rows / np.array([width, height] * 2, np.float32)
            given["input_boxes"] = torch.from_numpy(rows.astype(np.float32))[None].to(self.device)
        found = self._network(vision_embeds=features, **given)
        scores = found.pred_logits.sigmoid()
        if found.presence_logits is not None:
            scores = scores * found.presence_logits.sigmoid()
        masks = found.pred_masks.sigmoid()
        return Answer(masks.float().cpu().numpy(), scores.float().cpu().numpy(), HALF)


NETWORKS: dict[str, tuple[str, type[Described]]] = {
    "clipseg": ("CLIPSegForImageSegmentation", ClipSeg),
    "sam3": ("Sam3Model", Sam3),
    "sam3_video": ("Sam3Model", Sam3),
}
"""``model_type`` of a folder's config -> the class of transformers, and what asks it."""


def load(path: Path, *, threads: int | None = None, device: str = "cpu") -> Described:
    """Return the network of a folder, with the tokenizer that lies there too.

    Raises:
        InvalidSetting: There is no such device here.
        ModelError: The folder holds no such network or no tokenizer, or is damaged.
    """
    folder = folder_of(path)
    kind = model_type(folder)
    if kind not in NETWORKS:
        raise ModelError(f"{folder.name} holds a {kind}, not one of {', '.join(NETWORKS)}")
    name, ours = NETWORKS[kind]
    network = from_folder(getattr(transformers, name), folder, device)
    return ours(network, words_of(folder), device, threads=checked_threads(threads))
