"""Street scenes from a car: classes, the way that may be driven, lanes, people and vehicles."""

from pixelwise.apps.driving.birdseye import BirdsEye
from pixelwise.apps.driving.scene import DRIVING, Driving, driving
from pixelwise.apps.driving.shares import Shares

__all__ = ["DRIVING", "BirdsEye", "Driving", "Shares", "driving"]
