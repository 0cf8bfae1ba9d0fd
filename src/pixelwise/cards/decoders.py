"""What a network answers, and how the answer becomes a result."""

from dataclasses import dataclass
from enum import StrEnum

from pixelwise.cards.inputs import Layout
from pixelwise.core import check_ranges, setting

__all__ = ["AnswerShape", "DecoderSpec", "Grow", "Holds"]


class AnswerShape(StrEnum):
    """The shapes of answer; each has one decoder in ``methods/deep``."""

    DENSE = "dense"
    MASKS = "masks"
    BOXES = "boxes"
    QUERIES = "queries"
    PROMPTED = "prompted"
    DEPTHS = "depths"
    FLOWS = "flows"


class Holds(StrEnum):
    """What the output tensor holds.

    ``probability``: one channel, foreground in 0..1. ``logit``: one channel before its sigmoid.
    ``saliency``: one channel without a scale, brought to 0..1 by its least and greatest value.
    ``logits``, ``probabilities``: one channel per class before or after the softmax.
    ``ids``: class ids, the argmax is inside the network. ``heads``: one tensor of two logit
    channels per class from the second class on, later ones lie above earlier ones.
    ``alpha``: opacity in 0..1 of a matting network.
    """

    PROBABILITY = "probability"
    LOGIT = "logit"
    SALIENCY = "saliency"
    LOGITS = "logits"
    PROBABILITIES = "probabilities"
    IDS = "ids"
    HEADS = "heads"
    ALPHA = "alpha"


class Grow(StrEnum):
    """How scores go back to the picture's size before a decision is taken on them.

    ``corners``: corner pixels on corner pixels (align-corners, as MediaPipe's category mask).
    ``centres``: half-pixel bilinear. Ids always take the nearest.
    """

    CORNERS = "corners"
    CENTRES = "centres"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecoderSpec:
    """How a network's answer becomes a result.

    The channel axis follows from ``layout``; where that is left out the input's layout holds.
    """

    name: AnswerShape = setting(AnswerShape.DENSE, "The shape of the answer.")
    holds: Holds = setting(Holds.LOGITS, "What the output holds.")
    tensors: tuple[str, ...] = setting((), "Names of the outputs that count; empty: in order.")
    layout: Layout | None = setting(None, "Order of the output's axes; none: as the input.")
    shape: tuple[int, ...] = setting((), "Shape that a flat output is brought to; empty: as is.")
    grow: Grow = setting(Grow.CENTRES, "How scores go back to the picture's size.")
    threshold: float = setting(
        0.5, "Least probability of foreground, or score of a thing.", low=0, high=1
    )
    floor: float = setting(
        0.0, "Least score of a candidate that ``find`` keeps; 0: the threshold.", low=0, high=1
    )
    mask_threshold: float = setting(0.5, "Least probability of a pixel of a thing.", low=0, high=1)
    overlap: float = setting(0.45, "Boxes that overlap more than this IoU are one.", low=0, high=1)
    mask_overlap: float = setting(
        1.0, "Masks of a class that overlap more than this IoU are one.", low=0, high=1
    )
    multi_label: bool = setting(default=False, doc="One box may stand for several classes.")
    margin: float = setting(
        0.0, "Boxes are grown by this share of the input's sides.", low=0, high=0.1
    )
    boxes_in_pixels: bool = setting(
        default=False, doc="Boxes are pixels of the input, not shares of its sides."
    )
    min_visible: float = setting(
        0.8, "A segment of which less than this share stays visible is dropped.", low=0, high=1
    )
    inside: bool = setting(
        default=False, doc="A segment of a query keeps only the pixels that its own mask claims."
    )
    via: tuple[int, ...] = setting(
        (), "(height, width) that masks of queries are grown to before decisions; empty: none."
    )
    temperature: float = setting(1.0, "Logits are divided by it.", low=1e-3, high=1e3)
    class_ids: tuple[int, ...] = setting(
        (), "Legend id of each network index, -1: ignored; empty: the legend's own order."
    )
    takes: tuple[str, ...] = setting(
        (), "What a prompted network takes: some of points, boxes, masks, text."
    )
    seed_depth: float = setting(
        0.5, "Depth above which the middle of a thing lies, 0..1.", low=0, high=1
    )
    min_area: int = setting(0, "Things of fewer pixels are left out.", low=0)
    boxes_from_masks: bool = setting(
        default=False, doc="Take boxes from the masks, as the network's own are coarse."
    )

    def __post_init__(self) -> None:
        check_ranges(self)
