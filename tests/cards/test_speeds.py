"""The fastest runtime of a card, by tables whose answers are known."""

import json

import pytest

from pixelwise.cards import load_cards
from pixelwise.cards.measured import FILE, measured, record
from pixelwise.cards.speeds import by_speed, times_of
from pixelwise.errors import ModelError

CARD = load_cards()["sinet"]


def test_by_speed_when_the_table_knows_the_card_then_the_fastest_first(tmp_path):
    environment = {"PIXELWISE_CACHE": str(tmp_path)}
    times = times_of(CARD, environment)

    assert set(times) == set(CARD.runtimes)
    assert [times[name] for name in by_speed(CARD, environment)] == sorted(times.values())


@pytest.mark.parametrize("fastest", ["onnx", "openvino"])
def test_by_speed_when_this_machine_was_measured_then_that_counts(tmp_path, fastest):
    environment = {"PIXELWISE_CACHE": str(tmp_path)}
    record("speeds", "sinet", {"onnx": 5.0, "openvino": 5.0, fastest: 4.0}, environment)

    assert by_speed(CARD, environment)[0] == fastest


def test_by_speed_when_only_one_was_measured_then_the_others_follow(tmp_path):
    environment = {"PIXELWISE_CACHE": str(tmp_path)}
    record("speeds", "sinet", {"openvino": 9.0}, environment)

    assert by_speed(CARD, environment) == ("openvino", "onnx")


def test_times_when_nobody_timed_the_card_then_those_of_its_format(tmp_path):
    environment = {"PIXELWISE_CACHE": str(tmp_path)}
    card = load_cards()["birefnet-general"]

    assert set(times_of(card, environment)) == {"onnx", "openvino"}
    assert by_speed(load_cards()["selfie"], environment) == ("litert",)


def test_record_when_two_kinds_then_both_stay(tmp_path):
    environment = {"PIXELWISE_CACHE": str(tmp_path)}
    record("speeds", "sinet", {"onnx": 5.0}, environment)
    record("temperatures", "sinet", 1.5, environment)

    assert measured("speeds", environment) == {"sinet": {"onnx": 5.0}}
    assert measured("temperatures", environment) == {"sinet": 1.5}


@pytest.mark.parametrize("content", ["{", "[]", '{"speeds": 3}'])
def test_measured_when_file_is_damaged_then_says_which(tmp_path, content):
    (tmp_path / FILE).write_text(content)
    with pytest.raises(ModelError, match=FILE):
        measured("speeds", {"PIXELWISE_CACHE": str(tmp_path)})


def test_times_when_they_are_no_numbers_then_error(tmp_path):
    (tmp_path / FILE).write_text(json.dumps({"speeds": {"sinet": {"onnx": "fast"}}}))
    with pytest.raises(ModelError, match="no numbers"):
        times_of(CARD, {"PIXELWISE_CACHE": str(tmp_path)})


def test_speeds_when_read_then_only_cards_and_runtimes_that_exist():
    from pixelwise.cards.speeds import _table

    cards = load_cards()
    for name, row in _table()["cards"].items():
        assert set(row) <= set(cards[name].runtimes)
        assert all(ms > 0 for ms in row.values())
