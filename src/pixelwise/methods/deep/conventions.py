"""How prompted networks in ONNX files are asked: three conventions, whatever the weights.

Source:
    Kirillov et al., "Segment Anything", ICCV 2023; Xiong et al., "EfficientSAM", CVPR 2024; the
    tensors are those of rembg's and of OpenCV's model collections.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.cards import Card
from pixelwise.core import Session
from pixelwise.errors import InputError, ModelError
from pixelwise.runtimes.asking import Answer, Promptable, Question

__all__ = ["CONVENTIONS", "EfficientSam", "EfficientSamZoo", "RembgSam"]

F32 = NDArray[np.float32]

TOP_LEFT, BOTTOM_RIGHT, PADDING = 2, 3, -1
"""Labels of the corners of a box, and of points that say nothing."""

REFUSED = np.float32(-np.inf)
"""Score of a mask that covers a background point."""

ZOO_POINTS = 6
"""Points that EfficientSAM of the OpenCV zoo takes, no more and no less."""


class _Convention(ABC):
    """A network in one or two sessions, asked for one object after the other."""

    takes = frozenset({"points", "boxes"})

    def __init__(self, sessions: Mapping[str, Session], card: Card) -> None:
        self._first = sessions["model"]
        self._second = sessions.get("decoder")
        self._card = card
        self.device = self._first.device

    def embed(self, pixels: F32) -> object:
        """Return the embedding, with the size of the input."""
        name = self._card.input.tensor or self._first.inputs[0].name
        return self._first.run({name: pixels})[0], pixels.shape

    def ask(self, embedding: object, question: Question) -> Answer:
        """Return the candidate masks of each object, as logits."""
        masks, scores = [], []
        for number in range(len(question.points)):
            points, labels = corners_as_points(question, number)
            found, sure = self._one(embedding, points, labels)
            masks.append(found.reshape(-1, *found.shape[-2:]))
            scores.append(np.asarray(sure, np.float32).reshape(-1))
        return Answer(np.stack(masks).astype(np.float32), np.stack(scores))

    @abstractmethod
    def _one(self, embedding: Any, points: F32, labels: F32) -> tuple[NDArray[Any], NDArray[Any]]:  # noqa: ANN401 - what embed returned
        """Return masks and scores for points (N, 2) and labels (N,)."""

    def _decoder(self) -> Session:
        if self._second is None:
            raise ModelError(f"card {self._card.name} names no file with the role 'decoder'")
        return self._second

    @staticmethod
    def _fed(session: Session, feeds: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Return the feeds in the dtypes that the session states, those that it has."""
        kinds = {tensor.name: tensor.dtype for tensor in session.inputs}
        return {
            name: np.ascontiguousarray(values, kinds[name])
            for name, values in feeds.items()
            if name in kinds
        }

    def _run(
        self, session: Session, feeds: Mapping[str, NDArray[Any]]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the outputs that the card names, masks and scores; else the first two."""
        outputs = session.run(self._fed(session, feeds))
        names = [tensor.name for tensor in session.outputs]
        wanted = self._card.decoder.tensors or tuple(names[:2])
        missing = [name for name in wanted if name not in names]
        if missing or len(wanted) != 2:
            raise ModelError(
                f"card {self._card.name}: the model gives {', '.join(names)}, not masks and scores"
            )
        return outputs[names.index(wanted[0])], outputs[names.index(wanted[1])]


class EfficientSamZoo(_Convention):
    """One file takes the picture together with exactly six points; nothing can be kept.

    It knows no background points: a mask that covers one is given a score that none has.
    """

    def embed(self, pixels: F32) -> object:
        """Return the picture itself."""
        return pixels

    def _one(self, embedding: Any, points: F32, labels: F32) -> tuple[NDArray[Any], NDArray[Any]]:  # noqa: ANN401
        unwanted, points, labels = points[labels == 0], points[labels > 0], labels[labels > 0]
        masks, scores = self._six(embedding, points, labels)
        for x, y in unwanted.astype(int):
            scores = np.where(masks[..., y, x] >= 0, REFUSED, scores)
        return masks, scores

    def _six(self, embedding: Any, points: F32, labels: F32) -> tuple[NDArray[Any], NDArray[Any]]:  # noqa: ANN401
        if len(points) > ZOO_POINTS:
            raise InputError(
                f"{self._card.name} takes up to {ZOO_POINTS} points (a box counts as two), not "
                f"{len(points)}"
            )
        rest = ZOO_POINTS - len(points)
        places = np.pad(points, ((0, rest), (0, 0)))
        kinds = np.pad(labels, (0, rest), constant_values=PADDING)
        feeds = {
            self._card.input.tensor or "batched_images": embedding,
            "batched_point_coords": places[np.newaxis, np.newaxis],
            "batched_point_labels": kinds[np.newaxis, np.newaxis, :, np.newaxis],
        }
        return self._run(self._first, feeds)


class EfficientSam(_Convention):
    """An encoder and a decoder; points are pixels of the picture, as are the masks."""

    def _one(self, embedding: Any, points: F32, labels: F32) -> tuple[NDArray[Any], NDArray[Any]]:  # noqa: ANN401
        kept, shape = embedding
        feeds = {
            "image_embeddings": kept,
            "batched_point_coords": points[np.newaxis, np.newaxis],
            "batched_point_labels": labels[np.newaxis, np.newaxis],
            "orig_im_size": np.array(shape[-2:], np.int64),
        }
        return self._run(self._decoder(), feeds)


class RembgSam(_Convention):
    """SAM's own encoder and decoder as rembg exports them: no mask as a first guess."""

    def _one(self, embedding: Any, points: F32, labels: F32) -> tuple[NDArray[Any], NDArray[Any]]:  # noqa: ANN401
        kept, shape = embedding
        places = np.concatenate([points, np.zeros((1, 2), np.float32)])
        kinds = np.append(labels, PADDING)
        feeds = {
            "image_embeddings": kept,
            "point_coords": places[np.newaxis],
            "point_labels": kinds[np.newaxis],
            "mask_input": np.zeros((1, 1, 256, 256), np.float32),
            "has_mask_input": np.zeros(1, np.float32),
            "orig_im_size": np.array(shape[:2], np.float32),
        }
        return self._run(self._decoder(), feeds)


def corners_as_points(question: Question, number: int) -> tuple[F32, F32]:
    """Return the points and labels of one object, with the corners of its box among them.

    >>> empty = np.zeros((1, 0, 2), np.float32)
    >>> asked = Question(empty, empty[..., 0], np.float32([[1, 2, 3, 4]]))
    >>> corners_as_points(asked, 0)[1].tolist()
    [2.0, 3.0]
    """
    points = question.points[number]
    labels = question.labels[number].astype(np.float32)
    if question.boxes is None:
        return points, labels
    corners = question.boxes[number].reshape(2, 2)
    marks = np.array([TOP_LEFT, BOTTOM_RIGHT], np.float32)
    return np.concatenate([points, corners]), np.concatenate([labels, marks])


CONVENTIONS: dict[str, Callable[[Mapping[str, Session], Card], Promptable]] = {
    "efficientsam-zoo": EfficientSamZoo,
    "efficientsam": EfficientSam,
    "sam": RembgSam,
}
"""``architecture`` of a card -> what asks its sessions."""
