"""The logs of the networks that ship belong to the very files that ship."""

import json
import re
from pathlib import Path

import pytest

from pixelwise.cards.deck import load_cards

LOGS = sorted((Path(__file__).parents[2] / "bench" / "training_logs").glob("*.json"))


def test_logs_when_listed_then_one_for_each_network_trained_here():
    assert [path.stem for path in LOGS] == [
        "hippocampus-unet3d",
        "nuclei-fcn",
        "nuclei-mask-rcnn",
        "nuclei-unet",
        "street-fcn",
    ]


def numbers(table):
    for value in table.values():
        if isinstance(value, dict):
            yield from numbers(value)
        elif isinstance(value, float):
            yield value


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_log_when_read_then_of_the_card_and_its_file(path):
    log, card = json.loads(path.read_text()), load_cards()[path.stem]
    assert log["weights_sha256"] == card.sources[0].sha256
    assert int(card.metric.data.split()[0]) == log["pictures"]["test"]
    measured = {f"{value:.3f}" for value in numbers(log["test"]["scores"])}
    shown = re.findall(r"\d\.\d{3}", card.metric.text)
    assert len(shown) >= 6
    assert set(shown) - {f"{card.metric.value:.3f}"} <= measured
    steps = [row["step"] for row in log["course"]]
    assert steps == sorted(steps)
    assert steps[-1] == log["plan"]["steps"]
