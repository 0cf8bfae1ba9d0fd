"""What moves together with a point: the thing that a user means who points at one."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Image
from pixelwise.ops.components import components
from pixelwise.tracking.propagation.flow import Flow, Frame, flow_between, rigid_motion

__all__ = ["moving_with"]

SIDE = 428
"""Longer side in pixels at which motion is found."""
NEAR = 4
"""Pixels around a point whose median motion is taken for the point's."""
STILL = 0.8
"""Pixels a frame by which a point must part from its ground to speak."""
NOISE, LEAST_NOISE = 1 / 3, 0.5
"""Noise of the flow as a share of that parting, and in pixels."""
MOST = 3.0
"""The most that one frame may say for or against a pixel."""
SMOOTH = 2.0
"""Deviation of the blur over which pixels agree."""
ROOM, FEWEST = 0.2, 20
"""Room around what moves in which its edges are sought, as a share of the root of its area; and
pixels below which there is nothing to learn colours from."""
ROUNDS = 5

Plane = NDArray[np.float32]


def moving_with(images: Sequence[Image], points: NDArray[np.float32]) -> NDArray[np.bool_] | None:
    """Return the thing that moves as the points do and not as the ground does.

    The flow from the first picture to each of the others says, pixel by pixel, whether it moves
    rather as a point or as the ground, whose motion is the one that most of the picture follows.
    What that leaves open at its edges is decided by colours (GrabCut); the parts that hold a
    point are taken.

    Args:
        images: The first picture, and some that follow it.
        points: (N, 2) x y in pixels of the first picture.

    Returns:
        Bool (H, W) of the first picture, as fine as masks are carried; None where no point moves
        by itself.

    Source:
        Own, with C. Rother et al., "GrabCut", SIGGRAPH 2004, as OpenCV has it.
    """
    frames = [Frame.of(image, SIDE) for image in images]
    first = frames[0]
    size = first.grey.shape
    scale = np.array([size[1] / images[0].width, size[0] / images[0].height])
    places = np.rint((points + 0.5) * scale - 0.5).astype(int)
    places = np.clip(places, 0, (size[1] - 1, size[0] - 1))
    engine = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    said = np.zeros(size, np.float32)
    for frame in frames[1:]:
        said += _evidence(flow_between(frame, first, engine), places)
    moving = cv2.GaussianBlur(said, (0, 0), SMOOTH) > 0
    mask = _cut_out(first, _touching(np.asarray(moving), places), places)
    if not mask.any():
        return None
    whole = (images[0].width, images[0].height)
    large = cv2.resize(mask.view(np.uint8) * np.float32(1), whole, interpolation=cv2.INTER_LINEAR)
    return np.asarray(large > 0.5)


def _touching(mask: NDArray[np.bool_], places: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return the connected parts of a mask that hold one of the places (N, 2) x y."""
    labels, _ = components(mask)
    held = labels[places[:, 1], places[:, 0]]
    return np.isin(labels, held[held > 0])


def _cut_out(
    frame: Frame, rough: NDArray[np.bool_], places: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return the rough mask with its edges where the colours have theirs."""
    area = int(rough.sum())
    if area < FEWEST:
        return np.zeros_like(rough)
    reach = 2 * max(3, round(ROOM * area**0.5)) + 1
    near = cv2.dilate(rough.view(np.uint8), np.ones((reach, reach), np.uint8))
    guess = np.where(near > 0, cv2.GC_PR_BGD, cv2.GC_BGD).astype(np.uint8)
    guess[rough] = cv2.GC_PR_FGD
    guess[places[:, 1], places[:, 0]] = cv2.GC_FGD
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)  # its mixtures start from random centres
    cv2.grabCut(frame.rgb, guess, None, *models, ROUNDS, cv2.GC_INIT_WITH_MASK)
    return _touching(guess % 2 == 1, places)


def _evidence(flow: Flow, places: NDArray[np.int64]) -> Plane:
    """Return how much rather each pixel moves as a point than as the ground does."""
    ground = rigid_motion(flow.back, np.ones(flow.back.shape[:2], bool))
    said = np.zeros(flow.back.shape[:2], np.float32)
    if ground is None:
        return said
    from_ground = ((flow.back - ground) ** 2).sum(axis=-1)
    for x, y in places:
        around = flow.back[max(0, y - NEAR) : y + NEAR + 1, max(0, x - NEAR) : x + NEAR + 1]
        own = np.median(around.reshape(-1, 2), axis=0)
        apart = float(np.hypot(*(own - ground[y, x])))
        if apart < STILL:
            continue
        from_own = ((flow.back - own) ** 2).sum(axis=-1)
        noise = max(LEAST_NOISE, NOISE * apart)
        ratio = np.clip((from_ground - from_own) / (2 * noise**2), -MOST, MOST)
        said = ratio if not said.any() else np.maximum(said, ratio)
    return np.asarray(said, np.float32)
