"""Hysteresis: sure pixels, and the unsure ones that touch them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, Image, Method, Provenance, Task, setting
from pixelwise.errors import InvalidSetting
from pixelwise.methods.threshold.multi_otsu import multi_otsu_levels
from pixelwise.ops.channels import Channel, level_unit, plane
from pixelwise.ops.components import components
from pixelwise.ops.sides import Side, on_border

__all__ = ["Hysteresis", "touching"]


@dataclass(frozen=True, kw_only=True)
class Hysteresis(Method[Foreground]):
    """Foreground is what passes the low level and is joined to what passes the high level.

    Two levels: a pixel above the high one is sure; a pixel above the low one is kept when a
    chain of such neighbours (corners count) leads to a sure one. Keeps faint ends of strong
    things and drops faint specks; prefer ``otsu`` when one level does. For the darker side all
    is mirrored: sure is up to the low level, joined up to the high one.

    Levels not given are those of multi-Otsu with three classes. They count 0..255 whatever the
    type of a picture, or are in the units of measured data. Pictures and volumes. NaN is never
    foreground.

    Raises:
        InvalidSetting: ``low`` is above ``high``, or a setting outside its range.

    Source:
        J. Canny, "A Computational Approach to Edge Detection", IEEE TPAMI 8(6), 1986, section on
        thresholding with hysteresis.

    >>> pixels = np.array([[90, 200, 90, 10, 90]], np.uint8)
    >>> Hysteresis(low=50, high=150)(Image(pixels)).mask.tolist()
    [[True, True, True, False, False]]
    """

    name = "hysteresis"
    task = Task.FOREGROUND
    takes_volumes = True

    low: float | None = setting(None, "Lower level, 0..255 or data units; none: found.")
    high: float | None = setting(None, "Higher level, 0..255 or data units; none: found.")
    side: Side = setting(Side.BRIGHTER, "Which side of the levels is foreground.")
    channel: Channel = setting(Channel.GREY, "The plane of the picture that is looked at.")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.low is not None and self.high is not None and self.low > self.high:
            raise InvalidSetting.of("low", self.low, f"at most the setting 'high', {self.high:g}")

    def segment(self, image: Image) -> Foreground:
        """Return the unsure pixels that lead to sure ones, and these."""
        values = plane(image.pixels, self.channel)
        levels = self.levels_of(values)
        if levels is None:
            return Foreground(np.zeros(values.shape, bool))
        low, high = levels
        notes = Provenance(notes=(f"levels {low:g} {high:g}",))
        return Foreground(_of_side(values, low, high, self.side), provenance=notes)

    def levels_of(self, values: NDArray[Any]) -> tuple[float, float] | None:
        """Return both levels in the values' own numbers; None when there are none to be found."""
        found: list[float] = []
        if self.low is None or self.high is None:
            found = multi_otsu_levels(values, 3)
            if not found:
                return None
        unit = level_unit(values)
        low = found[0] if self.low is None else self.low * unit
        high = found[-1] if self.high is None else self.high * unit
        return min(low, high), max(low, high)


def touching(weak: NDArray[np.bool_], strong: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the connected parts of ``weak`` that hold a pixel of ``strong``.

    >>> touching(np.array([[1, 1, 0, 1]], bool), np.array([[0, 1, 0, 0]], bool)).tolist()
    [[True, True, False, False]]
    """
    labels, count = components(weak)
    kept = np.zeros(count + 1, bool)
    kept[labels[strong & weak]] = True
    return kept[labels]


def _of_side(values: NDArray[Any], low: float, high: float, side: Side) -> NDArray[np.bool_]:
    if side is Side.BRIGHTER:
        return touching(values > low, values > high)
    if side is Side.DARKER:
        return touching(values <= high, values <= low)
    bright = _of_side(values, low, high, Side.BRIGHTER)
    dark = _of_side(values, low, high, Side.DARKER)
    return bright if on_border(bright) <= on_border(dark) else dark
