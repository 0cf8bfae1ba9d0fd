import json
from dataclasses import replace

import numpy as np
import pytest

from pixelwise.cards.deck import load_cards
from pixelwise.errors import InputError, UsageError
from pixelwise.training.folds import cross_validate
from pixelwise.training.job import prepare, train

from .orders import order


def silent(*_):
    pass


class Killed(Exception):
    pass


def test_folds_when_killed_and_run_again_then_every_picture_is_scored_once(folder, tmp_path):
    asked = order(folder, tmp_path, steps=2, epoch=2)
    said, ticks = [], []

    def kill(done, of):
        ticks.append((done, of))
        if done == 5:
            raise Killed

    with pytest.raises(Killed):
        cross_validate(asked, 3, said.append, kill)
    assert ticks == [(done, 6) for done in range(1, 6)]
    first = (asked.output / "fold-0" / "last.safetensors").stat().st_mtime_ns
    done = cross_validate(asked, 3, said.append, silent)
    assert (asked.output / "fold-0" / "last.safetensors").stat().st_mtime_ns == first
    assert sorted(done.scores.pictures) == [f"p{number:02}" for number in range(12)]
    told = json.loads((asked.output / "folds.json").read_text())
    parts = told["pictures"]
    assert [len(part) for part in parts] == [4, 4, 4]
    assert sorted(name for part in parts for name in part) == sorted(done.scores.pictures)
    mains = [part["dsb_ap"]["value"] for part in told["folds"]]
    assert told["all"]["dsb_ap"]["value"] == pytest.approx(np.mean(mains))
    assert mains[told["installed"]] == max(mains)
    card = load_cards()["my-unet"]
    assert "12 pictures" in card.metric.data
    assert f"fold {told['installed']}" in card.metric.data
    own = asked.output / f"fold-{told['installed']}" / "my-unet.onnx"
    assert card.sources[0].size == own.stat().st_size


def test_folds_when_they_cannot_be_made_then_refused(folder, tmp_path):
    asked = order(folder, tmp_path)
    with pytest.raises(UsageError, match="2 folds"):
        cross_validate(asked, 1, silent, silent)
    with pytest.raises(UsageError, match="--test"):
        cross_validate(replace(asked, test=folder), 3, silent, silent)
    with pytest.raises(InputError, match="13 folds"):
        cross_validate(asked, 13, silent, silent)


@pytest.mark.parametrize("head", ["flows", "distance"])
def test_train_when_mirrored_then_both_scores_are_told(head, folder, tmp_path):
    asked = order(folder, tmp_path, steps=2, epoch=2, head=head, mirror="0,1", boundary="0.5")
    said = []
    train(asked, prepare(asked), said.append, silent)
    assert any("mirrored on" in line for line in said)
    scores = json.loads((asked.output / "scores.json").read_text())
    assert set(scores["mirrored"]) == set(scores["scores"])
    assert "mirrored" in (asked.output / "report.html").read_text()
