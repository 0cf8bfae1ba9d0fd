"""Folders of transformers without a card: what their files say, without loading anything."""

import json

import pytest

from pixelwise.cards import AnswerShape, Fit
from pixelwise.core import Legend, Task
from pixelwise.errors import LicenceError, ModelError
from pixelwise.methods.deep.bare_folder import card_of_folder, is_prompted_folder, weights_in


def folder(tmp_path, kind, named="", labels=(), **facts):
    config = {"model_type": kind, "architectures": [named]}
    config["id2label"] = {str(number): name for number, name in enumerate(labels)}
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(facts))
    return tmp_path


def test_card_when_classes_are_an_official_set_then_that_set(tmp_path):
    names = [row.name for row in Legend.official("cityscapes-19")]
    made = card_of_folder(
        folder(tmp_path, "segformer", "SegformerForSemanticSegmentation", names, size=512)
    )

    assert made.legend_object() == Legend.official("cityscapes-19")
    assert (made.task, made.input.size, made.decoder.class_ids) == (Task.SEMANTIC, (512, 512), ())


def test_card_when_some_indices_are_no_class_then_they_are_ignored(tmp_path):
    labels = ["N/A", "cat", "N/A", "dog"]
    made = card_of_folder(
        folder(tmp_path, "rf_detr", "RfDetrForInstanceSegmentation", labels, size=64)
    )

    assert made.task is Task.INSTANCE
    assert [row.name for row in made.legend_object()] == ["cat", "dog"]
    assert made.classes.tolist() == [-1, 0, -1, 1]


def test_card_when_eomt_then_its_own_rules(tmp_path):
    size = {"shortest_edge": 640, "longest_edge": 640}
    made = card_of_folder(
        folder(tmp_path, "eomt", "EomtForUniversalSegmentation", ["a", "b"], size=size, do_pad=True)
    )

    assert (made.task, made.decoder.inside, made.decoder.via) == (Task.PANOPTIC, True, (640, 640))
    assert made.input.fit is Fit.LETTERBOX


def test_card_when_eomt_cuts_pictures_then_classes_from_windows(tmp_path):
    size = {"shortest_edge": 512, "longest_edge": None}
    given = folder(
        tmp_path, "eomt", "EomtForUniversalSegmentation", ["a", "b"], size=size, do_split_image=True
    )
    made = card_of_folder(given)

    assert (made.task, made.input.fit, made.input.size) == (Task.SEMANTIC, Fit.WINDOWS, (512, 512))
    assert made.decoder.name is AnswerShape.QUERIES


@pytest.mark.parametrize(("kind", "takes"), [("sam", "masks"), ("clipseg", "text")])
def test_card_when_prompted_then_it_says_what_it_takes(tmp_path, kind, takes):
    place = folder(tmp_path, kind, size={"height": 64, "width": 64})

    assert is_prompted_folder(place)
    assert card_of_folder(place).decoder.name is AnswerShape.PROMPTED
    assert takes in card_of_folder(place).decoder.takes


def test_card_when_another_network_then_says_which_are_known(tmp_path):
    with pytest.raises(ModelError, match="ForSemanticSegmentation"):
        card_of_folder(folder(tmp_path, "bert", "BertModel"))


def test_weights_when_only_pickled_then_says_what_to_do(tmp_path):
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x02.")
    with pytest.raises(ModelError, match="save_pretrained"):
        weights_in(tmp_path)


def test_find_when_commercial_then_refused_since_nobody_says_so(tmp_path):
    from pixelwise.catalog.finding import find

    place = folder(tmp_path, "sam", size={"height": 64, "width": 64})
    (place / "model.safetensors").write_bytes(b"")
    with pytest.raises(LicenceError, match="nobody says"):
        find(str(place), commercial=True)
