"""Places that neither tremble nor lag behind."""

from math import tau
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Steady"]

CALM_HZ = 1.2
"""Cut-off of what does not move: lower trembles less."""
EAGER = 0.02
"""What a pixel a second of speed adds to the cut-off: higher lags less."""
SPEED_HZ = 1.0
"""Cut-off of the speed itself."""
USUAL_S = 1 / 30
FORGET_S = 0.5
"""After a gap of so long the place is new."""


class Steady:
    """Smooths places: much while they rest, little while they move.

    Source:
        G. Casiez et al., "1 Euro Filter", CHI 2012. Own code.

    >>> steady = Steady()
    >>> steady(np.zeros(2), 0.0).tolist(), bool(0 < steady(np.full(2, 9.0), 0.03)[0] < 9)
    ([0.0, 0.0], True)
    """

    def __init__(self) -> None:
        self._place: NDArray[np.float64] | None = None
        self._speed: NDArray[np.float64] = np.zeros(1)
        self._time_s = 0.0

    def __call__(self, rough: NDArray[Any], time_s: float) -> NDArray[np.float64]:
        """Return the smoothed place, of any shape, at a time in seconds."""
        place: NDArray[np.float64] = np.asarray(rough, np.float64)
        passed = time_s - self._time_s
        self._time_s = time_s
        if self._place is None or self._place.shape != place.shape or not 0 <= passed < FORGET_S:
            self._place, self._speed = place, np.zeros_like(place)
            return place
        passed = passed or USUAL_S
        speed = (place - self._place) / passed
        self._speed = self._speed + (speed - self._speed) * _share(SPEED_HZ, passed)
        # One cut-off for the whole shape: its corners must not lag one by one.
        fastest = float(np.abs(self._speed).max())
        share = _share(CALM_HZ + EAGER * fastest, passed)
        self._place = self._place + (place - self._place) * share
        return self._place


def _share(cut_off_hz: float, passed_s: float) -> float:
    return 1 / (1 + 1 / (tau * cut_off_hz * passed_s))
