"""What is written beside zones and lines stays in the picture."""

import numpy as np
import pytest

from pixelwise.core import Foreground, Image
from pixelwise.drawing.trails import Marks, Trails

SIZE = (120, 200)
FRAME, NOTHING = Image(np.zeros((*SIZE, 3), np.uint8)), Foreground(np.zeros(SIZE, bool))


@pytest.mark.parametrize("corner", [(0, 0), (199, 0), (0, 119), (199, 119), (-30, 60), (100, 300)])
def test_trails_when_a_zone_begins_at_the_edge_then_its_name_is_in_the_picture(corner):
    marks = [Marks(name, (corner, corner), is_closed=False) for name in ("", "door to the yard")]
    bare, named = (Trails(marks=[mark])(FRAME, NOTHING).pixels for mark in marks)
    assert np.count_nonzero(named.any(-1)) > np.count_nonzero(bare.any(-1)) + 200


def test_trails_when_two_zones_begin_together_then_both_names_are_there():
    mark = Marks("door", ((60, 60), (90, 60)), is_closed=False)
    once, twice = (Trails(marks=[mark] * count)(FRAME, NOTHING).pixels for count in (1, 2))
    assert np.count_nonzero(twice.any(-1)) > 1.5 * np.count_nonzero(once.any(-1))
