"""A small Mask R-CNN: torchvision's, on a mobile backbone with a narrow feature pyramid.

Source:
    K. He, G. Gkioxari, P. Dollar, R. Girshick, "Mask R-CNN", ICCV 2017.
"""

import torch
from torch import nn
from torchvision.models import get_model
from torchvision.models.detection import MaskRCNN
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.backbone_utils import BackboneWithFPN
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.models.detection.mask_rcnn import MaskRCNNHeads, MaskRCNNPredictor
from torchvision.models.detection.transform import GeneralizedRCNNTransform, resize_boxes
from torchvision.ops import MultiScaleRoIAlign

from pixelwise.errors import InvalidSetting
from pixelwise.training.nets.fcn import LAYERS
from pixelwise.training.plan import Plan

__all__ = ["Enlarging", "mask_rcnn"]

PYRAMID, BOX, SIDE = 64, 256, 7
"""Channels of the pyramid and of the box head, and samples of a box's side."""
MOST = 500
"""Things found in one picture."""


class Enlarging(GeneralizedRCNNTransform):
    """What stands before the network: pictures enlarged by a whole factor, nothing else.

    Masks stay as small as the network gives them; the decoder lays them into their boxes.

    Args:
        factor: By how much.
    """

    def __init__(self, factor: int) -> None:
        super().__init__(0, 0, [0.0], [1.0])
        self.factor = factor

    def resize(
        self, image: torch.Tensor, target: dict[str, torch.Tensor] | None = None
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor] | None]:
        """Return picture and truth, enlarged."""
        if self.factor == 1:
            return image, target
        factor = float(self.factor)
        grown = nn.functional.interpolate(image[None], scale_factor=factor, mode="bilinear")[0]
        if target is not None:
            masks = target["masks"].repeat_interleave(self.factor, 1)
            masks = masks.repeat_interleave(self.factor, 2)
            target = target | {"boxes": target["boxes"] * factor, "masks": masks}
        return grown, target

    def postprocess(
        self,
        result: list[dict[str, torch.Tensor]],
        image_shapes: list[tuple[int, int]],
        original_image_sizes: list[tuple[int, int]],
    ) -> list[dict[str, torch.Tensor]]:
        """Return the answers with boxes in pixels of the picture as it came."""
        if self.training:
            return result
        for row, shape, size in zip(result, image_shapes, original_image_sizes, strict=True):
            row["boxes"] = resize_boxes(row["boxes"], list(shape), list(size))
        return result

    def batch_images(self, images: list[torch.Tensor], size_divisible: int = 32) -> torch.Tensor:
        """Return the pictures as one batch: they are of one size, and multiples of 32 already."""
        del size_divisible
        return torch.stack(images)


def mask_rcnn(plan: Plan) -> MaskRCNN:
    """Return the network.

    Raises:
        InvalidSetting: The backbone is none of those, or the pictures are volumes.
    """
    name = plan.encoder or "mobilenet_v3_small"
    family = next((key for key in LAYERS if name.startswith(key)), None)
    if family is None or plan.axes == 3:
        raise InvalidSetting.of("encoder", name, f"a backbone of {', '.join(LAYERS)}")
    backbone = _pyramid(name, family, plan)
    anchors = AnchorGenerator(tuple((side,) for side in (16, 32, 64, 128)), ((0.5, 1.0, 2.0),) * 4)
    classes = len(plan.classes)
    levels = ["0", "1", "2"]
    network = MaskRCNN(
        backbone,
        rpn_anchor_generator=anchors,
        box_roi_pool=MultiScaleRoIAlign(levels, SIDE, 2),
        box_head=TwoMLPHead(PYRAMID * SIDE**2, BOX),
        box_predictor=FastRCNNPredictor(BOX, classes),
        mask_roi_pool=MultiScaleRoIAlign(levels, 14, 2),
        mask_head=MaskRCNNHeads(PYRAMID, (PYRAMID, PYRAMID), 1),
        mask_predictor=MaskRCNNPredictor(PYRAMID, PYRAMID, classes),
        rpn_pre_nms_top_n_train=600,
        rpn_post_nms_top_n_train=200,
        rpn_pre_nms_top_n_test=2 * MOST,
        rpn_post_nms_top_n_test=2 * MOST,
        rpn_batch_size_per_image=128,
        box_batch_size_per_image=64,
        box_nms_thresh=0.4,
        box_score_thresh=0.3,
        box_detections_per_img=MOST,
    )
    network.transform = Enlarging(plan.enlarge)
    return network


def _pyramid(name: str, family: str, plan: Plan) -> BackboneWithFPN:
    """Return the backbone with its pyramid from a quarter to a sixteenth of the size."""
    whole = get_model(name, weights=plan.weights or None)
    trunk = whole.features if family != "resnet" else whole
    layers = LAYERS[family][1:4]
    if plan.bands != 3:
        raise InvalidSetting.of("bands", plan.bands, "3: the backbone takes colours")
    depths = _depths(trunk, layers)
    return BackboneWithFPN(
        trunk, {layer: str(k) for k, layer in enumerate(layers)}, depths, PYRAMID
    )


def _depths(trunk: nn.Module, layers: tuple[str, ...]) -> list[int]:
    found = []
    values = torch.zeros(1, 3, 64, 64)
    with torch.no_grad():
        for name, part in trunk.eval().named_children():
            values = part(values)
            if name in layers:
                found.append(int(values.shape[1]))
            if name == layers[-1]:
                break
    trunk.train()
    return found
