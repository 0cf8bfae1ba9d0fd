"""Prompts: a made-up network whose masks are known, and SAM of transformers."""

import numpy as np
import pytest

from pixelwise.core import Image, Prompts
from pixelwise.errors import InputError
from pixelwise.methods.deep.prompted import Everything, Prompted

SIDE = 64


class Discs:
    """Answers with discs of three sizes around the first point, or with the box."""

    side = SIDE
    device = "cpu"

    def __init__(self):
        self.embedded = 0

    def embed(self, pixels):
        self.embedded += 1
        return pixels.shape

    def ask(self, embedding, points, labels, box):
        assert embedding == (1, 3, SIDE, SIDE)
        y, x = np.mgrid[:SIDE, :SIDE]
        if box is not None:
            inside = np.minimum.reduce(
                [x + 0.5 - box[0], box[2] - x - 0.5, y + 0.5 - box[1], box[3] - y - 0.5]
            )
            return inside[None].astype(np.float32), np.float32([0.9])
        px, py = points[labels == 1][0]
        far = np.hypot(x - px, y - py)
        return np.stack([20 * (r - far) for r in (4, 8, 12)]).astype(np.float32), np.float32(
            [0.5, 0.95, 0.7]
        )


def picture(height=SIDE, width=SIDE):
    return Image(np.zeros((height, width, 3), np.uint8))


def test_prompted_when_point_then_the_best_candidate():
    segmenter = Prompted(network=Discs(), prompts=Prompts(points=[(20, 30)]))
    y, x = np.mgrid[:SIDE, :SIDE]

    assert np.array_equal(segmenter(picture()).mask, np.hypot(x - 20, y - 30) < 8)


def test_candidates_when_point_then_all_by_score():
    found = Prompted(network=Discs(), prompts=Prompts(points=[(20, 30)])).candidates(picture())

    assert found.segments.score.tolist() == pytest.approx([0.95, 0.7, 0.5])


@pytest.mark.parametrize("size", [(64, 32), (96, 128), (33, 64)])
def test_prompted_when_box_then_it_comes_back_whatever_the_size(size):
    height, width = size
    box = (width // 4, height // 4, width // 2, height // 2)
    found = Prompted(network=Discs(), prompts=Prompts(boxes=[box]))(picture(height, width))
    rows, columns = np.nonzero(found.mask)
    edges = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)

    assert np.abs(np.array(edges) - box).max() <= 1


def test_prompted_when_two_objects_then_both():
    prompts = Prompts(points=[(10, 10), (50, 50)], labels=[1, 2])
    mask = Prompted(network=Discs(), prompts=prompts)(picture()).mask

    assert mask[10, 10]
    assert mask[50, 50]
    assert not mask[30, 30]


def test_prompted_when_asked_again_then_embedded_once():
    network = Discs()
    segmenter = Prompted(network=network, prompts=Prompts(points=[(20, 30)]))
    image = picture()
    segmenter(image)
    segmenter.candidates(image)
    assert network.embedded == 1
    segmenter(Image(np.ones((SIDE, SIDE, 3), np.uint8)))
    assert network.embedded == 2


def test_everything_when_grid_then_one_thing_a_place():
    found = Prompted(network=Discs()).everything(picture(), Everything(grid=2, min_stability=0.5))

    assert len(found) == 4
    assert (found.segments.score >= 0.88).all()


def test_prompted_when_nothing_is_pointed_at_then_says_how():
    with pytest.raises(InputError, match="--point"):
        Prompted(network=Discs())(picture())


def test_prompted_when_sam_of_transformers_then_its_own_masks(tmp_path):
    reason = "the extra transformers is not installed"
    torch = pytest.importorskip("torch", reason=reason)
    transformers = pytest.importorskip("transformers", reason=reason)
    from pixelwise.runtimes import sam

    torch.manual_seed(0)
    vision = transformers.SamVisionConfig(
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        image_size=SIDE,
        patch_size=8,
        output_channels=16,
        num_pos_feats=8,
        mlp_dim=16,
        window_size=2,
        global_attn_indexes=[0],
    )
    prompt = transformers.SamPromptEncoderConfig(
        hidden_size=16, image_size=SIDE, patch_size=8, mask_input_channels=4
    )
    decoder = transformers.SamMaskDecoderConfig(
        hidden_size=16,
        mlp_dim=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        iou_head_hidden_dim=16,
    )
    config = transformers.SamConfig(
        vision_config=vision, prompt_encoder_config=prompt, mask_decoder_config=decoder
    )
    network = transformers.SamModel(config).eval()
    network.save_pretrained(tmp_path)
    random = np.random.default_rng(0)
    image = Image(random.integers(0, 255, (48, SIDE, 3), dtype=np.uint8))
    segmenter = Prompted(network=sam.load(tmp_path), prompts=Prompts(points=[(20, 30)]))
    found = segmenter.candidates(image)

    pixels = np.zeros((1, 3, SIDE, SIDE), np.float32)
    mean, std = np.float32([123.675, 116.28, 103.53]), np.float32([58.395, 57.12, 57.375])
    pixels[0, :, :48] = ((np.asarray(image.pixels) - mean) / std).transpose(2, 0, 1)
    with torch.inference_mode():
        answer = network(
            pixel_values=torch.from_numpy(pixels),
            input_points=torch.tensor([[[[20.0, 30.0]]]]),
            input_labels=torch.tensor([[[1]]]),
        )
        grown = torch.nn.functional.interpolate(
            answer.pred_masks[0], (SIDE, SIDE), mode="bilinear", align_corners=False
        )
    theirs = grown[0, :, :48].numpy() > 0
    order = np.argsort(-answer.iou_scores[0, 0].numpy(), kind="stable")
    wanted = [theirs[row] for row in order if theirs[row].any()]

    assert len(found) == len(wanted)
    for mask, expected in zip(found.masks, wanted, strict=True):
        assert np.count_nonzero(mask & expected) >= 0.999 * np.count_nonzero(mask | expected)
