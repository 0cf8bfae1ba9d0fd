"""ArUco markers: printed squares that tell where a plane is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.ar.quads import Place, Quad, on_plane
from pixelwise.apps.ar.steady import Steady
from pixelwise.apps.ar.view import View
from pixelwise.core.method import check_ranges, setting

__all__ = ["Family", "Marker", "marker_picture"]

KEPT_S = 0.2
"""A marker that is not found for a moment is taken to be where it was."""


class Family(StrEnum):
    """Families of markers: cells a side, and how many there are."""

    SMALL = "4x4-50"
    MEDIUM = "5x5-100"
    LARGE = "6x6-250"
    APRIL = "april-36h11"


FAMILIES: Mapping[Family, int] = {
    Family.SMALL: cv2.aruco.DICT_4X4_50,
    Family.MEDIUM: cv2.aruco.DICT_5X5_100,
    Family.LARGE: cv2.aruco.DICT_6X6_250,
    Family.APRIL: cv2.aruco.DICT_APRILTAG_36h11,
}


class _Finder:
    """Finds one marker in frame after frame."""

    def __init__(self) -> None:
        self._detector: cv2.aruco.ArucoDetector | None = None
        self._last: tuple[Quad, float] | None = None

    def __call__(self, view: View, family: Family, wanted: int | None) -> Quad | None:
        if self._detector is None:
            rules = cv2.aruco.DetectorParameters()
            rules.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
            book = cv2.aruco.getPredefinedDictionary(FAMILIES[family])
            self._detector = cv2.aruco.ArucoDetector(book, rules)
        corners, ids, _ = self._detector.detectMarkers(
            cv2.cvtColor(view.pixels, cv2.COLOR_RGB2GRAY)
        )
        numbers = [] if ids is None else np.asarray(ids).reshape(-1).tolist()
        for number, quad in zip(numbers, corners, strict=True):
            if wanted is None or number == wanted:
                found = np.asarray(quad, np.float32).reshape(4, 2) + np.float32(0.5)
                self._last = (found, view.time_s)
                return found
        if self._last is not None and 0 <= view.time_s - self._last[1] < KEPT_S:
            return self._last[0]
        return None


@dataclass(frozen=True, eq=False, kw_only=True)
class Marker:
    """An ArUco marker in the frame, on which the picture lies or stands.

    A marker seen on the person (held in the hand) is before the person, with what is on it; else
    both are behind.
    """

    id: int | None = setting(None, "number of the marker; none: the first that is seen", low=0)
    width: float = setting(1.0, "in sides of the marker", low=0.01, high=50)
    stands: bool = setting(default=False, doc="stand on the marker instead of lying on it")
    family: Family = setting(Family.SMALL, "which markers are looked for")
    _steady: Steady = field(default_factory=Steady, init=False, repr=False)
    _find: _Finder = field(default_factory=_Finder, init=False, repr=False)

    def __post_init__(self) -> None:
        check_ranges(self)

    def place(self, view: View, aspect: float) -> Place | None:
        """Return where the picture goes; None: there is no such marker."""
        found = self._find(view, self.family, self.id)
        if found is None:
            return None
        marker = self._steady(found, view.time_s).astype(np.float32)
        if self.stands:
            corners = _standing(marker, self.width, aspect, view.size)
        else:
            half = np.array([1.0, aspect]) * self.width / 2
            signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
            corners = on_plane(marker, 0.5 + signs * half)
        return Place(corners, is_front=_is_on_person(marker, view))


def marker_picture(number: int, side: int, family: Family = Family.SMALL) -> NDArray[np.uint8]:
    """Return a marker to print, with its white border, (side, side) uint8.

    >>> marker_picture(7, 100).shape
    (100, 100)
    """
    book = cv2.aruco.getPredefinedDictionary(FAMILIES[family])
    border = max(1, side // 8)
    made = np.full((side, side), 255, np.uint8)
    inside = side - 2 * border
    made[border:-border, border:-border] = cv2.aruco.generateImageMarker(book, number, inside)
    return made


def _standing(marker: Quad, width: float, aspect: float, size: tuple[int, int]) -> Quad:
    """Return the corners of a picture upright on the middle of a marker.

    The lens is guessed: as wide an angle as that of most cameras (about 53 degrees).
    """
    lens = np.array([[size[1], 0, size[1] / 2], [0, size[1], size[0] / 2], [0, 0, 1]], np.float64)
    half = 0.5
    flat = np.array([[-half, half, 0], [half, half, 0], [half, -half, 0], [-half, -half, 0]])
    _, turn, shift = cv2.solvePnP(
        flat, marker.astype(np.float64), lens, np.zeros(4), flags=cv2.SOLVEPNP_IPPE_SQUARE
    )
    right, high = width / 2, width * aspect
    upright = np.array([[-right, 0, high], [right, 0, high], [right, 0, 0], [-right, 0, 0]])
    made, _ = cv2.projectPoints(upright, turn, shift, lens, np.zeros(4))
    return np.asarray(made, np.float32).reshape(4, 2)


def _is_on_person(marker: Quad, view: View) -> bool:
    x, y = np.clip(marker.mean(0).astype(int), 0, np.array(view.size[::-1]) - 1)
    return bool(view.alpha[y, x] > 127)
