"""Prompted networks in ONNX files: hand-made graphs with the tensors of the published ones."""

import struct
from dataclasses import replace

import numpy as np
import pytest
from tests.onnx_files import (
    FLOAT,
    INT64,
    OnnxFile,
    constant,
    int_attribute,
    ints_attribute,
    node,
    value_info,
)

from pixelwise.cards import load_cards
from pixelwise.core import Image, Prompts
from pixelwise.errors import InputError, ModelError, UnknownName
from pixelwise.methods.deep.asked import FromFiles
from pixelwise.methods.deep.prompted import Asking, Mode, Prompted
from pixelwise.runtimes.asking import Question

SIDE = 16


def floats(name, *values):
    return constant(name, struct.pack(f"<{len(values)}f", *values), (len(values),), FLOAT)


def zoo(path):
    """Masks are where red is above one half; the score is a thousandth of all coordinates."""
    return OnnxFile(
        nodes=[
            node("Split", ["batched_images"], ["red", "g", "b"], int_attribute("axis", 1)),
            node("Sub", ["red", "half"], ["lead"]),
            node("Unsqueeze", ["lead", "one"], ["output_masks"]),
            node(
                "ReduceSum",
                ["batched_point_coords", "last"],
                ["sums"],
                int_attribute("keepdims", 0),
            ),
            node("Mul", ["sums", "small"], ["few"]),
            node(
                "ReduceMax", ["batched_point_labels"], ["most"], ints_attribute("axes", [1, 2, 3])
            ),
            node("Squeeze", ["most", "tail"], ["label"]),
            node("Mul", ["few", "label"], ["score"]),
            node("Unsqueeze", ["score", "two"], ["iou_predictions"]),
        ],
        inputs=[
            value_info("batched_images", (1, 3, SIDE, SIDE)),
            value_info("batched_point_coords", (1, 1, 6, 2)),
            value_info("batched_point_labels", (1, 1, 6, 1)),
        ],
        outputs=[
            value_info("output_masks", (1, 1, 1, SIDE, SIDE)),
            value_info("iou_predictions", (1, 1, 1)),
        ],
        tensors=[
            floats("half", 0.5),
            floats("small", 0.001),
            *(whole(name, *axes) for name, axes in AXES.items()),
        ],
    ).write(path)


AXES = {"one": (1,), "two": (2,), "last": (2, 3), "tail": (2, 3)}


def whole(name, *values):
    return constant(name, struct.pack(f"<{len(values)}q", *values), (len(values),), INT64)


def encoder(path, taken, layout):
    """Keeps the picture's red channel as its embedding."""
    axis = layout.index("C")
    return OnnxFile(
        nodes=[node("Split", [taken], ["image_embeddings", "g", "b"], int_attribute("axis", axis))],
        inputs=[
            value_info(taken, ["h" if side in "HW" else 1 if side == "N" else 3 for side in layout])
        ],
        outputs=[value_info("image_embeddings", ["h" if side in "HW" else 1 for side in layout])],
    ).write(path)


def split_decoder(path):
    """Masks are the embedding less 0.5; the score is the first coordinate's sum over a thousand."""
    return OnnxFile(
        nodes=[
            node("Sub", ["image_embeddings", "half"], ["lead"]),
            node("Unsqueeze", ["lead", "one"], ["output_masks"]),
            node(
                "ReduceSum",
                ["batched_point_coords", "last"],
                ["sums"],
                int_attribute("keepdims", 0),
            ),
            node("Mul", ["sums", "small"], ["few"]),
            node("Unsqueeze", ["few", "two"], ["iou_predictions"]),
        ],
        inputs=[
            value_info("image_embeddings", (1, 1, "h", "w")),
            value_info("batched_point_coords", (1, 1, "n", 2)),
            value_info("batched_point_labels", (1, 1, "n")),
            value_info("orig_im_size", (2,), INT64),
        ],
        outputs=[
            value_info("output_masks", (1, 1, 1, "h", "w")),
            value_info("iou_predictions", (1, 1, 1)),
        ],
        tensors=[
            floats("half", 0.5),
            floats("small", 0.001),
            *(whole(name, *axes) for name, axes in AXES.items()),
        ],
    ).write(path)


def network(card, paths):
    return FromFiles(card=card, paths=paths, runtime="onnx", threads=1)


def zoo_card():
    known = load_cards()["efficientsam-ti"]
    return replace(known, input=replace(known.input, height=SIDE, width=SIDE))


def picture(height=SIDE, width=SIDE):
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, :, 0] = 255
    return Image(pixels)


def test_zoo_when_points_and_box_then_fed_as_published(tmp_path):
    card = zoo_card()
    prompts = Prompts(points=[(1, 2)], boxes=[(4, 5, 8, 9)])
    asking = Asking(prompts=prompts, mode=Mode.CANDIDATES)
    found = Prompted(
        network=network(card, {"model": zoo(tmp_path / "zoo.onnx")}), card=card, asking=asking
    )(picture())

    assert found.crops[0].box == (0, 0, SIDE, SIDE // 2)
    assert found.segments.score[0] == pytest.approx(3 * (1 + 2 + 4 + 5 + 8 + 9) / 1000)


def test_zoo_when_picture_is_larger_then_points_in_the_input_s_pixels(tmp_path):
    card = zoo_card()
    asking = Asking(prompts=Prompts(points=[(10, 20)]), instances=True)
    found = Prompted(
        network=network(card, {"model": zoo(tmp_path / "zoo.onnx")}), card=card, asking=asking
    )(picture(64, 32))

    assert found.segments.score[0] == pytest.approx((10 / 2 + 20 / 4) / 1000)
    assert found.size == (64, 32)


def test_zoo_when_mask_covers_a_background_point_then_dropped(tmp_path):
    card = zoo_card()
    asking = Asking(prompts=Prompts(points=[(1, 2), (3, 3)], labels=[1, 0]))
    whole = Prompted(
        network=network(card, {"model": zoo(tmp_path / "zoo.onnx")}), card=card, asking=asking
    )
    assert whole(picture()).is_empty


def test_zoo_when_more_than_six_points_then_says_how_many(tmp_path):
    card = zoo_card()
    asked = Question(np.zeros((1, 7, 2), np.float32), np.ones((1, 7), np.int32))
    with pytest.raises(InputError, match="up to 6 points"):
        network(card, {"model": zoo(tmp_path / "zoo.onnx")}).ask(
            np.zeros((1, 3, SIDE, SIDE), np.float32), asked
        )


def test_split_when_picture_of_any_size_then_points_are_its_pixels(tmp_path):
    card = load_cards()["efficientsam-vitt"]
    paths = {
        "model": encoder(tmp_path / "encoder.onnx", "batched_images", "NCHW"),
        "decoder": split_decoder(tmp_path / "decoder.onnx"),
    }
    asking = Asking(prompts=Prompts(points=[(7, 3)]), instances=True)
    found = Prompted(network=network(card, paths), card=card, asking=asking)(picture(20, 30))

    assert found.crops[0].box == (0, 0, 30, 10)
    assert found.segments.score[0] == pytest.approx(0.01)


def test_from_files_when_architecture_is_unknown_then_says_which_are_known(tmp_path):
    card = replace(zoo_card(), architecture="nonsense")
    with pytest.raises(ModelError, match="efficientsam-zoo"):
        _ = network(card, {"model": tmp_path / "a.onnx"}).loaded


def test_from_files_when_folder_is_another_kind_then_says_which_are_known(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    given = FromFiles(
        card=zoo_card(), paths={"model": tmp_path / "model.safetensors"}, runtime="transformers"
    )
    with pytest.raises(UnknownName, match="clipseg"):
        _ = given.loaded


def test_from_files_when_folder_has_no_config_then_says_what_is_expected(tmp_path):
    given = FromFiles(
        card=zoo_card(), paths={"model": tmp_path / "model.safetensors"}, runtime="transformers"
    )
    with pytest.raises(ModelError, match=r"config\.json"):
        _ = given.loaded
