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
"""A marker that is lost wholly is taken to be where it was for a moment."""
FOLLOWED_S = 3.0
"""One that is half hidden is followed for so long."""
POINTS = 9
"""Points a side of a marker that are followed."""
LEAST_POINTS = 12
AGREES = 1.0
"""Pixels by which a followed point may err."""


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
    """Finds one marker in frame after frame; one that is half hidden is followed by its flow."""

    def __init__(self) -> None:
        self._detector: cv2.aruco.ArucoDetector | None = None
        self._last: tuple[Quad, NDArray[np.uint8]] | None = None
        self._seen_s = 0.0

    def __call__(self, view: View, family: Family, wanted: int | None) -> Quad | None:
        grey = np.asarray(cv2.cvtColor(view.pixels, cv2.COLOR_RGB2GRAY), np.uint8)
        found = self._detected(grey, family, wanted)
        if found is not None:
            self._seen_s = view.time_s
        elif self._last is not None and 0 <= view.time_s - self._seen_s < FOLLOWED_S:
            corners, before = self._last
            found = _followed(corners, before, grey)
            if found is None and view.time_s - self._seen_s < KEPT_S:
                return corners
        self._last = None if found is None else (found, grey)
        return found

    def _detected(self, grey: NDArray[np.uint8], family: Family, wanted: int | None) -> Quad | None:
        if self._detector is None:
            rules = cv2.aruco.DetectorParameters()
            rules.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
            book = cv2.aruco.getPredefinedDictionary(FAMILIES[family])
            self._detector = cv2.aruco.ArucoDetector(book, rules)
        corners, ids, _ = self._detector.detectMarkers(grey)
        numbers = [] if ids is None else np.asarray(ids).reshape(-1).tolist()
        for number, quad in zip(numbers, corners, strict=True):
            if wanted is None or number == wanted:
                return np.asarray(quad, np.float32).reshape(4, 2) + np.float32(0.5)
        return None


def _followed(corners: Quad, before: NDArray[np.uint8], now: NDArray[np.uint8]) -> Quad | None:
    """Return where a marker has moved, by the flow of points on it that still agree.

    A point counts whose way there and back ends where it began; what hides the marker moves
    otherwise, and is left out when the plane is fitted. None: too few points agree.
    """
    places = np.stack(np.meshgrid(*[np.linspace(0, 1, POINTS)] * 2), -1).reshape(-1, 2)
    points = on_plane(corners, places) - np.float32(0.5)
    there, good, _ = cv2.calcOpticalFlowPyrLK(before, now, points, None)
    back, also, _ = cv2.calcOpticalFlowPyrLK(now, before, there, None)
    near = np.linalg.norm(back - points, axis=1) < AGREES
    kept = near & (good.reshape(-1) > 0) & (also.reshape(-1) > 0)
    if np.count_nonzero(kept) < LEAST_POINTS:
        return None
    plane, agree = cv2.findHomography(points[kept], there[kept], cv2.RANSAC, AGREES)
    if plane is None or np.count_nonzero(agree) < LEAST_POINTS:
        return None
    moved = cv2.perspectiveTransform(corners.reshape(-1, 1, 2) - np.float32(0.5), plane)
    return np.asarray(moved, np.float32).reshape(4, 2) + np.float32(0.5)


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
