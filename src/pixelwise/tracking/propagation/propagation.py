"""Masks of the first frame, carried through a film."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Crop, Foreground, Image, Instances, Legend, LegendClass
from pixelwise.core.provenance import Provenance
from pixelwise.errors import InputError
from pixelwise.tracking.propagation.carried import Carried
from pixelwise.tracking.propagation.flow import Frame, flow_between

__all__ = ["Propagation"]

SIDE = 428
"""Longer side in pixels at which masks are carried; the answer has the picture's size."""
OBJECT = Legend((LegendClass(1, "object", (220, 20, 60), is_thing=True),))

Plane = NDArray[np.float32]


class Propagation:
    """A segmenter with a memory: the masks that one frame was given, frame after frame.

    Each thing is carried by the optical flow, both ways checked; by the colours of thing and
    ground, place by place and all over; by whether a pixel moves with the thing or with the
    ground; and what was hidden is expected to come back. The masks follow the picture's edges.
    A thing that was out of sight is sought by its colours. It needs no network.

    The first picture that it is called with is the one that the masks belong to. Each thing
    keeps its id; a thing out of sight has no row.

    Args:
        first: The masks of the first frame: instances, or a foreground for one thing.

    Raises:
        InputError: There is no mask.

    Source:
        Own, after T. Kroeger et al. 2016 (flow), N. Maerki et al. 2016 (colours by place),
        D. Min et al., "Fast Global Image Smoothing Based on Weighted Least Squares", 2014.

    >>> mask = np.zeros((40, 60), bool)
    >>> mask[10:30, 10:30] = True
    >>> carry = Propagation(Foreground(mask))
    >>> for x in (10, 12, 14):
    ...     pixels = np.full((40, 60, 3), (30, 90, 40), np.uint8)
    ...     pixels[10:30, x : x + 20] = (220, 40, 40)
    ...     found = carry(Image(pixels))
    >>> found.segments.box.tolist(), found.segments.track_id.tolist()
    ([[14.0, 10.0, 34.0, 30.0]], [1])
    """

    def __init__(self, first: Instances | Foreground) -> None:
        self._first = _numbered(first)
        if self._first.is_empty:
            raise InputError("there is no mask to carry; give one of the first frame")
        self._things: list[Carried] = []
        self._before: Frame | None = None
        self._engine = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)

    def __call__(self, image: Image) -> Instances:
        """Return the things in the next frame.

        Raises:
            InputError: The picture has another size than the masks.
        """
        if tuple(image.size) != tuple(self._first.size):
            raise InputError(f"the masks are {self._first.size}, the picture {image.size}")
        frame = Frame.of(image, SIDE)
        before, self._before = self._before, frame
        if before is None:
            for mask in self._first.masks:
                self._things.append(Carried(frame, _small(mask, frame)))
            return self._first.made_by(self._first.provenance, image.space)
        flow = flow_between(before, frame, self._engine)
        softs = [thing.step(before, frame, flow) for thing in self._things]
        return self._answer(softs, image)

    def _answer(self, softs: list[Plane], image: Image) -> Instances:
        """Return instances of the picture's size; what two things claim is the likelier one's."""
        size = (image.size[1], image.size[0])
        large = [cv2.resize(soft, size, interpolation=cv2.INTER_LINEAR) for soft in softs]
        best = np.maximum.reduce(large)
        crops, rows, scores = [], [], []
        for row, soft in enumerate(large):
            mask = (soft >= 0.5) & (soft >= best)
            best = np.where(mask, 2, best)  # of equal ones the first row's
            crop = Crop.of(mask)
            if crop.area:
                crops.append(crop)
                rows.append(row)
                scores.append(float(soft[mask].mean()))
        table = replace(
            self._first.segments[np.array(rows, np.int64)],
            box=np.array([crop.box for crop in crops], np.float32).reshape(-1, 4),
            area=np.array([crop.area for crop in crops], np.int64),
            score=np.clip(np.array(scores, np.float32), 0, 1),
        )
        made = Provenance(method="propagation")
        legend = self._first.legend
        return Instances(table, tuple(crops), tuple(image.size), legend, image.space, made)


def _numbered(first: Instances | Foreground) -> Instances:
    """Return the masks as instances with track ids."""
    if isinstance(first, Foreground):
        first = Instances.of(first.mask[np.newaxis], np.array([1], np.int32), OBJECT)
    kept = first[np.array([crop.area > 0 for crop in first.crops], bool)]
    tracks = kept.segments.track_id
    if np.any(tracks < 1) or len(np.unique(tracks)) < len(tracks):
        tracks = np.arange(1, len(kept) + 1, dtype=np.int32)
    table = kept.segments.with_columns(track_id=tracks)
    return Instances(table, kept.crops, kept.size, kept.legend, kept.space, kept.provenance)


def _small(mask: NDArray[np.bool_], frame: Frame) -> Plane:
    size = (frame.rgb.shape[1], frame.rgb.shape[0])
    return np.asarray(
        cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA), np.float32
    )
