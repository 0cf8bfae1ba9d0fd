"""Timing the runtimes of a card: what is timed is what then runs."""

import pytest

from pixelwise.cards import load_cards
from pixelwise.catalog.listing import runtime_state, usable_runtime
from pixelwise.catalog.timing import timed
from pixelwise.errors import ModelError


@pytest.mark.models
def test_timed_when_model_is_here_then_each_runtime_has_a_time(model_dir, monkeypatch):
    monkeypatch.setenv("PIXELWISE_MODEL_PATH", str(model_dir))
    card = load_cards()["sinet"]
    times = timed(card, rounds=1)

    assert set(times) == {name for name in card.runtimes if runtime_state(name) is None}
    assert all(0 < ms < 1e5 for ms in times.values())


def test_timed_when_model_is_not_here_then_says_where_to_put_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PIXELWISE_MODEL_PATH", str(tmp_path))
    monkeypatch.setenv("PIXELWISE_CACHE", str(tmp_path))
    with pytest.raises(ModelError, match="PIXELWISE_MODEL_PATH"):
        timed(load_cards()["sinet"], rounds=1)


def test_usable_runtime_when_measured_here_then_the_fastest_that_is_installed(
    tmp_path, monkeypatch
):
    from pixelwise.cards.measured import record

    monkeypatch.setenv("PIXELWISE_CACHE", str(tmp_path))
    record("speeds", "sinet", {"onnx": 9.0, "openvino": 1.0})
    here = runtime_state("openvino") is None

    assert usable_runtime(load_cards()["sinet"]) == ("openvino" if here else "onnx")
