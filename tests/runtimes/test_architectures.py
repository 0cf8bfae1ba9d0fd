"""Published architectures with the real libraries, random weights, end to end from a folder.

Each is saved with its preprocessor as its users have it, found by a card beside it, and must give
what the library's own processor makes of the same picture.
"""

import numpy as np
import pytest

from pixelwise.catalog.finding import find
from pixelwise.core import Image, Legend, Prompts
from pixelwise.errors import ModelError

torch = pytest.importorskip("torch", reason="the extra transformers is not installed")
transformers = pytest.importorskip("transformers", reason="the extra transformers is not installed")

from tests.runtimes import small_networks as small  # noqa: E402 - after the skip

SIDE = small.SIDE
CLASSES = 6
LEGEND = Legend.of([f"class {number}" for number in range(CLASSES)], things=["class 4", "class 5"])
STUFF = {0, 1, 2, 3}
PICTURE = np.random.default_rng(3).integers(0, 255, (SIDE, SIDE, 3), dtype=np.uint8)
FED = {"size": {"height": SIDE, "width": SIDE}}

CARD = """
[tiny]
task = "{task}"
runtimes = ["transformers"]
[tiny.legend]
classes = {classes}
things = ["class 4", "class 5"]
[tiny.input]
fit = "free"
layout = "NCHW"
[tiny.decoder]
{decoder}
[[tiny.sources]]
file = "model.safetensors"
"""

pytestmark = pytest.mark.filterwarnings("ignore:.*taken on trust")


@pytest.fixture(autouse=True)
def _seeded():
    """Make networks the same whichever tests ran before: ``saved`` leaves their biases."""
    torch.manual_seed(0)


@pytest.fixture
def found(tmp_path, monkeypatch):
    """Save a network and its processor, and return what pixelwise makes of a picture with it."""

    def run(network, processor, task, decoder, seed=0):
        folder = tmp_path / "cards"
        small.saved(network, folder, seed)
        processor.save_pretrained(folder)
        classes = [f"class {number}" for number in range(CLASSES)]
        text = CARD.format(task=task, classes=classes, decoder=decoder)
        (folder / "tiny.toml").write_text(text)
        monkeypatch.setenv("PIXELWISE_CARDS", str(folder))
        monkeypatch.setenv("PIXELWISE_CACHE", str(tmp_path / "cache"))
        return find("tiny", threads=1)(Image(PICTURE.copy()))

    return run


def answer_of(network, processor):
    given = processor(PICTURE.copy(), return_tensors="pt")
    with torch.inference_mode():
        return network(pixel_values=given["pixel_values"])


def oneformer():
    config = transformers.OneFormerConfig(
        backbone_config=small.swin(),
        num_labels=CLASSES,
        num_queries=8,
        task_seq_len=16,
        text_encoder_vocab_size=128,
        conv_dim=32,
        mask_dim=32,
        hidden_dim=32,
        encoder_feedforward_dim=16,
        dim_feedforward=16,
        encoder_layers=1,
        decoder_layers=3,
        query_dec_layers=1,
        num_attention_heads=2,
    )
    return transformers.OneFormerForUniversalSegmentation(config)


def eomt():
    config = transformers.EomtConfig(
        hidden_size=32,
        num_hidden_layers=3,
        num_attention_heads=2,
        image_size=SIDE,
        patch_size=8,
        num_upscale_blocks=1,
        num_blocks=1,
        num_queries=12,
        num_labels=CLASSES,
    )
    return transformers.EomtForUniversalSegmentation(config)


def rf_detr():
    backbone = transformers.RfDetrDinov2Config(
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=SIDE,
        patch_size=8,
        num_windows=1,
        out_features=["stage2"],
    )
    config = transformers.RfDetrConfig(
        backbone_config=backbone,
        d_model=16,
        decoder_ffn_dim=16,
        decoder_layers=1,
        decoder_self_attention_heads=2,
        decoder_cross_attention_heads=2,
        decoder_n_points=2,
        num_queries=10,
        group_detr=1,
        intermediate_size=16,
        num_labels=CLASSES,
    )
    return transformers.RfDetrForInstanceSegmentation(config)


def detr():
    config = transformers.DetrConfig(
        use_timm_backbone=False,
        use_pretrained_backbone=False,
        backbone=None,
        backbone_config=transformers.ResNetConfig(
            embedding_size=8,
            hidden_sizes=[8, 16, 24, 32],
            depths=[1, 1, 1, 1],
            layer_type="basic",
            out_features=["stage1", "stage2", "stage3", "stage4"],
        ),
        d_model=32,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=8,
        decoder_attention_heads=8,
        encoder_ffn_dim=16,
        decoder_ffn_dim=16,
        num_queries=10,
        num_labels=CLASSES,
    )
    return transformers.DetrForSegmentation(config)


def test_segformer_when_saved_with_its_preprocessor_then_its_own_classes(found):
    network, processor = small.segformer(), transformers.SegformerImageProcessor(**FED)
    result = found(network, processor, "semantic", 'name = "dense"')
    theirs = processor.post_process_semantic_segmentation(
        answer_of(network, processor), target_sizes=[(SIDE, SIDE)]
    )[0]

    assert (result.labels == theirs.numpy()).mean() >= 0.999
    assert len(np.unique(result.labels)) > 1


@pytest.mark.parametrize("seed", [1, 7])
def test_eomt_when_panoptic_then_the_segments_of_its_own_processor(found, seed):
    network = eomt()
    processor = transformers.EomtImageProcessor(
        size={"shortest_edge": SIDE, "longest_edge": SIDE}, do_pad=True
    )
    decoder = f'name = "queries"\nthreshold = 0.15\ninside = true\nvia = [{SIDE}, {SIDE}]'
    result = found(network, processor, "panoptic", decoder, seed)
    theirs = processor.post_process_panoptic_segmentation(
        answer_of(network, processor),
        threshold=0.15,
        stuff_classes=sorted(STUFF),
        target_sizes=[(SIDE, SIDE)],
    )[0]
    segments = {row["id"]: row["label_id"] for row in theirs["segments_info"]}
    labels = theirs["segmentation"].numpy()
    classes = np.full(labels.shape, LEGEND.void)
    for number, label in segments.items():
        classes[labels == number] = label
    own = np.full(labels.shape, LEGEND.void)
    for number, label in zip(result.segments.id, result.segments.class_id, strict=True):
        own[result.labels == number] = label

    assert (classes != LEGEND.void).any()
    assert (own == classes).mean() >= 0.999


@pytest.mark.parametrize(
    ("size", "seed"), [((SIDE, 150), 19), ((110, SIDE), 19), ((SIDE, SIDE), 15)]
)
def test_eomt_when_it_cuts_pictures_then_the_classes_of_its_own_processor(tmp_path, size, seed):
    network = eomt()
    processor = transformers.EomtImageProcessor(
        size={"shortest_edge": SIDE, "longest_edge": None}, do_split_image=True
    )
    small.saved(network, tmp_path, seed)
    processor.save_pretrained(tmp_path)
    picture = np.random.default_rng(4).integers(0, 255, (*size, 3), dtype=np.uint8)
    result = find(str(tmp_path), threads=1)(Image(picture.copy()))
    given = processor(picture, return_tensors="pt")
    with torch.inference_mode():
        answer = network(pixel_values=given["pixel_values"])
    answer.patch_offsets = given["patch_offsets"]
    theirs = processor.post_process_semantic_segmentation(answer, target_sizes=[size])[0].numpy()

    assert (result.labels == theirs).mean() >= 0.999
    assert len(np.unique(theirs)) > 1


@pytest.mark.parametrize("task", ["semantic", "panoptic"])
def test_oneformer_when_told_its_task_then_the_answer_of_its_own_processor(found, tmp_path, task):
    network = oneformer()
    small.words(tmp_path / "cards")
    processor = transformers.OneFormerImageProcessor(
        size={"shortest_edge": SIDE, "longest_edge": SIDE}, num_text=0, class_info_file=None
    )
    result = found(network, processor, task, 'name = "queries"\nthreshold = 0.1')
    words = transformers.AutoTokenizer.from_pretrained(tmp_path / "cards")(
        [f"the task is {task}"], padding="max_length", max_length=16, truncation=True
    )
    told = torch.tensor(words["input_ids"]) * torch.tensor(words["attention_mask"])
    given = transformers.Mask2FormerImageProcessor(**FED)(PICTURE.copy(), return_tensors="pt")
    with torch.inference_mode():
        answer = network(pixel_values=given["pixel_values"], task_inputs=told)
    if task == "semantic":
        theirs = processor.post_process_semantic_segmentation(answer, [(SIDE, SIDE)])[0].numpy()
        assert (result.labels == theirs).mean() >= 0.999
        return
    theirs = processor.post_process_panoptic_segmentation(
        answer, threshold=0.1, label_ids_to_fuse=STUFF, target_sizes=[(SIDE, SIDE)]
    )[0]
    assert (result.labels == theirs["segmentation"].numpy()).mean() >= 0.999
    assert set(result.segments.class_id) == {row["label_id"] for row in theirs["segments_info"]}


def test_rf_detr_when_instances_then_the_masks_of_its_own_processor(found):
    network = rf_detr()
    processor = transformers.RfDetrImageProcessor(**FED, do_pad=False)
    result = found(network, processor, "instance", 'name = "queries"\nthreshold = 0.01')
    theirs = processor.post_process_instance_segmentation(
        answer_of(network, processor),
        threshold=0.01,
        target_sizes=[(SIDE, SIDE)],
        return_binary_maps=True,
    )[0]
    masks = theirs["segmentation"].numpy().astype(bool)
    kept = [row for row, mask in enumerate(masks) if mask.any()]

    assert len(result) == len(kept) > 0
    for mask in result.masks:
        best = max(
            np.count_nonzero(mask & masks[row]) / np.count_nonzero(mask | masks[row])
            for row in kept
        )
        assert best >= 0.999


def test_detr_when_panoptic_then_the_classes_of_its_own_processor(found):
    network = detr()
    processor = transformers.DetrImageProcessor(**FED, do_pad=False)
    decoder = 'name = "queries"\nthreshold = 0.1'
    result = found(network, processor, "panoptic", decoder, seed=1)
    theirs = processor.post_process_panoptic_segmentation(
        answer_of(network, processor),
        threshold=0.1,
        label_ids_to_fuse=STUFF,
        target_sizes=[(SIDE, SIDE)],
    )[0]
    labels = theirs["segmentation"].numpy()
    claimed = np.isin(labels, [row["id"] for row in theirs["segments_info"]])

    assert claimed.any()
    # random queries nearly tie everywhere, so that the last bit of a pixel's value may decide
    assert ((result.labels > 0) == claimed).mean() >= 0.99
    assert set(result.segments.class_id) == {row["label_id"] for row in theirs["segments_info"]}


def test_find_when_folder_without_a_card_then_it_is_understood(tmp_path):
    folder = tmp_path / "my SegFormer"
    network, processor = small.segformer(), transformers.SegformerImageProcessor(**FED)
    network.config.id2label = {0: "N/A", **{row: f"class {row}" for row in range(1, CLASSES)}}
    small.saved(network, folder)
    processor.save_pretrained(folder)
    result = find(str(folder), threads=1)(Image(PICTURE.copy()))
    theirs = processor.post_process_semantic_segmentation(
        answer_of(network, processor), target_sizes=[(SIDE, SIDE)]
    )[0].numpy()
    names = np.array(["void", *(f"class {row}" for row in range(1, CLASSES))])
    own = np.vectorize(result.legend.name)(result.labels)

    assert (own == names[theirs]).mean() >= 0.999
    assert result.provenance.model == "my-segformer"


def test_find_when_folder_holds_sam_then_it_is_told_what_to_segment(tmp_path):
    small.saved(small.sam(), tmp_path / "sam")
    fed = {"size": {"longest_edge": SIDE}, "pad_size": {"height": SIDE, "width": SIDE}}
    transformers.SamImageProcessor(**fed).save_pretrained(tmp_path / "sam")
    prompts = Prompts(points=[(20, 30)])
    made = find(str(tmp_path / "sam"), prompts=prompts, mode="candidates", threads=1)
    picture = Image(PICTURE[:48].copy())

    assert len(made(picture)) == 3
    assert made.card.input.size == made.card.decoder.via == (SIDE, SIDE)


def test_find_when_folder_holds_no_network_then_says_what_is_expected(tmp_path):
    with pytest.raises(ModelError, match=r"config\.json"):
        find(str(tmp_path))


def test_many_when_transformers_then_one_run_gives_the_same(tmp_path):
    network, processor = small.segformer(), transformers.SegformerImageProcessor(**FED)
    small.saved(network, tmp_path / "net")
    processor.save_pretrained(tmp_path / "net")
    made = find(str(tmp_path / "net"), threads=1)
    images = [Image(PICTURE.copy()), Image(PICTURE[::-1, :40].copy())]

    for image, result in zip(images, made.many(images), strict=True):
        assert (result.labels == made(image).labels).mean() >= 0.999
