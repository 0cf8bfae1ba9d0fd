"""SAM of Hugging Face transformers: a picture embedded once, then asked as often as wanted."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from numpy.typing import NDArray

from pixelwise.errors import ModelError
from pixelwise.runtimes.loading import checked_threads, refuse_device

__all__ = ["SamNetwork", "load"]

F32 = NDArray[np.float32]

FAILURES = (RuntimeError, ValueError, TypeError, KeyError, OSError, AttributeError)
"""What loading and running raise; transformers has no root of its own."""


class SamNetwork:
    """A SAM network.

    Args:
        network: ``SamModel``.
        device: Where it runs.
        threads: Threads on the CPU.
    """

    def __init__(self, network: Any, device: str, *, threads: int) -> None:  # noqa: ANN401
        self._network = network
        self._threads = threads
        self.device = device
        self.side = int(network.config.vision_config.image_size)

    def embed(self, pixels: F32) -> object:
        """Return what the network keeps of a picture (1, 3, side, side), normalised."""
        if self.device == "cpu":
            torch.set_num_threads(self._threads)
        with torch.inference_mode():
            return self._network.get_image_embeddings(torch.from_numpy(pixels).to(self.device))

    def ask(
        self, embedding: object, points: F32, labels: NDArray[np.int32], box: F32 | None
    ) -> tuple[F32, F32]:
        """Return the mask logits (K, h, w) and how good each is thought to be, (K,).

        Args:
            embedding: What :meth:`embed` returned.
            points: (N, 2) x y in pixels of the input.
            labels: (N,) 1 foreground, 0 background.
            box: (4,) x0 y0 x1 y1 in pixels of the input, or None.

        Raises:
            ModelError: The network fails.
        """
        given: dict[str, Any] = {"image_embeddings": embedding, "multimask_output": box is None}
        if len(points):
            given["input_points"] = torch.from_numpy(points)[None, None].to(self.device)
            given["input_labels"] = torch.from_numpy(labels)[None, None].to(self.device)
        if box is not None:
            given["input_boxes"] = torch.from_numpy(box)[None, None].to(self.device)
        try:
            with torch.inference_mode():
                answer = self._network(**given)
        except FAILURES as error:
            raise ModelError(f"SAM failed to run: {error}") from error
        return (
            answer.pred_masks[0, 0].float().cpu().numpy(),
            answer.iou_scores[0, 0].float().cpu().numpy(),
        )


def load(path: Path, *, threads: int | None = None, device: str = "cpu") -> SamNetwork:
    """Return the SAM of a folder that ``save_pretrained`` wrote; nothing is fetched.

    Raises:
        InvalidSetting: There is no such device here.
        ModelError: The folder holds no SAM, or is damaged.
    """
    refuse_device("sam", device, ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",))
    folder = path if path.is_dir() else path.parent
    try:
        kind = json.loads((folder / "config.json").read_text(encoding="utf-8"))["model_type"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{folder} has no config.json of a SAM network") from error
    if kind != "sam":
        raise ModelError(f"{folder.name} holds a {kind}, not a sam network")
    try:
        network = transformers.SamModel.from_pretrained(
            folder, local_files_only=True, use_safetensors=True
        )
    except FAILURES as error:
        raise ModelError(f"{folder.name} cannot be loaded as SAM: {error}") from error
    return SamNetwork(network.eval().to(device), device, threads=checked_threads(threads))
