"""transformers with the real library: small random networks of a folder, end to end."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from pixelwise.cards import Fit, InputSpec, Layout, load_cards
from pixelwise.core import Image, Legend, Task
from pixelwise.errors import InvalidSetting, ModelError
from pixelwise.methods.deep.network import Network

torch = pytest.importorskip("torch", reason="the extra transformers is not installed")
transformers = pytest.importorskip("transformers", reason="the extra transformers is not installed")

from tests.runtimes import small_networks as small  # noqa: E402 - after the skip

from pixelwise.runtimes import transformers as runtime  # noqa: E402 - after the skip

SIDE = small.SIDE
LEGEND = Legend.of([f"class {number}" for number in range(6)], things=["class 4", "class 5"])
FED = InputSpec(height=SIDE, width=SIDE, layout=Layout.NCHW, std=(255.0,) * 3, fit=Fit.STRETCH)


def folder_of(make, folder):
    torch.manual_seed(0)
    network = make().eval()
    network.save_pretrained(folder)
    return network


def picture():
    return Image(np.random.default_rng(0).integers(0, 255, (SIDE, SIDE, 3), dtype=np.uint8))


def pixels_of(image):
    return torch.from_numpy(np.array(image.pixels).transpose(2, 0, 1)[None]).float() / 255


def card(task, **decoder):
    known = load_cards()["mask2former-swin-tiny-coco-instance"]
    spec = replace(known.decoder, threshold=0.0, **decoder)
    return replace(known, task=task, legend=LEGEND, input=FED, decoder=spec)


def test_transformers_when_segformer_then_its_own_classes(tmp_path):
    network = folder_of(small.segformer, tmp_path)
    known = replace(load_cards()["segformer-b0-ade"], legend=LEGEND, input=FED)
    image = picture()
    found = Network.load(known, tmp_path / "model.safetensors")(image)
    with torch.inference_mode():
        logits = network(pixel_values=pixels_of(image)).logits
    theirs = transformers.SegformerImageProcessor().post_process_semantic_segmentation(
        SimpleNamespace(logits=logits), target_sizes=[(SIDE, SIDE)]
    )[0]

    assert (found.labels == theirs.numpy()).mean() >= 0.999


@pytest.mark.parametrize("task", [Task.SEMANTIC, Task.PANOPTIC, Task.INSTANCE])
def test_transformers_when_mask2former_then_its_own_answer(tmp_path, task):
    network = folder_of(small.mask2former, tmp_path)
    image = picture()
    found = Network.load(card(task, via=(384, 384)), tmp_path / "model.safetensors")(image)
    with torch.inference_mode():
        answer = network(pixel_values=pixels_of(image))
    processor = transformers.Mask2FormerImageProcessor()
    size = {"target_sizes": [(SIDE, SIDE)]}
    if task is Task.SEMANTIC:
        theirs = processor.post_process_semantic_segmentation(answer, **size)[0].numpy()
        assert (found.labels == theirs).mean() >= 0.999
    elif task is Task.PANOPTIC:
        theirs = processor.post_process_panoptic_segmentation(
            answer, threshold=0.0, label_ids_to_fuse={0, 1, 2, 3}, **size
        )[0]
        assert np.count_nonzero(theirs["segmentation"].numpy() > 0) == pytest.approx(
            np.count_nonzero(found.labels), rel=1e-3, abs=2
        )
    else:
        theirs = processor.post_process_instance_segmentation(
            answer, threshold=0.0, return_binary_maps=True, **size
        )[0]
        kept = [row for row in theirs["segments_info"] if row["score"] > 0]
        assert len(found) == len(kept)


def test_transformers_when_mask_of_query_then_pixel_for_pixel(tmp_path):
    network = folder_of(small.mask2former, tmp_path)
    image = picture()
    found = Network.load(card(Task.INSTANCE, via=(384, 384)), tmp_path / "model.safetensors")(image)
    with torch.inference_mode():
        answer = network(pixel_values=pixels_of(image))
    theirs = (
        transformers.Mask2FormerImageProcessor()
        .post_process_instance_segmentation(
            answer, threshold=0.0, return_binary_maps=True, target_sizes=[(SIDE, SIDE)]
        )[0]["segmentation"]
        .numpy()
        .astype(bool)
    )

    for mask in found.masks:
        best = max(
            np.count_nonzero(mask & other) / np.count_nonzero(mask | other) for other in theirs
        )
        assert best >= 0.999


def test_transformers_when_folder_has_no_config_then_error(tmp_path):
    with pytest.raises(ModelError, match=r"config\.json"):
        runtime.load(tmp_path)


def test_transformers_when_another_kind_then_says_which_are_known(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"architectures": ["BertModel"]}))
    with pytest.raises(ModelError, match="ForSemanticSegmentation"):
        runtime.load(tmp_path)


def test_transformers_when_weights_are_pickled_then_refused(tmp_path):
    network = folder_of(small.segformer, tmp_path)
    (tmp_path / "model.safetensors").unlink()
    torch.save(network.state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(ModelError, match="cannot be loaded"):
        runtime.load(tmp_path)


def test_transformers_when_no_such_device_then_says_what_is_there(tmp_path):
    with pytest.raises(InvalidSetting, match="cpu"):
        runtime.load(tmp_path, device="tpu")
