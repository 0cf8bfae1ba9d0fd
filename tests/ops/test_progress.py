import numpy as np
import pytest

import pixelwise as pw
from pixelwise.ops.progress import listening, steps


def test_steps_when_nobody_listens_then_only_yields():
    assert list(steps([3, 4])) == [3, 4]


def test_listening_when_left_by_an_error_then_hears_no_more():
    heard: list[int] = []
    with pytest.raises(RuntimeError), listening(lambda done, _: heard.append(done)):
        raise RuntimeError
    list(steps([1, 2]))
    assert heard == []


@pytest.mark.parametrize(
    "name",
    ["mean-shift", "quickshift", "gaussian-mixture", "contour-hierarchy", "geodesic-contour",
     "grabcut", "random-walker"],
)  # fmt: skip
def test_long_methods_when_listened_to_then_say_how_far_they_are(name: str):
    pixels = np.full((70, 60, 3), 40, np.uint8)
    pixels[20:50, 15:45] = (200, 120, 60)
    heard: list[tuple[int, int]] = []
    with listening(lambda done, total: heard.append((done, total))):
        pw.find(name)(pw.Image(pixels))
    assert heard
    assert all(0 < done <= total for done, total in heard)
    assert [done for done, _ in heard[:2]] == list(range(1, 3))[: len(heard)]
