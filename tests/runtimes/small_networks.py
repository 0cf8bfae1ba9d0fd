"""Small random networks of transformers, saved as their users have them: folders."""

import json
import string

import torch
import transformers

SIDE = 64
WIDE = 32

LOUD = ("class_labels_classifier", "query_position_embeddings")
"""DETR's weights that make its queries unlike each other, and sure of a class."""


def saved(network, folder, seed=0):
    """Save a network with random weights, large enough that its answers are not flat."""
    torch.manual_seed(seed)
    for name, weights in network.named_parameters():
        if weights.ndim > 1:
            loud = any(part in name for part in LOUD)
            torch.nn.init.normal_(weights, std=3.0 if loud else 0.15)
    network.eval().save_pretrained(folder)
    return network


def swin():
    """Return a backbone of four stages."""
    return transformers.SwinConfig(
        embed_dim=12,
        depths=[1, 1, 1, 1],
        num_heads=[1, 1, 1, 1],
        window_size=4,
        image_size=SIDE,
        out_features=["stage1", "stage2", "stage3", "stage4"],
    )


def segformer():
    config = transformers.SegformerConfig(
        num_labels=6,
        hidden_sizes=[8, 8, 8, 8],
        depths=[1, 1, 1, 1],
        num_attention_heads=[1, 1, 1, 1],
        decoder_hidden_size=8,
    )
    return transformers.SegformerForSemanticSegmentation(config)


def mask2former():
    config = transformers.Mask2FormerConfig(
        backbone_config=swin(),
        num_labels=6,
        num_queries=8,
        hidden_dim=32,
        feature_size=32,
        mask_feature_size=32,
        encoder_layers=1,
        decoder_layers=2,
        num_attention_heads=2,
        encoder_feedforward_dim=16,
        dim_feedforward=16,
    )
    return transformers.Mask2FormerForUniversalSegmentation(config)


def _prompts(encoder, decoder):
    return (
        encoder(hidden_size=WIDE, image_size=SIDE, patch_size=8, mask_input_channels=4),
        decoder(
            hidden_size=WIDE,
            mlp_dim=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            iou_head_hidden_dim=16,
        ),
    )


def sam():
    vision = transformers.SamVisionConfig(
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        image_size=SIDE,
        patch_size=8,
        output_channels=WIDE,
        num_pos_feats=WIDE // 2,
        mlp_dim=16,
        window_size=2,
        global_attn_indexes=[0],
    )
    prompt, decoder = _prompts(
        transformers.SamPromptEncoderConfig, transformers.SamMaskDecoderConfig
    )
    return transformers.SamModel(
        transformers.SamConfig(
            vision_config=vision, prompt_encoder_config=prompt, mask_decoder_config=decoder
        )
    )


def sam2():
    backbone = transformers.Sam2HieraDetConfig(
        hidden_size=8,
        num_attention_heads=1,
        image_size=[SIDE, SIDE],
        window_positional_embedding_background_size=[2, 2],
        blocks_per_stage=[1, 1, 2, 1],
        embed_dim_per_stage=[8, 16, 32, 64],
        num_attention_heads_per_stage=[1, 1, 2, 2],
        window_size_per_stage=[8, 4, 4, 4],
        global_attention_blocks=[3],
    )
    vision = transformers.Sam2VisionConfig(
        backbone_config=backbone,
        backbone_channel_list=[64, 32, 16, 8],
        backbone_feature_sizes=[[16, 16], [8, 8], [4, 4]],
        fpn_hidden_size=WIDE,
    )
    prompt = transformers.Sam2PromptEncoderConfig(
        hidden_size=WIDE, image_size=SIDE, patch_size=16, mask_input_channels=4
    )
    decoder = transformers.Sam2MaskDecoderConfig(
        hidden_size=WIDE,
        mlp_dim=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        iou_head_hidden_dim=16,
    )
    return transformers.Sam2Model(
        transformers.Sam2Config(
            vision_config=vision, prompt_encoder_config=prompt, mask_decoder_config=decoder
        )
    )


def clipseg():
    text = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1}
    text |= {"num_attention_heads": 2, "vocab_size": 128, "eos_token_id": 127}
    text |= {"bos_token_id": 126, "pad_token_id": 127}
    vision = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 4}
    vision |= {"num_attention_heads": 2, "image_size": SIDE, "patch_size": 16}
    return transformers.CLIPSegForImageSegmentation(
        transformers.CLIPSegConfig(
            text_config=text,
            vision_config=vision,
            projection_dim=32,
            extract_layers=[1, 2, 3],
            reduce_dim=16,
            decoder_num_attention_heads=2,
            decoder_intermediate_size=16,
        )
    )


def sam3():
    side = 112  # a patch is 14 pixels, and the pyramid halves and doubles 8 of them
    backbone = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1}
    backbone |= {"num_attention_heads": 2, "image_size": side, "window_size": 4}
    backbone |= {
        "global_attn_indexes": [0],
        "pretrain_image_size": side,
        "model_type": "sam3_vit_model",
    }
    vision = {"backbone_config": backbone, "fpn_hidden_size": WIDE}
    vision |= {"backbone_feature_sizes": [[32, 32], [16, 16], [8, 8]]}
    text = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1}
    text |= {"num_attention_heads": 2, "vocab_size": 128, "projection_dim": 32}
    text |= {"max_position_embeddings": 32, "eos_token_id": 127, "bos_token_id": 126}
    small = {"hidden_size": WIDE, "num_attention_heads": 2, "intermediate_size": 16, "dropout": 0.0}
    return transformers.Sam3Model(
        transformers.Sam3Config(
            vision_config=vision,
            text_config=text,
            geometry_encoder_config={**small, "num_layers": 1},
            detr_encoder_config={**small, "num_layers": 1},
            detr_decoder_config={**small, "num_layers": 1, "num_queries": 6},
            mask_decoder_config={"hidden_size": WIDE, "num_attention_heads": 2},
        )
    )


def words(folder):
    """Write the tokenizer of CLIP with letters as its only words."""
    letters = list(string.ascii_lowercase)
    tokens = [*letters, *(letter + "</w>" for letter in letters)]
    tokens += [f"unused{number}" for number in range(126 - len(tokens))]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(
        json.dumps({token: number for number, token in enumerate(tokens)})
    )
    (folder / "merges.txt").write_text("#version: 0.2\n")
    (folder / "tokenizer_config.json").write_text(
        json.dumps(
            {
                "tokenizer_class": "CLIPTokenizer",
                "model_max_length": 32,
                "pad_token": "<|endoftext|>",
                "bos_token": "<|startoftext|>",
                "eos_token": "<|endoftext|>",
                "unk_token": "<|endoftext|>",
            }
        )
    )
