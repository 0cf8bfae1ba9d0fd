"""Whole roads through a tiny network whose answer is known: what goes in comes out."""

import pickle
from dataclasses import replace
from threading import Thread

import numpy as np
import pytest
from tests.onnx_files import OnnxFile, int_attribute, node, one_node, value_info

from pixelwise.cards import (
    Card,
    Channels,
    DecoderSpec,
    Fit,
    Holds,
    InputSpec,
    Layout,
    Licence,
    LocalSource,
)
from pixelwise.catalog.finding import find
from pixelwise.core import Image, Legend, Space, Task
from pixelwise.errors import InputError, ModelError, UnknownName
from pixelwise.methods.deep.bare import card_of_file
from pixelwise.methods.deep.network import Network
from pixelwise.ops.compiled import COMPILED

SIDE = 8


def card(**changes):
    made = Card(
        name="echo",
        task=Task.FOREGROUND,
        legend="person-2",
        runtimes=("onnx",),
        input=InputSpec(
            height=SIDE,
            width=SIDE,
            layout=Layout.NCHW,
            channels=Channels.GREY,
            mean=(0.0,),
            std=(255.0,),
            fit=Fit.STRETCH,
        ),
        decoder=DecoderSpec(holds=Holds.PROBABILITY),
        sources=(LocalSource(file="echo.onnx"),),
        licence=Licence(),
    )
    return replace(made, **changes)


@pytest.fixture(scope="module")
def echo(tmp_path_factory):
    """A network that answers with its input."""
    shape = (1, 1, SIDE, SIDE)
    path = tmp_path_factory.mktemp("models") / "echo.onnx"
    return one_node("Identity", shape, shape).write(path)


def bright_square(size=(80, 120)):
    pixels = np.zeros(size, np.uint8)
    pixels[20:60, 30:90] = 255
    return pixels


def test_network_when_called_then_mask_and_alpha_have_the_pictures_size(echo):
    result = Network.load(card(), echo)(Image(bright_square()))
    assert result.size == (80, 120)
    assert result.alpha.shape == (80, 120)
    truth = bright_square() > 0
    assert np.count_nonzero(result.mask != truth) < 0.02 * truth.size
    assert np.count_nonzero((result.alpha > 0.5) != result.mask) == 0


def test_network_when_called_then_provenance_says_how(echo):
    space = Space((0.5, 0.5))
    result = Network.load(card(), echo)(Image(bright_square(), space, notes=("truncated",)))
    made = result.provenance
    assert (made.method, made.model, made.runtime, made.device) == ("dense", "echo", "onnx", "cpu")
    assert len(made.model_sha256) == 64
    assert set(made.seconds) == {"prepare", "infer", "decode"}
    assert made.notes == ("truncated",)
    assert result.space == space


def test_network_when_nothing_is_there_then_the_answer_stays_empty(echo):
    result = Network.load(card(), echo)(Image(np.zeros((30, 40), np.uint8)))
    assert result.is_empty
    assert result.alpha.max() == 0


def test_network_when_called_twice_then_equal_answers_and_an_untouched_picture(echo):
    network, pixels = Network.load(card(), echo), bright_square()
    first, second = network(Image(pixels)), network(Image(pixels))
    assert np.array_equal(first.mask, second.mask)
    assert np.array_equal(pixels, bright_square())
    kept = first.mask.copy()
    network(Image(255 - pixels))
    assert np.array_equal(first.mask, kept)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (3, 2, 3), (5, 4, 4), (6, 6, 2)])
def test_network_when_the_picture_is_tiny_or_of_other_channels_then_answered(echo, shape):
    result = Network.load(card(), echo)(Image(np.full(shape, 255, np.uint8)))
    assert result.mask.all()
    assert result.size == shape[:2]


@pytest.mark.parametrize("dtype", [np.uint16, np.float32, bool])
def test_network_when_the_picture_has_another_dtype_then_the_same_mask(echo, dtype):
    network, pixels = Network.load(card(), echo), bright_square()
    scale = np.iinfo(dtype).max if dtype == np.uint16 else 1
    other = ((pixels > 0) * scale).astype(dtype)
    assert np.array_equal(network(Image(other)).mask, network(Image(pixels)).mask)


def test_network_when_given_a_volume_then_refused(echo):
    with pytest.raises(InputError, match="slice"):
        Network.load(card(), echo)(Image.volume(np.zeros((2, 8, 8))))


def test_network_when_the_card_is_of_another_model_then_refused(echo):
    other = card(input=replace(card().input, height=16))
    with pytest.raises(ModelError, match="another model"):
        Network.load(other, echo)


def test_network_when_the_runtime_is_unknown_then_says_so(echo):
    with pytest.raises(UnknownName, match="runtime"):
        Network.load(card(), echo, runtime="abacus")


def test_network_when_pickled_then_loads_again_and_answers_equally(echo):
    network = Network.load(card(), echo)
    twin = pickle.loads(pickle.dumps(network))
    image = Image(bright_square())
    assert np.array_equal(twin(image).mask, network(image).mask)


@pytest.mark.parametrize("threads", [1, 3])
def test_network_when_several_threads_call_then_each_gets_its_own_answer(echo, threads):
    network = Network.load(card(), echo, threads=threads).side_by_side()
    assert (network.threads, network.sessions) == (1, threads)
    pictures = [np.full((20, 20), level, np.uint8) for level in (0, 255)]
    wrong = []

    def work(pixels):
        found = [network(Image(pixels)).mask.any() for _ in range(30)]
        wrong.extend(answer for answer in found if answer != pixels.any())

    callers = [Thread(target=work, args=(pixels,)) for pixels in pictures * 2]
    for one in callers:
        one.start()
    for one in callers:
        one.join()
    assert not wrong


def test_network_when_warmed_then_equal_answers(echo):
    image = Image(bright_square())
    plain = Network.load(card(), echo)(image)
    warm = Network.load(card(), echo).warm()(image)
    assert COMPILED in (True, False)
    assert np.array_equal(plain.mask, warm.mask)


def test_letterbox_when_the_picture_is_wide_then_the_answer_fits_it_exactly(echo):
    fitted = card(input=replace(card().input, fit=Fit.LETTERBOX, pad=255))
    pixels = bright_square((80, 160))
    result = Network.load(fitted, echo)(Image(pixels))
    assert result.size == (80, 160)
    rows, columns = np.nonzero(result.mask)
    assert abs(rows.min() - 20) <= 12
    assert abs(columns.max() - 90) <= 12
    assert not result.mask[-5:].any(), "the padding is bright, and must not come back"


@pytest.mark.parametrize("operation", ["Log", "Reciprocal"])
def test_network_when_the_model_answers_nan_or_infinity_then_model_error(tmp_path, operation):
    shape = (1, 1, SIDE, SIDE)
    path = one_node(operation, shape, shape).write(tmp_path / "bad.onnx")
    with pytest.raises(ModelError, match="NaN or infinity"):
        Network.load(card(), path)(Image(np.zeros((9, 9), np.uint8)))


def test_network_when_the_answer_has_too_few_axes_then_model_error(tmp_path):
    flat = one_node("Flatten", (1, 1, SIDE, SIDE), (1, SIDE * SIDE), int_attribute("axis", 1))
    network = Network.load(card(), flat.write(tmp_path / "flat.onnx"))
    with pytest.raises(ModelError, match="answered"):
        network(Image(bright_square()))


def test_network_when_the_flat_answer_has_a_shape_in_its_card_then_understood(tmp_path, echo):
    flat = one_node("Flatten", (1, 1, SIDE, SIDE), (1, SIDE * SIDE), int_attribute("axis", 1))
    spec = DecoderSpec(holds=Holds.PROBABILITY, shape=(1, 1, SIDE, SIDE))
    network = Network.load(card(decoder=spec), flat.write(tmp_path / "flat.onnx"))
    image = Image(bright_square())
    assert np.array_equal(network(image).mask, Network.load(card(), echo)(image).mask)


def test_network_when_the_card_names_a_missing_output_then_model_error(echo):
    spec = DecoderSpec(holds=Holds.PROBABILITY, tensors=("nowhere",))
    with pytest.raises(ModelError, match="'nowhere'; it has: y"):
        Network.load(card(decoder=spec), echo)


def test_bare_file_when_it_is_a_dense_network_then_works_without_a_card(tmp_path):
    model = OnnxFile(
        nodes=[node("Identity", ["x"], ["y"])],
        inputs=[value_info("x", (1, 3, SIDE, SIDE))],
        outputs=[value_info("y", (1, 3, SIDE, SIDE))],
    )
    path = model.write(tmp_path / "My Net.onnx")
    network = Network.load(card_of_file(path), path)
    assert network.name == "my-net-onnx"
    pixels = np.zeros((10, 12, 3), np.uint8)
    pixels[..., 2] = 200
    result = network(Image(pixels))
    assert isinstance(result.legend, Legend)
    assert (result.labels == 2).all()


def test_bare_file_when_it_is_no_dense_network_then_says_what_it_is(tmp_path, echo):
    with pytest.raises(ModelError, match="not one RGB picture"):
        card_of_file(echo)
    text = tmp_path / "notes.onnx"
    text.write_text("<html>not found</html>")
    with pytest.raises(ModelError, match="web page"):
        card_of_file(text)


def test_network_when_the_card_wants_tiles_then_large_pictures_are_cut(echo):
    tiles = replace(card().input, fit=Fit.TILES)
    network = Network.load(card(input=tiles), echo)
    levels = np.random.default_rng(1).integers(0, 256, (21, 30)).astype(np.uint8)
    small, large = Image(levels[:8, :8]), Image(levels)

    assert np.array_equal(network(large).mask, levels > 127)
    assert np.array_equal(network(small).mask, levels[:8, :8] > 127)
    assert "tiles of 8x8" in network(large).provenance.notes[-1]
    assert network(large).provenance.model == "echo"


@pytest.mark.models
@pytest.mark.parametrize("name", ["prisma-onnx", "sinet"])
def test_many_when_several_pictures_then_as_one_by_one(name, model_dir, monkeypatch):
    """prisma takes batches, SINet one picture at a time."""
    monkeypatch.setenv("PIXELWISE_MODEL_PATH", str(model_dir))
    network = find(name, threads=2)
    random = np.random.default_rng(0)
    sizes = ((40, 60), (90, 50), (40, 60))
    images = [Image(random.integers(0, 255, (*size, 3), dtype=np.uint8)) for size in sizes]
    runs = []
    session = network._loaded.session
    monkeypatch.setattr(type(session), "run", counted(type(session).run, runs), raising=True)
    together = network.many(images)
    count = len(runs)

    assert count == (1 if name == "prisma-onnx" else 3)
    for image, result in zip(images, together, strict=True):
        assert result.size == image.size
        assert np.abs(result.alpha - network(image).alpha).max() < 1e-5


def counted(run, runs):
    def counting(self, feeds):
        runs.append(feeds)
        return run(self, feeds)

    return counting


def test_many_when_no_picture_then_nothing(model_dir, monkeypatch):
    monkeypatch.setenv("PIXELWISE_MODEL_PATH", str(model_dir))
    assert find("prisma-onnx").many([]) == []
