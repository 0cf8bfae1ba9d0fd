"""PyTorch with the real library: small random networks saved to files, end to end."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from pixelwise.cards import DecoderSpec, Fit, InputSpec, Layout, load_cards
from pixelwise.core import Image, Task
from pixelwise.errors import InvalidSetting, ModelError
from pixelwise.methods.deep.network import Network

torch = pytest.importorskip("torch", reason="the extra torch is not installed")
torchvision = pytest.importorskip("torchvision", reason="the extra torch is not installed")

from pixelwise.runtimes import torch as runtime  # noqa: E402 - after the skip

OLD = "ignore:.*torch.jit:FutureWarning"
"""Tests write TorchScript files as users have them."""

MASK_RCNN = load_cards()["mask-rcnn-resnet50-fpn-torch"]


def picture(height=96, width=120):
    return Image(np.random.default_rng(0).integers(0, 255, (height, width, 3), dtype=np.uint8))


class Brightest(torch.nn.Module):
    """Two classes: dark and bright."""

    def forward(self, pixels):
        grey = pixels.mean(dim=1, keepdim=True)
        return torch.cat([0.5 - grey, grey - 0.5], dim=1)


@pytest.mark.filterwarnings(OLD)
@pytest.mark.parametrize("kind", ["pt", "pt2"])
def test_torch_when_program_file_then_it_runs(tmp_path, kind):
    path = tmp_path / f"net.{kind}"
    sample = torch.zeros(1, 3, 64, 64)
    if kind == "pt":
        torch.jit.trace(Brightest(), sample).save(str(path))
    else:
        torch.export.save(torch.export.export(Brightest(), (sample,)), str(path))
    session = runtime.load(path, threads=1)
    pixels = np.random.default_rng(0).random((1, 3, 64, 64)).astype(np.float32)
    (answer,) = session.run({"pixels": pixels})

    assert np.allclose(answer[:, 1], pixels.mean(axis=1) - 0.5, atol=1e-6)


@pytest.mark.filterwarnings(OLD)
def test_torch_when_dense_script_then_classes_as_by_hand(tmp_path):
    path = tmp_path / "net.pt"
    torch.jit.trace(Brightest(), torch.zeros(1, 3, 64, 64)).save(str(path))
    card = replace(
        MASK_RCNN,
        task=Task.SEMANTIC,
        legend="person-2",
        decoder=DecoderSpec(),
        architecture="",
        input=InputSpec(height=64, width=64, layout=Layout.NCHW, std=(255.0,) * 3, fit=Fit.STRETCH),
    )
    image = picture(64, 64)
    labels = np.asarray(Network.load(card, path)(image).labels)

    assert np.array_equal(labels == 1, np.asarray(image.pixels).mean(axis=-1) > 127.5)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    from safetensors.torch import save_file

    torch.manual_seed(0)
    network = torchvision.models.get_model(
        MASK_RCNN.architecture.partition(":")[2], weights=None, weights_backbone=None
    )
    path = tmp_path_factory.mktemp("torch") / "mask_rcnn.safetensors"
    save_file(network.state_dict(), str(path))
    return network.eval(), path


def test_torch_when_mask_rcnn_then_torchvision_s_own_masks(weights):
    network, path = weights
    card = replace(MASK_RCNN, decoder=replace(MASK_RCNN.decoder, threshold=0.0))
    image = picture()
    found = Network.load(card, path, runtime="torch")(image)
    with torch.inference_mode():
        pixels = torch.from_numpy(np.array(image.pixels).transpose(2, 0, 1)).float() / 255
        theirs = network([pixels])[0]
    classes = np.array(card.decoder.class_ids)[theirs["labels"].numpy()]
    masks = theirs["masks"][:, 0].numpy() > 0.5
    kept = (classes >= 0) & masks.any(axis=(1, 2))

    assert len(found) == kept.sum()
    if len(found):
        order = np.argsort(-theirs["scores"].numpy()[kept], kind="stable")
        assert np.array_equal(np.asarray(found.masks), masks[kept][order])


@pytest.mark.parametrize(
    "name",
    [
        "fcn-resnet50-torch",
        "deeplab-v3-mobilenet-v3-large-torch",
        "lraspp-mobilenet-v3-large-torch",
    ],
)
def test_torch_when_torchvision_s_semantic_network_then_its_own_classes(tmp_path, name):
    from safetensors.torch import save_file

    card = load_cards()[name]
    torch.manual_seed(0)
    network = torchvision.models.get_model(
        card.architecture.partition(":")[2], weights=None, weights_backbone=None
    ).eval()
    save_file(network.state_dict(), str(tmp_path / "net.safetensors"))
    small = replace(card, input=replace(card.input, height=64))
    image = picture(64, 80)  # its shorter side is the card's already
    found = Network.load(small, tmp_path / "net.safetensors", runtime="torch", threads=2)(image)
    mean, std = (torch.tensor(row)[:, None, None] for row in (card.input.mean, card.input.std))
    pixels = torch.from_numpy(np.array(image.pixels).transpose(2, 0, 1)).float()
    with torch.inference_mode():
        theirs = network(((pixels - mean) / std)[None])["out"][0].argmax(dim=0).numpy()
    ids = card.legend_object().ids

    assert (found.labels == ids[theirs]).mean() >= 0.999


def test_torch_when_weights_are_pickled_then_refused_unless_trusted(weights, tmp_path):
    network, _ = weights
    path = tmp_path / "mask_rcnn.pth"
    torch.save(network.state_dict(), str(path))

    with pytest.raises(ModelError, match="trust_pickle"):
        runtime.build(path, MASK_RCNN.architecture)
    with pytest.raises(ModelError, match="trust_pickle"):
        runtime.load(path)
    assert runtime.build(path, MASK_RCNN.architecture, trust_pickle=True).outputs


class Trap:
    def __reduce__(self):
        return (print, ("run",))


def test_torch_when_pickle_holds_code_then_refused_even_if_trusted(tmp_path):
    path = tmp_path / "trap.pth"
    path.write_bytes(pickle.dumps({"a": Trap()}, protocol=2))
    with pytest.raises(ModelError, match="plain tensors"):
        runtime.build(path, MASK_RCNN.architecture, trust_pickle=True)


def test_torch_when_no_such_device_then_says_what_is_there(tmp_path):
    with pytest.raises(InvalidSetting, match="cpu"):
        runtime.load(tmp_path / "a.pt", device="tpu")


def test_torch_when_no_such_network_then_error(weights):
    with pytest.raises(ModelError, match="no network"):
        runtime.build(weights[1], "torchvision:nonsense")


def test_torch_when_weights_are_another_network_s_then_error(weights):
    with pytest.raises(ModelError, match="does not fit"):
        runtime.build(weights[1], "torchvision:resnet18")
