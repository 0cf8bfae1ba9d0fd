"""Where a box will be: a Kalman filter of constant speed."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pixelwise.tracking.camera import Shift

__all__ = ["Motion"]

PLACE, SPEED = 1 / 20, 1 / 160
"""Standard deviations of place and speed in one frame, as shares of the box's sides."""

Four = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """Centre, width and height of a box, each with its speed.

    The noise of the four numbers is independent, so there are four filters of two numbers.

    Args:
        place: (4,) float64, x and y of the centre, width, height; pixels.
        speed: (4,) float64, pixels a frame.
        spread: (3, 4) float64: variance of place, covariance, variance of speed.

    Source:
        R. Kalman, 1960; the noise is that of N. Wojke et al., "Simple Online and Realtime Tracking
        with a Deep Association Metric", ICIP 2017.

    >>> motion = Motion.of(np.array([0.0, 0, 10, 10]))
    >>> for x in range(2, 42, 2):
    ...     motion = motion.ahead().seen(np.array([x, 0, x + 10.0, 10]))
    >>> motion.ahead().box.round().tolist()
    [42.0, 0.0, 52.0, 10.0]
    """

    place: Four
    speed: Four
    spread: NDArray[np.float64]

    @classmethod
    def of(cls, box: Four) -> "Motion":
        """Return the motion of a box seen once: x0 y0 x1 y1."""
        place = _measured(box)
        sides = _sides(place)
        spread = np.stack([(2 * PLACE * sides) ** 2, 0 * sides, (10 * SPEED * sides) ** 2])
        return cls(place, np.zeros(4), spread)

    @property
    def box(self) -> Four:
        """x0 y0 x1 y1, (4,) float64."""
        half = self.place[2:] / 2
        return np.concatenate([self.place[:2] - half, self.place[:2] + half])

    def ahead(self) -> "Motion":
        """Return it one frame later."""
        sides = _sides(self.place)
        place, both, speed = self.spread
        spread = np.stack(
            [
                place + 2 * both + speed + (PLACE * sides) ** 2,
                both + speed,
                speed + (SPEED * sides) ** 2,
            ]
        )
        moved = self.place + self.speed
        moved[2:] = np.maximum(moved[2:], 1)
        return Motion(moved, self.speed, spread)

    def seen(self, box: Four) -> "Motion":
        """Return it corrected by where the box was seen in this frame."""
        place, both, speed = self.spread
        trust = 1 / (place + (PLACE * _sides(self.place)) ** 2)
        gap = _measured(box) - self.place
        spread = np.stack(
            [
                place - place * place * trust,
                both - place * both * trust,
                speed - both * both * trust,
            ]
        )
        return Motion(self.place + place * trust * gap, self.speed + both * trust * gap, spread)

    def under(self, shift: Shift) -> "Motion":
        """Return it as it is seen after the camera moved."""
        growth = shift.growth
        place = _measured(shift.box(self.box))
        speed = np.concatenate([shift.turn @ self.speed[:2], self.speed[2:] * growth])
        return Motion(place, speed, self.spread * growth**2)

    def without_growth(self) -> "Motion":
        """Return it with a size that stays, for what is out of sight."""
        return replace(self, speed=self.speed * (1, 1, 0, 0))


def _measured(box: Four) -> Four:
    box = np.asarray(box, np.float64)
    return np.concatenate([(box[:2] + box[2:]) / 2, box[2:] - box[:2]])


def _sides(place: Four) -> Four:
    return np.maximum(np.tile(place[2:], 2), 1)
