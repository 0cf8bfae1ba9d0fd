"""OpenVINO: the same answers as the runtimes of the base install, and kind refusals."""

import numpy as np
import pytest

from pixelwise.cards import load_cards
from pixelwise.errors import InvalidSetting, ModelError

pytest.importorskip("openvino", reason="the extra openvino is not installed")

from tests.onnx_files import OnnxFile, int_attribute, node, value_info

from pixelwise.runtimes import onnx, openvino

FILES = ("prisma_nchw.onnx", "twinlitenet.onnx", "road_segmentation_adas_0001.onnx")


@pytest.mark.models
@pytest.mark.parametrize("file", FILES)
def test_openvino_when_onnx_file_then_as_onnx_runtime(model_dir, file):
    path = model_dir / file
    session, other = openvino.load(path, threads=2), onnx.load(path, threads=2)
    (tensor,) = session.inputs
    random = np.random.default_rng(0)
    pixels = random.random([side or 1 for side in tensor.shape]).astype(np.float32)
    answers, expected = session.run({tensor.name: pixels}), other.run({tensor.name: pixels})

    assert [row.name for row in session.outputs] == [row.name for row in other.outputs]
    for answer, wanted in zip(answers, expected, strict=True):
        assert answer.shape == wanted.shape
        assert np.abs(answer - wanted).max() <= 1e-3 * max(1, np.abs(wanted).max())


@pytest.mark.models
def test_openvino_when_float_tflite_then_it_runs(model_dir):
    path = model_dir / "prisma-net.tflite"
    session = openvino.load(path, threads=2)
    assert session.buffer(session.inputs[0].name).shape == session.inputs[0].shape
    assert np.isfinite(session.run({})[0]).all()


@pytest.mark.models
def test_openvino_when_quantised_tflite_then_says_which_runtime(model_dir):
    with pytest.raises(ModelError, match="litert"):
        openvino.load(model_dir / "yolov8n_320_quant_pc_ii_seg_coco-st.tflite")


def test_openvino_when_no_such_device_then_says_what_is_there(tmp_path):
    with pytest.raises(InvalidSetting, match="cpu"):
        openvino.load(tmp_path / "a.onnx", device="npu9")


def test_openvino_when_not_a_model_then_error(tmp_path):
    path = tmp_path / "a.onnx"
    path.write_bytes(b"\x80\x04 a pickle, perhaps")
    with pytest.raises(ModelError, match="pickle"):
        openvino.load(path)


def test_openvino_when_cards_name_it_then_they_are_onnx_or_tflite():
    named = [card for card in load_cards().values() if "openvino" in card.runtimes]
    assert named
    assert all({"onnx", "litert"} & set(card.runtimes) for card in named)


def test_openvino_when_compiling_gives_tensors_more_names_then_those_of_the_file_hold(tmp_path):
    file = OnnxFile(
        nodes=[
            node("Cast", ["input"], ["cast"], int_attribute("to", 1)),  # compiled to nothing
            node("Relu", ["cast"], ["output"]),
        ],
        inputs=[value_info("input", ["n", 4, 8, 8])],
        outputs=[value_info("output", ["n", 4, 8, 8])],
    )
    session = openvino.load(file.write(tmp_path / "a.onnx"), threads=1)

    assert [tensor.name for tensor in (*session.inputs, *session.outputs)] == ["input", "output"]
    (answer,) = session.run({"input": np.full((1, 4, 8, 8), -1, np.float32)})
    assert not answer.any()
