import subprocess
import sys

import numpy as np
import pytest

from pixelwise.errors import InvalidSetting, ModelError
from pixelwise.runtimes.litert import load
from pixelwise.runtimes.tflite_facts import facts_of
from pixelwise.runtimes.trial import try_model

SELFIE = "selfie_segmentation.tflite"


@pytest.fixture(scope="module")
def selfie(model_dir):
    return load(model_dir / SELFIE, threads=1)


def test_session_when_loaded_then_says_what_it_takes_and_gives(selfie):
    assert selfie.inputs[0].shape == (1, 256, 256, 3)
    assert selfie.outputs[0].shape == (1, 256, 256, 1)
    assert selfie.inputs[0].dtype == np.float32
    assert selfie.inputs[0].scale == 0


def test_session_when_quantised_then_says_scale_and_zero(model_dir):
    session = load(model_dir / "yolov8n_320_quant_pc_ii_seg_coco-st.tflite", threads=1)
    tensor = session.inputs[0]
    assert (tensor.dtype, tensor.zero) == (np.int8, -128)
    assert tensor.scale == pytest.approx(1 / 255)


def test_session_when_fed_by_name_or_through_the_buffer_then_answers_are_equal(selfie):
    pixels = np.random.default_rng(0).random((1, 256, 256, 3), np.float32)
    first = selfie.run({selfie.inputs[0].name: pixels})[0]
    selfie.buffer(selfie.inputs[0].name)[...] = pixels
    assert np.array_equal(selfie.run({})[0], first)


def test_session_when_run_again_then_earlier_answers_stay(selfie):
    name = selfie.inputs[0].name
    first = selfie.run({name: np.zeros((1, 256, 256, 3), np.float32)})[0]
    kept = first.copy()
    selfie.run({name: np.ones((1, 256, 256, 3), np.float32)})
    assert np.array_equal(first, kept)


def test_session_when_fed_nonsense_then_model_error(selfie):
    with pytest.raises(ModelError, match="failed to run"):
        selfie.run({"no such input": np.zeros(1, np.float32)})
    with pytest.raises(ModelError, match="failed to run"):
        selfie.run({selfie.inputs[0].name: np.zeros((1, 2, 2, 3), np.float32)})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html>404</html>", "web page"),
        (b"\x80\x04\x95pickle", "pickle"),
        (b"nothing that we know of at all", "none of the model formats"),
    ],
)
def test_load_when_it_is_no_model_then_says_what_it_is(tmp_path, content, said):
    path = tmp_path / "model.tflite"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=said):
        load(path, threads=1)


def test_load_when_it_is_of_the_other_runtime_then_names_both(model_dir):
    with pytest.raises(ModelError, match="'litert' but a model for the runtime 'onnx'"):
        load(model_dir / "prisma_nchw.onnx", threads=1)


def test_load_when_missing_then_model_error(tmp_path):
    with pytest.raises(ModelError, match="cannot read"):
        load(tmp_path / "gone.tflite", threads=1)


def test_load_when_the_device_is_not_there_then_says_what_is(model_dir):
    with pytest.raises(InvalidSetting, match="cpu"):
        load(model_dir / SELFIE, threads=1, device="cuda")


def test_load_when_no_thread_is_allowed_then_invalid_setting(model_dir):
    with pytest.raises(InvalidSetting, match="threads"):
        load(model_dir / SELFIE, threads=0)


def test_trial_when_the_file_is_crafted_then_only_the_child_suffers(tmp_path, model_dir):
    data = bytearray((model_dir / SELFIE).read_bytes())
    data[8:4000] = b"\xff" * 3992
    path = tmp_path / "crafted.tflite"
    path.write_bytes(data)
    with pytest.raises(ModelError, match=r"crafted\.tflite"):
        try_model("litert", path, seconds=20)


def test_load_when_it_works_then_nothing_is_written_to_stderr(model_dir):
    script = (
        "from pathlib import Path; from pixelwise.runtimes.litert import load; "
        f"load(Path({str(model_dir / SELFIE)!r})).run({{}})"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_facts_when_the_file_has_metadata_then_labels_and_normalisation(model_dir):
    facts = facts_of(model_dir / "deeplab_v3.tflite")
    assert len(facts.labels) == 21
    assert (facts.labels[15], facts.mean, facts.std) == ("person", (127.5,), (127.5,))


def test_facts_when_the_file_has_none_or_is_damaged_then_empty(tmp_path, model_dir):
    assert facts_of(model_dir / SELFIE).labels == ()
    path = tmp_path / "bad.tflite"
    for content in (b"", b"\xff" * 64, (model_dir / "deeplab_v3.tflite").read_bytes()[:5000]):
        path.write_bytes(content)
        assert facts_of(path).mean == ()
