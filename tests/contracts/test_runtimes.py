"""What every row of RUNTIMES holds to; a new runtime that reads one of these files is tested here.

The same small networks are written as each kind of file: ONNX by hand, LiteRT from the models at
hand, TorchScript where torch is installed. Refusals say what is there and what to do.
"""

import pickle

import numpy as np
import pytest
from tests.onnx_files import one_node

from pixelwise.cards import load_cards
from pixelwise.catalog.finding import find
from pixelwise.catalog.listing import runtime_state
from pixelwise.core import Image
from pixelwise.errors import InvalidSetting, LicenceError, MissingExtra, ModelError
from pixelwise.runtimes import PACKAGES, RUNTIMES

NAMES = sorted(RUNTIMES)
SHAPE = (1, 3, 8, 8)
FORMATS = {
    "litert": "tflite", "onnx": "onnx", "openvino": "onnx", "torch": "pt", "meshnet": "",
    "transformers": "",
}  # fmt: skip
"""Runtime -> the kind of file that it is tried with here; folders have their own tests."""

MODEL = "prisma-net.tflite"


def loader(name):
    try:
        return RUNTIMES[name]
    except MissingExtra as missing:
        pytest.skip(str(missing))


@pytest.fixture(params=[name for name in NAMES if FORMATS.get(name)])
def runtime(request):
    return request.param


@pytest.fixture
def file(runtime, tmp_path, request):
    """A file that this runtime reads: one sigmoid, or a real network."""
    loader(runtime)
    match FORMATS[runtime]:
        case "onnx":
            return one_node("Sigmoid", SHAPE, SHAPE).write(tmp_path / "net.onnx")
        case "pt":
            torch = pytest.importorskip("torch")
            path = tmp_path / "net.pt"
            torch.jit.trace(torch.nn.Sigmoid(), torch.zeros(SHAPE)).save(str(path))
            return path
        case _:
            return request.getfixturevalue("model_dir") / MODEL


pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit")


def given(session):
    (tensor,) = session.inputs
    shape = tuple(side or other for side, other in zip(tensor.shape, SHAPE, strict=True))
    return tensor.name, np.random.default_rng(0).random(shape).astype(tensor.dtype)


def test_row_when_named_then_it_has_a_package_and_a_test_file():
    assert set(PACKAGES) == set(RUNTIMES) == set(FORMATS)


def test_session_when_run_then_outputs_as_stated_and_the_caller_s_own(runtime, file):
    session = loader(runtime)(file, threads=1)
    name, pixels = given(session)
    kept = pixels.copy()
    first = session.run({name: pixels})
    copies = [np.array(values) for values in first]
    second = session.run({name: pixels * 0.5})

    assert len(first) == len(session.outputs)
    for values, tensor in zip(first, session.outputs, strict=True):
        assert values.dtype == tensor.dtype
        assert values.ndim == len(tensor.shape)
        assert all(side in (0, own) for side, own in zip(tensor.shape, values.shape, strict=True))
    assert np.array_equal(pixels, kept)
    assert any(not np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(first, copies, strict=True))


def test_session_when_run_twice_then_the_same_answer(runtime, file):
    session = loader(runtime)(file, threads=2)
    name, pixels = given(session)
    first, second = session.run({name: pixels}), session.run({name: pixels})

    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_session_when_threads_differ_then_the_answer_is_the_same(runtime, file):
    answers = []
    for threads in (1, 2, None):
        session = loader(runtime)(file, threads=threads)
        name, pixels = given(session)
        answers.append(session.run({name: pixels})[0])

    assert np.allclose(answers[0], answers[1], atol=1e-5)
    assert np.allclose(answers[0], answers[2], atol=1e-5)


def test_session_when_onnx_or_torch_then_the_sigmoid_by_hand(runtime, file):
    if FORMATS[runtime] == "tflite":
        pytest.skip("LiteRT files cannot be written by hand; prisma is compared below")
    session = loader(runtime)(file, threads=1)
    name, pixels = given(session)

    assert np.allclose(session.run({name: pixels})[0], 1 / (1 + np.exp(-pixels)), atol=1e-6)
    assert session.device == "cpu"


def test_session_when_arrays_do_not_fit_then_error_names_the_file(runtime, file):
    if FORMATS[runtime] == "pt":
        pytest.skip("a traced network takes any size")
    session = loader(runtime)(file, threads=1)
    name, pixels = given(session)
    with pytest.raises(ModelError, match=file.name.partition(".")[0]):
        session.run({name: pixels[:, :2]})


@pytest.mark.parametrize("name", [name for name in NAMES if FORMATS.get(name)])
def test_load_when_threads_are_none_of_use_then_says_what_is_allowed(name, tmp_path):
    load = loader(name)
    path = one_node("Relu", SHAPE, SHAPE).write(tmp_path / "net.onnx")
    if name not in {"onnx", "openvino"}:
        path = tmp_path / "net.bin"
        path.write_bytes(b"\0\0\0\0TFL3" + bytes(64))
    with pytest.raises((InvalidSetting, ModelError)) as caught:
        load(path, threads=0)
    assert "1 or more" in str(caught.value) or "net" in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_load_when_no_such_device_then_says_what_is_there(name, tmp_path):
    with pytest.raises(InvalidSetting, match="cpu"):
        loader(name)(tmp_path / "a.onnx", device="abacus")


@pytest.mark.parametrize("name", [name for name in NAMES if FORMATS[name]])
@pytest.mark.parametrize(
    "content",
    [b"", b"<!doctype html><html>not found</html>", pickle.dumps([1, 2, 3]), b"\1" * 200],
    ids=["empty", "page", "pickle", "noise"],
)
def test_load_when_file_is_no_model_then_error_names_it(name, content, tmp_path):
    path = tmp_path / "odd.bin"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"odd\.bin"):
        loader(name)(path, threads=1)


@pytest.mark.parametrize("name", NAMES)
def test_load_when_file_is_absent_then_model_error(name, tmp_path):
    with pytest.raises(ModelError):
        loader(name)(tmp_path / "no" / "such.onnx", threads=1)


@pytest.mark.models
def test_runtimes_when_one_network_in_two_formats_then_one_answer(model_dir):
    """prisma as LiteRT and as ONNX, on every runtime that is here."""
    files = {"prisma-net.tflite": ("litert", "openvino"), "prisma_nchw.onnx": ("onnx", "openvino")}
    pixels = np.random.default_rng(0).random((1, 256, 256, 3)).astype(np.float32)
    answers = []
    for file, names in files.items():
        for name in names:
            if runtime_state(name) is not None:
                continue
            session = RUNTIMES[name](model_dir / file, threads=2)
            fed = pixels if file.endswith("tflite") else np.moveaxis(pixels, -1, 1).copy()
            answers.append(session.run({session.inputs[0].name: fed})[0].reshape(-1))

    assert len(answers) >= 2
    for answer in answers[1:]:
        assert np.abs(answer - answers[0]).max() < 1e-4


@pytest.mark.models
@pytest.mark.parametrize("card", ["sinet", "deeplab-v3", "road-adas"])
def test_cards_when_run_on_each_of_their_runtimes_then_one_result(card, model_dir, monkeypatch):
    monkeypatch.setenv("PIXELWISE_MODEL_PATH", str(model_dir))
    image = Image(np.random.default_rng(1).integers(0, 255, (90, 120, 3), dtype=np.uint8))
    names = [name for name in load_cards()[card].runtimes if runtime_state(name) is None]
    results = [find(card, runtime=name, threads=2)(image) for name in names]

    assert [result.provenance.runtime for result in results] == names
    for result in results[1:]:
        assert (np.asarray(result) == np.asarray(results[0])).mean() >= 0.999


def test_find_when_licence_forbids_then_says_how_to_go_on(model_dir, monkeypatch):
    monkeypatch.setenv("PIXELWISE_MODEL_PATH", str(model_dir))
    with pytest.raises(LicenceError, match="leave --commercial out"):
        find("yolov8n-seg-320", commercial=True)


@pytest.mark.parametrize("name", sorted({name for name in RUNTIMES if RUNTIMES.extra_of(name)}))
def test_row_when_extra_is_missing_then_the_pip_line(name):
    state = runtime_state(name)
    if state is None:
        pytest.skip(f"{name} is installed")
    with pytest.raises(MissingExtra, match=r"pip install 'pixelwise\["):
        _ = RUNTIMES[name]
    assert "pip install" in state
