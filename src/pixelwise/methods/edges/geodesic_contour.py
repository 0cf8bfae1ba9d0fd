"""Geodesic contour: a curve that flows until edges stop it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, Image, Method, Prompts, Provenance, Task, setting
from pixelwise.methods.edges.start import start_mask
from pixelwise.ops.channels import Channel, levels_of, plane
from pixelwise.ops.filters import gaussian, gradients
from pixelwise.ops.levelset import grow, shrink, smooth
from pixelwise.ops.otsu import otsu_level
from pixelwise.ops.progress import steps

__all__ = ["GeodesicContour", "Pressure", "edge_stop", "evolve"]

STEEPNESS = 0.4
"""How fast the stop falls with the slope: 100 for pictures of 0..1, the value of scikit-image."""
FLAT = 1e-3
"""Slopes below this are rounding of the blur."""
OF_OTSU = 0.5
"""Where not given, slopes above this share of Otsu's level of all slopes end the drift."""


class Pressure(StrEnum):
    """Where a contour drifts while no edge holds it."""

    AUTO = "auto"
    """Outwards from points, scribbles and masks, else inwards."""
    GROW = "grow"
    SHRINK = "shrink"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class GeodesicContour(Method[Foreground]):
    """Foreground is the inside of a curve that flows to edges and rests there.

    The curve is the shortest in a space where edges are short cuts: with the stop g = 1 /
    sqrt(1 + 0.4 x slope of the blurred picture), each step moves it by pressure where g is high,
    pulls it down the slope of g, and smooths it. Done on masks, which is stable and may split or
    join. Start it around the thing (box) or within it (points). Good for one thing with a mostly
    clear outline on a calm ground; prefer ``chan-vese`` when the outline is vague, ``grabcut``
    when colours differ.

    Pictures and volumes. A box prompt in a volume holds for all its slices. Without ``slope`` the
    drift ends at slopes above half Otsu's level of all slopes.

    Source:
        V. Caselles, R. Kimmel, G. Sapiro, "Geodesic active contours", IJCV 22(1), 1997; on
        masks: P. Marquez-Neila et al., IEEE TPAMI 36(1), 2014.

    >>> disc = np.zeros((40, 40), np.uint8)
    >>> disc[12:28, 12:28] = 200
    >>> found = GeodesicContour(sigma=1)(Image(disc))
    >>> bool(found.mask[20, 20]), bool(found.mask[4, 4])
    (True, False)
    """

    name = "geodesic-contour"
    task = Task.FOREGROUND
    takes_volumes = True

    prompts: Prompts | None = setting(None, "Where the contour starts; none: round the picture.")
    pressure: Pressure = setting(Pressure.AUTO, "Where the contour drifts.")
    slope: float | None = setting(None, "Slope that ends the drift, levels a pixel.", low=0)
    smoothness: int = setting(1, "Smoothing steps after each step.", low=0, high=20)
    sigma: float = setting(3.0, "Blur before the slopes, pixels.", low=0, high=100)
    iterations: int = setting(1000, "Most steps.", low=1, high=100_000)
    channel: Channel = setting(Channel.GREY, "The plane of the picture that is looked at.")

    def segment(self, image: Image) -> Foreground:
        """Return the inside of the contour at rest."""
        values = levels_of(plane(image.pixels, self.channel))
        start = start_mask(self.prompts, image.size)
        steep = _steepness(values, self.sigma)
        if steep.max() < FLAT:  # no edge anywhere, so nothing to find
            return Foreground(np.zeros(image.size, bool))
        free = steep <= (OF_OTSU * otsu_level(steep) if self.slope is None else self.slope)
        stop = edge_stop(steep)
        drift = _drift(self.pressure, self.prompts)
        mask = start
        moves = evolve(start, stop, free, drift=drift, smoothness=self.smoothness)
        for number, mask in zip(steps(range(1, self.iterations + 1)), moves, strict=False):
            if number == self.iterations:
                note = f"the contour still moved after {number} steps"
                return Foreground(mask, provenance=Provenance(notes=(note,)))
        return Foreground(mask)


def edge_stop(steep: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return 1 in flat places, towards 0 on edges; float32 of the shape of the slopes.

    >>> edge_stop(np.float32([[0, 20]])).tolist()[0][0]
    1.0
    """
    return np.asarray(1 / np.sqrt(1 + np.float32(STEEPNESS) * steep), np.float32)


def evolve(
    mask: NDArray[np.bool_],
    stop: NDArray[np.float32],
    free: NDArray[np.bool_],
    *,
    drift: int,
    smoothness: int,
) -> Iterator[NDArray[np.bool_]]:
    """Yield the mask after each step, until it rests.

    Args:
        mask: (H, W) or (D, H, W) bool, the start.
        stop: The same size, low on edges.
        free: Where pressure acts.
        drift: 1 grows, -1 shrinks, 0 neither.
        smoothness: Smoothing steps after each step.
    """
    slopes = gradients(stop)
    seen: set[bytes] = set()
    while (state := _digest(mask)) not in seen:  # a mask seen before would only come again
        seen.add(state)
        window = _window(mask, 2 + smoothness)
        part, held = mask[window].copy(), ~free[window]
        if drift:
            part = np.where(held, part, grow(part) if drift > 0 else shrink(part))
        # Where pressure rules, the faint slopes of noise would only hold it up.
        pulled = _attached(part, [slope[window] for slope in slopes])
        part = smooth(np.where(held, pulled, part) if drift else pulled, smoothness)
        mask = np.zeros_like(mask)
        mask[window] = part
        yield mask


def _steepness(values: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Return the slope of the blurred values, levels per pixel."""
    squares = sum(slope**2 for slope in gradients(gaussian(values, sigma)))
    return np.asarray(np.sqrt(squares), np.float32)


def _attached(mask: NDArray[np.bool_], slopes: list[NDArray[np.float32]]) -> NDArray[np.bool_]:
    """Return the mask moved one step down the slope of the stop; only its rim can move."""
    rim = np.flatnonzero(grow(mask) ^ shrink(mask))
    inside = mask.view(np.int8).reshape(-1)
    pull = np.zeros(rim.size, np.float32)
    place = np.unravel_index(rim, mask.shape)
    stride = mask.size
    for axis, slope in enumerate(slopes):
        stride //= mask.shape[axis]
        ahead = np.where(place[axis] < mask.shape[axis] - 1, rim + stride, rim)
        behind = np.where(place[axis] > 0, rim - stride, rim)
        pull += slope[place] * (inside[ahead] - inside[behind])
    moved = mask.reshape(-1).copy()
    moved[rim[pull > 0]] = True
    moved[rim[pull < 0]] = False
    return moved.reshape(mask.shape)


def _window(mask: NDArray[np.bool_], margin: int) -> tuple[slice, ...]:
    """Return the box around the mask with a margin: nothing outside of it can change."""
    box = []
    for axis, side in enumerate(mask.shape):
        used = np.flatnonzero(mask.any(axis=tuple(set(range(mask.ndim)) - {axis})))
        first, last = (used[0], used[-1]) if used.size else (0, 0)
        box.append(slice(max(0, int(first) - margin), min(side, int(last) + margin + 1)))
    return tuple(box)


def _digest(mask: NDArray[np.bool_]) -> bytes:
    return blake2b(np.packbits(mask).tobytes(), digest_size=16).digest()


def _drift(pressure: Pressure, prompts: Prompts | None) -> int:
    if pressure is Pressure.AUTO:
        within = prompts is not None and (
            np.size(prompts.points) or prompts.scribbles or prompts.masks is not None
        )
        return 1 if within else -1
    return {Pressure.GROW: 1, Pressure.SHRINK: -1, Pressure.NONE: 0}[pressure]
