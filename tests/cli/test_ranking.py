import numpy as np

from pixelwise.core import Image
from pixelwise.io.files import write


def test_segment_when_uncertain_then_pictures_ranked_and_nothing_written(pixelwise, tmp_path):
    ys, xs = np.mgrid[:96, :96]
    clear = np.where(np.hypot(ys - 48, xs - 48) < 16, 200, 10).astype(np.uint8)
    noise = np.random.default_rng(0).integers(0, 255, (96, 96)).astype(np.uint8)
    for name, values in (("clear", clear), ("noise", noise)):
        write(tmp_path / f"{name}.png", Image(values))
    before = sorted(tmp_path.iterdir())
    done = pixelwise(
        "segment", "clear.png", "noise.png", "--model", "nuclei-fcn", "--uncertain", "--json"
    )
    assert done.code == 0, done.err
    rows = done.lines
    assert [row["input"] for row in rows] == ["noise.png", "clear.png"]
    assert 1 >= rows[0]["uncertainty"] > rows[1]["uncertainty"] >= 0
    assert sorted(tmp_path.iterdir()) == before
    plain = pixelwise("segment", "clear.png", "--method", "canny", "--uncertain")
    assert plain.code != 0
    assert "no probabilities" in plain.err
