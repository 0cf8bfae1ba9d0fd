"""Networks of torch cards become files by their name, compared with torch on pictures."""

from dataclasses import replace

import pytest
import torch
import torchvision
from safetensors.torch import save_file

import pixelwise as pw
from pixelwise.cards.deck import load_cards
from pixelwise.cards.installing import install_card
from pixelwise.errors import InputError, UsageError
from pixelwise.training.handing_over import export_model


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


def test_export_when_it_cannot_be_then_the_reason(folder, tmp_path):
    with pytest.raises(UsageError, match="not in torch"):
        export_model("nuclei-unet", ["onnx"], folder / "images", tmp_path / "out", 2)
    (tmp_path / "none").mkdir()
    with pytest.raises(InputError, match="no pictures"):
        export_model("nuclei-unet", ["onnx"], tmp_path / "none", tmp_path / "out", 2)
    with pytest.raises(UsageError, match="no folder of a training"):
        export_model(str(folder), ["onnx"], folder / "images", tmp_path / "out", 2)
