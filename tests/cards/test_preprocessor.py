"""What published preprocessor files say, as the input of a card."""

import json

import pytest

from pixelwise.cards import Channels, Fit, InputSpec, Layout
from pixelwise.cards.preprocessor import fed_as, input_of
from pixelwise.errors import ModelError

FREE = InputSpec(fit=Fit.FREE, std=(255.0,) * 3)
IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
MEAN, STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)


def test_fed_when_height_and_width_then_stretched_and_normalised():
    made = fed_as({**IMAGENET, "size": {"height": 384, "width": 512}, "resample": 2}, FREE)

    assert (made.fit, made.size, made.layout) == (Fit.STRETCH, (384, 512), Layout.NCHW)
    assert made.mean == pytest.approx(MEAN)
    assert made.std == pytest.approx(STD)


def test_fed_when_shortest_and_longest_edge_then_aspect_is_kept_and_padded_to_the_divisor():
    size = {"shortest_edge": 800, "longest_edge": 1333}
    made = fed_as({**IMAGENET, "size": size, "size_divisor": 32}, FREE)

    assert (made.fit, made.height, made.longest) == (Fit.SHORT_SIDE, 800, 1333)
    assert (made.pad, made.pad_multiple) == (-1, 32)


def test_fed_when_written_long_ago_then_numbers_mean_the_same():
    assert fed_as({"size": 512}, FREE).size == (512, 512)
    old = fed_as({"size": 800, "max_size": 1333}, FREE)
    assert (old.fit, old.height, old.longest) == (Fit.SHORT_SIDE, 800, 1333)


@pytest.mark.parametrize(
    "facts",
    [
        {
            "size": {"longest_edge": 1024},
            "do_pad": True,
            "pad_size": {"height": 1024, "width": 1024},
        },
        {"size": {"shortest_edge": 1024, "longest_edge": 1024}, "do_pad": True},
    ],
)
def test_fed_when_padded_to_a_square_then_a_letterbox_of_the_mean(facts):
    made = fed_as(facts, FREE)
    assert (made.fit, made.size, made.pad) == (Fit.LETTERBOX, (1024, 1024), -1)


def test_fed_when_not_resized_then_as_it_is():
    made = fed_as({"do_resize": False, "size_divisor": 32}, FREE)
    assert (made.fit, made.multiple) == (Fit.FREE, 32)


def test_fed_when_not_normalised_then_only_scaled():
    made = fed_as({**IMAGENET, "do_normalize": False, "size": 64}, FREE)
    assert (made.mean, made.std) == ((0.0,) * 3, (255.0,) * 3)
    raw = fed_as({"do_normalize": False, "do_rescale": False, "size": 64}, FREE)
    assert raw.std == (1.0,) * 3


def test_fed_when_channels_are_turned_round_then_bgr():
    assert fed_as({"do_flip_channel_order": True, "size": 64}, FREE).channels is Channels.BGR


def test_fed_when_little_is_said_then_the_card_stands():
    card = InputSpec(height=64, width=64, mean=MEAN, std=STD)
    made = fed_as({}, card)
    assert made.size == card.size
    assert made.mean == pytest.approx(card.mean)
    assert made.std == pytest.approx(card.std)


@pytest.mark.parametrize("file", ["preprocessor_config.json", "processor_config.json"])
def test_input_when_file_is_there_then_its_facts(tmp_path, file):
    facts = {**IMAGENET, "size": {"height": 64, "width": 64}}
    nested = facts if file.startswith("pre") else {"image_processor": facts}
    (tmp_path / file).write_text(json.dumps(nested))
    assert input_of(tmp_path, FREE).size == (64, 64)


def test_input_when_no_file_then_the_card():
    from pathlib import Path

    assert input_of(Path("no such folder"), FREE) is FREE


@pytest.mark.parametrize("content", ["{", "[]", '{"size": {"longest_edge": 5}}', '{"size": -3}'])
def test_input_when_file_says_nonsense_then_names_it(tmp_path, content):
    (tmp_path / "preprocessor_config.json").write_text(content)
    with pytest.raises(ModelError, match=r"preprocessor_config\.json"):
        input_of(tmp_path, FREE)
