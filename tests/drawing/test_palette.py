"""Colours of things can be told apart, by the colour-blind too."""

from itertools import combinations, pairwise

import cv2
import numpy as np
import pytest

from pixelwise.apps.satellite.rules import PRESETS
from pixelwise.core.legend import spread_colour
from pixelwise.drawing.palette import APART, ink_on

SIMULATED = {
    "deuteranopia": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "tritanopia": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}
"""What a missing cone makes of linear RGB (Machado, Oliveira, Fernandes, IEEE TVCG 15(6), 2009)."""

LEAST = 10
"""Least CIELAB distance of two colours that are told apart at a glance."""

MAPS = {
    f"{name} {number}": [rule.colour for rule in rules]
    for name, preset in PRESETS.items()
    for number, rules in enumerate(preset.variants)
}


def lab(colours, matrix):
    linear = (np.asarray(colours, np.float32) / 255) ** 2.2
    seen = np.clip(linear @ np.asarray(matrix, np.float32).T, 0, 1) ** (1 / 2.2)
    return cv2.cvtColor(seen[np.newaxis].astype(np.float32), cv2.COLOR_RGB2LAB)[0]


def nearest(colours, kind):
    seen = lab(colours, SIMULATED[kind])
    return min(np.linalg.norm(a - b) for a, b in combinations(seen, 2))


@pytest.mark.parametrize("kind", SIMULATED)
@pytest.mark.parametrize("colours", [APART, *MAPS.values()], ids=["things", *MAPS])
def test_palette_when_a_cone_is_missing_then_colours_stay_apart(colours, kind):
    assert nearest(colours, kind) > LEAST


@pytest.mark.parametrize("kind", SIMULATED)
def test_class_colours_when_a_cone_is_missing_then_neighbours_stay_apart(kind):
    colours = [spread_colour(number) for number in range(100)]
    assert min(nearest(pair, kind) for pair in pairwise(colours)) > LEAST


@pytest.mark.parametrize("colour", APART)
def test_ink_when_on_a_colour_then_readable(colour):
    def light(rgb):
        return float(((np.asarray(rgb) / 255) ** 2.2) @ (0.2126, 0.7152, 0.0722))

    one, other = sorted((light(colour), light(ink_on(colour))))
    assert (other + 0.05) / (one + 0.05) >= 4.5
