import struct

import numpy as np
import pytest
from tests.onnx_files import (
    BOOL,
    INT64,
    OnnxFile,
    constant,
    external,
    graph_attribute,
    node,
    one_node,
    value_info,
)

from pixelwise.errors import InvalidSetting, ModelError
from pixelwise.runtimes import RUNTIMES
from pixelwise.runtimes.onnx import load
from pixelwise.runtimes.trial import try_model


def test_session_when_run_then_gives_what_the_operation_gives(tmp_path):
    path = one_node("Relu", (1, 2), (1, 2)).write(tmp_path / "relu.onnx")
    session = RUNTIMES["onnx"](path, threads=1, device="cpu")
    assert session.inputs[0].name == "x"
    assert session.inputs[0].shape == (1, 2)
    assert session.inputs[0].dtype == np.float32
    assert session.run({"x": np.float32([[-1, 2]])})[0].tolist() == [[0, 2]]


def test_session_when_fed_through_the_buffer_then_gives_the_same(tmp_path):
    session = load(one_node("Relu", (1, 2), (1, 2)).write(tmp_path / "relu.onnx"), threads=1)
    session.buffer("x")[...] = [[3, -4]]
    first = session.run({})[0]
    session.buffer("x")[...] = 7
    assert first.tolist() == [[3, 0]], "answers belong to the caller"


def test_session_when_a_side_is_open_then_it_is_zero_and_any_size_runs(tmp_path):
    session = load(one_node("Relu", (1, "n"), (1, "n")).write(tmp_path / "open.onnx"), threads=1)
    assert session.inputs[0].shape == (1, 0)
    assert session.run({"x": np.ones((1, 5), np.float32)})[0].shape == (1, 5)


def test_session_when_fed_a_wrong_shape_then_model_error(tmp_path):
    session = load(one_node("Relu", (1, 2), (1, 2)).write(tmp_path / "relu.onnx"), threads=1)
    with pytest.raises(ModelError, match="failed to run"):
        session.run({"x": np.ones((1, 3), np.float32)})


@pytest.mark.parametrize("location", ["../../etc/passwd", "/etc/passwd", "weights.bin"])
def test_load_when_weights_lie_in_another_file_then_refused(tmp_path, location):
    model = OnnxFile(
        nodes=[node("Add", ["x", "w"], ["y"])],
        inputs=[value_info("x", (1,))],
        outputs=[value_info("y", (1,))],
        tensors=[external("w", location)],
    )
    (tmp_path / "weights.bin").write_bytes(struct.pack("<f", 1))
    with pytest.raises(ModelError, match="other files"):
        load(model.write(tmp_path / "outside.onnx"), threads=1)


def test_load_when_weights_hide_in_a_constant_node_then_refused(tmp_path):
    tensor = external("w", "weights.bin")
    attribute = b"\x0a\x05value" + b"\x2a" + bytes([len(tensor)]) + tensor + b"\xa0\x01\x04"
    model = OnnxFile(
        nodes=[node("Constant", [], ["w"], attribute), node("Add", ["x", "w"], ["y"])],
        inputs=[value_info("x", (1,))],
        outputs=[value_info("y", (1,))],
    )
    with pytest.raises(ModelError, match=r"weights\.bin"):
        load(model.write(tmp_path / "hidden.onnx"), threads=1)


def test_load_when_the_operation_is_unknown_then_the_error_names_it(tmp_path):
    path = one_node("Frobnicate", (1,), (1,)).write(tmp_path / "unknown.onnx")
    with pytest.raises(ModelError, match="Frobnicate"):
        load(path, threads=1)


def test_load_when_the_operation_is_of_a_custom_library_then_the_error_names_it(tmp_path):
    model = OnnxFile(
        nodes=[node("Magic", ["x"], ["y"], domain="my.library")],
        inputs=[value_info("x", (1,))],
        outputs=[value_info("y", (1,))],
        domains={"my.library": 1},
    )
    with pytest.raises(ModelError, match=r"my\.library"):
        load(model.write(tmp_path / "custom.onnx"), threads=1)


def test_load_when_the_opset_is_from_the_future_then_the_error_names_it(tmp_path):
    model = OnnxFile(
        nodes=[node("Relu", ["x"], ["y"])],
        inputs=[value_info("x", (1,))],
        outputs=[value_info("y", (1,))],
        opset=99,
    )
    with pytest.raises(ModelError, match="99"):
        load(model.write(tmp_path / "future.onnx"), threads=1)


def test_load_when_cut_short_then_model_error(tmp_path):
    data = one_node("Relu", (1, 2), (1, 2)).data
    for length in range(len(data)):
        path = tmp_path / "cut.onnx"
        path.write_bytes(data[:length])
        with pytest.raises(ModelError):
            load(path, threads=1)


def test_load_when_the_device_is_not_there_then_says_what_is(tmp_path):
    path = one_node("Relu", (1,), (1,)).write(tmp_path / "relu.onnx")
    with pytest.raises(InvalidSetting, match="cpu"):
        load(path, threads=1, device="tpu")


def test_trial_when_the_model_loops_for_ages_then_killed_at_the_deadline(tmp_path):
    body = OnnxFile(
        nodes=[node("Identity", ["keep"], ["go"]), node("Sin", ["value"], ["next"])],
        inputs=[
            value_info("turn", (), INT64),
            value_info("keep", (), BOOL),
            value_info("value", (1,)),
        ],
        outputs=[value_info("go", (), BOOL), value_info("next", (1,))],
    )
    model = OnnxFile(
        nodes=[node("Loop", ["turns", "", "x"], ["y"], graph_attribute("body", body.graph))],
        inputs=[value_info("x", (1,))],
        outputs=[value_info("y", (1,))],
        tensors=[constant("turns", struct.pack("<q", 10**12), (), INT64)],
    )
    with pytest.raises(ModelError, match="within 4 s"):
        try_model("onnx", model.write(tmp_path / "loop.onnx"), seconds=4)


def test_trial_when_the_model_is_sound_then_passes(tmp_path):
    try_model("onnx", one_node("Relu", (1, 2), (1, 2)).write(tmp_path / "relu.onnx"))


def test_trial_when_the_model_is_refused_then_the_reason_comes_back(tmp_path):
    path = one_node("Frobnicate", (1,), (1,)).write(tmp_path / "unknown.onnx")
    with pytest.raises(ModelError, match="Frobnicate"):
        try_model("onnx", path)
