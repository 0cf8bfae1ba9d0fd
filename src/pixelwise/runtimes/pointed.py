"""SAM, SAM 2 and the tracker of SAM 3 in Hugging Face transformers: points, boxes and masks."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from numpy.typing import NDArray

from pixelwise.errors import ModelError
from pixelwise.runtimes.asking import Answer, Question
from pixelwise.runtimes.configs import folder_of, model_type
from pixelwise.runtimes.folders import FAILURES, from_folder
from pixelwise.runtimes.loading import checked_threads, one_line

__all__ = ["PointNetwork", "load"]

NETWORKS = {
    "sam": "SamModel",
    "sam2": "Sam2Model",
    "sam2_video": "Sam2Model",
    "sam3_tracker": "Sam3TrackerModel",
}
"""``model_type`` of a folder's config -> the class that answers for single pictures."""


class PointNetwork:
    """A network of the SAM kind.

    Args:
        network: Ready to run.
        device: Where it runs.
        threads: Threads on the CPU.
    """

    takes = frozenset({"points", "boxes", "masks"})

    def __init__(self, network: Any, device: str, *, threads: int) -> None:  # noqa: ANN401 - untyped
        self._network = network
        self._threads = threads
        self.device = device

    def embed(self, pixels: NDArray[np.float32]) -> object:
        """Return what the network keeps of a picture (1, 3, h, w), normalised.

        Raises:
            ModelError: The network failed.
        """
        if self.device == "cpu":
            torch.set_num_threads(self._threads)
        try:
            with torch.inference_mode():
                return self._network.get_image_embeddings(self._tensor(pixels))
        except FAILURES as error:
            raise ModelError(f"the network failed to run: {one_line(error)}") from error

    def ask(self, embedding: object, question: Question) -> Answer:
        """Return the candidate masks of each object, as logits.

        Raises:
            ModelError: The network fails.
        """
        given: dict[str, Any] = {
            "image_embeddings": embedding,
            "multimask_output": question.several,
        }
        if question.points.shape[1]:
            given["input_points"] = self._tensor(question.points[np.newaxis])
            given["input_labels"] = self._tensor(question.labels[np.newaxis])
        if question.boxes is not None:
            given["input_boxes"] = self._tensor(question.boxes[np.newaxis])
        try:
            with torch.inference_mode():
                if question.mask is not None:
                    given["input_masks"] = self._small(question.mask)
                answer = self._network(**given)
        except FAILURES as error:
            raise ModelError(f"the network failed to run: {one_line(error)}") from error
        return Answer(
            answer.pred_masks[0].float().cpu().numpy(), answer.iou_scores[0].float().cpu().numpy()
        )

    def _small(self, mask: NDArray[np.float32]) -> Any:  # noqa: ANN401 - untyped
        """Return a mask over the whole input at the size that the network takes, (1, 1, h, w)."""
        encoder = self._network.prompt_encoder
        size = getattr(encoder, "mask_input_size", None)
        if size is None:  # SAM says it by the size of its embedding
            size = tuple(4 * side for side in encoder.image_embedding_size)
        whole = self._tensor(mask[np.newaxis, np.newaxis])
        return torch.nn.functional.interpolate(
            whole, tuple(size), mode="bilinear", align_corners=False, antialias=True
        )

    def _tensor(self, values: NDArray[Any]) -> Any:  # noqa: ANN401 - untyped
        return torch.from_numpy(np.ascontiguousarray(values)).to(self.device)


def load(path: Path, *, threads: int | None = None, device: str = "cpu") -> PointNetwork:
    """Return the network of a folder that ``save_pretrained`` wrote; nothing is fetched.

    Raises:
        InvalidSetting: There is no such device here.
        ModelError: The folder holds no such network, or is damaged.
    """
    folder = folder_of(path)
    kind = model_type(folder)
    if kind not in NETWORKS:
        raise ModelError(f"{folder.name} holds a {kind}, not one of {', '.join(NETWORKS)}")
    network = from_folder(getattr(transformers, NETWORKS[kind]), folder, device)
    return PointNetwork(network, device, threads=checked_threads(threads))
