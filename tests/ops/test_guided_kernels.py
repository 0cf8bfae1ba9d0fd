"""Lines of a small picture at a large one's size: compiled and plain give the same."""

import numpy as np
import pytest

from pixelwise.ops import guided
from pixelwise.ops.compiled import COMPILED


@pytest.mark.skipif(not COMPILED, reason="the extra fast is not installed")
@pytest.mark.parametrize("sizes", [((9, 12), (45, 100)), ((7, 7), (8, 9)), ((1, 1), (5, 6))])
def test_guided_by_when_compiled_then_as_the_fallback(sizes, monkeypatch):
    small, large = sizes
    random = np.random.default_rng(0)
    grey = random.integers(0, 256, large, dtype=np.uint8)
    lines = (
        random.normal(size=(*small, 1)).astype(np.float32),
        random.random(small).astype(np.float32),
    )
    wanted = random.random(small) > 0.4
    made = []
    for compiled in (True, False):
        target = np.full(large, 0.25, np.float32)
        if compiled:
            guided.KERNELS.warm()
        else:
            monkeypatch.setattr(guided.KERNELS, "ready", lambda: None)
        guided.guided_by(grey, lines, target, wanted)
        made.append(target)

    assert np.abs(made[0] - made[1]).max() < 1e-4
    assert (made[0] == 0.25).any() or wanted.all()
