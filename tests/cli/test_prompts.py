"""Prompts from the command line: classical methods, prompted networks, and what is ready here."""

from hashlib import sha256

import numpy as np
import pytest

from pixelwise.core import Image
from pixelwise.io.files import read, write
from tests.methods.deep.test_conventions import SIDE, zoo

CARD = f"""
[tiny-sam]
about = "A made-up prompted network."
task = "foreground"
runtimes = ["onnx"]
architecture = "efficientsam-zoo"

[tiny-sam.legend]
classes = ["background", "prompted object"]
things = ["prompted object"]

[tiny-sam.input]
height = {SIDE}
width = {SIDE}
layout = "NCHW"
std = [255.0, 255.0, 255.0]
tensor = "batched_images"

[tiny-sam.decoder]
name = "prompted"
takes = ["points", "boxes"]
tensors = ["output_masks", "iou_predictions"]

[tiny-sam.licence]
commercial = "yes"

[[tiny-sam.sources]]
file = "tiny-sam.onnx"
"""


@pytest.fixture
def disc(tmp_path):
    """A red disc on a dark ground, 40 x 60."""
    y, x = np.mgrid[:40, :60]
    pixels = np.full((40, 60, 3), 30, np.uint8)
    pixels[np.hypot(x - 20, y - 18) < 9] = (220, 40, 30)
    path = tmp_path / "disc.png"
    write(path, Image(pixels))
    return path


@pytest.fixture
def tiny_sam(tmp_path):
    """The environment in which the made-up network is known."""
    folder = tmp_path / "cards"
    folder.mkdir()
    digest = sha256(zoo(folder / "tiny-sam.onnx").read_bytes()).hexdigest()
    (folder / "tiny-sam.toml").write_text(f'{CARD}sha256 = "{digest}"\n')
    return {"PIXELWISE_CARDS": str(folder), "PIXELWISE_CACHE": str(tmp_path / "cache")}


@pytest.mark.parametrize(
    ("method", "prompts"),
    [
        ("grabcut", ["--box", "8,6,33,31"]),
        ("grabcut", ["--point", "20,18", "--point", "50,5:background", "--box", "8,6,33,31"]),
        ("region-growing", ["--point", "20,18"]),
        ("random-walker", ["--point", "20,18", "--point", "55,35:background"]),
    ],
)
def test_segment_when_classical_method_is_pointed_at_a_disc_then_the_disc(
    pixelwise, disc, method, prompts
):
    done = pixelwise("segment", disc, "--method", method, *prompts, "--save", "mask")

    assert done.code == 0, done.err
    mask = read(disc.with_name("disc.mask.png")).pixels[..., 0] > 0
    y, x = np.mgrid[:40, :60]
    truth = np.hypot(x - 20, y - 18) < 9
    assert np.count_nonzero(mask & truth) >= 0.95 * np.count_nonzero(mask | truth)


def test_segment_when_mask_file_is_given_then_grabcut_begins_with_it(pixelwise, disc, tmp_path):
    guess = np.zeros((40, 60), np.uint8)
    guess[10:28, 12:29] = 255
    write(tmp_path / "guess.png", Image(guess))
    done = pixelwise(
        "segment", disc, "--method", "grabcut", "--mask", tmp_path / "guess.png", "--save", "mask"
    )

    assert done.code == 0, done.err
    assert 200 < np.count_nonzero(read(disc.with_name("disc.mask.png")).pixels) < 300


def test_segment_when_prompted_card_then_mask_and_record(pixelwise, disc, tiny_sam):
    arguments = ("--model", "tiny-sam", "--point", "20,18", "--save", "mask", "--json")
    done = pixelwise("segment", disc, *arguments, env=tiny_sam)

    (record,) = done.lines
    assert done.code == 0, done.err
    assert (record["task"], record["model"], record["runtime"]) == (
        "foreground",
        "tiny-sam",
        "onnx",
    )
    mask = read(disc.with_name("disc.mask.png")).pixels[..., 0] > 0
    assert mask[18, 20]
    assert not mask[35, 55]


def test_segment_when_candidates_then_instances_with_scores(pixelwise, disc, tiny_sam):
    done = pixelwise(
        "segment", disc, "--model", "tiny-sam", "--point", "20,18", "--set", "mode=candidates",
        "--json", env=tiny_sam,
    )  # fmt: skip

    (segment,) = done.lines[0]["segments"]
    assert segment["class"] == "prompted object"
    assert segment["score"] == pytest.approx((20 * SIDE / 60 + 18 * SIDE / 40) / 1000, rel=1e-3)


def test_segment_when_everything_then_no_prompt_is_needed(pixelwise, disc, tiny_sam):
    done = pixelwise(
        "segment", disc, "--model", "tiny-sam", "--set", "mode=everything", "--set", "grid=3",
        "--set", "min-score=0", "--set", "min-stability=0", "--json", env=tiny_sam,
    )  # fmt: skip

    assert done.code == 0, done.err
    assert done.lines[0]["task"] == "instance"
    assert len(done.lines[0]["segments"]) == 1


def test_segment_when_nothing_is_pointed_at_then_says_how(pixelwise, disc, tiny_sam):
    done = pixelwise("segment", disc, "--model", "tiny-sam", env=tiny_sam)

    assert done.code == 4
    assert "--point" in done.err
    assert "mode=everything" in done.err


def test_segment_when_the_card_does_not_take_text_then_says_what_it_takes(
    pixelwise, disc, tiny_sam
):
    done = pixelwise("segment", disc, "--model", "tiny-sam", "--text", "disc", env=tiny_sam)

    assert done.code in (2, 4)
    assert "points" in done.err


def test_segment_when_no_model_is_named_then_the_ready_prompted_one_and_it_is_said(
    pixelwise, disc, tiny_sam
):
    done = pixelwise("segment", disc, "--point", "20,18", "--json", env=tiny_sam)

    assert done.lines[0]["model"] == "tiny-sam"
    assert "tiny-sam (ready" in done.err


@pytest.mark.models
def test_segment_when_point_and_instance_model_then_what_is_under_it(
    pixelwise, data_dir, model_dir, tmp_path
):
    picture = data_dir / "coco_val" / "images" / "000000000785.jpg"
    env = {"PIXELWISE_MODEL_PATH": str(model_dir), "PIXELWISE_CACHE": str(tmp_path / "cache")}
    out = ("-o", tmp_path / "out", "--json", "--task", "instance", "--offline")
    skier = pixelwise("segment", picture, *out, "--point", "370,150", env=env)
    snow = pixelwise("segment", picture, *out, "--point", "100,380", env=env)
    named = pixelwise("segment", picture, *out, "--text", "person", env=env)

    assert [row["class"] for row in skier.lines[0]["segments"]] == ["person"]
    assert "picked from what is found by" in skier.err
    assert "taken: person" in skier.err
    assert [row["class"] for row in snow.lines[0]["segments"]] != ["person"]
    assert [row["class"] for row in named.lines[0]["segments"]] == ["person"]


def test_segment_when_method_takes_no_prompts_then_names_those_that_do(pixelwise, disc):
    done = pixelwise("segment", disc, "--method", "otsu", "--point", "1,1")

    assert done.code == 2
    assert "grabcut" in done.err
