import json
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

import pixelwise as pw
from pixelwise.cards.deck import load_cards
from pixelwise.errors import MissingExtra, UsageError
from pixelwise.training.checkpoints import restore
from pixelwise.training.handing_over import export_model
from pixelwise.training.job import prepare, train, trained
from pixelwise.training.learner import Learner

from .conftest import discs
from .orders import order


def silent(*_):
    pass


@pytest.mark.parametrize("net", ["unet", "fcn", "mask-rcnn"])
def test_train_when_twelve_pictures_then_a_card_that_segments_without_torch(net, folder, tmp_path):
    asked = order(folder, tmp_path, net, steps=2, epoch=2)
    said = []
    done = train(asked, prepare(asked), said.append, silent)
    card = load_cards()[f"my-{net}"]
    assert card.metric is not None
    assert "held-out" in card.metric.data
    assert any("equal" in line for line in said)
    image = pw.Image(np.stack([discs(99)[0]] * 3, axis=-1))
    result = pw.find(f"my-{net}")(image)
    assert result.provenance.runtime == "onnx"
    assert result.size == (64, 64)
    left = {path.name for path in asked.output.iterdir()}
    wanted = {"plan.json", "record.json", "curves.png", "curves.html", "report.html", "proof.json"}
    assert wanted <= left
    record = json.loads((asked.output / "record.json").read_text())
    assert len(record["data_sha256"]) == 64
    assert record["settings"]["net"] == net
    assert done.file.stat().st_size == card.sources[0].size


def test_train_when_long_enough_then_it_has_learnt(folder, tmp_path):
    asked = order(folder, tmp_path, steps=70, epoch=70, warmup=5, rate=0.01, batch=4, ema=0.9)
    done = train(asked, prepare(asked), silent, silent)
    assert done.scores["dsb_ap50"].value > 0.3


class Killed(Exception):
    pass


@pytest.mark.parametrize("net", ["unet", "mask-rcnn"])
def test_train_when_killed_and_run_again_then_the_same_weights(net, folder, tmp_path, monkeypatch):
    monkeypatch.setattr("pixelwise.training.fitting.SECONDS", 0.0)
    asked = order(folder, tmp_path, net, steps=4, epoch=4)
    whole = replace(asked, output=tmp_path / "whole")
    train(whole, prepare(whole), silent, silent)
    cut = replace(whole, output=tmp_path / "cut")

    def kill(done, _):
        if done == 3:
            raise Killed

    with pytest.raises(Killed):
        train(cut, prepare(cut), silent, kill)
    train(cut, prepare(cut), silent, silent)
    plan = prepare(whole).made.plan
    ends = [Learner(plan) for _ in range(2)]
    for learner, folder_of in zip(ends, (whole.output, cut.output), strict=True):
        restore(learner, folder_of / "last.safetensors")
        assert learner.step == 4
    for one, two in zip(*(end.state_dict().values() for end in ends), strict=True):
        assert torch.equal(one, two)


def test_train_when_other_processes_cut_the_patches_then_the_same_weights(folder, tmp_path):
    ends = []
    for workers in (0, 1):
        asked = order(folder, tmp_path, steps=3, epoch=3, workers=workers)
        asked = replace(asked, output=tmp_path / f"workers-{workers}")
        trained(asked, prepare(asked), silent, silent)
        learner = Learner(prepare(asked).made.plan)
        restore(learner, asked.output / "last.safetensors")
        ends.append(learner.state_dict())
    for one, two in zip(*(end.values() for end in ends), strict=True):
        assert torch.equal(one, two)


def test_train_when_the_folder_has_another_plan_then_refused(folder, tmp_path):
    asked = order(folder, tmp_path, steps=1, epoch=1)
    train(asked, prepare(asked), silent, silent)
    other = replace(asked, settings={**asked.settings, "steps": 2})
    with pytest.raises(UsageError, match="steps"):
        train(other, prepare(other), silent, silent)


def test_export_when_trained_then_forms_are_compared_on_pictures(folder, tmp_path):
    asked = order(folder, tmp_path, steps=2, epoch=2)
    train(asked, prepare(asked), silent, silent)
    made = export_model(str(asked.output), ["onnx"], folder / "images", tmp_path / "out", 3)
    assert made["onnx"].proof.holds
    assert made["onnx"].proof.pictures == 3
    kept = json.loads((tmp_path / "out" / "proof.json").read_text())
    assert kept["onnx"]["holds"] is True


def test_export_when_litert_then_a_card_feeds_it_tiles_and_it_answers_alike(
    folder, tmp_path, monkeypatch
):
    pytest.importorskip("litert_torch", reason="the extra litert is not installed")
    asked = order(folder, tmp_path, "fcn", steps=2, epoch=2)
    train(asked, prepare(asked), silent, silent)
    wide = np.stack([discs(5, 100)[0]] * 3, axis=-1)
    pw.write(folder / "images" / "wide.png", pw.Image(wide))
    made = export_model(str(asked.output), ["litert"], folder / "images", tmp_path / "out", 13)
    assert made["litert"].path.name == "my-fcn.tflite"
    assert made["litert"].proof.pictures == 13
    assert made["litert"].proof.lowest >= 0.999
    monkeypatch.setenv("PIXELWISE_CARDS", str(tmp_path / "out"))
    result = pw.find("my-fcn-litert")(pw.Image(wide))
    assert result.provenance.runtime == "litert"
    assert result.size == (100, 100)


def test_export_when_the_converter_is_missing_then_says_which_extra(folder, tmp_path, monkeypatch):
    asked = order(folder, tmp_path, steps=2, epoch=2)
    train(asked, prepare(asked), silent, silent)
    monkeypatch.delitem(sys.modules, "pixelwise.training.litert", raising=False)
    monkeypatch.setitem(sys.modules, "litert_torch", None)
    with pytest.raises(MissingExtra, match=r"pixelwise\[litert\]"):
        export_model(str(asked.output), ["litert"], folder / "images", tmp_path / "out", 3)
