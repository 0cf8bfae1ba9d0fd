import numpy as np
import pytest

from pixelwise.ops import cells


@pytest.mark.parametrize("compiled", [True, False])
def test_cells_when_counted_then_as_a_plain_loop(compiled, monkeypatch):
    monkeypatch.setattr(cells, "COMPILED", compiled and cells.COMPILED)
    labels = np.random.default_rng(0).integers(0, 6, (23, 31)).astype(np.uint16)

    counts = cells.cell_counts(labels, 8, 4)

    for row, column in np.ndindex(counts.shape[:2]):
        part = labels[row * 8 : row * 8 + 8, column * 8 : column * 8 + 8]
        assert counts[row, column].tolist() == [(part == n).sum() for n in range(4)]
