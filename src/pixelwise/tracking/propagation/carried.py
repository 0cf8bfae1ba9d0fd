"""One thing, carried from frame to frame by flow, colours and its own motion."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.components import components
from pixelwise.tracking.propagation.colours import ColourMemory, local_counts
from pixelwise.tracking.propagation.flow import Flow, Frame, rigid_motion

__all__ = ["Carried"]

Plane = NDArray[np.float32]
Window = tuple[slice, slice]

NEAR = 0.6
"""Width of the ground that counts around a thing, as a share of the root of its area."""
MARGIN = 6
REMEMBERED = 0.98
"""What of a hidden part of the thing is left after a frame."""
TELLING = 60
"""Pixels that must show a motion before those that do not are left out."""
EVIDENCE = 4.0
"""Pixels that the colours all over are worth beside those of the place."""
EDGE = 0.12
"""Width over which place alone is unsure, as a share of the root of the area."""
MOTION, MOTION_NOISE, MOTION_MOST = 0.7, 1.0, 3.0
"""Weight of the motion; its noise in pixels, and the most that it may say."""
SMOOTHING, EDGE_LEVELS = 60.0, 12.0
"""Strength of the smoothing along the picture's edges, and levels that make an edge."""
SHARPNESS = 3.0
"""By how much a soft mask is made harder before it goes on."""
SPECK, JOINED = 0.03, 0.2
"""Parts below that share of the largest go; and those of which less lies where it was expected."""
LOST = 0.02
"""Below that share of its greatest area a thing is out of sight."""
AGAIN, AGAIN_SHARE = 0.6, 0.3
"""Likeness of colours, and share of the area before, that make a thing found again."""


@dataclass(frozen=True, slots=True, eq=False)
class _Expected:
    """Where a thing is expected.

    Args:
        soft: (h, w) its mask, carried by the flow.
        whole: (h, w) with what was hidden, carried by the thing's own motion.
        own: (h, w, 2) the thing's motion, back.
        ground: (h, w, 2) the ground's.
    """

    soft: Plane
    whole: Plane
    own: Plane
    ground: Plane


class Carried:
    """The state of one thing.

    Args:
        frame: The first frame, small.
        soft: (h, w) float32 0..1, its mask there.
    """

    def __init__(self, frame: Frame, soft: Plane) -> None:
        self.soft = soft
        self._whole = soft
        self._colours = ColourMemory.of(frame, soft, _around(soft))
        self._own = np.zeros((*soft.shape, 2), np.float32)
        self._area = self._greatest = float(soft.sum())

    def step(self, before: Frame, now: Frame, flow: Flow) -> Plane:
        """Return its soft mask in the next frame, (h, w) float32 0..1, and remember it."""
        if self._area < max(LOST * self._greatest, 4):
            return self._sought(now)
        expected = self._expected(flow, now)
        reach = _around(np.maximum(expected.soft, expected.whole))
        window = _window(reach)
        evidence = self._colour_evidence((before, now), flow, window)
        evidence += MOTION * _motion_evidence(expected, flow, window)
        evidence += _place_evidence(expected, flow, window)
        guess = 1 / (1 + np.exp(-evidence))
        smooth = cv2.ximgproc.fastGlobalSmootherFilter(
            np.ascontiguousarray(now.rgb[window]), guess, SMOOTHING, EDGE_LEVELS
        )
        made = np.zeros_like(self.soft)
        made[window] = np.clip(smooth, 0, 1)
        made = _without_specks(made, np.maximum(expected.soft, expected.whole))
        self._own = expected.own
        self._remember(now, made, expected.whole)
        return made

    def _expected(self, flow: Flow, now: Frame) -> _Expected:
        soft = flow.carried(self.soft)
        sure = flow.trust > 0.3
        own = rigid_motion(flow.back, _telling(_inner(soft > 0.7) & sure, now))
        own = self._own if own is None else self._steady(own, soft)
        whole = flow.carried(self._whole, own) * np.float32(REMEMBERED)
        near = _around(np.maximum(soft, self._whole))
        ground = rigid_motion(flow.back, _telling((soft < 0.1) & near & sure, now))
        return _Expected(soft, whole, own, own if ground is None else ground)

    def _steady(self, own: Plane, soft: Plane) -> Plane:
        """Return the thing's motion; the less of it is in sight, the more it is what it was."""
        share = np.float32(min(float(soft.sum()) / max(float(self._whole.sum()), 1.0), 1.0))
        return np.asarray(share * own + (1 - share) * self._own, np.float32)

    def _colour_evidence(self, frames: tuple[Frame, Frame], flow: Flow, window: Window) -> Plane:
        """Return the log odds of the thing by colours, those of the place first."""
        thing, ground = local_counts(frames, self.soft, flow, window)
        over_all = 1 / (1 + np.exp(-self._colours.log_ratio(frames[1], window)))
        share = (thing + EVIDENCE * over_all) / (thing + ground + EVIDENCE)
        return np.asarray(np.log((share + 0.02) / (1.02 - share)), np.float32)

    def _remember(self, now: Frame, made: Plane, whole: Plane) -> None:
        self.soft = np.clip((made - 0.5) * SHARPNESS + 0.5, 0, 1)
        self._whole = np.maximum(self.soft, whole)
        self._area = float((self.soft > 0.5).sum())
        self._greatest = max(self._area, 0.98 * self._greatest)
        if self._area > 30:
            self._colours.learn(now, self.soft, _around(self.soft))

    def _sought(self, now: Frame) -> Plane:
        """Look for a thing that is out of sight, by its colours, around where it vanished."""
        reach = _around(np.maximum(self._whole, self.soft), 2 * NEAR)
        window = _window(reach)
        likely = np.zeros(self.soft.shape, bool)
        likely[window] = self._colours.log_ratio(now, window) > 1
        likely &= reach
        opened = cv2.morphologyEx(likely.view(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
        parts, count = components(opened.view(bool))
        areas = np.bincount(parts.ravel(), minlength=count + 1)[1:]
        made = np.zeros_like(self.soft)
        if count and areas.max() > AGAIN_SHARE * self._greatest:
            found = parts == int(areas.argmax()) + 1
            if self._colours.likeness(now, found) > AGAIN:
                made[found] = 1
                self._remember(now, made, self._whole)
        return made


def _inner(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the mask without its rim, whose edges may be those of what hides it."""
    return np.asarray(cv2.erode(mask.view(np.uint8), np.ones((5, 5), np.uint8))).view(bool)


def _telling(where: NDArray[np.bool_], frame: Frame) -> NDArray[np.bool_]:
    """Return the pixels that show a motion, all of them where too few do."""
    rough = where & frame.is_rough
    return rough if np.count_nonzero(rough) >= TELLING else where


def _motion_evidence(expected: _Expected, flow: Flow, window: Window) -> Plane:
    """Return the log odds of the thing by whose motion each pixel follows."""
    back, own, ground = flow.back[window], expected.own[window], expected.ground[window]
    apart = np.hypot(*np.moveaxis(own - ground, -1, 0))
    noise = MOTION_NOISE * np.sqrt(1 + (0.1 * apart) ** 2)
    gaps = [
        np.minimum(np.hypot(*np.moveaxis(back - motion, -1, 0)) / noise, 4)
        for motion in (ground, own)
    ]
    says = np.clip((gaps[0] ** 2 - gaps[1] ** 2) / 2, -MOTION_MOST, MOTION_MOST)
    says *= 0.3 + 0.7 * flow.trust[window]
    return np.asarray(cv2.blur(says.astype(np.float32), (5, 5)), np.float32)


def _place_evidence(expected: _Expected, flow: Flow, window: Window) -> Plane:
    """Return the log odds of the thing by how deep in or far from its expected mask a pixel is.

    Where it may be hidden, place says nothing.
    """
    soft = expected.soft[window] > 0.5
    whole = soft | (expected.whole[window] > 0.5)
    width = EDGE * max(int(np.count_nonzero(whole)), 50) ** 0.5
    depth, far = (np.clip(_depth(mask) / width, -4, 4) for mask in (soft, whole))
    inside = depth * (0.3 + 0.7 * flow.trust[window])
    outside = np.minimum(far, 0) + 0.3 * np.minimum(depth, 0)
    return np.where(depth > 0, inside, outside).astype(np.float32)


def _depth(mask: NDArray[np.bool_]) -> Plane:
    """Return the distance to the mask's border, negative outside."""
    values = mask.view(np.uint8)
    inside, outside = (cv2.distanceTransform(part, cv2.DIST_L2, 3) for part in (values, 1 - values))
    return np.asarray(inside - outside, np.float32)


def _around(soft: Plane, share: float = NEAR) -> NDArray[np.bool_]:
    """Return the thing and the ground that counts around it."""
    mask = (soft > 0.5).view(np.uint8)
    reach = int(share * max(int(np.count_nonzero(mask)), 50) ** 0.5)
    shape = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return np.asarray(cv2.dilate(mask, shape)).view(bool)


def _window(reach: NDArray[np.bool_]) -> Window:
    """Return the part of the picture that holds ``reach``, all of it where that is empty."""
    if not reach.any():
        return slice(0, reach.shape[0]), slice(0, reach.shape[1])
    spans = []
    for axis in (1, 0):
        filled = np.flatnonzero(reach.any(axis=axis))
        spans.append(
            slice(
                max(int(filled[0]) - MARGIN, 0),
                min(int(filled[-1]) + MARGIN, reach.shape[1 - axis]),
            )
        )
    return spans[0], spans[1]


def _without_specks(soft: Plane, expected: Plane) -> Plane:
    """Return the soft mask without small parts, and without parts where nothing was expected."""
    parts, count = components(soft > 0.5)
    if count < 2:
        return soft
    areas = np.bincount(parts.ravel(), minlength=count + 1)
    near = cv2.dilate((expected > 0.3).view(np.uint8), np.ones((5, 5), np.uint8))
    met = np.bincount(parts.ravel(), near.ravel(), minlength=count + 1)
    kept = (met > JOINED * areas) & (areas > SPECK * areas[1:].max())
    kept[0] = True
    return np.where(kept[parts], soft, 0).astype(np.float32)
