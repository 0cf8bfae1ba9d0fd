"""Which settings of a network mean something: by what its card says it answers."""

from dataclasses import MISSING

import pytest

from pixelwise.cards.deck import load_cards
from pixelwise.catalog.finding import find_with
from pixelwise.catalog.listing import list_models
from pixelwise.catalog.loading import Access
from pixelwise.catalog.tuning import knobs
from pixelwise.errors import UnknownName


def names(name):
    return [knob.name for knob in knobs(name)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("selfie", ["threshold", "tiles", "overlap", "mirror"]),
        ("deeplab-v3", ["tiles", "overlap", "mirror"]),
        ("yolov8n-seg-320", ["threshold", "tiles", "overlap"]),
        ("meshnet-tissue", ["tiles", "overlap", "mirror"]),
    ],
)
def test_knobs_when_a_network_then_those_that_change_its_answer(name, expected):
    assert names(name) == expected


def test_knobs_when_a_network_is_prompted_then_those_of_asking():
    prompted = [name for name, card in load_cards().items() if card.decoder.name == "prompted"]
    assert {"mode", "grid", "min_score"} <= set(names(prompted[0]))
    assert "prompts" not in names(prompted[0])


def test_knobs_when_a_method_then_its_fields():
    level = {knob.name: knob for knob in knobs("threshold")}["level"]
    assert level.row.doc
    assert all(knob.default is not MISSING for knob in knobs("otsu"))


def test_knobs_when_turned_to_their_defaults_then_every_ready_network_takes_them(model_dir):
    for row in list_models():
        if row.ready:
            told = {knob.name: knob.default for knob in knobs(row.name)}
            assert find_with(row.name, told, Access(offline=True))


def test_knobs_when_nothing_is_called_so_then_said():
    with pytest.raises(UnknownName, match="otsu"):
        knobs("otsoo")
