"""Cards of one's own: written, found and read back."""

from dataclasses import replace

import pytest

from pixelwise.cards import Card, Store, load_cards
from pixelwise.cards.installing import card_text, install_card
from pixelwise.core import Legend, LegendClass
from pixelwise.errors import ModelError, OutputError, UsageError
from tests.cards.conftest import MODEL

DECK = load_cards({})


@pytest.mark.parametrize("name", DECK)
def test_text_when_read_back_then_same_card(name, tmp_path):
    (tmp_path / "copy.toml").write_text(
        card_text(replace(DECK[name], name="copy")), encoding="utf-8"
    )

    copy = load_cards({"PIXELWISE_CARDS": str(tmp_path)})["copy"]

    assert replace(copy, name=name) == DECK[name]


def test_text_when_legend_has_own_ids_and_colours_then_kept(tmp_path, card_of):
    legend = Legend((LegendClass(7, 'a "b" \\ \n', (1, 2, 3), True),), void=9)
    card = replace(card_of({"file": "a.onnx"}), legend=legend)
    (tmp_path / "toy.toml").write_text(card_text(card), encoding="utf-8")

    assert load_cards({"PIXELWISE_CARDS": str(tmp_path)})["toy"].legend_object() == legend


def test_install_when_done_then_card_is_found_and_ready(tmp_path, card_of):
    (tmp_path / "trained.tflite").write_bytes(MODEL)
    environment = {"PIXELWISE_CACHE": str(tmp_path / "cache")}

    install_card(card_of({"file": "x"}), tmp_path / "trained.tflite", environment=environment)

    deck = load_cards(environment)
    store = Store.from_environment(environment, deck=deck)
    assert store.path(deck["toy"], offline=True).read_bytes() == MODEL


def test_install_when_folder_is_given_then_card_lies_there(tmp_path, card_of):
    (tmp_path / "trained.tflite").write_bytes(MODEL)

    path = install_card(
        card_of({"file": "x"}), tmp_path / "trained.tflite", folder=tmp_path / "out"
    )

    assert path == tmp_path / "out" / "toy.toml"
    assert {file.name for file in path.parent.iterdir()} == {"toy.toml", "toy.tflite"}


def test_install_when_pixelwise_has_the_name_then_refused_and_nothing_is_written(tmp_path, card_of):
    (tmp_path / "trained.tflite").write_bytes(MODEL)
    card = replace(card_of({"file": "x"}), name="selfie")

    with pytest.raises(UsageError, match="'selfie' is the name of a network of pixelwise"):
        install_card(card, tmp_path / "trained.tflite", folder=tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_install_when_file_is_no_model_then_refused(tmp_path, card_of):
    (tmp_path / "trained.onnx").write_bytes(MODEL)

    with pytest.raises(ModelError, match="ONNX model by its name"):
        install_card(card_of({"file": "x"}), tmp_path / "trained.onnx", folder=tmp_path)


def test_install_when_folder_cannot_be_made_then_output_error(tmp_path, card_of):
    (tmp_path / "trained.tflite").write_bytes(MODEL)

    with pytest.raises(OutputError):
        install_card(
            card_of({"file": "x"}), tmp_path / "trained.tflite", folder=tmp_path / "trained.tflite"
        )


def test_path_when_installed_file_is_damaged_then_error_says_what_to_do(tmp_path, card_of):
    (tmp_path / "trained.tflite").write_bytes(MODEL)
    environment = {"PIXELWISE_CACHE": str(tmp_path / "cache")}
    card: Card = card_of({"file": "x"})
    path = install_card(card, tmp_path / "trained.tflite", environment=environment)
    path.with_suffix(".tflite").write_bytes(MODEL[:-1] + b"x")

    deck = load_cards(environment)
    with pytest.raises(ModelError, match=r"sha256 is .*can only be put there by hand"):
        Store.from_environment(environment, deck=deck).path(deck["toy"])
