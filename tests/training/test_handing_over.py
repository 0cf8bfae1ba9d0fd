"""Networks of torch cards become files by their name, compared with torch on pictures."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
import torchvision
from safetensors.torch import save_file

import pixelwise as pw
from pixelwise.cards.deck import load_cards
from pixelwise.cards.installing import install_card
from pixelwise.errors import InputError, UsageError
from pixelwise.training.handing_over import export_model, withdraw


@pytest.fixture
def own(tmp_path):
    """A card of the user's own with torchvision's network, its weights drawn."""
    card = load_cards()["lraspp-mobilenet-v3-large-torch"]
    torch.manual_seed(0)
    network = torchvision.models.get_model(
        card.architecture.partition(":")[2], weights=None, weights_backbone=None
    )
    path = tmp_path / "own.safetensors"
    save_file(network.state_dict(), str(path))
    install_card(replace(card, name="own-lraspp", input=replace(card.input, height=64)), path)
    return "own-lraspp"


def test_export_when_a_torch_card_is_named_then_an_onnx_file_that_answers_alike(
    own, folder, tmp_path, monkeypatch
):
    made = export_model(own, ["onnx"], folder / "images", tmp_path / "out", 2)
    assert made["onnx"].path.name == "own-lraspp.onnx"
    assert made["onnx"].proof.pictures == 2
    assert made["onnx"].proof.agreement > 0.9
    monkeypatch.setenv("PIXELWISE_CARDS", str(tmp_path / "out"))
    picture = pw.read(folder / "images" / "p00.png")
    theirs, ours = (pw.find(name)(picture) for name in (own, "own-lraspp-onnx"))
    assert (theirs.labels == ours.labels).mean() > 0.9
    assert ours.provenance.runtime == "onnx"


@pytest.mark.parametrize("make", ["segformer", "mask2former"])
def test_export_when_a_folder_of_transformers_then_an_onnx_file_that_answers_alike(
    make, folder, tmp_path, monkeypatch
):
    networks = pytest.importorskip("tests.runtimes.small_networks")
    networks.saved(getattr(networks, make)(), tmp_path / "net")
    feeding = {"do_resize": True, "size": {"height": 64, "width": 64}, "do_rescale": True}
    (tmp_path / "net" / "preprocessor_config.json").write_text(json.dumps(feeding))
    made = export_model(str(tmp_path / "net"), ["onnx"], folder / "images", tmp_path / "out", 2)
    monkeypatch.setenv("PIXELWISE_CARDS", str(tmp_path / "out"))
    picture = pw.read(folder / "images" / "p00.png")
    theirs, ours = (pw.find(name)(picture) for name in (str(tmp_path / "net"), "net-onnx"))

    assert made["onnx"].proof.holds, made["onnx"].proof.line
    assert (np.asarray(theirs) == np.asarray(ours)).mean() > 0.99
    assert ours.provenance.runtime == "onnx"


def test_export_when_refused_then_nothing_of_it_stays(own, folder, tmp_path):
    made = export_model(own, ["onnx", "openvino"], folder / "images", tmp_path / "out", 1)
    for form, one in made.items():
        withdraw(form, one)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["proof.json"]


def test_export_when_it_cannot_be_then_the_reason(folder, tmp_path):
    with pytest.raises(UsageError, match="not in torch"):
        export_model("nuclei-unet", ["onnx"], folder / "images", tmp_path / "out", 2)
    (tmp_path / "none").mkdir()
    with pytest.raises(InputError, match="no pictures"):
        export_model("nuclei-unet", ["onnx"], tmp_path / "none", tmp_path / "out", 2)
    with pytest.raises(UsageError, match="no folder of a training"):
        export_model(str(folder), ["onnx"], folder / "images", tmp_path / "out", 2)
