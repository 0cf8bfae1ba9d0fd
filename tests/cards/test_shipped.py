"""The models that ship: trained by pixelwise, ready without a network from the first minute."""

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

import pixelwise as pw
from pixelwise.cards.deck import load_cards
from pixelwise.cards.hashes import sha256_of
from pixelwise.evaluation import Evaluation
from pixelwise.io.annotations.converting import open_dataset

WEIGHTS = Path(str(files("pixelwise.cards").joinpath("weights")))
MOST_BYTES = 12 * 2**20
SHIPPED = sorted(path.stem for path in WEIGHTS.glob("*.onnx"))


@pytest.fixture
def alone(monkeypatch, tmp_path):
    """A machine with nothing but the package."""
    monkeypatch.setenv("PIXELWISE_OFFLINE", "1")
    monkeypatch.setenv("PIXELWISE_CACHE", str(tmp_path))
    monkeypatch.delenv("PIXELWISE_MODEL_PATH", raising=False)


def test_weights_when_weighed_then_small_enough_for_the_package():
    assert SHIPPED
    assert sum(path.stat().st_size for path in WEIGHTS.iterdir()) <= MOST_BYTES


@pytest.mark.parametrize("name", SHIPPED)
def test_card_when_shipped_then_the_file_is_its_own_and_the_terms_are_told(name):
    card = load_cards({})[name]
    path = WEIGHTS / f"{name}.onnx"
    assert sha256_of(path) == card.sources[0].sha256
    assert path.stat().st_size == card.sources[0].size
    assert card.metric is not None
    assert card.metric.value > 0
    assert "never seen" in card.metric.data
    assert card.licence.commercial == "yes"
    assert card.licence.terms
    assert any("Trained on" in note for note in card.notes)


def few(data_dir, kinds=12):
    """Return every twelfth test picture: all kinds of stain and size are among them."""
    folder = data_dir / "nuclei_dsb2018" / "test"
    stems = sorted(path.stem for path in (folder / "images").glob("*.png"))[::kinds]
    truths = {sample.stem: sample.result for sample in open_dataset(folder / "labels")}
    return [(pw.read(folder / "images" / f"{stem}.png"), truths[stem]) for stem in stems]


def numbered(result):
    """Return things without their classes, which truth and network call by other names."""
    return pw.Regions(pw.to_panoptic(result).labels)


@pytest.mark.parametrize(
    ("name", "metric", "least"),
    [
        ("nuclei-fcn", "dice", 0.80),
        ("nuclei-unet", "dsb_ap", 0.45),
        ("nuclei-mask-rcnn", "dsb_ap", 0.42),
    ],
)
@pytest.mark.usefixtures("alone")
def test_nuclei_when_segmented_offline_then_near_the_cards_score(name, metric, least, data_dir):
    segment = pw.find(name)
    evaluation = Evaluation([metric])
    for number, (image, truth) in enumerate(few(data_dir)):
        result = segment(image)
        assert result.provenance.model == name
        kind = pw.to_foreground if metric == "dice" else numbered
        evaluation.add(kind(truth), kind(result), str(number))
    assert evaluation.scores()[metric].value >= least


@pytest.mark.usefixtures("alone")
def test_nuclei_when_nothing_is_there_then_nothing_is_found():
    flat = pw.Image(np.full((96, 128, 3), 30, np.uint8))
    assert pw.find("nuclei-fcn")(flat).size == (96, 128)


@pytest.mark.usefixtures("alone")
def test_hippocampus_when_a_volume_was_never_seen_then_both_parts_are_found(data_dir):
    folder, name = data_dir / "hippocampus_msd", "hippocampus_189.nii.gz"
    image = pw.read(folder / "images" / name)
    truth = pw.read(folder / "labels" / name).pixels[..., 0]
    result = pw.find("hippocampus-unet3d")(image)
    assert result.size == image.size
    for index in (1, 2):
        mine, known = result.labels == index, truth == index
        assert 2 * (mine & known).sum() / (mine.sum() + known.sum()) > 0.75
