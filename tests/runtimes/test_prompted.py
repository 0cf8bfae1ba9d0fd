"""SAM, SAM 2, SAM 3 and CLIPSeg with the real library: the same masks as by its own processors."""

import json
from dataclasses import replace

import numpy as np
import pytest

from pixelwise.cards import load_cards
from pixelwise.core import Image, Prompts
from pixelwise.errors import InvalidSetting, ModelError
from pixelwise.methods.deep.asked import FromFiles
from pixelwise.methods.deep.prompted import Asking, Mode, Prompted

torch = pytest.importorskip("torch", reason="the extra transformers is not installed")
transformers = pytest.importorskip("transformers", reason="the extra transformers is not installed")

from tests.runtimes import small_networks as small  # noqa: E402 - after the skip

from pixelwise.runtimes import described, pointed  # noqa: E402 - after the skip

SIDE = small.SIDE
IMAGE = Image(np.random.default_rng(0).integers(0, 255, (48, SIDE, 3), dtype=np.uint8))
SQUARE = Image(np.random.default_rng(1).integers(0, 255, (SIDE, SIDE, 3), dtype=np.uint8))
POINTS, BOX = [[20.0, 30.0], [40.0, 10.0]], [8.0, 6.0, 50.0, 40.0]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """One folder for each kind of network, with a tokenizer."""
    made = {}
    for kind in ("sam", "sam2", "sam3", "clipseg"):
        folder = tmp_path_factory.mktemp(kind)
        network = small.saved(getattr(small, kind)(), folder)
        small.words(folder)
        made[kind] = (folder, network)
    return made


def segmenter(folders, kind, card, side=SIDE, **asking):
    known = load_cards()[card]
    fed = replace(known.input, height=side, width=side)
    via = (side, side) if known.decoder.via else ()
    known = replace(known, input=fed, decoder=replace(known.decoder, via=via))
    files = {"model": folders[kind][0] / "model.safetensors"}
    network = FromFiles(card=known, paths=files, runtime="transformers", threads=1)
    return Prompted(network=network, card=known, asking=Asking(**asking))


def agree(found, theirs, scores):
    """Say that all masks that are not empty are the same, in the order of their scores."""
    order = [row for row in np.argsort(-scores, kind="stable") if theirs[row].any()]
    assert len(found) == len(order) > 0
    for mask, row in zip(found.masks, order, strict=True):
        shared = np.count_nonzero(mask & theirs[row])
        assert shared >= 0.999 * np.count_nonzero(mask | theirs[row])
    assert found.segments.score == pytest.approx(np.clip(scores[order], 0, 1), abs=1e-4)


GIVEN = {
    "point": (
        Prompts(points=POINTS[:1]),
        {"input_points": [[POINTS[:1]]], "input_labels": [[[1]]]},
    ),
    "points": (
        Prompts(points=POINTS, labels=[1, 0]),
        {"input_points": [[POINTS]], "input_labels": [[[1, 0]]]},
    ),
    "box": (Prompts(boxes=[BOX]), {"input_boxes": [[BOX]]}),
    "point in box": (
        Prompts(points=POINTS[:1], boxes=[BOX]),
        {"input_points": [[POINTS[:1]]], "input_labels": [[[1]]], "input_boxes": [[BOX]]},
    ),
}


@pytest.mark.parametrize("name", GIVEN)
@pytest.mark.parametrize("kind", ["sam", "sam2"])
def test_prompted_when_sam_then_the_masks_of_its_own_processor(folders, kind, name):
    prompts, theirs = GIVEN[name]
    image = IMAGE if kind == "sam" else SQUARE  # each is laid in without resizing
    card = {"sam": "sam-vit-base", "sam2": "sam2-hiera-tiny"}[kind]
    found = segmenter(folders, kind, card, prompts=prompts, mode=Mode.CANDIDATES)(image)
    if kind == "sam":
        fed = {"size": {"longest_edge": SIDE}, "pad_size": {"height": SIDE, "width": SIDE}}
        processor = transformers.SamProcessor(transformers.SamImageProcessor(**fed))
    else:
        fed = {"size": {"height": SIDE, "width": SIDE}}
        processor = transformers.Sam2Processor(transformers.Sam2ImageProcessor(**fed))
    given = processor(np.array(image.pixels), return_tensors="pt", **theirs)
    sizes = [given.pop(key) for key in ("original_sizes", "reshaped_input_sizes") if key in given]
    with torch.inference_mode():
        answer = folders[kind][1](**given, multimask_output=True)
    if kind == "sam":
        masks = processor.image_processor.post_process_masks(
            answer.pred_masks, *sizes, pad_size={"height": SIDE, "width": SIDE}
        )
    else:
        masks = processor.post_process_masks(answer.pred_masks, *sizes)
    agree(found, masks[0][0].numpy().astype(bool), answer.iou_scores[0, 0].numpy())


@pytest.mark.parametrize("kind", ["sam", "sam2"])
def test_prompted_when_mask_then_the_network_is_told(folders, kind):
    card = {"sam": "sam-vit-base", "sam2": "sam2-hiera-tiny"}[kind]
    mask = np.zeros(SQUARE.size, bool)
    mask[10:30, 10:30] = True
    with_mask, without = (
        segmenter(folders, kind, card, prompts=prompts, mode=Mode.CANDIDATES)(SQUARE)
        for prompts in (
            Prompts(masks=[mask]),
            Prompts(points=[(20, 20)]),
        )
    )

    assert len(with_mask) > 0
    assert not np.array_equal(with_mask.segments.score, without.segments.score)


def test_prompted_when_sam_finds_everything_then_as_if_asked_one_by_one(folders):
    asking = {"min_score": 0.0, "min_stability": 0.0, "overlap": 1.0}
    whole = segmenter(folders, "sam", "sam-vit-base", mode=Mode.EVERYTHING, grid=2, **asking)(
        SQUARE
    )
    one = SIDE / 4
    points = [(x, y) for y in (one, 3 * one) for x in (one, 3 * one)]
    single = [
        segmenter(
            folders, "sam", "sam-vit-base", prompts=Prompts(points=[at]), mode=Mode.CANDIDATES
        )(SQUARE)
        for at in points
    ]
    tables = [found.segments for found in single]
    expected = np.sort(np.concatenate([table.area[table.score > 0] for table in tables]))

    assert np.array_equal(np.sort(whole.segments.area), expected)


def test_prompted_when_everything_in_parts_then_the_things_of_its_own_generator(folders):
    pixels = np.random.default_rng(4).integers(0, 255, (200, 260, 3), dtype=np.uint8)
    asking = {"min_score": 1e-6, "min_stability": 0.0, "grid": 4, "parts": 1}
    made = segmenter(folders, "sam", "sam-vit-base", mode=Mode.EVERYTHING, **asking)
    level = 0.2  # so that random masks are small islands, of which some lie inside a part
    spec = replace(made.card.decoder, mask_threshold=1 / (1 + np.exp(-level)))
    made = replace(made, card=replace(made.card, decoder=spec))
    found = made(Image(pixels))
    fed = {"size": {"longest_edge": SIDE}, "pad_size": {"height": SIDE, "width": SIDE}}
    processor = transformers.SamImageProcessor(**fed)
    boxes, points, parts, labels = processor.generate_crop_boxes(
        pixels, SIDE, crop_n_layers=1, points_per_crop=4
    )
    kept = []
    for number, part in enumerate(parts):
        held = made._looked(Image(np.ascontiguousarray(part.numpy().transpose(1, 2, 0))))
        given = {"input_points": points, "input_labels": labels}
        with torch.inference_mode():
            answer = folders["sam"][1](
                image_embeddings=held.embedding,
                **{name: rows[:, :, number : number + 1] for name, rows in given.items()},
            )
        side = [round(held.placed.window.bottom * SIDE), round(held.placed.window.right * SIDE)]
        masks = processor.post_process_masks(
            answer.pred_masks, [part.shape[-2:]], [side], binarize=False
        )
        kept.append(
            processor.filter_masks(
                masks[0], answer.iou_scores[0], (200, 260), boxes[number], 1e-6, 0.0, level
            )
        )
    masks, scores, outer = zip(*kept, strict=True)
    theirs, scores, _, _ = processor.post_process_for_mask_generation(
        [mask for part in masks for mask in part], torch.cat(scores), torch.cat(outer), 0.7
    )

    assert sum(len(part) for part in masks[1:]) > 0  # something stays of the parts
    agree(found, np.stack([mask.numpy() for mask in theirs]), scores.numpy())


@pytest.mark.parametrize("size", [(40, 52), (90, 150)])
def test_prompted_when_sam2_resizes_then_the_masks_of_its_own_processor(folders, size):
    pixels = np.random.default_rng(5).integers(0, 255, (*size, 3), dtype=np.uint8)
    prompts = Prompts(points=POINTS[:1])
    made = segmenter(folders, "sam2", "sam2-hiera-tiny", prompts=prompts, mode=Mode.CANDIDATES)
    found = made(Image(pixels))
    processor = transformers.Sam2Processor(
        transformers.Sam2ImageProcessor(size={"height": SIDE, "width": SIDE})
    )
    given = processor(
        pixels, input_points=[[POINTS[:1]]], input_labels=[[[1]]], return_tensors="pt"
    )
    sizes = given.pop("original_sizes")
    theirs, values = given.pop("pixel_values").numpy(), made._looked(Image(pixels))
    with torch.inference_mode():
        answer = folders["sam2"][1](
            image_embeddings=values.embedding, **given, multimask_output=True
        )
    masks = processor.post_process_masks(answer.pred_masks, sizes)

    assert theirs.shape[-2:] == (SIDE, SIDE)
    agree(found, masks[0][0].numpy().astype(bool), answer.iou_scores[0, 0].numpy())


@pytest.mark.parametrize("size", [(90, 130), (150, 200)])
def test_prompted_when_sam3_resizes_then_the_things_of_its_own_processor(folders, size):
    side = 112
    folder, network = folders["sam3"]
    image = Image(np.random.default_rng(2).integers(0, 255, (*size, 3), dtype=np.uint8))
    made = segmenter(
        folders, "sam3", "sam3", side=side, prompts=Prompts(text="cat"), instances=True
    )
    card = replace(made.card, decoder=replace(made.card.decoder, threshold=0.2))
    made = replace(made, card=card)
    processor = transformers.Sam3Processor(
        transformers.Sam3ImageProcessor(size={"height": side, "width": side}),
        transformers.AutoTokenizer.from_pretrained(folder),
    )
    given = processor(images=np.array(image.pixels), text="cat", return_tensors="pt")
    features, _ = made._looked(image).embedding
    with torch.inference_mode():
        answer = network(
            vision_embeds=features,
            **{name: given[name] for name in ("input_ids", "attention_mask")},
        )
    theirs = processor.post_process_instance_segmentation(
        answer, threshold=0.2, mask_threshold=0.5, target_sizes=[size]
    )[0]

    agree(made(image), theirs["masks"].numpy().astype(bool), theirs["scores"].numpy())


def test_prompted_when_clipseg_then_the_places_that_its_own_logits_name(folders):
    network = folders["clipseg"][1]
    asked = Prompts(text="cat")
    found = segmenter(folders, "clipseg", "clipseg-rd64-refined", prompts=asked)(SQUARE)
    words = transformers.AutoTokenizer.from_pretrained(folders["clipseg"][0])(
        ["cat"], padding=True, return_tensors="pt"
    )
    processor = transformers.ViTImageProcessor(
        size={"height": SIDE, "width": SIDE},
        image_mean=[0.485, 0.456, 0.406],
        image_std=[0.229, 0.224, 0.225],
    )
    given = processor(np.array(SQUARE.pixels), return_tensors="pt")
    with torch.inference_mode():
        logits = network(**given, **words).logits.reshape(SIDE, SIDE).numpy()

    assert np.array_equal(found.mask, logits > 0)
    assert 0 < found.area < SIDE * SIDE


def test_prompted_when_sam3_then_the_things_of_its_own_processor(folders):
    side = 112
    folder, network = folders["sam3"]
    image = Image(np.random.default_rng(2).integers(0, 255, (side, side, 3), dtype=np.uint8))
    made = segmenter(
        folders, "sam3", "sam3", side=side, prompts=Prompts(text="cat"), instances=True
    )
    card = replace(made.card, decoder=replace(made.card.decoder, threshold=0.2))
    found = replace(made, card=card)(image)
    processor = transformers.Sam3Processor(
        transformers.Sam3ImageProcessor(size={"height": side, "width": side}),
        transformers.AutoTokenizer.from_pretrained(folder),
    )
    given = processor(images=np.array(image.pixels), text="cat", return_tensors="pt")
    with torch.inference_mode():
        answer = network(
            **{name: given[name] for name in ("pixel_values", "input_ids", "attention_mask")}
        )
    theirs = processor.post_process_instance_segmentation(
        answer, threshold=0.2, mask_threshold=0.5, target_sizes=[(side, side)]
    )[0]

    agree(found, theirs["masks"].numpy().astype(bool), theirs["scores"].numpy())
    assert found.legend.name(1) == "cat"


def test_prompted_when_sam3_is_shown_a_box_then_things_like_it(folders):
    prompts = Prompts(boxes=[(10, 10, 60, 60)])
    made = segmenter(folders, "sam3", "sam3", side=112, prompts=prompts, mode=Mode.CANDIDATES)
    image = Image(np.random.default_rng(2).integers(0, 255, (112, 112, 3), dtype=np.uint8))

    assert len(made(image)) > 0


@pytest.mark.parametrize("load", [pointed.load, described.load])
def test_load_when_folder_holds_another_kind_then_says_which_are_known(tmp_path, load):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"}))
    with pytest.raises(ModelError, match="sam"):
        load(tmp_path)


def test_load_when_no_tokenizer_then_says_what_is_expected(folders, tmp_path):
    folders["clipseg"][1].save_pretrained(tmp_path)
    with pytest.raises(ModelError, match=r"tokenizer\.json"):
        described.load(tmp_path)


def test_load_when_no_such_device_then_says_what_is_there(folders):
    with pytest.raises(InvalidSetting, match="cpu"):
        pointed.load(folders["sam"][0], device="tpu")
