"""What makes a card, and what does not."""

import numpy as np
import pytest

from pixelwise.cards import (
    AddressSource,
    AnswerShape,
    Card,
    Commercial,
    Fit,
    Holds,
    InputSpec,
    Layout,
    LocalSource,
    WheelSource,
)
from pixelwise.core import Task
from pixelwise.errors import InvalidSetting, ModelError

TABLE = {
    "task": "semantic",
    "legend": "voc-21",
    "runtimes": ["onnx", "openvino"],
    "input": {"height": 4, "width": 6, "layout": "NCHW", "mean": [1, 2, 3], "std": [2, 2, 2]},
    "decoder": {"holds": "logits", "grow": "corners"},
    "licence": {"weights": "MIT", "commercial": "yes"},
    "sources": [{"url": "https://example.org/a/b.onnx?x=1", "sha256": "0" * 64, "size": 5}],
}


def test_read_when_table_is_whole_then_texts_become_objects():
    card = Card.read("toy", TABLE)

    assert card.task is Task.SEMANTIC
    assert card.input.layout is Layout.NCHW is card.output_layout
    assert card.input.fit is Fit.STRETCH
    assert card.decoder.name is AnswerShape.DENSE
    assert card.licence.commercial is Commercial.YES
    assert card.runtime == "onnx"
    assert card.outputs == 21 == len(card.classes)
    assert card.sources[0].file == "b.onnx"
    assert card.roles == ("model",)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"task": "guess"}, "'task' must be one of foreground"),
        ({"legend": "voc-22"}, "no legend 'voc-22'"),
        ({"legend": 5}, "an official name"),
        ({"legend": {"classes": [[0, "a", [0, 0], False]]}}, "is_thing"),
        ({"runtimes": []}, "at least one runtime"),
        ({"runtimes": "onnx"}, "a list of texts"),
        ({"sources": []}, "at least one source"),
        ({"sources": ["x"]}, "tables"),
        ({"sources": [{"url": "http://example.org/b.onnx"}]}, "an https address"),
        ({"sources": [{"url": "file:///etc/passwd"}]}, "an https address"),
        ({"sources": [{"url": "https://example.org/../.."}]}, "a plain file name"),
        ({"sources": [{"file": "../a.onnx"}]}, "a plain file name"),
        ({"sources": [{"file": "a.onnx", "sha256": "F" * 64}]}, "64 hexadecimal digits"),
        ({"sources": [{"package": "--evil", "version": "1", "member": "a"}]}, "name of a package"),
        ({"sources": [{"package": "a", "version": "x y", "member": "a"}]}, "a version"),
        ({"sources": [{"file": "a.onnx", "colour": 1}]}, "no setting 'colour'"),
        ({"input": {"height": -1, "width": 1}}, "height"),
        ({"input": {}}, "above 0"),
        ({"input": {"fit": "free", "mean": [1]}}, "as long as std"),
        ({"input": {"fit": "free", "std": [0, 1, 1]}}, "above 0"),
        ({"input": {"layout": "NWHC"}}, "layout"),
        ({"decoder": {"holds": "dreams"}}, "one of probability"),
        ({"decoder": {"threshold": 1.5}}, "0 to 1"),
        ({"decoder": {"class_ids": [0, 99]}}, "ids of the legend"),
        ({"licence": {"commercial": "maybe"}}, "one of yes, no, unclear"),
        ({"measured": 2}, "a number from 0 to 1"),
        ({"notes": "one"}, "a list of texts"),
        ({"paper": 5}, "a text"),
        ({"colour": "red"}, "keys among"),
        ({"metric": 5}, "a table"),
    ],
)
def test_read_when_a_field_is_wrong_then_error_names_card_and_field(change, why):
    with pytest.raises(ModelError, match=rf"(?s)card 'toy'.*{why}"):
        Card.read("toy", TABLE | change)


@pytest.mark.parametrize("missing", ["task", "legend", "runtimes", "sources"])
def test_read_when_a_field_is_missing_then_error_names_it(missing):
    with pytest.raises(ModelError, match=missing):
        Card.read("toy", {key: value for key, value in TABLE.items() if key != missing})


@pytest.mark.parametrize("name", ["Toy", "a b", "a/b", "", "../a", "-a", "a--b"])
def test_read_when_name_is_no_slug_then_error(name):
    with pytest.raises(ModelError, match="a slug"):
        Card.read(name, TABLE)


def test_read_when_classes_are_listed_then_legend_is_made():
    card = Card.read("toy", TABLE | {"legend": {"classes": ["sky", "tree"], "things": ["tree"]}})

    assert [row.name for row in card.legend_object()] == ["sky", "tree"]
    assert card.legend_object().things == {1}


def test_read_when_source_is_a_repository_then_each_file_is_a_source():
    row = {"repository": "owner/net", "files": ["config.json", "model.safetensors"]}

    card = Card.read("toy", TABLE | {"sources": [row]})

    assert card.roles == ("config.json", "model")
    assert card.sources_of("model")[0].place == (
        "https://huggingface.co/owner/net/resolve/main/model.safetensors"
    )


def test_read_when_sources_differ_then_each_is_of_its_kind():
    rows = [
        {"file": "a.onnx"},
        {"url": "https://example.org/a.onnx"},
        {"package": "a", "version": "1.0", "member": "a/a.onnx"},
    ]

    kinds = [type(source) for source in Card.read("toy", TABLE | {"sources": rows}).sources]

    assert kinds == [LocalSource, AddressSource, WheelSource]


def test_classes_when_network_counts_otherwise_then_ids_are_the_legends():
    decoder = {"class_ids": [-1, 15, 0]}

    card = Card.read("toy", TABLE | {"decoder": decoder})

    assert card.classes.tolist() == [-1, 15, 0]
    assert card.outputs == 3


@pytest.mark.parametrize(("holds", "channels"), [(Holds.PROBABILITY, 1), (Holds.HEADS, 2)])
def test_outputs_when_not_one_per_class_then_what_the_tensor_has(holds, channels):
    assert Card.read("toy", TABLE | {"decoder": {"holds": holds}}).outputs == channels


def test_normalised_takes_mean_then_std_then_scale():
    spec = InputSpec(height=1, width=1, mean=(1.0, 2.0, 3.0), std=(2.0, 4.0, 8.0), scale=0.5)

    x = spec.normalised(np.array([[[5, 6, 7]]], np.uint8))

    assert x.dtype == np.float32
    assert x.tolist() == [[[1.0, 0.5, 0.25]]]


def test_input_when_any_size_and_fit_needs_one_then_error():
    with pytest.raises(InvalidSetting):
        InputSpec(fit=Fit.CORNERS)
