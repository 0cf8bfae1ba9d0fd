"""Masks that agree from frame to frame: smoothed along the motion, not against it."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, Image, Result
from pixelwise.errors import InvalidSetting
from pixelwise.ops.components import components
from pixelwise.ops.planar import Planar, small_grey
from pixelwise.ops.upsampled import Upsampled

__all__ = ["Stable"]

Plane = NDArray[np.float32]
Pair = tuple[Image, Result]

SIDE = 256
"""Longer side at which motion is found and masks are mixed."""
LEAST = 32
"""Shorter side: OpenCV's fast flow ends the process on pictures of 12 to 24 rows."""
CUT = 28.0
"""Grey levels by which a picture differs on average from the one before it, moved along the flow:
beyond it is another scene."""
BLOCK = (5, 5)
"""Pixels over which the difference of two pictures is averaged before it counts."""
SOFT, FAINT, SURE = np.float32(1 / 64), np.float32(0.25), np.float32(0.5)
"""Patches of soft pixels: those that nowhere reach the second go, those that reach the third stay;
in between they fade, so that nothing pops up."""
NOTHING = np.zeros((1, 1), np.uint8)
LIVE_TOLERANCE = 37.0
"""Without a look ahead the past must weigh a little more for the same steadiness."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stable:
    """Mixes each soft mask with its neighbours in time, moved along the optical flow.

    Where the flow explains the picture, the mean over several frames is better than each of them
    and does not flicker; where it does not (something new comes into sight, a cut), the frame
    speaks for itself. Faint patches of a network's mask that are sure of nothing fade.
    Results other than Foreground pass as they are.

    Args:
        look_ahead: Frames of the future that have a say, 0 to 12: so many frames later the
            result comes. 0 for live pictures.
        memory: Weight of what was before against a new frame, 0 to 1.
        tolerance: Grey levels of difference between a picture and its neighbour, moved along the
            flow, at which the neighbour's weight falls to a third.

    Raises:
        InvalidSetting: A setting is out of range.

    Source:
        Own; the flow is T. Kroeger et al., "Fast Optical Flow using Dense Inverse Search",
        ECCV 2016, as OpenCV (Apache-2.0) has it.
    """

    look_ahead: int = 3
    memory: float = 0.95
    tolerance: float = 28.0

    def __post_init__(self) -> None:
        if not 0 <= self.look_ahead <= 12:
            raise InvalidSetting.of("look_ahead", self.look_ahead, "0 to 12 frames")
        if not 0 <= self.memory <= 1:
            raise InvalidSetting.of("memory", self.memory, "0 to 1")
        if not 0 < self.tolerance <= 255:
            raise InvalidSetting.of("tolerance", self.tolerance, "above 0, up to 255 levels")

    @classmethod
    def live(cls) -> "Stable":
        """Return the one that waits for nothing."""
        return cls(look_ahead=0, tolerance=LIVE_TOLERANCE)

    def __call__(self, pairs: Iterable[Pair]) -> Iterator[Pair]:
        """Yield every pair with its steadier mask, ``look_ahead`` pairs behind."""
        window: deque[_Step] = deque()
        motion = _Motion(self.memory, self.tolerance, is_both_ways=self.look_ahead > 0)
        for image, result in pairs:
            last = window[-1] if window else motion.last
            step = motion.step(image, result, last)
            window.append(step)
            if len(window) > self.look_ahead:
                yield _settled(window)
                motion.last = window.popleft()
        while window:
            yield _settled(window)
            window.popleft()


@dataclass(slots=True)
class _Step:
    """One frame on its way.

    Args:
        pair: Picture and result.
        grey: (h, w) uint8, small.
        soft: (h, w) float32, the frame's own mask, small; None: not a foreground.
        mean: (h, w, 2) float32: the mean with what was before, and its weight.
        ahead: Flow to the next frame and how far to believe it; None: there is none, or a cut.
    """

    pair: Pair
    grey: NDArray[np.uint8]
    soft: Plane | None
    mean: Plane
    ahead: tuple[Plane, Plane] | None = None


@dataclass(slots=True)
class _Motion:
    """Finds the flow between neighbours and mixes forwards."""

    memory: float
    tolerance: float
    is_both_ways: bool
    last: _Step | None = None
    engine: Any = field(
        default_factory=lambda: cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    )

    def step(self, image: Image, result: Result, last: _Step | None) -> _Step:
        """Return the new frame, mixed with what came before ``last``."""
        if not isinstance(result, Foreground) or image.is_volume:
            return _Step((image, result), NOTHING, None, np.zeros((1, 1, 2), np.float32))
        grey = _small_grey(image)
        soft = _small(result, grey.shape)
        own = np.dstack([soft, np.ones_like(soft)])
        step = _Step((image, result), grey, soft, own)
        if last is None or last.soft is None or last.grey.shape != grey.shape:
            return step
        back = self._flow(grey, last.grey)
        if back is None:
            return step
        before = _moved(last.mean, back[0])
        weight = before[..., 1] * back[1]
        total = 1 + weight
        step.mean = np.dstack([(soft + before[..., 0] * weight) / total, total])
        if self.is_both_ways:
            last.ahead = self._flow(last.grey, grey)
        return step

    def _flow(
        self, grey: NDArray[np.uint8], other: NDArray[np.uint8]
    ) -> tuple[Plane, Plane] | None:
        """Return where each pixel is in the other picture, and its weight 0..1; None: a cut."""
        flow = np.asarray(self.engine.calc(grey, other, None), np.float32)
        gap = cv2.absdiff(grey, np.asarray(_moved(other, flow), np.uint8))
        if float(gap.mean()) > CUT:
            return None
        rough = cv2.blur(gap, BLOCK).astype(np.float32) / np.float32(self.tolerance)
        return flow, np.exp(-(rough**2)) * np.float32(self.memory)


def _settled(window: Sequence[_Step]) -> Pair:
    """Return the first pair of the window with the mean of all that is known of it."""
    first = window[0]
    image, result = first.pair
    if first.soft is None or not isinstance(result, Foreground):
        return first.pair
    mean, weight = first.mean[..., 0], first.mean[..., 1]
    future = _from_ahead(window)
    if future is not None:
        mean = (mean * weight + future[..., 0] * future[..., 1]) / (weight + future[..., 1])
    return image, _shifted(result, mean - first.soft)


def _from_ahead(window: Sequence[_Step]) -> Plane | None:
    """Return the mean of the frames behind the first one, brought back to it, and its weight."""
    reach = 0
    while reach + 1 < len(window) and window[reach].ahead is not None:
        reach += 1
    mean: Plane | None = None
    for place in range(reach, 0, -1):
        step = window[place]
        soft, road = step.soft, window[place - 1].ahead
        if soft is None or road is None:
            return None
        if mean is None:
            mean = np.dstack([soft, np.ones_like(soft)])
        else:
            total = 1 + mean[..., 1]
            mean = np.dstack([(soft + mean[..., 0] * mean[..., 1]) / total, total])
        mean = _moved(mean, road[0])
        mean[..., 1] *= road[1]
    return mean


def _shifted(result: Foreground, change: Plane) -> Foreground:
    """Return the foreground with ``change``, small, added to its soft mask."""
    plane = result.plane
    if isinstance(plane, Upsampled) and plane.window.is_whole and plane.values.ndim == 2:
        values = np.clip(plane.values + _sized(change, plane.values.shape), 0, 1)
        soft = Upsampled(_believed(np.asarray(values, np.float32)), plane.size)
        made = Foreground(soft.levels() > 127, soft, legend=result.legend)
    else:
        alpha = np.clip(result.alpha + _sized(change, result.size), 0, 1)
        made = Foreground(alpha > 0.5, alpha, legend=result.legend)
    return made.made_by(result.provenance, result.space)


def _believed(values: Plane) -> Plane:
    """Return the soft mask without patches that are sure of nothing: they are no edge of a thing.

    The mask itself, what is above one half, stays as it is.
    """
    parts, count = components(values > SOFT)
    if np.bincount(parts[values >= SURE], minlength=count + 1)[1:].all():
        return values
    surest = np.zeros(count + 1, np.float32)
    np.maximum.at(surest, parts.reshape(-1), values.reshape(-1))
    weight = np.clip((surest - FAINT) / (SURE - FAINT), 0, 1)
    weight[0] = 1
    return np.asarray(values * weight[parts], np.float32)


def _small_grey(image: Image) -> NDArray[np.uint8]:
    scale = SIDE / max(image.size)
    size = (max(LEAST, round(image.width * scale)), max(LEAST, round(image.height * scale)))
    picture = image.plane if isinstance(image.plane, Planar) else image.pixels
    return small_grey(picture, size[::-1])


def _small(result: Foreground, size: tuple[int, ...]) -> Plane:
    plane = result.plane
    if isinstance(plane, Upsampled) and plane.window.is_whole and plane.values.ndim == 2:
        return _sized(plane.values, size)
    if plane is None:
        levels = cv2.resize(
            result.mask.view(np.uint8) * 255, size[::-1], interpolation=cv2.INTER_AREA
        )
        return np.asarray(levels, np.float32) / np.float32(255)
    alpha = cv2.resize(result.alpha, size[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(alpha, np.float32)


def _sized(values: Plane, size: tuple[int, ...]) -> Plane:
    made = cv2.resize(values, size[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(made, np.float32)


def _moved(values: NDArray[Any], flow: Plane) -> Any:  # noqa: ANN401 - dtype and axes stay
    """Return the values from where each pixel's flow leads."""
    rows, columns = np.indices(flow.shape[:2], dtype=np.float32)
    there = (columns + flow[..., 0], rows + flow[..., 1])
    return cv2.remap(values, *there, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
