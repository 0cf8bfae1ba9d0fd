"""Networks asked in mirrors: each answer is turned back before the mean is taken."""

from dataclasses import replace

import numpy as np
import pytest
from tests.onnx_files import FLOAT, OnnxFile, constant, node, value_info

import pixelwise as pw
from pixelwise.cards import Card
from pixelwise.errors import InvalidSetting
from pixelwise.methods.deep.mirrors import in_mirrors
from pixelwise.methods.deep.network import Network
from pixelwise.runtimes import RUNTIMES

GREY = {"layout": "NCHW", "channels": "grey", "mean": [0.0], "std": [1.0]}
RAMP = np.outer([1, 1, 1, 1], [0, 2, 4, 6]).astype(np.float32)


def file_of(path, added):
    """Write a network that adds a constant (1, C, 4, 4) to its picture."""
    shape = (1, *added.shape)
    model = OnnxFile(
        nodes=[node("Add", ["x", "ramp"], ["y"])],
        inputs=[value_info("x", shape)],
        outputs=[value_info("y", shape)],
        tensors=[constant("ramp", added.tobytes(), shape, FLOAT)],
    )
    return model.write(path)


def card(**changes):
    table = {
        "task": "foreground",
        "legend": "person-2",
        "runtimes": ["onnx"],
        "sources": [{"file": "ramp.onnx"}],
        "input": {**GREY, "height": 4, "width": 4},
        "decoder": {"holds": "logit"},
    }
    return Card.read("ramp", {**table, **changes})


@pytest.fixture
def ramp(tmp_path):
    return file_of(tmp_path / "ramp.onnx", RAMP[np.newaxis])


def session_of(path):
    return RUNTIMES["onnx"](path, threads=1, device="cpu")


@pytest.mark.parametrize(
    ("axes", "added"),
    [((), RAMP), ((0,), RAMP), ((1,), np.full((4, 4), 3)), ((0, 1), np.full((4, 4), 3))],
)
def test_session_when_mirrored_then_the_mean_of_answers_turned_back(axes, added, ramp):
    session = in_mirrors(session_of(ramp), card(), axes)
    pixels = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4)
    (fed,) = session.run({"x": pixels})
    assert fed[0, 0] == pytest.approx(pixels[0, 0] + added)
    session.buffer("x")[...] = pixels
    (read,) = session.run({})
    assert np.array_equal(read, fed)
    assert np.array_equal(session.buffer("x"), pixels)


def test_session_when_it_answers_flows_then_those_along_the_axis_change_their_sign(tmp_path):
    shape = (1, 4, 4, 4)
    flows = np.zeros(shape[1:], np.float32)
    flows[2], flows[3] = 1, 5  # down, right; a mirror image of the picture would say -1, -5
    path = file_of(tmp_path / "flows.onnx", flows)
    cells = {"classes": ["background", "cell"], "things": ["cell"]}
    of_cells = card(
        task="instance",
        legend=cells,
        input={"fit": "free", "layout": "NCHW"},
        decoder={"name": "flows"},
    )
    pixels = {"x": np.zeros(shape, np.float32)}
    (across,) = in_mirrors(session_of(path), of_cells, (1,)).run(pixels)
    assert (across[0, 2] == 1).all()
    assert (across[0, 3] == 0).all()
    (both,) = in_mirrors(session_of(path), of_cells, (0, 1)).run(pixels)
    assert not both[0, 2:].any()


def test_network_when_mirrored_then_the_result_and_its_provenance_tell(ramp):
    dark = pw.Image(np.zeros((4, 4), np.uint8))
    plain = Network.load(card(), ramp)(dark)
    mirrored = replace(Network.load(card(), ramp), mirror=(1,))(dark)
    assert np.asarray(plain.alpha)[0, 0] == pytest.approx(0.5)
    assert np.asarray(mirrored.alpha) == pytest.approx(1 / (1 + np.exp(-3)))
    assert mirrored.provenance.notes == ("Mean of 2 runs, mirrored along the axes 1.",)


def test_mirror_when_it_does_not_fit_then_refused_with_the_reason(ramp):
    session = session_of(ramp)
    with pytest.raises(InvalidSetting, match="axes 0 to 1"):
        in_mirrors(session, card(), (2,))
    with pytest.raises(InvalidSetting, match="axes 0 to 1"):
        in_mirrors(session, card(), (1, 1))
    with pytest.raises(InvalidSetting, match="each pixel"):
        in_mirrors(session, card(decoder={"holds": "ids"}), (1,))
    with pytest.raises(InvalidSetting, match="averaged"):
        pw.find("nuclei-mask-rcnn", mirror="0,1")


def any_of(result):
    return np.any(np.stack(list(result.masks)), axis=0)


def test_network_when_mirrored_then_a_mirrored_picture_gives_the_mirrored_result():
    rows, columns = np.mgrid[:64, :96]
    cells = (np.hypot(rows - 30, columns - 30) < 12) | (np.hypot(rows - 34, columns - 68) < 10)
    pixels = np.where(cells, 190, 30).astype(np.uint8)
    network = pw.find("nuclei-unet", mirror="1")
    one, other = (
        network(pw.Image(np.ascontiguousarray(side))) for side in (pixels, pixels[:, ::-1])
    )
    assert len(one) == len(other) == 2
    assert np.array_equal(any_of(one), any_of(other)[:, ::-1])
